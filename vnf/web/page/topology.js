// SPDX-License-Identifier: Apache-2.0
// The topology as a picture: on a wide screen from left to right, on a narrow one from top to bottom.
import {bits, byId, clean, cut, el, packets, short, svg, words} from "./text.js";
import {CHAIN, COLUMNS, ROUTES, VRF} from "./graph.js";

const HEIGHT = 46, GAP = 10, PAD = 14, TITLE = 26, SPACE = 34, WIDE = 960, NARROWEST = 130;
const WEIGHT = [1, 0.85, 1.05, 0.55, 1.1, 1, 0.9];
const TITLES = ["in", "VRF", "chains", "routes", "to", "by", "out"];

let drawn = []; // {node, rate: text element}
let edges = []; // {edge, path}
let chosen = null;
let choose = () => {};

const nodeHeight = (node) => (node.stages ? TITLE + node.stages.length * (HEIGHT + 6) + 4 : HEIGHT);

function rateText(rate) {
  if (!rate) return "";
  if (rate.flows !== undefined) return `${short(rate.flows)} flows/s`;
  return rate.packets ? `${packets(rate.packets)} · ${bits(rate.bits)}` : packets(rate.packets);
}

function title(node) {
  const state = node.more ? "" : node.bad ? `, not programmed: ${clean(node.state?.reason || "see its members")}` : "";
  return `${words(node.kind)} ${clean(node.name)}${node.about ? `, ${clean(node.about)}` : ""}${state}`;
}

function box(node, x, y, width) {
  const height = nodeHeight(node);
  const rate = svg("text", {class: "rate", x: 10, y: 35});
  const characters = Math.floor((width - (node.bad ? 34 : 20)) / 7.3);
  const about = node.stages || !node.about ? "" : clean(node.about);
  const name = cut(node.name, characters);
  const beside = node.measure && [...about].length + 2 <= characters - [...name].length;
  const group = svg("g", {class: `node ${node.kind}${node.bad ? " bad" : ""}${node.more ? " more" : ""}`,
    transform: `translate(${x} ${y})`, role: "button", tabindex: -1, "aria-label": title(node), "data-id": node.id},
  svg("title", null, title(node)),
  svg("rect", {width, height, rx: 8}),
  svg("text", {class: "name", x: 10, y: 18}, name),
  beside ? svg("text", {class: "about", x: width - (node.bad ? 24 : 10), y: 18, "text-anchor": "end"}, about) : null,
  node.measure ? rate : svg("text", {class: "about", x: 10, y: 35}, cut(about, Math.floor((width - 20) / 6.1))),
  node.bad ? svg("text", {class: "mark", x: width - 10, y: 18, "text-anchor": "end"}, "!") : null);
  if (node.measure) drawn.push({node, rate, room: Math.floor((width - 16) / 6.1)});
  return group;
}

// A node, and its stages inside of it.
function place(picture, node, x, y, width) {
  Object.assign(node, {x, y, width, height: nodeHeight(node)});
  picture.append(box(node, x, y, width));
  (node.stages || []).forEach((stage, i) => {
    picture.append(box(stage, x + 6, y + TITLE + i * (HEIGHT + 6), width - 12));
  });
}

function curve(from, to, under) {
  const x1 = from.x + from.width, y1 = from.y + from.height / 2, x2 = to.x, y2 = to.y + to.height / 2;
  const bend = (a, b) => (a + b) / 2;
  if (under) {
    const {left, right, y} = under;
    return `M${x1} ${y1}C${bend(x1, left)} ${y1} ${bend(x1, left)} ${y} ${left} ${y}L${right} ${y}` +
      `C${bend(right, x2)} ${y} ${bend(right, x2)} ${y2} ${x2} ${y2}`;
  }
  return `M${x1} ${y1}C${bend(x1, x2)} ${y1} ${bend(x1, x2)} ${y2} ${x2} ${y2}`;
}

function addEdge(layer, edge, path) {
  const line = svg("path", {class: edge.from.bad || edge.to.bad ? "edge bad" : "edge", d: path});
  layer.append(line);
  edges.push({edge, path: line});
}

function drawLaneWide(picture, lane, columns, top, width) {
  const heights = lane.columns.map((nodes) =>
    nodes.reduce((sum, node) => sum + nodeHeight(node) + GAP, nodes.length ? -GAP : 0));
  const bypass = lane.columns[CHAIN].length && lane.columns[ROUTES].length ? 2 * PAD : 0;
  heights[CHAIN] += bypass;
  const inner = Math.max(...heights);
  const layer = svg("g", {class: "edges"});
  picture.append(svg("rect", {class: "lane", x: 0, y: top, width, height: inner + 2 * PAD, rx: 10}), layer);
  lane.columns.forEach((nodes, column) => {
    let y = top + PAD + (inner - heights[column]) / 2;
    for (const node of nodes) {
      place(picture, node, columns[column].x, y, columns[column].width);
      y += nodeHeight(node) + GAP;
    }
  });
  for (const edge of lane.edges) {
    const jump = bypass && edge.from.column === VRF && edge.to.column === ROUTES;
    const last = lane.columns[CHAIN][lane.columns[CHAIN].length - 1];
    addEdge(layer, edge, curve(edge.from, edge.to, jump ? {left: last.x - 4, right: last.x + last.width + 4,
      y: last.y + last.height + PAD} : null));
  }
  return inner + 2 * PAD;
}

