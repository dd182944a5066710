"""A cohort: databases of modelled wearers, as their computers would have them, with the truth beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from twitchwatch.analysis.contract import RING
from twitchwatch.laboratory.records import log_of
from twitchwatch.recording import Recording, Segment
from twitchwatch.recording.detection import detect
from twitchwatch.shared.detector.parameters import LSB_NANO_G, VERSION, checksum, table
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.sim.night import modelled_night
from twitchwatch.store import Store
from twitchwatch.study.counts import COURSES, Course, ModelledCounts, modelled_counts, modelled_wearer

BEGAN = datetime(2026, 1, 5, 22, 0, tzinfo=UTC)
_SECOND_US = 1_000_000
_MINUTE_US = 60 * _SECOND_US
_HOUR_US = 60 * _MINUTE_US
_RATE_HZ = 104
# Chance decides in which minute of an hour a twitch falls, and how large it is (`sim.night`).
_PEAK_MG = (10.0, 60.0)
_NOISE_UG = 680
_NEVER_US = 20_000


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a cohort: label, database, and what the study may know."""

    label: str
    database: Path
    age: int
    sex: str
    site: str
    course: Course


def make_cohort(
    folder: Path,
    wearers: int,
    nights: int,
    seed: int,
    *,
    raw_nights: int = 0,
    on_wearer: Callable[[int], None] = lambda _: None,
) -> list[Member]:
    """Write a database for each wearer into `folder`, and truth.json with their true values.

    raw_nights: how many nights of each wearer are modelled sample by sample (`sim.night`) and detected; it
    takes a second or two each; the others are drawn as counts, minute by minute, which takes milliseconds.
    The same seed gives the same cohort. Raises OSError and the store's errors.
    """
    folder.mkdir(parents=True, exist_ok=True)
    members, truth = [], []
    for at in range(wearers):
        chance = np.random.default_rng((seed, at))
        course = COURSES[at % len(COURSES)]
        wearer = modelled_wearer(chance, course, nights)
        counts = modelled_counts(chance, wearer, nights)
        label = f"{at:04d}"
        path = folder / f"{label}.db"
        path.unlink(missing_ok=True)
        with Store.open(path) as store:
            _wear(store, chance, counts, at, raw_nights)
        members.append(Member(label, path, wearer.age, wearer.sex, wearer.site, course))
        truth.append(
            {
                "label": label,
                **asdict(wearer),
                "nights": [
                    {
                        "night": (BEGAN + timedelta(days=int(night))).date().isoformat(),
                        "per_hour": round(float(rate), 3),
                        "twitches": int(count),
                        "finger": finger,
                    }
                    for night, rate, count, finger in zip(
                        counts.nights, counts.per_hour, counts.counts, counts.finger, strict=True
                    )
                ],
            }
        )
        on_wearer(at + 1)
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return members


def _wear(
    store: Store, chance: np.random.Generator, counts: ModelledCounts, at: int, raw_nights: int
) -> None:
    hardware_id = f"02:7C:58:00:{at // 256:02X}:{at % 256:02X}"
    for number, night in enumerate(counts.nights):
        begin = BEGAN + timedelta(days=int(night))
        begin_us = int(begin.timestamp()) * _SECOND_US
        if number < raw_nights:
            log = _detected(begin, int(chance.integers(2**31)), float(counts.rest_h[number]))
        else:
            log = _counted(chance, begin_us, counts.hourly[number], float(counts.rest_h[number]))
        fetched_us = begin_us + 9 * _HOUR_US
        device = store.register(hardware_id, int(begin.timestamp()), "ring", fetched_us)
        sync = store.begin_sync(device.id, "ble", fetched_us, "UTC")
        store.commit(device.id, log, 0, len(log), 0, fetched_us)
        store.end_sync(
            sync, ended_utc_us=fetched_us, records=len(log), unread=0, damaged=0, outcome="complete"
        )


def _detected(begin: datetime, seed: int, hours: float) -> list[bytes]:
    samples = modelled_night(seed, hours).samples
    recording = Recording("ring", RING, (Segment(0, samples),), start=begin)
    return log_of(recording, detect(recording), {}, "UTC")


def _counted(chance: np.random.Generator, begin_us: int, hourly: np.ndarray, hours: float) -> list[bytes]:
    """The records of a night whose counts are known: epochs, and an event for each twitch."""
    minutes = int(hours * 60)
    made: list[tuple[int, int, tuple[int, ...]]] = []
    for hour, count in enumerate(hourly):
        length_us = min(_HOUR_US, minutes * _MINUTE_US - hour * _HOUR_US)
        for offset in chance.integers(0, max(1, length_us), count):
            time_us = hour * _HOUR_US + int(offset)
            peak_ug = int(1000 * np.exp(chance.uniform(*np.log(_PEAK_MG))))
            sample = time_us * _RATE_HZ // _SECOND_US
            event = (protocol.TWITCH, 0, 0, 0, sample, 90, peak_ug, _NOISE_UG, 0, 55, 240)
            made.append((time_us, protocol.EVENT, event))
    twitches = np.bincount([time_us // _MINUTE_US for time_us, *_ in made], minlength=minutes)
    for minute in range(minutes):
        body = protocol.Epoch(
            sample=minute * 60 * _RATE_HZ,
            rest_ms=60_000,
            noise_ug=_NOISE_UG,
            twitches=int(twitches[minute]),
            gravity_z_mg=1000,
            battery_mv=3900,
            temperature_centi_c=3200,
            flags=protocol.WORN,
            as_twitch=int(twitches[minute]),
            live_ms=max(0, 60_000 - 250 * int(twitches[minute])),
            **dict.fromkeys(_ZERO, 0),
        )
        made.append(((minute + 1) * _MINUTE_US - 1, protocol.EPOCH, tuple(body)))
    boot = protocol.Boot(
        *(0, 1, 0, protocol.RESET_POWER_ON, VERSION, protocol.LOG_NEW, protocol.CHIP_LSM6DS3TR_C),
        parameters_crc=checksum(table()),
        rate_milli_hz=1000 * _RATE_HZ,
        lsb_nano_g=LSB_NANO_G,
        free_heap=0,
        recovered=0,
    )
    anchors = [
        (at * _HOUR_US, protocol.ANCHOR, (begin_us + at * _HOUR_US, _NEVER_US)) for at in range(len(hourly))
    ]
    ordered = sorted([(0, protocol.BOOT, tuple(boot)), *anchors, *made], key=lambda one: one[0])
    return [
        protocol.encode(kind, seq, 1, time_us, values) for seq, (time_us, kind, values) in enumerate(ordered)
    ]


_FILLED = ("sample", "rest_ms", "noise_ug", "twitches", "gravity_z_mg", "battery_mv", "temperature_centi_c")
_ZERO = tuple(
    name for name in protocol.Epoch._fields if name not in (*_FILLED, "flags", "as_twitch", "live_ms")
)
