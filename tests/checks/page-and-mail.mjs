#!/usr/bin/env node
// Opens the message and the page of an edition in a real browser, and looks at what a reader gets.
//
//   tests/checks/page-and-mail.mjs EDITION_FOLDER OUT_FOLDER
//
// At 320, 640 and 1280 pixels, with pictures and with pictures blocked: no violation of WCAG 2.0 to 2.2, A and AA, as
// axe-core sees it; nothing wider than the window; no text cut off or running out of its box, with the reader's own text
// spacing neither; every picture with alternative text; every figure readable without pictures; nothing fetched from
// outside its folder; nothing on the console; links lead somewhere. The page is also printed. OUT_FOLDER gets pictures of all of it.
//
// Needs Debian's chromium and poppler-utils, and playwright-core and axe-core from npm, in $QUARTERDECK_NODE/node_modules.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [edition, out] = process.argv.slice(2).map((folder) => path.resolve(folder));
const WIDTHS = [320, 640, 1280];
// A4 less margins of 1 cm, at 96 pixels an inch.
const PAPER = { width: 718, height: 1047 };
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];
// What WCAG 1.4.12 lets a reader set; drawings are pictures, whose text cannot be set.
const SPACING = `:not(svg, svg *) { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
  p { margin-bottom: 2em !important }
  svg { line-height: normal; letter-spacing: normal; word-spacing: normal }`;
const SHOWN_MAX = 60;

// What breaks a rule, and in which views.
const found = new Map();
const counts = {};
const count = (what, number = 1) => (counts[what] = (counts[what] ?? 0) + number);

function add(file, rule, what, where = "") {
  const line = `page-and-mail: ${file}: ${rule}: ${what}`;
  if (!found.has(line)) found.set(line, new Set());
  if (where) found.get(line).add(where);
}

// Documents that fetch pictures.
const withPictures = new Set();

function die(message) {
  console.error(`page-and-mail: ${message}`);
  process.exit(1);
}

