// The driver's interface (see sandbox/driver.py), and the page's shared state.

export const state = {
  world: null,
  person: null,
  channel: null,
  commands: [],
  users: new Map(),
  messages: new Map(),
};

async function request(method, path, body, files) {
  const options = { method };
  if (files && files.length) {
    const form = new FormData();
    form.append("json", JSON.stringify(body));
    for (const [name, file] of files) form.append(name, file, file.name);
    options.body = form;
  } else if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(`/_sandbox${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || `status ${response.status}`);
  return answer;
}

export function get(path, query = {}) {
  const text = new URLSearchParams(query).toString();
  return request("GET", text ? `${path}?${text}` : path);
}

// Acts as the person chosen on the page.
export function act(path, body = {}, files = []) {
  return request("POST", path, { person: state.person.id, ...body }, files);
}

export async function loadWorld() {
  const viewer = state.person ? state.person.id : "";
  state.world = await get("/world", viewer ? { viewer } : {});
  state.users.clear();
  for (const user of [state.world.bot, ...state.world.people]) state.users.set(user.id, user);
}

export async function loadCommands() {
  if (!state.channel) return;
  const answer = await get("/commands", { person: state.person.id, channel: state.channel.id });
  state.commands = answer.commands;
}

export const ADMINISTRATOR = 1n << 3n;
export const MANAGE_MESSAGES = 1n << 13n;
export const SEND_MESSAGES = 1n << 11n;

export function may(right) {
  const held = BigInt(state.channel?.permissions ?? "0");
  return (held & right) === right;
}
