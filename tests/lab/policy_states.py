# SPDX-License-Identifier: Apache-2.0
"""Connections, step by step: what each packet is to conntrack and to Sluice, and what each connection is after it.

A walk is a list of steps (side, what it sends). Each walk is begun anew for each of its steps and then ends there, with a
port of its own, so that one listing at the end has the state after every step.
"""
import re
from dataclasses import dataclass

from policy_packets import HOST4, HOST6, ethernet
from policy_rules import ICMP, ICMPV6, TCP, UDP
from scapy.layers import inet, inet6
from scapy.packet import Raw

STATES = ("new", "established", "related", "invalid")


@dataclass
class Segment:
    flags: str
    seq: int = 0
    ack: int = 0
    data: int = 0


def seg(flags, seq=0, ack=0, data=0):
    return Segment(flags, seq, ack, data)


@dataclass
class Error:
    """An ICMP error about the packet that the other side sent in this step of the walk, or about an unknown one."""
    about: int = None
    kind: tuple = (3, 3)
    kind6: tuple = (1, 4)


OPEN = [("client", seg("S", 1000)), ("server", seg("SA", 5000, 1001)), ("client", seg("A", 1001, 5001))]
DATA = OPEN + [("client", seg("PA", 1001, 5001, 10)), ("server", seg("A", 5001, 1011)),
               ("server", seg("PA", 5001, 1011, 20)), ("client", seg("A", 1011, 5021))]
CLOSED = OPEN + [("client", seg("FA", 1001, 5001)), ("server", seg("A", 5001, 1002)), ("server", seg("FA", 5001, 1002)),
                 ("client", seg("A", 1002, 5002))]

TCP_WALKS = {
    "open, data": DATA,
    "closed by the client": CLOSED,
    "closed by the server": OPEN + [("server", seg("FA", 5001, 1001)), ("client", seg("A", 1001, 5002)),
                                    ("client", seg("FA", 1001, 5002)), ("server", seg("A", 5002, 1002))],
    "closed by both at once": OPEN + [("client", seg("FA", 1001, 5001)), ("server", seg("FA", 5001, 1001)),
                                      ("client", seg("A", 1002, 5002)), ("server", seg("A", 5002, 1002))],
    "half closed": OPEN + [("client", seg("FA", 1001, 5001)), ("server", seg("A", 5001, 1002)),
                           ("server", seg("PA", 5001, 1002, 50)), ("client", seg("A", 1002, 5051)),
                           ("server", seg("FA", 5051, 1002)), ("client", seg("A", 1002, 5052))],
    "three-packet close": OPEN + [("client", seg("FA", 1001, 5001)), ("server", seg("FA", 5001, 1002)),
                                  ("client", seg("A", 1002, 5002))],
    "refused": [("client", seg("S", 1000)), ("server", seg("RA", 0, 1001))],
    "SYN sent again": [("client", seg("S", 1000)), ("client", seg("S", 1000)), ("server", seg("SA", 5000, 1001)),
                       ("server", seg("SA", 5000, 1001)), ("client", seg("A", 1001, 5001))],
    "reset by the server": OPEN + [("server", seg("R", 5001))],
    "reset by the client": OPEN + [("client", seg("RA", 1001, 5001))],
    "reset out of window": OPEN + [("server", seg("R", 2000005001)), ("client", seg("PA", 1001, 5001, 10)),
                                   ("server", seg("A", 5001, 1011))],
    "simultaneous open": [("client", seg("S", 1000)), ("server", seg("S", 5000)), ("client", seg("SA", 1000, 5001)),
                          ("server", seg("SA", 5000, 1001)), ("client", seg("A", 1001, 5001))],
    "reopened after its end": CLOSED + [("client", seg("S", 900000)), ("server", seg("SA", 700000, 900001)),
                                        ("client", seg("A", 900001, 700001))],
    "reopened after a reset": OPEN + [("server", seg("R", 5001)), ("client", seg("S", 900000)),
                                      ("server", seg("SA", 700000, 900001)), ("client", seg("A", 900001, 700001))],
    "data out of window": OPEN + [("client", seg("PA", 2000001001, 5001, 10)), ("server", seg("A", 5001, 1001))],
    "ACK alone": [("client", seg("A", 1000, 5000)), ("server", seg("A", 5000, 1000))],
    "data alone": [("client", seg("PA", 1000, 5000, 10)), ("server", seg("A", 5000, 1010))],
    "SYN-ACK alone": [("server", seg("SA", 5000, 1001)), ("client", seg("A", 1001, 5001))],
    "FIN alone": [("client", seg("FA", 1000, 5000))],
    "RST alone": [("client", seg("R", 1000))],
    "no flags": [("client", seg("", 1000))],
    "SYN and FIN": [("client", seg("SF", 1000))],
    "SYN and RST": [("client", seg("SR", 1000))],
    "all flags": [("client", seg("FSRPAU", 1000, 1))],
    "no flags in a connection": OPEN + [("client", seg("", 1001))],
    "SYN from the server": [("server", seg("S", 5000)), ("client", seg("SA", 1000, 5001)), ("server", seg("A", 5001, 1001))],
    "error about SYN": [("client", seg("S", 1000)), ("server", Error(0))],
    "errors in a connection": OPEN + [("server", Error(2)), ("client", Error(1)), ("client", seg("PA", 1001, 5001, 10)),
                                      ("server", Error(5, (3, 4), (2, 0)))],
    "error about nothing": [("server", Error())],
    "error by the sender's own side": OPEN + [("client", Error(2))],
}
DATAGRAMS = {
    "alone": ["client", "client", "client"],
    "answered": ["client", "server", "client", "server"],
    "from the server": ["server", "client", "server"],
    "error": ["client", ("server", Error(0)), "client"],
    "error in a connection": ["client", "server", ("client", Error(1)), ("server", Error(0, (11, 0), (3, 0))), "server"],
    "error about nothing": [("server", Error())],
}
PICKED_UP = {name: TCP_WALKS[name] for name in
             ("ACK alone", "data alone", "SYN-ACK alone", "FIN alone", "RST alone", "no flags", "SYN and FIN")}


