"""Real hands and wrists: false tremor, voluntary rhythm, and labels made by others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.recording.detection import Detection
from twitchwatch.shared.protocol.records import TWITCH
from validation.detection import peer, recordings
from validation.detection.matching import interval
from validation.detection.recordings import Real
from validation.detection.scenes import Scene, counts
from validation.detection.tremor import WINDOW_S, covered
from validation.tables import REAL, Bar, Number, Results, Table

VOLUNTARY = ("tooth-brushing", "typing", "clapping")
_YARDSTICK = "a plain spectral rule, not a clinician"


def _starts(real: Real) -> NDArray[np.float64]:
    return np.arange(0, real.seconds - WINDOW_S + 1e-9, WINDOW_S)


def _detect(real: Real) -> Detection:
    return Scene(counts(real.acc_mg)).detect()


def with_twitch(detection: Detection, starts_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a twitch sets in in each window."""
    onsets = np.array([e.sample for e in detection.events if e.kind == TWITCH]) / SAMPLE_RATE_HZ
    inside = (onsets[None, :] >= starts_s[:, None]) & (onsets[None, :] < starts_s[:, None] + WINDOW_S)
    return np.asarray(inside.any(axis=1))


def tell() -> Results:
    """Tables and bars; nothing if the recordings are absent."""
    findings = Results()
    if recordings.present():
        _report_healthy(findings)
        _report_daily(findings)
        _report_labels(findings)
        _report_patients(findings)
    return findings


def _report_healthy(findings: Results) -> None:
    seconds = tremor_s = 0.0
    for hand in recordings.hands("CTRL"):
        seconds += hand.seconds
        tremor_s += sum(bout.duration_ms / 1000 for bout in _detect(hand).bouts)
    findings.bars.append(
        Bar("healthy people: tremor time", "0", f"{tremor_s:.0f} s of {seconds:.0f} s", tremor_s == 0, REAL)
    )


def _report_daily(findings: Results) -> None:
    rows = []
    total = wrong = peer_total = peer_wrong = 0
    for real in (*recordings.each_daily(), recordings.hand_turning()):
        starts_s = _starts(real)
        detection = _detect(real)
        tremulous, twitching = covered(detection, starts_s), with_twitch(detection, starts_s)
        beside = "-"
        if real.gyro_dps is not None and peer.present():
            windows = peer.run(real.gyro_dps, SAMPLE_RATE_HZ)
            beside = f"{100 * windows.rest_tremor.mean():.1f}"
            peer_total += len(windows.rest_tremor)
            peer_wrong += int(windows.rest_tremor.sum())
        moving = detection.totals.moving_s / real.seconds
        rows.append(
            (
                _plain(real.name),
                str(len(starts_s)),
                f"{100 * tremulous.mean():.1f}",
                beside,
                f"{100 * twitching.mean():.1f}",
                f"{100 * moving:.0f}",
            )
        )
        if real.name in (*VOLUNTARY, recordings.hand_turning().name):
            both = 100 * (tremulous | twitching).mean()
            low, high = interval(int((tremulous | twitching).sum()), len(starts_s))
            findings.bars.append(
                Bar(
                    f"{_plain(real.name)}: mistaken for tremor or twitch",
                    "<= 5 % of windows",
                    f"{both:.1f} % ({100 * low:.0f}-{100 * high:.0f}) of {len(starts_s)}",
                    bool(both <= 5),
                    REAL,
                )
            )
        if real.name != recordings.hand_turning().name:
            total += len(starts_s)
            wrong += int(tremulous.sum())
    low, high = interval(wrong, total)
    reported = f"{100 * wrong / total:.2f} % ({100 * low:.2f}-{100 * high:.2f}) of {total}"
    if peer_total:
        reported += f"; ParaDigMa {100 * peer_wrong / peer_total:.2f} %"
    findings.bars.append(
        Bar(
            "worn daily life: tremor",
            "<= 0.25 % of windows",
            reported,
            bool(100 * wrong / total <= 0.25),
            REAL,
        )
    )
    findings.numbers.append(
        Number(
            10,
            "An hour of daily life and voluntary motion: share of the time falsely called tremor",
            f"{100 * wrong / total:.2f} %",
            "<= 0.25 %",
            bool(100 * wrong / total <= 0.25),
            REAL,
        )
    )
    head = ("what is done", "windows", "tremor %", "ParaDigMa %", "twitch %", "moving %")
    findings.tables.append(Table("Daily life and voluntary rhythm, 4 s windows", REAL, head, tuple(rows)))


