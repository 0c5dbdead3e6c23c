#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Seeing under load: see.py seen|rate PREFIX SLUICECTL SERVER TOOLS ROUNDS LAB, in the lab of see.sh."""
import json
import os
import statistics
import struct
import subprocess
import sys
import threading
import time

from policy_labs import Ctl, Traffic, row as policy_row
from policy_rules import flow

ACK, SYN = 16, 2
SLOW_PORT, SLOW = 5353, 1000  # packets
BASE = {
    "vrf": [{"name": "x"}],
    "interface": [{"name": name, "vrf": "x"} for name in ("in0", "out0")],
    "next_hop": [{"name": "client", "gateway": {"interface": "in0", "address": "10.0.0.2"}},
                 {"name": "server", "gateway": {"interface": "out0", "address": "10.255.0.2"}}],
    "next_hop_group": [{"name": name, "members": [{"next_hop": name}]} for name in ("client", "server")],
    "route": [{"vrf": "x", "prefix": "0.0.0.0/1", "next_hop_group": "client"},
              {"vrf": "x", "prefix": "128.0.0.0/1", "next_hop_group": "server"}],
    "policy_rule": [{"name": "web", "vrf": "x", "priority": 10, "access": "allow", "stateful": True,
                     "match": {"protocol": 6}}],
}
CHANGE = {"policy_rule": [{"name": "deny-odd", "vrf": "x", "priority": 5, "access": "deny",
                           "match": {"protocol": 6, "destination_ports": {"first": 443, "last": 443}}}]}


def row(*words):
    policy_row(*words, bench="see")


def yaml_of(kinds):
    return "\n".join(f"{kind}: {flow(rows)}" for kind, rows in kinds.items()) + "\n"


class See:
    def __init__(self, prefix, ctl, tools, lab, quick, rules=True):
        self.prefix, self.ctl, self.lab = prefix, ctl, lab
        self.connections = 2_000 if quick else 100_000
        self.background = 200_000 if quick else 8_000_000  # packets
        ctl.apply(yaml_of({kind: rows for kind, rows in BASE.items() if rules or kind != "policy_rule"}))
        self.traffic = Traffic(f"{tools}/bench_policy_traffic", prefix, "see")
        self.traffic.flows(self.write_flows(self.connections))

    def write_flows(self, count):
        """Every second one to port 443, the others to port 80."""
        path = f"{self.lab}/flows-{count}"
        with open(path, "wb") as file:
            for number in range(count):
                source, port = (11 << 24) + number // 40000, 1024 + number % 40000
                file.write(struct.pack("!IIHHBBxx", source, 200 << 24 | 1, port, 443 if number % 2 else 80, 6, ACK))
        return path

    def command(self, *words):
        """Its output is in a file: a pipe that nobody reads would hold it up."""
        with open(f"{self.lab}/{words[0]}.out", "w", encoding="utf-8") as file:
            return subprocess.Popen([*self.ctl.command, *words], stdout=file, stderr=file)

    def send_slow(self):
        """The slow flow, from the generator's namespace: 1,000 datagrams, one a millisecond."""
        program = ("import socket, time\n"
                   "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                   f"for n in range({SLOW}):\n"
                   f"    s.sendto(b'%08d' % n, ('200.0.0.9', {SLOW_PORT})); time.sleep(0.001)\n")
        subprocess.run(["ip", "netns", "exec", f"{self.prefix}-gen-see", "python3", "-c", program], check=True, timeout=120)


def rates(see, count, turns=1):
    return [see.traffic.send("client", ACK, count, 1024)["rate"] for _ in range(turns)]


def beside(see, work):
    """`work` beside the background; the background's rate."""
    said = {}

    def load():
        said.update(see.traffic.send("client", ACK, see.background))

    thread = threading.Thread(target=load)
    thread.start()
    work()
    thread.join()
    if said["received"] != said["sent"]:
        raise RuntimeError(f"of {said['sent']} packets in the background {said['received']} arrived")
    return said["rate"]


def slow_flow(see):
    """Captured and traced, of a flow among all others."""
    file = f"{see.lab}/slow.pcapng"
    capture = see.command("capture", "--protocol", "udp", "--dport", str(SLOW_PORT), "--count", str(SLOW), "-w", file)
    trace = see.command("trace", "--protocol", "udp", "--dport", str(SLOW_PORT), "--count", str(SLOW), "-o", "json")
    time.sleep(2)
    rate = beside(see, see.send_slow)
    for process in (capture, trace):
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.terminate()
    with open(f"{see.lab}/trace.out", encoding="utf-8") as told:
        packets = told.read().count('"packet":')
    frames = subprocess.run(["tshark", "-r", file, "-T", "fields", "-e", "frame.number"], capture_output=True, text=True,
                            check=True).stdout.split()
    row(f"slow flow among {rate / 1e6:.2f} Mpps, {SLOW:,} packets", "captured", len(frames) / 2, "packets")
    row(f"slow flow among {rate / 1e6:.2f} Mpps, {SLOW:,} packets", "traced", packets, "packets")


def rehearsal(see, rounds):
    see.traffic.handshake(see.connections)
    path = f"{see.lab}/change.yaml"
    with open(path, "w", encoding="ascii") as file:
        file.write(yaml_of(CHANGE))
    took, alone, during = [], [], []

    def rehearse():
        start = time.perf_counter()
        said = json.loads(see.ctl("apply", "--dry-run", "--rehearse", "-o", "json", "-f", path))
        took.append(time.perf_counter() - start)
        result = (said.get("result") or said)["rehearsal"]
        if int(result["connections"]) != see.connections or int(result["connections_changed"]) != see.connections // 2:
            raise RuntimeError(f"rehearsal: {json.dumps(result)[:500]}")

    for _ in range(rounds):
        alone += rates(see, see.background)
        during.append(beside(see, rehearse))
    what = f"a rule's change with {see.connections:,} connections"
    row(what, "rehearsed", statistics.median(took), "s")
    row(f"{what}: forwarding", "during / before", statistics.median(b / a for a, b in zip(alone, during)), "ratio")


def main():
    what, prefix, sluicectl, server, tools, rounds, lab = sys.argv[1:]
    see = See(prefix, Ctl(sluicectl, server, lab), tools, lab, bool(os.environ.get("SEE_QUICK")), rules=what == "seen")
    if what == "seen":
        rehearsal(see, int(rounds))
        slow_flow(see)
    else:
        print(statistics.median(rates(see, see.background, 3)))
    see.traffic.end()


if __name__ == "__main__":
    main()