def walks(protocol):
    if protocol == TCP:
        return TCP_WALKS
    return {name: [(one, None) if isinstance(one, str) else one for one in steps] for name, steps in DATAGRAMS.items()}


class Flow:
    """One connection between the hosts: makes the frames of its steps."""

    def __init__(self, family, protocol, port, server_port):
        self.hosts = HOST4 if family == 4 else HOST6
        self.family, self.protocol, self.port, self.server_port = family, protocol, port, server_port
        self.sent = []  # IP packets, for errors about them

    def body(self, side, step):
        client = side == "client"
        ports = (self.port, self.server_port) if client else (self.server_port, self.port)
        if self.protocol == TCP:
            return inet.TCP(sport=ports[0], dport=ports[1], flags=step.flags, seq=step.seq, ack=step.ack, window=8192) \
                / Raw(b"d" * step.data)
        if self.protocol == UDP:
            return inet.UDP(sport=ports[0], dport=ports[1]) / Raw(b"datagram")
        if self.protocol == ICMP and self.family == 4:
            return inet.ICMP(type=8 if client else 0, id=self.port, seq=1) / Raw(b"echo")
        if self.protocol == ICMPV6:
            kind = inet6.ICMPv6EchoRequest if client else inet6.ICMPv6EchoReply
            return kind(id=self.port, seq=1, data=b"echo")
        return Raw(b"payload of no protocol that has ports")

    def error(self, side, step):
        other = "server" if side == "client" else "client"
        if step.about is None:
            stranger = Flow(self.family, UDP, self.port, 7)
            about = stranger.ip(other, stranger.body(other, None))
        else:
            about = self.sent[step.about]
        about = Raw(bytes(about)[:576])
        if self.family == 4:
            return inet.ICMP(type=step.kind[0], code=step.kind[1]) / about
        kind = {1: inet6.ICMPv6DestUnreach, 2: inet6.ICMPv6PacketTooBig, 3: inet6.ICMPv6TimeExceeded}[step.kind6[0]]
        return kind(code=step.kind6[1]) / about

    def ip(self, side, body, protocol=None):
        source, destination = self.hosts[side], self.hosts["server" if side == "client" else "client"]
        protocol = self.protocol if protocol is None else protocol
        if self.family == 4:
            return inet.IP(bytes(inet.IP(src=source, dst=destination, proto=protocol, id=self.port) / body))
        return inet6.IPv6(bytes(inet6.IPv6(src=source, dst=destination, nh=protocol) / body))

    def frame(self, side, step):
        is_error = isinstance(step, Error)
        body = self.error(side, step) if is_error else self.body(side, step)
        packet = self.ip(side, body, (ICMP if self.family == 4 else ICMPV6) if is_error else None)
        self.sent.append(packet)
        return ethernet(side, packet)


# What conntrack calls the states that Sluice's ConnectionState has.
LINUX_STATES = {"SYN_SENT": "syn_sent", "SYN_SENT2": "syn_sent", "SYN_RECV": "syn_received", "ESTABLISHED": "established",
                "FIN_WAIT": "fin_wait", "CLOSE_WAIT": "fin_wait", "LAST_ACK": "fin_wait", "TIME_WAIT": "time_wait",
                "CLOSE": "closed"}


def linux_connections(lines):
    """{(protocol, client's port): state} of `conntrack -L`."""
    found = {}
    for line in lines:
        words = line.split()
        if len(words) < 4 or not words[1].isdigit():
            continue
        protocol = int(words[1])
        port = re.search(r"sport=(\d+) dport=(\d+)", line)
        echo = re.search(r"\bid=(\d+)", line)
        if port:
            ports = [int(one) for one in port.groups()]
            key = max(ports)
        elif echo:
            key = int(echo.group(1))
        else:
            key = 0
        if protocol == TCP:
            state = LINUX_STATES.get(words[3], words[3])
        else:
            state = "new" if "[UNREPLIED]" in line else "established"
        found[protocol, key] = state
    return found


def sluice_connections(connections):
    """The same of Sluice's listing."""
    found = {}
    for one in connections:
        ports = [int(one.get("source_port", 0)), int(one.get("destination_port", 0))]
        found[int(one.get("protocol", 0)), max(ports)] = one["state"]
    return found
