"use strict";
// The strip of a night: what each minute was spent with, bursts by size, tremor by frequency, and the
// smallest twitch that could be seen. All figures come from strip.json; this only draws them.
(async () => {
  const figure = document.getElementById("strip");
  const place = figure.querySelector(".charts");
  const spoken = figure.querySelector(".cursor");
  const answer = await fetch(figure.dataset.source);
  if (!answer.ok) {
    spoken.textContent = "The night could not be read. Reload the page to try again.";
    return;
  }
  const night = await answer.json();
  const css = getComputedStyle(document.documentElement);
  const ink = (name) => css.getPropertyValue(`--${name}`).trim();
  const start = Date.parse(night.start_utc) / 1000;
  const shifted = (seconds) => start + night.utc_offset_s + seconds;
  // The axis goes on evenly if local time moves; what is written beside it moves too.
  const moves = night.clock_changes.map((one) => [shifted(one.at_s), one.utc_offset_s - night.utc_offset_s]);
  const clock = (at, withSeconds) => {
    const move = moves.findLast(([from]) => from <= at)?.[1] ?? 0;
    return new Date((at + move) * 1000).toISOString().slice(11, withSeconds ? 19 : 16);
  };
  const axis = () => ({
    stroke: ink("soft"), grid: { stroke: ink("line"), width: 1 }, ticks: { stroke: ink("line"), width: 1 },
  });
  const times = () => ({ ...axis(), values: (_, splits) => splits.map((at) => clock(at, false)) });
  const sync = uPlot.sync("night");
  const x = { time: true };
  const tzDate = (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC");
  const width = () => Math.max(280, place.clientWidth);
  // Width of the left axis, the same for all so that they line up; space for the last hour at the right.
  const SIDE = 72;
  const padding = [10, 24, 0, 0];
  // A pointer that moves the charts picks no stretch, and a double click shows all of the night.
  let strip = null;
  const cursor = {
    sync: { key: sync.key }, points: { show: false },
    bind: {
      mousedown: (_, __, pick) => (event) => { if (!strip.moving()) pick(event); },
      dblclick: () => () => { strip.all(); },
    },
  };

  // What lies over each chart: stretches that are left out, when sleep began, and notes.
  const hatch = () => {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const lines = tile.getContext("2d");
    lines.strokeStyle = ink("ink");
    lines.globalAlpha = 0.55;
    lines.beginPath();
    for (const from of [-8, 0, 8]) { lines.moveTo(from, 8); lines.lineTo(from + 8, 0); }
    lines.stroke();
    return tile;
  };
  const pattern = hatch();
  const over = (chart) => {
    const { ctx, bbox } = chart;
    const x = (seconds) => chart.valToPos(shifted(seconds), "x", true);
    const line = (seconds, colour, dash) => {
      ctx.strokeStyle = colour;
      ctx.setLineDash(dash);
      ctx.beginPath();
      ctx.moveTo(x(seconds), bbox.top);
      ctx.lineTo(x(seconds), bbox.top + bbox.height);
      ctx.stroke();
    };
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.lineWidth = 2 * devicePixelRatio;
    for (const one of night.left_out) {
      ctx.fillStyle = ctx.createPattern(pattern, "repeat");
      ctx.fillRect(x(one.at_s), bbox.top, x(one.at_s + one.duration_s) - x(one.at_s), bbox.height);
    }
    if (night.onset_s !== null) line(night.onset_s, ink("ink"), [6, 4]);
    for (const one of night.notes) {
      line(one.at_s, ink("orange"), []);
      ctx.fillStyle = ink("orange");
      ctx.globalAlpha = 0.25;
      ctx.fillRect(x(one.at_s), bbox.top, x(one.at_s + one.duration_s) - x(one.at_s), bbox.height);
      ctx.globalAlpha = 1;
    }
    ctx.restore();
  };
  const hooks = () => ({ draw: [over] });

  // Shares of each minute, stacked from rest upwards.
  const kinds = [
    ["rest", "At rest", ink("blue")], ["tremor", "Tremor", "#cc79a7"], ["blind", "Blind", ink("soft")],
    ["moving", "Moving", "#e69f00"], ["not_worn", "Not worn", "#999999"], ["unusable", "No usable data", "#d55e00"],
  ];
  const at = night.minutes.at_s.map((seconds) => shifted(seconds));
  const stacked = [];
  let under = at.map(() => 0);
  for (const [name] of kinds) {
    under = under.map((sum, minute) => sum + night.minutes[name][minute]);
    stacked.push(under);
  }
  const bands = kinds.slice(1).map((_, one) => ({ series: [one + 2, one + 1] }));
  const shares = new uPlot({
    width: width(), height: 112, tzDate, cursor, hooks: hooks(), padding: [10, 24, 8, 0], bands, scales: { x, y: { range: [0, 1] } },
    legend: { live: false },
    axes: [{ ...times(), show: false }, { ...axis(), size: SIDE, values: (_, all) => all.map((one) => `${Math.round(100 * one)} %`) }],
    series: [{}, ...kinds.map(([, label, colour]) => ({ label, fill: `${colour}aa`, stroke: colour, width: 0, paths: uPlot.paths.stepped({ align: 1 }) }))],
  }, [at, ...stacked], place);

  // Bursts by size; the line is the smallest twitch that could be seen.
  const marks = night.events.map((event) => ({ ...event, kind: event.kind.replace("_", " "), at: shifted(event.at_s) }));
  const names = [...new Set(marks.map((event) => event.kind))];
  const colours = { "left out": ink("line"), "no twitch": ink("orange"), twitch: ink("blue"), unlike: "#009e73", jerk: "#cc79a7", spasm: "#d55e00" };
  const axisTimes = [...new Set([...at, ...marks.map((event) => event.at)])].sort((one, other) => one - other);
  const where = new Map(axisTimes.map((time, index) => [time, index]));
  const column = (pairs) => {
    const found = new Array(axisTimes.length).fill(null);
    for (const [time, value] of pairs) found[where.get(time)] = value;
    return found;
  };
  const events = new uPlot({
    width: width(), height: 190, tzDate, cursor, hooks: hooks(), padding, legend: { live: false },
    scales: { x, y: { distr: 3 } },
    axes: [{ ...times(), show: !night.bouts.some((bout) => bout.kind === "tremor") }, { ...axis(), size: SIDE, values: (_, all) => all.map((one) => one === null ? null : `${one} mg`) }],
    series: [
      {},
      { label: "Smallest that could be seen", stroke: ink("orange"), width: 1, spanGaps: true, points: { show: false } },
      ...names.map((name) => ({
        label: name, stroke: colours[name] || ink("soft"), paths: () => null,
        points: { show: true, size: 6, width: 1.5, fill: ink("card") },
      })),
    ],
  }, [
    axisTimes, column(at.map((time, minute) => [time, night.minutes.limit_mg[minute]])),
    ...names.map((name) => column(marks.filter((event) => event.kind === name).map((event) => [event.at, event.peak_mg]))),
  ], place);
  const charts = [shares, events];

  const counted = night.bouts.filter((bout) => bout.kind === "tremor");
  if (counted.length > 0) {
    const bouts = counted.map((bout) => ({ ...bout, at: shifted(bout.at_s) }));
    const ends = [...new Set(bouts.flatMap((bout) => [bout.at, bout.at + bout.duration_s]).concat([at[0], at[at.length - 1]]))].sort((one, other) => one - other);
    charts.push(new uPlot({
      width: width(), height: 130, tzDate, cursor, hooks: hooks(), padding, legend: { live: false },
      scales: { x, y: { range: [0, 15] } }, axes: [times(), { ...axis(), size: SIDE, values: (_, all) => all.map((one) => `${one} Hz`) }],
      series: [{}, { label: "Tremor", stroke: "#cc79a7", width: 4, spanGaps: false, points: { show: true, size: 8 } }],
    }, [ends, ends.map((time) => {
      const own = bouts.find((bout) => bout.at <= time && time <= bout.at + bout.duration_s);
      return own ? own.frequency_hz : null;
    })], place));
  }
  const shown = (begin, end) => { spoken.textContent = `Shown: ${clock(begin, true)} to ${clock(end, true)}`; };
  strip = moved(charts, { min: axisTimes[0], max: Math.max(axisTimes[axisTimes.length - 1], at[at.length - 1] + 60) }, shown);
  strip.all();
  for (const button of figure.querySelectorAll("button[data-move]")) button.addEventListener("click", () => strip.take(button.dataset.move));
  new ResizeObserver(() => { for (const chart of charts) chart.setSize({ width: width(), height: chart.height }); }).observe(place);

  // The cursor: arrow keys step from event to event, and what is there is spoken and its waveform shown.
  const all = [
    ...marks.map((event) => ({ at: event.at, id: event.id, bout: false, snippet: event.snippet_seq, words: `${event.kind}${event.verdict ? " (annotated by you)" : ""}, ${event.peak_mg} mg, ${Math.round(1000 * event.duration_s)} ms` })),
    ...night.bouts.map((bout) => ({ at: shifted(bout.at_s), id: bout.id, bout: true, snippet: bout.snippet_seq, words: `${bout.kind.replaceAll("_", " ")}, ${bout.frequency_hz} Hz, ${bout.amplitude_mg} mg rms, ${bout.duration_s} s` })),
  ].sort((one, other) => one.at - other.at);
  // What can be said of the event under the cursor.
  const verdict = document.getElementById("verdict");
  const [no, yes] = verdict.querySelectorAll("button");
  const offer = (own) => {
    verdict.elements.event.value = own.id;
    no.value = own.bout ? "no_tremor" : "no_twitch";
    yes.value = own.bout ? "tremor" : "twitch";
    no.textContent = own.bout ? "That was not tremor" : "That was not a twitch";
    yes.textContent = own.bout ? "That was tremor" : "That was a twitch";
    no.disabled = yes.disabled = false;
  };
  let here = -1;
  let wave = null;
  const show = async (index) => {
    here = Math.min(all.length - 1, Math.max(0, index));
    const own = all[here];
    spoken.textContent = `${clock(own.at, true)}: ${own.words} (${here + 1} of ${all.length})`;
    strip.reveal(own.at);
    // Once what was moved is drawn.
    requestAnimationFrame(() => { for (const chart of charts) chart.setCursor({ left: chart.valToPos(own.at, "x"), top: 20 }, false); });
    if (wave) { wave.destroy(); wave = null; }
    for (const old of figure.querySelectorAll(".of-wave")) old.remove();
    offer(own);
    if (own.snippet === null) return;
    const asked = here;
    const found = await fetch(`${figure.dataset.waveforms}${own.snippet}.json`);
    if (!found.ok || asked !== here) return;
    const form = await found.json();
    wave = new uPlot({
      width: width(), height: 180, padding, legend: { live: false }, scales: { x: { time: false } },
      axes: [{ ...axis(), label: "seconds", labelSize: 18 }, { ...axis(), size: SIDE, values: (_, all) => all.map((one) => `${one} mg`) }],
      series: [{}, { label: "x", stroke: ink("blue") }, { label: "y", stroke: "#009e73" }, { label: "z", stroke: "#d55e00" }],
    }, [form.x_mg.map((_, sample) => sample / form.rate_hz), form.x_mg, form.y_mg, form.z_mg], figure);
    readable(wave, form, figure);
  };
  place.tabIndex = 0;
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", `Strip of the night, ${all.length} events; arrow keys step through them, plus and minus zoom, Page Up and Page Down move`);
  // To an event, or to a stretch with some minutes around it, as links and answers name them.
  const jump = () => {
    const [, from, lasts] = /^#from-(\d+)-(\d+)$/.exec(location.hash) || [];
    if (from !== undefined) {
      const [begin, end] = [shifted(Number(from)), shifted(Number(from) + Number(lasts))];
      strip.place(begin - 300, end + 300);
      spoken.textContent = `${clock(begin, true)}${end > begin ? ` to ${clock(end, true)}` : ""}`;
      place.focus();
      return;
    }
    const index = all.findIndex((one) => location.hash === `#at-${one.id}`);
    if (index < 0) return;
    place.focus();
    show(index);
  };
  addEventListener("hashchange", jump);
  place.addEventListener("keydown", (key) => {
    if (strip.key(key)) return;
    if (key.key === "n" || key.key === "y") { (key.key === "n" ? no : yes).click(); return; }
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: all.length - 1 }[key.key];
    if (next === undefined || all.length === 0) return;
    key.preventDefault();
    show(next);
  });
  events.over.addEventListener("click", () => {
    const time = events.posToVal(events.cursor.left, "x");
    if (all.length === 0) return;
    place.focus({ preventScroll: true });
    show(all.reduce((best, one, index) => (Math.abs(one.at - time) < Math.abs(all[best].at - time) ? index : best), 0));
  });
  jump();
})();
