"""Bad input, and a sensor that nobody wears: what the epochs report about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from twitchwatch.analysis.input import input_names
from twitchwatch.recording import LSB_MG, SAMPLE_RATE_HZ
from twitchwatch.shared.detector import words
from twitchwatch.shared.detector.detector import Detector
from twitchwatch.shared.protocol.records import NOT_WORN, WORN, Epoch, Event
from twitchwatch.sim.backgrounds import hum
from validation.detection.recordings import present, static_mpu6050
from validation.detection.scenes import Signal, counts, twitch_bank, white, worn
from validation.detection.sizes import Sizes
from validation.tables import MODELLED, REAL, Bar, Results, Table

_OWN = 11000
CHIPS = ("LSM6DS3TR-C", "LSM6DSOX", "MPU6886", "MPU6050")
Spoil = Callable[[np.random.Generator, Signal], Any]


def _stuck(rng: np.random.Generator, signal: Signal) -> Any:
    samples = counts(signal)
    axis = int(rng.integers(3))
    samples[:, axis] = samples[len(samples) // 3, axis]
    return samples


def _dead(rng: np.random.Generator, signal: Signal) -> Any:
    samples = counts(signal)
    samples[:] = samples[len(samples) // 3]
    return samples


def _clipped(rng: np.random.Generator, signal: Signal) -> Any:
    """A thump beyond the range every 10 s, 30 ms long."""
    samples = counts(signal)
    for at in range(5 * SAMPLE_RATE_HZ, len(samples), 10 * SAMPLE_RATE_HZ):
        samples[at : at + 3, rng.integers(3)] = rng.choice([-32768, 32767])
    return samples


def _hummed(frequency_hz: float, peak_mg: float) -> Spoil:
    return lambda rng, signal: counts(signal + hum(rng, len(signal), frequency_hz, peak_mg))


FAULTS: dict[str, Spoil] = {
    "nothing wrong": lambda rng, signal: counts(signal),
    "one axis stuck": _stuck,
    "all axes stuck": _dead,
    "beyond the range, 6 a minute": _clipped,
    "+-2 g read as +-4 g": lambda rng, signal: counts(2 * signal),
    "+-8 g read as +-4 g": lambda rng, signal: counts(signal / 2),
    "gravity removed": lambda rng, signal: counts(signal - signal.mean(axis=0)),
    "upside down": lambda rng, signal: counts(-signal),
    "hum, 50 Hz, 2 mg": _hummed(50, 2),
    "hum, 50 Hz, 20 mg": _hummed(50, 20),
    "hum, 60 Hz, 2 mg": _hummed(60, 2),
    "hum, 60 Hz, 20 mg": _hummed(60, 20),
}


def reported(samples: Any) -> tuple[list[Epoch], list[Event], int]:
    """Epochs, events and tremor bouts of samples (n, 3), as reported, before any bout absorbs them."""
    detector = Detector()
    flat: Any = np.ascontiguousarray(samples).view(np.uint16).ravel()
    epochs, events, bouts = [], [], 0
    at = 0
    while True:
        at = detector.feed(flat, at, len(samples))
        if at >= len(samples):
            detector.close()
        out: Any = detector.words
        for i in range(out[0]):
            w = 1 + i * words.WORD_INTS
            if out[w] == words.WORD_EPOCH:
                epochs.append(Epoch(*words.epoch_body(out, w, 0, 0)))
            elif out[w] == words.WORD_EVENT:
                events.append(Event(*words.event_body(out, w)))
            else:
                bouts += 1
        detector.clear()
        if at >= len(samples):
            return epochs, events, bouts


def tell(sizes: Sizes) -> Results:
    """Tables about faults, and about a sensor put aside on a table."""
    findings = Results()
    rows = []
    minutes = max(2, sizes.repeats // 2)
    for number, (name, spoil) in enumerate(FAULTS.items()):
        rng = np.random.default_rng([sizes.seed + _OWN, number])
        signal = worn().draw(rng, 60.0 * minutes)
        for i, shape in enumerate(twitch_bank(rng, 6 * minutes)):
            at = round((4 + 10 * i) * SAMPLE_RATE_HZ)
            signal[at : at + len(shape)] += 20 * shape[: len(signal) - at]
        epochs, events, bouts = reported(spoil(rng, signal))
        kinds = Counter(event.kind for event in events)
        rows.append(
            (
                name,
                ", ".join(input_names(epoch.input for epoch in epochs)) or "-",
                f"{100 * np.mean([epoch.input != 0 for epoch in epochs]):.0f}",
                f"{100 * sum(epoch.rest_ms for epoch in epochs) / (60_000 * minutes):.0f}",
                f"{100 * sum(epoch.unusable_ms for epoch in epochs) / (60_000 * minutes):.0f}",
                str(kinds[1]),
                str(kinds[2] + kinds[3]),
                str(bouts),
            )
        )
    head = (
        "worn, twitches of 20 mg",
        "reported",
        "minutes %",
        "rest %",
        "unusable %",
        "twitch",
        "other",
        "tremor",
    )
    findings.tables.append(
        Table(f"Bad input ({minutes} minutes each, {6 * minutes} twitches)", MODELLED, head, tuple(rows))
    )
    _report_worn(findings, sizes)
    return findings


def _report_worn(findings: Results, sizes: Sizes) -> None:
    rows = []
    wrong = seen = 0
    hours = sizes.night_h / 2
    for number, chip in enumerate(CHIPS):
        for place, background in (("on a table", white(chip)), ("on a sleeping hand", worn(chip))):
            rng = np.random.default_rng([sizes.seed + _OWN + 1, number])
            epochs, _, _ = reported(counts(background.draw(rng, hours * 3600)))
            found = Counter(epoch.flags for epoch in epochs)
            total = len(epochs)
            if chip != "MPU6050":
                wrong += found[WORN if place == "on a table" else NOT_WORN]
                seen += total
            rows.append(
                (f"{chip} {place}", *(f"{100 * found[each] / total:.1f}" for each in (WORN, NOT_WORN, 0)))
            )
    head = ("minutes, %", "worn", "not worn", "unknown")
    findings.tables.append(Table("Worn or not, by the minute", MODELLED, head, tuple(rows)))
    if present():
        real = static_mpu6050()
        epochs, _, _ = reported(np.rint(real.acc_mg / LSB_MG).astype(np.int16))
        found = Counter(epoch.flags for epoch in epochs)
        cells = tuple(f"{100 * found[each] / len(epochs):.1f}" for each in (WORN, NOT_WORN, 0))
        findings.tables.append(
            Table("Worn or not, by a real sensor that lay still", REAL, head, (("mpu6050_static", *cells),))
        )
    findings.bars.append(
        Bar(
            "minutes on a table reported as worn, or on a hand as not worn (chips below 1.1 mg)",
            "<= 5 %",
            f"{100 * wrong / seen:.1f} % of {seen}",
            wrong / seen <= 0.05,
            MODELLED,
        )
    )
