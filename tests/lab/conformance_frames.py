# SPDX-License-Identifier: Apache-2.0
"""Parts of frames for the conformance labs: headers from numbers, so that wrong ones can be made, too."""
import struct

CLIENT, ROUTER = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
FENCE = b"fence of case "
DATA = b"conformance data"


def sum16(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ethernet(proto, payload, dst=ROUTER, src=CLIENT, tags=b""):
    frame = dst + src + tags + struct.pack("!H", proto) + payload
    return frame


def pseudo(src, dst, protocol, length):
    if len(src) == 4:
        return src + dst + struct.pack("!BBH", 0, protocol, length)
    return src + dst + struct.pack("!II", length, protocol)


def udp(src, dst, data=DATA, sport=40000, dport=50000, length=None, checksum=None):
    """Source and destination address as bytes; checksum None: the right one."""
    length = 8 + len(data) if length is None else length
    header = struct.pack("!HHH", sport, dport, length)
    if checksum is None:
        checksum = sum16(pseudo(src, dst, 17, 8 + len(data)) + header + b"\0\0" + data) or 0xFFFF
    return header + struct.pack("!H", checksum) + data


def tcp(src, dst, data=DATA, flags=0x10, offset=5, sport=40000, dport=50000, checksum=None):
    header = struct.pack("!HHIIBBH", sport, dport, 1, 1, offset << 4, flags, 1000)
    if checksum is None:
        checksum = sum16(pseudo(src, dst, 6, 20 + len(data)) + header + b"\0\0\0\0" + data)
    return header + struct.pack("!HH", checksum, 0) + data


def icmp(kind, code=0, rest=0x12340001, data=DATA):
    body = struct.pack("!BBHI", kind, code, 0, rest) + data
    return body[:2] + struct.pack("!H", sum16(body)) + body[4:]


def icmp6(src, dst, kind, code=0, rest=0x12340001, data=DATA):
    body = struct.pack("!BBHI", kind, code, 0, rest) + data
    return body[:2] + struct.pack("!H", sum16(pseudo(src, dst, 58, len(body)) + body)) + body[4:]
