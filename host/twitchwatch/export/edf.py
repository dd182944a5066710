"""Export as EDF+: a file for each night, with what the sensor reported each minute, and its events.

Format: Kemp and Olivan 2003, Clin Neurophysiol 114:1755, and https://www.edfplus.info/specs/edfplus.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from edfio import Edf, EdfAnnotation, EdfSignal, Patient, Recording
from numpy.typing import NDArray

from twitchwatch import __version__
from twitchwatch.analysis.minutes import NightMinute
from twitchwatch.analysis.night import WholeNight
from twitchwatch.clock.dates import evening
from twitchwatch.clock.zone import zone_of
from twitchwatch.errors import UsageError
from twitchwatch.export.ordering import Content
from twitchwatch.shared.protocol.records import NOT_WORN, WORN
from twitchwatch.views.events import Logged, PlacedBout, PlacedGap, PlacedMark, events_of

RATE_HZ = 1
# Two digits, of which 85 to 99 are in the 20th century (EDF+ 2.1.3.2); the last evening reaches into a year.
YEARS = range(1985, 2084)
# A power of two, whose multiples and parts a float holds exactly.
RECORD_S = 16
_SECOND_US = 1_000_000
_GAP_US = 30 * _SECOND_US
_UNSAFE = re.compile(r"[^0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal of the files. EDF cannot omit a value: `missing`, which is outside the range, replaces it.

    most: greatest value in `unit`; larger ones are clipped.
    """

    label: str
    unit: str
    missing: float
    most: float
    meaning: str


SIGNALS = (
    Signal("Envelope", "g", -1, 4, "peak of the largest burst in each second, or the noise at rest"),
    Signal("Noise", "g", -0.01, 0.05, "noise at rest, rms of one axis; of the minute, as all below"),
    Signal("Posture X", "g", -3, 3, "mean of the sensor's x axis: the direction of gravity"),
    Signal("Posture Y", "g", -3, 3, "the same for y"),
    Signal("Posture Z", "g", -3, 3, "the same for z"),
    Signal("Activity", "%", -1, 100, "share of the minute in motion"),
    Signal("Live", "%", -1, 100, "share of the minute in which a twitch could have been reported"),
    Signal("Worn", "", -1, 1, "1 worn, 0 not worn, 0.5 unknown"),
    Signal("Temperature", "degC", -50, 80, "of the sensor's chip"),
)
"""The signals of a night, in order; a value of `missing` means that nothing was recorded."""


def write_edf(content: Content, folder: Path) -> list[Path]:
    """Write an EDF+C file for each night of each sensor; a night without minutes has none.

    Raises UsageError for a night of a year that EDF does not have, and OSError.
    """
    paths: list[Path] = []
    for one in content.rated:
        night = content.archive.whole(one.night)
        if not night.minutes:
            continue
        sensor = _UNSAFE.sub("-", night.device).strip("-") or "sensor"
        identity = _UNSAFE.sub("", night.sensor)
        if night.date.year not in YEARS:
            raise UsageError(
                f"EDF has only dates from {YEARS[0]} to {YEARS[-1]}, and {night.device} has a night of "
                f"{evening(night.date)}: a clock was wrong. Leave it out with --since and --until."
            )
        stem = f"{night.date.isoformat()}_{sensor}_{identity}"
        # Other characters may have made the difference between two sensors.
        same = sum(other.stem.partition("+")[0] == stem for other in paths)
        path = folder / f"{stem}{f'+{same + 1}' if same else ''}.edf"
        night_file(night, content.subject).write(path)
        paths.append(path)
    return paths


