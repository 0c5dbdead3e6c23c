// SPDX-License-Identifier: Apache-2.0
// Drops: a stacked chart of the last ten minutes, and the same as a table.
import {byId, clean, el, short, svg, whole, words} from "./text.js";

const MINUTES = 10;
const BARS = 60; // of ten seconds
const BAR_MS = (MINUTES * 60000) / BARS;
const COLORS = 6; // reasons with a colour of their own; the last one is for all others
const HEIGHT = 180, LEFT = 44, BOTTOM = 20, TOP = 8;

let last = null; // counts by reason, and when
const bars = []; // {time, counts: Map(reason -> packets), milliseconds}

function barAt(time) {
  const start = Math.floor(time / BAR_MS) * BAR_MS;
  let bar = bars[bars.length - 1];
  if (!bar || bar.time !== start) {
    bar = {time: start, counts: new Map(), milliseconds: 0};
    bars.push(bar);
    while (bars.length && bars[0].time <= start - MINUTES * 60000) bars.shift();
  }
  return bar;
}

// Adds a reading: packet counters by reason. Returns packets dropped a second; null: not known.
export function addDrops(counters, time) {
  const counts = new Map();
  for (const each of counters) if (each.verdict === "dropped") counts.set(each.name, each.counters?.packets || 0);
  let sum = null;
  if (last && time > last.time) {
    const bar = barAt(time);
    bar.milliseconds += time - last.time;
    sum = 0;
    for (const [name, count] of counts) {
      const more = count - (last.counts.get(name) || 0);
      if (more <= 0) continue;
      bar.counts.set(name, (bar.counts.get(name) || 0) + more);
      sum += more;
    }
    sum = (sum * 1000) / (time - last.time);
  }
  const rates = new Map();
  if (last) {
    for (const [name, count] of counts) {
      const before = last.counts.get(name) || 0;
      rates.set(name, count < before ? null : ((count - before) * 1000) / (time - last.time));
    }
  }
  last = {counts, time};
  draw(counters, rates, time);
  return sum;
}

export function resetDrops() {
  last = null;
}

// Reasons by what they dropped in the window, then in all; those with packets only.
function order(counters) {
  const window = new Map();
  for (const bar of bars) for (const [name, count] of bar.counts) window.set(name, (window.get(name) || 0) + count);
  const rows = counters.filter((each) => each.verdict === "dropped" && each.counters?.packets > 0);
  rows.sort((a, b) => (window.get(b.name) || 0) - (window.get(a.name) || 0) ||
    b.counters.packets - a.counters.packets || (a.name < b.name ? -1 : 1));
  return {rows, window};
}

// A round number at or above: 1, 2 or 5 times a power of ten.
function roof(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 5, 10]) if (step * power >= value) return step * power;
  return value;
}

function heights(names) {
  return bars.map((bar) => {
    const seconds = Math.max(bar.milliseconds, 1000) / 1000;
    const parts = names.map((name) => (bar.counts.get(name) || 0) / seconds);
    let rest = 0;
    for (const [name, count] of bar.counts) if (!names.includes(name)) rest += count / seconds;
    return {time: bar.time, parts: [...parts, rest]};
  });
}

function chart(names, time) {
  const columns = heights(names);
  const most = roof(Math.max(0, ...columns.map((column) => column.parts.reduce((a, b) => a + b, 0))));
  const newest = Math.floor(time / BAR_MS) * BAR_MS;
  const inner = HEIGHT - BOTTOM - TOP;
  const width = Math.max(240, byId("drops-chart").clientWidth);
  const step = (width - LEFT) / BARS;
  const picture = svg("svg", {viewBox: `0 0 ${width} ${HEIGHT}`, role: "img",
    "aria-label": `Packets dropped a second over ten minutes, at most ${short(most)}; the table has the numbers`});
  for (const part of [0, 0.5, 1]) {
    const y = TOP + inner * (1 - part);
    picture.append(svg("line", {class: "grid", x1: LEFT, x2: width, y1: y, y2: y}),
      svg("text", {class: "tick", x: LEFT - 8, y: y + 4, "text-anchor": "end"}, short(most * part)));
  }
  for (const minutes of [10, 5, 0]) {
    const x = width - minutes * 6 * step;
    picture.append(svg("text", {class: "tick", x, y: HEIGHT - 4,
      "text-anchor": minutes === 10 ? "start" : minutes ? "middle" : "end"}, minutes ? `−${minutes} min` : "now"));
  }
  for (const column of columns) {
    const x = width - ((newest - column.time) / BAR_MS + 1) * step;
    let y = TOP + inner;
    column.parts.forEach((value, i) => {
      const height = (value / most) * inner;
      if (height <= 0) return;
      y -= height;
      picture.append(svg("rect", {class: `series s${i === names.length ? COLORS : i}`, x: x + 1, y,
        width: Math.max(1, step - 2), height: Math.max(height, 0.5)}));
    });
  }
  return picture;
}

function row(each, i, rate, window) {
  return el("tr", null,
    el("th", {scope: "row", title: clean(each.description)}, el("span", {class: `swatch s${Math.min(i, COLORS)}`}),
      el("span", {class: "reason"}, words(each.name)), el("span", {class: "about"}, clean(each.description))),
    el("td", {class: "number"}, short(rate)), el("td", {class: "number"}, whole(window)),
    el("td", {class: "number"}, whole(each.counters.packets)));
}

function draw(counters, rates, time) {
  const {rows, window} = order(counters);
  const names = rows.filter((each) => window.get(each.name)).slice(0, COLORS).map((each) => each.name);
  byId("drops-chart").replaceChildren(chart(names, time));
  byId("drops-rows").replaceChildren(...rows.map((each, i) =>
    row(each, i, rates.get(each.name), window.get(each.name))));
  if (!rows.length)
    byId("drops-rows").append(el("tr", null, el("td", {colspan: 4, class: "hint"}, "Nothing has been dropped.")));
}
