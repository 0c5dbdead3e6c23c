#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The same rules in nftables and in Sluice, the same packets through both: equal verdicts.

  policy_meaning.py PREFIX stateless,mutations,classbench,fragments,states,firewall [SLUICECTL SERVER]

Namespaces PREFIX-ROUTER-HOST with ROUTER linux or sluice and HOST client or server have a device eth0 each. Packets go
in at one host; a verdict is what arrives at the other, and what is answered. Without SLUICECTL only nftables is compared
with the model (policy_rules.py), which proves the harness. SHOW=1 in the environment prints every case.
"""
import itertools
import os
import sys

import policy_classbench
import policy_differences
import policy_packets
import policy_rules
import policy_states
import policy_stateless
from policy_net import Linux, Sluice
from policy_rules import Rule

# It asks for no ports, so that packets whose ports are out of reach meet a set's own rules.
FENCE_RULE = Rule("allow", dscp=policy_packets.FENCE_DSCP, family=4, name="fence")
BATCH = 128
PART = 64  # bytes of a fragment


class Result:
    """Counts, and a line for each case that is not as it should be."""

    def __init__(self, quiet=False):
        self.quiet = quiet
        self.same = self.meant = self.bad = 0
        self.used = set()

    def case(self, where, name, expected, seen):
        """seen: {router: verdict}. A difference that is meant is Sluice's alone."""
        if os.environ.get("SHOW"):
            print(f"{where}, {name}: {seen}")
        for router, verdict in seen.items():
            meant = policy_differences.find(where, name) if router == "sluice" else None
            if meant:
                self.used.add(meant.key)
                if verdict == meant.verdict:
                    self.meant += 1
                    continue
            if verdict == expected and not meant:
                self.same += 1
                continue
            self.bad += 1
            if self.quiet:
                continue
            should = f"{meant.verdict} ({meant.why})" if meant else expected
            print(f"BAD  {where}, {name}: {router}: {verdict}, should be {should}; all: {seen}")

    def report(self, where):
        print(f"{where}: {self.same} verdicts as they should be, {self.meant} that differ on purpose, {self.bad} bad")
        return self.bad == 0


def passed_numbers(got, side):
    """Numbers of the packets that arrived at the other side."""
    other = "server" if side == "client" else "client"
    numbers = set()
    for frame in got[other]:
        found = policy_packets.number_of(frame)
        if found and not found[1]:
            numbers.add(found[0])
    return numbers


def batches(packets):
    """[(side, [(number, frame, Packet), ...])]: neighbours of one side go together."""
    made = []
    for number, (frame, seen) in enumerate(packets):
        side = "client" if seen.interface == "in0" else "server"
        if not made or made[-1][0] != side or len(made[-1][1]) == BATCH:
            made.append((side, []))
        made[-1][1].append((1 + number, frame, seen))
    return made


def describe(seen):
    said = {key: value for key, value in vars(seen).items() if value is not None}
    return " ".join(f"{key}={value}" for key, value in said.items())


def load(routers, rules, groups):
    for router in routers:
        if router.name == "linux":
            router.load(policy_rules.to_nft([FENCE_RULE, *rules], groups))
        else:
            router.load(policy_rules.to_yaml([FENCE_RULE, *rules], groups))


def check_set(result, routers, one, expected_verdicts=None):
    """A set whose verdicts are to pass or not to pass."""
    name, rules, groups, packets = one
    load(routers, rules, groups)
    for side, batch in batches(packets):
        marks = {router: router.send(side, [frame for _, frame, _ in batch]) for router in routers}
        arrived = {router.name: passed_numbers(router.collect(mark), side) for router, mark in marks.items()}
        for number, _, seen in batch:
            expected = expected_verdicts[number - 1] if expected_verdicts else policy_rules.verdict(rules, seen, groups)
            expected = "allow" if expected == "allow" else "deny"
            verdicts = {router: "allow" if number in numbers else "deny" for router, numbers in arrived.items()}
            result.case(name, f"{number}: {describe(seen)}", expected, verdicts)


