#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A tunnel's underlay is lost: from the kernel's event to the first packet that takes the tunnel that lives.

  underlay_lost.py events DEVICE           prints when the kernel said that the device has no carrier, as seconds
  underlay_lost.py packets DEVICE PORT     prints when the first UDP packet inside VXLAN came with this source port
  underlay_lost.py send ADDRESS PORT       sends datagrams from the source port, every 200 us, until it is ended
"""
import socket
import struct
import sys
import time

RTMGRP_LINK = 1
RTM_NEWLINK = 16
IFF_LOWER_UP = 0x10000
SO_TIMESTAMPNS = 35
INNER = 14 + 20 + 8 + 8 + 14  # bytes in front of the inner IP header


def events(device):
    index = socket.if_nametoindex(device)
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    netlink.bind((0, RTMGRP_LINK))
    print("ready", flush=True)
    while True:
        message = netlink.recv(65536)
        now = time.time()
        kind, = struct.unpack_from("=H", message, 4)
        found, flags = struct.unpack_from("=iI", message, 20)
        if kind == RTM_NEWLINK and found == index and not flags & IFF_LOWER_UP:
            print(f"{now:.6f}", flush=True)
            return


def packets(device, port):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    raw.bind((device, 0))
    raw.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    print("ready", flush=True)
    while True:
        frame, ancillary, _, _ = raw.recvmsg(2048, 256)
        if len(frame) < INNER + 28 or frame[23] != 17 or frame[INNER + 9] != 17:
            continue
        if struct.unpack_from("!H", frame, INNER + 20)[0] != port:
            continue
        seconds, nanoseconds = struct.unpack("=qq", ancillary[0][2])
        print(f"{seconds + nanoseconds / 1e9:.6f}", flush=True)
        return


def send(address, port):
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("", port))
    while True:
        datagrams.sendto(b"x", (address, 7))
        time.sleep(0.0002)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["events", device]:
            events(device)
        case ["packets", device, port]:
            packets(device, int(port))
        case ["send", address, port]:
            send(address, int(port))
        case _:
            sys.exit(__doc__)
