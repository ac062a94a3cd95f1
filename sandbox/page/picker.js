// The list above the composer: commands, options, choices. It never takes the focus.

import { el } from "./dom.js";

export const picker = el("div", { class: "picker", role: "listbox", id: "picker", "aria-label": "Commands", hidden: true });

function expanded(open) {
  document.getElementById("composer-text")?.setAttribute("aria-expanded", String(open));
}

export function hidePicker() {
  picker.hidden = true;
  picker.replaceChildren();
  expanded(false);
}

// Rows: {title, detail, run}. The first is active, unless typing something else is as good.
export function showPicker(heading, rows, note, { preselect = true } = {}) {
  picker.replaceChildren(
    el("p", { class: "picker-heading" }, heading),
    ...rows.map((row, index) => el("div", {
      class: "picker-row", role: "option", id: `pick-${index}`, "aria-selected": preselect && index === 0 ? "true" : "false", data: { pick: row.name ?? row.title },
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => row.run(),
    }, row.face ?? null, el("div", {}, el("b", {}, row.title), row.more ? el("i", {}, row.more) : null, row.detail ? el("span", {}, row.detail) : null))),
    note ? el("p", { class: "picker-note" }, note) : "");
  picker.rows = rows;
  picker.hidden = !rows.length && !note;
  document.activeElement?.setAttribute("aria-activedescendant", rows.length && preselect ? "pick-0" : "");
  expanded(!picker.hidden);
}

function active() {
  return [...picker.querySelectorAll("[role=option]")].findIndex((row) => row.getAttribute("aria-selected") === "true");
}

export function pickerKeys(event) {
  const rows = [...picker.querySelectorAll("[role=option]")];
  if (picker.hidden || !rows.length) {
    if (event.key === "Escape" && !picker.hidden) hidePicker();
    return false;
  }
  const at = active();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = at < 0 && event.key === "ArrowUp" ? rows.length - 1 : (at + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length;
    rows.forEach((row, index) => row.setAttribute("aria-selected", index === next ? "true" : "false"));
    rows[next].scrollIntoView({ block: "nearest" });
    event.target.setAttribute("aria-activedescendant", rows[next].id);
    return true;
  }
  if ((event.key === "Enter" && at >= 0) || (event.key === "Tab" && !event.shiftKey)) {
    event.preventDefault();
    event.stopPropagation();
    picker.rows[Math.max(at, 0)].run();
    return true;
  }
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    hidePicker();
    return true;
  }
  return false;
}
