// The page: who is looking at what, kept up to date by the stream of events.

import { act, get, loadCommands, loadWorld, state } from "./api.js";
import * as composer from "./composer.js";
import { settle, waiting } from "./components.js";
import { avatar, el, icon, shownName } from "./dom.js";
import { openForm } from "./form.js";
import { refreshTimes } from "./markdown.js";
import { buildMessage, follows, hooks as messageHooks, patchMessage } from "./message.js";
import { menu, toast } from "./overlays.js";

const find = (id) => document.getElementById(id);
const list = find("messages");
const scroll = find("scroll");
const unread = new Set();
let stream = null;
let lastEvent = 0;
let more = false;
let loading = false;

// channels and people

function remember() {
  const query = new URLSearchParams({ as: state.person.username, channel: state.channel.name || "direct" });
  history.replaceState(null, "", `/?${query}`);
  document.title = `${channelTitle(state.channel)} · Sandbox`;
}

function channelTitle(channel) {
  return channel.name ? `#${channel.name}` : shownName(state.world.bot);
}

function drawSide() {
  find("server-name").textContent = state.world.guild.name;
  drawBotState(state.world.gateway);
  const entry = (channel, label) => el("a", {
    class: "channel", href: `?as=${state.person.username}&channel=${channel.name || "direct"}`, data: { channelId: channel.id, unread: unread.has(channel.id) ? "true" : "false" },
    "aria-current": channel.id === state.channel?.id ? "page" : null,
    onclick: (event) => { event.preventDefault(); openChannel(channel); },
  }, channel.name ? el("span", { class: "hash", "aria-hidden": "true" }, channel.type === 0 ? "#" : "›") : avatar(state.world.bot, "small"), label);
  const own = state.world.people.find((p) => p.id === state.person.id);
  const named = state.world.channels.filter((c) => c.name && !c.thread_metadata?.archived);
  const direct = state.world.channels.find((c) => c.id === own.direct_channel) ?? { id: own.direct_channel, name: "", fresh: true };
  find("channels").replaceChildren(
    el("h2", {}, "Channels"), ...named.map((c) => entry(c, c.name)),
    el("h2", {}, "Direct messages"), entry(direct, shownName(state.world.bot)));
  const me = state.person;
  find("person").replaceChildren(avatar(me), el("span", {}, el("b", {}, shownName(me)), el("small", {}, me.about)), icon("chevron"));
  find("person").setAttribute("aria-label", `You act as ${shownName(me)}. Change`);
}

function drawBotState(gateway) {
  const online = gateway.connected > 0;
  const node = find("bot-state");
  node.dataset.state = online ? "online" : "offline";
  node.textContent = online ? `${state.world.bot.username} is online` : `waiting for ${state.world.bot.username}`;
}

find("person").addEventListener("click", () => {
  find("person").setAttribute("aria-expanded", "true");
  menu([{ heading: "Act as" }, ...state.world.people.filter((p) => p.in_guild).map((person) => ({
    label: shownName(person), hint: person.about, glyph: avatar(person, "small"), run: () => become(person),
  }))], find("person"), "Act as");
});

async function become(person) {
  const channel = state.channel;
  state.person = person;
  await loadWorld();
  state.person = state.world.people.find((p) => p.id === person.id);
  waiting.clear();
  const same = state.world.channels.find((c) => c.id === channel?.id && c.name);
  await openChannel(same ?? state.world.channels.find((c) => c.name));
  listen();
}

async function openChannel(channel) {
  if (channel.fresh) {
    await act("/direct");
    await loadWorld();
    channel = state.world.channels.find((c) => c.id === channel.id);
  }
  state.channel = channel;
  unread.delete(channel.id);
  closeSide();
  remember();
  find("channel-name").textContent = channel.name ? `# ${channel.name}` : `@ ${shownName(state.world.bot)}`;
  find("channel-topic").textContent = channel.topic ?? "";
  drawSide();
  await Promise.all([loadMessages(), loadCommands()]);
  composer.reset();
  drawIntro();
}

// messages

async function loadMessages() {
  const channel = state.channel;
  const answer = await get("/messages", { channel: channel.id, viewer: state.person.id });
  if (channel !== state.channel) return;
  state.messages.clear();
  list.replaceChildren();
  list.setAttribute("aria-label", `Messages in ${channelTitle(channel)}`);
  more = answer.more;
  for (const message of answer.messages) place(message);
  drawIntro();
  scroll.scrollTop = scroll.scrollHeight;
}

