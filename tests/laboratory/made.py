"""Recordings of a modelled hand that twitches, written as CSV."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twitchwatch.recording import write_csv
from twitchwatch.sim.twitch import twitch_waveform

RATE_HZ = 104
# A twitch every this many seconds, after the detector has settled.
FIRST_S, EVERY_S = 6.0, 2.7


def twitching_hand(path: Path, twitches: int, seconds: float = 20.0, *, tremor_s: float = 0.0) -> Path:
    """A still hand with this many modelled twitches of 60 mg, and 5 Hz tremor at its end; always the same."""
    rng = np.random.default_rng(11)
    seconds = max(seconds, FIRST_S + EVERY_S * twitches + 4) + tremor_s
    t_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    acc_g = rng.normal([0, 0.6, 0.8], 0.0008, (len(t_s), 3))
    acc_g[:, 0] += 0.004 * np.sin(2 * np.pi * 0.25 * t_s)
    for number in range(twitches):
        wave = twitch_waveform(rng, peak_mg=60) / 1000
        at = round((FIRST_S + EVERY_S * number + rng.uniform(0, 0.6)) * RATE_HZ)
        acc_g[at : at + len(wave)] += wave
    if tremor_s:
        swing = 0.03 * np.sin(2 * np.pi * (5.0 * t_s + 0.4 * np.sin(t_s / 6)))
        acc_g[:, 1] += swing * (t_s >= seconds - tremor_s)
    write_csv(path, t_s, acc_g)
    return path
