"""The meaning of the kernels' output records, as the fields of log records; integers only."""

from ..protocol.record_types import EPOCH, EVENT, NOT_WORN, TREMOR
from .parameters import GYRO_LSB_UDPS, LSB_NANO_G, SAMPLE_RATE_HZ

WORD_INTS = 16
WORD_EVENT = 1
WORD_BOUT = 2
WORD_EPOCH = 3
# Samples in a stretch, by which the input is judged.
INPUT_STRETCH = 48

_LSB_UG = LSB_NANO_G // 1000
# The small scale clips one axis at 8191/8 LSB; beyond this magnitude the large one is accurate enough.
_FINE_LIMIT = 8000 * 8000


def root(square: int) -> int:
    """Whole part of the square root (Newton's method, as MicroPython's `math` has no isqrt)."""
    if square < 2:
        return square
    guess = square
    better = (guess + 1) // 2
    while better < guess:
        guess = better
        better = (guess + square // guess) // 2
    return guess


def duration_ms(samples: int) -> int:
    """Samples as milliseconds, rounded."""
    return (samples * 1000 + SAMPLE_RATE_HZ // 2) // SAMPLE_RATE_HZ


def peak_ug(fine: int, coarse: int) -> int:
    """Peak acceleration from the kernels' squared magnitudes, (LSB/8)^2 and (8 LSB)^2.

    A movement is reported only in the large scale: its `fine` is 0.
    """
    if 0 < fine < _FINE_LIMIT:
        return root(fine) * _LSB_UG // 8
    return root(coarse) * _LSB_UG * 8


def noise_ug(floor: int) -> int:
    """Noise rms of one axis, as white noise over the whole band that would give the kernel's floor.

    The detector's band passes 2.34 % of white noise, and the median energy is 0.949 of the mean; with the
    energy of three axes in (LSB/32)^2: 122^2 / 32^2 / 3 / 0.0234 / 0.949 = 218.
    """
    return root((floor >> 4) * 218)


def word_type(out: "list[int]", w: int) -> int:
    """The type of the log record for the output record at `w`."""
    return {WORD_EVENT: EVENT, WORD_BOUT: TREMOR, WORD_EPOCH: EPOCH}[out[w]]


def event_body(out: "list[int]", w: int) -> "tuple[int, ...]":
    """Fields of an Event."""
    return (
        out[w + 7],
        out[w + 8],
        out[w + 9],
        0,
        out[w + 2],
        duration_ms(out[w + 3]),
        peak_ug(out[w + 4], out[w + 5]),
        noise_ug(out[w + 6]),
        out[w + 10] * _LSB_UG // 26,
        duration_ms(out[w + 12]) // 16,
        out[w + 11],
    )


def tremor_body(out: "list[int]", w: int, gyro_lsb_udps: int = GYRO_LSB_UDPS) -> "tuple[int, ...]":
    """Fields of a Tremor; 384 samples are 128 bins of the spectrum, in units of 1/64."""
    length_ms = duration_ms(out[w + 3])
    frequency_milli_hz = out[w + 4] * SAMPLE_RATE_HZ * 1000 // (384 * 64)
    return (
        out[w + 2],
        length_ms,
        frequency_milli_hz,
        out[w + 5] * SAMPLE_RATE_HZ * 1000 // (384 * 64),
        out[w + 6] * _LSB_UG * 2 // 27,
        out[w + 7] * _LSB_UG * 2 // 27,
        min(65535, length_ms * frequency_milli_hz // 1000000),
        out[w + 9],
        out[w + 10] * gyro_lsb_udps * 2 // 27000,
    )


def epoch_body(out: "list[int]", w: int, battery_mv: int, temperature_centi_c: int) -> "tuple[int, ...]":
    """Fields of an Epoch; the arguments are what only the board knows."""
    worn = out[w + 7] & 3
    seen_input = out[w + 7] >> 2 & 255
    rest = out[w + 3]
    unusable = min(rest, (out[w + 7] >> 10 & 4095) * INPUT_STRETCH)
    noise = noise_ug(out[w + 6])
    hum = out[w + 7] >> 22
    if hum:
        # The band from which the floor is computed contains little of a hum, which hides twitches
        # nevertheless.
        noise = root(noise * noise + (hum * _LSB_UG) ** 2)
    rest_ms = duration_ms(rest) - duration_ms(unusable)
    not_worn_ms = 0
    if worn == NOT_WORN:
        rest_ms, not_worn_ms = 0, rest_ms
    return (
        out[w + 2],
        rest_ms,
        duration_ms(out[w + 4]),
        not_worn_ms,
        duration_ms(out[w + 5]),
        noise,
        duration_ms(out[w + 8]),
        out[w + 9] & 32767,
        out[w + 10] & 32767,
        out[w + 11] & 32767,
        out[w + 12] & 32767,
        ((out[w + 13] & 65535) - 32768) * _LSB_UG // 1000,
        ((out[w + 14] & 65535) - 32768) * _LSB_UG // 1000,
        ((out[w + 15] & 65535) - 32768) * _LSB_UG // 1000,
        battery_mv,
        temperature_centi_c,
        worn,
        duration_ms(unusable),
        seen_input,
        out[w + 9] >> 15,
        out[w + 10] >> 15,
        out[w + 11] >> 15,
        out[w + 12] >> 15,
        out[w + 13] >> 16,
        out[w + 14] >> 16,
        out[w + 15] >> 16,
        0 if worn == NOT_WORN else duration_ms(out[w + 1]),
    )


def unusable(body: "tuple[int, ...]", bits: int) -> "tuple[int, ...]":
    """Fields of an Epoch in which nothing counts, for these reasons: all its samples are unusable.

    Its bursts are disturbances.
    """
    sensed_ms = body[1] + body[2] + body[3]
    nothing = (0,) * 6
    seen = (0, body[17] + sensed_ms, body[18] | bits)
    return (
        body[:1]
        + nothing[:3]
        + body[4:6]
        + nothing[:5]
        + body[11:16]
        + seen
        + nothing
        + (sum(body[19:26]), 0)
    )
