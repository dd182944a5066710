"""Unit, reason and source of every threshold; a board has room only for the numbers of parameters.py."""

_TUNED = "validation/detection, tuning seeds"
_HANDS = "recordings of still and of moving hands, docs/detection.md"

# name: (unit, reason, source)
REASONS = {
    "on_ratio": (
        "1/16",
        "3 times the median energy of 8 samples opens a burst, often in error; below 2.5 times, always",
        _TUNED,
    ),
    "off_ratio": (
        "1/16",
        "hysteresis: a burst ends below 2.25 times the median",
        _TUNED,
    ),
    "onset_share": (
        "1/16",
        "the first sample with 0.3 of the greatest energy is the onset",
        _TUNED,
    ),
    "release": (
        "samples",
        "77 ms of quiet end a burst: more than half a period at 6.5 Hz",
        "half a period at 6.5 Hz, the lower limit of a finger's natural frequency; validation/detection",
    ),
    "warm_up": (
        "samples",
        "2 s until gravity and floor have settled",
        "time constants of the filters, docs/detector.md",
    ),
    "twitch_max": (
        "samples",
        "0.5 s: the longest twitch and the shortest spasm",
        "AASM: fragmentary myoclonus lasts at most 0.15 s; a longer contraction is sustained",
    ),
    "jerk_peak": (
        "LSB",
        "300 mg: more than one motor unit can cause; a twitch of the whole thumb reaches 700 mg",
        "motor-unit forces of 3-34 mN on a finger's mass; docs/detection.md",
    ),
    "vigorous": (
        "(8 LSB)^2",
        "swings of 50 mg: voluntary, or a strong tremor",
        _HANDS,
    ),
    "vigorous_run": (
        "samples",
        "for more than half of 0.4 s; a shorter swing is a jerk",
        _HANDS,
    ),
    "tilt": (
        "LSB",
        "gravity turns by 30 mg (1.7 degrees) in a second: ten times breathing",
        _HANDS,
    ),
    "hold": (
        "samples",
        "rest begins 2 s after the last movement, when skin and bed are still; at least 1 s, as a turn",
        _HANDS,
    ),
    "epoch": (
        "samples",
        "one minute",
        "actigraphy counts by the minute; at most 50 minutes, so that the counts of bursts fit their fields",
    ),
    "worn_ratio": (
        "1/16",
        "ratio of 0.26-2.2 Hz to the band: 0.13 for white noise, twice that on a wrist",
        "white noise by bandwidth; wrists: docs/detection.md",
    ),
    "still_floor": (
        "(LSB/32)^2",
        "1.1 mg rms an axis: above that, noise can hide pulse and breath",
        "noise densities of the chips' datasheets; docs/detection.md",
    ),
    "fit": (
        "1/16",
        "a twitch has up to 1.44 times the energy that its best shape explains; a knock 1.6, cloth 1.8",
        _TUNED,
    ),
    "likeness": (
        "1/16",
        "evidence of 42 variances of the noise, less with more energy: once in 20 h of sensor noise",
        "Kay 1998, II, 7.4; validation/detection, its seeds for tuning",
    ),
    "pulse_sway": (
        "1/64",
        "a swing explains a heartbeat at least 0.95 times as well as a twitch's shape does, less what noise "
        "and the rhythm make of it",
        "validation/detection, modelled pulses and its seeds for tuning",
    ),
    "line_share": (
        "1/128",
        "60 % of the 1-15 Hz power is within 0.5 Hz of the peak and of twice its frequency",
        "validation/detection, against ParaDigMa and labelled rest tremor",
    ),
    "line_amplitude": (
        "LSB/13.5",
        "4 mg rms: above the physiological tremor of a resting hand",
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
        "a bout continues across one window without rhythm",
        _TUNED,
    ),
    "bout_max": (
        "samples",
        "10 min: a longer tremor is reported in parts; parts of less than 10 s would fill the log",
        "a record must not wait for the end of a tremor that lasts all night",
    ),
    "clip": (
        "LSB",
        "8 mg from the end of the range, which a driver that scales may not reach; beyond half of the "
        "range, 1 g clips",
        "int16; sensitivity tolerance of the chips",
    ),
    "stuck_run": (
        "samples",
        "0.2 s of the same value on an axis at the end of a burst",
        "at most 6 samples in any recording; docs/detection.md",
    ),
    "gravity_least": (
        "LSB",
        "0.7 g: between 1 g minus offset and tolerance (0.9 g) and half of 1 g, as in the next range",
        "zero-g offset 40 mg, MPU-6050 80 mg (datasheets); 0.84-1.04 g in recordings",
    ),
    "gravity_most": (
        "LSB",
        "1.4 g: between 1 g plus both (1.1 g) and twice 1 g, as in the other range",
        "as gravity_least",
    ),
    "hum_first": (
        "1/1024",
        "correlation of neighbouring second differences -0.74: -0.67 in white noise",
        "second differences of white noise and of 42-52 Hz, 1 + r; docs/detector.md",
    ),
    "hum_second": (
        "1/1024",
        "the same for every other sample, 0.25: 0.17 in white noise",
        "as hum_first",
    ),
    "weak_amplitude": (
        "LSB/13.5",
        "1.25 mg rms: below line_amplitude, a tremor needs a purer line and one more window",
        _HANDS,
    ),
    "weak_share": (
        "1/128",
        "70 % of the 1-15 Hz power in the line of a weak tremor: never in healthy hands, daily life or "
        "trains of twitches",
        _HANDS,
    ),
    "beat_share": (
        "1/16",
        "a twitch matches its shapes better than swings of 4 to 7 Hz; a pulse or a swinging mattress does "
        "not",
        "ISO 2631-1 on the vibration of bodies; validation/detection, tuning seeds",
    ),
    "unrest": (
        "1/16",
        "up to 1.13 times the floor, the energy of the last seconds is within the floor's own scatter",
        _TUNED,
    ),
    "slow_turn": (
        "LSB/13.5",
        "10 deg/s rms of rotation at 1.1-2.4 Hz, by a gyroscope: the hand is not at rest",
        "three times ParaDigMa's limit for an arm at rest, because strong tremor has some too; "
        "docs/detection.md",
    ),
    "sway": (
        "1/16",
        "a hand that turns by more than `tilt` rests if that is less than 0.31 times its tremor's rms",
        "recordings of patients: 0.24 or more; hands that turn on request: 0.33 or more; docs/detector.md",
    ),
    "breath": (
        "LSB",
        "110 mg from the mean of 8 s, and within a second: a breath turns the hand 5 degrees to and fro",
        "5 degrees of 1 g are 87 mg, and 92 mg within a second behind gravity's filter; docs/detector.md",
    ),
    "steady": (
        "bins/1024",
        "0.02 Hz from the mean frequency on average over a minute: a machine's line; hands have 0.04 or more",
        "recordings of patients: at least 0.039 Hz; modelled machines: at most 0.011 Hz; docs/detector.md",
    ),
}
