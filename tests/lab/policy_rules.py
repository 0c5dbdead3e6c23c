# SPDX-License-Identifier: Apache-2.0
"""A rule of a policy in one form, written as Sluice's YAML and as nftables' rules, and a model of what it matches.

The model is the third opinion: it proves that the other two were asked the same.
"""
import ipaddress
from dataclasses import dataclass, field

TCP, UDP, ICMP, ICMPV6, SCTP = 6, 17, 1, 58, 132
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


@dataclass
class Packet:
    """What a rule can see of a packet. Ports, ICMP and flags are None where its bytes do not have them."""
    family: int
    source: str
    destination: str
    protocol: int
    ports: tuple = None  # source, destination
    icmp: tuple = None  # type, code
    flags: int = None
    dscp: int = 0
    fragment: str = "none"  # or "first", "later"
    interface: str = "in0"


@dataclass
class Rule:
    """None and () match everything; source and destination are prefixes, or "@name" of an address group."""
    action: str  # allow, deny, reject
    source: str = None
    destination: str = None
    protocol: int = 0
    source_ports: tuple = None  # first, last
    destination_ports: tuple = None
    icmp: tuple = None  # type, code or None
    tcp_flags: tuple = None  # flags, mask
    dscp: int = None
    fragment: str = None  # none, any, first, later
    states: tuple = ()  # new, established, related, invalid
    interface: str = None
    family: int = 0
    stateful: bool = False
    established: str = None
    name: str = ""
    extra: dict = field(default_factory=dict)  # further fields of the policy_rule, such as next_hop_group


def quoted(text):
    return f'"{text}"' if ":" in str(text) else str(text)