def answer(frame):
    """What a frame says that came back."""
    family = 4 if frame[12:14] == b"\x08\x00" else 6
    protocol, body = (frame[23], frame[14 + 4 * (frame[14] & 15):]) if family == 4 else (frame[20], frame[54:])
    if protocol == 6:
        return f"tcp flags {body[13]:#x} seq {int.from_bytes(body[4:8], 'big')} ack {int.from_bytes(body[8:12], 'big')}"
    return f"protocol {protocol} type {body[0]} code {body[1]}"


def check_rejects(result, routers):
    name, rules, groups, packets = policy_stateless.reject_set()
    load(routers, rules, groups)
    for number, (frame, seen) in enumerate(packets):
        side = "client" if seen.interface == "in0" else "server"
        verdicts = {}
        for router in routers:
            got = router.exchange(side, [frame])
            said = ["allow"] if passed_numbers(got, side) else []
            verdicts[router.name] = "; ".join(said + [answer(one) for one in got[side]]) or "nothing"
        linux = verdicts["linux"]
        model = policy_rules.verdict(rules, seen, groups)
        assert (linux == "allow") == (model == "allow"), f"{describe(seen)}: {linux}, the model says {model}"
        result.case(name, f"{number}: {describe(seen)}", linux, verdicts)


def stateless(routers):
    result = Result()
    for one in policy_stateless.sets():
        check_set(result, routers, one)
    check_rejects(result, routers)
    return result.report("stateless")


def mutations(routers):
    """Each rule does the opposite in turn, and packets must notice: of nftables' rules alone, to prove the harness."""
    name, rules, groups, packets = policy_stateless.bounds()
    unnoticed = []
    expected = [policy_rules.verdict(rules, seen, groups) for _, seen in packets]
    for number, rule in enumerate(rules):
        wrong = Rule(**vars(rule) | {"action": "allow"})
        result = Result(quiet=True)
        check_set(result, routers[:1], (name, [*rules[:number], wrong, *rules[number + 1:]], groups, packets), expected)
        if not result.bad:
            unnoticed.append(rule)
    for rule in unnoticed:
        print(f"BAD  nobody notices that this rule is another: {rule}")
    print(f"mutations: {len(rules) - len(unnoticed)} of {len(rules)} wrong rules are noticed")
    return not unnoticed


def classbench(routers):
    result = Result()
    for name in ("acl1", "fw1"):
        if not os.path.exists(policy_classbench.path_of(name)):
            print(f"not compared: there is no {policy_classbench.path_of(name)}")
            continue
        rules = policy_classbench.classbench.rules_of(policy_classbench.path_of(name))
        packets = policy_classbench.packets_of(name, 400)
        found = policy_classbench.model(rules, packets)
        assert len({number for number, _ in found}) > 100, f"{name}: the packets meet few rules"
        check_set(result, routers, (f"ClassBench {name}", rules, {}, packets), [action for _, action in found])
    return result.report("ClassBench")


