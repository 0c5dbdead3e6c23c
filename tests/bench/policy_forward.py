# SPDX-License-Identifier: Apache-2.0
"""Packets a second by how many rules there are, and new connections a second: Sluice and nftables in turns."""
import statistics
import struct

import classbench
from policy_labs import Traffic, row, say
from policy_rules import Rule, flow, nft_rules, to_yaml

ACK, SYN = 16, 2
ALL = ("none", "10", "1000", "10000", "one", "stateful", "stateful 10000")
NAMES = {"none": "no rules", "10": "10 rules", "1000": "1,000 rules", "10000": "10,000 rules", "one": "one rule",
         "stateful": "one stateful rule", "stateful 10000": "10,000 stateful rules"}
STATEFUL = ("stateful", "stateful 10000")
TURN = 0.2  # seconds


def rules_of(case, rules):
    """Everything passes: what is measured is the way to the verdict."""
    if case == "none":
        return []
    if case in ("one", "stateful"):
        return [Rule("allow", protocol=6, stateful=case == "stateful"), Rule("deny", source="0.0.0.0/0")]
    if case == "stateful 10000":
        return [Rule(**vars(rule) | {"stateful": True}) for rule in rules] + [Rule("allow", protocol=6, stateful=True)]
    return rules[:int(case)]


def vrf_of(case):
    return "case-" + case.replace(" ", "-")


