// What the pages can do better with a script. Everything works without it: links, forms, pages.
"use strict";

const one = (query, within = document) => within.querySelector(query);
const all = (query, within = document) => [...within.querySelectorAll(query)];
const still = matchMedia("(prefers-reduced-motion: reduce)");

// Forms are sent once.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// A live region says what changed to those who cannot see it.
function tell(text) {
  const place = one("#told");
  if (place) place.textContent = text;
}

// Dark and light: a cookie, so that the page arrives in the right colours.

function nextTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const shown = document.documentElement.dataset.theme || (dark ? "dark" : "light");
  return shown === "dark" ? "light" : "dark";
}

for (const button of all("[data-theme-switch]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const theme = nextTheme();
    document.documentElement.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
  });
}

// Copying.

for (const button of all("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const label = one("[data-label]", button) || button;
  const before = label.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    label.textContent = button.dataset.done;
    tell(button.dataset.done);
    setTimeout(() => (label.textContent = before), 1800);
  });
}

// Menus close when one looks elsewhere.

document.addEventListener("click", (event) => {
  for (const menu of all("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of all("details.menu[open]")) {
      menu.open = false;
      one("summary", menu).focus();
    }
  }
});

// A like without leaving the page; the form is what does it where this fails.

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-like]") || event.defaultPrevented) return;
  event.preventDefault();
  const button = one("button", form);
  button.disabled = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const { likes, count } = await answer.json();
    button.setAttribute("aria-pressed", String(likes));
    one("[data-count]", button).textContent = count || "";
    if (form.elements.likes) form.elements.likes.value = likes ? "0" : "1";
  } catch {
    form.submit();
  } finally {
    button.disabled = false;
    button.focus();
    delete form.dataset.sent;
  }
});

// More pictures before the end of the page is reached. The link to the next page stays what it is.

const rows = one(".rows[data-more]");
const MOST_BY_ITSELF = 12;
let loading = null;
let loaded = 0;
let turned = 0;

async function fetchMore() {
  const pager = one(".pager");
  const link = pager && one("a[rel=next]", pager);
  if (!rows || !link) return false;
  pager.dataset.busy = "";
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const known = new Set(all(".work", rows).map((work) => work.dataset.work));
    const fresh = all(".rows[data-more] > .work", page).filter((w) => !known.has(w.dataset.work));
    rows.append(...fresh);
    turned += 1;
    const next = one(".pager a[rel=next]", page);
    if (next) link.replaceWith(next);
    else link.remove();
    if (!one("a", pager)) pager.remove();
    delete pager.dataset.busy;
    watchEnd();
    return fresh.length > 0;
  } catch {
    delete pager.dataset.busy;
    return false;
  }
}

function more() {
  loading ??= fetchMore().finally(() => (loading = null));
  return loading;
}

const end = new IntersectionObserver(
  (entries) => {
    if (entries.some((entry) => entry.isIntersecting) && loaded < MOST_BY_ITSELF) {
      loaded += 1;
      more();
    }
  },
  { rootMargin: "0px 0px 1600px 0px" },
);

function watchEnd() {
  end.disconnect();
  const pager = one(".pager");
  if (rows && pager && one("a[rel=next]", pager)) end.observe(pager);
}

watchEnd();

// Whoever comes back from a picture finds the page as long as it was, at the same place.

function remember() {
  if (rows && !history.state?.box) {
    history.replaceState({ ...history.state, turned, top: scrollY }, "");
  }
}

async function recall() {
  const { turned: wanted, top } = history.state;
  while (turned < wanted && (await more()));
  scrollTo({ top, behavior: "instant" });
}

addEventListener("pagehide", remember);
if (rows && history.state?.turned) recall();

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.(".pager a[rel=next]");
  if (!link || !rows || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const last = all(".work > a", rows).at(-1);
  if (await more()) last.closest(".work").nextElementSibling?.querySelector("a").focus();
  else location.assign(link.href);
});

// Part of another page, taken in when it is scrolled to; below it stays the link to all of it.

