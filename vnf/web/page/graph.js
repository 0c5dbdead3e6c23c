// SPDX-License-Identifier: Apache-2.0
// From resources to what is drawn: a lane for each VRF, with columns in the order in which packets meet them.
import {body} from "./api.js";
import {words} from "./text.js";

// The columns of a lane.
export const ENTRY = 0, VRF = 1, CHAIN = 2, ROUTES = 3, TARGET = 4, HOP = 5, EXIT = 6, COLUMNS = 7;

const LANES = 6;
const NODES = 6; // of a column

function group(states, keyOf) {
  const groups = new Map();
  for (const state of states) {
    for (const key of [keyOf(state)].flat()) {
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(state);
    }
  }
  return groups;
}

// Everything by name, and by VRF, once for each state of the router.
export function index(read) {
  const all = {};
  for (const [kind, states] of Object.entries(read)) all[kind] = new Map(states.map((state) => [state.key, state]));
  const of = (kind) => read[kind] || [];
  const stages = new Set(of("port_pair").flatMap((state) => [body(state).ingress, body(state).egress]));
  const classifierVrf = new Map(of("flow_classifier").map((state) => [state.key, body(state).vrf]));
  return {
    all, stages,
    interfaces: group(of("interface").filter((state) => !stages.has(state.key)), (state) => body(state).vrf),
    tunnels: group(of("tunnel_endpoint"), (state) => [...new Set(body(state).vni_bindings.map((each) => each.vrf))]),
    chains: group(of("port_chain"), (state) => classifierVrf.get(body(state).flow_classifiers[0])),
    balancers: group(of("load_balancer"), (state) => body(state).vrf),
    listeners: group(of("listener"), (state) => body(state).load_balancer),
    members: group(of("member"), (state) => body(state).pool),
    bad: Object.entries(read).flatMap(([kind, states]) =>
      states.filter((state) => state.programmed !== "programmed").map((state) => ({kind, state}))),
  };
}

const nothing = [];

// The VRFs that are drawn: those whose names, or whose interfaces' or tunnels', the search finds; the busiest first.
export function chooseLanes(known, rates, search) {
  const wanted = search.toLowerCase();
  const fits = (state) => state.key.toLowerCase().includes(wanted);
  const has = (map, key) => (map.get(key) || nothing).some(fits);
  const busy = (name) => (known.interfaces.get(name) || nothing)
    .reduce((sum, state) => sum + (rates.rate(`interface/${state.key}`, 0) || 0), 0);
  const found = [...(known.all.vrf?.values() || nothing)].filter((state) => !wanted || fits(state) ||
    has(known.interfaces, state.key) || has(known.tunnels, state.key) || has(known.chains, state.key) ||
    has(known.balancers, state.key));
  const rated = found.map((state) => ({state, rate: busy(state.key)}));
  rated.sort((a, b) => b.rate - a.rate || (a.state.key < b.state.key ? -1 : 1));
  return {vrfs: rated.slice(0, LANES).map((each) => each.state), count: found.length};
}

// One lane's nodes and edges, while it is put together.
class Lane {
  constructor(vrf) {
    this.name = vrf.key;
    this.columns = Array.from({length: COLUMNS}, () => []);
    this.edges = [];
    this.nodes = new Map();
  }

  // Once for each id; `measure` says which rates it shows, where it has any.
  node(column, kind, state, about, measure) {
    const id = `${this.name}/${column}/${kind}/${state.key}`;
    if (!this.nodes.has(id)) {
      const node = {id, kind, state, name: state.key, about, measure, column, lane: this.name,
        bad: state.programmed !== "programmed"};
      this.nodes.set(id, node);
      this.columns[column].push(node);
    }
    return this.nodes.get(id);
  }

  edge(from, to, by) {
    if (from && to) this.edges.push({from, to, by: by || from});
  }
}

const counted = (kind, first) => (rates, node) => {
  const packets = rates.rate(`${kind}/${node.name}`, first);
  return packets === null ? null : {packets, bits: rates.rate(`${kind}/${node.name}`, first + 1)};
};

function sum(kind, states) {
  return (rates) => {
    let packets = null, bits = null;
    for (const state of states) {
      const rate = rates.rate(`${kind}/${state.key}`, 0);
      if (rate === null) continue;
      packets += rate;
      bits += rates.rate(`${kind}/${state.key}`, 1) || 0;
    }
    return packets === null ? null : {packets, bits};
  };
}

function flows(members) {
  return (rates) => {
    let opened = null;
    for (const state of members) {
      const rate = rates.rate(`member/${state.key}`, 2);
      if (rate !== null) opened += rate;
    }
    return opened === null ? null : {flows: opened};
  };
}

function addEntries(lane, known, vrf) {
  for (const state of known.interfaces.get(vrf.key) || nothing) {
    const {device, vlan_id: vlan} = body(state);
    lane.edge(lane.node(ENTRY, "interface", state, vlan ? `VLAN ${vlan}` : device && device !== state.key ? device : "",
      counted("interface", 0)), lane.vrf);
  }
  for (const state of known.tunnels.get(vrf.key) || nothing) {
    const vnis = body(state).vni_bindings.filter((each) => each.vrf === vrf.key).map((each) => each.vni);
    lane.edge(lane.node(ENTRY, "tunnel_endpoint", state,
      `${body(state).kind}${vnis[0] ? ` ${vnis.slice(0, 3).join(", ")}` : ""}`,
      counted("tunnel_endpoint", 0)), lane.vrf);
  }
}