function tools() {
  const folder = process.env.QUARTERDECK_NODE;
  if (!folder) die("QUARTERDECK_NODE does not name the folder of node_modules: npm ci with tests/checks/package.json");
  const require = createRequire(path.join(folder, "package.json"));
  let browser;
  try {
    browser = execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  } catch {
    die("chromium is missing: apt-get install chromium");
  }
  return { chromium: require("playwright-core").chromium, axe: readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"), browser };
}

// --- What is asked in the browser; these functions run there and see nothing of this file ------------------------------

// Everything that is wider than the window, cut off, or runs out of its box.
function misfits(isPaper) {
  const SLACK = 1.5;
  const say = (element) => {
    const name = [element.tagName.toLowerCase(), ...element.classList].join(".");
    return `<${name}> “${element.textContent.trim().replace(/\s+/g, " ").slice(0, 60)}”`;
  };
  const problems = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) problems.push(["wider than the window", `the document is ${root.scrollWidth} pixels wide`]);

  const clips = (value) => value === "hidden" || value === "clip";
  const scrolls = (value) => value === "auto" || value === "scroll";
  // Text for screen readers alone is in a box of a pixel; what is moved off the page to the left comes back with the focus.
  const isForEars = (box) => (box.width <= 2 && box.height <= 2) || box.right < 0;
  const isBox = (display) => !/^(inline|contents|ruby|none)/.test(display) || display === "inline-block";

  for (const element of document.querySelectorAll("body *")) {
    const style = getComputedStyle(element);
    if (scrolls(style.overflowX) && element.scrollWidth > element.clientWidth + SLACK) {
      const isNamed = element.getAttribute("aria-label") || element.getAttribute("aria-labelledby");
      if (isPaper) problems.push(["cut off", `${say(element)} would have to be scrolled`]);
      else if (element.tabIndex < 0 || !isNamed) problems.push(["scrolls by itself", `${say(element)} can not be reached by keyboard, or has no name`]);
    }
    if (style.textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth) problems.push(["cut off", say(element)]);
  }

  for (const drawing of document.querySelectorAll("svg")) {
    const labels = [...drawing.querySelectorAll("text")].filter((label) => label.textContent.trim()).map((label) => ({ label, box: label.getBoundingClientRect() }));
    labels.forEach(({ label, box }, index) => {
      for (const { label: other, box: beside } of labels.slice(index + 1)) {
        // A label may be drawn twice, the first time as its own background.
        const isTwin = label.textContent === other.textContent && Math.abs(box.left - beside.left) < 1 && Math.abs(box.top - beside.top) < 1;
        const across = Math.min(box.right, beside.right) - Math.max(box.left, beside.left);
        const down = Math.min(box.bottom, beside.bottom) - Math.max(box.top, beside.top);
        // Boxes of letters are higher than letters are.
        if (!isTwin && across > 2 && down > 0.4 * Math.min(box.height, beside.height)) problems.push(["labels overlap", `${say(label)} and ${say(other)}`]);
      }
    });
  }

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let seen = 0;
  while (texts.nextNode()) {
    const node = texts.currentNode;
    const parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (["STYLE", "SCRIPT", "TITLE", "DESC", "title", "desc"].includes(parent.tagName)) continue;
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
    if (boxes.length === 0) continue;
    seen += 1;
    const left = Math.min(...boxes.map((box) => box.left));
    const right = Math.max(...boxes.map((box) => box.right));
    const top = Math.min(...boxes.map((box) => box.top));
    const bottom = Math.max(...boxes.map((box) => box.bottom));
    let isInner = true;
    for (let element = parent; element && element !== root; element = element.parentElement) {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      if (isForEars(box) && clips(style.overflowX)) break;
      const isDrawing = element.tagName.toLowerCase() === "svg";
      if (isInner && (isDrawing || isBox(style.display)) && !(element instanceof SVGElement && !isDrawing)) {
        isInner = false;
        if (right > box.right + SLACK || left < box.left - SLACK) problems.push(["runs out of its box", say(parent)]);
      }
      const isOutX = right > box.right + SLACK || left < box.left - SLACK;
      // Boxes of letters are higher than letters are.
      const slackY = isDrawing ? 0.25 * (bottom - top) : SLACK;
      const isOutY = bottom > box.bottom + slackY || top < box.top - slackY;
      if ((clips(style.overflowX) && isOutX) || (clips(style.overflowY) && isOutY)) problems.push(["cut off", say(parent)]);
      if (scrolls(style.overflowX) && element.tabIndex >= 0) break;
      if (style.position === "absolute" && box.right < 0) break;
      if (element === document.body && right > innerWidth + SLACK) problems.push(["wider than the window", say(parent)]);
    }
  }
  return { problems, seen };
}

function pictures() {
  return [...document.images].map((image) => ({
    source: image.getAttribute("src"),
    alternative: (image.getAttribute("alt") ?? "").trim(),
    isLoaded: image.complete && image.naturalWidth > 0,
    isSized: image.hasAttribute("width") && image.hasAttribute("height"),
    isWide: image.getBoundingClientRect().width > innerWidth,
  }));
}

function linksTo() {
  return [...document.querySelectorAll("a[href], area[href]")].map((link) => link.getAttribute("href"));
}

function pointsTo(id) {
  return document.getElementById(id) !== null;
}

function fontsThatFailed() {
  return document.fonts.ready.then(() => [...document.fonts].filter((font) => font.status === "error").map((font) => font.family));
}

// Text as it is read: closed parts of the page are opened for it.
function readText() {
  for (const part of document.querySelectorAll("details")) part.open = true;
  return document.body.innerText;
}

// --- One document -----------------------------------------------------------------------------------------------------

const plain = (text) => text.replace(/\u00ad/g, "").replace(/\s+/g, " ").trim();

