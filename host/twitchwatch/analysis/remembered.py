"""Remembered: a night's results are not computed again while that night stays the same object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from twitchwatch.analysis.escalation import Monitoring
from twitchwatch.analysis.looks import NightLooks, look_at
from twitchwatch.analysis.night import Night, whole

FoundT = TypeVar("FoundT")


class Remembered:
    """For a program that derives repeatedly from nights of which few have changed.

    Results must depend only on the night and on `given`; they are the same with this and without.
    trends: how rates were followed from night to night, by a key that names the nights and how.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], tuple[Night, object, Any]] = {}
        self._asked: set[tuple[str, int]] = set()
        self.trends: dict[str, Monitoring] = {}
        self._followed: set[str] = set()

    def of(self, what: str, night: Night, find: Callable[[], FoundT], given: object = None) -> FoundT:
        """The result of `find` for this night, by the name `what`; new if night or `given` differ."""
        key = what, id(night)
        self._asked.add(key)
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
        self._asked.add((what, id(night)))

    def known(self, what: str, night: Night) -> tuple[object, Any] | None:
        """What was given and found, if this night was queried for it."""
        known = self._found.get((what, id(night)))
        return None if known is None or known[0] is not night else known[1:]

    def looks(self, night: Night) -> NightLooks:
        """What its events show. Raises TypeError if that is not known and its events were not read."""
        return self.of("looks", night, lambda: look_at(whole(night)))

    def trend(self, key: str, arl0_days: float) -> Monitoring:
        """The trend monitor of these nights."""
        self._followed.add(key)
        if key not in self.trends:
            self.trends[key] = Monitoring(arl0_days)
        return self.trends[key]

    def looking(self, what: str, look: Callable[[Night], FoundT]) -> Callable[[Night], FoundT]:
        """The same as `look`, by the name `what`, but each night is looked at once."""
        return lambda night: self.of(what, night, lambda: look(night))

    def forget_others(self) -> None:
        """Drop results that were not used since the last call."""
        self._found = {key: self._found[key] for key in self._asked}
        self.trends = {key: self.trends[key] for key in self._followed}
        self._asked, self._followed = set(), set()
