"""Brief motions of every family against peak and energy SNR, the worst family first; and false ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twitchwatch.shared.detector.parameters import NAMES, table
from validation.detection import any_swing
from validation.detection.baselines import bound_hits, form_hits
from validation.detection.entrants import BRIEF, OURS, TWITCH, UNLIKE, Entrant, at_sensor
from validation.detection.families import BAND, PUBLISHED, Family, families
from validation.detection.matching import Score, interval, score, share
from validation.detection.scenes import Signal, with_twitches, worn
from validation.detection.sizes import HELD_OUT, Sizes
from validation.detection.twitches import BOUND_FALSE_PER_HOUR
from validation.tables import MODELLED, Bar, Mark, Number, Results, Table

PEAK, ENERGY = "peak", "energy"
SNRS = {PEAK: (3, 4, 5, 6, 8, 12, 20), ENERGY: (6, 8, 10, 14, 20)}
"""Peak: of the acceleration's magnitude, over the noise of an axis. Energy: root of the sum of squares over
all samples and axes, over the same; what a filter that knows the motion sees."""

RECALL_BARS = {5: 0.85, 8: 0.95, 20: 0.98}
BAND_BARS = {4: 0.80, 5: 0.93, 6: 0.98}
PUBLISHED_F1 = {4: 0.834, 5: 0.979, 6: 0.996}
"""Of detector version 2 on a worn, still hand."""

EVIDENCE = dict(zip(NAMES, table(), strict=True))["likeness"] / 16
"""Squared match, in variances of the noise, that the detector wants of a motion's shape."""

_OWN = 11_000


@dataclass(frozen=True, eq=False)
class Curve:
    """One family by one kind of SNR: each entrant's scores for twitch, and for twitch and unlike together.

    bound: what a filter that knows waveform and direction finds; formed: one that knows the waveform alone;
    swung: one that knows only that it is some damped swing.
    """

    family: Family
    by: str
    bound: tuple[float, ...]
    formed: tuple[float, ...]
    swung: tuple[float, ...]
    twitch: dict[str, list[Score]]
    brief: dict[str, list[Score]]

    def at(self, snr: int) -> int:
        return SNRS[self.by].index(snr)

    def recall(self, snr: int, name: str = OURS.name) -> float:
        return self.brief[name][self.at(snr)].sensitivity


def scaled(bank: list[Signal], by: str) -> list[Signal]:
    """Motions of peak 1, or of energy 1."""
    return bank if by == PEAK else [each / np.linalg.norm(each) for each in bank]


def measure(sizes: Sizes, entrants: tuple[Entrant, ...]) -> list[Curve]:
    """Every family on a worn, still hand; worst first, by our mean recall at the peak SNRs with a bar."""
    background = worn()
    swing = any_swing.calibrated(sizes.calibration_h, BOUND_FALSE_PER_HOUR)
    curves = []
    for number, family in enumerate(families(sizes.seed >= HELD_OUT)):
        rng = np.random.default_rng([sizes.seed + _OWN, number])
        whole = [family.draw(rng) for _ in range(sizes.family_twitches)]
        for place, by in enumerate((PEAK, ENERGY)):
            bank = scaled(whole, by)
            twitch: dict[str, list[Score]] = {e.name: [] for e in entrants}
            brief: dict[str, list[Score]] = {e.name: [] for e in entrants}
            bounds, formed, swung = [], [], []
            for snr in SNRS[by]:
                size_mg = snr * background.noise_mg
                scene, signal = with_twitches(
                    np.random.default_rng([sizes.seed + _OWN + 1, number, place, snr]),
                    background,
                    bank,
                    size_mg,
                )
                sized = [size_mg * each for each in bank]
                bounds.append(
                    bound_hits(
                        signal,
                        scene,
                        sized,
                        background.noise_mg,
                        BOUND_FALSE_PER_HOUR,
                    )
                )
                formed.append(form_hits(signal, scene, sized, background.noise_mg, EVIDENCE))
                swung.append(swing.hits(signal, scene, background.noise_mg))
                samples = at_sensor(signal)
                for entrant in entrants:
                    report = entrant.report(samples)
                    for kinds, scores in (((TWITCH,), twitch), (BRIEF, brief)):
                        scores[entrant.name].append(score(scene.onsets, report.starts(*kinds), scene.seconds))
            curves.append(Curve(family, by, tuple(bounds), tuple(formed), tuple(swung), twitch, brief))
    return sorted(curves, key=lambda curve: _mean_recall(curves, curve.family))


