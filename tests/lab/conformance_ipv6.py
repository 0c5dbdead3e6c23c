# SPDX-License-Identifier: Apache-2.0
"""IPv6 frames for conformance.py, and where Sluice does otherwise than Linux."""
import socket
import struct

from conformance_frames import CLIENT, ROUTER, ethernet, icmp6, tcp, udp

IPV6, VLAN = 0x86DD, 0x8100


def ip(text):
    return socket.inet_pton(socket.AF_INET6, text)


HOST, SERVER, NARROW = ip("2001:db8:1::2"), ip("2001:db8:9::2"), ip("2001:db8:8::2")
OWN, OWN_OUT, OWN_NARROW = ip("2001:db8:1::1"), ip("2001:db8:9::1"), ip("2001:db8:8::1")
LINK = ip("fe80::1:2")


def header(length, src=HOST, dst=SERVER, protocol=17, ttl=64, tos=0, label=0x12345, version=6):
    return struct.pack("!IHBB", version << 28 | tos << 20 | label, length, protocol, ttl) + src + dst


def packet(payload=None, src=HOST, dst=SERVER, length=None, **fields):
    payload = udp(src, dst) if payload is None else payload
    return header(len(payload) if length is None else length, src, dst, **fields) + payload


def frame(payload=None, mac=ROUTER, tags=b"", trailer=b"", **fields):
    return ethernet(IPV6, packet(payload, **fields), dst=mac, tags=tags) + trailer


def fences(mark):
    # From nowhere: Linux would tell a host of its own link about the better way to another.
    nowhere = ip("2001:db8:55::1")
    return [frame(udp(nowhere, dst, mark), src=nowhere, dst=dst) for dst in (SERVER, NARROW, HOST)]


def sized(length, dst=SERVER, **fields):
    return frame(udp(HOST, dst, b"x" * (length - 48)), dst=dst, **fields)


