"use strict";
// Charts that share an axis of time: zoomed and moved together, by pointer, wheel and keyboard, at most once a frame.
// all: {min, max} in seconds; say: receives the first and the last second that are shown then.
window.moved = (charts, all, say) => {
  const CLOSEST_S = 10;
  let view = { ...all };
  let due = false;
  const whole = () => view.min <= all.min && view.max >= all.max;
  const place = (min, max) => {
    const span = Math.min(all.max - all.min, Math.max(CLOSEST_S, max - min));
    const middle = (min + max) / 2;
    const begin = Math.min(all.max - span, Math.max(all.min, middle - span / 2));
    view = { min: begin, max: begin + span };
    for (const chart of charts) chart.over.classList.toggle("zoomed", !whole());
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      for (const chart of charts) chart.setScale("x", view);
    });
  };
  const by = (seconds) => place(view.min + seconds, view.max + seconds);
  const zoom = (factor, around = (view.min + view.max) / 2) =>
    place(around - (around - view.min) * factor, around + (view.max - around) * factor);
  const steps = {
    closer: () => zoom(0.5), farther: () => zoom(2), all: () => place(all.min, all.max),
    earlier: () => by(-0.8 * (view.max - view.min)), later: () => by(0.8 * (view.max - view.min)),
  };
  const take = (name) => {
    steps[name]();
    say(view.min, view.max);
  };

  const pointers = new Map();
  let held = null;
  let travelled = 0;
  const spread = () => {
    const [one, other] = [...pointers.values()];
    return { apart: Math.max(20, Math.abs(one - other)), middle: (one + other) / 2 };
  };
  const grip = (over) => {
    held = { view: { ...view }, width: over.clientWidth, left: over.getBoundingClientRect().left };
    if (pointers.size === 1) held.x = [...pointers.values()][0];
    else Object.assign(held, spread());
  };
  // A place on the chart as it was when it was gripped.
  const time = (x) => held.view.min + ((x - held.left) / held.width) * (held.view.max - held.view.min);
  const follow = () => {
    if (pointers.size === 1) {
      const shift = ((held.x - [...pointers.values()][0]) / held.width) * (held.view.max - held.view.min);
      place(held.view.min + shift, held.view.max + shift);
      return;
    }
    const { apart, middle } = spread();
    const span = (held.view.max - held.view.min) * (held.apart / apart);
    const begin = time(held.middle) - ((middle - held.left) / held.width) * span;
    place(begin, begin + span);
  };
  for (const chart of charts) {
    const { over } = chart;
    over.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      travelled = 0;
      // Of all of the night, a mouse picks the stretch to zoom in to; with Shift also of less.
      if (event.pointerType === "mouse" && (whole() || event.shiftKey)) return;
      pointers.set(event.pointerId, event.clientX);
      over.setPointerCapture(event.pointerId);
      grip(over);
    });
    over.addEventListener("pointermove", (event) => {
      if (!pointers.has(event.pointerId) || held === null) return;
      travelled += Math.abs(event.clientX - pointers.get(event.pointerId));
      pointers.set(event.pointerId, event.clientX);
      follow();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      over.addEventListener(end, (event) => {
        if (!pointers.delete(event.pointerId)) return;
        if (pointers.size > 0) {
          grip(over);
          return;
        }
        held = null;
        if (travelled > 4) say(view.min, view.max);
      });
    }
    // Whoever moved the chart did not point at an event.
    over.addEventListener("click", (event) => { if (travelled > 4) event.stopImmediatePropagation(); }, true);
    over.addEventListener("wheel", (event) => {
      const pixels = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (event.ctrlKey) {
        const share = (event.clientX - over.getBoundingClientRect().left) / over.clientWidth;
        zoom(event.deltaY > 0 ? 1.25 : 0.8, view.min + share * (view.max - view.min));
      } else if (!whole() && Math.abs(pixels) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        by((pixels / over.clientWidth) * (view.max - view.min));
      } else {
        return;
      }
      event.preventDefault();
    }, { passive: false });
    chart.hooks.setScale = [...(chart.hooks.setScale || []), (own, key) => {
      // What a mouse picked.
      const { min, max } = own.scales.x;
      if (key !== "x" || due || (Math.abs(min - view.min) < 0.01 && Math.abs(max - view.max) < 0.01)) return;
      place(min, max);
      say(view.min, view.max);
    }];
  }
  const keys = { "+": "closer", "=": "closer", "-": "farther", "0": "all", PageUp: "earlier", PageDown: "later" };
  return {
    place, take,
    // While it is moved, the mouse picks no stretch.
    moving: () => pointers.size > 0,
    all: steps.all,
    key: (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return false;
      event.preventDefault();
      take(keys[event.key]);
      return true;
    },
    reveal: (at) => { if (at < view.min || at > view.max) by(at - (view.min + view.max) / 2); },
  };
};
