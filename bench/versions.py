"""The table of MicroPython's versions in docs/flashing.md, from versions.json.

python -m bench.versions [--write]
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.page import insert
from twitchwatch.flash.versions import known

PAGE = Path(__file__).parents[1] / "docs" / "flashing.md"
NAME = "versions"


def table() -> str:
    """A row for each chip and range of versions."""
    rows = [
        f"| {row.chip} | {row.versions} | {row.verdict} | {row.what} | {row.source} |"
        for row in sorted(known(), key=lambda row: (row.chip, row.first))
    ]
    return "\n".join(
        ["| chip | MicroPython | verdict | why | source |", "| --- | --- | --- | --- | --- |", *rows]
    )


if __name__ == "__main__":
    print(table())
    if "--write" in sys.argv:
        insert(NAME, table(), PAGE)
