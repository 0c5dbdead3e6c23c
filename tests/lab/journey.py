#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Follows every packet by captures of the same flows at several places: journey.py NAME=FILE.pcap ...
Prints as JSON how many packets were seen in exactly which places, such as {"ids+uplink1": 812, "uplink2": 944}.
A packet is known by its source, IP identification, sequence numbers and length, which the router changes none of, even
where it puts another destination into it."""

import collections
import json
import struct
import sys


def packets(path):
    with open(path, "rb") as stream:
        data = stream.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    offset = 24
    while offset + 16 <= len(data):
        captured = struct.unpack_from(order + "I", data, offset + 8)[0]
        frame = data[offset + 16 : offset + 16 + captured]
        offset += 16 + captured
        if len(frame) < 54 or frame[12:14] != b"\x08\x00" or frame[23] != 6:
            continue
        l4 = 14 + (frame[14] & 15) * 4
        # Not TTL and header checksum, which routing changes.
        yield frame[16:20] + frame[26:30] + frame[l4 : l4 + 2] + frame[l4 + 4 : l4 + 14]


places = collections.defaultdict(set)
for argument in sys.argv[1:]:
    name, path = argument.split("=", 1)
    for packet in packets(path):
        places[packet].add(name)
print(json.dumps(collections.Counter("+".join(sorted(names)) for names in places.values())))
