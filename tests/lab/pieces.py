#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Pieces of UDP that are cut into datagrams on their way (UDP_SEGMENT), all of which must arrive whole and in order.

  pieces.py serve            says of each datagram at port 5002 what it was
  pieces.py send ADDRESS...  sends pieces to each of them; exit status 0: all datagrams arrived as they were made
"""
import hashlib
import os
import socket
import struct
import sys
import time

PORT = 5002
UDP_SEGMENT = 103
SIZE = 1200
# Bytes of data: segments of one size, a shorter last one, one of a byte, and as many as a piece may have here.
PIECES = [2 * SIZE, 5 * SIZE, 4 * SIZE + 333, 2 * SIZE + 1, 50 * SIZE, 49 * SIZE + 700]
DEADLINE = 3


def described(data):
    return struct.pack("!I", len(data)) + hashlib.sha256(data).digest()


def serve():
    datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    datagrams.bind(("::", PORT))
    while True:
        data, peer = datagrams.recvfrom(65536)
        datagrams.sendto(described(data), peer)


def send_piece(datagrams, size):
    """The number of datagrams of the piece that did not arrive as they were made."""
    data = os.urandom(size)
    want = [described(data[at:at + SIZE]) for at in range(0, size, SIZE)]
    got, end = [], time.monotonic() + DEADLINE
    datagrams.send(data)
    while len(got) < len(want) and time.monotonic() < end:
        datagrams.settimeout(max(end - time.monotonic(), 0.001))
        try:
            got.append(datagrams.recv(64))
        except socket.timeout:
            break
    return len(want) - sum(a == b for a, b in zip(want, got))


def send(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        datagrams.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SIZE)
        datagrams.connect((address, PORT))
        for size in PIECES:
            bad = send_piece(datagrams, size)
            if bad:
                return f"{address}: {bad} datagrams of a piece of {size} bytes"
    return None


def main():
    if sys.argv[1:] == ["serve"]:
        serve()
    if len(sys.argv) < 3 or sys.argv[1] != "send":
        sys.exit(__doc__)
    bad = [text for text in map(send, sys.argv[2:]) if text]
    sys.exit("; ".join(bad) or 0)


if __name__ == "__main__":
    main()
