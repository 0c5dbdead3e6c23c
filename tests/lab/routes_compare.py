#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares a table of the kernel's routes with what a route source has learned, prefix by prefix, next hops and weights
too: routes_compare.py NAMESPACE SLUICECTL SERVER TABLE SOURCE [all]. Exit status 0: they are equal, and not empty.

all    all protocols but the kernel's own; else those of BGP, OSPF and BIRD
"""

import ipaddress
import json
import subprocess
import sys

namespace, sluicectl, server, table, source = sys.argv[1:6]
every = sys.argv[6:] == ["all"]
DISCARDS = {"blackhole", "unreachable", "prohibit"}
TYPES = {"1": "unicast", "6": "blackhole", "7": "unreachable", "8": "prohibit"}  # iproute2's with -N
PROTOCOLS = {12, 186, 188}


def run(*command):
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(text) if text.strip() else []


def prefix_of(dst, family):
    if dst == "default":
        dst = "0.0.0.0/0" if family == "-4" else "::/0"
    return str(ipaddress.ip_network(dst))


def gateway_of(hop):
    return hop["via"]["host"] if "via" in hop else hop.get("gateway", "")


def kernel_nexthops():
    """Nexthop objects, for routes that only name one (net.ipv4.nexthop_compat_mode 0)."""
    objects = {each["id"]: each for each in run("ip", "-n", namespace, "-N", "-j", "nexthop", "show")}
    hops = {}
    for number, each in objects.items():
        members = each.get("group") or [{"id": number}]
        hops[number] = [dict(objects[member["id"]], weight=member.get("weight", 1)) for member in members]
    return hops


def kernel_hops(route, objects):
    kind = route.get("type", "unicast")
    kind = TYPES.get(str(kind), kind)
    if kind in DISCARDS:
        return [kind]
    hops = route.get("nexthops") or [route]
    if "nhid" in route and "dev" not in hops[0]:
        hops = objects[route["nhid"]]
        if "blackhole" in hops[0]:
            return ["blackhole"]
    most = max(hop.get("weight", 1) for hop in hops)
    scale = 100 / most if most > 100 else 1
    return sorted(f"{gateway_of(hop)}%{hop['dev']} {max(1, round(hop.get('weight', 1) * scale))}" for hop in hops)


def kernel_routes():
    routes, objects = {}, kernel_nexthops()
    for family in ("-4", "-6"):
        for route in run("ip", "-n", namespace, family, "-N", "-j", "route", "show", "table", table):
            protocol, metric = int(route.get("protocol", 3)), route.get("metric", 0)  # boot is left out
            if protocol == 2 or not every and protocol not in PROTOCOLS:
                continue
            prefix = prefix_of(route["dst"], family)
            if prefix not in routes or metric < routes[prefix][1]:
                routes[prefix] = (protocol, metric, kernel_hops(route, objects))
    return routes


def show(kind):
    return run(sluicectl, "--server", server, "show", kind, "-o", "json")["states"]


def learned_routes():
    hops = {}
    for state in show("next_hops"):
        hop = state["resource"]["next_hop"]
        if "gateway" in hop:
            hops[hop["name"]] = f"{hop['gateway']['address']}%{hop['gateway']['interface']}"
        elif "discard" in hop:
            hops[hop["name"]] = hop["discard"]["reason"]
        else:
            hops[hop["name"]] = json.dumps(hop)
    groups = {}
    for state in show("next_hop_groups"):
        group = state["resource"]["next_hop_group"]
        members = [(hops[member["next_hop"]], member["weight"]) for member in group["members"]]
        groups[group["name"]] = sorted(name if name in DISCARDS else f"{name} {weight}" for name, weight in members)
    routes = {}
    for state in show("source_routes"):
        route = state["resource"]["source_route"]
        if route["source"] == source:
            routes[route["prefix"]] = (route["protocol"], route["metric"], groups.get(route["next_hop_group"], []))
    return routes


kernel, learned = kernel_routes(), learned_routes()
differences = 0
for prefix in sorted(set(kernel) | set(learned)):
    if kernel.get(prefix) != learned.get(prefix):
        print(prefix, "kernel:", kernel.get(prefix), "sluice:", learned.get(prefix))
        differences += 1
print(f"{len(kernel)} routes in table {table}, {len(learned)} learned by {source}, {differences} differ")
sys.exit(differences > 0 or not kernel)
