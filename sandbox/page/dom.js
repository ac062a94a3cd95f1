// Small helpers for building the page. Text is only ever set as text, never as HTML.

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") node.className = value;
    else if (key === "data") Object.assign(node.dataset, value);
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && typeof value !== "string") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const PATHS = {
  more: "M5 12h.01M12 12h.01M19 12h.01",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M8.5 14.5c1 1.4 2.1 2 3.5 2s2.5-.6 3.5-2M9 9.5h.01M15 9.5h.01",
  reply: "M10 7 4.5 12 10 17M5 12h9c3.5 0 6 2 6 6",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  chevron: "M6 9l6 6 6-6",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5",
  link: "M14 5h5v5M19 5l-8 8M17 14v5H5V7h5",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

const COLOURS = ["#c8643f", "#4f8a6b", "#b98a2d", "#5f6fc0", "#a3578f", "#3f8796"];

export function avatar(user, size = "") {
  if (user.bot) {
    return el("img", { class: `avatar ${size}`, src: "/page/mark.svg", alt: "" });
  }
  const name = user.global_name || user.username;
  let sum = 0;
  for (const letter of user.id) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  const face = el("span", { class: `avatar ${size}`, "aria-hidden": "true" }, [...name][0].toUpperCase());
  face.style.background = COLOURS[sum % COLOURS.length];
  return face;
}

export function shownName(user) {
  return user.global_name || user.username;
}

// Attachments and messages live on the sandbox itself: a relative address works under any of its names.
export function localUrl(url) {
  try {
    const parsed = new URL(url, location.href);
    if (parsed.pathname.startsWith("/attachments/")) return parsed.pathname + parsed.search;
    if (parsed.hostname === "discord.com" && parsed.pathname.startsWith("/channels/")) return parsed.pathname;
    return parsed.protocol === "http:" || parsed.protocol === "https:" ? parsed.href : "";
  } catch {
    return "";
  }
}

export function emojiText(emoji) {
  if (!emoji) return "";
  return emoji.id ? `:${emoji.name}:` : emoji.name || "";
}
