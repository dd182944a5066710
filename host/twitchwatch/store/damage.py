"""Damage that this process found while reading: noted where it is found, and reported once at the end."""

from __future__ import annotations

from collections import defaultdict

_met: defaultdict[str, set[object]] = defaultdict(set)

# What is noted of the file as a whole, and of records that are neither here nor known to be missing.
FILE, GAP = "file", "gap"
# A program that runs for months must not grow by what it notes.
_MOST = 10_000


def note(where: str, what: object) -> None:
    """`what` in `where` (a table, FILE or GAP) is damaged; the same thing is noted once."""
    if len(_met[where]) < _MOST:
        _met[where].add(what)


def met() -> dict[str, int]:
    """Counts of damage by place, since the last `forget`."""
    return {where: len(what) for where, what in _met.items() if what}


def forget() -> None:
    """Forget all damage."""
    _met.clear()
