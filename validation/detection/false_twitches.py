"""False twitches: in noise, on still hands, during each disturbance, and in whole nights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twitchwatch.analysis.vocabulary import KINDS
from twitchwatch.recording.detection import Detection
from twitchwatch.shared.protocol.records import TWITCH
from validation.detection import recordings
from validation.detection.disturbed import (
    DISTURBANCES,
    HUM_MG,
    HUMS_HZ,
    alone,
    detect_night,
    drifting,
    gapped,
    hummed,
    modelled_night,
)
from validation.detection.entrants import UNLIKE
from validation.detection.scenes import Background, Scene, counts, white, worn
from validation.detection.sizes import Sizes
from validation.detection.tremor import WINDOW_S, covered
from validation.tables import MODELLED, REAL, Bar, Number, Results, Table

_OWN = 1000
_EVERY_S = 40.0
_COLUMNS = (*KINDS.values(), "tremor")
_THEIR = ("ms", "mg", "apart s")
_CHIPS = ("LSM6DS3TR-C", "LSM6DSOX", "MPU6886", "MPU6050")


def _still(background: Background, seed: int, hours: float) -> Detection:
    return Scene(counts(background.draw(np.random.default_rng(seed), hours * 3600))).detect()


def _counts(found: Sequence[Detection]) -> tuple[str, ...]:
    return (
        *(str(sum(each.count(kind) for each in found)) for kind in KINDS),
        str(sum(len(each.bouts) for each in found)),
    )


def _brief(found: Sequence[Detection]) -> str:
    """How many brief motions of no known form, if the detector has that kind."""
    unlike = sum(KINDS[event.kind] == UNLIKE for each in found for event in each.events)
    return f"; {unlike} unlike" if UNLIKE in KINDS.values() else ""


def describe(found: Sequence[Detection]) -> tuple[str, str, str]:
    """Of the twitches in it: median length in ms and size in mg, and quartiles of their intervals in s."""
    events = [[e for e in each.events if e.kind == TWITCH] for each in found]
    every = [event for each in events for event in each]
    if not every:
        return "", "", ""
    length_ms = np.median([event.duration_ms for event in every])
    peak_mg = np.median([event.peak_ug / 1000 for event in every])
    waits_s = np.concatenate([np.diff([event.sample for event in each]) / 104 for each in events if each])
    spread = ""
    if len(waits_s) > 3:
        low_s, high_s = np.quantile(waits_s, [0.25, 0.75])
        spread = f"{low_s:.1f}-{high_s:.1f}" if high_s < 100 else f"{low_s:.0f}-{high_s:.0f}"
    return f"{length_ms:.0f}", f"{peak_mg:.1f}", spread


def tell(sizes: Sizes, *, long_hours: float = 0.0) -> Results:
    """Tables and bars."""
    findings = Results()
    _report_noise(findings, sizes, long_hours)
    _report_disturbances(findings, sizes)
    _report_nights(findings, sizes)
    if recordings.present():
        _report_real(findings)
    return findings


def _report_noise(findings: Results, sizes: Sizes, long_hours: float) -> None:
    rows = []
    total = 0
    for number, chip in enumerate(_CHIPS):
        found = [
            _still(white(chip), sizes.seed + _OWN + 10 * number + i, sizes.night_h)
            for i in range(sizes.noise_nights)
        ]
        total += sum(each.count(TWITCH) for each in found)
        rows.append((chip, f"{sizes.night_h * len(found):g} h", *_counts(found), *describe(found)))
    if long_hours:
        found = [
            _still(white("LSM6DS3TR-C"), sizes.seed + _OWN + 100 + i, sizes.night_h)
            for i in range(round(long_hours / sizes.night_h))
        ]
        rows.append(("LSM6DS3TR-C, long", f"{long_hours:g} h", *_counts(found), *describe(found)))
    nights = len(_CHIPS) * sizes.noise_nights
    findings.bars.append(
        Bar(
            f"false twitches in {sizes.night_h:g} h of sensor noise",
            "0",
            f"{total} in {nights} nights ({sizes.night_h * nights:g} h)",
            total == 0,
            MODELLED,
        )
    )
    still = [_still(worn(), sizes.seed + _OWN + 200 + i, sizes.night_h) for i in range(sizes.worn_nights)]
    hours = sizes.night_h * len(still)
    rows.append(("worn still", f"{hours:g} h", *_counts(still), *describe(still)))
    rate = sum(each.count(TWITCH) for each in still) / hours
    findings.bars.append(
        Bar(
            "false twitches, worn still, modelled", "<= 1 an hour", f"{rate:.2f} an hour", rate <= 1, MODELLED
        )
    )
    columns = ("background", "length", *_COLUMNS, *_THEIR)
    findings.tables.append(Table("Events reported from background alone", MODELLED, columns, tuple(rows)))


def _report_disturbances(findings: Results, sizes: Sizes) -> None:
    rows = []
    for number, each in enumerate(DISTURBANCES):
        found = [alone(worn(), each, sizes.seed + _OWN + 300 + number, sizes.repeats, _EVERY_S)]
        rows.append((each.name, f"{sizes.repeats} times", *_counts(found), *describe(found)))
    hours = min(sizes.night_h, 1.0)
    for frequency_hz in HUMS_HZ:
        for peak_mg in (HUM_MG, 5 * HUM_MG):
            found = [hummed(worn(), frequency_hz, peak_mg, sizes.seed + _OWN + 320, hours * 3600)]
            rows.append(
                (
                    f"hum, {frequency_hz:g} Hz, {peak_mg:g} mg",
                    f"{hours:g} h",
                    *_counts(found),
                    *describe(found),
                )
            )
    found = [drifting(worn(), sizes.seed + _OWN + 321, hours * 3600)]
    rows.append(("temperature drift", f"{hours:g} h", *_counts(found), *describe(found)))
    found = [gapped(worn(), sizes.seed + _OWN + 322, hours * 3600, 20)]
    rows.append(("FIFO overruns, 20 s", f"{hours:g} h", *_counts(found), *describe(found)))
    columns = ("on a worn still hand", "how often", *_COLUMNS, *_THEIR)
    findings.tables.append(Table("What each disturbance is reported as", MODELLED, columns, tuple(rows)))


def _report_nights(findings: Results, sizes: Sizes) -> None:
    rows = []
    each_night = []
    every: list[Detection] = []
    tremulous: list[NDArray[np.bool_]] = []
    causes: Counter[str] = Counter()
    happened: Counter[str] = Counter()
    for i in range(sizes.disturbed_nights):
        night = modelled_night(sizes.seed + _OWN + 400 + i, sizes.night_h)
        found = detect_night(night, sizes.seed + _OWN + 400 + i)
        causes.update(night.cause(event.sample) for event in found.events if event.kind == TWITCH)
        tremulous.append(covered(found, np.arange(0, sizes.night_h * 3600 - WINDOW_S, WINDOW_S)))
        happened.update(name for name, _, _ in night.disturbed)
        each_night.append(found.count(TWITCH) * 8 / sizes.night_h)
        every.append(found)
        rows.append((f"night {i + 1}", f"{sizes.night_h:g} h", *_counts([found]), *describe([found])))
    columns = ("night", "length", *_COLUMNS, *_THEIR)
    findings.tables.append(Table("Nights with every disturbance, no twitch", MODELLED, columns, tuple(rows)))
    rows = [(each.name, str(happened[each.name]), str(causes[each.name])) for each in DISTURBANCES]
    rows.append(("none of these", "", str(causes["nothing"])))
    head = ("in those nights", "happened", "false twitches")
    findings.tables.append(Table("What caused those false twitches", MODELLED, head, tuple(rows)))
    calm = np.concatenate(tremulous)
    findings.bars.append(
        Bar(
            "tremor: specificity, nights with disturbances",
            ">= 0.99",
            f"{1 - calm.mean():.4f} of {len(calm)} windows",
            bool(1 - calm.mean() >= 0.99),
            MODELLED,
        )
    )
    findings.bars.append(
        Bar(
            "false twitches, night with disturbances",
            "<= 5 a night",
            f"mean {np.mean(each_night):.1f}, worst {max(each_night):.0f} a night{_brief(every)}",
            max(each_night) <= 5,
            MODELLED,
        )
    )
    findings.numbers.append(
        Number(
            7,
            "Restless night without a twitch (turning over, a partner, lorries): false twitches",
            f"{np.mean(each_night):.1f}, at worst {max(each_night):.0f}{_brief(every)}",
            "<= 5 a night",
            max(each_night) <= 5,
            MODELLED,
        )
    )


def _report_real(findings: Results) -> None:
    rows = []
    hands = recordings.hands("CTRL")
    found = [Scene(counts(hand.acc_mg)).detect() for hand in hands]
    for hand, detection in zip(hands, found, strict=True):
        rows.append((hand.name, f"{hand.seconds:.0f} s", *_counts([detection]), *describe([detection])))
    seen_h = sum(each.totals.seen_s for each in found) / 3600
    total = sum(each.count(TWITCH) for each in found)
    rows.append(("all healthy hands", f"{sum(h.seconds for h in hands):.0f} s", *_counts(found), "", "", ""))
    table = recordings.static_mpu6050()
    lying = Scene(counts(table.acc_mg)).detect()
    rows.append((table.name, f"{table.seconds:.0f} s", *_counts([lying]), *describe([lying])))
    columns = ("recording", "length", *_COLUMNS, *_THEIR)
    findings.tables.append(Table("What is reported for still sensors", REAL, columns, tuple(rows)))
    findings.bars.append(
        Bar(
            "twitches reported for healthy awake hands at rest (some may be true)",
            "<= 1 an hour",
            f"{total / seen_h:.0f} an hour of rest ({total} in {seen_h:.2f} h{_brief(found)})",
            total / seen_h <= 1,
            REAL,
        )
    )
    findings.numbers.append(
        Number(
            3,
            'Healthy hands, awake, at rest: "twitches" reported an hour (some may be true)',
            f"{total / seen_h:.0f} ({total} in {60 * seen_h:.0f} minutes{_brief(found)})",
            "<= 1",
            total / seen_h <= 1,
            REAL,
        )
    )
