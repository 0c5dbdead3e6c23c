// SPDX-License-Identifier: Apache-2.0
// The page as somebody uses it, in headless Chromium. By test_page.sh, which has made the router:
//   node page.js PLAYWRIGHT URL FOLDER SCREENSHOTS NAME LOAD
// FOLDER has what sluicectl explains, NAME is a VRF's that would be markup, LOAD is a command that adds 10,000 routes.
"use strict";
const assert = require("node:assert");
const {execSync} = require("node:child_process");
const fs = require("node:fs");
const [, , playwright, url, folder, shots, hostile, load] = process.argv;
const {chromium} = require(playwright);

// The bars are for a machine that has nothing else to do and a release build (tests/bench/see.sh sets SLUICE_BARS);
// elsewhere a page that hangs is found.
const bars = process.env.SLUICE_BARS === "1";
const FIRST_VIEW_MS = bars ? 1000 : 10000, INTERACTION_MS = bars ? 200 : 2000, BYTES = 300 * 1024;
const words = (name) => name.replaceAll("_", " ");
const complaints = [];
let bytes = 0;

function watch(page) {
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.stack));
  page.on("request", (request) => request.url().startsWith(url) || complaints.push(`asks for ${request.url()}`));
  page.on("dialog", (dialog) => complaints.push(`a dialog: ${dialog.message()}`) && dialog.dismiss());
}

async function open(browser, options) {
  const context = await browser.newContext({viewport: {width: 1440, height: 900}, ...options});
  const page = await context.newPage();
  watch(page);
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  bytes = 0;
  session.on("Network.loadingFinished", (event) => { bytes += event.encodedDataLength; });
  await page.goto(url);
  await page.waitForFunction(() => performance.getEntriesByName("drawn").length > 0);
  return page;
}

const drawn = (page) => page.evaluate(() => Math.round(performance.getEntriesByName("drawn")[0].startTime));
const texts = (page, selector) => page.$$eval(selector, (nodes) => nodes.map((node) => node.textContent));

async function noOverflow(page, what) {
  const [full, width] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(full <= width, `${what}: ${full} pixels wide, of ${width}`);
}

// From an event to the second frame behind it: what it changed is on the screen.
async function interaction(page, what, run) {
  const took = await page.evaluate(async (source) => {
    const start = performance.now();
    await new Function(`return (async () => {${source}})()`)().catch((error) => { throw error; });
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - start;
  }, run);
  assert.ok(took < INTERACTION_MS, `${what} takes ${Math.round(took)} ms, more than ${INTERACTION_MS}`);
  return Math.round(took);
}

async function firstView(browser) {
  const times = [];
  let page;
  for (let i = 0; i < 3; i++) {
    if (page) await page.context().close();
    page = await open(browser);
    times.push(await drawn(page));
    if (times[i] <= FIRST_VIEW_MS) break;
  }
  const best = Math.min(...times);
  assert.ok(best <= FIRST_VIEW_MS, `the first view takes ${times} ms, more than ${FIRST_VIEW_MS}`);
  assert.ok(bytes > 10000 && bytes <= BYTES, `the first view takes ${bytes} bytes`);
  console.log(`first view: ${best} ms, ${bytes} bytes`);
  return page;
}

async function topology(page) {
  const names = await texts(page, "#picture .name");
  for (const name of ["cl0", "up0", "x", "chain", "s1", "routes", "front", "back", "client", "server"])
    assert.ok(names.includes(name), `the picture has no ${name}: ${names}`);
  assert.ok(!names.includes("s1-in"), "a stage's interface is where packets come in");
  assert.deepStrictEqual(await texts(page, "#picture .bad .name"), ["not-there"]);
  await page.click("#trouble summary");
  assert.match((await texts(page, "#trouble-list li"))[0], /not-there.*does not exist/);
  await page.click("#picture .node.load_balancer");
  assert.match(await page.textContent("#details"), /198\.51\.100\.10/);
}

async function rates(page) {
  await page.waitForFunction(() => [...document.querySelectorAll("#picture .interface")].some((node) =>
    node.querySelector(".name").textContent === "cl0" && parseFloat(node.querySelector(".rate").textContent) > 30));
  assert.match(await page.textContent("#glance .tile .value"), /^\d/);
  assert.ok(await page.$("#picture .edge.on"), "no way carries packets");
}

async function drops(page) {
  await page.waitForFunction(() => [...document.querySelectorAll("#drops-rows tr")].some((row) =>
    row.querySelector(".reason").textContent === "no route" && parseFloat(row.cells[1].textContent) > 5));
  assert.ok(await page.$("#drops-chart .series.s0"), "the chart has no drops");
}

async function commits(page) {
  await page.click("#commit-list summary");
  await page.waitForSelector("#commit-list .change");
  const changes = await texts(page, "#commit-list .change bdi");
  assert.ok(changes.includes("10.1.0.2") || changes.includes("client"), `the commit has no next hop: ${changes}`);
}

async function explainOne(page, destination, name) {
  const said = JSON.parse(fs.readFileSync(`${folder}/${name}.json`, "utf8"));
  await page.fill("#explain [name=interface]", "cl0");
  await page.fill("#explain [name=source]", "10.1.0.2");
  await page.fill("#explain [name=destination]", destination);
  await page.fill("#explain [name=destination_port]", "22");
  await page.click("#explain button");
  await page.waitForFunction((text) => document.querySelector("#explain-answer h3")?.textContent.startsWith(text),
    words(said.verdict.verdict));
  const answer = await page.textContent("#explain-answer .verdict");
  assert.strictEqual(said.verdict.verdict, name);
  for (const part of ["description", "remedy", "interface"])
    assert.ok(answer.includes(said.verdict[part]), `${part} is not in: ${answer}`);
  const stages = await texts(page, "#explain-answer .steps h4, #explain-answer .steps .stage");
  assert.deepStrictEqual(stages, said.steps.map((step) => words(step.stage)));
  const facts = await texts(page, "#explain-answer .steps dd");
  assert.deepStrictEqual(facts, said.steps.flatMap((step) => step.facts.map((fact) => fact.value)));
}