function drawWide(picture, lanes, width) {
  const used = Array.from({length: COLUMNS}, (_, i) => lanes.some((lane) => lane.columns[i].length));
  const weights = WEIGHT.map((weight, i) => (used[i] ? weight : 0));
  const shown = used.filter(Boolean).length;
  const unit = Math.min(210, (width - 2 * PAD - SPACE * (shown - 1)) / weights.reduce((a, b) => a + b, 0));
  const space = shown > 1
    ? (width - 2 * PAD - unit * weights.reduce((a, b) => a + b, 0)) / (shown - 1) : 0;
  let x = PAD;
  const columns = weights.map((weight) => {
    const column = {x, width: weight * unit};
    if (weight) x += weight * unit + space;
    return column;
  });
  columns.forEach((column, i) => used[i] && picture.append(
    svg("text", {class: "column", x: column.x + 2, y: 12}, TITLES[i])));
  let top = 22;
  for (const lane of lanes) top += drawLaneWide(picture, lane, columns, top, width) + GAP;
  return top - GAP;
}

// Rows of nodes, column by column; one arrow leads from each to the next.
function drawNarrow(picture, lanes, width) {
  const across = Math.max(1, Math.floor((width - 2 * PAD + GAP) / (NARROWEST + GAP)));
  const each = (width - 2 * PAD - GAP * (across - 1)) / across;
  let top = 0;
  for (const lane of lanes) {
    const start = top;
    const frame = svg("rect", {class: "lane", x: 0, y: start, width, rx: 10});
    picture.append(frame);
    top += PAD;
    let first = true;
    lane.columns.forEach((nodes, column) => {
      if (!nodes.length) return;
      if (!first) {
        picture.append(svg("path", {class: "arrow", d: `M${width / 2} ${top - GAP + 2}v8m-4 -4l4 4l4 -4`}));
        top += 10;
      }
      first = false;
      picture.append(svg("text", {class: "column", x: PAD, y: top + 8}, TITLES[column]));
      top += 14;
      for (let i = 0; i < nodes.length; i += across) {
        const row = nodes.slice(i, i + across);
        row.forEach((node, j) => place(picture, node, PAD + j * (each + GAP), top, row.length === 1 && nodes.length === 1
          ? width - 2 * PAD : each));
        top += Math.max(...row.map(nodeHeight)) + GAP;
      }
    });
    top += PAD - GAP;
    frame.setAttribute("height", top - start);
    top += GAP;
  }
  return top - GAP;
}

// One stop for the tabulator; arrows lead from node to node.
function keys(event) {
  const nodes = [...event.currentTarget.querySelectorAll(".node")];
  const at = nodes.indexOf(event.target.closest(".node"));
  const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    select(event);
  } else if (step && at >= 0) {
    event.preventDefault();
    const next = nodes[(at + step + nodes.length) % nodes.length];
    nodes[at].setAttribute("tabindex", -1);
    next.setAttribute("tabindex", 0);
    next.focus();
  }
}

function select(event) {
  const target = event.target.closest(".node");
  const found = target && everything().find((node) => node.id === target.dataset.id);
  if (!found) return;
  chosen = found.id;
  highlight(found);
  choose(found);
}

let lanesShown = [];
const everything = () => lanesShown.flatMap((lane) => lane.columns.flat().flatMap((node) => [node, ...(node.stages || [])]));

// The chosen node's ways stand out: those that lead to it, and on from it.
function highlight(node) {
  const picture = byId("picture");
  for (const each of picture.querySelectorAll(".node")) each.classList.toggle("chosen", each.dataset.id === node?.id);
  for (const {edge, path} of edges)
    path.classList.toggle("chosen", Boolean(node) && (edge.from.id === node.id || edge.to.id === node.id));
}

export function forget() {
  chosen = null;
  highlight(null);
}

export function onChoose(run) {
  choose = run;
}

// Does it fit from left to right?
export const isWide = () => byId("picture").clientWidth >= WIDE;

export function draw(lanes) {
  const place = byId("picture");
  const focused = document.activeElement?.closest?.(".node")?.dataset.id;
  const width = Math.max(280, Math.floor(place.clientWidth));
  const picture = svg("svg", {role: "group", "aria-label": "Topology; arrow keys lead from one to the next",
    on: {click: select, keydown: keys}});
  drawn = [];
  edges = [];
  lanesShown = lanes;
  const height = width >= WIDE ? drawWide(picture, lanes, width) : drawNarrow(picture, lanes, width);
  picture.setAttribute("viewBox", `0 0 ${width} ${Math.max(height, 1)}`);
  picture.setAttribute("width", width);
  picture.setAttribute("height", Math.max(height, 1));
  place.replaceChildren(lanes.length ? picture : el("p", {class: "hint"}, "There is no VRF that fits."));
  const nodes = [...picture.querySelectorAll(".node")];
  const again = nodes.find((each) => each.dataset.id === focused);
  (again || nodes[0])?.setAttribute("tabindex", 0);
  again?.focus();
  highlight(everything().find((node) => node.id === chosen));
}

export function update(rates) {
  for (const {node, rate, room} of drawn) {
    const value = node.measure(rates, node);
    const long = rateText(value);
    rate.textContent = long.length > room ? long.split(" · ")[0] : long;
    rate.classList.toggle("on", Boolean(value && (value.packets || value.flows)));
  }
  for (const {edge, path} of edges) {
    const value = edge.by.measure?.(rates, edge.by);
    const rate = value ? value.packets ?? value.flows * 10 : 0;
    path.classList.toggle("on", rate > 0);
    path.style.strokeWidth = `${1.2 + (rate > 0 ? Math.min(4, Math.log10(rate + 1) * 0.7) : 0)}px`;
  }
}
