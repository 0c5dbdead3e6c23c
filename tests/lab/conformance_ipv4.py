# SPDX-License-Identifier: Apache-2.0
"""IPv4 frames for conformance.py, and where Sluice does otherwise than Linux."""
import socket
import struct

from conformance_frames import CLIENT, ROUTER, ethernet, icmp, sum16, tcp, udp

IPV4, ARP, VLAN = 0x0800, 0x0806, 0x8100


def ip(text):
    return socket.inet_aton(text)


HOST, SERVER, NARROW, OWN, OWN_OUT = ip("10.1.0.2"), ip("10.9.0.2"), ip("10.8.0.2"), ip("10.1.0.1"), ip("10.9.0.1")


def header(payload, src=HOST, dst=SERVER, protocol=17, ttl=64, tos=0, number=0x4242, fragment=0, options=b"",
           version=4, ihl=None, length=None, checksum=None):
    ihl = 5 + len(options) // 4 if ihl is None else ihl
    length = 20 + len(options) + len(payload) if length is None else length
    head = struct.pack("!BBHHHBB", version << 4 | ihl, tos, length, number, fragment, ttl, protocol)
    checksum = sum16(head + b"\0\0" + src + dst + options) if checksum is None else checksum
    return head + struct.pack("!H", checksum) + src + dst + options


def packet(payload=None, src=HOST, dst=SERVER, **fields):
    payload = udp(src, dst) if payload is None else payload
    return header(payload, src, dst, **fields) + payload


def frame(payload=None, mac=ROUTER, tags=b"", trailer=b"", **fields):
    return ethernet(IPV4, packet(payload, **fields), dst=mac, tags=tags) + trailer


def fences(mark):
    return [frame(udp(HOST, dst, mark), dst=dst) for dst in (SERVER, NARROW, HOST)]


def sized(length, dst=SERVER, **fields):
    return frame(udp(HOST, dst, b"x" * (length - 28)), dst=dst, **fields)


def arp(target, sender=HOST, operation=1, mac=b"\xff" * 6):
    return ethernet(ARP, struct.pack("!HHBBH", 1, IPV4, 6, 4, operation) + CLIENT + sender + b"\0" * 6 + target, dst=mac)


def quote(kind, code, rest, src=SERVER, inner=None):
    inner = packet(src=SERVER, dst=HOST) if inner is None else inner
    return frame(icmp(kind, code, rest, inner[:28]), src=HOST, dst=src, protocol=1)


DF, MORE = 0x4000, 0x2000


