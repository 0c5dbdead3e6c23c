#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ClassBench's rule sets and traces as rules and packets of Sluice and of nftables.

  classbench.py RULES yaml|nft|prefixes [--vrf VRF] [--count COUNT] [--stateful] [--flip]

yaml: policy rules for `sluicectl apply`, in their order; nft: the same for `nft -f`. Every third rule denies; --flip: the
others do. --stateful: those that allow follow connections. A line of RULES is
  @source/length TAB destination/length TAB first : last TAB first : last TAB protocol/mask TAB flags/mask
where the high byte of flags is that of the TCP header, or the ICMP type. Rules about
addresses that are not routed are left out. A trace's line has source, destination, ports,
protocol, flags and the number of the rule that matches first.
"""
import argparse
import gzip
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab"))
from policy_rules import ICMP, SCTP, TCP, UDP, Rule, to_nft, to_yaml  # noqa: E402


def lines_of(path):
    with gzip.open(path, "rt") if path.endswith(".gz") else open(path, encoding="ascii") as file:
        yield from file


def ports_of(text):
    first, last = (int(one) for one in text.split(" : "))
    return None if (first, last) == (0, 65535) else (first, last)


def prefix_of(text):
    """Without the bits behind its length, which some rules have; /0 is no condition."""
    address, length = text.split("/")
    if length == "0":
        return None
    word = 0
    for byte in address.split("."):
        word = word << 8 | int(byte)
    word &= 0xFFFFFFFF << (32 - int(length)) & 0xFFFFFFFF
    return ".".join(str(word >> shift & 255) for shift in (24, 16, 8, 0)) + f"/{length}"


def rule_of(line, number, flip=False, stateful=False):
    source, destination, sports, dports, protocol, flags = line.lstrip("@").rstrip().split("\t")[:6]
    denies = (number % 3 == 2) != flip
    value, mask = (int(one, 16) for one in protocol.split("/"))
    rule = Rule("deny" if denies else "allow", prefix_of(source), prefix_of(destination), value if mask else 0, family=4,
                stateful=stateful and not denies)
    bits, bit_mask = (int(one, 16) >> 8 for one in flags.split("/"))
    if rule.protocol == TCP and bit_mask:
        rule.tcp_flags = (bits & bit_mask, bit_mask)
    if rule.protocol == ICMP and bit_mask:
        rule.icmp = (bits, None)
    if rule.protocol in (TCP, UDP, SCTP):
        rule.source_ports, rule.destination_ports = ports_of(sports), ports_of(dports)
    elif ports_of(sports) or ports_of(dports):
        raise ValueError(f"{line.strip()}: ports of protocol {rule.protocol}")
    return rule


def never_matches(rule):
    """Sluice refuses rules that no packet can meet: of this host's own, loopback and multicast addresses."""
    for end in filter(None, (rule.source, rule.destination)):
        first, length = int(end.split(".")[0]), int(end.split("/")[1])
        if length >= 8 and first in (0, 127) or length >= 4 and 224 <= first < 240 or end == "255.255.255.255/32":
            return True
    return False


def rules_of(path, count=None, flip=False, stateful=False):
    made = []
    for line in lines_of(path):
        rule = rule_of(line, len(made), flip, stateful)
        if not never_matches(rule) and (count is None or len(made) < count):
            made.append(rule)
    return made


def trace_of(path):
    """(source, destination, source port, destination port, protocol, flags, rule): the addresses are numbers."""
    for line in lines_of(path):
        source, destination, sport, dport, protocol, flags, rule = (int(one) for one in line.split()[:7])
        yield source, destination, sport, dport, protocol, flags, rule


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rules")
    parser.add_argument("form", choices=("yaml", "nft"))
    parser.add_argument("--vrf", default="internet")
    parser.add_argument("--count", type=int)
    parser.add_argument("--stateful", action="store_true")
    parser.add_argument("--flip", action="store_true")
    options = parser.parse_args()
    rules = rules_of(options.rules, options.count, options.flip, options.stateful)
    if options.form == "yaml":
        sys.stdout.write(to_yaml(rules, vrf=options.vrf))
    else:
        sys.stdout.write(to_nft(rules))


if __name__ == "__main__":
    main()
