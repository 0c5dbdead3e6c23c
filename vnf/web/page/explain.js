// SPDX-License-Identifier: Apache-2.0
// The form that explains a packet: its steps, and how its way ends.
import {byId, clean, el, words} from "./text.js";
import {ask} from "./api.js";

const TRIES = 4;

function fact(each) {
  return el("div", null, el("dt", null, words(each.name)), el("dd", null, el("bdi", null, clean(each.value))));
}

function step(each, dropped) {
  if (!each.reason && !each.facts?.length)
    return el("li", {class: "step passed"}, el("p", null, el("span", {class: "stage"}, words(each.stage)),
      each.description ? `: ${clean(each.description)}` : ""));
  return el("li", {class: each.reason ? "step ends" : "step"},
    el("h4", null, words(each.stage)), el("p", null, clean(each.description || "")),
    each.reason ? el("p", {class: dropped ? "reason bad" : "reason"}, "ends here: ", words(each.reason)) : null,
    each.facts?.length ? el("dl", {class: "facts"}, each.facts.map(fact)) : null);
}

function verdict(answer) {
  const {verdict: end, generation, revision, program} = answer;
  const good = end.verdict !== "dropped";
  return el("div", {class: good ? "verdict good" : "verdict bad"},
    el("h3", null, words(end.verdict), end.reason && end.reason !== end.verdict ? `: ${words(end.reason)}` : ""),
    el("p", null, clean(end.description || "")),
    end.interface ? el("p", null, "leaves by ", el("bdi", null, clean(end.interface)),
      end.device && end.device !== end.interface ? ` (${clean(end.device)})` : "") : null,
    end.remedy ? el("p", {class: "remedy"}, "What helps: ", clean(end.remedy)) : null,
    el("p", {class: "hint"}, `revision ${revision}, generation ${generation}${program ? `, ${clean(program)}` : ""}`));
}

// What explains is loaded when it is first wanted, which may take longer than the router lets one wait.
async function askPatiently(asked, place) {
  for (let tries = 1; ; tries++) {
    try {
      return await ask("/api/explain", asked, 15000);
    } catch (error) {
      if (error.status !== 504 || tries === TRIES) throw error;
      place.replaceChildren(el("p", {class: "hint"}, clean(error.message).replace("ask again", "asking again")));
    }
  }
}

async function submit(event) {
  event.preventDefault();
  const form = event.target;
  const place = byId("explain-answer");
  const asked = {};
  for (const [name, value] of new FormData(form)) if (value.trim()) asked[name] = value.trim();
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await askPatiently(asked, place);
    place.replaceChildren(verdict(answer), el("ol", {class: "steps"},
      answer.steps.map((each) => step(each, answer.verdict.verdict === "dropped"))));
  } catch (error) {
    place.replaceChildren(el("p", {class: "verdict bad"}, clean(error.message)));
  }
  place.removeAttribute("aria-busy");
}

export function startExplain() {
  byId("explain-form").addEventListener("submit", submit);
}

export function offerInterfaces(names) {
  byId("interfaces").replaceChildren(...names.slice(0, 200).map((name) => el("option", {value: name})));
}
