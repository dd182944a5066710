"""Missing nights: which ones, and why if it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from twitchwatch.analysis.board_faults import PARTS
from twitchwatch.analysis.night import Night
from twitchwatch.archive.selection import NightChoice
from twitchwatch.flags import Finding
from twitchwatch.store import DEMO_HARDWARE_ID, is_worn
from twitchwatch.views.nights import MissingNights

# Between two nights. A broken part of the board has its own name, and so has what `silence` finds.
OFF, RESTARTED, UNKNOWN = "off", "restarted", "unknown"
# After the last night, as long as the sensor is not missed yet.
NOT_FETCHED = "not fetched"


@dataclass(frozen=True, slots=True)
class Absence:
    """Consecutive nights without records: the first and the last, and the cause.

    restarts: by cause, in the night that follows.
    """

    first: date
    last: date
    cause: str
    restarts: Mapping[str, int] = field(default_factory=dict)

    @property
    def nights(self) -> int:
        """How many there are."""
        return (self.last - self.first).days + 1

    @property
    def view(self) -> MissingNights:
        """The absence as a JSON object."""
        return MissingNights(
            "missing_nights",
            night=self.first.isoformat(),
            last_night=self.last.isoformat(),
            nights=self.nights,
            cause=self.cause,
            restarts=dict(self.restarts),
        )


def absences(
    nights: Sequence[Night], choice: NightChoice, tonight: date, silent: Sequence[Finding] = ()
) -> list[Absence]:
    """The nights missing between these, which are in chronological order, and after the last one; as chosen.

    tonight: the evening that is not over. silent: findings about sensors that send nothing. The month of the
    demo has its own gaps, but nothing is missing after it; recordings have no gaps.
    """
    found = _between([night for night in nights if night.sensor == DEMO_HARDWARE_ID])
    nights = [night for night in nights if is_worn(night.sensor)]
    found += _between(nights)
    if nights and (tonight - nights[-1].date).days > 1:
        last = nights[-1]
        cause = _stopped(last) or next((str(flag.evidence["cause"]) for flag in silent), NOT_FETCHED)
        found.append(Absence(last.date + timedelta(days=1), tonight - timedelta(days=1), cause))
    return [one for one in found if choice.overlaps(one.first, one.last)]


def _between(nights: Sequence[Night]) -> list[Absence]:
    return [
        Absence(before.date + timedelta(days=1), after.date - timedelta(days=1), *_cause(before, after))
        for before, after in pairwise(nights)
        if (after.date - before.date).days > 1
    ]


def _cause(before: Night, after: Night) -> tuple[str, Mapping[str, int]]:
    if stopped := _stopped(before):
        return stopped, {}
    # A restart in the first night after it ended what was before.
    restarts = dict(after.restarts)
    if restarts.get("power_ons", 0):
        return OFF, restarts
    return (RESTARTED, restarts) if any(restarts.values()) else (UNKNOWN, {})


def _stopped(night: Night) -> str:
    return next((part.name for part in PARTS if part.stops and part.name in night.broken), "")
