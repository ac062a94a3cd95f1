// Forms (modals) that the bot opens, as dialogs.

import { perform, selectControl } from "./components.js";
import { el, icon } from "./dom.js";
import { markdown } from "./markdown.js";

let counter = 0;

function textInput(field, id) {
  const long = field.style === 2;
  const node = el(long ? "textarea" : "input", {
    id, class: "field", data: { customId: field.custom_id }, placeholder: field.placeholder ?? "",
    required: field.required !== false, maxLength: field.max_length ?? 4000, rows: long ? 4 : undefined, type: long ? undefined : "text",
  });
  if (field.min_length) node.minLength = field.min_length;
  node.value = field.value ?? "";
  return { node, value: () => node.value };
}

function choices(field, several) {
  const name = `choice-${(counter += 1)}`;
  const node = el("div", { class: "choices", role: several ? "group" : "radiogroup", data: { customId: field.custom_id } },
    field.options.map((option) => el("label", { class: "choice-row" },
      el("input", { type: several ? "checkbox" : "radio", name, value: option.value, checked: Boolean(option.default) }),
      el("span", {}, option.label, option.description ? el("small", {}, option.description) : null))));
  const picked = () => [...node.querySelectorAll("input:checked")].map((input) => input.value);
  return { node, value: () => (several ? picked() : picked()[0] ?? null) };
}

function checkbox(field) {
  const input = el("input", { type: "checkbox", checked: Boolean(field.default), data: { customId: field.custom_id } });
  return { node: el("label", { class: "choice-row" }, input, el("span", {}, "Yes")), value: () => input.checked };
}

function fileUpload(field) {
  const names = el("span", { class: "file-names" }, "Choose a file");
  const input = el("input", {
    type: "file", multiple: (field.max_values ?? 1) > 1, required: field.required !== false && (field.min_values ?? 1) > 0,
    data: { customId: field.custom_id },
  });
  input.addEventListener("change", () => {
    names.textContent = [...input.files].map((file) => file.name).join(", ") || "Choose a file";
  });
  return { node: el("label", { class: "file-drop" }, icon("file"), names, input), files: () => [...input.files] };
}

function select(field, label) {
  let values = (field.options ?? []).filter((o) => o.default).map((o) => o.value);
  const node = selectControl(field, { chosen: values, label, changed: (chosen) => (values = chosen) });
  return { node, value: () => values };
}

function build(field, id, label) {
  switch (field.type) {
    case 4: return textInput(field, id);
    case 19: return fileUpload(field);
    case 21: return choices(field, false);
    case 22: return choices(field, true);
    case 23: return checkbox(field);
    default: return select(field, label);
  }
}

export function openForm(interaction) {
  const modal = interaction.modal;
  const fields = [];
  const rows = modal.components.map((row) => {
    if (row.type === 10) return el("div", { class: "form-text" }, markdown(row.content));
    const field = row.type === 18 ? row.component : row.components[0];
    const label = row.type === 18 ? row.label : field.label;
    const id = `field-${(counter += 1)}`;
    const built = build(field, id, label);
    fields.push({ field, ...built });
    const needed = field.required !== false && field.type !== 23;
    return el("div", { class: "form-row" },
      el("label", { for: id }, label, needed ? el("span", { class: "needed", title: "Required" }, " *") : null),
      row.description ? el("p", { class: "form-hint" }, row.description) : null,
      built.node);
  });
  const problem = el("p", { class: "form-problem", role: "alert", hidden: true });
  const send = el("button", { type: "submit", class: "button primary" }, el("span", { class: "label" }, "Submit"), el("span", { class: "dots" }, el("i"), el("i"), el("i")));
  const cancel = el("button", { type: "button", class: "button quiet" }, "Cancel");
  const form = el("form", { method: "dialog" },
    el("header", {}, el("h2", {}, modal.title), el("button", { type: "button", class: "icon", "aria-label": "Close", onclick: () => dialog.close() }, icon("close"))),
    el("div", { class: "form-body" }, rows, problem),
    el("footer", {}, cancel, send));
  const dialog = el("dialog", { class: "form", "aria-label": modal.title, data: { modal: modal.custom_id } }, form);
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (send.dataset.busy) return;
    const values = {};
    const files = [];
    for (const { field, value, files: chosen } of fields) {
      if (chosen) files.push(...chosen().map((file) => [field.custom_id, file]));
      else values[field.custom_id] = value();
    }
    send.dataset.busy = "true";
    problem.hidden = true;
    const say = (text) => {
      delete send.dataset.busy;
      problem.textContent = text;
      problem.hidden = false;
    };
    try {
      await perform("/submit", { interaction: interaction.id, values }, (answer) => {
        if (answer.state === "failed") say("Something went wrong. Try again.");
        else dialog.close();
      }, files);
    } catch (error) {
      say(error.message);
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("input, textarea, .select")?.focus();
}
