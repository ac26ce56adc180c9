// Small parts of the page that Gradio has no component for. They only run in the page and ask no other machine.

// For screen readers.
{
  const own = window.tfhandLanguage || (navigator.language || "en").slice(0, 2).toLowerCase();
  document.documentElement.lang = ["en", "de", "fr", "es"].includes(own) ? own : "en";
}

// By this the server knows a tab that is loaded again; other tabs have others, and it is gone with the tab.
window.tfhandToken = () => {
  const name = "tfhand-token";
  if (!sessionStorage.getItem(name)) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    sessionStorage.setItem(name, [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  }
  return sessionStorage.getItem(name);
};

// The number of the tile that was pressed.
window.tfhandPick = (event, tell) => {
  const tile = event.target.closest("[data-number]");
  if (tile) tell(Number(tile.dataset.number));
};

// A field to write in by mouse, finger or pen; `tell` gets the strokes: lists of [x, y] in pixels of the canvas.
window.tfhandField = (element, tell) => {
  let strokes = [];
  let drawing = false;
  const draw = (canvas) => {
    const pen = canvas.getContext("2d");
    const base = Number(canvas.dataset.baseline);
    const high = Number(canvas.dataset.height);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = 1;
    pen.strokeStyle = "#8a8aa8";
    for (const y of [base, base - high]) {
      pen.beginPath();
      pen.moveTo(0, y);
      pen.lineTo(canvas.width, y);
      pen.stroke();
    }
    pen.lineWidth = 10;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#111";
    for (const stroke of strokes) {
      pen.beginPath();
      pen.moveTo(...stroke[0]);
      for (const point of stroke) pen.lineTo(...point);
      pen.stroke();
    }
  };
  const place = (event) => {
    const box = event.target.getBoundingClientRect();
    const share = event.target.width / box.width;
    return [(event.clientX - box.left) * share, (event.clientY - box.top) * share].map((x) => Math.round(x * 10) / 10);
  };
  const clean = () => {
    strokes = [];
    const canvas = element.querySelector("canvas");
    if (canvas) draw(canvas);
  };
  new MutationObserver(clean).observe(element, { childList: true, subtree: true });
  element.addEventListener("pointerdown", (event) => {
    if (event.target.tagName !== "CANVAS") return;
    event.preventDefault();
    event.target.setPointerCapture(event.pointerId);
    drawing = true;
    strokes.push([place(event)]);
    draw(event.target);
  });
  element.addEventListener("pointermove", (event) => {
    if (!drawing || event.target.tagName !== "CANVAS") return;
    strokes.at(-1).push(place(event));
    draw(event.target);
  });
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => (drawing = false));
  element.addEventListener("click", (event) => {
    if (event.target.closest("[data-clear]")) clean();
    if (event.target.closest("[data-send]")) tell(strokes);
  });
};

// A box that is drawn on a picture goes into the four number fields, in percent of the picture.
window.tfhandBox = (element) => {
  let start = null;
  const place = (event) => {
    const box = element.querySelector(".cutting").getBoundingClientRect();
    const share = (at, from, size) => Math.min(100, Math.max(0, (100 * (at - from)) / size));
    return [share(event.clientX, box.left, box.width), share(event.clientY, box.top, box.height)];
  };
  const show = (event) => {
    const end = place(event);
    const box = [0, 1].map((k) => Math.min(start[k], end[k])).concat([0, 1].map((k) => Math.abs(start[k] - end[k])));
    const [left, top, wide, high] = box.map((x) => Math.round(x * 10) / 10);
    Object.assign(element.querySelector(".cut").style, {
      left: `${left}%`, top: `${top}%`, width: `${wide}%`, height: `${high}%`, display: "block",
    });
    return { left, top, wide, high };
  };
  element.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".cutting")) return;
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    start = place(event);
  });
  element.addEventListener("pointermove", (event) => start && show(event));
  element.addEventListener("pointerup", (event) => {
    if (!start) return;
    for (const [side, value] of Object.entries(show(event))) {
      const field = document.querySelector(`#cut-${side} input`);
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, value);
      for (const kind of ["input", "change", "blur"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
    }
    start = null;
  });
};