def _mean_recall(curves: list[Curve], family: Family) -> float:
    (peak,) = (each for each in curves if each.family is family and each.by == PEAK)
    return float(np.mean([peak.recall(snr) for snr in RECALL_BARS]))


def tell(sizes: Sizes, entrants: tuple[Entrant, ...] = (OURS,)) -> Results:
    """Tables, bars and the curves."""
    taking = tuple(each for each in entrants if TWITCH in each.kinds)
    curves = measure(sizes, taking)
    results = Results(curves={"families": curves})
    false = _report_false(results, sizes, taking)
    for by in (PEAK, ENERGY):
        results.tables.append(_table([each for each in curves if each.by == by], by, taking))
    results.tables.append(_sources(sizes))
    results.bars += _bars(curves, false)
    results.numbers += _numbers(curves, false)
    for entrant in taking:
        lowest = [
            min(each.recall(snr, entrant.name) for each in curves if each.by == PEAK) for snr in RECALL_BARS
        ]
        words = "brief motions found, worst family, at 5 / 8 / 20 times the noise"
        results.marks.append(Mark(entrant.name, words, " / ".join(f"{each:.2f}" for each in lowest)))
    return results


def _table(curves: list[Curve], by: str, entrants: tuple[Entrant, ...]) -> Table:
    rows = []
    for curve in curves:
        name = curve.family.name
        for entrant in entrants:
            both = (("twitch + unlike", curve.brief), ("twitch", curve.twitch))
            for words, scores in both if UNLIKE in entrant.kinds else both[1:]:
                rows.append(
                    (
                        name,
                        f"{entrant.name}, {words}",
                        *(f"{s.sensitivity:.2f}" for s in scores[entrant.name]),
                    )
                )
                name = ""
        rows.append(("", "form known", *(f"{each:.2f}" for each in curve.formed)))
        rows.append(("", "any damped swing", *(f"{each:.2f}" for each in curve.swung)))
        rows.append(("", "bound", *(f"{each:.2f}" for each in curve.bound)))
    head = ("family, worst first", "recall of", *(str(snr) for snr in SNRS[by]))
    return Table(
        f"Brief motions found, by family and {by} SNR (worn, still hand)", MODELLED, head, tuple(rows)
    )


def _sources(sizes: Sizes) -> Table:
    held_out = sizes.seed >= HELD_OUT
    rows = [
        (each.name, "may be used for tuning" if each.tunable else "kept back", each.source)
        for each in families(held_out)
    ]
    return Table("The families", MODELLED, ("family", "rule", "what it is"), tuple(rows))


def _report_false(results: Results, sizes: Sizes, entrants: tuple[Entrant, ...]) -> dict[str, float]:
    """Rates an hour on worn, still hands that do not move, by kind; ours."""
    rows = []
    ours: dict[str, float] = {}
    counted = {(entrant.name, kind): 0 for entrant in entrants for kind in BRIEF}
    for hand in range(sizes.worn_hands):
        rng = np.random.default_rng([sizes.seed + _OWN + 2, hand])
        samples = at_sensor(worn().draw(rng, sizes.hand_h * 3600))
        for entrant in entrants:
            report = entrant.report(samples)
            for kind in BRIEF:
                counted[entrant.name, kind] += report.count(kind)
    hours = sizes.worn_hands * sizes.hand_h
    for entrant in entrants:
        per_hour = {kind: counted[entrant.name, kind] / hours for kind in BRIEF}
        if entrant is OURS:
            ours = per_hour
        rows.append(
            (
                entrant.name,
                f"{sizes.worn_hands} of {sizes.hand_h:g} h",
                *(f"{per_hour[kind]:.2f}" if kind in entrant.kinds else "-" for kind in BRIEF),
            )
        )
        total = sum(per_hour.values())
        results.marks.append(Mark(entrant.name, "false brief motions an hour, still hand", f"{total:.2f}"))
    head = ("worn, still hands", "length", "twitch an hour", "unlike an hour")
    results.tables.append(Table("False brief motions", MODELLED, head, tuple(rows)))
    return ours


