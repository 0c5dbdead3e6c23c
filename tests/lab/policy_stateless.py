# SPDX-License-Identifier: Apache-2.0
"""Sets of rules that look at one packet alone, and packets that meet them: at every bound, and random ones.

A set is (name, rules, groups, packets); packets are (frame, Packet), numbered by their place.
"""
import random

from policy_packets import HOST4, HOST6, ROUTER, fragments, packet
from policy_rules import ACK, FIN, ICMP, ICMPV6, PSH, RST, SCTP, SYN, TCP, UDP, URG, Rule
from scapy.layers import inet, inet6, l2

SOURCES = {4: ["10.1.0.2", "10.1.0.127", "10.1.0.128", "10.1.1.1", "10.1.255.255", "10.2.0.0", "203.0.113.7"],
           6: ["2001:db8:1::2", "2001:db8:1:0:8000::", "2001:db8:1:1::1", "2001:db8:2::1", "2001:db8:3::7"]}
DESTINATIONS = {4: ["10.9.0.2", "10.9.3.255", "10.9.4.0", "10.9.7.255", "10.9.8.0", "198.51.100.1", "198.51.100.129"],
                6: ["2001:db8:9::2", "2001:db8:9:1::", "2001:db8:9:ffff::1", "2001:db8:a::", "2001:db8:64::1"]}
SOURCE_PREFIXES = {4: ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/24", "10.1.0.0/25", "10.1.0.128/25",
                       "10.1.0.2/32", "203.0.113.0/24"],
                   6: ["::/0", "2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::/64", "2001:db8:1::/65",
                       "2001:db8:1::2/128", "2001:db8:2::/47"]}
DESTINATION_PREFIXES = {4: ["0.0.0.0/1", "10.9.0.0/16", "10.9.4.0/22", "10.9.0.2/32", "198.51.100.0/24",
                            "198.51.100.128/25"],
                        6: ["2001:db8:9::/48", "2001:db8:9:0:0:0:0:0/64", "2001:db8:9::2/128", "2001:db8:a::/47",
                            "2001:db8:64::/64"]}
PORTS = [1, 53, 79, 80, 81, 443, 1023, 1024, 8000, 8040, 8080, 8081, 65534, 65535]
PORT_RANGES = [(1, 1023), (80, 80), (443, 443), (53, 53), (1024, 65535), (8000, 8080), (79, 81), (65535, 65535)]
PROTOCOLS = [TCP, TCP, TCP, UDP, UDP, ICMP, SCTP, 47, 50, 89]
FLAGS = [SYN, SYN | ACK, ACK, ACK | PSH, FIN | ACK, RST, RST | ACK, 0, FIN | PSH | URG, 0xFF]
GROUPS = {"few": ["10.1.0.2/32", "2001:db8:1::2/128", "203.0.113.0/24"],
          "far": ["198.51.100.0/24", "10.9.4.0/22", "2001:db8:64::/64", "2001:db8:9:1::/64"],
          "none": []}


def random_packet(rng, number):
    family = rng.choice((4, 4, 6))
    protocol = rng.choice(PROTOCOLS)
    if protocol == ICMP and family == 6:
        protocol = ICMPV6
    icmp = (rng.choice((128, 129, 3)), rng.choice((0, 1))) if family == 6 else \
        (rng.choice((0, 8, 13)), rng.choice((0, 1)))
    side = rng.choice(("client", "client", "client", "server"))
    ends = [rng.choice(SOURCES[family]), rng.choice(DESTINATIONS[family])]
    if side == "server":
        ends.reverse()
        ends[1] = (HOST4 if family == 4 else HOST6)["client"]
    return packet(number, family, *ends, protocol, (rng.choice(PORTS), rng.choice(PORTS)), icmp, rng.choice(FLAGS),
                  rng.choice((0, 0, 10, 46)), side)


