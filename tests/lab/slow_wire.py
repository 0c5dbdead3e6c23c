#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A wire between two interfaces of this namespace that is as long as it takes: each frame arrives MS milliseconds later.

    slow_wire.py INTERFACE INTERFACE MS
"""
import collections
import select
import socket
import sys
import time

ETH_P_ALL = 3
PACKET_OUTGOING = 4


def main(first, second, ms):
    ends = []
    for name in (first, second):
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        end.bind((name, 0))
        end.setblocking(False)
        ends.append(end)
    on_the_way = collections.deque()  # in the order in which they arrive: when, at which end, the frame
    print("ready", flush=True)
    while True:
        now = time.monotonic()
        while on_the_way and on_the_way[0][0] <= now:
            _, end, frame = on_the_way.popleft()
            end.send(frame)
        wait = max(0, on_the_way[0][0] - now) if on_the_way else None
        for end in select.select(ends, [], [], wait)[0]:
            frame, address = end.recvfrom(65536)
            if address[2] != PACKET_OUTGOING:
                other = ends[0] if end is ends[1] else ends[1]
                on_the_way.append((time.monotonic() + ms / 1000, other, frame))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
