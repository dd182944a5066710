"""A wearer's days: the findings of each morning and evening, and the resulting messages, by the real code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from twitchwatch.alerts.policy import Message, Rules, Said, after, gone, messages
from twitchwatch.alerts.subjects import subjects_of
from twitchwatch.analysis.looks import NightLooks
from twitchwatch.analysis.night import NightSummary
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.flags import Finding, Sight, Symptom, raise_flags, silence_flag
from twitchwatch.flags.ledger import Entry, settle
from validation.calm.nights import FIRST, HOUR_US, NAME, SENSOR, night_of, noon_us
from validation.calm.wearers import Life

# When the daemon looks, in hours from the noon before: after quiet hours end; and in the evening if anything
# may have changed since: a long night that went on, an empty one that ended at noon, a ring that is away. It
# looks every ten minutes, with the same result as long as nothing changes.
MORNING_H, EVENING_H = 20.5, 32.0
# Who sleeps past the end of quiet hours has this many hours recorded by then.
SO_FAR_H = 6
# What the daemon does after every check, which changes no result.
FORGETS_EVERY = 7


@dataclass(frozen=True)
class Sent:
    """A message: on which day (0 is the day after the first night), about what, and why.

    key: of its subject. newest: the last evening of which there was rest.
    """

    day: int
    key: str
    step: str
    urgency: str
    finding: Finding | None
    newest: date | None


class Household:
    """The parts that the daemon keeps between two checks (`alerts.monitor`, `archive.keeping`), in memory."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._remembered = Remembered()
        self._entries: list[Entry] = []
        self._said: dict[str, Said] = {}
        self.flags: list[Finding] = []

    def look(
        self,
        nights: Sequence[NightSummary],
        sight: Sight,
        places: Mapping[tuple[str, date], str],
        symptoms: Sequence[Symptom],
        now_us: int,
        local: datetime,
    ) -> list[Message]:
        """What is sent now."""
        flags = raise_flags(
            nights, now_utc_us=now_us, places=places, symptoms=symptoms, remembered=self._remembered
        )
        silent = silence_flag(sight, now_us)
        if silent is not None:
            flags.append(silent)
        numbered = []
        entries = []
        number = len(self._entries)
        for one in settle(self._entries, flags, now_us):
            entry = one.entry
            if entry.id is None:
                number += 1
                entry = replace(entry, id=number)
            entries.append(entry)
            if one.flag is not None:
                numbered.append(replace(one.flag, id=entry.id) if one.flag.id is None else one.flag)
        self._entries, self.flags = entries, numbered
        subjects = subjects_of(numbered)
        subjects += gone(self._said.values(), subjects)
        out = messages(subjects, self._said, self._rules, now_us, local.time())
        for message in out:
            key = message.subject.key
            self._said[key] = after(message, self._said.get(key), now_us)
        return out

    def acknowledge(self, finding: Finding, now_us: int) -> None:
        """As `twitchwatch flags ack` does."""
        self._entries = [
            replace(entry, acknowledged_utc_us=now_us, acknowledged_urgency=finding.urgency)
            if entry.id == finding.id
            else entry
            for entry in self._entries
        ]

    def put(self, night: NightSummary, looks: NightLooks) -> None:
        """A night that was derived."""
        self._remembered.put("looks", night, looks)

    def forget(self, nights: Sequence[NightSummary]) -> None:
        """As after every check that is kept."""
        self._remembered.forget_others(nights)


class _Ring:
    """The ring and its records: those that the computer has, those that it has yet to fetch."""

    def __init__(self, life: Life, house: Household) -> None:
        self._life = life
        self._house = house
        self._fetched: list[NightSummary] = []
        self._waiting: list[tuple[NightSummary, NightLooks]] = []
        self._last_us = noon_us(life, 0)

    def wear(self, at: int) -> None:
        """Record night `at`, whatever there is of it."""
        if (made := night_of(self._life, at)) is not None:
            self._waiting.append(made)

    def fetch(self, at: int, now_us: int, *, upto_h: int | None = None) -> list[NightSummary]:
        """The nights that the computer has then; upto_h: of a night that still goes on, its hours so far."""
        if not self._life.in_reach(at):
            return self._fetched
        self._last_us = now_us
        for made in self._waiting:
            self._house.put(*made)
        if upto_h is None:
            self._fetched += [night for night, _ in self._waiting]
            self._waiting.clear()
            return self._fetched
        so_far = night_of(self._life, at, upto_h=upto_h)
        assert so_far is not None
        self._house.put(*so_far)
        return [*self._fetched, *(night for night, _ in self._waiting[:-1]), so_far[0]]

    def sight(self, now_us: int, *, in_reach: bool) -> Sight:
        """When it was last seen, and sent something."""
        if in_reach:
            self._last_us = now_us
        return Sight(NAME, noon_us(self._life, 0), self._last_us, self._last_us, SENSOR, 3900, True)


def live(life: Life, chance: np.random.Generator) -> Iterator[Sent]:
    """Every message of these nights, by the default settings. chance: of what is acknowledged."""
    house = Household(Rules())
    ring = _Ring(life, house)
    places: dict[tuple[str, date], str] = {}
    place = ""
    reported: list[Finding] = []
    for at in range(len(life.worn)):
        place = life.places.get(at, place)
        places[SENSOR, FIRST + timedelta(days=at)] = place
        noted = [Symptom(FIRST + timedelta(days=night), name) for night, name in life.symptoms if night <= at]
        ring.wear(at)
        goes_on = bool(life.late[at]) and life.worn[at] == "worn" and life.in_reach(at)
        quiet_day = life.worn[at] == "worn" and life.in_reach(at) and not goes_on
        for hour in (MORNING_H,) if quiet_day else (MORNING_H, EVENING_H):
            now_us = noon_us(life, at) + int(hour * HOUR_US)
            local = datetime.fromtimestamp(now_us / 1e6, UTC) + timedelta(hours=float(life.zone_h[at]))
            nights = ring.fetch(at, now_us, upto_h=SO_FAR_H if goes_on and hour == MORNING_H else None)
            for finding in reported:
                if chance.random() < life.acknowledges:
                    house.acknowledge(finding, now_us)
            sight = ring.sight(now_us, in_reach=life.in_reach(at))
            out = house.look(nights, sight, places, noted, now_us, local)
            known = {f"finding/{flag.id}": flag for flag in house.flags}
            newest = next((night.date for night in reversed(nights) if night.rest_h > 0), None)
            subjects = [(message.step, message.subject) for message in out]
            reported = [known[subject.key] for _, subject in subjects if subject.key in known]
            for step, subject in subjects:
                yield Sent(at, subject.key, step, subject.urgency, known.get(subject.key), newest)
            if at % FORGETS_EVERY == 0:
                house.forget(nights)
        # On a quiet day it stays in reach until the evening.
        ring.sight(noon_us(life, at) + int(EVENING_H * HOUR_US), in_reach=quiet_day)
