"""Every threshold of the detector: value, unit, reason. Kernels read them by position from one table."""

import struct
from array import array
from binascii import crc32

VERSION = 1

SAMPLE_RATE_HZ = 104
# LSM6DS3TR-C datasheet DocID030071 Rev 3, table 3: 0.122 mg/LSB at +-4 g.
LSB_NANO_G = 122000

# (name, value, unit, reason)
TABLE = (
    ("on_ratio", 52, "1/16", "3.25 times the median energy of 8 samples opens a burst, often for nothing"),
    ("off_ratio", 36, "1/16", "hysteresis: a burst ends below 2.25 times the median"),
    ("onset_share", 5, "1/16", "the first sample with 0.3 of the greatest energy dates the onset"),
    ("release", 8, "samples", "77 ms of quiet end a burst: more than half a period at 6.5 Hz"),
    ("warm_up", 208, "samples", "2 s until gravity and floor have settled"),
    ("twitch_max", 52, "samples", "0.5 s: the longest twitch, the shortest spasm"),
    ("jerk_peak", 2459, "LSB", "300 mg: more than a motor unit can do; a whole thumb's twitch is 700 mg"),
    ("vigorous", 2626, "(8 LSB)^2", "swings of 50 mg: voluntary, or a strong tremor"),
    ("vigorous_run", 42, "samples", "more often than not for 0.4 s: what is shorter is a jerk"),
    ("tilt", 246, "LSB", "gravity turns by 30 mg (1.7 degrees) in a second: ten times breathing"),
    ("hold", 208, "samples", "rest begins 2 s after the last movement: skin and bed swing out"),
    ("epoch", 6240, "samples", "one minute"),
    ("worn_ratio", 4, "1/16", "0.26-2.2 Hz over the band, 0.13 for white noise: twice that on a wrist"),
    ("still_floor", 5550, "(LSB/32)^2", "1.1 mg rms an axis: above it noise may hide pulse and breath"),
    ("sure_ratio", 88, "1/16", "5.5 times the median needs no further proof: never in 96 h of noise"),
    ("likeness", 150, "1/3.75", "below that a burst must resemble a twitch: squared match over noise"),
    ("beats", 3, "intervals", "so many alike, 0.4 to 1.5 s long, are a heart: fasciculations are irregular"),
    ("line_share", 77, "1/128", "60 % of the 1-15 Hz power lies within 0.5 Hz of the peak and its double"),
    ("line_amplitude", 443, "LSB/13.5", "4 mg rms: above the physiological tremor of a hand that lies"),
    ("line_drift", 177, "bins/64", "0.75 Hz between the windows of one bout"),
    ("bout_windows", 2, "windows", "two windows of 3.7 s, 1.8 s apart: 3.7 s of rhythm"),
    ("bout_misses", 2, "windows", "a bout survives one window without rhythm"),
    ("bout_max", 62400, "samples", "10 min: a longer tremor is told in parts"),
)  # fmt: skip

NAMES = tuple(row[0] for row in TABLE)


def table() -> "array[int]":
    """The parameters as the kernels read them: int32, in the order of TABLE."""
    return array("i", [row[1] for row in TABLE])


def checksum(values: "array[int]") -> int:
    """CRC-32 over the values: names the settings a night was recorded with."""
    return crc32(struct.pack(f"<{len(values)}i", *values))
