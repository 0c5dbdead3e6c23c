// SPDX-License-Identifier: Apache-2.0
// What is known of the node that was chosen in the picture.
import {body} from "./api.js";
import {byId, clean, el, whole, words} from "./text.js";
import {forget} from "./topology.js";
import {leadTo} from "./resources.js";

function values(value, path, rows) {
  if (Array.isArray(value)) {
    value.forEach((each, i) => values(each, value.length > 1 ? `${path} ${i + 1}` : path, rows));
  } else if (value !== null && typeof value === "object") {
    for (const [name, inner] of Object.entries(value)) values(inner, path ? `${path} ${words(name)}` : words(name), rows);
  } else if (value !== "" && value !== 0 && value !== false && value !== "unspecified") {
    rows.push([path, String(value)]);
  }
  return rows;
}

function facts(state) {
  const rows = values(body(state), "", []).slice(0, 40);
  rows.push(["owner", state.owner], ["revision", whole(state.revision)]);
  for (const part of ["interface_status", "next_hop_status", "tunnel_endpoint_status"])
    if (state[part]) rows.push(...values(state[part], "", []).map(([name, value]) => [`kernel: ${name}`, value]));
  if (state.counters) rows.push(["packets", whole(state.counters.packets)], ["bytes", whole(state.counters.bytes)]);
  if (state.sent) rows.push(["packets sent", whole(state.sent.packets)], ["bytes sent", whole(state.sent.bytes)]);
  return rows;
}

function members(node, known) {
  const own = node.kind === "pool" ? known.members.get(node.name) || [] : [];
  return own.slice(0, 40).map((state) => [`member ${state.key}`,
    `${body(state).address}: ${words(state.member_status?.state || state.programmed)}, ` +
    `${whole(state.member_status?.connections)} connections`]);
}

export function hideDetails() {
  byId("details").hidden = true;
  forget();
}

export function showDetails(node, known, failed) {
  const place = byId("details");
  if (node.more || node.kind === "route") {
    hideDetails();
    leadTo(node.kind, node.kind === "route" ? `${node.lane}/` : "").catch(failed);
    return;
  }
  const {state} = node;
  const good = state.programmed === "programmed";
  place.replaceChildren(
    el("div", {class: "head"}, el("h3", null, el("span", {class: "kind"}, words(node.kind)), " ",
      el("bdi", null, clean(state.key))),
    el("button", {type: "button", on: {click: () => leadTo(node.kind, state.key).catch(failed)}}, "Show in the table"),
    el("button", {type: "button", on: {click: hideDetails}}, "Close")),
    el("p", {class: good ? "good" : "warn"}, words(state.programmed), state.reason ? `: ${clean(state.reason)}` : ""),
    el("dl", {class: "facts"}, [...facts(state), ...members(node, known)].map(([name, value]) =>
      [el("dt", null, clean(name)), el("dd", null, el("bdi", null, clean(value)))])));
  place.hidden = false;
}
