// SPDX-License-Identifier: Apache-2.0
// Asks the router every two seconds, and hands the answers to the parts of the page. It changes nothing.
import {askNow, countsOf, list, Rates} from "./api.js";
import {age, bits, byId, clean, el, packets, short, whole, words} from "./text.js";
import {addDrops, resetDrops} from "./drops.js";
import {resetCommits, showCommits} from "./commits.js";
import {offerInterfaces, startExplain} from "./explain.js";
import {showResources, startResources} from "./resources.js";
import {chooseLanes, index, makeLane} from "./graph.js";
import {draw, isWide, onChoose, update} from "./topology.js";
import {hideDetails, showDetails} from "./details.js";

const PAUSE_MS = 2000;
const AGAIN_MS = 10000; // after which the busiest are chosen anew
const ROUTES = 100; // of a VRF that are read for the picture, where there are many
const FEW_ROUTES = 500;
const LIVE = ["interface", "tunnel_endpoint", "port_pair_group", "member"];
const STILL = ["vrf", "next_hop", "next_hop_group", "port_pair", "flow_classifier", "port_chain", "load_balancer",
  "listener", "pool"];

const rates = new Rates();
const seen = {boot: "", revision: -1, generation: -1, chosen: 0, answered: 0, search: "", width: 0};
let read = {}, known = null, lanes = [], routes = new Map(), many = false;

function tile(label, value, about, bad) {
  return el("div", {class: bad ? "tile bad" : "tile"}, el("p", {class: "label"}, label),
    el("p", {class: "value"}, value), el("p", {class: "hint"}, about));
}

function total(which) {
  let sum = null;
  for (const state of read.interface) {
    if (known.stages.has(state.key)) continue; // what goes through a stage has come in before
    const rate = rates.rate(`interface/${state.key}`, which);
    if (rate !== null) sum += rate;
  }
  return sum;
}

function showGlance(dropped, connections) {
  const bad = known.bad.length;
  byId("glance").replaceChildren(
    tile("In", packets(total(0)), bits(total(1))), tile("Out", packets(total(2)), bits(total(3))),
    tile("Dropped", packets(dropped), dropped > 0 ? "by reason below" : "nothing now", dropped > 0),
    tile("Connections", whole(connections.count), `room for ${whole(connections.capacity)}`),
    tile("Not programmed", whole(bad), bad ? "listed under the picture" : "everything is", bad > 0));
}

function showTrouble() {
  const {bad} = known;
  byId("trouble").hidden = !bad.length;
  byId("trouble-title").textContent = `${whole(bad.length)} not programmed`;
  byId("trouble-list").replaceChildren(...bad.slice(0, 50).map(({kind, state}) =>
    el("li", null, el("span", {class: "kind"}, words(kind)), " ", el("bdi", {class: "strong"}, clean(state.key)), " ",
      clean(state.reason))));
}

function fact(name, value) {
  return [el("dt", null, name), el("dd", null, el("bdi", null, value))];
}

function showSystem(system, limits, ports) {
  const {journal} = system;
  byId("system-facts").replaceChildren(...[
    fact("Version", clean(system.version)), fact("Kernel", clean(system.kernel_release)),
    fact("Revision", whole(system.revision)), fact("Generation", whole(system.generation)),
    fact("Up", age(system.uptime_seconds * 1000)),
    fact("Counters since", new Date(system.counters_since * 1000).toLocaleString()),
    fact("Open transactions", whole(system.open_transactions)),
    fact("Unconfirmed commits", whole(system.confirmations.length)),
    fact("Journal", !journal ? "none: the state is in memory only" : journal.fault ? clean(journal.fault)
      : `${clean(journal.path)}, ${short(journal.bytes)}B, durable up to revision ${whole(journal.durable_revision)}`),
    fact("Access policy", system.access_policy ? `${clean(system.access_policy.path)}, ${system.access_policy.rules} rules`
      : "none: whoever can connect may do everything"),
  ].flat());
  const used = limits.limits.filter((each) => each.used).sort((a, b) => b.used / b.maximum - a.used / a.maximum);
  byId("limits").replaceChildren(...used.slice(0, 12).map((each) => {
    const meter = el("progress", {max: each.maximum, value: each.used, "aria-label": words(each.name)});
    return el("li", null, el("span", null, words(each.name)), meter,
      el("span", {class: "number"}, `${short(each.used)} of ${short(each.maximum)}`));
  }));
  byId("ports").replaceChildren(...ports.ports.slice(0, 100).map((port) => el("li", null,
    el("bdi", {class: "strong"}, clean(port.device)), ` ${port.up ? "up" : "down"}, XDP ${port.xdp_mode}, MTU ${port.mtu}`)));
}

