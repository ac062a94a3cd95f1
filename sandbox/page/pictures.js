// Pictures in messages. One that replaces another is loaded first and swapped in when it is ready,
// so that a preview sharpens without a flicker.

import { el, icon, localUrl } from "./dom.js";
import { lightbox } from "./overlays.js";

const WIDEST = 550;
const TALLEST = 400;

function fit(width, height) {
  if (!width || !height) return null;
  const scale = Math.min(1, WIDEST / width, TALLEST / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

function picture({ url, width, height, description, name, id, cover }) {
  const source = localUrl(url);
  const image = el("img", { alt: description || name || "Picture", src: source, decoding: "async" });
  const button = el("button", {
    type: "button", class: "picture", data: { attachmentId: id ?? "", src: source },
    "aria-label": `Open picture: ${description || name || "no description"}`,
    onclick: () => lightbox(button.dataset.src, description),
  }, image);
  const box = fit(width, height);
  if (box && !cover) {
    button.style.setProperty("--w", `${box.width}px`);
    button.style.aspectRatio = `${width} / ${height}`;
  }
  image.addEventListener("error", () => button.classList.add("broken"));
  return button;
}

// Puts the pictures of `wanted` into `frame`, reusing the places that are there already.
export function showPictures(frame, wanted) {
  const places = [...frame.querySelectorAll(":scope > .picture")];
  const cover = wanted.length > 1;
  frame.dataset.count = String(wanted.length);
  wanted.forEach((item, index) => {
    const old = places[index];
    const source = localUrl(item.url);
    if (old && old.dataset.attachmentId === (item.id ?? "") && old.dataset.src.split("?")[0] === source.split("?")[0]) return;
    const fresh = picture({ ...item, cover });
    if (!old) {
      frame.append(fresh);
      return;
    }
    old.dataset.coming = source;
    const swap = () => {
      // Only if nothing newer has come meanwhile.
      if (old.isConnected && old.dataset.coming === source) old.replaceWith(fresh);
    };
    fresh.querySelector("img").decode().then(swap, swap);
  });
  for (const surplus of places.slice(wanted.length)) surplus.remove();
}

export function isPicture(attachment) {
  return Boolean(attachment.width) && (attachment.content_type ?? "").startsWith("image/");
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

export function fileCard({ url, name, bytes }) {
  return el("a", { class: "file", href: localUrl(url), download: name, target: "_blank", rel: "noopener" },
    icon("file"), el("span", {}, name), bytes === undefined ? null : el("small", {}, size(bytes)));
}

export function attachmentsView(node, attachments) {
  const pictures = attachments.filter(isPicture);
  let frame = node.querySelector(":scope > .pictures");
  if (pictures.length) {
    if (!frame) {
      frame = el("div", { class: "pictures" });
      node.prepend(frame);
    }
    showPictures(frame, pictures.map((a) => ({ ...a, name: a.filename })));
  } else frame?.remove();
  for (const card of node.querySelectorAll(":scope > .file")) card.remove();
  for (const a of attachments.filter((one) => !isPicture(one))) {
    node.append(fileCard({ url: a.url, name: a.filename, bytes: a.size }));
  }
}
