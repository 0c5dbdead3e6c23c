#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Bytes from one host to another, all of which must arrive, for labs of paths that are narrow.

  transfer.py serve                              takes TCP and UDP at port 5001, IPv4 and IPv6
  transfer.py send tcp|udp ADDRESS BYTES [SIZE]  SIZE: of a datagram; prints the seconds and the datagrams sent again

UDP is sent as an application with a window does: what is not acknowledged within 0.3 s is sent again.
"""
import selectors
import socket
import struct
import sys
import time

PORT = 5001
WINDOW = 32
DEADLINE = 30


def serve():
    listener = socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True)
    datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    datagrams.bind(("::", PORT))
    events = selectors.DefaultSelector()
    events.register(listener, selectors.EVENT_READ)
    events.register(datagrams, selectors.EVENT_READ)
    while True:
        for key, _ in events.select():
            if key.fileobj is datagrams:
                data, peer = datagrams.recvfrom(65536)
                datagrams.sendto(data[:4], peer)
            elif key.fileobj is listener:
                connection, _ = listener.accept()
                events.register(connection, selectors.EVENT_READ, [0])
            else:
                take(events, key)


def take(events, key):
    """Counts what a TCP connection brings; at its end the count is the answer."""
    data = key.fileobj.recv(1 << 20)
    key.data[0] += len(data)
    if not data:
        events.unregister(key.fileobj)
        key.fileobj.sendall(struct.pack("!Q", key.data[0]))
        key.fileobj.close()


def send_tcp(address, count):
    with socket.create_connection((address, PORT), timeout=DEADLINE) as connection:
        connection.sendall(bytes(count))
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(8)
    if len(answer) < 8 or struct.unpack("!Q", answer)[0] != count:
        sys.exit(f"the other end has not got {count} bytes")
    return 0


def send_udp(address, count, size):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    begin, again, next_one, total = time.monotonic(), 0, 0, -(-count // size)
    waiting = {}
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        datagrams.connect((address, PORT))
        datagrams.settimeout(0.3)
        while next_one < total or waiting:
            if time.monotonic() - begin > DEADLINE:
                sys.exit(f"{len(waiting)} datagrams in flight, {next_one} of {total} sent, after {DEADLINE} s")
            while next_one < total and len(waiting) < WINDOW:
                waiting[next_one] = time.monotonic()
                send_one(datagrams, next_one, size)
                next_one += 1
            try:
                waiting.pop(struct.unpack("!I", datagrams.recv(4))[0], None)
            except socket.timeout:
                for number in waiting:
                    again += 1
                    send_one(datagrams, number, size)
            except OSError:
                pass
    return again


def send_one(datagrams, number, size):
    """An error here is that of an earlier datagram, such as EMSGSIZE: the time-out sends it again."""
    try:
        datagrams.send(struct.pack("!I", number) + bytes(size - 4))
    except OSError:
        pass


def main():
    if sys.argv[1:] == ["serve"]:
        serve()
    if len(sys.argv) not in (5, 6) or sys.argv[1] != "send" or sys.argv[2] not in ("tcp", "udp"):
        sys.exit(__doc__)
    begin, count = time.monotonic(), int(sys.argv[4])
    if sys.argv[2] == "tcp":
        again = send_tcp(sys.argv[3], count)
    else:
        again = send_udp(sys.argv[3], count, int(sys.argv[5]) if len(sys.argv) > 5 else 1200)
    print(f"{time.monotonic() - begin:.2f} {again}")


if __name__ == "__main__":
    main()