function addChains(lane, known, vrf, routes) {
  for (const state of known.chains.get(vrf.key) || nothing) {
    const names = body(state).port_pair_groups;
    const node = lane.node(CHAIN, "port_chain", state, "");
    node.stages = names.map((name) => known.all.port_pair_group.get(name)).filter(Boolean).map((stage) => ({
      id: `${node.id}/${stage.key}`, kind: "port_pair_group", state: stage, name: stage.key, lane: lane.name,
      about: `${body(stage).port_pairs.length} instance${body(stage).port_pairs.length === 1 ? "" : "s"}`,
      measure: counted("port_pair_group", 0), bad: stage.programmed !== "programmed"}));
    lane.edge(lane.vrf, node, node.stages[0] || node);
    lane.edge(node, routes, node.stages[node.stages.length - 1] || node);
  }
}

function addHops(lane, known, target, name) {
  const hop = known.all.next_hop.get(name);
  if (!hop) return;
  const {gateway, tunnel, discard} = body(hop);
  const about = gateway ? gateway.address : tunnel ? (tunnel.vni ? `VNI ${tunnel.vni}` : "tunnel")
    : words(discard?.reason === "unspecified" ? "blackhole" : discard?.reason || "discard");
  const node = lane.node(HOP, "next_hop", hop, about);
  lane.edge(target, node);
  const out = gateway ? known.all.interface.get(gateway.interface)
    : tunnel ? known.all.tunnel_endpoint.get(tunnel.tunnel_endpoint) : null;
  if (out) {
    const kind = gateway ? "interface" : "tunnel_endpoint";
    const exit = lane.node(EXIT, kind, out, gateway ? "" : body(out).kind, counted(kind, 2));
    lane.edge(node, exit, exit);
  }
}

function addGroups(lane, known, routes, found) {
  for (const [name, states] of group(found.states, (state) => body(state).next_hop_group)) {
    const state = known.all.next_hop_group?.get(name);
    if (!state) continue;
    const node = lane.node(TARGET, "next_hop_group", state,
      states.length === 1 ? body(states[0]).prefix : `${states.length}${found.more ? "+" : ""} routes`,
      sum("route", states));
    lane.edge(routes, node, node);
    for (const member of body(state).members) addHops(lane, known, node, member.next_hop);
  }
}

function addBalancers(lane, known, vrf, routes) {
  for (const state of known.balancers.get(vrf.key) || nothing) {
    const listeners = known.listeners.get(state.key) || nothing;
    const pools = [...new Set(listeners.flatMap((each) => body(each).pools.map((share) => share.pool)))];
    const members = pools.flatMap((name) => known.members.get(name) || nothing);
    const node = lane.node(TARGET, "load_balancer", state, body(state).vip_address, flows(members));
    lane.edge(routes || lane.vrf, node, node);
    for (const name of pools) {
      const pool = known.all.pool.get(name);
      if (!pool) continue;
      const own = known.members.get(name) || nothing;
      const up = own.filter((each) => each.member_status?.state === "active").length;
      const at = lane.node(HOP, "pool", pool, `${up} of ${own.length} active`, flows(own));
      at.bad ||= own.length > 0 && up === 0;
      lane.edge(node, at, at);
    }
  }
}

// Of a column that is too long the busiest nodes stay, and those that are in trouble; one stands for all others.
function shorten(lane, column, rates, wanted) {
  const nodes = lane.columns[column];
  if (nodes.length <= NODES) return;
  const weight = (node) => (wanted && node.name.toLowerCase().includes(wanted) ? 1e15 : 0) +
    (node.measure?.(rates, node)?.packets ?? node.measure?.(rates, node)?.flows ?? 0) + (node.bad ? 0.5 : 0);
  const rated = nodes.map((node) => ({node, weight: weight(node)}));
  rated.sort((a, b) => b.weight - a.weight || (a.node.name < b.node.name ? -1 : 1));
  const kept = new Set(rated.slice(0, NODES - 1).map((each) => each.node));
  const more = {id: `${lane.name}/${column}/more`, kind: nodes[0].kind, more: nodes.length - kept.size, column,
    lane: lane.name, name: `${nodes.length - kept.size} more`, about: words(nodes[0].kind),
    bad: nodes.some((node) => node.bad && !kept.has(node))};
  lane.columns[column] = [...nodes.filter((node) => kept.has(node)), more];
  const edges = new Map();
  for (const edge of lane.edges) {
    const from = edge.from.column === column && !kept.has(edge.from) ? more : edge.from;
    const to = edge.to.column === column && !kept.has(edge.to) ? more : edge.to;
    const id = `${from.id}>${to.id}`;
    if (!edges.has(id)) edges.set(id, {from, to, by: from === more || to === more ? more : edge.by});
  }
  lane.edges = [...edges.values()];
}

// found: the first routes of the VRF, {states, more}.
export function makeLane(known, vrf, found, rates, search) {
  const lane = new Lane(vrf);
  const entries = known.interfaces.get(vrf.key) || nothing;
  lane.vrf = lane.node(VRF, "vrf", vrf, "VRF", sum("interface", entries));
  addEntries(lane, known, vrf);
  let routes = null;
  if (found.states.length || known.balancers.has(vrf.key)) {
    routes = {id: `${vrf.key}/routes`, kind: "route", column: ROUTES, lane: vrf.key, name: "routes",
      about: found.states.length ? `${found.states.length}${found.more ? "+" : ""}` : "none",
      measure: sum("route", found.states), bad: found.states.some((state) => state.programmed !== "programmed")};
    lane.columns[ROUTES].push(routes);
    lane.edge(lane.vrf, routes, routes);
  }
  addChains(lane, known, vrf, routes);
  addBalancers(lane, known, vrf, routes);
  addGroups(lane, known, routes, found);
  for (const column of [ENTRY, CHAIN, TARGET, HOP, EXIT]) shorten(lane, column, rates, search.toLowerCase());
  return lane;
}
