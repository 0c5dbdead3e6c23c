// SPDX-License-Identifier: Apache-2.0
// Elements and texts. Names come from clients of the router: they only ever become text nodes.

export const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null) node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

export function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

export const byId = (id) => document.getElementById(id);

// Marks that turn the direction of writing, and control characters, would let a name show as another one.
export function clean(text) {
  return String(text).replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}

// "0", "7.3", "812", "1.20 k", "3.42 G"; null: not known.
export function short(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  let power = 0;
  while (value >= 999.5 && power < 5) {
    value /= 1000;
    power++;
  }
  const digits = (power === 0 && Number.isInteger(value)) || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return value.toFixed(digits) + (power ? "\u202f" + " kMGTP"[power] : "");
}

export const packets = (rate) => short(rate) + " pkt/s";
export const bits = (rate) => short(rate) + (rate >= 999.5 ? "" : "\u202f") + "bit/s";
export const whole = (number) => Number(number || 0).toLocaleString("en");

export function age(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds / 60) % 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds / 3600) % 24)} h`;
}

export function words(name) {
  return String(name).replaceAll("_", " ");
}

export function cut(text, characters) {
  const all = [...clean(text)];
  return all.length > characters ? all.slice(0, Math.max(1, characters - 1)).join("") + "…" : all.join("");
}
