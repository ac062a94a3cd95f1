// What floats above the page: menus, lists, the emoji picker, toasts, the lightbox.

import { el } from "./dom.js";

export function toast(text, kind = "info") {
  const node = el("div", { class: `toast ${kind}`, data: { toast: kind } }, text);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.classList.add("leaving"), 5200);
  setTimeout(() => node.remove(), 5600);
}

let closeOpen = null;

export function closePopup() {
  closeOpen?.();
}

// Shows a panel near an anchor (or a point), inside the window; closes on Escape or a press outside.
export function popup(panel, anchor, { above = false, matchWidth = false, returnFocus = true } = {}) {
  closePopup();
  const before = document.activeElement;
  // Inside an open dialog, so as not to lie under it.
  ((anchor instanceof Element && anchor.closest("dialog")) || document.body).append(panel);
  const box = anchor instanceof Element
    ? anchor.getBoundingClientRect()
    : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y, width: 0 };
  if (matchWidth) panel.style.width = `${box.width}px`;
  const { width, height } = panel.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, innerWidth - width - 8));
  const roomBelow = innerHeight - box.bottom - 8;
  const up = above || (roomBelow < height && box.top > roomBelow);
  const top = up ? Math.max(8, box.top - height - 6) : Math.min(box.bottom + 6, innerHeight - height - 8);
  panel.style.left = `${left}px`;
  panel.style.top = `${Math.max(8, top)}px`;
  const outside = (event) => {
    if (!panel.contains(event.target) && !(anchor instanceof Element && anchor.contains(event.target))) close();
  };
  const keys = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
  };
  function close() {
    panel.remove();
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", keys, true);
    closeOpen = null;
    if (anchor instanceof Element) anchor.setAttribute("aria-expanded", "false");
    if (returnFocus && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    panel.dispatchEvent(new Event("closed"));
  }
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", keys, true);
  closeOpen = close;
  return close;
}

// A menu of actions. Items: {label, run, hint, danger, glyph}, {heading} or null for a line.
export function menu(items, anchor, label) {
  const panel = el("div", { class: "menu", role: "menu", "aria-label": label });
  let close = () => {};
  for (const item of items) {
    if (item === null) panel.append(el("hr"));
    else if (item.heading) panel.append(el("p", { class: "menu-heading" }, item.heading));
    else {
      const choose = () => {
        close();
        item.run();
      };
      panel.append(
        el("button", { type: "button", role: "menuitem", class: item.danger ? "danger" : "", onclick: choose },
          item.glyph ?? null,
          el("span", {}, item.label),
          item.hint ? el("small", {}, item.hint) : null),
      );
    }
  }
  panel.addEventListener("keydown", (event) => {
    const buttons = [...panel.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      buttons[(at + step + buttons.length) % buttons.length].focus();
    }
  });
  close = popup(panel, anchor);
  panel.querySelector("button")?.focus();
}

// A list to choose one or several from. Options: {value, label, description, glyph}.
export function listbox({ options, chosen = [], least = 1, most = 1, anchor, label, done }) {
  const picked = new Set(chosen);
  const several = most > 1;
  const panel = el("div", {
    class: "listbox", role: "listbox", "aria-label": label, tabindex: "-1",
    "aria-multiselectable": several ? "true" : "false",
  });
  let close = () => {};
  const finish = () => {
    panel.addEventListener("closed", () => done([...picked]), { once: true });
    close();
  };
  options.forEach((option, index) => {
    const row = el("div", {
      class: "choice", role: "option", tabindex: "-1", data: { value: option.value },
      "aria-selected": picked.has(option.value) ? "true" : "false",
    },
    option.glyph ? el("span", { class: "choice-glyph" }, option.glyph) : null,
    el("span", { class: "choice-text" }, el("span", {}, option.label), option.description ? el("small", {}, option.description) : null),
    el("span", { class: "tick", "aria-hidden": "true" }));
    row.addEventListener("click", () => {
      if (!several) {
        picked.clear();
        picked.add(option.value);
        finish();
        return;
      }
      if (picked.has(option.value)) picked.delete(option.value);
      else if (picked.size < most) picked.add(option.value);
      row.setAttribute("aria-selected", picked.has(option.value) ? "true" : "false");
    });
    row.dataset.index = String(index);
    panel.append(row);
  });
  panel.addEventListener("keydown", (event) => {
    const rows = [...panel.querySelectorAll("[role=option]")];
    const at = rows.indexOf(document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      rows[(at + step + rows.length) % rows.length]?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (event.key === "Enter" && several && picked.size >= least) finish();
      else document.activeElement?.click?.();
    }
  });
  if (several) {
    const go = el("button", { type: "button", class: "button primary" }, "Choose");
    go.addEventListener("click", () => picked.size >= least && finish());
    panel.append(el("div", { class: "listbox-end" }, go));
  }
  close = popup(panel, anchor, { matchWidth: true });
  (panel.querySelector('[aria-selected="true"]') ?? panel.querySelector("[role=option]"))?.focus();
}

const EMOJI = [..."👍❤️😂🎉🔥⭐👀🙏😍😮😢🤔👎✅❌🎨🖼️🌅🏔️🌊🌲🌸🐦🐈🚀✨💜🧡💚💙🌙☀️"].reduce((all, part) => {
  // Variation selectors belong to the character before them.
  if (part === "\ufe0f") all[all.length - 1] += part;
  else all.push(part);
  return all;
}, []);

export function emojiPicker(anchor, choose) {
  const panel = el("div", { class: "emoji-picker", role: "dialog", "aria-label": "Choose a reaction" });
  let close = () => {};
  for (const emoji of EMOJI) {
    const pick = () => {
      close();
      choose(emoji);
    };
    panel.append(el("button", { type: "button", "aria-label": emoji, onclick: pick }, emoji));
  }
  close = popup(panel, anchor);
  panel.querySelector("button").focus();
}

export function lightbox(url, alt) {
  const dialog = el("dialog", { class: "lightbox", "aria-label": alt || "Picture" },
    el("img", { src: url, alt: alt || "" }),
    el("div", { class: "lightbox-bar" },
      alt ? el("p", {}, alt) : null,
      el("a", { href: url, target: "_blank", rel: "noopener", class: "button secondary" }, "Open original"),
      el("button", { type: "button", class: "button secondary", onclick: () => dialog.close() }, "Close")));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

export function copy(text, what) {
  navigator.clipboard?.writeText(text).then(() => toast(`${what} copied`), () => toast("Could not copy", "error"));
}