def flow(value):
    """A value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value)


def policy_rule(rule, name, vrf, priority):
    """The fields of a policy_rule."""
    match = {}
    for end in ("source", "destination"):
        value = getattr(rule, end)
        if value and value.startswith("@"):
            match[f"{end}_address_group"] = value[1:]
        elif value:
            match[f"{end}_prefix"] = value
    if rule.protocol:
        match["protocol"] = rule.protocol
    for end in ("source_ports", "destination_ports"):
        if getattr(rule, end):
            match[end] = dict(zip(("first", "last"), getattr(rule, end)))
    if rule.icmp:
        match["icmp"] = {"type": rule.icmp[0]} | ({} if rule.icmp[1] is None else {"code": rule.icmp[1]})
    if rule.tcp_flags:
        match["tcp_flags"] = dict(zip(("flags", "mask"), rule.tcp_flags))
    if rule.dscp is not None:
        match["dscp"] = rule.dscp
    if rule.fragment:
        match["fragment"] = rule.fragment
    if rule.states:
        match["connection_states"] = list(rule.states)
    if rule.interface:
        match["interface"] = rule.interface
    if rule.family:
        match["family"] = f"ipv{rule.family}"
    fields = {"name": name, "vrf": vrf, "priority": priority}
    if match:
        fields["match"] = match
    if rule.action:
        fields["access"] = rule.action
    if rule.stateful:
        fields["stateful"] = True
    if rule.established:
        fields["established"] = rule.established
    return fields | rule.extra


def to_yaml(rules, groups=None, vrf="x", first=1, prefix="rule"):
    """Rules in their order as a document for sluicectl; groups: {name: [prefix, ...]}."""
    lines = []
    if groups:
        lines.append("address_group:")
        lines += [f"  - {flow({'name': name, 'addresses': members})}" for name, members in groups.items()]
    lines.append("policy_rule:")
    for number, rule in enumerate(rules):
        name = rule.name or f"{prefix}-{number}"
        lines.append("  - " + flow(policy_rule(rule, name, vrf, first + number)))
    return "\n".join(lines) + "\n"


def family_of(rule, groups):
    """4, 6, or 0 for both."""
    for end in (rule.source, rule.destination):
        if end and not end.startswith("@"):
            return ipaddress.ip_network(end).version
    if rule.protocol in (ICMP, ICMPV6) and rule.icmp:
        return 4 if rule.protocol == ICMP else 6
    return rule.family


FRAGMENTS = {
    4: {"none": "ip frag-off & 0x3fff == 0", "any": "ip frag-off & 0x3fff != 0",
        "first": "ip frag-off & 0x3fff == 0x2000", "later": "ip frag-off & 0x1fff != 0"},
    6: {"none": "exthdr frag missing", "any": "exthdr frag exists", "first": "frag frag-off 0",
        "later": "frag frag-off != 0"},
}


def nft_matches(rule, family):
    """What a rule asks, of packets of this family; 0 where it asks nothing that the families spell differently."""
    word = {4: "ip", 6: "ip6"}.get(family)
    said = [f"meta nfproto ipv{family}"] if family else []
    for end, short in (("source", "saddr"), ("destination", "daddr")):
        value = getattr(rule, end)
        if value:
            said.append(f"{word} {short} " + (f"@{value[1:]}-{family}" if value.startswith("@") else value))
    if rule.interface:
        said.append(f"iifname {rule.interface}")
    if rule.dscp is not None:
        said.append(f"{word} dscp {rule.dscp}")
    if rule.fragment:
        said.append(FRAGMENTS[family][rule.fragment])
    if rule.protocol:
        said.append(f"meta l4proto {rule.protocol}")
    for end, short in (("source_ports", "sport"), ("destination_ports", "dport")):
        if getattr(rule, end):
            first, last = getattr(rule, end)
            said.append(f"th {short} {first}" + (f"-{last}" if last != first else ""))
    if rule.icmp:
        kind = "icmp" if rule.protocol == ICMP else "icmpv6"
        said.append(f"{kind} type {rule.icmp[0]}")
        if rule.icmp[1] is not None:
            said.append(f"{kind} code {rule.icmp[1]}")
    if rule.tcp_flags:
        said.append(f"tcp flags & {rule.tcp_flags[1]:#x} == {rule.tcp_flags[0]:#x}")
    if rule.states:
        said.append("ct state " + ",".join(rule.states))
    return said


def nft_verdict(rule, family):
    if rule.action == "reject":
        if rule.protocol == TCP:
            return "reject with tcp reset"
        return "reject with " + ("icmpv6" if family == 6 else "icmp") + " admin-prohibited"
    return {"allow": "accept", "deny": "drop"}[rule.action]


def nft_rules(rule, groups=None):
    """One rule, or one a family where the families have different words for it."""
    family = family_of(rule, groups)
    ends = [end for end in (rule.source, rule.destination) if end]
    split = ends or rule.dscp is not None or rule.fragment or rule.action == "reject"
    families = [family] if family else [4, 6] if split else [0]
    return [" ".join([*nft_matches(rule, one), "counter", nft_verdict(rule, one)]) for one in families]


def nft_sets(groups):
    for name, members in (groups or {}).items():
        for family in (4, 6):
            mine = [one for one in members if ipaddress.ip_network(one).version == family]
            yield f"set {name}-{family} {{ type ipv{family}_addr; flags interval; auto-merge;"
            if mine:
                yield "elements = { " + ", ".join(mine) + " }"
            yield "}"


def to_nft(rules, groups=None, table="rules", flush=True):
    """A ruleset for nft -f, whose forward chain has the rules in their order and then lets packets pass."""
    lines = ["flush ruleset"] if flush else []
    lines += [f"table inet {table} {{", *nft_sets(groups),
              "chain forward { type filter hook forward priority filter; policy accept;"]
    for rule in rules:
        lines += nft_rules(rule, groups)
    return "\n".join([*lines, "}", "}"]) + "\n"


def within(address, end, groups):
    if not end:
        return True
    names = groups[end[1:]] if end.startswith("@") else [end]
    address = ipaddress.ip_address(address)
    return any(address in ipaddress.ip_network(one) for one in names)


def in_range(ports, which, value):
    return value is None or (ports is not None and value[0] <= ports[which] <= value[1])


def matches(rule, packet, groups=None):
    """The model: of packets whose connection does not matter."""
    if rule.family and rule.family != packet.family:
        return False
    if rule.protocol and rule.protocol != packet.protocol:
        return False
    if rule.interface and rule.interface != packet.interface:
        return False
    if rule.dscp is not None and rule.dscp != packet.dscp:
        return False
    if rule.fragment == "any" and packet.fragment == "none" or \
            rule.fragment in ("none", "first", "later") and packet.fragment != rule.fragment:
        return False
    if not (in_range(packet.ports, 0, rule.source_ports) and in_range(packet.ports, 1, rule.destination_ports)):
        return False
    if rule.icmp and (packet.icmp is None or packet.icmp[0] != rule.icmp[0] or
                      rule.icmp[1] is not None and packet.icmp[1] != rule.icmp[1]):
        return False
    if rule.tcp_flags and (packet.flags is None or packet.flags & rule.tcp_flags[1] != rule.tcp_flags[0]):
        return False
    return within(packet.source, rule.source, groups) and within(packet.destination, rule.destination, groups)


def verdict(rules, packet, groups=None):
    """allow, deny or reject: of the first rule that matches; without one the packet passes."""
    return next((rule.action for rule in rules if matches(rule, packet, groups)), "allow")
