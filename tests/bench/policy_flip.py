#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two flows through the policy bench's router, a packet of each in turns, while rules are replaced: policy_flip.py PREFIX.

A set of rules lets one of the flows pass and denies the other. So of packets numbered in their order those that arrive
are every second one; where the sets change, the other ones. Prints a line when it sends; at a line on standard input it
ends and prints {"sent", "flips", "neither"}: how often the flow changed, and the packets that met neither set alone:
one that is missing from its flow's turn, or that came in the other's.
"""
import ctypes
import json
import os
import select
import socket
import struct
import sys
import time

RATE = 4000
ETH_P_IP = 0x0800
libc = ctypes.CDLL(None, use_errno=True)


def open_socket(namespace, device):
    with open(f"/run/netns/{namespace}", encoding="ascii") as file:
        if libc.setns(file.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), namespace)
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    packets.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
    packets.bind((device, 0))
    packets.setblocking(False)
    return packets, packets.getsockname()[4]


def checksum(header):
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def templates(router, source):
    """Ethernet, IPv4 and UDP of either flow, to which the number is added."""
    made = []
    for port in (1, 2):
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 32, 1, 0, 64, 17, 0, bytes([11, 0, 0, 2]), bytes([129, 0, 0, 1]))
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        made.append(router + source + b"\x08\x00" + head + struct.pack("!HHHH", 1000, port, 12, 0))
    return made


def read_all(packets, numbers):
    while True:
        try:
            frame = packets.recv(2048)
        except BlockingIOError:
            return
        if frame[14:15] == b"\x45" and frame[23] == 17 and frame[26:30] == bytes([11, 0, 0, 2]):
            numbers.append(struct.unpack("!I", frame[42:46])[0])


def judge(numbers, sent):
    """Flips, and packets that met neither set: `numbers` in the order in which they arrived."""
    flips = neither = 0
    for before, after in zip(numbers, numbers[1:]):
        step = after - before
        if step == 2:
            continue
        if step in (1, 3):
            flips += 1  # the denied one of the old turn, or none, is between
        else:
            neither += abs(step) // 2
    neither += sum(1 for last in numbers[-1:] if sent - last > 2)
    return flips, neither


def main():
    prefix = sys.argv[1]
    generator, source = open_socket(f"{prefix}-gen-sluice", "g0")
    taker, _ = open_socket(f"{prefix}-sink-sluice", "s0")
    with open(f"/run/netns/{prefix}-sluice", encoding="ascii") as file:
        libc.setns(file.fileno(), 0x40000000)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as probe:
        probe.bind(("in0", 0))
        router = probe.getsockname()[4]
    flows = templates(router, source)
    numbers, sent, start, said = [], 0, time.monotonic(), False
    while not select.select([sys.stdin], [], [], 0)[0]:
        due = int((time.monotonic() - start) * RATE)
        while sent < due:
            generator.send(flows[sent % 2] + struct.pack("!I", sent) + b"\0" * 14)
            sent += 1
        read_all(taker, numbers)
        if len(numbers) > 10 and not said:
            said = True
            print("sends", flush=True)
        time.sleep(0.0005)
    time.sleep(0.3)
    read_all(taker, numbers)
    flips, neither = judge(numbers, sent)
    print(json.dumps({"sent": sent, "arrived": len(numbers), "flips": flips, "neither": neither}))
    os._exit(0)


if __name__ == "__main__":
    main()
