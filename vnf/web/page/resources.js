// SPDX-License-Identifier: Apache-2.0
// All resources of a kind, as a table of pages with a search.
import {byId, clean, el, whole, words} from "./text.js";
import {list, MOST} from "./api.js";

const ROWS = 20;
const KINDS = ["vrf", "interface", "tunnel_endpoint", "next_hop", "next_hop_group", "route", "port_pair",
  "port_pair_group", "flow_classifier", "port_chain", "neighbor", "address_group", "security_group",
  "security_group_rule", "policy_rule", "rate_limiter", "qos_policy", "ddos_profile", "conntrack_profile",
  "load_balancer", "listener", "pool", "member", "health_monitor", "route_source", "source_route", "protected_prefix"];

let all = [], found = [], more = false, page = 0, asked = 0;

function row(state) {
  const good = state.programmed === "programmed";
  return el("tr", null, el("th", {scope: "row"}, el("bdi", null, clean(state.key))),
    el("td", {class: good ? "good" : "warn"}, words(state.programmed), state.reason ? `: ${clean(state.reason)}` : ""),
    el("td", null, el("bdi", null, clean(state.owner))), el("td", {class: "number"}, whole(state.revision)),
    el("td", {class: "number"}, state.counters ? whole(state.counters.packets) : ""),
    el("td", {class: "number"}, state.sent ? whole(state.sent.packets) : ""));
}

function draw() {
  const pages = Math.max(1, Math.ceil(found.length / ROWS));
  page = Math.min(Math.max(page, 0), pages - 1);
  byId("resource-rows").replaceChildren(...found.slice(page * ROWS, (page + 1) * ROWS).map(row));
  byId("resource-page").textContent = `${page + 1} of ${whole(pages)}`;
  byId("resource-back").disabled = page === 0;
  byId("resource-next").disabled = page >= pages - 1;
  const bad = found.reduce((sum, state) => sum + (state.programmed !== "programmed"), 0);
  byId("resource-note").textContent = `${whole(found.length)} of ${whole(all.length)}` +
    (more ? `, the first ${whole(MOST)}: the rest by sluicectl show` : "") + (bad ? `; ${whole(bad)} not programmed` : "");
}

function search() {
  const wanted = byId("resource-search").value.trim().toLowerCase();
  found = wanted ? all.filter((state) => state.text.includes(wanted)) : all;
  page = 0;
  draw();
}

// Reads the kind anew. `keep`: the page and the search stay.
export async function showResources(keep) {
  const kind = byId("resource-kind").value;
  const mine = ++asked;
  const answer = await list(kind);
  if (mine !== asked) return;
  all = answer.states;
  more = answer.more;
  for (const state of all) state.text = `${state.key} ${words(state.programmed)} ${state.reason}`.toLowerCase();
  const before = page;
  search();
  if (keep) {
    page = before;
    draw();
  }
}

export function startResources(failed) {
  const select = byId("resource-kind");
  select.append(...KINDS.map((kind) => el("option", {value: kind}, words(kind))));
  select.value = "interface";
  select.addEventListener("change", () => showResources(false).catch(failed));
  byId("resource-search").addEventListener("input", search);
  byId("resource-back").addEventListener("click", () => { page--; draw(); });
  byId("resource-next").addEventListener("click", () => { page++; draw(); });
}

// Shows a kind with a search, from elsewhere on the page.
export function leadTo(kind, text) {
  byId("resource-kind").value = kind;
  byId("resource-search").value = text;
  byId("resources").focus();
  byId("resources").scrollIntoView();
  return showResources(false);
}
