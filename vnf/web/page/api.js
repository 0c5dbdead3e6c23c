// SPDX-License-Identifier: Apache-2.0
// Questions to the router, and rates from its counters.

const PAGE = 1000;
export const MOST = 10000; // resources of a kind that are read

export async function ask(path, parameters, milliseconds = 8000) {
  const query = new URLSearchParams(parameters || {}).toString();
  const answer = await fetch(path + (query ? "?" + query : ""), {signal: AbortSignal.timeout(milliseconds)});
  if (!answer.ok) {
    const error = new Error((await answer.text()).trim() || `HTTP ${answer.status}`);
    error.status = answer.status;
    throw error;
  }
  return answer.json();
}

// What the router is and does now, with all resources of the kinds: {system, verdicts, ..., resources: {vrf: [...]}}.
export async function askNow(kinds) {
  const now = await ask("/api/now", {kinds: kinds.join(",")}, 15000);
  const resources = {};
  for (const kind of kinds) {
    const {states, next_page_token: token} = now.resources[kind];
    resources[kind] = token ? states.concat((await list(kind, {}, MOST - states.length, token)).states) : states;
  }
  return {...now, resources};
}

// All of a kind, page by page, up to `most`: {states, more}.
export async function list(kind, parameters, most = MOST, token = "") {
  const states = [];
  do {
    const asked = {kind, page_size: Math.min(PAGE, most - states.length), ...parameters};
    if (token) asked.page_token = token;
    const page = await ask("/api/resources", asked);
    for (const state of page.states) states.push(state);
    token = page.next_page_token;
  } while (token && states.length < most);
  return {states, more: Boolean(token)};
}

export const body = (state) => Object.values(state.resource)[0];

// Between two readings of counters, by key: packets and bits a second; null where it is not known.
export class Rates {
  constructor() {
    this.before = new Map();
    this.now = new Map();
  }

  // counts: [packets, bytes, packets sent, bytes sent]
  add(key, counts, time) {
    this.now.set(key, {counts, time});
  }

  // What was added is the newest reading; keys that were not are forgotten.
  turn() {
    this.shown = this.now;
    this.older = this.before;
    this.before = this.now;
    this.now = new Map();
  }

  reset() {
    this.before = new Map();
    this.now = new Map();
    this.older = new Map();
  }

  rate(key, which) {
    const now = this.shown?.get(key);
    const before = this.older?.get(key);
    if (!now || !before || now.time <= before.time || now.counts[which] < before.counts[which]) return null;
    const rate = ((now.counts[which] - before.counts[which]) * 1000) / (now.time - before.time);
    return which % 2 ? rate * 8 : rate;
  }
}

export function countsOf(state) {
  const {counters, sent} = state;
  return [counters?.packets || 0, counters?.bytes || 0, sent?.packets || 0, sent?.bytes || 0];
}