function isInside(url, folder) {
  return url.startsWith("data:") || (url.startsWith("file:") && fileURLToPath(url.split(/[?#]/)[0]).startsWith(folder + path.sep));
}

// A page that may fetch from its folder alone; what it asks for and says is noted.
async function opened(browser, file, width, isBlocked) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, locale: "en-GB", reducedMotion: "reduce" });
  const page = await context.newPage();
  const name = path.relative(edition, file);
  page.on("console", (message) => {
    // The browser says that a picture was blocked.
    const isOurs = isBlocked && /ERR_FAILED|ERR_BLOCKED/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isOurs) add(name, "console", message.text());
  });
  page.on("pageerror", (error) => add(name, "console", error.message));
  await page.route(() => true, (route) => {
    const request = route.request();
    if (!isInside(request.url(), path.dirname(file))) {
      add(name, "requests", `asks for ${request.url()}, which is outside its folder`);
      return route.abort("blockedbyclient");
    }
    if (request.resourceType() === "image") {
      withPictures.add(name);
      if (isBlocked) return route.abort("blockedbyclient");
    }
    count("requests");
    return route.continue();
  });
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  return page;
}

// One word too long can push all there is: the first few say enough.
async function fits(page, name, where, allowed = [], isPaper = false) {
  const { problems, seen } = await page.evaluate(misfits, isPaper);
  count("texts measured", seen);
  for (const rule of new Set(problems.map(([rule]) => rule).filter((rule) => !allowed.includes(rule)))) {
    const all = [...new Set(problems.filter(([other]) => other === rule).map(([, what]) => what))];
    for (const what of all.slice(0, 5)) add(name, rule, what, where);
    if (all.length > 5) add(name, rule, `and ${all.length - 5} more`, where);
  }
}

