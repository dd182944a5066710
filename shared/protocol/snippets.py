"""The waveform of an event or a bout: x y z samples, compact if the motion is small."""

import struct

BEFORE = 16
AFTER = 48
COUNT = BEFORE + AFTER

# Of a tremor bout: at most 3.7 s at a third of the rate, each sample the mean of three, up to the bout's end.
BOUT_COUNT = 128
BOUT_STEP = 3

RAW = 0
DELTAS = 1


def pack_waveform(values: "list[int]") -> "tuple[int, bytes]":
    """Encoding and bytes of x y z samples, interleaved, signed 16 bits.

    DELTAS: the first sample in full, then changes as signed bytes; RAW if a change exceeds a byte.
    """
    deltas = bytearray()
    for i in range(3, len(values)):
        change = values[i] - values[i - 3]
        if not -128 <= change <= 127:
            return RAW, struct.pack(f"<{len(values)}h", *values)
        deltas.append(change & 255)
    return DELTAS, struct.pack("<3h", *values[:3]) + bytes(deltas)


def unpack_waveform(encoding: int, count: int, data: bytes) -> "list[int]":
    """The samples, x y z interleaved. Raises ValueError if the bytes do not fit."""
    if encoding == RAW and len(data) == 6 * count:
        return list(struct.unpack(f"<{3 * count}h", data))
    if encoding == DELTAS and count > 0 and len(data) == 6 + 3 * (count - 1):
        values = list(struct.unpack_from("<3h", data, 0))
        for byte in data[6:]:
            values.append(values[-3] + (byte - 256 if byte > 127 else byte))
        return values
    raise ValueError(f"snippet of encoding {encoding}, {count} samples, has {len(data)} bytes")
