"""Empatica: ACC.csv of the E4 (start, rate, then 1/64 g), and CSV made of EmbracePlus Avro.

E4: info.txt of its session archive: the first row is the start in s since 1970, the second the rate in Hz,
the unit 1/64 g. EmbracePlus: `unix_timestamp,x,y,z` in us and g, as Empatica's example script writes it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import Layout
from twitchwatch.recording.naming import is_number, named

NAME = "Empatica E4"
AVRO = "Empatica EmbracePlus"
_EPOCH_S = (1.0e9, 4.0e9)
_RATE_HZ = (1.0, 1000.0)


def recognise(head: Head) -> Layout | None:
    """By a start and a rate that are each written three times, or by its column names."""
    header = head.first()
    found = named(head, header, AVRO, time="unix_timestamp", acc="{}", unit_s=1e-6)
    if found is not None or header + 2 >= len(head.lines):
        return found
    delimiter, decimal = head.dialect(header)
    rows = [head.cells(header + i, delimiter) for i in range(3)]
    if decimal == "," or any(len(row) != 3 or not all(map(is_number, row)) for row in rows):
        return None
    (start, *starts), (rate, *rates) = ([float(cell) for cell in row] for row in rows[:2])
    if starts != [start] * 2 or rates != [rate] * 2:
        return None
    if not (_EPOCH_S[0] < start < _EPOCH_S[1] and _RATE_HZ[0] <= rate <= _RATE_HZ[1]):
        return None
    began = datetime.fromtimestamp(start, UTC).isoformat()
    return Layout(
        NAME, header + 2, delimiter, decimal, 3, ((0,), (1,), (2,)), unit_g=1 / 64, rate_hz=rate, start=began
    )
