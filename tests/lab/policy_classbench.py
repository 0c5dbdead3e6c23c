# SPDX-License-Identifier: Apache-2.0
"""ClassBench's sets of 10,000 rules and packets of their traces, as a set for policy_meaning.py."""
import ipaddress
import os
import socket
import sys

from policy_packets import packet
from policy_rules import ICMP, SYN, TCP

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../bench"))
import classbench  # noqa: E402

DATA = os.path.join(HERE, "../../../shared/data")
NOT_FORWARDED = [ipaddress.ip_network(one) for one in
                 ("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "203.0.113.0/24", "224.0.0.0/3")]


def path_of(name):
    return os.path.join(DATA, f"classbench-{name}-10k.rules.gz")


def words(prefix):
    """Address and mask as numbers."""
    if not prefix:
        return 0, 0
    network = ipaddress.ip_network(prefix)
    return int(network.network_address), int(network.netmask)


def fast(rules):
    """The model again, for many rules: rows of numbers in the rules' order."""
    rows = []
    for rule in rules:
        rows.append((*words(rule.source), *words(rule.destination), rule.protocol, rule.source_ports or (0, 65535),
                     rule.destination_ports or (0, 65535), rule.tcp_flags or (0, 0), rule.icmp, rule.action))
    return rows


def first_match(rows, source, destination, seen):
    for number, (sa, sm, da, dm, protocol, sports, dports, flags, icmp, action) in enumerate(rows):
        if source & sm != sa or destination & dm != da or protocol and protocol != seen.protocol:
            continue
        if seen.ports and not (sports[0] <= seen.ports[0] <= sports[1] and dports[0] <= seen.ports[1] <= dports[1]):
            continue
        if (seen.flags or 0) & flags[1] != flags[0] or icmp and icmp[0] != seen.icmp[0]:
            continue
        return number, action
    return None, "allow"


def forwarded(address):
    address = ipaddress.ip_address(address)
    return not any(address in one for one in NOT_FORWARDED)


def packets_of(name, count):
    """So many packets of the trace, from all over it, that a router forwards."""
    made = []
    trace = list(classbench.trace_of(path_of(name).replace("rules", "trace")))
    for source, destination, sport, dport, protocol, flags, _ in trace[::max(1, len(trace) // (2 * count))]:
        ends = [socket.inet_ntoa(one.to_bytes(4, "big")) for one in (source, destination)]
        if len(made) == count or protocol == 0 or not all(forwarded(one) for one in ends):
            continue
        high = flags >> 24 & 255
        made.append(packet(1 + len(made), 4, *ends, protocol, (sport, dport), (high if protocol == ICMP else 8, 0),
                           (high or SYN) if protocol == TCP else 0))
    return made


def model(rules, packets):
    """What becomes of each packet."""
    rows = fast(rules)
    return [first_match(rows, int(ipaddress.ip_address(seen.source)), int(ipaddress.ip_address(seen.destination)), seen)
            for _, seen in packets]