def night_file(night: WholeNight, subject: str | None) -> Edf:
    """A night from its first to its last minute, starting at a whole second.

    EDF's start is local time at the patient (EDF+ 2.1.3.1); the offset from UTC is in the recording's field.
    """
    minutes = sorted(night.minutes, key=lambda minute: minute.start_us)
    start_us = minutes[0].start_us // _SECOND_US * _SECOND_US
    end_us = max(minute.end_us for minute in minutes)
    seconds = -(-(end_us - start_us) // (RECORD_S * _SECOND_US)) * RECORD_S
    there = datetime.fromtimestamp(start_us // _SECOND_US, UTC).astimezone(zone_of(night.zone))
    offset = there.utcoffset() or timedelta()
    signals = _signals(night, minutes, start_us, seconds)
    return Edf(
        [
            EdfSignal(
                values,
                RATE_HZ,
                label=signal.label,
                transducer_type="MEMS accelerometer, finger or wrist",
                physical_dimension=signal.unit,
                physical_range=(signal.missing, signal.most),
            )
            for signal, values in zip(SIGNALS, signals, strict=True)
        ],
        patient=Patient(code=subject or "X"),
        recording=Recording(
            startdate=there.date(),
            equipment_code=f"Twitchwatch_{__version__}",
            additional=(f"UTC{_offset(offset)}", _UNSAFE.sub("-", night.sensor) or "X"),
        ),
        starttime=there.time(),
        data_record_duration=RECORD_S,
        annotations=_annotations(night, minutes, start_us, end_us),
    )


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _signals(
    night: WholeNight, minutes: list[NightMinute], start_us: int, seconds: int
) -> list[NDArray[np.float64]]:
    """A row of values at 1 Hz for each signal: those of a minute hold while it lasts."""
    found = np.tile(np.array([[one.missing] for one in SIGNALS], dtype=np.float64), seconds)
    for minute in minutes:
        first = -(-(minute.start_us - start_us) // _SECOND_US)
        last = -(-(minute.end_us - start_us) // _SECOND_US)
        found[:, first:last] = np.array([[value] for value in _figures(minute)])
    envelope, recorded = found[0], found[0] != SIGNALS[0].missing
    for event in night.events:
        _raise(envelope, event.utc_us - start_us, event.duration_ms / 1000, event.peak_mg / 1000)
    for bout in night.bouts:
        _raise(envelope, bout.utc_us - start_us, bout.duration_s, bout.amplitude_mg / 1000)
    envelope[~recorded] = SIGNALS[0].missing
    return [np.clip(values, one.missing, one.most) for one, values in zip(SIGNALS, found, strict=True)]


def _figures(minute: NightMinute) -> list[float]:
    body = minute.body
    spent_ms = max(1, (minute.end_us - minute.start_us) // 1000)
    noise_g = body.noise_ug / 1_000_000
    return [
        noise_g,
        noise_g,
        body.gravity_x_mg / 1000,
        body.gravity_y_mg / 1000,
        body.gravity_z_mg / 1000,
        100 * minute.moving_ms / spent_ms,
        100 * minute.live_ms / spent_ms,
        {WORN: 1.0, NOT_WORN: 0.0}.get(minute.wear, 0.5),
        body.temperature_centi_c / 100,
    ]


def _raise(envelope: NDArray[np.float64], onset_us: int, duration_s: float, peak_g: float) -> None:
    """The envelope is at least this high in the seconds of a burst."""
    first = onset_us // _SECOND_US
    last = int((onset_us / _SECOND_US) + duration_s)
    # An event may lie before the first minute, if the record of its own minute is damaged or not there yet.
    part = envelope[max(0, first) : max(0, last + 1)]
    np.maximum(part, peak_g, out=part)


def _annotations(
    night: WholeNight, minutes: list[NightMinute], start_us: int, end_us: int
) -> list[EdfAnnotation]:
    found = []
    for line, utc_us in _lines(night):
        onset_s = (utc_us - start_us) / _SECOND_US
        if start_us <= utc_us <= end_us:
            found.append(EdfAnnotation(round(onset_s, 3), getattr(line, "duration_s", None), _text(line)))
    reached_us = start_us
    for minute in minutes:
        if minute.start_us - reached_us >= _GAP_US:
            onset_s, gap_s = (reached_us - start_us) / _SECOND_US, (minute.start_us - reached_us) / _SECOND_US
            found.append(EdfAnnotation(round(onset_s, 3), round(gap_s, 3), "nothing recorded"))
        reached_us = max(reached_us, minute.end_us)
    return sorted(found, key=lambda one: one.onset)


def _lines(night: WholeNight) -> list[tuple[Logged, int]]:
    times = {line.utc for line in events_of(night)}
    by_text = {text: int(datetime.fromisoformat(text).timestamp() * 1000) * 1000 for text in times}
    return [(line, by_text[line.utc]) for line in events_of(night)]


def _text(line: Logged) -> str:
    """The kind first, so that a reader can select by it, then its figures."""
    if isinstance(line, PlacedBout):
        return f"tremor {line.frequency_hz:.1f} Hz {line.amplitude_mg:.1f} mg"
    if isinstance(line, PlacedGap):
        return f"gap {line.what}"
    if isinstance(line, PlacedMark):
        return "mark"
    return f"{line.kind} {line.peak_mg:.1f} mg"