def options(following, *one):
    """A hop-by-hop or destination options header of these options, padded."""
    body = b"".join(one)
    body += b"\1" + bytes([(-len(body) - 4) % 8]) + bytes((-len(body) - 4) % 8) if (len(body) + 2) % 8 else b""
    return bytes([following, (len(body) + 2) // 8 - 1]) + body


def fragment_header(following, offset=0, more=0, number=0x4242):
    return struct.pack("!BBHI", following, 0, offset << 3 | more, number)


def echo(dst, src=HOST, **fields):
    return frame(icmp6(src, dst, 128), src=src, dst=dst, protocol=58, **fields)


def solicit(target, src=HOST, dst=None, ttl=255, option=b"\1\1" + CLIENT, mac=None):
    dst = ip("ff02::1:ff00:0")[:13] + target[13:] if dst is None else dst
    mac = b"\x33\x33" + dst[12:] if mac is None else mac
    return frame(icmp6(src, dst, 135, 0, 0, target + option), src=src, dst=dst, protocol=58, ttl=ttl, mac=mac)


def error(kind, code, rest=0, dst=SERVER, ttl=64):
    return frame(icmp6(HOST, dst, kind, code, rest, packet(src=dst, dst=HOST)), dst=dst, protocol=58, ttl=ttl)


def frames():
    """(name, frame) of every case."""
    yield "UDP", frame()
    yield "TCP", frame(tcp(HOST, SERVER), protocol=6)
    yield "ICMP echo", echo(SERVER)
    for protocol in (4, 41, 47, 50, 59, 103, 132, 253, 255):
        yield f"protocol {protocol}", frame(b"\x45\0\0\x20" + bytes(28), protocol=protocol)
    yield "no next header, no data", frame(b"", protocol=59)
    for ttl in (0, 1, 2, 255):
        yield f"hop limit {ttl}", frame(ttl=ttl)
    yield "hop limit 1, TCP", frame(tcp(HOST, SERVER), protocol=6, ttl=1)
    yield "hop limit 1, large", sized(1500, ttl=1)
    yield "hop limit 1, later fragment", frame(fragment_header(17, 10) + bytes(32), protocol=44, ttl=1)
    yield "hop limit 1, ICMP error", error(1, 0, ttl=1)
    yield "hop limit 1, echo", echo(SERVER, ttl=1)
    for tos in (1, 2, 3, 0x88, 0xB8, 0xFF):
        yield f"traffic class {tos:#x}", frame(tos=tos)
    yield "flow label 0", frame(label=0)
    for length in (48, 49, 1280, 1500):
        yield f"{length} bytes", sized(length)
    yield "trailer", frame(trailer=b"padding!" * 4)
    yield "payload length 0 with data", frame(length=0)
    yield "short packet, long trailer", frame(b"", protocol=59, trailer=bytes(range(100)))
    for length in (1400, 1401, 1500):
        yield f"{length} bytes onto the narrow link", sized(length, dst=NARROW)
    yield "large TCP onto the narrow link", frame(tcp(HOST, NARROW, b"x" * 1400), dst=NARROW, protocol=6)
    yield "large later fragment onto the narrow link", frame(fragment_header(17, 10) + b"y" * 1400, dst=NARROW, protocol=44)

    yield "first fragment", frame(fragment_header(17, 0, 1) + udp(HOST, SERVER), protocol=44)
    yield "later fragment", frame(fragment_header(17, 10) + bytes(32), protocol=44)
    yield "atomic fragment", frame(fragment_header(17) + udp(HOST, SERVER), protocol=44)
    yield "fragment header cut", frame(b"\x11\0\0", protocol=44)
    yield "options behind the fragment header", frame(fragment_header(60, 10) + bytes(32), protocol=44)

    pad, alert = b"\1\2\0\0", b"\5\2\0\0"
    for text, *one in (("padding", pad), ("router alert", alert), ("unknown 00", b"\x1e\2\0\0"), ("unknown 01", b"\x5e\2\0\0"),
                       ("unknown 10", b"\x9e\2\0\0"), ("unknown 11", b"\xde\2\0\0"), ("jumbo", b"\xc2\4\0\1\0\0"),
                       ("too long", b"\x1e\x40\0\0"), ("three", pad, alert, b"\x1e\0")):
        yield f"hop-by-hop option {text}", frame(options(17, *one) + udp(HOST, SERVER), protocol=0)
        yield f"destination option {text}", frame(options(17, *one) + udp(HOST, SERVER), protocol=60)
        if text in ("unknown 01", "unknown 10", "unknown 11"):
            yield f"echo to own with hop-by-hop option {text}", frame(options(58, *one) + icmp6(HOST, OWN, 128), dst=OWN, protocol=0)
            yield f"echo to own with destination option {text}", frame(options(58, *one) + icmp6(HOST, OWN, 128), dst=OWN, protocol=60)
    yield "hop limit 1 with a hop-by-hop header", frame(options(17, pad) + udp(HOST, SERVER), protocol=0, ttl=1)
    yield "hop-by-hop header beyond the packet", frame(b"\x11\x20" + bytes(6), protocol=0)
    yield "destination options beyond the packet", frame(b"\x11\x20" + bytes(6), protocol=60)
    yield "hop-by-hop header in second place", frame(options(0, pad) + options(17, pad) + udp(HOST, SERVER), protocol=60)
    for count in (2, 6, 8, 12):
        chain = b"".join(options(60, pad) for _ in range(count - 1)) + options(17, pad)
        yield f"{count} headers of destination options", frame(chain + udp(HOST, SERVER), protocol=60)
    for kind, left in ((0, 0), (0, 1), (2, 1), (3, 1), (4, 1), (253, 0), (253, 1)):
        routing = bytes([17, 2, kind, left, 0, 0, 0, 0]) + SERVER
        yield f"routing header {kind}, {left} left", frame(routing + udp(HOST, SERVER), protocol=43)
    yield "authentication header", frame(b"\x11\4" + bytes(22) + udp(HOST, SERVER), protocol=51)
    yield "mobility header", frame(b"\x3b\0" + bytes(6), protocol=135)

    for version in (0, 4, 5, 15):
        yield f"version {version}", frame(version=version)
    yield "payload length beyond the frame", frame(length=200)
    yield "cut header", ethernet(IPV6, packet()[:30])

    for text in ("::", "::1", "ff02::1", "ff0e::1", "fe80::9", "::ffff:10.1.0.2", "2001:db8:1::1", "2001:db8:9::1",
                 "2001:db8:77::1", "2001:db8:9::2", "fec0::1", "fd00::1", "::10.1.0.2", "2002:a01:2::1", "2001:db8:1::"):
        yield f"from {text}", frame(src=ip(text))
    for text in ("::", "::1", "ff01::1", "ff02::1", "ff02::5", "ff05::2", "ff0e::1", "fe80::9", "::ffff:10.9.0.2",
                 "2001:db8:77::1", "2001:db8:66::1", "fec0::1", "::10.9.0.2", "2001:db8:9::", "2001:db8:1::", "fd00::1"):
        yield f"to {text}", frame(dst=ip(text))
        yield f"echo to {text}", echo(ip(text))
    for text in ("2001:db8:1::1", "2001:db8:9::1", "2001:db8:8::1"):
        yield f"echo to own {text}", echo(ip(text))
        yield f"echo to own {text}, hop limit 1", echo(ip(text), ttl=1)
        yield f"UDP to own {text}", frame(dst=ip(text))
        yield f"TCP to own {text}", frame(tcp(HOST, ip(text), flags=2), dst=ip(text), protocol=6)
    yield "echo to own, large", frame(icmp6(HOST, OWN, 128, data=b"z" * 1400), dst=OWN, protocol=58)
    yield "echo to own, wrong checksum", frame(b"\x80\0\x12\x34" + bytes(20), dst=OWN, protocol=58)
    yield "echo to own with a hop-by-hop header", frame(options(58, pad) + icmp6(HOST, OWN, 128), dst=OWN, protocol=0)
    yield "echo reply to own", frame(icmp6(HOST, OWN, 129), dst=OWN, protocol=58)
    yield "protocol 253 to own", frame(bytes(20), dst=OWN, protocol=253)
    yield "hop limit 1 without a route", frame(dst=ip("2001:db8:77::1"), ttl=1)
    yield "no route for an ICMP error", error(1, 0, dst=ip("2001:db8:77::1"))
    yield "no route for an echo reply", frame(icmp6(HOST, ip("2001:db8:77::1"), 129), dst=ip("2001:db8:77::1"), protocol=58)

    yield "to another station", frame(mac=b"\x02\0\0\0\0\x77")
    yield "in a broadcast frame", frame(mac=b"\xff" * 6)
    yield "in a multicast frame", frame(mac=b"\x33\x33\0\0\0\1")
    yield "priority tag", frame(tags=struct.pack("!HH", VLAN, 0xA000))
    yield "VLAN 5", frame(tags=struct.pack("!HH", VLAN, 5))

    for length in (0, 4, 7, 9, 100, 65535):
        yield f"UDP length {length}", frame(udp(HOST, SERVER, length=length))
    yield "UDP wrong checksum", frame(udp(HOST, SERVER, checksum=0x1111))
    yield "UDP checksum 0", frame(udp(HOST, SERVER, checksum=0))
    yield "UDP of 4 bytes", frame(b"\x9c\x40\xc3\x50")
    yield "UDP without a byte", frame(b"")
    for offset in (0, 4, 6, 15):
        yield f"TCP offset {offset}", frame(tcp(HOST, SERVER, offset=offset), protocol=6)
    yield "TCP of 10 bytes", frame(bytes(10), protocol=6)
    yield "ICMP of 3 bytes", frame(bytes(3), protocol=58)
    yield "ICMP wrong checksum", frame(b"\x80\0\x12\x34" + bytes(20), protocol=58)
    yield "ICMP unknown type", frame(icmp6(HOST, SERVER, 200), protocol=58)
    yield "SCTP of 8 bytes", frame(bytes(8), protocol=132)
    for kind, code in ((1, 0), (1, 4), (2, 0), (3, 0), (4, 1), (100, 0)):
        yield f"ICMP error {kind}/{code} in transit", error(kind, code)
    for kind in (130, 131, 132, 133, 134, 135, 136, 137, 143):
        yield f"ICMP type {kind} in transit", frame(icmp6(HOST, SERVER, kind), protocol=58, ttl=255)

    yield "solicitation for own", solicit(OWN)
    yield "solicitation for own, unicast", solicit(OWN, dst=OWN, mac=ROUTER)
    yield "solicitation for own, without its option", solicit(OWN, option=b"")
    yield "solicitation for own, hop limit 64", solicit(OWN, ttl=64)
    yield "duplicate address detection of own", solicit(OWN, src=bytes(16), option=b"")
    yield "solicitation for another on the link", solicit(ip("2001:db8:1::77"))
    yield "solicitation for the address of another port", solicit(OWN_OUT)
    yield "solicitation for the anycast address", solicit(ip("2001:db8:1::"))
    yield "solicitation for the link-local address", solicit(LINK)
    yield "echo to the link-local address", echo(LINK, src=ip("fe80::2"))


def resolves(one):
    """A router's own question for a neighbour, whenever it asks."""
    return one[12:14] == b"\x86\xdd" and one[20] == 58 and one[54] == 135


def plain(one):
    """The frame without what is the sender's to choose: the flow label of what it sent itself."""
    if one[12:14] != b"\x86\xdd" or len(one) < 54 or one[22:38] not in (OWN, OWN_OUT, OWN_NARROW, LINK):
        return one
    return one[:15] + bytes([one[15] & 0xF0, 0, 0]) + one[18:]


def words(one):
    if one[12:14] != b"\x86\xdd":
        return f"frame {one[12:14].hex()}"
    if one[20] == 58 and len(one) > 61:
        rest = struct.unpack("!I", one[58:62])[0] if one[54] < 128 else 0
        return f"icmp {one[54]}/{one[55]}{f' {rest:#x}' if rest else ''}"
    return f"ip {one[20]}"


UNREAD = "RFC 8200 4.3, 4.8: a router need not read options; a chain must not see two kinds of one flow's packets"
ROUTING = "RFC 5095: no packet takes a way that its sender wrote into it"
INSIDE = "RFC 4291 2.5.2, RFC 4942 2.2: addresses that live inside hosts"
OF_LINK = "RFC 4291 2.5.6, 2.7: what has no global source stays on its link, and errors to it would leave by a route of the kernel"
ANYCAST = "RFC 4443 2.2: errors about what was sent to an anycast address come from a unicast one; Linux sends them from the former"
DIFFERENCES = {
    "to 2001:db8:9::": ("client: icmp 1/4;", ANYCAST),
    "to 2001:db8:1::": ("client: icmp 1/4;", ANYCAST),
    "hop-by-hop option unknown 01": ("server: ip 0;", UNREAD),
    "hop-by-hop option unknown 10": ("server: ip 0;", UNREAD),
    "hop-by-hop option unknown 11": ("server: ip 0;", UNREAD),
    "hop-by-hop option jumbo": ("server: ip 0;", UNREAD),
    "hop-by-hop option too long": ("server: ip 0;", UNREAD),
    "routing header 0, 0 left": ("client: icmp 4/0 0x2a;", ROUTING),
    "routing header 0, 1 left": ("client: icmp 4/0 0x2a;", ROUTING),
    "from fe80::9": ("nothing", OF_LINK),
    "to fe80::9": ("nothing", OF_LINK),
    "echo to fe80::9": ("nothing", OF_LINK),
    "from ::ffff:10.1.0.2": ("nothing", INSIDE),
    "to ::": ("nothing", INSIDE),
    "echo to ::": ("nothing", INSIDE),
    "to ::ffff:10.9.0.2": ("nothing", INSIDE),
    "echo to ::ffff:10.9.0.2": ("nothing", INSIDE),
    "echo to ff02::1": ("nothing", OF_LINK),
    "echo to ff05::2": ("nothing", OF_LINK),
    "echo to own, wrong checksum": ("client: icmp 129/0;", "the reply is as wrong as the request, so its receiver drops it"),
    "echo to own with a hop-by-hop header": ("client: ip 0;", "the reply has the request's headers"),
    "solicitation for own, unicast": ("client: icmp 136/0;", "RFC 4861 7.2.4: the MAC may be left out, and need not"),
    "solicitation for the address of another port": ("client: icmp 136/0;", "addresses are the VRF's"),
}
