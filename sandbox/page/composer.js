// The box at the bottom: plain messages, files, and slash commands with their options as chips.

import { act, may, SEND_MESSAGES, state } from "./api.js";
import { choicesOf, matching, parse, typeName } from "./commandline.js";
import { perform } from "./components.js";
import { avatar, el, icon, shownName } from "./dom.js";
import { toast } from "./overlays.js";
import { hidePicker, picker, pickerKeys, showPicker } from "./picker.js";

let root;
let text;
let chosen = null; // the command being filled in: {path, fields: Map(name -> field)}
let files = [];
let replying = null;
let lookup = 0;
let lookupTimer = 0;
export const hooks = { pending: () => () => {} };

export function setUp(node) {
  root = node;
  root.addEventListener("dragover", (event) => {
    event.preventDefault();
    root.classList.add("dropping");
  });
  root.addEventListener("dragleave", () => root.classList.remove("dropping"));
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    root.classList.remove("dropping");
    takeFiles([...event.dataTransfer.files]);
  });
  root.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) {
      event.preventDefault();
      takeFiles([...event.clipboardData.files]);
    }
  });
  reset();
}

export function reset(content = "") {
  chosen = null;
  files = [];
  hidePicker();
  drawPlain(content);
}

export function replyTo(message) {
  replying = message;
  reset(text?.value ?? "");
  text.focus();
}

export function insert(content) {
  if (chosen) reset();
  text.value += content;
  grow();
  text.focus();
  typed();
}

export function begin(content) {
  reset(content);
  text.focus();
  typed();
}

// plain messages

function drawPlain(content) {
  const allowed = may(SEND_MESSAGES);
  const place = state.channel?.name ? `#${state.channel.name}` : "Easel";
  const input = el("input", { type: "file", multiple: true, hidden: true, data: { action: "upload" }, onchange: () => takeFiles([...input.files]) });
  text = el("textarea", {
    id: "composer-text", rows: 1, "aria-label": `Message ${place}`, "aria-controls": "picker", "aria-expanded": "false", "aria-autocomplete": "list",
    placeholder: allowed ? `Message ${place}${innerWidth > 500 ? ", or type / for commands" : ""}` : "You cannot write in this channel",
    autocomplete: "off", disabled: !allowed, enterkeyhint: "send",
  });
  text.value = content;
  text.addEventListener("input", () => {
    grow();
    typed();
  });
  text.addEventListener("keydown", plainKeys);
  root.replaceChildren(picker,
    replying ? el("div", { class: "replying" }, el("span", {}, "Replying to ", el("b", {}, shownName(replying.author))),
      el("button", { type: "button", class: "icon", "aria-label": "Do not reply", onclick: () => { replying = null; reset(text.value); } }, icon("close"))) : "",
    files.length ? el("div", { class: "tray" }, files.map((file, index) => fileChip(file, () => { files.splice(index, 1); drawPlain(text.value); }))) : "",
    el("div", { class: "line" },
      el("button", { type: "button", class: "icon", "aria-label": "Attach files", disabled: !allowed, onclick: () => input.click() }, icon("plus")),
      input, text));
  grow();
}

function fileChip(file, drop) {
  const thumb = file.type.startsWith("image/") ? el("img", { src: URL.createObjectURL(file), alt: "" }) : icon("file");
  return el("span", { class: "file-chip" }, thumb, el("span", {}, file.name),
    el("button", { type: "button", class: "icon", "aria-label": `Remove ${file.name}`, onclick: drop }, icon("close")));
}

