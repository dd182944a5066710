"use strict";
// The live page: states, sensors, events and samples as the dashboard's stream sends them, each with its
// sentence. This only shows them, and says how old they are.
(() => {
  const SECONDS = 10;
  // Samples come four times a second, and the daemon's sign of life once a second.
  const STALE_MS = 3000;
  const LOST_MS = 6000;
  const MOST_EVENTS = 50;
  const byId = (id) => document.getElementById(id);
  const canvas = document.querySelector("#wave canvas");
  const spoken = document.querySelector("#wave .cursor");
  const cells = [...document.querySelectorAll("#seconds td")];
  const states = [...document.querySelectorAll("[data-state]")];
  const axes = ["x_mg", "y_mg", "z_mg"];
  const connected = new Map();
  const wave = { sensor: "", rate: 104, x_mg: [], y_mg: [], z_mg: [] };
  let stream = null;
  let heardAt = 0;
  let sampledAt = 0;
  let collecting = null;
  let over = "";
  let here = 0;

  const state = (now) => {
    if (over) return over;
    if (stream === null || stream.readyState === EventSource.CLOSED) return "lost";
    if (collecting === null) return now - heardAt > LOST_MS ? "lost" : "waiting";
    if (now - heardAt > LOST_MS) return "lost";
    if (!collecting) return "no_daemon";
    if (![...connected.values()].some((one) => one)) return "no_sensor";
    return now - sampledAt > STALE_MS ? "stale" : "live";
  };
  const show = () => {
    const now = performance.now();
    const own = state(now);
    for (const one of states) one.hidden = one.dataset.state !== own;
    document.body.dataset.live = own;
    byId("age").textContent = sampledAt === 0 ? "No sample has arrived yet."
      : own === "live" ? "Samples are arriving."
      : `The newest sample arrived ${Math.round((now - sampledAt) / 1000)} s ago.`;
    if (own !== "live") draw(own);
  };

  // Largest acceleration of each second, the newest first.
  const largest = () => {
    const found = [];
    for (let second = 0; second < SECONDS; second++) {
      const end = wave.x_mg.length - Math.round(second * wave.rate);
      const begin = Math.max(0, end - Math.round(wave.rate));
      let most = null;
      for (let at = begin; at < end; at++) most = Math.max(most, Math.hypot(...axes.map((axis) => wave[axis][at])));
      found.push(most);
    }
    return found;
  };
  const mg = (value) => (value === null ? "no sample" : `${value.toFixed(value < 100 ? 1 : 0)} mg`);

  const draw = (own) => {
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    const ratio = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const css = getComputedStyle(document.documentElement);
    const ink = (name) => css.getPropertyValue(`--${name}`).trim();
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const held = SECONDS * wave.rate;
    const most = axes.reduce((top, axis) => wave[axis].reduce((sum, one) => Math.max(sum, Math.abs(one)), top), 20);
    const x = (at) => width - ((wave.x_mg.length - at) / held) * width;
    const y = (value) => height / 2 - (value / most) * (height / 2 - 14);
    pen.fillStyle = ink("soft");
    pen.strokeStyle = ink("line");
    pen.font = "12px system-ui, sans-serif";
    for (const value of [-most, 0, most]) {
      pen.beginPath();
      pen.moveTo(0, y(value));
      pen.lineTo(width, y(value));
      pen.stroke();
      pen.fillText(`${Math.round(value)} mg`, 4, y(value) - 3);
    }
    // What is old is grey.
    const colours = own === "live" ? [ink("blue"), "#009e73", "#d55e00"] : [ink("line"), ink("line"), ink("line")];
    axes.forEach((axis, one) => {
      pen.strokeStyle = colours[one];
      pen.beginPath();
      wave[axis].forEach((value, at) => (at ? pen.lineTo(x(at), y(value)) : pen.moveTo(x(at), y(value))));
      pen.stroke();
    });
    if (here) {
      pen.strokeStyle = ink("orange");
      pen.strokeRect(width - here * (width / SECONDS), 1, width / SECONDS, height - 2);
    }
  };

  const take = (samples) => {
    if (samples.hardware_id !== wave.sensor || samples.rate_hz !== wave.rate || samples.lost > SECONDS * wave.rate) {
      for (const axis of axes) wave[axis] = [];
      wave.sensor = samples.hardware_id;
      wave.rate = samples.rate_hz;
    }
    const held = Math.round(SECONDS * wave.rate);
    // What was lost leaves a level line as long as it lasted.
    const hole = new Array(samples.lost).fill(0);
    for (const axis of axes) wave[axis] = [...wave[axis], ...hole, ...samples[axis]].slice(-held);
    sampledAt = performance.now();
    largest().forEach((value, second) => { cells[second].textContent = value === null ? "–" : mg(value); });
    draw("live");
  };
  const hear = (line) => {
    heardAt = performance.now();
    if (line.kind === "paused") {
      over = "paused";
      stream.close();
    } else if (line.kind === "no_daemon") {
      collecting = false;
      connected.clear();
    } else {
      collecting = true;
    }
    if (line.kind === "live_samples") take(line);
    if (line.kind === "live_tap") byId("tap").textContent = line.words;
    if (line.kind === "live_sensor") {
      connected.set(line.hardware_id, line.connected);
      const list = byId("sensors");
      let own = [...list.children].find((one) => one.dataset.sensor === line.hardware_id);
      if (own === undefined) {
        own = document.createElement("li");
        own.dataset.sensor = line.hardware_id;
        list.append(own);
      }
      own.textContent = line.words;
    }
    if (line.kind === "live_event") {
      byId("none").hidden = true;
      const item = document.createElement("li");
      item.textContent = line.words;
      const list = byId("events");
      list.prepend(item);
      while (list.children.length > MOST_EVENTS) list.lastChild.remove();
    }
    show();
  };

  const begin = () => {
    over = "";
    collecting = null;
    heardAt = performance.now();
    connected.clear();
    byId("events").replaceChildren();
    stream = new EventSource("/live/stream");
    stream.addEventListener("open", () => byId("events").replaceChildren());
    stream.addEventListener("message", (message) => hear(JSON.parse(message.data)));
    show();
  };
  // Nobody looks: the sensor's radio goes off.
  const end = () => { if (stream !== null) stream.close(); };
  document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
  byId("again").addEventListener("click", begin);
  canvas.addEventListener("keydown", (key) => {
    const next = { ArrowLeft: here + 1, ArrowRight: here - 1, Home: SECONDS, End: 1 }[key.key];
    if (next === undefined) return;
    key.preventDefault();
    here = Math.min(SECONDS, Math.max(1, next));
    spoken.textContent = `${here - 1} to ${here} seconds ago: largest acceleration ${mg(largest()[here - 1])}`;
    draw(document.body.dataset.live);
  });
  canvas.addEventListener("blur", () => { here = 0; spoken.textContent = ""; });
  new ResizeObserver(() => draw(document.body.dataset.live)).observe(canvas);
  setInterval(show, 250);
  begin();
})();
