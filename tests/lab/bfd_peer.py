# SPDX-License-Identifier: Apache-2.0
"""A BFD peer in asynchronous mode (RFC 5880, 5881, 5883), by the letter and in Python: bfd_peer.py OWN OTHER PORT.

It logs each state that it enters, and when it is fast in UP, with the time. SIGUSR1 has it fall silent."""

import signal
import socket
import struct
import sys
import time

ADMIN_DOWN, DOWN, INIT, UP = range(4)
NAMES = ["admin_down", "down", "init", "up"]
INTERVAL = 100_000  # us
IP_RECVTTL = 12  # Linux; Python has no name for it

own, other, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
receiver.bind((own, port))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
sender.bind((own, 49200))
state, theirs, heard, final, polling, remote = DOWN, 0, 0, False, False, (0, 1, 3)
silent = False


def fall_silent(number, frame):
    global silent
    silent = True
    print("silent", time.time(), flush=True)


signal.signal(signal.SIGUSR1, fall_silent)


def enter(new, diagnostic=0):
    global state, polling
    if new != state:
        state = new
        polling = new == UP
        print(NAMES[state], time.time(), flush=True)


def transmit():
    global final
    sending = INTERVAL if state == UP else 1_000_000
    flags = state << 6 | (0x10 if final else 0x20 if polling else 0)
    final = False
    if not silent:
        sender.sendto(struct.pack("!BBBBIIIII", 1 << 5, flags, 3, 24, 0xCAFE, theirs, sending, INTERVAL, 0),
                      (other, port))
    return max(sending, remote[1]) / 1e6


next_at = time.monotonic()
while True:
    receiver.settimeout(max(next_at - time.monotonic(), 0.001))
    try:
        data, control, _, source = receiver.recvmsg(128, 64)
    except socket.timeout:
        data = b""
    now = time.monotonic()
    if len(data) >= 24:
        version, flags, multiplier, length, mine, yours, tx, rx, _ = struct.unpack("!BBBBIIIII", data[:24])
        ttl = next((struct.unpack("i", value)[0] for level, kind, value in control if kind == socket.IP_TTL), 0)
        assert version >> 5 == 1 and length == 24 and multiplier and mine and source[0] == other, data.hex()
        assert 49152 <= source[1] <= 65535 and flags & 0x0f == 0, (source, flags)
        assert port == 4784 or ttl == 255, ttl
        assert yours in (0, 0xCAFE), hex(yours)
        theirs, remote, heard = mine, (tx, rx, multiplier), now
        if flags & 0x20:
            final = True
        if flags & 0x10:
            if polling:
                print("fast", time.time(), flush=True)  # the other side has its new interval
            polling = False
        got = flags >> 6
        if state == DOWN:
            enter(INIT if got == DOWN else UP if got == INIT else DOWN)
        elif state == INIT:
            enter(UP if got in (INIT, UP) else state)
        elif got in (DOWN, ADMIN_DOWN):
            enter(DOWN)
        if final:
            transmit()
    if heard and now - heard > max(remote[0], INTERVAL) * remote[2] / 1e6:
        heard, theirs = 0, 0
        enter(DOWN)
    if now >= next_at:
        next_at = now + transmit() * 0.9