function takeFiles(list) {
  if (!list.length) return;
  if (chosen) {
    const empty = [...chosen.fields.values()].find((f) => f.option.type === 11 && !f.file)
      ?? addField(chosen.path.options.find((o) => o.type === 11 && !chosen.fields.has(o.name)));
    empty?.setFile(list[0]);
    return;
  }
  files.push(...list);
  drawPlain(text.value);
  text.focus();
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 240)}px`;
}

async function say() {
  const content = text.value.trim();
  if (!content && !files.length) return;
  const uploads = files.map((file, index) => [`files[${index}]`, file]);
  const reply = replying?.id;
  replying = null;
  reset();
  text.focus();
  try {
    await act("/say", { channel: state.channel.id, content, reply_to: reply }, uploads);
  } catch (error) {
    toast(error.message, "error");
  }
}

function typed() {
  const value = text.value;
  const whole = parse(value);
  if (whole) {
    choose(whole.path, whole.values);
    return;
  }
  if (/^\/[^\n]*$/.test(value)) showCommands(value.slice(1));
  else hidePicker();
}

function plainKeys(event) {
  if (event.isComposing) return;
  if (pickerKeys(event)) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    if (text.value.startsWith("/") && matching(text.value.slice(1)).length === 0) {
      toast(state.commands.length ? "There is no such command here" : "The bot has registered no commands yet", "error");
      return;
    }
    say();
  } else if (event.key === "Escape" && replying) {
    replying = null;
    reset(text.value);
    text.focus();
  }
}

function showCommands(typedName) {
  const found = matching(typedName);
  showPicker(state.world.bot.username, found.map((path) => ({
    title: `/${path.name}`, name: path.name, more: path.options.map((o) => o.name).join("  "), detail: path.description,
    face: avatar(state.world.bot, "small"), run: () => choose(path, {}),
  })), found.length ? "" : state.commands.length ? "No command matches" : "The bot has registered no commands yet");
}

// slash commands

function choose(path, values) {
  hidePicker();
  chosen = { path, fields: new Map() };
  const first = path.options.find((o) => o.required) ?? path.options[0];
  for (const option of path.options) {
    if (option.required || option.name in values || option === first) addField(option, values[option.name], false);
  }
  drawCommand();
  const fields = [...chosen.fields.values()];
  (fields.find((f) => !f.filled()) ?? fields.at(-1))?.focus();
}

function drawCommand() {
  const line = el("div", { class: "line command", role: "group", "aria-label": `/${chosen.path.name}` },
    el("span", { class: "command-name" }, `/${chosen.path.name}`),
    [...chosen.fields.values()].map((f) => f.node),
    moreOptions());
  line.addEventListener("keydown", commandKeys);
  line.tabIndex = -1;
  root.replaceChildren(picker, line);
  if (!chosen.fields.size) line.focus();
}

function moreOptions() {
  const left = chosen.path.options.filter((o) => !chosen.fields.has(o.name));
  if (!left.length) return "";
  return el("button", { type: "button", class: "option-more", onclick: () => offerOptions() }, `+${left.length} more`);
}

function offerOptions() {
  const left = chosen.path.options.filter((o) => !chosen.fields.has(o.name));
  if (!left.length) return hidePicker();
  showPicker("Options", left.map((option) => ({
    title: option.name, detail: option.description, more: typeName(option),
    run: () => { addField(option); drawCommand(); chosen.fields.get(option.name).focus(); },
  })));
}

function addField(option, value, redraw = true) {
  if (!option) return null;
  const field = option.type === 11 ? fileField(option) : valueField(option, value);
  chosen.fields.set(option.name, field);
  if (redraw) drawCommand();
  return field;
}

function fileField(option) {
  const label = el("span", { class: "file-label" }, "choose or drop a file");
  const input = el("input", { type: "file", class: "visually-hidden", data: { option: option.name }, "aria-label": option.name });
  const node = el("label", { class: "option", data: { option: option.name } }, el("span", { class: "option-name" }, option.name), input, label);
  const field = {
    option, node, file: null,
    filled: () => Boolean(field.file),
    focus: () => input.focus(),
    setFile: (file) => {
      field.file = file;
      const thumb = file.type.startsWith("image/") ? el("img", { src: URL.createObjectURL(file), alt: "" }) : "";
      label.replaceChildren(thumb, file.name);
      node.classList.add("filled");
    },
  };
  input.addEventListener("change", () => input.files[0] && field.setFile(input.files[0]));
  input.addEventListener("focus", () => explain(option));
  return field;
}

function valueField(option, start) {
  const input = el("textarea", {
    rows: 1, class: "option-value", "aria-label": option.name, data: { option: option.name },
    autocomplete: "off", spellcheck: option.type === 3 ? "true" : "false", enterkeyhint: "send", "aria-controls": "picker",
  });
  const node = el("label", { class: "option", data: { option: option.name } }, el("span", { class: "option-name" }, option.name), input);
  const field = {
    option, node, picked: undefined,
    filled: () => input.value.trim() !== "",
    focus: () => input.focus(),
    value: () => (field.picked !== undefined ? field.picked : input.value.replace(/\n/g, " ").trim()),
    pick: (choice) => {
      field.picked = choice.value;
      input.value = choice.label;
      size();
      hidePicker();
      advance(field);
    },
  };
  const size = () => {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
    node.classList.toggle("filled", input.value !== "");
  };
  if (start !== undefined) input.value = start;
  input.addEventListener("input", () => {
    field.picked = undefined;
    node.classList.remove("wrong");
    size();
    suggest(field);
  });
  input.addEventListener("focus", () => suggest(field));
  requestAnimationFrame(size);
  return field;
}

function explain(option, note = "") {
  showPicker(option.name, [], note || `${option.description}${option.required ? "" : " (optional)"}`);
}

// Choices, autocompletion from the bot, or else what the option means.
function suggest(field) {
  clearTimeout(lookupTimer);
  const { option } = field;
  const typedValue = field.node.querySelector("textarea").value;
  const fixed = choicesOf(option);
  const offer = (choices) => showPicker(`${option.name}: ${option.description}`, choices.slice(0, 25).map((choice) => ({
    title: String(choice.label), name: String(choice.value), run: () => field.pick(choice),
  })), choices.length ? "" : "Nothing matches", { preselect: Boolean(fixed) });
  if (field.picked !== undefined) {
    explain(option);
    return;
  }
  if (fixed) {
    const wanted = typedValue.toLowerCase();
    offer(fixed.filter((choice) => choice.label.toLowerCase().includes(wanted)));
    return;
  }
  explain(option);
  if (!option.autocomplete) return;
  const number = (lookup += 1);
  lookupTimer = setTimeout(async () => {
    try {
      const { choices, interaction } = await act("/autocomplete", {
        channel: state.channel.id, name: chosen.path.name, options: plainValues(), focused: option.name,
      });
      const here = chosen?.fields.get(option.name) === field && field.node.contains(document.activeElement);
      if (number !== lookup || !here) return;
      if (interaction.state === "failed") explain(option, "Loading options failed");
      else offer(choices.map((choice) => ({ value: choice.value, label: choice.name })));
    } catch {
      // Half-typed values may not be sendable yet; the next key asks again.
    }
  }, 120);
}

function plainValues() {
  const values = {};
  for (const [name, field] of chosen.fields) {
    if (field.option.type !== 11 && (field.filled() || field.picked !== undefined)) values[name] = field.value();
  }
  return values;
}

function advance(field) {
  const all = [...chosen.fields.values()];
  const next = all.slice(all.indexOf(field) + 1).find((f) => !f.filled());
  (next ?? field).focus();
  if (!next) hidePicker();
}

function commandKeys(event) {
  if (event.isComposing) return;
  const fields = [...chosen.fields.values()];
  const at = fields.findIndex((f) => f.node.contains(document.activeElement));
  const input = event.target;
  // Enter takes a suggestion only once one is marked: free text must not be replaced by a guess.
  if (pickerKeys(event)) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    send();
  } else if (event.key === "Tab") {
    const next = fields[at + (event.shiftKey ? -1 : 1)];
    if (next) {
      event.preventDefault();
      next.focus();
    } else if (!event.shiftKey && chosen.path.options.length > chosen.fields.size) {
      event.preventDefault();
      offerOptions();
    }
  } else if (event.key === "Escape") {
    reset();
    text.focus();
  } else if (event.key === "Backspace" && (at < 0 || (input.value === "" && input.type !== "file") || input.type === "file")) {
    event.preventDefault();
    const field = fields[at];
    if (field && !field.option.required && chosen.fields.size > 1) {
      chosen.fields.delete(field.option.name);
      drawCommand();
      [...chosen.fields.values()].at(-1)?.focus();
    } else {
      const name = chosen.path.name;
      begin(`/${name}`);
    }
  }
}

async function send() {
  const { path, fields } = chosen;
  const missing = path.options.find((o) => o.required && !fields.get(o.name)?.filled());
  if (missing) {
    fields.get(missing.name).node.classList.add("wrong");
    fields.get(missing.name).focus();
    explain(missing, `${missing.name} is required`);
    return;
  }
  const options = plainValues();
  const uploads = [...fields].filter(([, f]) => f.file).map(([name, f]) => [name, f.file]);
  const kept = chosen;
  reset();
  text.focus();
  const done = hooks.pending(path.name);
  try {
    await perform("/slash", { channel: state.channel.id, name: path.name, options }, (interaction) => {
      done();
      if (interaction.state === "failed") toast("The application did not respond", "error");
    }, uploads);
  } catch (error) {
    done();
    toast(error.message, "error");
    chosen = kept;
    drawCommand();
    [...kept.fields.values()][0]?.focus();
  }
}
