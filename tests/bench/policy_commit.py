# SPDX-License-Identifier: Apache-2.0
"""What commits of rules cost: all of 10,000 at once, and one beside them; next to nftables with the same rules."""
import json
import os
import statistics
import subprocess
import sys
import time

from policy_labs import row, run, say
from policy_rules import Rule, flow, nft_rules, policy_rule

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../api"))
import reflect  # noqa: E402

VRF = "internet"
HERE = os.path.dirname(os.path.abspath(__file__))
ENUMS = {"access": "ACCESS_", "established": "ESTABLISHED_"}


def now():
    return time.perf_counter()


def json_rule(rule, name, priority):
    """A policy_rule as protobuf's JSON form has it."""
    fields = policy_rule(rule, name, VRF, priority)
    fields = {key: ENUMS[key] + value.upper() if key in ENUMS else value for key, value in fields.items()}
    if "family" in fields.get("match", {}):
        fields["match"]["family"] = "IP_FAMILY_" + fields["match"]["family"].upper()
    return fields


def flipped(rules):
    """Each rule does the opposite."""
    return [Rule(**vars(rule) | {"action": "deny" if rule.action == "allow" else "allow"}) for rule in rules]


class Bench:
    """The two routers with the VRF whose rules are changed."""

    def __init__(self, prefix, ctl, server, tools, nft, rules, lab):
        self.prefix, self.ctl, self.server, self.tools, self.nft, self.lab = prefix, ctl, server, tools, nft, lab
        self.client = reflect.Client(server)
        self.config = self.client.ConfigService
        # What one set lets pass the other denies. The probe's rules come first: ClassBench's last one matches everything.
        tcp = [Rule(**vars(rule) | {"action": "deny" if number % 3 == 2 else "allow"}) for number, rule in enumerate(rules)]
        probe = {"protocol": 17, "source": "11.0.0.2/32"}
        self.rules = [Rule("allow", destination_ports=(1, 1), **probe), Rule("deny", destination_ports=(2, 2), **probe), *tcp]
        self.requests = {name: self.request(rules) for name, rules in
                         (("there", self.rules), ("flipped", flipped(self.rules)))}
        self.gone = self.request(self.rules, delete=True)
        self.memory_before = self.memory()
        base = {"vrf": [{"name": VRF}], "interface": [{"name": name, "vrf": VRF} for name in ("in0", "out0")],
                "next_hop": [{"name": "bench-a", "discard": {}}, {"name": "bench-b", "discard": {}},
                             {"name": "probe", "gateway": {"interface": "out0", "address": "10.255.0.2"}}],
                "next_hop_group": [{"name": name, "members": [{"next_hop": name}]} for name in ("bench-a", "bench-b", "probe")],
                "route": [{"vrf": VRF, "prefix": "129.0.0.0/8", "next_hop_group": "probe"}]}
        self.ctl.apply("\n".join(f"{kind}: {flow(rows)}" for kind, rows in base.items()) + "\n")

    def request(self, rules, delete=False):
        """An ApplyChanges of all of them, packed."""
        request = self.config.ApplyChanges.request_class()
        changes = [{"op": "OPERATION_DELETE" if delete else "OPERATION_UPSERT",
                    "resource": {"policy_rule": json_rule(rule, f"r{number}", 1 + number)}}
                   for number, rule in enumerate(rules)]
        reflect.json_format.ParseDict({"options": {"owner": "rules"}, "changes": changes}, request)
        return request.SerializeToString()

    def memory(self):
        """Resident, MiB."""
        with open(f"{self.lab}/sluiced.pid", encoding="ascii") as file:
            pid = file.read().strip()
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS:"))

    def call(self, request):
        """Seconds of a call whose answer is not read but for its counts."""
        call = self.client.channel.unary_unary("/sluice.v1.ConfigService/ApplyChanges")
        start = now()
        answer = call(request, timeout=120)
        took = now() - start
        return took, self.client.message("sluice.v1.ApplyChangesResponse").FromString(answer).result

    def staged(self, request):
        """Seconds of the commit alone, of a transaction that has everything."""
        transaction = self.config.BeginTransaction({"options": {"owner": "rules"}}).transaction_id
        stage = self.config.StageChanges.request_class(transaction_id=transaction)
        stage.changes.extend(self.config.ApplyChanges.request_class.FromString(request).changes)
        self.config.StageChanges(iter([stage]), timeout=120)
        start = now()
        self.config.CommitTransaction({"transaction_id": transaction}, timeout=120)
        return now() - start

    def nft_set(self, rules):
        lines = ["table inet bench", "delete table inet bench", "table inet bench {", "chain forward {",
                 "type filter hook forward priority filter;"]
        for rule in rules:
            lines += nft_rules(rule)
        return "\n".join([*lines, "}", "}"])

    def nft_timed(self, text):
        start = now()
        self.nft.command(text)
        return now() - start