for (const place of all("[data-load]")) {
  const near = new IntersectionObserver(
    async (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      const asked = fetch(place.dataset.load, { headers: { Accept: "text/html" } });
      const answer = await asked.catch(() => null);
      if (!answer?.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const list = one(".rows", page);
      if (!list) return;
      list.removeAttribute("data-more");
      for (const work of all(".work", list).slice(Number(place.dataset.most))) work.remove();
      place.prepend(list);
    },
    { rootMargin: "0px 0px 400px 0px" },
  );
  near.observe(place);
}

// The lightbox: arrows, Escape, the back button, a swipe. Its address is that of the picture.

const MOST_ENLARGED = 768;
const opened = location.pathname + location.search;
const pattern = one("#lightbox");
let box = null;
let at = null;

function build() {
  box = pattern.content.cloneNode(true).firstElementChild;
  document.body.append(box);
  one(".shut", box).addEventListener("click", () => history.back());
  one(".back", box).addEventListener("click", () => step(-1));
  one(".on", box).addEventListener("click", () => step(1));
  one(".open", box).addEventListener("click", (event) => {
    event.preventDefault();
    location.replace(event.currentTarget.href);
  });
  one("figure", box).addEventListener("click", (event) => {
    if (event.target.tagName !== "IMG") history.back();
  });
  box.addEventListener("cancel", (event) => {
    event.preventDefault();
    history.back();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else return;
    event.preventDefault();
  });
  let from = null;
  box.addEventListener("pointerdown", (event) => (from = event.isPrimary ? event : null));
  box.addEventListener("pointerup", (event) => {
    if (!from || event.pointerType === "mouse") return;
    const across = event.clientX - from.clientX;
    if (Math.abs(across) > 50 && Math.abs(across) > 2 * Math.abs(event.clientY - from.clientY)) {
      step(across < 0 ? 1 : -1);
    }
  });
}

function links() {
  return all(".rows[data-box] .work > a[data-full]");
}

// Small pictures grow so that each of their pixels is a square of whole pixels of the screen.
function fit(image, width, height) {
  const frame = one("figure", box);
  const dots = devicePixelRatio || 1;
  const across = Math.min(frame.clientWidth, MOST_ENLARGED) / width;
  const room = Math.min(across, frame.clientHeight / height) * 0.96;
  const times = Math.max(1, Math.floor(room * dots) / dots);
  const small = Math.max(width, height) <= 320;
  image.width = small ? width * times : width;
  image.height = small ? height * times : height;
  image.classList.toggle("enlarged", small && times > 1);
}

function show(link) {
  at = link;
  const { full, width, height } = link.dataset;
  const thumb = one("img", link);
  const image = new Image();
  image.alt = thumb.alt;
  image.decoding = "async";
  fit(image, Number(width), Number(height));
  one("figure img", box)?.remove();
  // What the page has already is seen while the file comes.
  const first = thumb.cloneNode();
  first.removeAttribute("srcset");
  first.src = thumb.currentSrc || thumb.src;
  first.loading = "eager";
  first.width = image.width;
  first.height = image.height;
  first.className = image.className;
  one("figure", box).append(first);
  image.src = full;
  image.decode().then(
    () => at === link && first.replaceWith(image),
    () => {},
  );
  one(".caption", box).textContent = one(".words", link)?.textContent ?? thumb.alt;
  one(".author", box).textContent = link.dataset.by ?? "";
  one(".open", box).href = link.href;
  const list = links();
  const place = list.indexOf(link);
  one(".back", box).hidden = place <= 0;
  one(".on", box).hidden = place === list.length - 1 && !one(".pager a[rel=next]");
  if (place > list.length - 6) more();
  for (const near of [list[place + 1], list[place - 1]]) {
    if (near) new Image().src = near.dataset.full;
  }
}

async function step(by) {
  const list = links();
  let next = list[list.indexOf(at) + by];
  if (!next && by > 0 && (await more())) next = links()[list.length];
  if (!next || !box.open) return;
  history.replaceState({ box: next.closest(".work").dataset.work }, "", next.href);
  show(next);
  if (document.activeElement?.hidden) one(".shut", box).focus();
}

function raise(link) {
  if (!box) build();
  if (!box.open) box.showModal();
  show(link);
}

function lower() {
  if (!box?.open) return;
  box.close();
  at?.focus({ preventScroll: true });
  at?.scrollIntoView({ block: "nearest", behavior: still.matches ? "auto" : "smooth" });
}

if (pattern && "showModal" in HTMLDialogElement.prototype) {
  document.addEventListener("click", (event) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest?.(".rows[data-box] .work > a[data-full]");
    if (!link) return;
    event.preventDefault();
    remember();
    history.pushState({ box: link.closest(".work").dataset.work }, "", link.href);
    raise(link);
  });
  addEventListener("popstate", (event) => {
    const id = event.state?.box;
    const link = id && links().find((one) => one.closest(".work").dataset.work === id);
    if (link) raise(link);
    else if (location.pathname + location.search !== opened) location.reload();
    else lower();
  });
  addEventListener("resize", () => {
    const image = box?.open && one("figure img", box);
    if (image) fit(image, Number(at.dataset.width), Number(at.dataset.height));
  });
}

// A picture's own page: the arrows go to its neighbours. A slash goes to the search line.

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, dialog, [contenteditable]")) return;
  const way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = way && one(`.beside a[rel=${way}]`);
  if (link) location.assign(link.href);
  else if (event.key === "/" && one(".seek input")) {
    event.preventDefault();
    one(".seek input").focus();
  }
});
