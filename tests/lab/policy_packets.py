# SPDX-License-Identifier: Apache-2.0
"""Packets for the policy labs: bytes by scapy, and beside them what a rule can see of them."""
import functools
import logging

from policy_rules import ACK, ICMP, ICMPV6, SCTP, SYN, TCP, UDP, Packet

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
from scapy.layers import inet, inet6, l2, sctp  # noqa: E402
from scapy.packet import Raw  # noqa: E402

CLIENT, SERVER = "02:00:00:00:00:01", "02:00:00:00:00:04"
ROUTER = {"client": "02:00:00:00:00:02", "server": "02:00:00:00:00:03"}
HOST4 = {"client": "10.1.0.2", "server": "10.9.0.2"}
HOST6 = {"client": "2001:db8:1::2", "server": "2001:db8:9::2"}
FENCE_PORT, FENCE_DSCP = 9, 63
FENCE = b"fence "


def layer4(protocol, ports, icmp, flags, data, family):
    if protocol == TCP:
        return inet.TCP(sport=ports[0], dport=ports[1], flags=flags, seq=1000, ack=2000 if flags & ACK else 0) / Raw(data)
    if protocol == UDP:
        return inet.UDP(sport=ports[0], dport=ports[1]) / Raw(data)
    if protocol == SCTP:
        return sctp.SCTP(sport=ports[0], dport=ports[1], tag=1) / sctp.SCTPChunkData(data=data)
    if protocol == ICMP and family == 4:
        return inet.ICMP(type=icmp[0], code=icmp[1]) / Raw(data)
    if protocol == ICMPV6 and family == 6:
        # scapy has no class for any type; the checksum is over bytes as they are.
        body = bytes([icmp[0], icmp[1], 0, 0, 0, 0, 0, 0]) + data
        return Raw(body)
    return Raw(data)


def checksummed6(header, body):
    """The ICMPv6 checksum in bytes 2 and 3 of the body."""
    body = bytes(body)
    value = inet6.in6_chksum(ICMPV6, header, body)
    return Raw(body[:2] + value.to_bytes(2, "big") + body[4:])


def l3(family, source, destination, protocol, dscp, number):
    """The number comes out again: IPv4's identification, IPv6's flow label."""
    if family == 4:
        return inet.IP(src=source, dst=destination, proto=protocol, tos=dscp << 2, id=number)
    return inet6.IPv6(src=source, dst=destination, nh=protocol, tc=dscp << 2, fl=number)


def ethernet(side, packet):
    mac = CLIENT if side == "client" else SERVER
    return bytes(l2.Ether(src=mac, dst=ROUTER[side]) / packet)


def packet(number, family=4, source=None, destination=None, protocol=UDP, ports=(40000, 50000), icmp=(8, 0), flags=SYN,
           dscp=0, side="client", data=b"0123456789abcdef"):
    """(frame, Packet): one whole packet, from that side to the other."""
    hosts = HOST4 if family == 4 else HOST6
    other = "server" if side == "client" else "client"
    source, destination = source or hosts[side], destination or hosts[other]
    header = l3(family, source, destination, protocol, dscp, number)
    body = layer4(protocol, ports, icmp, flags, data, family)
    if protocol == ICMPV6 and family == 6:
        body = checksummed6(header, body)
    has_ports = protocol in (TCP, UDP, SCTP)
    seen = Packet(family, source, destination, protocol, ports if has_ports else None,
                  icmp if protocol == (ICMP if family == 4 else ICMPV6) else None,
                  flags if protocol == TCP else None, dscp, "none", "in0" if side == "client" else "out0")
    return ethernet(side, header / body), seen


def fragments(number, family=4, side="client", size=64, parts=3, dscp=0, **fields):
    """[(frame, Packet)] in their order: a datagram of so many parts, the first of which has the header above IP."""
    fields.setdefault("data", b"f" * (size * parts - 16))
    frame, whole = packet(number, family, side=side, dscp=dscp, **fields)
    ip = l2.Ether(frame).payload
    body = bytes(ip.payload)
    made = []
    for at in range(0, len(body), size):
        more = at + size < len(body)
        head = ip.copy()
        head.remove_payload()
        if family == 4:
            head.len = head.chksum = None
            head.flags, head.frag = ("MF" if more else 0), at // 8
        else:
            nh, head.nh, head.plen = head.nh, 44, None
            head = head / inet6.IPv6ExtHdrFragment(nh=nh, offset=at // 8, m=int(more), id=number)
        seen = Packet(**vars(whole))
        seen.fragment = "later" if at else "first"
        if at:
            seen.ports = seen.icmp = seen.flags = None
        made.append((ethernet(side, head / Raw(body[at:at + size])), seen))
    return made


MARK = b"mark-----"


@functools.cache
def fence_templates(side):
    made = []
    for to in ("server", "client"):
        header = inet.IP(src=HOST4[side], dst=HOST4[to], proto=UDP, tos=FENCE_DSCP << 2)
        made.append(ethernet(side, header / inet.UDP(sport=FENCE_PORT, dport=FENCE_PORT, chksum=0) / Raw(FENCE + MARK)))
    return made


def fence(side, mark):
    """From this side to both, so that what comes back to it is waited for, too. The mark is as long as MARK."""
    return [one.replace(MARK, mark) for one in fence_templates(side)]


def number_of(frame):
    """By which number a frame that came out is about a packet that went in, and whether it is an answer to it; None:
    another frame."""
    if frame[12:14] == b"\x08\x00":
        ip = frame[14:]
        body = ip[4 * (ip[0] & 15):]
        if ip[9] == ICMP and body[0] in (3, 11, 12) and len(body) >= 28:
            return int.from_bytes(body[12:14], "big"), True
        return int.from_bytes(ip[4:6], "big"), False
    if frame[12:14] == b"\x86\xdd":
        ip, body = frame[14:], frame[54:]
        if ip[6] == ICMPV6 and body[0] in range(1, 5) and len(body) >= 48:
            return int.from_bytes(body[8:12], "big") & 0xFFFFF, True
        return int.from_bytes(ip[0:4], "big") & 0xFFFFF, False
    return None
