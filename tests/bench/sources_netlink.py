#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The kernel's own routes, as a program sees them that does nothing with them (rtnetlink(7)).

dump   reads the main table's IPv4 routes once, and prints {seconds, messages of 32 KiB, bytes}
watch  follows changes of IPv4 routes; SIGTERM ends it with {count, last: when the last one came, overruns}
"""

import errno
import json
import signal
import socket
import struct
import sys
import time

RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE, NLMSG_DONE = 24, 25, 26, 3
NLM_F_REQUEST, NLM_F_DUMP, RTMGRP_IPV4_ROUTE, SO_RCVBUFFORCE = 1, 0x300, 0x40, 33


def dump():
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    netlink.bind((0, 0))
    begin = time.monotonic()
    body = struct.pack("BBBBBBBBI", socket.AF_INET, 0, 0, 0, 0, 0, 0, 0, 0)
    netlink.send(struct.pack("IHHII", 16 + len(body), RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, 1, 0) + body)
    buffer, count, size = bytearray(1 << 20), 0, 0
    while True:
        length = netlink.recv_into(buffer)
        count, size = count + 1, size + length
        # The message that ends the dump, 20 bytes, may be behind others.
        if struct.unpack_from("IH", buffer, length - 20) == (20, NLMSG_DONE):
            break
    print(json.dumps({"seconds": time.monotonic() - begin, "messages": count, "bytes": size}))


def watch():
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    netlink.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 256 << 20)
    netlink.bind((0, RTMGRP_IPV4_ROUTE))
    netlink.settimeout(0.2)
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    print("watching", flush=True)
    count, last, overruns = 0, 0.0, 0
    while not stop:
        try:
            message = netlink.recv(65536)
        except TimeoutError:
            continue
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            overruns += 1
            continue
        if struct.unpack_from("H", message, 4)[0] in (RTM_NEWROUTE, RTM_DELROUTE):
            count, last = count + 1, time.time()
    print(json.dumps({"count": count, "last": last, "overruns": overruns}))


{"dump": dump, "watch": watch}[sys.argv[1]]()
