#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Ends of flows for test_policy.sh; STATUS is a file that has their last word.

  policy_flows.py serve PORT...                          echoes what comes by TCP
  policy_flows.py stream STATUS SOURCE ADDRESS PORT      numbers by TCP, whose echoes must come in order; STATUS:
                                                         "going|reset|closed|wrong ECHOED"; SIGTERM closes
  policy_flows.py send SOURCE ADDRESS PORT RATE SIZE     datagrams a second, each with its number and time
  policy_flows.py receive STATUS ADDRESS PORT            STATUS: "COUNT BYTES TIME": when the last one was sent
  policy_flows.py timed COMMAND...                       runs it and prints the time at which it ended
  policy_flows.py flood INTERFACE MAC ADDRESS PORT COUNT RATE
                                                         SYNs of random sources in 10.0.0.0/24
Times are nanoseconds of the monotonic clock, the same in all namespaces.
"""
import os
import random
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time

stopped = []
signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))


def tell(status, text):
    with open(status + ".new", "w", encoding="ascii") as file:
        file.write(text + "\n")
    os.rename(status + ".new", status)


def serve(*ports):
    events = selectors.DefaultSelector()
    listeners = {socket.create_server(("", int(port)), backlog=1024) for port in ports}
    for one in listeners:
        events.register(one, selectors.EVENT_READ)
    while not stopped:
        for key, _ in events.select(0.2):
            if key.fileobj in listeners:
                events.register(key.fileobj.accept()[0], selectors.EVENT_READ)
                continue
            try:
                data = key.fileobj.recv(65536)
                if data:
                    key.fileobj.sendall(data)
                    continue
            except OSError:
                pass
            events.unregister(key.fileobj)
            key.fileobj.close()


def stream(status, source, address, port):
    try:
        with socket.create_connection((address, int(port)), timeout=5, source_address=(source, 0)) as connection:
            connection.setblocking(False)
            tell(status, exchange(connection, status))
    except (ConnectionError, TimeoutError) as error:
        tell(status, f"refused 0 {error}")


def exchange(connection, status):
    sent = echoed = 0
    pending, next_one = b"", time.monotonic()
    while True:
        if stopped and echoed == sent:
            return f"closed {echoed}"
        try:
            if not stopped and time.monotonic() >= next_one:
                connection.sendall(struct.pack("!Q", sent))
                sent += 1
                next_one = time.monotonic() + 0.002
            data = connection.recv(65536)
            if not data:
                return f"closed {echoed}"
            pending += data
        except BlockingIOError:
            time.sleep(0.001)
        except ConnectionError:
            return f"reset {echoed}"
        while len(pending) >= 8:
            if struct.unpack("!Q", pending[:8])[0] != echoed:
                return f"wrong {echoed}"
            pending, echoed = pending[8:], echoed + 1
        tell(status, f"going {echoed}")


def send(source, address, port, rate, size):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind((source, 0))
        sent, start = 0, time.monotonic()
        while not stopped:
            due = int((time.monotonic() - start) * float(rate))
            while sent < due:
                data = struct.pack("!QQ", sent, time.monotonic_ns())
                try:
                    udp.sendto(data + bytes(int(size) - len(data)), (address, int(port)))
                except ConnectionRefusedError:
                    pass  # of an earlier one: nobody listens
                sent += 1
            time.sleep(0.0005)


def receive(status, address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
        udp.bind((address, int(port)))
        udp.settimeout(0.02)
        count = octets = last = 0
        told = 0.0
        tell(status, "0 0 0")
        while not stopped:
            try:
                data = udp.recv(65536)
                count, octets, last = count + 1, octets + len(data) + 28, struct.unpack("!QQ", data[:16])[1]
            except TimeoutError:
                told = 0.0
            if time.monotonic() - told > 0.02:
                tell(status, f"{count} {octets} {last}")
                told = time.monotonic()


def timed(*command):
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    print(time.monotonic_ns())
    sys.exit(done.returncode)


def ones_complement(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def flood(interface, mac, address, port, count, rate):
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    packets.bind((interface, 0))
    ethernet = bytes.fromhex(mac.replace(":", "")) + packets.getsockname()[4] + b"\x08\x00"
    target, rng, start = socket.inet_aton(address), random.Random(13), time.monotonic()
    for number in range(int(count)):
        source = bytes([10, 0, 0, rng.randrange(100, 250)])
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, number & 0xFFFF, 0, 64, 6, 0, source, target)
        head = head[:10] + struct.pack("!H", ones_complement(head)) + head[12:]
        tcp = struct.pack("!HHIIBBHHH", rng.randrange(1024, 65536), int(port), rng.getrandbits(32), 0, 0x50, 2, 8192, 0, 0)
        total = ones_complement(source + target + struct.pack("!HH", 6, 20) + tcp)
        packets.send(ethernet + head + tcp[:16] + struct.pack("!H", total) + tcp[18:])
        wait = start + number / float(rate) - time.monotonic()
        if wait > 0.002:
            time.sleep(wait)


if __name__ == "__main__":
    {"serve": serve, "stream": stream, "send": send, "receive": receive, "timed": timed,
     "flood": flood}[sys.argv[1]](*sys.argv[2:])
