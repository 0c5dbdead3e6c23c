#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Both ends of many flows to a service, for the labs test_service_*.sh.

  service_flows.py serve NAME [ADDRESS:]PORT...      TCP and UDP: says its name first, and then what comes, back again
  service_flows.py flows STATUS ADDRESS PORT COUNT   so many TCP connections, each of which numbers go to and fro in;
                                                     STATUS: "going|closed ALIVE LOST WRONG LEAST NAME=COUNT...", where
                                                     LEAST is what the slowest one alive has had back; SIGTERM closes
  service_flows.py ask ADDRESS PORT COUNT [tcp|udp] [SIZE]
                                                     so many flows one after the other, each a word to and fro: prints
                                                     the name that each has met, one a line
"""
import collections
import os
import selectors
import signal
import socket
import struct
import sys
import time

TIMEOUT = 5
stopped = []
signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def serve_stream(listener, name, events):
    connection, _ = listener.accept()
    connection.sendall(name)
    events.register(connection, selectors.EVENT_READ, None)


def echo_stream(connection, events):
    try:
        data = connection.recv(65536)
        if data:
            connection.sendall(data)
            return
    except OSError:
        pass
    events.unregister(connection)
    connection.close()


def serve(name, *ports):
    name = name.encode() + b"\n"
    events = selectors.DefaultSelector()
    for port in ports:
        address, _, port = port.rpartition(":")
        address = address.strip("[]") or "::"
        listener = socket.create_server((address, int(port)), family=family(address), backlog=4096,
                                        dualstack_ipv6=address == "::")
        events.register(listener, selectors.EVENT_READ, "stream")
        udp = socket.socket(family(address), socket.SOCK_DGRAM)
        udp.bind((address, int(port)))
        events.register(udp, selectors.EVENT_READ, "datagram")
    while not stopped:
        for key, _ in events.select(0.2):
            if key.data == "stream":
                serve_stream(key.fileobj, name, events)
            elif key.data == "datagram":
                data, peer = key.fileobj.recvfrom(65536)
                key.fileobj.sendto(name + data, peer)
            else:
                echo_stream(key.fileobj, events)


class Flow:
    """Numbers of 8 bytes, the next one once the last one has come back."""

    def __init__(self, address, port):
        self.socket = socket.create_connection((address, int(port)), timeout=TIMEOUT)
        self.name, self.pending, self.sent, self.state = None, b"", 0, "alive"
        while b"\n" not in self.pending:
            data = self.socket.recv(4096)
            if not data:
                raise ConnectionError("closed before its name came")
            self.pending += data
        self.name, _, self.pending = self.pending.partition(b"\n")
        self.socket.setblocking(False)
        self.next()

    def next(self):
        """One that was reset since its last number came back is found out here."""
        try:
            self.socket.send(struct.pack("!Q", self.sent))
        except OSError:
            self.state = "lost"

    def read(self):
        """True: its number has come back."""
        try:
            data = self.socket.recv(4096)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.state = "lost"
            return False
        self.pending += data
        if len(self.pending) < 8:
            return False
        if self.pending != struct.pack("!Q", self.sent):
            self.state = "wrong"
            return False
        self.pending, self.sent = b"", self.sent + 1
        return True


def tell(status, word, flows):
    states = collections.Counter(flow.state for flow in flows)
    names = collections.Counter(flow.name.decode() for flow in flows if flow.state == "alive")
    text = " ".join([word, str(states["alive"]), str(states["lost"]), str(states["wrong"]),
                     str(min((flow.sent for flow in flows if flow.state == "alive"), default=0)), *sorted(f"{name}={count}" for name, count in names.items())])
    with open(status + ".new", "w", encoding="ascii") as file:
        file.write(text + "\n")
    os.rename(status + ".new", status)


def flows(status, address, port, count):
    all_flows = [Flow(address, port) for _ in range(int(count))]
    events = selectors.DefaultSelector()
    for flow in all_flows:
        events.register(flow.socket, selectors.EVENT_READ, flow)
    due, told = [], 0.0
    while not stopped:
        for key, _ in events.select(0.01):
            if key.data.read():
                due.append(key.data)
            elif key.data.state != "alive":
                events.unregister(key.fileobj)
        if time.monotonic() - told > 0.02:
            for flow in due:
                flow.next()
            due, told = [], time.monotonic()
            tell(status, "going", all_flows)
    tell(status, "closed", all_flows)


def ask(address, port, count, protocol="tcp", size="4"):
    word = b"word" * (int(size) // 4)
    for _ in range(int(count)):
        kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
        with socket.socket(family(address), kind) as one:
            one.settimeout(TIMEOUT)
            one.connect((address, int(port)))
            one.send(word) if protocol == "udp" else one.sendall(word)
            got = b""
            while not got.endswith(b"\n" + word):
                data = one.recv(65536)
                if not data:
                    raise ConnectionError(f"closed behind {got[:100]}")
                got += data
            print(got.partition(b"\n")[0].decode())


if __name__ == "__main__":
    {"serve": serve, "flows": flows, "ask": ask}[sys.argv[1]](*sys.argv[2:])
