"""Remembered: a night's results are not computed again while that night stays the same object."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from twitchwatch.analysis.escalation import Monitoring
from twitchwatch.analysis.looks import NightLooks, look_at
from twitchwatch.analysis.night import Night, whole

FoundT = TypeVar("FoundT")
StateT = TypeVar("StateT")


class Remembered:
    """For a program that derives repeatedly from nights of which few have changed.

    Results must depend only on the night and on `given`; they are the same with this and without.
    trends: how rates were followed from night to night, by a key that names the nights and how.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], tuple[Night, object, Any]] = {}
        self._made: dict[tuple[str, int], tuple[object, Any]] = {}
        self._courses: dict[str, Any] = {}
        self.trends: dict[str, Monitoring] = {}
        self._asked: set[object] = set()

    def of(self, what: str, night: Night, find: Callable[[], FoundT], given: object = None) -> FoundT:
        """The result of `find` for this night, by the name `what`; new if night or `given` differ."""
        key = what, id(night)
        known = self._found.get(key)
        if known is not None and known[0] is night and known[1] == given:
            found: FoundT = known[2]
            return found
        found = find()
        # The night itself is kept, so that no other object can get its id.
        self._found[key] = night, given, found
        return found

    def put(self, what: str, night: Night, found: object, given: object = None) -> None:
        """The earlier result for this night; `given` as then."""
        self._found[what, id(night)] = night, given, found

    def known(self, what: str, night: Night) -> tuple[object, Any] | None:
        """What was given and found, if this night was queried for it."""
        known = self._found.get((what, id(night)))
        return None if known is None or known[0] is not night else known[1:]

    def looks(self, night: Night) -> NightLooks:
        """What its events show. Raises TypeError if that is not known and its events were not read."""
        return self.of("looks", night, lambda: look_at(whole(night)))

    def trend(self, key: str, arl0_days: float) -> Monitoring:
        """The trend monitor of these nights."""
        self._asked.add(key)
        if key not in self.trends:
            self.trends[key] = Monitoring(arl0_days)
        return self.trends[key]

    def course(self, key: str, start: Callable[[], StateT]) -> StateT:
        """Something that follows a series from one call to the next, by a key that names both."""
        self._asked.add(key)
        if key not in self._courses:
            self._courses[key] = start()
        found: StateT = self._courses[key]
        return found

    def made(self, what: str, of: object, make: Callable[[], FoundT]) -> FoundT:
        """What is made of this object alone, by the name `what`: made once."""
        key = what, id(of)
        self._asked.add(key)
        if key not in self._made:
            # The object itself is kept, so that no other can get its id.
            self._made[key] = of, make()
        found: FoundT = self._made[key][1]
        return found

    def forget_others(self, nights: Iterable[Night]) -> None:
        """Drop the results of other nights than these, and what was not used since the last call."""
        present = {id(night) for night in nights}
        self._found = {key: found for key, found in self._found.items() if key[1] in present}
        self._made = {key: made for key, made in self._made.items() if key in self._asked}
        self._courses = {key: one for key, one in self._courses.items() if key in self._asked}
        self.trends = {key: one for key, one in self.trends.items() if key in self._asked}
        self._asked = set()
