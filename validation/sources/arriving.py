"""Samples that arrive late, in batches or not at all: the events are those of the even file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.detection import Detection
from twitchwatch.shared.protocol.records import MOVEMENT, TWITCH
from validation.sources.made import RING_HZ, Made, Sensor, made
from validation.tables import MODELLED, Bar, Results, Table

BATCHES = (2, 5, 10, 20, 50)
LATE_MS = (2, 10, 20)
LOSSES = (0.02, 0.05, 0.1)
WITHIN_S = 0.05
SAME_S = 0.2
OVER_LIMIT = 3.0
"""Size of the twitches over the limit of the even file: a lost sample may cost a third of a twitch."""

Signal = NDArray[np.float64]


@dataclass(frozen=True)
class Compared:
    """Events of the even file: found, of another class, shifted by more than 50 ms; and events it has not."""

    even: int
    found: int
    unlike: int
    shifted: int
    made_up: int
    worst_s: float


def starts_s(found: Detection) -> tuple[Signal, NDArray[np.bool_]]:
    """Of events other than movements, and which of them are twitches."""
    events = [event for event in found.events if event.kind != MOVEMENT]
    return (
        np.array([event.sample / RING_HZ for event in events]),
        np.array([event.kind == TWITCH for event in events], np.bool_),
    )


def compare(even: Detection, other: Detection) -> Compared:
    """Match each event to the nearest of the other file, up to 0.2 s away."""
    (expected_s, _), (reported_s, twitch) = starts_s(even), starts_s(other)
    if not len(reported_s):
        return Compared(len(expected_s), 0, 0, 0, 0, 0.0)
    apart_s = np.abs(expected_s[:, None] - reported_s)
    nearest = apart_s.argmin(axis=1)
    off_s = apart_s.min(axis=1)
    same = off_s < SAME_S
    return Compared(
        len(expected_s),
        int(same.sum()),
        int((~twitch[nearest[same]]).sum()),
        int((off_s[same] > WITHIN_S).sum()),
        int((apart_s.min(axis=0) >= SAME_S).sum()),
        float(off_s[same].max(initial=0.0)),
    )


def in_batches(t_s: Signal, size: int, rng: np.random.Generator) -> Signal:
    """Each sample has the time at which its batch arrived, up to 20 ms after its last was taken."""
    last = np.minimum(np.arange(len(t_s)) // size * size + size - 1, len(t_s) - 1)
    late_s = rng.uniform(0, 0.02, len(t_s) // size + 1)
    return np.asarray(np.maximum.accumulate(t_s[last] + late_s[np.arange(len(t_s)) // size]))


def ways(scene: Made, seed: int) -> dict[str, Made]:
    """The same samples as they arrive in other ways."""
    rng = np.random.default_rng(seed)
    t_s, acc_g, onsets_s = scene.t_s, scene.acc_g, scene.onsets_s
    found = {}
    for size in BATCHES:
        found[f"batches of {size}, up to 20 ms late"] = Made(in_batches(t_s, size, rng), acc_g, onsets_s)
    for late_ms in LATE_MS:
        late_s = rng.uniform(0, late_ms / 1000, len(t_s))
        found[f"each up to {late_ms} ms late"] = Made(np.maximum.accumulate(t_s + late_s), acc_g, onsets_s)
    for lost in LOSSES:
        kept = rng.random(len(t_s)) >= lost
        found[f"{lost:.0%} lost"] = Made(t_s[kept], acc_g[kept], onsets_s)
    return found


def tell(seed: int, twitches: int) -> Results:
    """Every way of arriving, beside the even file."""
    sensor = Sensor(float(RING_HZ))
    limit_mg = made(seed, sensor, 0, 0.0, 120.0).detect().detection_limit_mg or 0.0
    scene = made(seed + 1, sensor, twitches, OVER_LIMIT * limit_mg)
    even = scene.detect()
    hours = scene.t_s[-1] / 3600
    rows, compared = [], []
    for name, other in ways(scene, seed + 2).items():
        one = compare(even, other.detect())
        compared.append(one)
        rows.append(
            (
                name,
                f"{one.found} of {one.even}",
                str(one.unlike),
                f"{one.shifted}; {1000 * one.worst_s:.0f} ms",
                f"{one.made_up / hours:.2g}",
            )
        )
    missed = max(one.even - one.found for one in compared)
    made_up = max(one.made_up for one in compared) / hours
    shifted = max(one.shifted for one in compared)
    bar = Bar(
        "late, batched or lost samples: events as in the even file, within 50 ms",
        "all; none spurious",
        f"worst: {missed} of {compared[0].even} missed, {shifted} shifted, {made_up:.2g} spurious an hour",
        bool(missed == 0 and shifted == 0 and made_up <= 1),
        MODELLED,
    )
    head = ("", "events found", "of unknown shape", "shifted by > 50 ms; most", "spurious, an hour")
    title = f"Samples as they arrive: twitches of {OVER_LIMIT * limit_mg:.0f} mg"
    return Results(tables=[Table(title, MODELLED, head, tuple(rows))], bars=[bar])
