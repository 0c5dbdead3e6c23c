#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The same frames through Sluice and through a Linux router: what comes out, where, and what is answered.

  conformance.py PREFIX ipv4|ipv6

Namespaces PREFIX-ROUTER-HOST, with ROUTER sluice or linux and HOST client, server or narrow, have a device eth0 each.
One case at a time is sent from the client of both routers. Behind it goes a fence, a datagram to each host: when these
have arrived, all that the case causes has arrived, as the routers work frame by frame. A case passes where both did the
same, byte for byte but for what is a sender's own to choose, or where DIFFERENCES says why they do not, and Sluice did
what it says there. Linux says of one source a second that it cannot be reached (ip_error), whatever its settings: where
it says nothing, it is asked again later.
"""
import ctypes
import os
import select
import socket
import sys
import time

import conformance_ipv4
import conformance_ipv6
from conformance_frames import FENCE

ROUTERS = ("sluice", "linux")
HOSTS = ("client", "server", "narrow")
DEADLINE = 10
ETH_P_ALL = 3
PACKET_OUTGOING = 4
SOL_PACKET, PACKET_AUXDATA = 263, 8

libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    with open(namespace, encoding="ascii") as file:
        if libc.setns(file.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")


def open_socket(prefix, router, host):
    """A socket stays in the namespace in which it was made."""
    enter(f"/run/netns/{prefix}-{router}-{host}")
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    packets.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    packets.bind(("eth0", 0))
    packets.setblocking(False)
    return packets


def frame_of(packets):
    """The frame as it was on the wire: the kernel takes its tag out and tells it beside. None: one that we sent."""
    data, aux, _, sender = packets.recvmsg(65536, 256)
    if sender[2] == PACKET_OUTGOING:
        return None
    for level, kind, value in aux:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status = int.from_bytes(value[0:4], sys.byteorder)
            if status & 0x10:
                tag, proto = value[16:18][::-1], value[18:20][::-1]
                data = data[:12] + proto + tag + data[12:]
    return data


def collect(cases, sockets, fence):
    """{host: [frames]} until the fence is at each; None: it is not."""
    got = {host: [] for host in HOSTS}
    by_socket = {sockets[host]: host for host in HOSTS}
    missing = set(HOSTS)
    deadline = time.monotonic() + DEADLINE
    while True:
        ready, _, _ = select.select(list(by_socket), [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return None
        for packets in ready:
            frame = frame_of(packets)
            if frame is None:
                continue
            if cases.resolves(frame):
                continue
            if fence in frame:
                missing.discard(by_socket[packets])
            else:
                got[by_socket[packets]].append(frame)
            if not missing:
                return got


def run(cases, sockets, name, frame, fence):
    """What the case causes, by router: [(host, frame)]."""
    results = {}
    for router in ROUTERS:
        sockets[router]["client"].send(frame)
        for one in cases.fences(fence):
            sockets[router]["client"].send(one)
    for router in ROUTERS:
        got = collect(cases, sockets[router], fence)
        if got is None:
            sys.exit(f"{name}: {router} did not forward for {DEADLINE} s what came behind it")
        results[router] = sorted((host, cases.plain(one)) for host in HOSTS for one in got[host])
    return results


def main():
    prefix, family = sys.argv[1:]
    cases = {"ipv4": conformance_ipv4, "ipv6": conformance_ipv6}[family]
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    sockets = {router: {host: open_socket(prefix, router, host) for host in HOSTS} for router in ROUTERS}
    libc.setns(home, 0x40000000)
    bad = same = different = 0
    for number, (name, frame) in enumerate(cases.frames()):
        fence = FENCE + f"{number:06}.".encode()
        results = run(cases, sockets, name, frame, fence)
        if not results["linux"] and (results["sluice"] or name in cases.DIFFERENCES):
            time.sleep(1.1)
            results = run(cases, sockets, name, frame, fence + b"again")
        said = [" ".join(f"{host}: {cases.words(one)};" for host, one in results[router]) or "nothing"
                for router in ROUTERS]
        expected, why = cases.DIFFERENCES.get(name, (None, None))
        if expected is not None:
            different += 1
            if said[0] != expected:
                bad += 1
                print(f"BAD  {name}: Sluice: {said[0]} instead of {expected} ({why}; Linux: {said[1]})")
            elif results["sluice"] == results["linux"]:
                bad += 1
                print(f"BAD  {name}: no difference any more: {said[0]}")
        elif results["sluice"] != results["linux"]:
            bad += 1
            print(f"BAD  {name}: Sluice: {said[0]} Linux: {said[1]}")
            for router in ROUTERS if said[0] == said[1] else ():
                for host, one in results[router]:
                    print(f"     {router:6} {host}: {one.hex()}")
        else:
            same += 1
    unknown = set(cases.DIFFERENCES) - {name for name, _ in cases.frames()}
    if unknown:
        sys.exit(f"differences of cases that there are not: {unknown}")
    print(f"{family}: {same} cases as Linux, {different} that differ on purpose, {bad} bad")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
