"""Looks: what findings need from a night's events, stored with its figures; events are not read again."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from twitchwatch.analysis.night import NightEvent, WholeNight
from twitchwatch.analysis.persistence import felt, long_contractions
from twitchwatch.analysis.series import (
    FragmentaryMyoclonus,
    PeriodicMovements,
    fragmentary_myoclonus,
    hypnic_jerks,
    periodic_movements,
)
from twitchwatch.analysis.trains import NightTrain, trains_of

# Fewer twitches than this give no typical size.
MIN_TWITCHES = 5


@dataclass(frozen=True, slots=True)
class NightLooks:
    """What the events of one night show.

    twitch_mg: median peak of its twitches, None with fewer than MIN_TWITCHES. twitch_seqs: records of all its
    twitches, in chronological order, so that those of an hour are found by counting.
    """

    trains: tuple[NightTrain, ...]
    periodic: PeriodicMovements | None
    fragmentary: FragmentaryMyoclonus | None
    hypnic: tuple[NightEvent, ...]
    felt: tuple[NightEvent, ...]
    contractions: tuple[NightEvent, ...]
    twitch_mg: float | None
    twitch_seqs: tuple[int, ...]


def look_at(night: WholeNight) -> NightLooks:
    """Look at the events of a night."""
    twitches = [event for event in night.events if event.kind == "twitch"]
    return NightLooks(
        trains=tuple(trains_of(night)),
        periodic=periodic_movements(night),
        fragmentary=fragmentary_myoclonus(night),
        hypnic=hypnic_jerks(night),
        felt=felt(night),
        contractions=long_contractions(night),
        twitch_mg=median(event.peak_mg for event in twitches) if len(twitches) >= MIN_TWITCHES else None,
        twitch_seqs=tuple(event.seq for event in twitches),
    )