async function isAccessible(page, name, where, axe) {
  await page.evaluate(axe);
  const result = await page.evaluate((tags) => window.axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations", "incomplete"], preload: false }), RULES);
  count("rules of axe passed", result.passes.length);
  for (const violation of result.violations) {
    const nodes = violation.nodes.map((node) => node.target.join(" ")).slice(0, 3);
    add(name, `axe ${violation.id}`, `${violation.help}: ${violation.nodes.length} times, as in ${nodes.join("; ")}`, where);
  }
  return result.incomplete.map((rule) => `${name}, ${where}: ${rule.id}: ${rule.nodes.length} to look at: ${rule.nodes[0]?.any[0]?.message ?? rule.help}`);
}

async function hasPictures(page, name, where, isBlocked, isMail) {
  for (const picture of await page.evaluate(pictures)) {
    count("pictures");
    if (!picture.alternative) add(name, "alternative text", `${picture.source} has none`, where);
    if (isMail && !picture.isSized) add(name, "size of pictures", `${picture.source} has no width and height`);
    if (!isBlocked && !picture.isLoaded) add(name, "pictures", `${picture.source} is not shown`, where);
    if (picture.isWide) add(name, "wider than the window", `the picture ${picture.source}`, where);
  }
}

// Names, figures and verdicts as text: they do not hang on a picture.
function saysTheFigures(text, name, where, report) {
  for (const row of report.indicators.groups.flatMap((group) => group.rows)) {
    for (const value of [row.name, row.figures.now.text, row.figures.change.text, row.tag.word]) {
      count("figures as text");
      if (!text.includes(plain(value))) add(name, "figures as text", `“${value}” of “${row.name}” is not in it`, where);
    }
  }
}

async function hasWorkingLinks(page, file, name) {
  for (const link of await page.evaluate(linksTo)) {
    count("links");
    if (/^(https?|mailto|tel):/.test(link)) continue;
    const [target, id] = link.split("#");
    if (target && !existsSync(path.resolve(path.dirname(file), decodeURIComponent(target)))) add(name, "links", `${link} leads nowhere`);
    if (!target && id && !(await page.evaluate(pointsTo, decodeURIComponent(id)))) add(name, "links", `${link} leads nowhere`);
  }
}

async function looks(browser, axe, file, report) {
  const name = path.relative(edition, file);
  const unsure = [];
  for (const isBlocked of [false, true]) {
    // Where nothing was fetched as a picture, blocking pictures changes nothing: it was seen so already.
    if (isBlocked && !withPictures.has(name)) count("documents without pictures to block");
    else for (const width of WIDTHS) unsure.push(...(await looksAt(browser, axe, file, report, width, isBlocked)));
  }
  return unsure;
}

async function looksAt(browser, axe, file, report, width, isBlocked) {
  const name = path.relative(edition, file);
  const isMail = name === "email.html";
  const where = `${width} pixels${isBlocked ? ", pictures blocked" : ""}`;
  const page = await opened(browser, file, width, isBlocked);
  count("views");
  await hasPictures(page, name, where, isBlocked, isMail);
  await fits(page, name, where);
  const unsure = await isAccessible(page, name, where, axe);
  if (!isBlocked || width === WIDTHS[1]) {
    const picture = `${isMail ? "mail" : "page"}-${width}${isBlocked ? "-blocked" : ""}.jpeg`;
    await page.screenshot({ path: path.join(out, picture), fullPage: true, type: "jpeg", quality: 80 });
  }
  if (!isBlocked && width === WIDTHS[0]) {
    for (const family of await page.evaluate(fontsThatFailed)) add(name, "fonts", `${family} cannot be loaded`);
    await hasWorkingLinks(page, file, name);
  }
  if (isBlocked || !withPictures.has(name)) saysTheFigures(plain(await page.evaluate(readText)), name, where, report);
  if (!isBlocked) {
    // Where letters stand wider apart, scrolling is allowed; losing text is not.
    await page.addStyleTag({ content: SPACING });
    await fits(page, name, `${where}, with wide text spacing`, ["wider than the window", "scrolls by itself"]);
  }
  await page.context().close();
  return unsure;
}

// On paper nobody can scroll or open anything. Browsers make a page that is a little too wide smaller: what counts is the paper.
async function prints(browser, file, report) {
  const name = path.relative(edition, file);
  const page = await opened(browser, file, PAPER.width, false);
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize(PAPER);
  await fits(page, name, "printed", ["wider than the window"], true);
  const paper = path.join(out, "page-print.pdf");
  await page.pdf({ path: paper, format: "A4", margin: { top: "1cm", right: "1cm", bottom: "1cm", left: "1cm" } });
  isOnPaper(paper, name);
  const text = execFileSync("pdftotext", ["-raw", paper, "-"], { encoding: "utf8", maxBuffer: 1 << 26 });
  saysTheFigures(plain(text), name, "printed", report);
  count("views");
  await page.context().close();
}

function isOnPaper(paper, name) {
  const boxes = execFileSync("pdftotext", ["-bbox", paper, "-"], { encoding: "utf8", maxBuffer: 1 << 28 });
  let sheet = 0;
  let width = 0;
  for (const [, wide, right, word] of boxes.matchAll(/<page width="([\d.]+)"|<word [^>]*xMax="([\d.]+)"[^>]*>(.*?)<\/word>/g)) {
    if (wide) [sheet, width] = [sheet + 1, Number(wide)];
    else if (Number(right) > width) add(name, "cut off", `“${word}” at the edge of the paper`, `printed, page ${sheet}`);
    else count("words on paper");
  }
  if (sheet === 0) add(name, "printed", "there is no page");
}

async function main() {
  if (!edition || !out) die("tests/checks/page-and-mail.mjs EDITION_FOLDER OUT_FOLDER");
  const files = [path.join(edition, "email.html"), path.join(edition, "page", "index.html")];
  for (const file of files) if (!existsSync(file)) die(`${file} is missing`);
  const { chromium, axe, browser: program } = tools();
  mkdirSync(out, { recursive: true });
  const report = JSON.parse(readFileSync(path.join(edition, "report.json"), "utf8"));
  const browser = await chromium.launch({ executablePath: program, args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  try {
    const [mail, page] = await Promise.all([...files.map((file) => looks(browser, axe, file, report)), prints(browser, files[1], report)]);
    const unsure = [...mail, ...page];
    writeFileSync(path.join(out, "axe-to-look-at.txt"), unsure.map((line) => `${line}\n`).join(""));
    count("left to people by axe", unsure.length);
  } finally {
    await browser.close();
  }
  const lines = [...found].map(([line, views]) => (views.size > 0 ? `${line} (${[...views].join("; ")})` : line));
  for (const line of lines.slice(0, SHOWN_MAX)) console.error(line);
  if (lines.length > 0) die(`${lines.length} found`);
  console.log(`page-and-mail: ${Object.entries(counts).map(([what, number]) => `${number} ${what}`).join(", ")}`);
}

await main();
