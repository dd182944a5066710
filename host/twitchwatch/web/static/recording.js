"use strict";
// A whole recording: moved and zoomed over tiles of smallest and largest samples, which come as they are needed.
(async () => {
  const figure = document.getElementById("recording");
  const canvas = figure.querySelector("canvas");
  const spoken = figure.querySelector(".cursor");
  const source = figure.dataset.source;
  const answer = await fetch(`${source}outline.json`);
  const outline = await answer.json();
  if (!answer.ok) {
    spoken.textContent = outline.error;
    return;
  }
  const { samples, widths, rate_hz: rate, lsb_mg: lsb, tile: size } = outline;
  const LANES = ["x", "y", "z"];
  const SIDE = 64;
  const FOOT = 22;
  // At least half a second is shown.
  const CLOSEST = rate / 2;
  const MOST_TILES = 400;
  const css = getComputedStyle(document.documentElement);
  const ink = (name) => css.getPropertyValue(`--${name}`).trim();
  const colours = [ink("blue"), "#009e73", "#d55e00"];
  const tiles = new Map();
  let first = 0;
  let shown = samples;
  let cursor = null;
  let due = false;

  const clock = (sample, digits) => {
    const exact = (outline.clock_s ?? 0) + sample / rate;
    // Rounded down, so that no second has sixty.
    const seconds = Math.floor(exact * 10 ** digits + 1e-6) / 10 ** digits;
    const part = (value) => String(Math.floor(value)).padStart(2, "0");
    const tail = (seconds % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
    return `${part((seconds / 3600) % 24)}:${part((seconds / 60) % 60)}:${tail}`;
  };
  // The finest level that has no more than two bins for each pixel.
  const levelFor = (perPixel) => {
    const found = widths.findIndex((width) => 2 * width >= perPixel);
    return found < 0 ? widths.length - 1 : found;
  };
  const ask = (level, number) => {
    const key = `${level}/${number}`;
    const known = tiles.get(key);
    if (known !== undefined) return known;
    if (tiles.size > MOST_TILES) tiles.delete(tiles.keys().next().value);
    tiles.set(key, null);
    fetch(`${source}tiles/${key}`).then(async (found) => {
      if (!found.ok) return;
      tiles.set(key, new Int16Array(await found.arrayBuffer()));
      redraw();
    }, () => tiles.delete(key));
    return null;
  };
  // A bin's place in its tile; until the tile is here, the bin of a coarser one that is.
  const bin = (level, at) => {
    for (let coarser = level; coarser < widths.length; coarser++) {
      const own = Math.floor((at * widths[level]) / widths[coarser]);
      const number = Math.floor(own / size);
      const found = coarser === level ? ask(coarser, number) : tiles.get(`${coarser}/${number}`);
      if (found) return [found, 6 * (own - number * size)];
    }
    return null;
  };

  const draw = () => {
    due = false;
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = "12px system-ui, sans-serif";
    const plot = width - SIDE;
    const lane = (height - FOOT) / 3;
    const level = levelFor(shown / plot);
    const step = widths[level];
    const begin = Math.floor(first / step);
    const end = Math.min(Math.ceil(samples / step), Math.ceil((first + shown) / step) + 1);
    const found = [];
    for (let at = begin; at < end; at++) found.push(bin(level, at));
    const x = (at) => SIDE + ((at * step - first) / shown) * plot;
    LANES.forEach((name, axis) => {
      let low = 32767;
      let high = -32768;
      for (const own of found) {
        if (own === null) continue;
        const [values, place] = own;
        if (values[place + axis] > values[place + 3 + axis]) continue;
        if (values[place + axis] < low) low = values[place + axis];
        if (values[place + 3 + axis] > high) high = values[place + 3 + axis];
      }
      const top = axis * lane;
      pen.strokeStyle = ink("line");
      pen.strokeRect(SIDE, top + 0.5, plot, lane - 1);
      pen.fillStyle = ink("soft");
      pen.fillText(name, 4, top + lane / 2);
      if (low > high) return;
      pen.fillText(`${Math.round(high * lsb)} mg`, 4, top + 14);
      pen.fillText(`${Math.round(low * lsb)} mg`, 4, top + lane - 6);
      const y = (value) => top + 4 + ((high - value) / Math.max(1, high - low)) * (lane - 8);
      pen.strokeStyle = colours[axis];
      pen.beginPath();
      let joined = false;
      found.forEach((own, index) => {
        const empty = own === null || own[0][own[1] + axis] > own[0][own[1] + 3 + axis];
        if (empty) {
          joined = false;
          return;
        }
        const [values, place] = own;
        const at = x(begin + index);
        if (joined) pen.lineTo(at, y(values[place + axis]));
        else pen.moveTo(at, y(values[place + axis]));
        if (level > 0) pen.lineTo(at, y(values[place + 3 + axis]));
        joined = true;
      });
      pen.stroke();
    });
    pen.fillStyle = ink("soft");
    const marks = Math.max(1, Math.floor(plot / 110));
    for (let mark = 0; mark < marks; mark++) {
      const at = first + ((mark + 0.5) / marks) * shown;
      pen.fillText(clock(at, shown < 20 * rate ? 1 : 0), SIDE + ((mark + 0.5) / marks) * plot - 24, height - 6);
    }
    if (cursor !== null && cursor >= first && cursor <= first + shown) {
      pen.strokeStyle = ink("orange");
      pen.beginPath();
      pen.moveTo(SIDE + ((cursor - first) / shown) * plot, 0);
      pen.lineTo(SIDE + ((cursor - first) / shown) * plot, height - FOOT);
      pen.stroke();
    }
  };
  const redraw = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(draw);
  };
  const place = (from, count) => {
    shown = Math.min(samples, Math.max(CLOSEST, count));
    first = Math.min(samples - shown, Math.max(0, from));
    redraw();
  };
  const zoom = (factor, around) => place(around - (around - first) * factor, shown * factor);
  const speak = () => {
    const level = levelFor(shown / (canvas.clientWidth - SIDE));
    const own = bin(level, Math.floor(cursor / widths[level]));
    const value = (axis) => {
      const [low, high] = [own[0][own[1] + axis], own[0][own[1] + 3 + axis]].map((one) => Math.round(one * lsb));
      return low > high ? "no sample" : low === high ? `${low} mg` : `${low} to ${high} mg`;
    };
    spoken.textContent = own === null ? `${clock(cursor, 1)}: on its way`
      : `${clock(cursor, 1)}: ${LANES.map((name, axis) => `${name} ${value(axis)}`).join(", ")}`;
  };

  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, first };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (held === null) return;
    place(held.first - ((event.clientX - held.x) / (canvas.clientWidth - SIDE)) * shown, shown);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { held = null; });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const share = (event.clientX - canvas.getBoundingClientRect().left - SIDE) / (canvas.clientWidth - SIDE);
    zoom(event.deltaY > 0 ? 1.25 : 0.8, first + Math.max(0, share) * shown);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const here = cursor ?? first;
    const moves = { ArrowLeft: here - shown / 50, ArrowRight: here + shown / 50, Home: 0, End: samples - 1 };
    const pages = { PageUp: -shown, PageDown: shown };
    if (event.key in moves) {
      cursor = Math.min(samples - 1, Math.max(0, moves[event.key]));
      if (cursor < first || cursor > first + shown) place(cursor - shown / 2, shown);
    } else if (event.key in pages) {
      place(first + pages[event.key], shown);
      cursor = first;
    } else if (event.key === "+" || event.key === "-") {
      zoom(event.key === "+" ? 0.5 : 2, cursor ?? first + shown / 2);
    } else {
      return;
    }
    event.preventDefault();
    redraw();
    if (cursor !== null) speak();
  });
  new ResizeObserver(redraw).observe(canvas);

  const rows = outline.swings_mg.map((value, span) => {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = clock(span * outline.span_s * rate, 0);
    const cell = document.createElement("td");
    cell.className = "n";
    cell.textContent = value === null ? "no samples" : `${value} mg`;
    row.append(head, cell);
    return row;
  });
  document.querySelector("#swings tbody").append(...rows);
  spoken.textContent = "";
  canvas.dataset.ready = "yes";
  redraw();
})();