def _plain(name: str) -> str:
    return "hand turning" if name.startswith("phone_pronation") else name


def _report_labels(findings: Results) -> None:
    wrist, labels = recordings.pd_wrist(), recordings.pd_wrist_labels()
    starts_s = labels["start_s"]
    detection = _detect(wrist)
    takers = {"ours (accelerometer)": covered(detection, starts_s)}
    if peer.present() and wrist.gyro_dps is not None:
        windows = peer.run(wrist.gyro_dps, SAMPLE_RATE_HZ)
        shared = min(len(starts_s), len(windows.rest_tremor))
        takers["ParaDigMa, run here"] = np.resize(windows.rest_tremor[:shared], len(starts_s))
    truth = labels["tremor"] == 1
    still = labels["at_rest"] == 1
    rows = []
    for name, taken in takers.items():
        agree = float((taken == truth).mean())
        chance = truth.mean() * taken.mean() + (1 - truth.mean()) * (1 - taken.mean())
        kappa = (agree - chance) / (1 - chance) if chance < 1 else float("nan")
        rows.append(
            (
                name,
                str(int((taken & truth).sum())),
                str(int((~taken & truth).sum())),
                str(int((taken & ~truth).sum())),
                str(int((taken & ~truth & still).sum())),
                f"{100 * agree:.1f}",
                f"{kappa:.2f}",
            )
        )
    head = ("windows of 4 s", "both", "label only", "this only", "of them at rest", "agree %", "kappa")
    findings.tables.append(
        Table(f"Agreement with ParaDigMa's labels on pd_wrist ({int(truth.sum())} of {len(truth)} tremor)",
              REAL, head, tuple(rows))
    )  # fmt: skip


def _report_patients(findings: Results) -> None:
    """Time in bouts against the yardstick's bouts."""
    yardstick = recordings.yardstick_bouts()
    rows = []
    for name, each in [(hand.name, hand) for hand in recordings.hands("PD")] + [
        (f"phone at rest, {side}", recordings.phone_rest(side)) for side in ("left", "right")
    ]:
        detection = _detect(each)
        ours_s = sum(bout.duration_ms / 1000 for bout in detection.bouts)
        theirs_s = sum(bout["end_s"] - bout["start_s"] for bout in yardstick.get(name, []))
        if ours_s or theirs_s:
            frequency = np.average(
                [bout.frequency_milli_hz / 1000 for bout in detection.bouts] or [np.nan],
                weights=[bout.duration_ms for bout in detection.bouts] or [1],
            )
            size = np.average(
                [bout.amplitude_ug / 1000 for bout in detection.bouts] or [np.nan],
                weights=[bout.duration_ms for bout in detection.bouts] or [1],
            )
            rows.append(
                (
                    name,
                    f"{each.seconds:.0f}",
                    f"{ours_s:.0f}",
                    f"{theirs_s:.0f}" if name in yardstick else "-",
                    "-" if np.isnan(frequency) else f"{frequency:.1f}",
                    "-" if np.isnan(size) else f"{size:.1f}",
                )
            )
    head = ("recording", "s", "tremor s", "yardstick s", "Hz", "mg rms")
    findings.tables.append(
        Table(f"Hands of people with Parkinson's disease (yardstick: {_YARDSTICK})", REAL, head, tuple(rows))
    )
