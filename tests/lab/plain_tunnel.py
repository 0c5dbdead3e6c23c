#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The other end of a tunnel that carries IP packets as they are, in user space: a tun device over raw or UDP sockets.

  plain_tunnel.py ipip|gue|gue-header LOCAL REMOTE [DEVICE]   default t0; gue-header sends variant 0 of GUE, and takes variant 1
"""
import fcntl
import os
import selectors
import socket
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 1, 0x1000
GUE = 6080
PROTOCOLS = {4: 4, 6: 41}  # by IP version, in another IP header


def open_tun(device):
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
    return tun


def open_sockets(kind, local, family):
    """By the version of what is inside."""
    if kind == "ipip":
        sockets = {version: socket.socket(family, socket.SOCK_RAW, number) for version, number in PROTOCOLS.items()}
    else:
        both = socket.socket(family, socket.SOCK_DGRAM)
        sockets = {4: both, 6: both}
    for sock in set(sockets.values()):
        sock.bind((local, 0 if kind == "ipip" else GUE))
    return sockets


def inner(kind, family, data):
    """The packet in what a socket has received: raw IPv4 sockets leave the outer header there."""
    return data[(data[0] & 15) * 4:] if kind == "ipip" and family == socket.AF_INET else data


def main(kind, local, remote, device="t0"):
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    tun, sockets = open_tun(device), open_sockets(kind, local, family)
    events = selectors.DefaultSelector()
    events.register(tun, selectors.EVENT_READ)
    for sock in set(sockets.values()):
        events.register(sock, selectors.EVENT_READ)
    while True:
        for key, _ in events.select():
            if key.fileobj is not tun:
                os.write(tun, inner(kind, family, key.fileobj.recv(65536)))
                continue
            packet = os.read(tun, 65536)
            version = packet[0] >> 4
            header = struct.pack("!BBH", 0, PROTOCOLS[version], 0) if kind == "gue-header" else b""
            sockets[version].sendto(header + packet, (remote, 0 if kind == "ipip" else GUE))


main(*sys.argv[1:])
