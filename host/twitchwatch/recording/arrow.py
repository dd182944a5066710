"""pyarrow's columns as arrays of numpy; its own conversion imports pandas if there is one, half a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


def present(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which of a column's values are there."""
    array = column.combine_chunks()
    bits = array.buffers()[0] if len(array) else None
    if bits is None:
        return np.ones(len(array), np.bool_)
    end = array.offset + len(array)
    valid: NDArray[np.bool_] = np.unpackbits(
        np.frombuffer(bits, np.uint8), count=end, bitorder="little"
    ).astype(np.bool_)
    return valid[array.offset :]


def numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """A column of 64-bit floating point numbers; a missing one is NaN."""
    values = raw(column, np.float64)
    return values if column.null_count == 0 else np.where(present(column), values, np.nan)


def raw(column: pa.ChunkedArray, dtype: Any) -> NDArray[Any]:
    """A column of 64-bit numbers from its memory; a missing one may be anything."""
    array = column.combine_chunks()
    if not len(array):
        return np.empty(0, dtype)
    return np.frombuffer(array.buffers()[1], dtype, len(array), 8 * array.offset)
