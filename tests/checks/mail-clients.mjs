#!/usr/bin/env node
// Checks that the message of an edition uses only what its readers' mail programs understand, as caniemail.com has it.
//
//   tests/checks/mail-clients.mjs EDITION_FOLDER
//
// Looked at are Gmail, Outlook for Windows, the new Outlook (which is the one of the web), Outlook on phones, and Apple Mail. What
// one of them does not support is a failure, unless the list below says why it may be there; so is a line of the list
// that is not needed. Needs caniemail from npm, in $QUARTERDECK_NODE/node_modules.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const CLIENTS = ["gmail.*", "outlook.windows", "outlook.ios", "outlook.android", "apple-mail.*"];
// The package knows no client of this name, but its data has it.
const NEW_OUTLOOK = "outlook.outlook-com";

const ALLOWED = [
  // Gmail in the browser of a phone drops <style>: what matters is said in style attributes, and tables stay tables there.
  ["gmail.mobile-webmail", "<style> element"],
  ["gmail.mobile-webmail", "@media"],
  ["gmail.mobile-webmail", "Class selector"],
  ["gmail.mobile-webmail", "Descendant combinator"],
  ["gmail.mobile-webmail", "Type selector"],
  // There, the preheader shows as the first line and a heading before each figure: both are worded to be read.
  ["gmail.mobile-webmail", "display:none"],
  // Outlook for Windows has no narrow screens to lay out for.
  ["outlook.windows", "@media"],
  // Said of the preheader alone, which Outlook hides by mso-hide.
  ["outlook.windows", "overflow"],
  // A verdict of two words may stand on two lines there.
  ["outlook.windows", "white-space"],
];

// What caniemail does not look for, and no message may have.
const NEVER = [
  [/<svg\b/i, "a drawing in the page: neither Outlook nor Gmail shows it"],
  [/\bsrc="data:/i, "a picture in the page: Gmail drops it"],
  [/\b(src|background)="(https?:)?\/\//i, "a picture from the web: blocked, and it tells who reads"],
  [/\burl\(|@import|@font-face|<link\b/i, "something to fetch: nothing is fetched"],
  [/<(script|form|input|button|iframe|object|video|audio|details|dialog)\b/i, "an element that mail programs take out"],
  [/\bon[a-z]+="/i, "a handler of events: mail programs take it out"],
];
// Gmail cuts a message at about 102 kB.
const BYTES_MAX = 100_000;

function die(message) {
  console.error(`mail-clients: ${message}`);
  process.exit(1);
}

async function tool() {
  const folder = process.env.QUARTERDECK_NODE;
  if (!folder) die("QUARTERDECK_NODE does not name the folder of node_modules: npm ci with tests/checks/package.json");
  const installed = path.join(folder, "node_modules", "caniemail");
  if (!existsSync(installed)) die(`${installed} is missing: npm ci in ${folder} with tests/checks/package.json`);
  const { caniemail } = await import(pathToFileURL(path.join(installed, "dist", "index.js")).href);
  const { data } = createRequire(path.join(folder, "package.json"))("caniemail/caniemail.json");
  return { caniemail, data };
}

// Client and feature of everything that is not supported, with the line where it is first used.
function unsupported({ caniemail, data }, html) {
  const uses = [];
  const note = (client, issue) => uses.push({ client, feature: issue.title, line: issue.position?.start?.line ?? "?" });
  const found = caniemail({ clients: CLIENTS, html });
  for (const [client, issues] of found.issues.errors) issues.forEach((issue) => note(client, issue));
  // Whatever any program has an issue with, held against what the data says of the new Outlook.
  const everywhere = caniemail({ clients: ["*"], html });
  for (const issues of [...everywhere.issues.errors.values(), ...everywhere.issues.warnings.values()]) {
    for (const issue of issues) if (isUnknownToNewOutlook(data, issue.title)) note(NEW_OUTLOOK, issue);
  }
  return uses;
}

function isUnknownToNewOutlook(data, title) {
  const versions = data.find((feature) => feature.title === title)?.stats.outlook?.["outlook-com"] ?? {};
  const latest = Object.keys(versions).sort().at(-1);
  return latest !== undefined && versions[latest].startsWith("n");
}

async function main() {
  const edition = process.argv[2] ?? die("tests/checks/mail-clients.mjs EDITION_FOLDER");
  const file = path.join(edition, "email.html");
  if (!existsSync(file)) die(`${file} is missing`);
  const html = readFileSync(file, "utf8");
  const tools = await tool();
  const uses = unsupported(tools, html);
  const isAllowed = ({ client, feature }) => ALLOWED.some(([allowedClient, allowed]) => client === allowedClient && feature === allowed);
  const problems = new Map();
  for (const use of uses.filter((use) => !isAllowed(use))) {
    const key = `email.html: ${use.feature}`;
    problems.set(key, (problems.get(key) ?? new Set()).add(`${use.client} (line ${use.line})`));
  }
  for (const [pattern, why] of NEVER) {
    const match = html.match(pattern);
    if (match) problems.set(`email.html: ${match[0]}`, new Set([`any program: ${why}`]));
  }
  const bytes = Buffer.byteLength(html);
  if (bytes > BYTES_MAX) problems.set("email.html: size", new Set([`Gmail in full: it has ${bytes} bytes, and is cut at ${BYTES_MAX}`]));
  for (const [key, clients] of problems) console.error(`mail-clients: ${key}: not supported by ${[...clients].slice(0, 4).join(", ")}`);
  const unneeded = ALLOWED.filter(([client, feature]) => !uses.some((use) => use.client === client && use.feature === feature));
  for (const [client, feature] of unneeded) console.error(`mail-clients: ${feature} is allowed for ${client} and not used: take it off the list`);
  if (problems.size + unneeded.length > 0) die(`${problems.size + unneeded.length} found`);
  const kinds = new Set(uses.map(({ client, feature }) => `${client} ${feature}`)).size;
  console.log(`mail-clients: ${bytes} bytes for ${CLIENTS.length + 1} kinds of client, ${kinds} features allowed where they are not supported`);
}

await main();
