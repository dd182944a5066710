"""Course: results over a growing series; what precedes the first change is not computed again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import is_
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")
StateT = TypeVar("StateT")


class Course(Generic[ItemT, StateT]):
    """The states of a series: each follows from the state before it and one item.

    States must not be changed. An item counts as unchanged only if it is the same object.
    """

    def __init__(self, start: StateT) -> None:
        self._items: list[ItemT] = []
        self._states: list[StateT] = [start]

    def follow(self, items: Sequence[ItemT], step: Callable[[StateT, ItemT], StateT]) -> list[StateT]:
        """The first state, and the state after each item. The list is the course's own."""
        same = unchanged(self._items, items)
        del self._items[same:], self._states[same + 1 :]
        for item in items[same:]:
            self._states.append(step(self._states[-1], item))
            self._items.append(item)
        return self._states


def unchanged(before: Sequence[object], now: Sequence[object]) -> int:
    """How many items at the start are the same objects."""
    shorter = min(len(before), len(now))
    if all(map(is_, before, now)):
        return shorter
    return next(at for at in range(shorter) if before[at] is not now[at])