def random_rule(rng):
    rule = Rule(rng.choice(("allow", "deny")))
    family = rng.choice((0, 4, 4, 6))
    if rng.random() < 0.5 and family:
        rule.source = rng.choice(SOURCE_PREFIXES[family])
    elif rng.random() < 0.3:
        rule.source = "@few"
    if rng.random() < 0.5 and family:
        rule.destination = rng.choice(DESTINATION_PREFIXES[family])
    elif rng.random() < 0.3:
        rule.destination = rng.choice(("@far", "@far", "@none"))
    rule.family = family
    rule.protocol = rng.choice((0, TCP, TCP, UDP, ICMP, SCTP, 47))
    if rule.protocol == ICMP and family == 6:
        rule.protocol = ICMPV6
    if rule.protocol in (TCP, UDP, SCTP):
        if rng.random() < 0.3:
            rule.source_ports = rng.choice(PORT_RANGES)
        if rng.random() < 0.6:
            rule.destination_ports = rng.choice(PORT_RANGES)
    if rule.protocol == TCP and rng.random() < 0.4:
        mask = rng.choice((SYN, SYN | ACK, SYN | ACK | RST | FIN, 0xFF))
        rule.tcp_flags = (rng.choice(FLAGS) & mask, mask)
    if rule.protocol == ICMP and family != 6:
        rule.icmp = (rng.choice((0, 8, 13)), rng.choice((None, 0, 1)))
    if rule.protocol == ICMPV6:
        rule.icmp = (rng.choice((128, 129, 3)), rng.choice((None, 0, 1)))
    if rng.random() < 0.15:
        rule.dscp = rng.choice((0, 10, 46))
    if rng.random() < 0.15:
        rule.interface = rng.choice(("in0", "out0"))
    if not (rule.source or rule.destination or rule.protocol or rule.dscp is not None or rule.interface):
        rule.protocol = rng.choice((TCP, UDP))
    return rule


def random_sets(count, rules, packets, seed):
    for turn in range(count):
        rng = random.Random(seed + turn)
        yield (f"random set {seed + turn}", [random_rule(rng) for _ in range(rules)], GROUPS,
               [random_packet(rng, 1 + number) for number in range(packets)])


def bounds():
    """Each field alone, at its bounds."""
    rules = [Rule("deny", source="10.1.0.128/25"), Rule("deny", destination="10.9.4.0/22"),
             Rule("deny", source="2001:db8:1:0:8000::/65"), Rule("deny", destination="2001:db8:a::/47"),
             Rule("deny", source="@few", destination="198.51.100.129/32"),
             Rule("deny", protocol=TCP, destination_ports=(8000, 8080)),
             Rule("deny", protocol=UDP, source_ports=(1, 53)), Rule("deny", protocol=SCTP, destination_ports=(443, 443)),
             Rule("deny", protocol=47), Rule("deny", protocol=ICMP, icmp=(13, None)),
             Rule("deny", protocol=ICMP, icmp=(8, 1)), Rule("deny", protocol=ICMPV6, icmp=(129, None)),
             Rule("deny", protocol=TCP, tcp_flags=(SYN | FIN, SYN | FIN)), Rule("deny", dscp=46, family=4),
             Rule("deny", dscp=10, family=6), Rule("deny", protocol=89, interface="out0")]
    packets = []

    def one(*values, **fields):
        packets.append(packet(1 + len(packets), *values, **fields))

    for family in (4, 6):
        for address in SOURCES[family]:
            one(family, source=address)
        for address in DESTINATIONS[family]:
            one(family, destination=address)
            one(family, destination=address, source="203.0.113.7" if family == 4 else None)
        for port in PORTS:
            for protocol in (TCP, UDP, SCTP):
                one(family, protocol=protocol, ports=(port, 50000))
                one(family, protocol=protocol, ports=(40000, port))
        for flags in range(256):
            one(family, protocol=TCP, flags=flags)
        for dscp in range(64):
            one(family, dscp=dscp)
        for protocol in (47, 89):
            for side in ("client", "server"):
                one(family, protocol=protocol, side=side)
    for kind in (0, 8, 13, 15, 17):
        for code in (0, 1, 255):
            one(4, protocol=ICMP, icmp=(kind, code))
    for kind in (128, 129, 144):
        for code in (0, 1):
            one(6, protocol=ICMPV6, icmp=(kind, code))
    return "bounds of each field", rules, GROUPS, packets


