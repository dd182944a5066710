"""The columns: every board with every release, and which of them are equivalent for a fault."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from bench.faults.night import Column
from bench.faults.table import BOARDS, Fault

_TABLE = Path(__file__).parents[2] / "firmware" / "models" / "esp32_port.json"
RELEASES = ("1.24", "1.25", "1.26", "1.27", "1.28", "1.29")
COLUMNS = tuple(Column(board, release) for release in RELEASES for board in BOARDS)


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(_TABLE.read_text("utf-8")))


@cache
def facts_of(release: str, chip: str) -> dict[str, Any]:
    """Each fact's value, as the simulated chip reads it."""
    return {r["fact"]: r["value"] for r in _rows() if release in r["releases"] and chip in r["chips"]}


def columns_for(faults: Sequence[Fault], turn: int = 0, *, merged: bool = True) -> list[Column]:
    """On which columns these faults are to be tried.

    `merged`: of those of one board in which every fact that the faults touch is equal, one; which one, goes
    round by `turn`.
    """
    possible = [column for column in COLUMNS if all(column.board in fault.boards for fault in faults)]
    if not merged:
        return possible
    begins = tuple(fact for fault in faults for fact in fault.facts)
    alike: dict[str, list[Column]] = {}
    for column in possible:
        facts = facts_of(column.release, BOARDS[column.board])
        touched = {name: value for name, value in facts.items() if name.startswith(begins)} if begins else {}
        alike.setdefault(column.board + json.dumps(touched, sort_keys=True), []).append(column)
    return [group[turn % len(group)] for group in alike.values()]
