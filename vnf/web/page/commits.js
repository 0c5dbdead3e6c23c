// SPDX-License-Identifier: Apache-2.0
// The last commits; what one changed is asked for when it is opened.
import {age, byId, clean, el, whole, words} from "./text.js";
import {ask} from "./api.js";

const SHOWN = 20;
const CHANGES = 200; // of a commit that are shown
let shown = -1;

// "gateway.address" -> text, for each value of a message.
function flatten(value, path, into) {
  if (value !== null && typeof value === "object") {
    for (const [name, inner] of Object.entries(value)) flatten(inner, path ? `${path}.${name}` : name, into);
  } else {
    into.set(path, String(value));
  }
  return into;
}

function fields(before, after) {
  const old = flatten(before || {}, "", new Map());
  const now = flatten(after || {}, "", new Map());
  const rows = [];
  for (const path of new Set([...old.keys(), ...now.keys()])) {
    const a = old.get(path) ?? "", b = now.get(path) ?? "";
    if (a === b || (!before && (b === "" || b === "0" || b === "false"))) continue;
    rows.push(el("li", null, el("code", null, clean(path)), " ",
      a !== "" ? el("del", null, clean(a)) : null, a !== "" && b !== "" ? " → " : null,
      b !== "" ? el("ins", null, clean(b)) : null));
  }
  return rows;
}

function change(difference) {
  const inner = (resource) => (resource ? Object.values(resource)[0] : null);
  const rows = difference.outcome === "deleted" ? [] : fields(inner(difference.before), inner(difference.after));
  return el("li", {class: "change"}, el("span", {class: `badge ${difference.outcome}`}, difference.outcome), " ",
    el("span", {class: "kind"}, words(difference.kind)), " ", el("bdi", null, clean(difference.key)),
    rows.length ? el("ul", {class: "plain fields"}, rows) : null);
}

async function open(revision, place) {
  if (place.dataset.asked) return;
  place.dataset.asked = "yes";
  place.replaceChildren(el("p", {class: "hint"}, "asking …"));
  try {
    const answer = await ask("/api/difference",
      {from_revision: revision - 1, to_revision: revision, page_size: CHANGES});
    place.replaceChildren(el("ul", {class: "plain"}, answer.differences.map(change)));
    if (answer.next_page_token)
      place.append(el("p", {class: "hint"}, `The first ${CHANGES}. All: sluicectl diff ${revision - 1} ${revision}`));
  } catch (error) {
    delete place.dataset.asked;
    place.replaceChildren(el("p", {class: "hint"}, `No answer: ${clean(error.message)}`));
  }
}

function commit(each) {
  const place = el("div", {class: "changes"});
  const when = new Date(each.time_unix_ms);
  const summary = el("summary", null, el("span", {class: "revision"}, `Revision ${each.revision}`),
    el("span", {class: "counts"}, each.created ? el("span", {class: "badge created"}, `+${whole(each.created)}`) : null,
      each.replaced ? el("span", {class: "badge replaced"}, `~${whole(each.replaced)}`) : null,
      each.deleted ? el("span", {class: "badge deleted"}, `−${whole(each.deleted)}`) : null),
    el("span", {class: "by"}, "by ", el("bdi", null, clean(each.owner))),
    each.state !== "committed" ? el("span", {class: "badge"}, each.state) : null,
    each.rolls_back ? el("span", {class: "badge"}, `back to ${each.rollback_to}`) : null,
    el("time", {datetime: when.toISOString(), title: when.toLocaleString()}, `${age(Date.now() - when)} ago`));
  return el("details", {on: {toggle: (event) => event.target.open && open(each.revision, place)}}, summary, place);
}

export async function showCommits(revision) {
  if (revision === shown) return;
  const answer = await ask("/api/revisions", {page_size: SHOWN});
  shown = revision;
  byId("commit-list").replaceChildren(...answer.revisions.map(commit));
  if (!answer.revisions.length) byId("commit-list").append(el("p", {class: "hint"}, "Nothing has been committed yet."));
}

export function resetCommits() {
  shown = -1;
}