def _numbers(curves: list[Curve], false: dict[str, float]) -> list[Number]:
    peaks = [each for each in curves if each.by == PEAK]
    snr, least = 20, RECALL_BARS[20]
    worst = min(peaks, key=lambda curve: curve.recall(snr))
    (own,) = (each for each in peaks if each.family is PUBLISHED)
    rate = sum(false.values())
    return [
        Number(
            1,
            f"Of 100 brief motions of {snr * worn().noise_mg:.0f} mg at rest, those reported: the form that "
            "is found worst, and the form that the detector was made for",
            f"{100 * worst.recall(snr):.0f} ({worst.family.name}); {100 * own.recall(snr):.0f}",
            f">= {100 * least:.0f}",
            worst.recall(snr) >= least,
            MODELLED,
        ),
        Number(
            8,
            "A still hand of someone asleep: false twitches an hour",
            f"{rate:.1f}",
            "<= 1 of each kind",
            all(each <= 1 for each in false.values()),
            MODELLED,
        ),
    ]


def _bars(curves: list[Curve], false: dict[str, float]) -> list[Bar]:
    peaks = [each for each in curves if each.by == PEAK]
    bars = []
    for snr, least in RECALL_BARS.items():
        worst = min(peaks, key=lambda curve: curve.recall(snr))
        reached = worst.recall(snr)
        scored = worst.brief[OURS.name][worst.at(snr)]
        low, high = interval(int(scored.hits.sum()), int(scored.hits.sum() + scored.misses.sum()))
        bars.append(
            Bar(
                f"twitch + unlike, worst family, peak {snr} times the noise: recall",
                f">= {least:.2f}",
                f"{reached:.3f} ({low:.3f}-{high:.3f}; {worst.family.name}); "
                f"form known {worst.formed[worst.at(snr)]:.2f}, any damped swing "
                f"{worst.swung[worst.at(snr)]:.2f}, bound {worst.bound[worst.at(snr)]:.2f}",
                reached >= least,
                MODELLED,
            )
        )
    for kind, rate in false.items():
        bars.append(
            Bar(f"false {kind}, worn, still hand", "<= 1 an hour", f"{rate:.2f} an hour", rate <= 1, MODELLED)
        )
    for curve in (each for each in peaks if each.family is BAND):
        for snr, least in BAND_BARS.items():
            at = curve.at(snr)
            reached = curve.brief[OURS.name][at].f1
            bound = curve.bound[at]
            most = share(2 * bound, 1 + bound)
            bars.append(
                Bar(
                    f"F1 of twitch + unlike at SNR {snr}, damping 0.25-0.6",
                    f">= {least:.2f}",
                    f"{reached:.3f}; bound {most:.3f}",
                    reached >= least,
                    MODELLED,
                )
            )
    for curve in (each for each in peaks if each.family is PUBLISHED):
        for snr, least in PUBLISHED_F1.items():
            reached_by = curve.twitch[OURS.name][curve.at(snr)]
            low, high = reached_by.f1_interval()
            bars.append(
                Bar(
                    f"F1 of twitch alone at SNR {snr}, motor unit, damping 0.1-0.4",
                    f">= {least:.3f}, within its interval",
                    f"{reached_by.f1:.3f} ({low:.3f}-{high:.3f})",
                    bool(high >= least),
                    MODELLED,
                )
            )
    return bars
