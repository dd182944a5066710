"""The waveform in a snippet record, in the field's units."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from twitchwatch.shared.protocol.records import Record
from twitchwatch.shared.protocol.snippets import unpack_waveform

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Waveform(NamedTuple):
    """motion_mg (n, 3) with gravity in it, at rate_hz; `seq` of its record."""

    seq: int
    motion_mg: NDArray[np.float64]
    rate_hz: float


def waveform_of(record: Record) -> Waveform | None:
    """The content of a snippet; None if its bytes do not fit, which a record's CRC makes unlikely."""
    import numpy as np

    body = record.body
    try:
        values = unpack_waveform(body.encoding, body.count, record.tail)
    except ValueError:
        return None
    if not values or not body.rate_milli_hz:
        return None
    counts = np.array(values, np.float64).reshape(-1, 3)
    return Waveform(record.seq, counts * (body.lsb_nano_g / 1e6), body.rate_milli_hz / 1000)
