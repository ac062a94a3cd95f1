// Slash commands as the composer knows them: flattened, filtered, and their options' values.

import { state } from "./api.js";

const TYPES = { 3: "text", 4: "whole number", 5: "yes or no", 6: "person", 7: "channel", 8: "role", 9: "person or role", 10: "number", 11: "file" };

// Every command and subcommand a person can type, with its own options.
export function paths() {
  const found = [];
  const descend = (command, name, node) => {
    const below = (node.options ?? []).filter((o) => o.type === 1 || o.type === 2);
    if (below.length) for (const sub of below) descend(command, `${name} ${sub.name}`, sub);
    else found.push({ name, description: node.description, options: node.options ?? [], command });
  };
  for (const command of state.commands) if (command.type === 1) descend(command, command.name, command);
  return found;
}

export function matching(typed) {
  const wanted = typed.toLowerCase();
  const all = paths();
  const begins = all.filter((path) => path.name.startsWith(wanted));
  const holds = all.filter((path) => !path.name.startsWith(wanted) && path.name.includes(wanted));
  return [...begins, ...holds];
}

// `/name rest` or `/name option:value rest`, typed or pasted in one go.
export function parse(text) {
  if (!text.startsWith("/")) return null;
  const body = text.slice(1);
  const path = paths()
    .filter((p) => body.startsWith(`${p.name} `))
    .sort((a, b) => b.name.length - a.name.length)[0];
  if (!path) return null;
  const rest = body.slice(path.name.length + 1);
  const values = {};
  const names = path.options.filter((o) => o.type !== 11).map((o) => o.name);
  const splitter = new RegExp(`(?:^|\\s)(${names.map((n) => n.replace(/[^\p{L}\p{N}_-]/gu, "\\$&")).join("|")}):\\s?`, "u");
  if (!names.length) return { path, values };
  const parts = rest.split(splitter);
  if (parts[0].trim()) values[names[0]] = parts[0].trim();
  for (let index = 1; index < parts.length; index += 2) values[parts[index]] = parts[index + 1].trim();
  return { path, values };
}

export function typeName(option) {
  return TYPES[option.type] ?? "value";
}

// What an option can be set to, where that is a short list; null where it is free.
export function choicesOf(option) {
  if (option.choices?.length) return option.choices.map((c) => ({ value: c.value, label: c.name }));
  if (option.type === 5) return [{ value: true, label: "True" }, { value: false, label: "False" }];
  const users = [...state.users.values()].map((u) => ({ value: u.id, label: `@${u.global_name || u.username}` }));
  const roles = state.world.roles.map((r) => ({ value: r.id, label: `@${r.name.replace("@", "")}` }));
  if (option.type === 6) return users;
  if (option.type === 8) return roles;
  if (option.type === 9) return [...users, ...roles];
  if (option.type === 7) return state.world.channels.filter((c) => c.name).map((c) => ({ value: c.id, label: `#${c.name}` }));
  return null;
}
