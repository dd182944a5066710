"""Unit, reason and source of every threshold; a board has room only for the numbers of parameters.py."""

_TUNED = "validation/detection, its seeds for tuning"
_HANDS = "recordings of still and of moving hands, docs/detection.md"

# name: (unit, reason, source)
REASONS = {
    "on_ratio": (
        "1/16",
        "3.4 times the median energy of 8 samples opens a burst, often for nothing; below 2.5 times always",
        _TUNED,
    ),
    "off_ratio": (
        "1/16",
        "hysteresis: a burst ends below 2.25 times the median",
        _TUNED,
    ),
    "onset_share": (
        "1/16",
        "the first sample with 0.3 of the greatest energy dates the onset",
        _TUNED,
    ),
    "release": (
        "samples",
        "77 ms of quiet end a burst: more than half a period at 6.5 Hz",
        "half a period at 6.5 Hz, the lower edge of a finger's own swing; validation/detection",
    ),
    "warm_up": (
        "samples",
        "2 s until gravity and floor have settled",
        "time constants of the filters, docs/detector.md",
    ),
    "twitch_max": (
        "samples",
        "0.5 s: the longest twitch, the shortest spasm",
        "AASM: fragmentary myoclonus lasts 0.15 s at most; longer is held",
    ),
    "jerk_peak": (
        "LSB",
        "300 mg: more than a motor unit can do; a whole thumb's twitch is 700 mg",
        "motor-unit forces of 3-34 mN on a finger's mass; docs/detection.md",
    ),
    "vigorous": (
        "(8 LSB)^2",
        "swings of 50 mg: voluntary, or a strong tremor",
        _HANDS,
    ),
    "vigorous_run": (
        "samples",
        "more often than not for 0.4 s: what is shorter is a jerk",
        _HANDS,
    ),
    "tilt": (
        "LSB",
        "gravity turns by 30 mg (1.7 degrees) in a second: ten times breathing",
        _HANDS,
    ),
    "hold": (
        "samples",
        "rest begins 2 s after the last movement: skin and bed swing out; at least 1 s, a turn's own span",
        _HANDS,
    ),
    "epoch": (
        "samples",
        "one minute",
        "actigraphy counts by the minute",
    ),
    "worn_ratio": (
        "1/16",
        "0.26-2.2 Hz over the band, 0.13 for white noise: twice that on a wrist",
        "white noise by bandwidth; wrists: docs/detection.md",
    ),
    "still_floor": (
        "(LSB/32)^2",
        "1.1 mg rms an axis: above it noise may hide pulse and breath",
        "noise densities of the chips' datasheets; docs/detection.md",
    ),
    "fit": (
        "1/16",
        "a twitch's energy is at most 1.44 of what its best shape explains; a knock's is 1.6, cloth's 1.8",
        _TUNED,
    ),
    "likeness": (
        "1/16",
        "evidence of 40 variances of the noise: twice in 80 h of sensor noise",
        "Kay 1998, II, 7.4; validation/detection, 80 h of sensor noise",
    ),
    "beats": (
        "intervals",
        "so many alike, 0.4 to 1.5 s long, are a heart: fasciculations are irregular",
        "hearts at rest, 40 to 150 a minute",
    ),
    "line_share": (
        "1/128",
        "60 % of the 1-15 Hz power lies within 0.5 Hz of the peak and its double",
        "validation/detection, against ParaDigMa and labelled rest tremor",
    ),
    "line_amplitude": (
        "LSB/13.5",
        "4 mg rms: above the physiological tremor of a hand that lies",
        "MDS 2018 on physiological tremor; docs/detection.md",
    ),
    "line_drift": (
        "bins/64",
        "0.75 Hz between the windows of one bout",
        "validation/detection: a rest tremor keeps its frequency within a bout",
    ),
    "bout_windows": (
        "windows",
        "two windows of 3.7 s, 1.8 s apart: 3.7 s of rhythm",
        "MDS 2018: tremor is sustained; validation/detection",
    ),
    "bout_misses": (
        "windows",
        "a bout survives one window without rhythm",
        _TUNED,
    ),
    "bout_max": (
        "samples",
        "10 min: a longer tremor is told in parts",
        "a record must not wait for a tremor that lasts all night",
    ),
    "clip": (
        "LSB",
        "8 mg from the end of the range: a driver that scales may not reach it; beyond half of it 1 g clips",
        "int16; sensitivity tolerance of the chips",
    ),
    "stuck_run": (
        "samples",
        "0.2 s of one value on an axis as a burst ends",
        "6 at most in any recording; docs/detection.md",
    ),
    "gravity_least": (
        "LSB",
        "0.7 g: between 1 g less offset and tolerance (0.9 g at most), and half of it, the next range",
        "zero-g offset 40 mg, MPU-6050 80 mg (datasheets); 0.84-1.04 g in recordings",
    ),
    "gravity_most": (
        "LSB",
        "1.4 g: between 1 g with both (1.1 g at least) and twice that, the other next range",
        "as gravity_least",
    ),
    "hum_first": (
        "1/1024",
        "correlation of neighbours -0.74 in the swiftest: -0.67 in white noise",
        "second differences of white noise and of 42-52 Hz, 1 + r; docs/detector.md",
    ),
    "hum_second": (
        "1/1024",
        "and of every other sample 0.25: 0.17 in white noise",
        "as hum_first",
    ),
    "weak_amplitude": (
        "LSB/13.5",
        "1.25 mg rms: weaker than line_amplitude, a tremor needs a purer line and one window more",
        _HANDS,
    ),
    "weak_share": (
        "1/128",
        "70 % of the 1-15 Hz power in the line of a weak tremor: none in healthy hands, daily life or trains",
        _HANDS,
    ),
    "beat_share": (
        "1/16",
        "a twitch matches its shapes better than swings of 4 to 7 Hz: a pulse or a mattress does not",
        "ISO 2631-1 on bodies that swing; validation/detection, its seeds for tuning",
    ),
    "unrest": (
        "1/16",
        "energy of the last seconds up to 1.13 times the floor is the floor's own scatter",
        _TUNED,
    ),
    "slow_turn": (
        "LSB/13.5",
        "10 deg/s rms of turning at 1.1-2.4 Hz, by a gyroscope: the hand does not rest",
        "three times ParaDigMa's limit for an arm at rest, as strong tremor has some too; docs/detection.md",
    ),
}
