// Message text as Discord formats it, into DOM nodes. Nothing is parsed as HTML.

import { el } from "./dom.js";
import { state } from "./api.js";

const INLINE = [
  [/^\\([^0-9A-Za-z\s])/, (m) => m[1]],
  [/^```(?:([a-z0-9_+\-.]+)\n)?\n*([^]+?)\n*```/i, (m) => el("pre", {}, el("code", {}, m[2]))],
  [/^(`+)([^]*?[^`])\1(?!`)/, (m) => el("code", {}, m[2].replace(/^ (.*) $/s, "$1"))],
  [/^\*\*([^]+?)\*\*(?!\*)/, (m) => el("strong", {}, inline(m[1]))],
  [/^__([^]+?)__(?!_)/, (m) => el("u", {}, inline(m[1]))],
  [/^\*(?=\S)((?:\*\*|\\[^]|[^*\\])+?)\*(?!\*)/, (m) => el("em", {}, inline(m[1]))],
  [/^_((?:__|\\[^]|[^_\\])+?)_(?![A-Za-z0-9_])/, (m) => el("em", {}, inline(m[1]))],
  [/^~~([^]+?)~~/, (m) => el("s", {}, inline(m[1]))],
  [/^\|\|([^]+?)\|\|/, (m) => spoiler(m[1])],
  [/^<@!?(\d+)>/, (m) => mention(state.users.get(m[1]), "@")],
  [/^<@&(\d+)>/, (m) => tag(`@${state.world.roles.find((r) => r.id === m[1])?.name ?? "unknown-role"}`)],
  [/^<#(\d+)>/, (m) => tag(`#${state.world.channels.find((c) => c.id === m[1])?.name ?? "unknown"}`)],
  [/^<a?:(\w+):\d+>/, (m) => `:${m[1]}:`],
  [/^<\/([^:>]+):\d+>/, (m) => tag(`/${m[1]}`)],
  [/^<t:(-?\d+)(?::([tTdDfFRsS]))?>/, (m) => moment(Number(m[1]), m[2] || "f")],
  [/^\[([^\]\n]+)\]\(<?(https?:\/\/[^\s)>]+)>?(?: "[^"]*")?\)/, (m) => anchor(m[2], inline(m[1]))],
  [/^<(https?:\/\/[^\s>]+)>/, (m) => anchor(m[1], m[1])],
  [/^https?:\/\/[^\s<>]*[^\s<>.,:;"')\]]/, (m) => anchor(m[0], m[0])],
  [/^@(everyone|here)\b/, (m) => tag(m[0])],
];

function anchor(url, children) {
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, children);
}

function tag(text) {
  return el("span", { class: "mention" }, text);
}

function mention(user) {
  return el("span", { class: "mention", data: { userId: user?.id ?? "" } }, `@${user ? user.global_name || user.username : "unknown-user"}`);
}

function spoiler(text) {
  const node = el("span", { class: "spoiler", tabindex: "0", role: "button", "aria-label": "Spoiler" }, inline(text));
  const show = () => node.classList.add("open");
  node.addEventListener("click", show);
  node.addEventListener("keydown", (event) => event.key === "Enter" && show());
  return node;
}

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

function moment(unix, style) {
  const date = new Date(unix * 1000);
  if (Number.isNaN(date.getTime())) return "Invalid Date";
  const node = el("time", { datetime: date.toISOString(), title: date.toLocaleString() });
  if (style === "R") {
    node.dataset.relative = String(unix);
    node.textContent = relative(unix);
  } else {
    node.textContent = date.toLocaleString([], STYLES[style] ?? STYLES.f);
  }
  return node;
}

const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export function relative(unix) {
  const seconds = unix - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1);
  return RELATIVE.format(Math.round(seconds / size), unit);
}

export function inline(text) {
  const nodes = [];
  let plain = "";
  let rest = text;
  while (rest) {
    const hit = /[\\`*_~|<[h@]/.test(rest[0]) && firstMatch(rest, plain);
    if (hit) {
      if (plain) nodes.push(plain);
      plain = "";
      nodes.push(hit.node);
      rest = rest.slice(hit.length);
      continue;
    }
    // On to the next character that could begin something.
    const next = rest.slice(1).search(/[\\`*_~|<[h@]/);
    const taken = next < 0 ? rest.length : next + 1;
    plain += rest.slice(0, taken);
    rest = rest.slice(taken);
  }
  if (plain) nodes.push(plain);
  return nodes;
}

function firstMatch(text, before) {
  for (const [pattern, make] of INLINE) {
    if (text[0] === "_" && /[A-Za-z0-9]$/.test(before) && !text.startsWith("__")) continue;
    const match = pattern.exec(text);
    if (match) return { node: make(match), length: match[0].length };
  }
  return null;
}

const HEADINGS = { "#": "h3", "##": "h4", "###": "h5" };

// Lines that begin specially, and everything between them.
export function markdown(text) {
  const blocks = [];
  let paragraph = [];
  let list = null;
  let quote = null;
  const flush = () => {
    if (paragraph.length) blocks.push(el("span", { class: "line" }, inline(paragraph.join("\n"))));
    paragraph = [];
  };
  const close = () => {
    flush();
    list = quote = null;
  };
  for (const line of fencedLines(text)) {
    let match;
    if ((match = /^(#{1,3}) +(\S.*)$/.exec(line))) {
      close();
      blocks.push(el(HEADINGS[match[1]], {}, inline(match[2])));
    } else if ((match = /^-# +(\S.*)$/.exec(line))) {
      close();
      blocks.push(el("small", { class: "subtext" }, inline(match[1])));
    } else if ((match = /^>(?:>>)? (.*)$/s.exec(line))) {
      flush();
      list = null;
      if (quote) quote.append("\n", ...inline(match[1]));
      else blocks.push((quote = el("blockquote", {}, inline(match[1]))));
    } else if ((match = /^( *)(?:[-*]|(\d+)\.) +(\S.*)$/.exec(line))) {
      flush();
      quote = null;
      const ordered = Boolean(match[2]);
      if (!list || (list.tagName === "OL") !== ordered) {
        list = el(ordered ? "ol" : "ul", ordered ? { start: match[2] } : {});
        blocks.push(list);
      }
      list.append(el("li", { class: match[1].length > 1 ? "deep" : "" }, inline(match[3])));
    } else {
      if (list || quote) close();
      paragraph.push(line);
    }
  }
  flush();
  return blocks;
}

// Splits into lines, but keeps a fenced block whole: nothing in it begins a heading or a list.
function fencedLines(text) {
  const lines = [];
  let open = null;
  for (const line of text.split("\n")) {
    const fences = line.split("```").length - 1;
    if (open !== null) {
      open += `\n${line}`;
      if (fences % 2) {
        lines.push(open);
        open = null;
      }
    } else if (fences % 2) open = line;
    else lines.push(line);
  }
  if (open !== null) lines.push(...open.split("\n"));
  return lines;
}

export function refreshTimes() {
  for (const node of document.querySelectorAll("time[data-relative]")) {
    node.textContent = relative(Number(node.dataset.relative));
  }
}