def extended():
    """Headers between IP and the ports: the rules look behind them."""
    rules = [Rule("deny", protocol=TCP, destination_ports=(80, 80)), Rule("deny", protocol=UDP, source_ports=(53, 53))]
    packets = []
    for protocol, ports in ((TCP, (40000, 80)), (TCP, (80, 40000)), (UDP, (53, 40000)), (UDP, (40000, 53))):
        for which in range(5):
            family = 4 if which == 0 else 6
            frame, seen = packet(1 + len(packets), family, protocol=protocol, ports=ports)
            ether = l2.Ether(frame)
            ip, body = ether.payload, ether.payload.payload
            if family == 4:
                ip.options, ip.ihl, ip.len, ip.chksum = [inet.IPOption(b"\x01\x01\x01\x01")], None, None, None
            else:
                ip.remove_payload()
                pad = [inet6.PadN(optdata=b"\0" * 4)]
                ip.nh, chain = [(0, inet6.IPv6ExtHdrHopByHop(options=pad)), (60, inet6.IPv6ExtHdrDestOpt(options=pad)),
                                (44, inet6.IPv6ExtHdrFragment(id=7)),
                                (0, inet6.IPv6ExtHdrHopByHop(nh=60, options=pad) / inet6.IPv6ExtHdrDestOpt(options=pad)),
                                ][which - 1]
                ip.plen, chain.lastlayer().nh = None, protocol
                ip = ip / chain / body
            packets.append((bytes(l2.Ether(src=ether.src, dst=ROUTER["client"]) / ip), seen))
    return "headers between IP and ports", rules, {}, packets


def fragment_sets():
    """Which part of a datagram a packet is."""
    for asked in ("none", "any", "first", "later"):
        packets = []
        for family in (4, 6):
            for protocol in (TCP, UDP):
                packets.append(packet(1 + len(packets), family, protocol=protocol))
                packets += fragments(1 + len(packets), family, protocol=protocol)
        # Each part has a number of its own.
        yield f"fragment {asked}", [Rule("deny", fragment=asked)], {}, renumbered(packets)


def renumbered(packets):
    made = []
    for number, (frame, seen) in enumerate(packets):
        ether = l2.Ether(frame)
        ip = ether.payload
        if seen.family == 4:
            ip.id, ip.chksum = 1 + number, None
        else:
            ip.fl = 1 + number
        made.append((bytes(ether), seen))
    return made


def reject_set():
    """What is answered, by whom, and to what nothing is."""
    rules = [Rule("reject", protocol=TCP, destination_ports=(80, 80)), Rule("reject", protocol=UDP),
             Rule("reject", protocol=47), Rule("reject", protocol=ICMP, icmp=(8, None)),
             Rule("reject", protocol=ICMPV6, icmp=(128, None))]
    packets = []
    for family in (4, 6):
        for flags in (SYN, ACK, SYN | ACK, FIN | ACK, PSH | ACK, RST, RST | ACK):
            packets.append(packet(1 + len(packets), family, protocol=TCP, ports=(40000 + len(packets), 80), flags=flags))
        packets.append(packet(1 + len(packets), family, protocol=UDP))
        packets.append(packet(1 + len(packets), family, protocol=47))
        packets.append(packet(1 + len(packets), family, protocol=ICMP if family == 4 else ICMPV6,
                              icmp=(8, 0) if family == 4 else (128, 0)))
        packets.append(packet(1 + len(packets), family, protocol=TCP, ports=(40000, 81)))
    return "reject", rules, {}, packets


def sets():
    yield bounds()
    yield extended()
    yield from fragment_sets()
    yield from random_sets(6, 40, 250, 1)