def frames():
    """(name, frame) of every case."""
    yield "UDP", frame()
    yield "TCP", frame(tcp(HOST, SERVER), protocol=6)
    yield "ICMP echo", frame(icmp(8), protocol=1)
    for protocol in (0, 2, 4, 41, 47, 50, 51, 103, 112, 132, 253, 255):
        yield f"protocol {protocol}", frame(b"\x45\0\0\x20" + bytes(28), protocol=protocol)
    yield "protocol without data", frame(b"", protocol=253)
    for ttl in (0, 1, 2, 255):
        yield f"TTL {ttl}", frame(ttl=ttl)
    yield "TTL 1, TCP", frame(tcp(HOST, SERVER), protocol=6, ttl=1)
    yield "TTL 1, large", sized(1400, ttl=1)
    yield "TTL 1, later fragment", frame(bytes(32), ttl=1, fragment=10)
    yield "TTL 1, ICMP error", frame(icmp(3, 1, 0, packet(src=SERVER, dst=HOST)[:28]), protocol=1, ttl=1)
    yield "TTL 1, echo", frame(icmp(8), protocol=1, ttl=1)
    for tos in (1, 2, 3, 0x88, 0xB8, 0xFF):
        yield f"TOS {tos:#x}", frame(tos=tos)
    yield "identification 0", frame(number=0)
    yield "reserved flag", frame(fragment=0x8000)
    yield "first fragment", frame(fragment=MORE)
    yield "middle fragment", frame(bytes(32), fragment=MORE | 100)
    yield "last fragment", frame(bytes(33), fragment=100)
    yield "fragment with DF", frame(fragment=DF | MORE)
    yield "first fragment too short for UDP", frame(b"\x9c\x40\xc3\x50", fragment=MORE)
    for length in (29, 46, 47, 1499, 1500):
        yield f"{length} bytes", sized(length)
    yield "trailer", frame(trailer=b"padding!" * 4)
    yield "short packet, long trailer", frame(b"", protocol=253, trailer=bytes(range(100)))
    for length in (1280, 1281, 1500):
        yield f"{length} bytes with DF onto the narrow link", sized(length, dst=NARROW, fragment=DF)
        yield f"{length} bytes onto the narrow link", sized(length, dst=NARROW)
    yield "first fragment onto the narrow link", sized(1428, dst=NARROW, fragment=MORE)
    yield "later fragment onto the narrow link", frame(b"y" * 1401, dst=NARROW, fragment=200)
    yield "middle fragment onto the narrow link", frame(b"y" * 1400, dst=NARROW, fragment=MORE | 200)
    yield "options onto the narrow link", frame(udp(HOST, NARROW, b"x" * 1400), dst=NARROW, options=b"\x94\4\0\0\1\1\1\0")

    for text, options in (("NOP", b"\1\1\1\1"), ("end", b"\0\0\0\0"), ("router alert", b"\x94\4\0\0"),
                          ("security", b"\x82\x0b" + bytes(9) + b"\0"), ("unknown copied", b"\x9e\4\1\2"),
                          ("experiment", b"\x5e\4\1\2"), ("CIPSO-like", b"\x86\6\0\0\0\1\0\0"),
                          ("length 0", b"\x9e\0\1\2"), ("length 1", b"\x9e\1\1\2"), ("too long", b"\x9e\x20\1\2"),
                          ("length missing", b"\1\1\1\x9e"), ("40 bytes of NOP", b"\1" * 40),
                          ("loose source route", b"\x83\7\4\x0a\x09\0\2\0"), ("strict source route", b"\x89\7\4\x0a\x09\0\2\0"),
                          ("used up source route", b"\x83\7\x08\x0a\x09\0\2\0"),
                          ("record route", b"\7\7\4\0\0\0\0\0"), ("full record route", b"\7\7\x08\1\2\3\4\0"),
                          ("timestamp", b"\x44\x08\5\0\0\0\0\0"), ("full timestamp", b"\x44\x08\x09\0\1\2\3\4")):
        yield f"option {text}", frame(options=options)
    yield "TTL 1 with options", frame(options=b"\x94\4\0\0", ttl=1)

    yield "wrong checksum", frame(checksum=0x1234)
    yield "checksum 0", frame(checksum=0)
    for version in (0, 5, 6, 15):
        yield f"version {version}", frame(version=version)
    yield "header of 16 bytes", frame(ihl=4)
    yield "header longer than the packet", frame(b"", ihl=15, protocol=253)
    yield "total length beyond the frame", frame(length=200)
    yield "total length 19", frame(length=19)
    yield "total length 0", frame(length=0)
    yield "cut header", ethernet(IPV4, packet()[:12])

    for text in ("0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "10.1.0.1",
                 "10.9.0.1", "10.1.0.255", "10.9.0.255", "10.9.0.2", "198.51.100.7", "169.254.1.1"):
        yield f"from {text}", frame(src=ip(text))
    for text in ("0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.5", "239.1.1.1", "240.1.0.1", "241.0.0.1", "255.255.255.255",
                 "10.9.0.255", "10.1.0.255", "192.0.2.1", "203.0.113.77", "169.254.1.1"):
        yield f"to {text}", frame(dst=ip(text))
        yield f"echo to {text}", frame(icmp(8), dst=ip(text), protocol=1)
    for text in ("10.1.0.1", "10.9.0.1", "10.8.0.1"):
        yield f"echo to own {text}", frame(icmp(8), dst=ip(text), protocol=1)
        yield f"echo to own {text}, TTL 1", frame(icmp(8), dst=ip(text), protocol=1, ttl=1)
        yield f"UDP to own {text}", frame(dst=ip(text))
        yield f"TCP to own {text}", frame(tcp(HOST, ip(text), flags=2), dst=ip(text), protocol=6)
    yield "echo to own, large", frame(icmp(8, data=b"z" * 1400), dst=OWN, protocol=1)
    yield "echo to own, wrong checksum", frame(b"\x08\0\x12\x34" + bytes(20), dst=OWN, protocol=1)
    yield "echo to own, with options", frame(icmp(8), dst=OWN, protocol=1, options=b"\x94\4\0\0")
    yield "echo reply to own", frame(icmp(0), dst=OWN, protocol=1)
    yield "protocol 253 to own", frame(bytes(20), dst=OWN, protocol=253)
    yield "TTL 1 without a route", frame(dst=ip("192.0.2.1"), ttl=1)
    yield "no route for an ICMP error", quote(3, 1, 0, src=ip("192.0.2.1"))
    yield "no route for an echo reply", frame(icmp(0), protocol=1, dst=ip("192.0.2.1"))
    yield "no route for a later fragment", frame(bytes(32), fragment=10, dst=ip("192.0.2.1"))

    yield "to another station", frame(mac=b"\x02\0\0\0\0\x77")
    yield "in a broadcast frame", frame(mac=b"\xff" * 6)
    yield "in a multicast frame", frame(mac=b"\1\0\x5e\0\0\5")
    yield "multicast in its frame", frame(mac=b"\1\0\x5e\0\0\5", dst=ip("224.0.0.5"))
    yield "TTL 1 in a broadcast frame", frame(mac=b"\xff" * 6, ttl=1)
    yield "priority tag", frame(tags=struct.pack("!HH", VLAN, 0xA000))
    yield "VLAN 5", frame(tags=struct.pack("!HH", VLAN, 5))
    yield "802.3 length", ethernet(46, b"\x42\x42\3" + bytes(43))
    yield "unknown EtherType", ethernet(0x88B5, bytes(46))

    for length in (0, 4, 7, 9, 100, 65535):
        yield f"UDP length {length}", frame(udp(HOST, SERVER, length=length))
    yield "UDP wrong checksum", frame(udp(HOST, SERVER, checksum=0x1111))
    yield "UDP checksum 0", frame(udp(HOST, SERVER, checksum=0))
    yield "UDP port 0", frame(udp(HOST, SERVER, sport=0, dport=0))
    yield "UDP of 4 bytes", frame(b"\x9c\x40\xc3\x50")
    yield "UDP without a byte", frame(b"")
    for offset in (0, 4, 6, 15):
        yield f"TCP offset {offset}", frame(tcp(HOST, SERVER, offset=offset), protocol=6)
    for flags in (0, 3, 0x29, 0xFF):
        yield f"TCP flags {flags:#x}", frame(tcp(HOST, SERVER, flags=flags), protocol=6)
    yield "TCP of 10 bytes", frame(bytes(10), protocol=6)
    yield "TCP wrong checksum", frame(tcp(HOST, SERVER, checksum=0x1111), protocol=6)
    yield "ICMP of 4 bytes", frame(bytes(4), protocol=1)
    yield "ICMP wrong checksum", frame(b"\x08\0\x12\x34" + bytes(20), protocol=1)
    yield "ICMP unknown type", frame(icmp(77), protocol=1)
    yield "SCTP of 8 bytes", frame(bytes(8), protocol=132)
    for kind, code in ((3, 3), (3, 4), (4, 0), (5, 1), (11, 0), (12, 0)):
        yield f"ICMP error {kind}/{code} in transit", quote(kind, code, 0)

    yield "ARP for own", arp(OWN)
    yield "ARP for own, unicast", arp(OWN, mac=ROUTER)
    yield "ARP probe for own", arp(OWN, sender=bytes(4))
    yield "ARP for another on the link", arp(ip("10.1.0.77"))
    yield "ARP for the server", arp(SERVER)
    yield "ARP for the address of another port", arp(OWN_OUT)
    yield "ARP announcement of own", arp(OWN, sender=OWN)
    yield "ARP announcement", arp(HOST)


