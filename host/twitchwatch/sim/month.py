"""A month of modelled nights in a minute: detected on this computer, kept as the simulated ring's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from twitchwatch.analysis.contract import RING
from twitchwatch.archive.demo_data import remove_demo
from twitchwatch.archive.keeping import keep
from twitchwatch.clock.zone import LOCAL, name_of
from twitchwatch.errors import UsageError
from twitchwatch.journal.book import write_changes
from twitchwatch.journal.fields import Value
from twitchwatch.laboratory.records import log_of
from twitchwatch.recording import Recording, Segment
from twitchwatch.recording.detection import detect
from twitchwatch.sim.demo import NAME
from twitchwatch.sim.night import modelled_night
from twitchwatch.store import DEMO_HARDWARE_ID, Store, is_worn
from twitchwatch.store.journal_notes import MODELLED

NIGHT_H = (6.5, 8.0)
# Two nights in a row without the ring, as happens; the trend shows a gap.
GAP_AT, GAP_NIGHTS = 0.3, 2
# A rising month: from here on this many times the twitches, and a tremor bout every third night.
RISES_AT, RISES_TO = 0.55, 2.5
TREMOR_EVERY = 3
# When the journal's wearer notes which symptom, as a share of the month.
SYMPTOMS_AT = {"numbness": (0.6, 0.9)}
# What the journal's wearer drinks of an evening, and what a coffee does to the night that follows.
COFFEES = (0, 0, 1, 1, 2, 3)
COFFEE_MG = 95.0
TIMES_A_COFFEE = 1.25
_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Month:
    """What was made: nights with data, and their records."""

    nights: int
    records: int


def wear_month(
    store: Store,
    last: datetime,
    nights: int,
    seed: int,
    *,
    rising: bool,
    journal: bool,
    on_night: Callable[[int], None] = lambda _: None,
) -> Month:
    """Keep this many modelled nights in the store, the newest beginning at `last`; replaces other demo data.

    rising: whether twitches become more frequent. journal: whether the evenings have entries, some with a
    symptom; triggers would count them as the wearer's, so the store must not hold a sensor that is worn.
    on_night receives how many are made.
    Raises UsageError, and the store's errors.
    """
    if journal and any(is_worn(device.hardware_id) for device in store.devices()):
        raise UsageError(
            "This database holds nights of a sensor, and entries of a made-up journal would mix with the"
            " wearer's own. Name another file with --database, or leave out --journal."
        )
    remove_demo(store)
    chance = np.random.default_rng(seed)
    records = made = 0
    for at in range(nights):
        started = last - timedelta(days=nights - 1 - at)
        coffees = int(chance.choice(COFFEES))
        hours = float(chance.uniform(*NIGHT_H))
        missing = nights > 7 and 0 <= at - round(GAP_AT * nights) < GAP_NIGHTS
        if not missing:
            risen = rising and at >= RISES_AT * nights
            times = (RISES_TO if risen else 1.0) * (TIMES_A_COFFEE**coffees if journal else 1.0)
            tremor = risen and at % TREMOR_EVERY == 0
            records += _night(store, started, seed + at, hours, times, tremor)
            made += 1
        if journal:
            _evening(store, started, chance, coffees, hours, _symptoms(at, nights))
        on_night(at + 1)
    keep(store, LOCAL, int(last.timestamp() + 12 * 3600) * _SECOND_US)
    return Month(made, records)


def _night(store: Store, started: datetime, seed: int, hours: float, times: float, tremor: bool) -> int:
    samples = modelled_night(seed, hours, times=times, rise=False, tremor=tremor).samples
    recording = Recording(NAME, RING, (Segment(0, samples),), start=started)
    log = log_of(recording, detect(recording), {}, name_of(LOCAL, int(started.timestamp()) * _SECOND_US))
    fetched_us = int(started.timestamp() + hours * 3600) * _SECOND_US
    device = store.register(DEMO_HARDWARE_ID, int(started.timestamp()) & 0x7FFFFFFF, NAME, fetched_us)
    store.commit(device.id, log, 0, len(log), 0, fetched_us)
    return len(log)


def _symptoms(at: int, nights: int) -> list[str]:
    return [name for name, when in SYMPTOMS_AT.items() if at in {round(one * nights) for one in when}]


def _evening(
    store: Store,
    started: datetime,
    chance: np.random.Generator,
    coffees: int,
    hours: float,
    noted: list[str],
) -> None:
    entered_us = int(started.timestamp()) * _SECOND_US
    evening: dict[str, Value | None] = {
        "caffeine_mg": coffees * COFFEE_MG,
        "stress": float(chance.integers(1, 7)),
        "place": "left index",
        MODELLED: "by the demo",
    }
    if noted:
        evening["symptoms"] = [*noted]
    write_changes(store, started.date(), evening, entered_us)
    morning: dict[str, Value | None] = {
        "slept_h": round(hours - 0.5, 1),
        "slept_quality": float(chance.integers(2, 6)),
        MODELLED: "by the demo",
    }
    write_changes(store, started.date(), morning, entered_us + int(hours * 3600) * _SECOND_US)
