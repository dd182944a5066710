"""docs/esp32-port.md, written from the table of the port.

python -m bench.port           prints it
python -m bench.port --write   writes the page
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "firmware" / "models" / "esp32_port.json"
PAGE = ROOT / "docs" / "esp32-port.md"

HEAD = """\
# What MicroPython's ESP32 port does

Written by `python -m bench.port --write` from `firmware/models/esp32_port.json`; the tests hold the two
together. The simulated board and the stand-ins of the tests take their behaviour from this table, by release
and chip.

Every row was read in the source of the port, or of ESP-IDF under it (paths that begin with `esp-idf`), in
each of the releases that the row names. File and lines are those of the tag beside them; tags are 1.24.1,
1.25.0, 1.26.1, 1.27.0, 1.28.0 and, for 1.29, the commit 1c3c201149 (a preview of August 2026). Figures
that were measured name who published them."""


def rows() -> list[dict[str, Any]]:
    """The table."""
    table: list[dict[str, Any]] = json.loads(TABLE.read_text("utf-8"))
    return table


def page() -> str:
    """The page, one section for each group of facts (what stands before the dot)."""
    lines = [HEAD]
    group = None
    for row in rows():
        name = row["fact"].split(".")[0]
        if name != group:
            group = name
            lines += [
                "",
                f"## {name}",
                "",
                "| fact | chips | releases | value | source | note |",
                "| --- " * 6 + "|",
            ]
        source = "; ".join([f"{row['source']} {row['tag']} {row['lines']}".strip(), *row.get("also", [])])
        cells = (
            f"`{row['fact']}`",
            "all" if len(row["chips"]) == 3 else ", ".join(row["chips"]),
            _span(row["releases"]),
            f"`{json.dumps(row['value'], ensure_ascii=False)}`",
            source,
            row["note"],
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _span(releases: list[str]) -> str:
    if len(releases) == 6:
        return "all"
    return releases[0] if len(releases) == 1 else f"{releases[0]}-{releases[-1]}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), "utf-8")
    else:
        print(page(), end="")