// At first all, where they are few.
async function readRoutes(vrfs) {
  if (!many) {
    const all = await list("route", {}, FEW_ROUTES);
    many = all.more;
    routes = new Map();
    for (const state of all.states) {
      const {vrf} = state.resource.route;
      if (!routes.has(vrf)) routes.set(vrf, {states: [], more: false});
      routes.get(vrf).states.push(state);
    }
    if (!many) return;
  }
  const answers = await Promise.all(vrfs.map((vrf) => list("route", {vrf: vrf.key}, ROUTES)));
  routes = new Map(vrfs.map((vrf, i) => [vrf.key, answers[i]]));
}

async function drawTopology(force) {
  const search = byId("topology-search").value.trim();
  const width = byId("picture").clientWidth;
  const stale = known.large && Date.now() - seen.chosen > AGAIN_MS;
  if (!force && !stale && search === seen.search && width === seen.width) return;
  const {vrfs, count} = chooseLanes(known, rates, search);
  if (many && vrfs.some((vrf) => !routes.has(vrf.key))) await readRoutes(vrfs);
  const nothing = {states: [], more: false};
  lanes = vrfs.map((vrf) => makeLane(known, vrf, routes.get(vrf.key) || nothing, rates, search));
  known.large = count > vrfs.length || lanes.some((lane) => lane.columns.flat().some((node) => node.more));
  Object.assign(seen, {search, width, chosen: Date.now()});
  byId("topology-note").textContent = count > vrfs.length
    ? `The busiest ${vrfs.length} of ${whole(count)} VRFs; search for others.`
    : isWide() ? "Packets come in on the left and leave on the right." : "Packets come in at the top and leave at the bottom.";
  draw(lanes);
  update(rates);
}

function addRates(time) {
  for (const kind of LIVE) {
    for (const state of read[kind]) {
      const counts = countsOf(state);
      if (kind === "member") counts[2] = state.member_status?.opened || 0;
      rates.add(`${kind}/${state.key}`, counts, time);
    }
  }
  for (const {states} of routes.values())
    for (const state of states) rates.add(`route/${state.key}`, countsOf(state), time);
  rates.turn();
}

function takeSystem(system) {
  if (system.boot_id !== seen.boot) {
    rates.reset();
    resetDrops();
    resetCommits();
  }
  const changed = system.boot_id !== seen.boot || system.revision !== seen.revision ||
    system.generation !== seen.generation;
  Object.assign(seen, {boot: system.boot_id, revision: system.revision, generation: system.generation});
  return changed;
}

async function turn() {
  const shown = lanes.map((lane) => ({key: lane.name}));
  const first = !known;
  let [now] = await Promise.all([askNow(first ? [...STILL, ...LIVE] : LIVE), readRoutes(shown)]);
  const changed = takeSystem(now.system);
  if (changed && !first) now = await askNow([...STILL, ...LIVE]);
  read = {...read, ...now.resources};
  const {system, verdicts, connections, limits, ports} = now;
  const time = performance.now();
  addRates(time);
  const large = known?.large;
  known = index(read);
  known.large = large;
  showGlance(addDrops(verdicts.counters, time), connections);
  showTrouble();
  showSystem(system, limits, ports);
  await drawTopology(changed);
  update(rates);
  if (first) performance.mark("drawn");
  if (changed) {
    offerInterfaces(read.interface.map((state) => state.key));
    await Promise.all([showCommits(system.revision), showResources(true)]);
  }
  byId("live-text").textContent = `revision ${whole(system.revision)}, up ${age(system.uptime_seconds * 1000)}`;
}

function failed(error) {
  const since = seen.answered ? `; last seen at ${new Date(seen.answered).toLocaleTimeString()}` : "";
  const text = error.name === "TimeoutError" ? "it takes too long" : error.status ? error.message : "no connection";
  byId("banner").textContent = `The router does not answer: ${clean(text)}${since}. Asking again.`;
  byId("banner").hidden = false;
  byId("live").className = "live lost";
  byId("live-text").textContent = "no answer";
  document.body.classList.add("stale");
}

function answered() {
  seen.answered = Date.now();
  byId("banner").hidden = true;
  byId("live").className = "live";
  document.body.classList.remove("stale");
}

// The pause grows with what a turn takes, so that the router is asked a third of the time at most.
async function run() {
  const start = performance.now();
  if (!document.hidden) {
    try {
      await turn();
      answered();
    } catch (error) {
      failed(error);
    }
  }
  const took = performance.now() - start;
  setTimeout(run, Math.max(PAUSE_MS - took, 2 * took));
}

startExplain();
startResources(failed);
onChoose((node) => showDetails(node, known, failed));
byId("topology-search").addEventListener("input", () => known && drawTopology(false).catch(failed));
new ResizeObserver(() => known && drawTopology(false).catch(failed)).observe(byId("picture"));
document.addEventListener("keydown", (event) => event.key === "Escape" && hideDetails());
run();
