"""The waveform check: how the host classifies reported events, compared with the truth."""

from __future__ import annotations

from collections import Counter

import numpy as np

from twitchwatch.analysis.vocabulary import KINDS
from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.recording.detection import Detection
from twitchwatch.shared.protocol.records import MOVEMENT, TWITCH, Event
from validation.detection import kinds
from validation.detection.disturbed import DISTURBANCES, Disturbance, detect_night, modelled_night
from validation.detection.matching import interval
from validation.detection.recordings import hands, present
from validation.detection.scenes import Scene, counts, twitch_bank, with_twitches, worn
from validation.detection.sizes import Sizes
from validation.tables import MODELLED, REAL, Bar, Results, Table

SNRS = (5, 8, 20, 50)
_OWN = 9000
_NEAR = SAMPLE_RATE_HZ // 2
_HEAD = (
    "modelled, and reported as",
    "events",
    "twitch",
    "jerk",
    "spasm",
    "disturb.",
    "unclear",
    "not counted",
)


def verdicts(detection: Detection, events: list[Event]) -> dict[str, Counter[str]]:
    """By the reported kind: how often the waveform check gives what; `!` if it is certain of another."""
    found: dict[str, Counter[str]] = {name: Counter() for name in KINDS.values()}
    for event in events:
        look = detection.looks.get(event)
        if event.kind == MOVEMENT or look is None:
            continue
        reported = KINDS[event.kind]
        found[reported][look.kind] += 1
        if look.certain and look.kind != reported:
            found[reported]["refused"] += 1
    return found


def _rows(name: str, found: dict[str, Counter[str]]) -> list[tuple[str, ...]]:
    rows = []
    for reported, seen in found.items():
        total = sum(count for kind, count in seen.items() if kind != "refused")
        if total:
            columns = ("twitch", "jerk", "spasm", "disturbance", "unclear")
            rows.append(
                (
                    f"{name}: {reported}",
                    str(total),
                    *(str(seen[column]) for column in columns),
                    f"{100 * seen['refused'] / total:.0f} %",
                )
            )
    return rows


def _near(detection: Detection, spans: list[tuple[int, int]]) -> list[Event]:
    return [
        event
        for event in detection.events
        if any(first - _NEAR <= event.sample <= last + _NEAR for first, last in spans)
    ]


def tell(sizes: Sizes) -> Results:
    """The matrix, and what it does to counting."""
    findings = Results()
    rows: list[tuple[str, ...]] = []
    refused = judged = 0
    for number, snr in enumerate(SNRS):
        rng = np.random.default_rng([sizes.seed + _OWN, number])
        background = worn()
        bank = twitch_bank(rng, sizes.twitches // 2)
        scene, _ = with_twitches(rng, background, bank, snr * background.noise_mg)
        detection = scene.detect()
        true = [event for event in detection.events if np.abs(scene.onsets - event.sample).min() <= 12]
        found = verdicts(detection, true)
        rows += _rows(f"twitch, SNR {snr}", found)
        refused += found["twitch"]["refused"]
        judged += sum(count for kind, count in found["twitch"].items() if kind != "refused")
    for number, (name, draw) in enumerate((("jerk", kinds.jerk), ("spasm", kinds.spasm))):
        rng = np.random.default_rng([sizes.seed + _OWN + 1, number])
        signal, spans = kinds.scene_of(rng, draw, sizes.kinds)
        detection = Scene(counts(signal)).detect()
        rows += _rows(name, verdicts(detection, _near(detection, spans)))
    for number, disturbance in enumerate(DISTURBANCES):
        detection, spans = _disturbed(disturbance, sizes, number)
        rows += _rows(disturbance.name, verdicts(detection, _near(detection, spans)))
    findings.tables.append(
        Table("How the waveform check classifies reported events", MODELLED, _HEAD, tuple(rows))
    )
    low, high = interval(refused, judged)
    share = 100 * refused / judged
    findings.bars.append(
        Bar(
            "modelled twitches found, then rejected by the waveform check",
            "<= 1 %",
            f"{share:.2f} % ({100 * low:.2f}-{100 * high:.2f}) of {judged}",
            share <= 1,
            MODELLED,
        )
    )
    findings.tables.append(_nights(sizes))
    if present():
        rows = []
        for hand in hands("CTRL"):
            detection = Scene(counts(hand.acc_mg)).detect()
            rows += _rows(hand.name, verdicts(detection, list(detection.events)))
        findings.tables.append(
            Table("The same for healthy hands, awake (some twitches may be true)", REAL, _HEAD, tuple(rows))
        )
    return findings


def _disturbed(
    disturbance: Disturbance, sizes: Sizes, number: int
) -> tuple[Detection, list[tuple[int, int]]]:
    rng = np.random.default_rng([sizes.seed + _OWN + 2, number])
    signal = worn().draw(rng, sizes.repeats * 40.0 + 10)
    spans = []
    for i in range(sizes.repeats):
        at = round((10 + i * 40.0) * SAMPLE_RATE_HZ)
        spans.append((at, at + disturbance.add(rng, signal, at)))
    return Scene(counts(signal)).detect(), spans


def _nights(sizes: Sizes) -> Table:
    """Nights with every disturbance and no twitch: what is reported, and what is counted."""
    rows = []
    for number in range(sizes.disturbed_nights):
        seed = sizes.seed + _OWN + 10 + number
        detection = detect_night(modelled_night(seed, sizes.night_h), seed)
        reported = [event for event in detection.events if event.kind == TWITCH]
        looks = [detection.looks.get(event) for event in reported]
        left = sum(look is None or not look.certain or look.kind == "twitch" for look in looks)
        rows.append((f"night {number + 1}", f"{sizes.night_h:g} h", str(len(reported)), str(left)))
    head = ("nights with every disturbance, no twitch", "length", "reported", "counted")
    return Table("False twitches before and after the waveform check", MODELLED, head, tuple(rows))