def all_at_once(bench, rounds):
    """Into nothing, and in place of others, one commit; nft -f of the same in turns."""
    took = {name: [] for name in ("new", "replaced", "staged", "nft")}
    texts = [bench.nft_set(bench.rules), bench.nft_set(flipped(bench.rules))]
    for turn in range(rounds):
        seconds, result = bench.call(bench.requests["there"])
        assert result.created == len(bench.rules), result
        took["new"].append(seconds)
        seconds, result = bench.call(bench.requests["flipped"])
        assert result.replaced == len(bench.rules), result
        took["replaced"].append(seconds)
        took["staged"].append(bench.staged(bench.requests["there"]))
        bench.nft_timed(texts[turn % 2])
        took["nft"].append(bench.nft_timed(texts[1 - turn % 2]))
        if turn + 1 < rounds:
            bench.call(bench.gone)
    count = f"{len(bench.rules):,} rules"
    row(f"{count}, one commit, created", "sluice", 1e3 * statistics.median(took["new"]), "ms")
    row(f"{count}, one commit, replaced", "sluice", 1e3 * statistics.median(took["replaced"]), "ms")
    row(f"{count}, one commit, replaced", "nftables", 1e3 * statistics.median(took["nft"]), "ms")
    row(f"{count}, replaced, staged before", "sluice", 1e3 * statistics.median(took["staged"]), "ms")
    row(f"resident beside {count}", "sluice", bench.memory(), "MiB")


def one_rule(bench, rounds, seconds):
    """One commit of a rule, of a route and of nftables, in turns, all beside the whole set."""
    took = {"policy": [], "route": [], "nft": []}
    for _ in range(rounds):
        for what in ("route", "policy"):
            said = run(f"{bench.tools}/bench_commit", bench.server, what, "1", str(seconds))
            took[what].append(json.loads(said)["p50"])
        deadline, times = now() + seconds, []
        while now() < deadline or len(times) < 5:
            rule = Rule("deny", source="11.9.0.0/16", protocol=6, destination_ports=(1 + len(times), 1 + len(times)))
            times.append(1e6 * bench.nft_timed(f"add rule inet bench forward {nft_rules(rule)[0]}"))
        took["nft"].append(statistics.median(times))
        bench.nft_timed(bench.nft_set(bench.rules))
    beside = f"beside {len(bench.rules):,} rules"
    row(f"one rule {beside}, median", "sluice", statistics.median(took["policy"]), "us")
    row(f"one rule {beside}, median", "nftables", statistics.median(took["nft"]), "us")
    row(f"one route {beside}, median", "sluice", statistics.median(took["route"]), "us")
    row(f"one rule of one route, {beside}", "sluice",
        statistics.median(a / b for a, b in zip(took["policy"], took["route"])), "x")
    row(f"one rule of nft add rule, {beside}", "sluice",
        statistics.median(a / b for a, b in zip(took["policy"], took["nft"])), "x")


def under_traffic(bench, flips):
    """Packets of two flows in turns, of which each set lets one pass: all of one until the flip, all of the other then."""
    watcher = subprocess.Popen([f"{HERE}/policy_flip.py", bench.prefix], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True)
    watcher.stdout.readline()
    times = []
    for turn in range(flips):
        seconds, result = bench.call(bench.requests["flipped" if turn % 2 == 0 else "there"])
        assert result.replaced == len(bench.rules), result
        times.append(seconds)
        time.sleep(0.1)
    said = json.loads(watcher.communicate("end\n", timeout=60)[0])
    say(f"under traffic: {said}")
    assert said["flips"] == flips, f"{said['flips']} flips were seen, {flips} made: {said}"
    count = f"{len(bench.rules):,} rules"
    row(f"{count} replaced under traffic, median", "sluice", 1e3 * statistics.median(times), "ms")
    row(f"{count} replaced under traffic, longest", "sluice", 1e3 * max(times), "ms")
    row(f"{flips} such flips, packets by neither set", "sluice", said["neither"], "packets")
    row(f"{flips} such flips, packets sent meanwhile", "sluice", said["sent"], "packets")


def measure(bench, rounds, quick):
    row("resident without a policy", "sluice", bench.memory_before, "MiB")
    all_at_once(bench, rounds)
    one_rule(bench, rounds, 0.3 if quick else 2)
    under_traffic(bench, 2 if quick else 20)
    bench.call(bench.gone)