ERRORS = (3, 4, 5, 11, 12)


def resolves(one):
    """A router's own question for a neighbour, whenever it asks."""
    return one[12:14] == b"\x08\6" and one[21] == 1


def plain(one):
    """The frame without what is the sender's to choose: identification of what it sent itself, and checksums over it."""
    if one[12:14] != b"\x08\0" or len(one) < 34:
        return one
    at = 14 + (one[14] & 15) * 4
    kind = one[at] if one[23] == 1 and len(one) > at else None
    own = one[26:30] in (OWN, OWN_OUT, ip("10.8.0.1"))
    if not own:
        return one
    if sum16(one[14:at]):
        return b"wrong checksum: " + one
    one = one[:18] + bytes(2) + one[20:24] + bytes(2) + one[26:]
    if kind in ERRORS and sum16(one[at:14 + struct.unpack("!H", one[16:18])[0]]):
        return b"wrong ICMP checksum: " + one
    return one


def words(one):
    if one[12:14] == b"\x08\6":
        return "arp"
    if one[12:14] != b"\x08\0":
        return f"frame {one[12:14].hex()}"
    at = 14 + (one[14] & 15) * 4
    fragment = struct.unpack("!H", one[20:22])[0] & 0x3FFF
    note = f" fragment {(fragment & 0x1fff) * 8}{'+' if fragment & MORE else ''}" if fragment else ""
    if one[23] == 1 and not fragment & 0x1FFF and len(one) > at + 7:
        rest = struct.unpack("!I", one[at + 4:at + 8])[0] if one[at] in ERRORS else 0
        return f"icmp {one[at]}/{one[at + 1]}{f' {rest:#x}' if rest else ''}{note}"
    return f"ip {one[23]}{note}"