async function loadEarlier() {
  const first = list.querySelector("[data-message-id]");
  if (!more || loading || !first) return;
  loading = true;
  const answer = await get("/messages", { channel: state.channel.id, viewer: state.person.id, before: first.dataset.messageId });
  more = answer.more;
  const height = scroll.scrollHeight;
  for (const message of answer.messages) place(message);
  scroll.scrollTop += scroll.scrollHeight - height;
  loading = false;
  drawIntro();
}

// However long ago it was, the way to it is read.
async function showMessage(id) {
  const found = () => list.querySelector(`[data-message-id="${id}"]`);
  while (!found() && more) {
    await loadEarlier();
    await new Promise(requestAnimationFrame);
  }
  found()?.scrollIntoView({ block: "center" });
}

// Puts a message where its id belongs, or patches it where it stands.
function place(message) {
  state.messages.set(message.id, message);
  const old = list.querySelector(`[data-message-id="${message.id}"]`);
  if (old) {
    patchMessage(old, message);
    return old;
  }
  const node = buildMessage(message);
  let after = list.lastElementChild;
  while (after && (!after.dataset.messageId || BigInt(after.dataset.messageId) > BigInt(message.id))) after = after.previousElementSibling;
  if (after) after.after(node);
  else list.prepend(node);
  regroup(node);
  if (node.nextElementSibling) regroup(node.nextElementSibling);
  return node;
}

function regroup(node) {
  const message = state.messages.get(node.dataset.messageId);
  if (!message) return;
  let before = node.previousElementSibling;
  while (before && !before.dataset.messageId) before = before.previousElementSibling;
  const previous = before && state.messages.get(before.dataset.messageId);
  node.classList.toggle("follows", Boolean(follows(message, previous)));
  const day = new Date(message.timestamp).toDateString();
  const newDay = !previous || new Date(previous.timestamp).toDateString() !== day;
  node.classList.toggle("new-day", newDay);
  node.dataset.day = newDay ? new Date(message.timestamp).toLocaleDateString([], { day: "numeric", month: "long", year: "numeric" }) : "";
}

function nearEnd() {
  return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
}

function keepAtEnd(change) {
  const stay = nearEnd();
  change();
  if (stay) scroll.scrollTop = scroll.scrollHeight;
  find("jump").hidden = nearEnd();
}

// Pictures and replies change heights after they are placed.
new ResizeObserver(() => {
  if (stuck) scroll.scrollTop = scroll.scrollHeight;
}).observe(list);
new ResizeObserver(() => {
  if (stuck) scroll.scrollTop = scroll.scrollHeight;
}).observe(scroll);
let stuck = true;

scroll.addEventListener("scroll", () => {
  stuck = nearEnd();
  find("jump").hidden = stuck;
  if (scroll.scrollTop < 200) loadEarlier();
});
find("jump").addEventListener("click", () => (scroll.scrollTop = scroll.scrollHeight));

function drawIntro() {
  const intro = find("intro");
  intro.hidden = more;
  // Those that want something from the person first: they show most.
  const wants = (command) => (command.options ?? []).filter((option) => option.required).length;
  const slash = state.commands.filter((c) => c.type === 1).sort((a, b) => wants(b) - wants(a)).slice(0, 3);
  intro.replaceChildren(
    el("img", { src: "/page/mark.svg", alt: "", width: 68, height: 68 }),
    el("h3", {}, state.channel.name ? `Welcome to #${state.channel.name}` : `Direct messages with ${shownName(state.world.bot)}`),
    el("p", {}, "Everything here is real but Discord itself: the bot is the one you would run on your server, and what you see is what it sent."),
    slash.length
      ? el("p", { class: "try" }, "Try ", slash.map((c) => el("button", { type: "button", class: "button secondary", data: { try: c.name }, onclick: () => composer.begin(`/${c.name} `) }, `/${c.name}`)))
      : el("p", { class: "try" }, "Type / once the bot is online."));
}