def parts_of(frames):
    """Which parts of a datagram arrived, by their offsets."""
    offsets = set()
    for frame in frames:
        if frame[12:14] == b"\x08\x00":
            offsets.add((int.from_bytes(frame[20:22], "big") & 0x1FFF) * 8)
        elif frame[20] == 44:
            offsets.add(int.from_bytes(frame[56:58], "big") & 0xFFF8)
        else:
            offsets.add(0)
    return "parts " + " ".join(str(one // PART) for one in sorted(offsets)) if offsets else "none"


def fragments(routers):
    """Rules that ask for ports, and datagrams in parts, in every order: conntrack puts them together again."""
    result = Result()
    load(routers, [Rule("deny", protocol=17, destination_ports=(50000, 50000))], {})
    routers[0].load("table inet whole { chain forward { type filter hook forward priority 1; ct state new counter; }\n}\n")
    number = 0
    for family in (4, 6):
        for port, word in ((50000, "denied"), (50001, "allowed")):
            for order in itertools.permutations(range(3)):
                number += 1
                parts = policy_packets.fragments(number, family, size=PART, ports=(40000, port))
                frames = [parts[one][0] for one in order]
                marks = {router: router.send("client", frames) for router in routers}
                seen = {router.name: parts_of(router.collect(mark)["server"]) for router, mark in marks.items()}
                expected = "none" if word == "denied" else "parts 0 1 2"
                result.case(f"fragments, IPv{family}", f"{word} in order {order}", expected, seen)
    return result.report("fragments")


# A packet's state is set as its DSCP by nftables, and as its next hop's MAC address by Sluice.
LINUX_STATES = ["flush ruleset", "table inet rules {",
                "chain raw { type filter hook prerouting priority raw; udp sport 9 udp dport 9 notrack; }",
                "chain forward { type filter hook forward priority filter;"]
for state_number, state_name in enumerate(policy_states.STATES):
    LINUX_STATES += [f"ct state {state_name} ip dscp set {1 + state_number}",
                     f"ct state {state_name} ip6 dscp set {1 + state_number}"]
LINUX_STATES = "\n".join([*LINUX_STATES, "}", "}"]) + "\n"


NETWORKS = {"client": ("10.1.0.0/24", "2001:db8:1::/64"), "server": ("10.9.0.0/24", "2001:db8:9::/64")}


def sluice_states():
    """Everything is allowed and followed; where a packet goes says its state."""
    rules = [FENCE_RULE, Rule("allow", stateful=True)]
    for interface, to in (("in0", "server"), ("out0", "client")):
        for state in policy_states.STATES:
            for prefix, group in zip(NETWORKS[to], (f"{to}-{state}", f"{to}6-{state}")):
                rules.append(Rule(None, states=(state,), interface=interface, destination=prefix, name=group,
                                  extra={"next_hop_group": group}))
    return policy_rules.to_yaml(rules)


def state_of(router, frames, side):
    """What the router held a packet for, which came out here alone."""
    if not frames:
        return "lost"
    if len(frames) > 1:
        return f"{len(frames)} packets"
    frame = frames[0]
    if router == "linux":
        tos = frame[15] if frame[12:14] == b"\x08\x00" else (frame[14] & 15) << 4 | frame[15] >> 4
        return dict(enumerate(policy_states.STATES, 1)).get(tos >> 2, "untracked")
    return policy_states.STATES[frame[5]] if frame[4] in (1, 9) else "untracked"


def walk(routers, flow, steps):
    """The state of each packet by router: [{router: state}]."""
    seen = []
    for side, step in steps:
        frame = flow.frame(side, step)
        marks = {router: router.send(side, [frame]) for router in routers}
        other = "server" if side == "client" else "client"
        seen.append({router.name: state_of(router.name, router.collect(mark)[other], other)
                     for router, mark in marks.items()})
    return seen


# Each flow has a port of its own, above all others, so that none is what an earlier one has left.
ports = itertools.count(20001)


def walk_all(result, routers, protocol, family, walks, pickup=False):
    ends = {}
    word = {6: "tcp", 17: "udp", 1: "icmp", 58: "icmpv6"}.get(protocol, f"protocol {protocol}")
    where = f"{word} over IPv{family}" + (", pickup" if pickup else "")
    for name, steps in walks.items():
        for count in range(1, len(steps) + 1):
            flow = policy_states.Flow(family, protocol, next(ports), 80 if protocol == 6 else 53)
            seen = walk(routers, flow, steps[:count])
            if protocol in (6, 17) or name != "error about nothing":
                ends[protocol, flow.port] = f"{name}, after step {count}"
            if count == len(steps):
                for number, states in enumerate(seen):
                    result.case(where, f"{name}, step {number + 1}", states["linux"], states)
    listed = {router.name: router.listed() for router in routers}
    for key, name in ends.items():
        states = {router: found.get(key, "none") for router, found in listed.items()}
        result.case(where, name, states["linux"], states)


# What a host behind a firewall expects: it may begin connections to some ports, and gets what belongs to them.
LINUX_FILTER = """flush ruleset
table inet rules {
chain raw { type filter hook prerouting priority raw; udp sport 9 udp dport 9 notrack; }
chain forward { type filter hook forward priority filter;
ct state untracked accept
ct state established,related accept
iifname in0 tcp dport 80 ct state new accept
iifname in0 udp dport 53 ct state new accept
iifname in0 icmp type echo-request ct state new accept
iifname in0 icmpv6 type echo-request ct state new accept
drop
}
}
"""


def sluice_filter(states):
    """The same for Sluice: answers pass because the rules are stateful."""
    return [FENCE_RULE, Rule("allow", interface="in0", protocol=6, destination_ports=(80, 80), stateful=True, states=states),
            Rule("allow", interface="in0", protocol=17, destination_ports=(53, 53), stateful=True, states=states),
            Rule("allow", interface="in0", protocol=1, icmp=(8, None), stateful=True, states=states),
            Rule("allow", interface="in0", protocol=58, icmp=(128, None), stateful=True, states=states), Rule("deny")]


def filtered(routers):
    """The same walks behind a firewall: what passes. Rules ask for new connections, or for ports alone."""
    result = Result()
    for chosen, word in ((("new",), "of new connections"), ((), "of ports")):
        routers[0].load(LINUX_FILTER if chosen else LINUX_FILTER.replace("ct state new ", ""))
        routers[0].sysctl("net.netfilter.nf_conntrack_tcp_loose=0", "net.netfilter.nf_conntrack_tcp_be_liberal=1")
        for router in routers[1:]:
            router.load(policy_rules.to_yaml(sluice_filter(chosen)))
        for family, protocol in ((4, 6), (4, 17), (4, 1), (6, 6), (6, 17), (6, 58)):
            for name, steps in policy_states.walks(protocol).items():
                flow = policy_states.Flow(family, protocol, next(ports), 80 if protocol == 6 else 53)
                for number, states in enumerate(walk(routers, flow, steps)):
                    passed = {router: "lost" if state == "lost" else "passed" for router, state in states.items()}
                    result.case(f"firewall {word}, protocol {protocol}", f"{name}, step {number + 1}", passed["linux"], passed)
    return result.report("firewall")


def states(routers):
    result = Result()
    linux = routers[0]
    linux.load(LINUX_STATES)
    linux.sysctl("net.netfilter.nf_conntrack_tcp_loose=0", "net.netfilter.nf_conntrack_tcp_be_liberal=1")
    for router in routers[1:]:
        router.load(sluice_states())
    for family in (4, 6):
        for protocol in (6, 17, 1 if family == 4 else 58):
            walk_all(result, routers, protocol, family, policy_states.walks(protocol))
    linux.sysctl("net.netfilter.nf_conntrack_tcp_loose=1")
    for router in routers[1:]:
        router.load(sluice_states() + "conntrack_profile: [{name: pickup, vrf: x, tcp_pickup: true}]\n")
    walk_all(result, routers, 6, 4, policy_states.PICKED_UP, pickup=True)
    return result.report("states")


def main():
    prefix, chosen = sys.argv[1:3]
    routers = [Linux(prefix)]
    if len(sys.argv) > 3:
        routers.append(Sluice(prefix, *sys.argv[3:]))
    parts = {"stateless": stateless, "mutations": mutations, "classbench": classbench, "fragments": fragments,
             "states": states, "firewall": filtered}
    passed = [parts[one](routers) for one in chosen.split(",")]
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
