# SPDX-License-Identifier: Apache-2.0
"""Reads sFlow datagrams on a UDP port of 127.0.0.1 and writes what the flow samples say, a JSON object a sample: the
formats of their records, and what is in those of routers and of tunnels ("sFlow Tunnel Structures")."""

import ipaddress
import json
import socket
import struct
import sys


def words(data, count, at=0):
    return struct.unpack_from(f"!{count}I", data, at)


def records(sample):
    """The format and the bytes of each record of a flow sample."""
    at = 32
    for _ in range(words(sample, 1, 28)[0]):
        form, length = words(sample, 2, at)
        yield form, sample[at + 8:at + 8 + length]
        at += 8 + length


def read_flow(sample):
    flow = dict(zip(("sequence", "source", "rate", "pool", "drops", "input", "output"), words(sample, 7)))
    flow["formats"] = [form for form, _ in records(sample)]
    for form, data in records(sample):
        if form == 1002:
            flow["next_hop"] = str(ipaddress.ip_address(data[4:8]))
            flow["mask"] = words(data, 1, 12)[0]
        elif form == 1023:
            flow["remote"] = str(ipaddress.ip_address(data[12:16]))
            flow["port"] = words(data, 1, 20)[0]
        elif form in (1027, 1029, 1030):
            flow[{1027: "inner", 1029: "vni_egress", 1030: "vni_ingress"}[form]] = words(data, 1)[0]
    return flow


def main():
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    print("ready", flush=True)
    while True:
        datagram = listener.recv(65536)
        version, family = words(datagram, 2)
        assert version == 5 and family == 1 and len(datagram) <= 1400, datagram
        at = 28
        for _ in range(words(datagram, 1, 24)[0]):
            form, length = words(datagram, 2, at)
            if form == 1:
                print(json.dumps(read_flow(datagram[at + 8:at + 8 + length])), flush=True)
            at += 8 + length
        assert at == len(datagram), (at, len(datagram))


main()
