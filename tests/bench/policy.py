#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The policy bench's order: policy.py PREFIX SLUICECTL SERVER TOOLS ROUNDS LAB, in the lab of policy.sh."""
import os
import random
import statistics
import subprocess
import sys

from policy_labs import Ctl, Nft, row, say  # also puts the labs' folder on the path
import classbench
import policy_commit
import policy_forward
from policy_rules import Rule

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, "../../../shared/data/classbench-acl1-10k.rules.gz")


def generated():
    """Where there is no ClassBench: prefixes, ports and flows drawn evenly."""
    rng = random.Random(13)
    rules, flows = [], []
    for _ in range(10000):
        length, port = rng.choice((16, 24, 24, 32)), rng.randrange(1, 65535)
        source, destination = rng.randrange(11 << 24, 126 << 24), rng.randrange(128 << 24, 223 << 24)
        prefixes = [classbench.prefix_of(".".join(str(one >> shift & 255) for shift in (24, 16, 8, 0)) + f"/{length}")
                    for one in (source, destination)]
        rules.append(Rule("allow", *prefixes, protocol=6, destination_ports=(port, port), family=4))
        flows.append((source, destination, rng.randrange(1024, 65535), port))
    return rules, flows


def rules_and_flows():
    if not os.path.exists(RULES):
        say(f"rules: GENERATED ({RULES} is absent)")
        return generated()
    rules = classbench.rules_of(RULES)
    for rule in rules:
        rule.action = "allow"
    say(f"rules: ClassBench's acl1, {len(rules)}")
    return rules, policy_forward.flows_of(RULES.replace("rules", "trace"))


def forget(prefix, ctl):
    def linux():
        subprocess.run(["ip", "netns", "exec", f"{prefix}-linuxct", "conntrack", "-F"], capture_output=True, check=True)

    return {"sluice": lambda: ctl("delete", "connections", "--all"), "nftables": linux}


def main():
    prefix, sluicectl, server, tools, rounds, lab = sys.argv[1:]
    rounds, quick = int(rounds), bool(os.environ.get("POLICY_QUICK"))
    ctl = Ctl(sluicectl, server, lab)
    nft = {name: Nft(f"{prefix}-{name}") for name in ("linux", "linuxct")}
    rules, flows = rules_and_flows()
    policy_commit.measure(policy_commit.Bench(prefix, ctl, server, tools, nft["linux"], rules, lab), rounds, quick)
    forward = policy_forward.Forward(tools, prefix, ctl, nft, rules, flows, lab)
    turns = rounds if quick else 3 * rounds
    policy_forward.report(1024, forward.measure(1024, policy_forward.ALL, turns))
    stateless = [case for case in policy_forward.ALL if case not in policy_forward.STATEFUL]
    policy_forward.report(len(flows), forward.measure(len(flows), stateless, rounds))
    count = 8192 if quick else 1 << 17
    rates = forward.new_connections("stateful", count, rounds, forget(prefix, ctl))
    for subject, values in rates.items():
        row(f"{count:,} new connections", subject, statistics.median(values), "connections/s")
    row(f"{count:,} new connections", "ratio", policy_forward.ratios(rates["sluice"], rates["nftables"]), "connections/s")
    forward.end()


if __name__ == "__main__":
    main()
