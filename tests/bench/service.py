#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Packets a second of known flows to a service and of flows that are only routed, and what SYNs to it come to:
service.py PREFIX SLUICECTL SERVER TOOLS ROUNDS LAB, in the lab of service.sh."""
import json
import statistics
import struct
import subprocess
import sys

from policy_labs import Traffic, say

ACK, SYN, SYN_ACK = 16, 2, 18
SERVICE, ROUTED = "203.0.113.1", "198.51.100.1"
TURN = 0.2  # seconds
KNOWN = 1024


def row(case, subject, value, unit):
    value = float(f"{value:.4g}") if abs(value) < 1000 else round(value)
    print(json.dumps({"bench": "service", "case": case, "subject": subject, "value": value, "unit": unit}), flush=True)


def number(address):
    one = [int(part) for part in address.split(".")]
    return one[0] << 24 | one[1] << 16 | one[2] << 8 | one[3]


def write_flows(path, address, count):
    """Clients of 10.0.32.0 on, each with so many ports."""
    with open(path, "wb") as file:
        for flow in range(count):
            file.write(struct.pack("!IIHHBBxx", number("10.0.32.0") + flow // 50000, number(address),
                                   10000 + flow % 50000, 80, 6, ACK))
    return path


class Bench:
    def __init__(self, prefix, sluicectl, server, tools, rounds, lab):
        self.prefix, self.ctl, self.lab = prefix, [sluicectl, "--server", server], lab
        self.rounds = int(rounds)
        self.traffic = {name: Traffic(f"{tools}/bench_policy_traffic", prefix, name) for name in ("sluice", "nft", "jhash")}

    def forget(self, subject):
        if subject == "sluice":
            command = [*self.ctl, "delete", "connections", "--all"]
        else:
            command = ["ip", "netns", "exec", f"{self.prefix}-{subject}", "conntrack", "-F"]
        subprocess.run(command, capture_output=True, check=True)

    def send(self, subject, what, flags, count, warm=0):
        said = self.traffic[subject].send("client", flags, count, warm)
        if said["received"] < 0.999 * said["sent"]:
            raise RuntimeError(f"{what}, {subject}: of {said['sent']} packets {said['received']} arrived")
        return said["rate"]

    def known(self, subject, address):
        """Packets a second of flows that have begun."""
        self.traffic[subject].flows(write_flows(f"{self.lab}/flows", address, KNOWN))
        self.send(subject, address, SYN, KNOWN)
        rate = self.send(subject, address, ACK, 4 * KNOWN)
        return self.send(subject, address, ACK, int(min(max(rate * TURN, 2048), 1 << 20)), KNOWN)

    def packets(self):
        cases = {"routed": ROUTED, "service": SERVICE, "direct": "203.0.113.2"}
        rates = {case: [] for case in cases}
        for turn in range(3 * self.rounds):
            for case, address in cases.items():
                rates[case].append(self.known("sluice", address))
            say(f"packets, turn {turn + 1} of {3 * self.rounds}")
        for case, values in rates.items():
            row(f"{KNOWN:,} known flows", case, statistics.median(values), "packets/s")
        for case in ("service", "direct"):
            row(f"{KNOWN:,} known flows, of routed", case, ratios(rates[case], rates["routed"]), "x")

    def beginnings(self, count):
        rates = {subject: [] for subject in self.traffic}
        for subject, traffic in self.traffic.items():
            traffic.flows(write_flows(f"{self.lab}/flows", SERVICE, count))
        for turn in range(self.rounds):
            for subject in self.traffic:
                self.forget(subject)
                rates[subject].append(self.send(subject, "SYNs", SYN, count))
            say(f"SYNs, turn {turn + 1} of {self.rounds}")
        for subject, values in rates.items():
            row(f"{count:,} SYNs", subject, statistics.median(values), "connections/s")
            if subject != "sluice":
                row(f"{count:,} SYNs, sluice over", subject, ratios(rates["sluice"], values), "x")


def ratios(over, under):
    return statistics.median(a / b for a, b in zip(over, under))


def main():
    bench = Bench(*sys.argv[1:])
    bench.packets()
    bench.beginnings(8192 if bench.rounds == 1 else 1 << 17)
    for traffic in bench.traffic.values():
        traffic.end()


if __name__ == "__main__":
    main()
