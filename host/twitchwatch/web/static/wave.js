"use strict";
// A waveform for the keyboard and for screen readers: a cursor that steps through its samples, and their table.
window.readable = (chart, form, figure) => {
  const count = form.x_mg.length;
  const axes = [["x", form.x_mg], ["y", form.y_mg], ["z", form.z_mg]];
  const seconds = (sample) => (sample / form.rate_hz).toFixed(3);
  const spoken = document.createElement("p");
  spoken.className = "cursor of-wave";
  spoken.setAttribute("aria-live", "polite");
  chart.root.tabIndex = 0;
  chart.root.setAttribute("role", "group");
  chart.root.setAttribute("aria-label", `Waveform, ${count} samples; arrow keys step through them`);
  let here = -1;
  chart.root.addEventListener("keydown", (key) => {
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, PageDown: here + 10, PageUp: here - 10, Home: 0, End: count - 1 }[key.key];
    if (next === undefined) return;
    key.preventDefault();
    here = Math.min(count - 1, Math.max(0, next));
    chart.setCursor({ left: chart.valToPos(here / form.rate_hz, "x"), top: 20 }, false);
    spoken.textContent = `${seconds(here)} s: ${axes.map(([name, values]) => `${name} ${values[here]} mg`).join(", ")}`;
  });
  const details = document.createElement("details");
  details.className = "of-wave";
  const summary = document.createElement("summary");
  summary.textContent = `The ${count} samples of this waveform`;
  const table = document.createElement("table");
  const row = (kind, cells) => {
    const made = document.createElement("tr");
    cells.forEach((text, at) => {
      const cell = document.createElement(at === 0 || kind === "th" ? "th" : "td");
      if (at === 0 && kind === "td") cell.scope = "row";
      if (at > 0) cell.className = "n";
      cell.textContent = text;
      made.append(cell);
    });
    return made;
  };
  table.createTHead().append(row("th", ["Seconds", "x (mg)", "y (mg)", "z (mg)"]));
  const body = table.createTBody();
  for (let at = 0; at < count; at++) body.append(row("td", [seconds(at), ...axes.map(([, values]) => values[at])]));
  details.append(summary, table);
  figure.append(spoken, details);
};