// From the top of the page with the keyboard alone: to a node, from there to another, into its details, and out again.
async function keyboard(browser) {
  const page = await open(browser);
  await page.keyboard.press("Tab");
  assert.strictEqual(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.strictEqual(await page.evaluate(() => document.activeElement.id), "topology-search");
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement.dataset.id);
  assert.ok(first, "the tabulator does not lead into the picture");
  await page.keyboard.press("ArrowDown");
  const second = await page.evaluate(() => document.activeElement.dataset.id);
  assert.ok(second && second !== first, "an arrow does not lead on");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement.querySelector("rect")).strokeWidth);
  assert.strictEqual(outline, "3px", "the focus cannot be seen");
  await page.keyboard.press("Enter");
  assert.ok(await page.isVisible("#details"));
  await page.keyboard.press("Escape");
  assert.ok(!(await page.isVisible("#details")));
  await page.context().close();
}

// Text against what is behind it, by WCAG 2: at least 4.5.
async function contrast(page, what) {
  const low = await page.evaluate(() => {
    const channel = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    const light = (color) => {
      const [r, g, b] = color.match(/[\d.]+/g).map((part) => channel(part / 255));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (node) => {
      for (let each = node; each; each = each.parentElement) {
        const color = getComputedStyle(each).backgroundColor;
        if (!/, 0\)$/.test(color)) return color;
      }
      return "rgb(255, 255, 255)";
    };
    return [...document.querySelectorAll("h1, h2, p, a, th, td, label, dt, dd, button, .hint, .value, .badge")].filter((node) =>
      node.offsetParent && node.textContent.trim() && !node.disabled).map((node) => {
      const [a, b] = [light(getComputedStyle(node).color), light(behind(node))].sort((x, y) => y - x);
      return [(a + 0.05) / (b + 0.05), node.textContent.trim().slice(0, 40)];
    }).filter(([ratio]) => ratio < 4.5);
  });
  assert.deepStrictEqual(low, [], `${what}: too little contrast`);
}

async function hostileName(page) {
  assert.strictEqual(await page.title(), "Sluice");
  assert.strictEqual(await page.$$eval("img:not(.brand img)", (images) => images.length), 0);
  await page.selectOption("#resource-kind", "vrf");
  await page.waitForFunction((name) => [...document.querySelectorAll("#resource-rows th")].some((cell) =>
    cell.textContent === name), hostile);
  await page.selectOption("#resource-kind", "interface");
}

async function otherScreens(browser) {
  const dark = await open(browser, {colorScheme: "dark"});
  await dark.waitForTimeout(2500);
  assert.strictEqual(await dark.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(15, 20, 25)");
  await contrast(dark, "dark");
  await noOverflow(dark, "dark");
  await dark.screenshot({path: `${shots}/dark.png`});
  await dark.context().close();
  const phone = await open(browser, {viewport: {width: 360, height: 740}, isMobile: true, hasTouch: true});
  await noOverflow(phone, "a phone");
  await phone.tap("#picture .node.interface");
  await noOverflow(phone, "a phone, with details");
  await phone.screenshot({path: `${shots}/phone.png`, fullPage: true});
  await phone.context().close();
}

async function large(page) {
  execSync(load, {stdio: "pipe"});
  await page.waitForFunction(() => document.querySelector("#picture").textContent.includes("100+"), null, {timeout: 20000});
  await page.selectOption("#resource-kind", "route");
  await page.waitForFunction(() => document.querySelector("#resource-note").textContent.startsWith("10,000 of 10,000"));
  const took = [
    await interaction(page, "a search among 10,000", `const search = document.getElementById("resource-search");
      search.value = "100.90.7"; search.dispatchEvent(new Event("input"));`),
    await interaction(page, "a search for all", `const search = document.getElementById("resource-search");
      search.value = ""; search.dispatchEvent(new Event("input"));`),
    await interaction(page, "the next page", `document.getElementById("resource-next").click();`),
    await interaction(page, "a search in the picture", `const search = document.getElementById("topology-search");
      search.value = "x"; search.dispatchEvent(new Event("input"));`),
  ];
  await page.screenshot({path: `${shots}/large.png`});
  console.log(`with 10,000 routes: ${took.join(", ")} ms to the next frame`);
}

async function lost(page) {
  await page.route("**/api/**", (route) => route.abort());
  await page.waitForSelector("#banner:not([hidden])");
  assert.match(await page.textContent("#banner"), /does not answer: no connection; last seen at .*Asking again/);
  await page.unroute("**/api/**");
  await page.waitForSelector("#banner", {state: "hidden"});
}

async function main() {
  const browser = await chromium.launch({executablePath: "/usr/bin/chromium", headless: true, args: ["--no-sandbox"]});
  try {
    const page = await firstView(browser);
    page.setDefaultTimeout(15000);
    await topology(page);
    await rates(page);
    await drops(page);
    await commits(page);
    await explainOne(page, "10.9.0.2", "forwarded");
    await explainOne(page, "203.0.113.1", "dropped");
    await keyboard(browser);
    await hostileName(page);
    await contrast(page, "light");
    await noOverflow(page, "light");
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({path: `${shots}/light.png`});
    await page.screenshot({path: `${shots}/whole.png`, fullPage: true});
    await otherScreens(browser);
    await large(page);
    assert.deepStrictEqual(complaints, []);
    await lost(page);
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error.stack, complaints);
  process.exit(1);
});
