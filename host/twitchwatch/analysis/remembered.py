"""Remembered: what was found of a night need not be found again while that night stays the same object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from twitchwatch.analysis.night import Night

FoundT = TypeVar("FoundT")


class Remembered:
    """For a program that derives again and again from nights of which few have changed.

    What is found must depend on the night and on `given` alone; the answers are the same with it and without.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], tuple[Night, object, Any]] = {}
        self._asked: set[tuple[str, int]] = set()

    def of(self, what: str, night: Night, find: Callable[[], FoundT], given: object = None) -> FoundT:
        """What `find` gives for this night, by the name `what`; found anew where night or `given` differ."""
        key = what, id(night)
        self._asked.add(key)
        known = self._found.get(key)
        if known is not None and known[0] is night and known[1] == given:
            found: FoundT = known[2]
            return found
        found = find()
        # The night itself is kept, so that no other can come to have its id.
        self._found[key] = night, given, found
        return found

    def looking(self, what: str, look: Callable[[Night], FoundT]) -> Callable[[Night], FoundT]:
        """The same as `look`, by the name `what`, but each night is looked at once."""
        return lambda night: self.of(what, night, lambda: look(night))

    def forget_others(self) -> None:
        """Let go of what was not asked for since the last time."""
        self._found = {key: self._found[key] for key in self._asked}
        self._asked = set()