function pending(name) {
  const node = el("li", { class: "message waiting", data: { pending: name } },
    el("div", { class: "face" }, avatar(state.world.bot)),
    el("div", { class: "body" },
      el("div", { class: "head" }, el("span", { class: "author" }, shownName(state.world.bot)), el("span", { class: "app-tag" }, "APP")),
      el("div", { class: "content" }, el("span", { class: "thinking" }, el("span", { class: "dots" }, el("i"), el("i"), el("i")), `Sending /${name}…`))));
  keepAtEnd(() => list.append(node));
  stuck = true;
  scroll.scrollTop = scroll.scrollHeight;
  return () => node.remove();
}

// events

let typingTimer = 0;

const handlers = {
  message_create(message) {
    if (message.channel_id !== state.channel.id) {
      unread.add(message.channel_id);
      drawSide();
      return;
    }
    find("typing").textContent = "";
    keepAtEnd(() => place(message));
  },
  message_update(message) {
    if (message.channel_id === state.channel.id && state.messages.has(message.id)) keepAtEnd(() => place(message));
  },
  message_delete({ id }) {
    const node = list.querySelector(`[data-message-id="${id}"]`);
    const next = node?.nextElementSibling;
    state.messages.delete(id);
    node?.remove();
    if (next) regroup(next);
  },
  interaction(interaction) {
    if (interaction.state === "answered" && interaction.how === "modal" && interaction.user_id === state.person.id) openForm(interaction);
    settle(interaction);
  },
  typing({ channel_id, user_id }) {
    if (channel_id !== state.channel.id) return;
    find("typing").textContent = `${shownName(state.users.get(user_id))} is typing…`;
    clearTimeout(typingTimer);
    typingTimer = setTimeout(() => (find("typing").textContent = ""), 8000);
  },
  async commands() {
    await loadCommands();
    drawIntro();
  },
  gateway(stats) {
    state.world.gateway = stats;
    drawBotState(stats);
  },
  channels: () => reload(),
  people: () => reload(),
};

async function reload() {
  await loadWorld();
  state.person = state.world.people.find((p) => p.id === state.person.id) ?? state.world.people[0];
  const channel = state.world.channels.find((c) => c.id === state.channel.id);
  if (!channel) await openChannel(state.world.channels.find((c) => c.name));
  else state.channel = channel;
  drawSide();
}

function listen() {
  stream?.close();
  stream = new EventSource(`/_sandbox/events?viewer=${state.person.id}`);
  let lost = false;
  stream.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.type === "hello") {
      // After a break (or a restart) what was missed is read afresh.
      if (lost || event.n < lastEvent) reload().then(loadMessages).then(loadCommands);
      lost = false;
      lastEvent = event.n;
      return;
    }
    lastEvent = event.n;
    handlers[event.type]?.(event.data);
  };
  stream.onerror = () => {
    if (!lost) toast("The sandbox is not answering; trying again", "error");
    lost = true;
    drawBotState({ connected: 0 });
  };
}

// narrow screens

function closeSide() {
  document.body.classList.remove("side-open");
  find("veil").hidden = true;
}
find("open-side").addEventListener("click", () => {
  document.body.classList.add("side-open");
  find("veil").hidden = false;
  find("side").querySelector("a, button")?.focus();
});
find("veil").addEventListener("click", closeSide);
document.addEventListener("keydown", (event) => event.key === "Escape" && closeSide());

messageHooks.reply = composer.replyTo;
messageHooks.mention = (user) => composer.insert(`<@${user.id}> `);
composer.hooks.pending = pending;

async function start() {
  const query = new URLSearchParams(location.search);
  await loadWorld();
  const { people } = state.world;
  state.person = people.find((p) => p.username === query.get("as")) ?? people[0];
  await loadWorld();
  state.person = state.world.people.find((p) => p.id === state.person.id);
  composer.setUp(find("composer"));
  const channels = state.world.channels;
  const [, address, message] = location.pathname.match(/^\/channels\/[^/]+\/(\d+)(?:\/(\d+))?$/) ?? [];
  const wanted = address ? channels.find((c) => c.id === address) : query.get("channel") === "direct"
    ? channels.find((c) => c.id === state.person.direct_channel) ?? { id: state.person.direct_channel, name: "", fresh: true }
    : channels.find((c) => c.name === query.get("channel"));
  listen();
  await openChannel(wanted ?? channels.find((c) => c.name));
  find("composer-text").focus();
  if (message) await showMessage(message);
  document.body.dataset.ready = "true";
}

setInterval(refreshTimes, 10000);
start();
