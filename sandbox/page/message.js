// One message: built once, then patched part by part as it is edited.

import { act, may, MANAGE_MESSAGES, state } from "./api.js";
import { componentsView, perform } from "./components.js";
import { avatar, el, icon, localUrl, shownName } from "./dom.js";
import { inline, markdown } from "./markdown.js";
import { copy, emojiPicker, menu, toast } from "./overlays.js";
import { attachmentsView, showPictures } from "./pictures.js";

export const hooks = { reply: () => {}, mention: () => {} };

function clock(iso) {
  const date = new Date(iso);
  const time = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const days = Math.floor((new Date().setHours(0, 0, 0, 0) - new Date(iso).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return `Today at ${time}`;
  if (days === 1) return `Yesterday at ${time}`;
  return `${date.toLocaleDateString()} ${time}`;
}

export function buildMessage(message) {
  const node = el("li", { class: "message", data: { messageId: message.id, author: message.author.username, authorId: message.author.id } });
  node.append(
    el("div", { class: "above" }),
    el("div", { class: "face" }, avatar(message.author)),
    el("div", { class: "body" },
      el("div", { class: "head" },
        el("button", { type: "button", class: "author", onclick: (event) => userMenu(message, event.currentTarget) }, shownName(message.author)),
        message.author.bot ? el("span", { class: "app-tag" }, "APP") : null,
        el("time", { datetime: message.timestamp, title: new Date(message.timestamp).toLocaleString() }, clock(message.timestamp))),
      el("div", { class: "content" }),
      el("div", { class: "attachments" }),
      el("div", { class: "embeds" }),
      el("div", { class: "components" }),
      el("p", { class: "failure", role: "status", hidden: true }),
      el("div", { class: "reactions" }),
      el("div", { class: "private" })),
    tools(node, message.id));
  node.addEventListener("contextmenu", (event) => {
    if (event.target.closest("a, input, textarea")) return;
    event.preventDefault();
    messageMenu(state.messages.get(message.id), { x: event.clientX, y: event.clientY });
  });
  node.shown = {};
  patchMessage(node, message);
  return node;
}

function tools(node, id) {
  const current = () => state.messages.get(id);
  return el("div", { class: "tools", role: "group", "aria-label": "Message actions" },
    el("button", { type: "button", class: "icon", "aria-label": "Add reaction", data: { action: "react" }, onclick: (e) => emojiPicker(e.currentTarget, (emoji) => react(current(), emoji, true)) }, icon("smile")),
    el("button", { type: "button", class: "icon", "aria-label": "Reply", data: { action: "reply" }, onclick: () => hooks.reply(current()) }, icon("reply")),
    el("button", { type: "button", class: "icon", "aria-label": "More", data: { action: "more" }, onclick: (e) => messageMenu(current(), e.currentTarget) }, icon("more")));
}

// Applies what changed, and leaves alone what did not: pictures keep showing, focus stays.
export function patchMessage(node, message) {
  const part = (name, value, draw) => {
    const text = JSON.stringify(value) ?? "";
    if (node.shown[name] === text) return;
    node.shown[name] = text;
    draw(node.querySelector(`.${name}`));
  };
  node.classList.toggle("ephemeral", message.ephemeral);
  node.classList.toggle("pings", message.mention_everyone || message.mentions.some((u) => u.id === state.person.id));
  node.dataset.loading = message.loading ? "true" : "false";
  part("above", [message.referenced_message?.id, message.referenced_message?.content, message.interaction_metadata, message.type], (box) => drawAbove(box, message));
  part("content", [message.content, message.edited_timestamp !== null, message.loading], (box) => drawContent(box, message));
  part("attachments", withoutSignatures(message.attachments), (box) => attachmentsView(box, shownAttachments(message)));
  part("embeds", withoutSignatures(message.embeds), (box) => drawEmbeds(box, message.embeds));
  part("components", withoutSignatures(message.components), (box) => componentsView(box, message));
  part("reactions", message.reactors, (box) => drawReactions(box, message));
  part("private", message.ephemeral, (box) => drawPrivate(box, message));
}

function withoutSignatures(value) {
  return JSON.parse(JSON.stringify(value).replace(/\?ex=[^"]*/g, ""));
}

// With components, files show only where a component refers to them.
function shownAttachments(message) {
  return message.flags & (1 << 15) ? [] : message.attachments;
}

function drawAbove(box, message) {
  box.replaceChildren();
  const replied = message.referenced_message;
  const by = message.interaction_metadata?.user;
  if (replied) {
    const jump = () => document.querySelector(`[data-message-id="${replied.id}"]`)?.scrollIntoView({ block: "center", behavior: "smooth" });
    box.append(el("button", { type: "button", class: "quoted", onclick: jump, "aria-label": `Replying to ${shownName(replied.author)}` },
      avatar(replied.author, "tiny"), el("b", {}, shownName(replied.author)),
      el("span", {}, replied.content ? inline(replied.content.split("\n")[0]) : replied.attachments.length ? "Click to see attachment" : "Click to see message")));
  } else if (message.message_reference && message.type === 19) {
    box.append(el("span", { class: "quoted" }, el("em", {}, "Original message was deleted")));
  } else if (by && (message.type === 20 || message.type === 23)) {
    const name = message.interaction_metadata.name;
    box.append(el("span", { class: "quoted" }, avatar(by, "tiny"), el("b", {}, shownName(by)),
      name ? [" used ", el("span", { class: "mention" }, message.type === 20 ? `/${name}` : name)] : null));
  }
}

function drawContent(box, message) {
  box.replaceChildren();
  if (message.loading) {
    box.append(el("span", { class: "thinking" }, el("span", { class: "dots" }, el("i"), el("i"), el("i")), `${shownName(message.author)} is thinking…`));
    return;
  }
  box.append(...markdown(message.content));
  if (message.edited_timestamp && message.content) {
    box.append(" ", el("span", { class: "edited", title: new Date(message.edited_timestamp).toLocaleString() }, "(edited)"));
  }
}

function drawEmbeds(box, embeds) {
  const old = [...box.children];
  box.replaceChildren(...embeds.map((embed, index) => {
    const card = el("article", { class: "embed" });
    if (embed.color) card.style.setProperty("--accent", `#${embed.color.toString(16).padStart(6, "0")}`);
    const text = el("div", { class: "embed-text" });
    if (embed.author?.name) text.append(el("p", { class: "embed-author" }, embed.author.name));
    if (embed.title) {
      const title = embed.url && localUrl(embed.url) ? el("a", { href: localUrl(embed.url), target: "_blank", rel: "noopener noreferrer" }, embed.title) : embed.title;
      text.append(el("h3", {}, title));
    }
    if (embed.description) text.append(el("div", { class: "embed-description" }, markdown(embed.description)));
    if (embed.fields?.length) {
      text.append(el("dl", {}, embed.fields.map((field) => el("div", { class: field.inline ? "inline" : "" }, el("dt", {}, markdown(field.name)), el("dd", {}, markdown(field.value))))));
    }
    card.append(text);
    for (const key of ["thumbnail", "image"]) {
      if (!embed[key]?.url) continue;
      const frame = old[index]?.querySelector(`:scope > .embed-${key}`) ?? el("div", { class: `pictures embed-${key}` });
      showPictures(frame, [{ ...embed[key], name: "Embedded picture", id: embed[key].url.split("?")[0] }]);
      card.append(frame);
    }
    if (embed.footer?.text) card.append(el("p", { class: "embed-footer" }, embed.footer.text));
    return card;
  }));
}

async function react(message, emoji, on) {
  try {
    await act("/react", { message: message.id, emoji, on });
  } catch (error) {
    toast(error.message, "error");
  }
}

function drawReactions(box, message) {
  const entries = Object.entries(message.reactors ?? {});
  box.replaceChildren(...entries.map(([emoji, who]) => {
    const mine = who.includes(state.person.id);
    const names = who.map((id) => shownName(state.users.get(id) ?? { username: "someone" })).join(", ");
    return el("button", {
      type: "button", class: "reaction", "aria-pressed": mine ? "true" : "false", title: names, data: { emoji },
      "aria-label": `${emoji}, ${who.length} ${who.length === 1 ? "reaction" : "reactions"}`,
      onclick: () => react(message, emoji, !mine),
    }, el("span", {}, emoji.split(":")[0]), el("b", {}, String(who.length)));
  }));
  if (entries.length) {
    box.append(el("button", { type: "button", class: "reaction add", "aria-label": "Add reaction", onclick: (e) => emojiPicker(e.currentTarget, (emoji) => react(message, emoji, true)) }, icon("smile")));
  }
}

function drawPrivate(box, message) {
  box.replaceChildren();
  if (!message.ephemeral) return;
  box.append(icon("eye"), el("span", {}, "Only you can see this · "),
    el("button", { type: "button", class: "plain", data: { action: "dismiss" }, onclick: () => remove(message) }, "Dismiss message"));
}

async function remove(message) {
  try {
    await act("/delete", { message: message.id });
  } catch (error) {
    toast(error.message, "error");
  }
}

async function useMenuCommand(command, body) {
  try {
    await perform("/menu", { name: command.name, ...body }, (interaction) => {
      if (interaction.state === "failed") toast("The application did not respond", "error");
    });
  } catch (error) {
    toast(error.message, "error");
  }
}

function messageMenu(message, anchor) {
  if (!message) return;
  const apps = state.commands.filter((command) => command.type === 3);
  const items = [];
  if (!message.ephemeral) {
    items.push({ label: "Add reaction", glyph: icon("smile"), run: () => emojiPicker(anchor, (emoji) => react(message, emoji, true)) });
    items.push({ label: "Reply", glyph: icon("reply"), run: () => hooks.reply(message) });
  }
  if (apps.length) {
    items.push(null, { heading: "Apps" });
    for (const command of apps) items.push({ label: command.name, run: () => useMenuCommand(command, { message: message.id }) });
  }
  items.push(null);
  if (message.content) items.push({ label: "Copy text", run: () => copy(message.content, "Text") });
  items.push({ label: "Copy message ID", run: () => copy(message.id, "Message ID") });
  const own = message.author.id === state.person.id;
  if (message.ephemeral) items.push({ label: "Dismiss message", run: () => remove(message) });
  else if (own || may(MANAGE_MESSAGES)) items.push({ label: "Delete message", danger: true, run: () => remove(message) });
  menu(items, anchor, "Message");
}

function userMenu(message, anchor) {
  const user = message.author;
  const apps = state.commands.filter((command) => command.type === 2);
  const items = [{ heading: `${shownName(user)} · @${user.username}` }, { label: "Mention", run: () => hooks.mention(user) }];
  if (apps.length) {
    items.push(null, { heading: "Apps" });
    for (const command of apps) items.push({ label: command.name, run: () => useMenuCommand(command, { user: user.id, channel: state.channel.id }) });
  }
  items.push(null, { label: "Copy user ID", run: () => copy(user.id, "User ID") });
  menu(items, anchor, shownName(user));
}

// A message directly after another by the same author needs no head of its own.
export function follows(message, previous) {
  if (!previous || previous.author.id !== message.author.id) return false;
  if (message.referenced_message || message.interaction_metadata || previous.ephemeral !== message.ephemeral) return false;
  return new Date(message.timestamp) - new Date(previous.timestamp) < 420000;
}