UNREAD = "RFC 7126: a router may pass options on unread; a chain must not see two kinds of one flow's packets"
ZERO = "RFC 1812 5.3.7: 0.0.0.0/8 is nobody's address beyond its own host"
SOURCE_ROUTE = "RFC 7126 4.3: dropped; RFC 792: and said so, which Linux does not"
OWN_SOURCE = "RFC 1812 5.3.8: validation of sources is not asked for, and would cost each packet a look-up"
DIFFERENCES = {
    "option loose source route": ("client: icmp 12/0 0x14000000;", SOURCE_ROUTE),
    "option strict source route": ("client: icmp 12/0 0x14000000;", SOURCE_ROUTE),
    "option used up source route": ("client: icmp 12/0 0x14000000;", SOURCE_ROUTE),
    "from 10.1.0.1": ("server: ip 17;", OWN_SOURCE),
    "from 10.9.0.1": ("server: ip 17;", OWN_SOURCE),
    "option CIPSO-like": ("server: ip 17;", UNREAD),
    "option record route": ("server: ip 17;", UNREAD),
    "option timestamp": ("server: ip 17;", UNREAD),
    "option full timestamp": ("server: ip 17;", UNREAD),
    "from 0.1.2.3": ("nothing", ZERO),
    "to 0.1.2.3": ("nothing", ZERO),
    "echo to 0.1.2.3": ("nothing", ZERO),
    "echo to own, wrong checksum": ("client: icmp 0/0;", "the reply is as wrong as the request, so its receiver drops it"),
    "echo to own, with options": ("client: icmp 0/0;", "the reply has the request's options"),
}
