"""ActiGraph RAW CSV (ActiLife): ten header lines with rate, start and date format; with or without stamps.

The header as ActiLife v6.11.9 wrote it, quoted in the vignettes of muschellij2/adept and read.gt3x; values
are in g.
"""

from __future__ import annotations

import re
from datetime import datetime

from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import Layout, TimeColumn
from twitchwatch.recording.naming import is_number

NAME = "ActiGraph RAW"
_FIRST = re.compile(r"Data File Created By ActiGraph.*?date format (\S+)(?: at (\d+) ?Hz)?")
_RULE = re.compile(r"-{20,}$")


def recognise(head: Head) -> Layout | None:
    """By its first line."""
    found = _FIRST.search(head.lines[0]) if head.lines else None
    if found is None:
        return None
    day_first = found.group(1).lower().startswith("d")
    rule = next((i for i, line in enumerate(head.lines[1:20], 1) if _RULE.match(line.strip())), None)
    if rule is None or (row := head.first(rule + 1)) >= len(head.lines):
        return None
    if not any(is_number(cell) for cell in head.cells(row, head.dialect(row)[0])):
        row = head.first(row + 1)
    delimiter, decimal = head.dialect(row)
    values = head.cells(row, delimiter) if row < len(head.lines) else []
    stamped = len(values) >= 4
    if len(values) < 3:
        return None
    first = 1 if stamped else 0
    return Layout(
        format=NAME,
        skip=row,
        delimiter=delimiter,
        decimal=decimal,
        width=len(values),
        acc=((first,), (first + 1,), (first + 2,)),
        time=TimeColumn(0, "day_first" if day_first else "month_first") if stamped else None,
        unit_g=1.0,
        rate_hz=float(found.group(2)) if found.group(2) else None,
        start=_start(head.lines[1:rule], day_first),
    )


def _start(lines: tuple[str, ...], day_first: bool) -> str | None:
    text = "\n".join(lines)
    time, date = re.search(r"Start Time (\S+)", text), re.search(r"Start Date (\S+)", text)
    if time is None or date is None:
        return None
    order = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    try:
        moment = datetime.strptime(f"{date.group(1)} {time.group(1)}", f"{order} %H:%M:%S")
    except ValueError:
        return None
    return moment.isoformat()
