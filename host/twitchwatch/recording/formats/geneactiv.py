"""GENEActiv CSV: a hundred header lines, then stamp, x, y, z in g, light, button, temperature.

As GGIR reads it (R/g.dotorcomma, g.inspectfile of wadpac/GGIR); a stamp has a colon before its
milliseconds, and the header states the rate.
"""

from __future__ import annotations

import re

from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import Layout, TimeColumn
from twitchwatch.recording.naming import is_number, stamp_of

NAME = "GENEActiv"


def recognise(head: Head) -> Layout | None:
    """By the device type in its first line."""
    if not head.lines or not re.match(r'"?Device Type"?\s*[,;\t]\s*"?GENEActiv', head.lines[0]):
        return None
    text = "\n".join(head.lines[:100])
    rate = re.search(r"Measurement Frequency\"?[,;\t]\"?\s*(\d+(?:\.\d*)?)", text)
    for row in range(2, len(head.lines)):
        delimiter, decimal = head.dialect(row)
        values = head.cells(row, delimiter)
        if len(values) < 4 or not all(map(is_number, values[1:4])):
            continue
        stamp = stamp_of(values[0])
        if stamp in ("colon", "iso"):
            return Layout(
                format=NAME,
                skip=row,
                delimiter=delimiter,
                decimal=decimal,
                width=len(values),
                acc=((1,), (2,), (3,)),
                time=TimeColumn(0, stamp),
                unit_g=1.0,
                rate_hz=float(rate.group(1)) if rate else None,
            )
    return None
