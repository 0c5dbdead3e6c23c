# SPDX-License-Identifier: Apache-2.0
"""The two routers of the policy labs: how frames go in, what comes out, and how rules are put into each."""
import ctypes
import json
import os
import select
import socket
import subprocess
import tempfile
import time

from policy_packets import FENCE, fence
from policy_states import linux_connections, sluice_connections

DEADLINE = 10
ETH_P_ALL = 3
PACKET_OUTGOING = 4
SIDES = ("client", "server")
libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    with open(namespace, encoding="ascii") as file:
        if libc.setns(file.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")


def open_socket(namespace):
    """A socket stays in the namespace in which it was made."""
    enter(f"/run/netns/{namespace}")
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    packets.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
    packets.bind(("eth0", 0))
    packets.setblocking(False)
    return packets


class Router:
    """One of them, with raw sockets of its two hosts."""

    def __init__(self, prefix, name):
        self.name = name
        self.namespace = f"{prefix}-{name}"
        self.fences = 0
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.sockets = {side: open_socket(f"{prefix}-{name}-{side}") for side in SIDES}
        libc.setns(home, 0x40000000)
        os.close(home)

    def send(self, side, frames):
        """Behind them goes a fence: when it has arrived, all that they cause has."""
        self.fences += 1
        mark = f"{self.fences:08}.".encode()
        for frame in [*frames, *fence(side, mark)]:
            self.sockets[side].send(frame)
        return FENCE + mark

    def collect(self, mark):
        """{side: [frame, ...]} of what came before the fence."""
        got = {side: [] for side in SIDES}
        sides = {self.sockets[side]: side for side in SIDES}
        missing = set(SIDES)
        deadline = time.monotonic() + DEADLINE
        while missing:
            ready, _, _ = select.select(list(sides), [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError(f"{self.name}: no fence came to {missing} for {DEADLINE} s")
            for packets in ready:
                frame, sender = packets.recvfrom(65536)
                if sender[2] == PACKET_OUTGOING:
                    continue
                if mark in frame:
                    missing.discard(sides[packets])
                elif FENCE not in frame:
                    got[sides[packets]].append(frame)
        return got

    def exchange(self, side, frames):
        return self.collect(self.send(side, frames))


def run(*command, data=None):
    done = subprocess.run(command, input=data, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {(done.stderr or done.stdout)[:2000]}")
    return done.stdout


class Linux(Router):
    """nftables."""

    def __init__(self, prefix):
        super().__init__(prefix, "linux")

    def load(self, ruleset):
        run("ip", "netns", "exec", self.namespace, "nft", "-f", "-", data=ruleset)

    def sysctl(self, *settings):
        run("ip", "netns", "exec", self.namespace, "sysctl", "-qw", *settings)

    def listed(self):
        """{(protocol, client's port): state} of all connections."""
        lines = []
        for family in ("ipv4", "ipv6"):
            lines += run("ip", "netns", "exec", self.namespace, "conntrack", "-L", "-f", family).splitlines()
        return linux_connections(lines)


class Sluice(Router):
    """The daemon that answers at SERVER; what a lab loads belongs to one owner and is replaced as a whole."""

    def __init__(self, prefix, sluicectl, server):
        super().__init__(prefix, "sluice")
        self.ctl = [sluicectl, "--server", server]

    def load(self, document):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(document)
            file.flush()
            run(*self.ctl, "replace", "-f", file.name, "--owner", "policy")

    def listed(self):
        return sluice_connections(json.loads(run(*self.ctl, "show", "connections", "-o", "json")).get("connections", []))
