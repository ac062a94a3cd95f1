// Buttons, selects, containers and galleries of a message, and using them.

import { act, state } from "./api.js";
import { el, emojiText, icon, localUrl } from "./dom.js";
import { markdown } from "./markdown.js";
import { listbox, toast } from "./overlays.js";
import { fileCard, showPictures } from "./pictures.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "primary" };

// Interactions under way, by id: what to free when the bot has answered.
export const waiting = new Map();

// Answers whose event came before the reply to the act itself.
const early = new Map();

export function settle(interaction) {
  if (interaction.state === "waiting") return;
  const entry = waiting.get(interaction.id);
  if (entry) {
    waiting.delete(interaction.id);
    entry(interaction);
    return;
  }
  early.set(interaction.id, interaction);
  if (early.size > 100) early.delete(early.keys().next().value);
}

// Runs an act and calls `settled` when it has been answered, whichever news comes first.
export async function perform(path, body, settled, files = []) {
  const { interaction } = await act(path, body, files);
  const answered = early.get(interaction.id) ?? interaction;
  early.delete(interaction.id);
  waiting.set(interaction.id, settled);
  settle(answered);
  return interaction;
}

function failed(messageId, text = "This interaction failed") {
  const node = document.querySelector(`[data-message-id="${messageId}"] .failure`);
  if (!node) return;
  node.textContent = text;
  node.hidden = false;
  setTimeout(() => (node.hidden = true), 8000);
}

async function use(message, control, path, body) {
  control.dataset.busy = "true";
  control.setAttribute("aria-busy", "true");
  const free = () => {
    delete control.dataset.busy;
    control.removeAttribute("aria-busy");
  };
  try {
    await perform(path, { message: message.id, ...body }, (interaction) => {
      free();
      if (interaction.state === "failed") failed(message.id);
    });
  } catch (error) {
    free();
    toast(error.message, "error");
  }
}

function button(message, component) {
  const style = STYLES[component.style] ?? "secondary";
  const glyph = emojiText(component.emoji);
  const inside = [
    glyph ? el("span", { class: "glyph" }, glyph) : null,
    component.label ? el("span", { class: "label" }, component.label) : null,
    el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")),
  ];
  if (component.style === 5) {
    return el("a", {
      class: "button secondary", href: localUrl(component.url), target: "_blank", rel: "noopener noreferrer",
      "aria-disabled": component.disabled ? "true" : null,
    }, inside, icon("link"));
  }
  const node = el("button", {
    type: "button", class: `button ${style}`, disabled: Boolean(component.disabled),
    "aria-label": component.label ? null : glyph, data: { customId: component.custom_id ?? "" },
  }, inside);
  node.addEventListener("click", () => {
    if (!node.dataset.busy) use(message, node, "/press", { custom_id: component.custom_id });
  });
  return node;
}

// What can be chosen in any kind of select.
export function selectOptions(component) {
  if (component.type === 3 || component.type === 22) {
    return (component.options ?? []).map((o) => ({ ...o, glyph: emojiText(o.emoji) }));
  }
  const users = [...state.users.values()].map((u) => ({
    value: u.id, label: u.global_name || u.username, description: `@${u.username}`,
  }));
  const roles = state.world.roles.map((r) => ({ value: r.id, label: `@${r.name.replace("@", "")}` }));
  const channels = state.world.channels.filter((c) => c.name).map((c) => ({ value: c.id, label: `#${c.name}` }));
  return { 5: users, 6: roles, 7: [...users, ...roles], 8: channels }[component.type] ?? [];
}

export function selectControl(component, { chosen, changed, label }) {
  const options = selectOptions(component);
  const text = el("span", { class: "select-text" });
  const show = (values) => {
    const labels = values.map((v) => options.find((o) => o.value === v)?.label ?? v);
    text.textContent = labels.join(", ") || component.placeholder || "Make a selection";
    text.classList.toggle("placeholder", !labels.length);
  };
  show(chosen);
  const node = el("button", {
    type: "button", class: "select", role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false",
    "aria-label": label ?? component.placeholder ?? "Make a selection", disabled: Boolean(component.disabled),
    data: { customId: component.custom_id ?? "" },
  }, text, icon("chevron"));
  let current = chosen;
  node.addEventListener("click", () => {
    if (node.dataset.busy) return;
    node.setAttribute("aria-expanded", "true");
    listbox({
      options, chosen: current, anchor: node, label: label ?? component.placeholder ?? "Choices",
      least: component.min_values ?? 1, most: component.max_values ?? 1,
      done: (values) => {
        current = values;
        show(values);
        changed(values, node);
      },
    });
  });
  return node;
}

function select(message, component) {
  const preset = (component.options ?? []).filter((o) => o.default).map((o) => o.value);
  return selectControl(component, {
    chosen: preset,
    changed: (values, node) => use(message, node, "/select", { custom_id: component.custom_id, values }),
  });
}

function media(item) {
  return {
    url: item.media.url, width: item.media.width, height: item.media.height,
    id: item.media.attachment_id, description: item.description,
  };
}

function one(message, component, old) {
  switch (component.type) {
    case 1:
      return el("div", { class: "row" }, (component.components ?? []).map((c) => one(message, c)));
    case 2:
      return button(message, component);
    case 3: case 5: case 6: case 7: case 8:
      return select(message, component);
    case 9:
      return el("div", { class: "section" },
        el("div", { class: "section-text" }, component.components.map((c) => one(message, c))),
        component.accessory ? one(message, component.accessory) : null);
    case 10:
      return el("div", { class: "text" }, markdown(component.content));
    case 11: {
      const frame = el("div", { class: "pictures thumbnail" });
      showPictures(frame, [media(component)]);
      return frame;
    }
    case 12: {
      // A gallery keeps its place while its pictures are replaced one by one.
      const frame = old?.matches?.(".gallery") ? old : el("div", { class: "pictures gallery" });
      showPictures(frame, component.items.map(media));
      return frame;
    }
    case 13:
      return fileCard({ url: component.file.url, name: component.name ?? decodeURIComponent(component.file.url.split("?")[0].split("/").at(-1)), bytes: component.size });
    case 14:
      return el("hr", { class: `separator ${component.spacing === 2 ? "wide" : ""} ${component.divider === false ? "blank" : ""}` });
    case 17: {
      const box = el("div", { class: "container" });
      if (component.accent_color !== null && component.accent_color !== undefined) {
        box.style.setProperty("--accent", `#${component.accent_color.toString(16).padStart(6, "0")}`);
        box.classList.add("accented");
      }
      fill(box, message, component.components, old?.matches?.(".container") ? [...old.children] : []);
      return box;
    }
    default:
      return el("div", { class: "text" }, "(a component this page does not know)");
  }
}

function fill(node, message, components, before) {
  const galleries = before.filter((child) => child.matches(".gallery"));
  const containers = before.filter((child) => child.matches(".container"));
  const fresh = components.map((component) => {
    const old = component.type === 12 ? galleries.shift() : component.type === 17 ? containers.shift() : null;
    return one(message, component, old);
  });
  node.replaceChildren(...fresh);
}

export function componentsView(node, message) {
  const focused = node.contains(document.activeElement) ? document.activeElement.dataset.customId : "";
  const busy = new Set([...node.querySelectorAll("[data-busy]")].map((n) => n.dataset.customId));
  fill(node, message, message.components, [...node.children]);
  for (const control of node.querySelectorAll("[data-custom-id]")) {
    if (busy.has(control.dataset.customId) && [...waiting.keys()].length) control.dataset.busy = "true";
    if (focused && control.dataset.customId === focused) control.focus({ preventScroll: true });
  }
}
