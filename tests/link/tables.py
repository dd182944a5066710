"""The reconnection tables as docs/reliability.md shows them; `python -m tests.link.tables` writes them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from bench.page import insert
from twitchwatch.link.reconnect import DEVICE, SCAN

TABLES = {"reconnection of a sensor": DEVICE, "reconnection of an adapter": SCAN}


def rendered(table: Mapping[Enum, Mapping[Enum, tuple[Enum, Enum]]]) -> str:
    """States across, events down; where nothing happens the cell is empty."""
    states = list(table)
    lines = [
        "| | " + " | ".join(f"**{state.value}**" for state in states) + " |",
        "| --- " * (len(states) + 1) + "|",
    ]
    for event in next(iter(table.values())):
        cells = []
        for state in states:
            then, action = table[state][event]
            reported = [] if then is state else [f"**{then.value}**"]
            reported += [] if action.name == "NOTHING" else [action.value]
            cells.append(": ".join(reported))
        lines.append(f"| {event.value} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    for name, table in TABLES.items():
        insert(name, rendered(table))
