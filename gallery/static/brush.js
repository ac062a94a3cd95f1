// The brush over a picture: strokes are kept as lines, and become a mask when the form is sent.
"use strict";

{
  const form = document.querySelector("form[data-repaint]");
  if (form) paint(form);
  const stands = document.querySelector("[data-stands]");
  if (stands) watch(stands);
}

// Where a job stands, asked for again until it ended.
async function watch(place) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, document.hidden ? 15000 : 4000));
    try {
      const answer = await fetch(place.dataset.stands, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const { told, ended } = await answer.json();
      if (place.textContent !== told) place.textContent = told;
      if (ended) return void location.reload();
    } catch {
      // The next time may go better.
    }
  }
}

function paint(form) {
  const ground = form.querySelector(".ground");
  const image = ground.querySelector("img");
  const canvas = ground.querySelector("canvas");
  const nib = ground.querySelector(".nib");
  const file = form.elements.mask;
  const size = form.querySelector("#size");
  const wrong = form.querySelector("[data-wrong]");
  const undo = form.querySelector("[data-undo]");
  const clear = form.querySelector("[data-clear]");
  const shown = canvas.getContext("2d");
  if (!shown || !("DataTransfer" in window)) return;

  // Points are in fractions of the picture, so that nothing moves when the page does.
  let strokes = [];
  let undone = [];
  let stroke = null;
  let mode = "brush";

  const width = Number(image.getAttribute("width"));
  const height = Number(image.getAttribute("height"));

  function line(context, { points, reach, erases }, scale, colour) {
    context.globalCompositeOperation = erases ? "destination-out" : "source-over";
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = reach * scale;
    context.lineCap = context.lineJoin = "round";
    const [first, ...rest] = points.map(([x, y]) => [x * context.canvas.width, y * context.canvas.height]);
    context.beginPath();
    if (rest.length) {
      context.moveTo(...first);
      for (const point of rest) context.lineTo(...point);
      context.stroke();
    } else {
      context.arc(...first, (reach * scale) / 2, 0, 2 * Math.PI);
      context.fill();
    }
  }

  function draw() {
    const box = ground.getBoundingClientRect();
    const sharp = Math.min(2, window.devicePixelRatio || 1);
    const wide = Math.max(1, Math.round(box.width * sharp));
    const high = Math.max(1, Math.round(box.height * sharp));
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
    }
    shown.globalCompositeOperation = "source-over";
    shown.clearRect(0, 0, canvas.width, canvas.height);
    for (const one of stroke ? [...strokes, stroke] : strokes) line(shown, one, canvas.width, "#ff2d6e");
    undo.disabled = clear.disabled = !strokes.length;
  }

  // White where it is painted, black elsewhere, in the picture's own size.
  function mask() {
    const painted = document.createElement("canvas");
    painted.width = width;
    painted.height = height;
    const context = painted.getContext("2d");
    for (const one of strokes) line(context, one, width, "#fff");
    const any = context.getImageData(0, 0, width, height).data.some((value, at) => at % 4 === 3 && value > 127);
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    return any ? new Promise((resolve) => painted.toBlob(resolve, "image/png")) : null;
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  function follow(event) {
    const box = canvas.getBoundingClientRect();
    const reach = (box.width * size.value) / 100;
    nib.hidden = event.pointerType === "touch" || mode === "cells";
    nib.style.width = nib.style.height = `${reach}px`;
    nib.style.transform = `translate(${event.clientX - box.left - reach / 2}px, ${event.clientY - box.top - reach / 2}px)`;
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || stroke) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    stroke = { points: [at(event)], reach: size.value / 100, erases: mode === "eraser", by: event.pointerId };
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    follow(event);
    if (stroke?.by !== event.pointerId) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) stroke.points.push(at(one));
    draw();
  });
  canvas.addEventListener("pointerleave", () => (nib.hidden = true));
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (stroke?.by !== event.pointerId) return;
      strokes = [...strokes, stroke];
      undone = [];
      stroke = null;
      wrong.hidden = true;
      draw();
    });
  }

  function step(back) {
    const [from, to] = back ? [strokes, undone] : [undone, strokes];
    if (!from.length) return;
    to.push(from.pop());
    draw();
  }

  undo.addEventListener("click", () => step(true));
  clear.addEventListener("click", () => {
    undone = [];
    strokes = [];
    draw();
    form.querySelector("[data-mode]").focus();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input:not([type=range], [type=checkbox]), textarea");
    if (typing) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      step(!event.shiftKey);
    } else if (event.key === "[" || event.key === "]") {
      size.value = Number(size.value) + (event.key === "]" ? 2 : -2);
    }
  });

  function choose(next) {
    mode = next;
    form.dataset.mode = mode;
    canvas.style.pointerEvents = mode === "cells" ? "none" : "auto";
    for (const button of form.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
  }
  for (const button of form.querySelectorAll("button[data-mode]")) {
    button.addEventListener("click", () => choose(button.dataset.mode));
  }

  // Sent as a plain form, with the mask as the file that nobody had to choose.
  let ready = false;
  form.addEventListener(
    "submit",
    async (event) => {
      if (ready) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const drawn = mask();
      const cells = form.querySelector("input[name=cell]:checked");
      if (!drawn && !cells && !form.elements.words.value.trim()) {
        wrong.textContent = form.dataset.nothing;
        wrong.hidden = false;
        return;
      }
      file.disabled = !drawn;
      if (drawn) {
        const given = new DataTransfer();
        given.items.add(new File([await drawn], "mask.png", { type: "image/png" }));
        file.files = given.files;
      }
      ready = true;
      form.requestSubmit();
    },
    true,
  );
  addEventListener("pageshow", () => (ready = false));

  canvas.hidden = false;
  form.querySelector(".brushes").hidden = false;
  choose("brush");
  new ResizeObserver(draw).observe(ground);
  draw();
}