class Forward:
    """Both routers with all cases, and one of them in force."""

    def __init__(self, tools, prefix, ctl, nft, rules, flows, lab):
        self.ctl, self.nft, self.flows, self.lab = ctl, nft, flows, lab
        self.traffic = {name: Traffic(f"{tools}/bench_policy_traffic", prefix, name) for name in ("sluice", "linux", "linuxct")}
        self.counts = {}
        self.load_sluice(rules)
        self.load_linux(rules)

    def load_sluice(self, rules):
        base = {
            "vrf": [{"name": vrf_of(case)} for case in ALL],
            "interface": [{"name": name, "vrf": vrf_of("none")} for name in ("in0", "out0")],
            "next_hop": [{"name": "client", "gateway": {"interface": "in0", "address": "10.0.0.2"}},
                         {"name": "server", "gateway": {"interface": "out0", "address": "10.255.0.2"}}],
            "next_hop_group": [{"name": name, "members": [{"next_hop": name}]} for name in ("client", "server")],
            "route": [{"vrf": vrf_of(case), "prefix": prefix, "next_hop_group": group} for case in ALL
                      for prefix, group in (("0.0.0.0/1", "client"), ("128.0.0.0/1", "server"))]}
        self.ctl.apply("\n".join(f"{kind}: {flow(rows)}" for kind, rows in base.items()) + "\n")
        for case in ALL[1:]:
            self.ctl.apply(to_yaml(rules_of(case, rules), vrf=vrf_of(case), prefix=vrf_of(case)))

    def load_linux(self, rules):
        for name in ("linux", "linuxct"):
            lines = ["flush ruleset", "table inet rules {"]
            for case in ALL:
                if (case in STATEFUL) != (name == "linuxct"):
                    continue
                lines.append(f"chain {vrf_of(case)} {{")
                if case in STATEFUL:
                    lines.append("ct state established,related counter accept")
                for rule in rules_of(case, rules):
                    lines += nft_rules(rule)
                lines.append("}")
            lines += ["chain forward { type filter hook forward priority filter; }", "}"]
            self.nft[name].command("\n".join(lines))

    def choose(self, case):
        """The traffic tool of either router, with this case in force."""
        self.ctl.apply(f"interface: {flow([{'name': name, 'vrf': vrf_of(case)} for name in ('in0', 'out0')])}\n")
        name = "linuxct" if case in STATEFUL else "linux"
        self.nft[name].command(f"flush chain inet rules forward\nadd rule inet rules forward jump {vrf_of(case)}")
        return {"sluice": self.traffic["sluice"], "nftables": self.traffic[name]}

    def write_flows(self, count):
        """The first so many flows; more than there are: with other source ports."""
        path = f"{self.lab}/flows-{count}"
        with open(path, "wb") as file:
            for number in range(count):
                source, destination, sport, dport = self.flows[number % len(self.flows)]
                sport = (sport + 7 * (number // len(self.flows))) % 65535 or 1
                file.write(struct.pack("!IIHHBBxx", source, destination, sport, dport, 6, ACK))
        return path

    def use_flows(self, count):
        path = self.write_flows(count)
        for traffic in self.traffic.values():
            traffic.flows(path)

    def frames(self, key, traffic, flows):
        """How many take a turn's time."""
        if key not in self.counts:
            rate = traffic.send("client", ACK, 2048)["rate"]
            self.counts[key] = int(min(max(rate * TURN, 2048), 1 << 20))
        return self.counts[key], min(flows, self.counts[key])

    def measure(self, flows, cases, rounds):
        """{case: {subject: [packets/s]}}"""
        self.use_flows(flows)
        rates = {case: {"sluice": [], "nftables": []} for case in cases}
        opened = set()
        for turn in range(rounds):
            for case in cases:
                for subject, traffic in self.choose(case).items():
                    if case in STATEFUL and (case, subject) not in opened:
                        traffic.handshake(flows)
                        opened.add((case, subject))
                    count, warm = self.frames((flows, case, subject), traffic, flows)
                    said = traffic.send("client", ACK, count, warm)
                    if said["received"] != said["sent"]:
                        raise RuntimeError(f"{case}, {subject}: of {said['sent']} packets {said['received']} arrived")
                    rates[case][subject].append(said["rate"])
            say(f"{flows} flows, turn {turn + 1} of {rounds}")
        return rates

    def new_connections(self, case, count, rounds, forget):
        """{subject: [connections/s]}: SYNs, each of another connection."""
        self.use_flows(count)
        rates = {"sluice": [], "nftables": []}
        for turn in range(rounds):
            for subject, traffic in self.choose(case).items():
                forget[subject]()
                said = traffic.send("client", SYN, count, 0, (1000, 0))
                if said["received"] < 0.99 * said["sent"]:
                    raise RuntimeError(f"new connections, {subject}: of {said['sent']} {said['received']} passed")
                rates[subject].append(said["rate"])
            say(f"new connections, turn {turn + 1} of {rounds}")
        for one in forget.values():
            one()
        return rates

    def end(self):
        for traffic in self.traffic.values():
            traffic.end()


def ratios(over, under):
    return statistics.median(a / b for a, b in zip(over, under))


def report(flows, rates):
    for case, subjects in rates.items():
        for subject, values in subjects.items():
            row(f"{flows:,} flows, {NAMES[case]}", subject, statistics.median(values), "packets/s")
        row(f"{flows:,} flows, {NAMES[case]}", "ratio", ratios(subjects["sluice"], subjects["nftables"]), "packets/s")
    for case in rates:
        if case not in ("none", "one", "stateful"):
            row(f"{flows:,} flows, {NAMES[case]} of none", "sluice", ratios(rates[case]["sluice"], rates["none"]["sluice"]), "x")
            row(f"{flows:,} flows, {NAMES[case]} of none", "nftables",
                ratios(rates[case]["nftables"], rates["none"]["nftables"]), "x")
    if "stateful" in rates:
        for subject in ("sluice", "nftables"):
            row(f"{flows:,} flows, stateful of stateless", subject,
                ratios(rates["stateful"][subject], rates["one"][subject]), "x")


def flows_of(path):
    """TCP flows of a trace, as (source, destination, ports), from below 128.0.0.0 to above."""
    found = {}
    for source, destination, sport, dport, protocol, _, _ in classbench.trace_of(path):
        if protocol == 6 and 1 <= source >> 24 < 127 and source >> 24 != 10 and 128 <= destination >> 24 < 224:
            found[source, destination, sport, dport] = None
    return list(found)
