"""What can be wrong with a series of samples, and how to correct it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATES_HZ = (20.0, 1000.0)
"""Below 20 Hz a tremor of 10 Hz is past Nyquist; above 1 kHz no wearable records."""

RATE_TOLERANCE = 0.01
"""Clocks of MEMS sensors and of phones are off by up to about this much (a nominal 20 Hz reads 19.9)."""

RANGE_G = 4.0
MINIMUM_S = 2.0
GRAVITY_G = (0.5, 1.5)
"""Median magnitude of a worn sensor in g, with a margin for offset and for motion."""

_STANDARD_GRAVITY = 9.80665
_EVEN = 0.9
_RUN = 100
_ACC = ("ax_g", "ay_g", "az_g")
_GYRO = ("gx_dps", "gy_dps", "gz_dps")


@dataclass(frozen=True, slots=True)
class Fault:
    """`row` counts samples from 0."""

    row: int
    what: str
    remedy: str


def sampling_rate_hz(t_s: NDArray[np.float64]) -> float:
    """Rate from the time stamps (n >= 2, rising): mean over the runs of 100 samples that lost none.

    Those agree with the usual step within less than one sample in the run, so that holes and gaps drop out.
    If more than a tenth of the steps are unusual, samples arrive in bursts and a single step means nothing:
    then a run must be within 10 % of the median run.
    """
    steps_s = np.diff(t_s)
    run = max(1, min(_RUN, len(steps_s) // 2))
    runs_s = np.diff(t_s[::run]) / run
    usual = np.abs(steps_s / np.median(steps_s) - 1) < 0.5
    if usual.mean() >= _EVEN:
        step_s, tolerance = steps_s[usual].mean(), 0.75 / run
    else:
        step_s, tolerance = np.percentile(runs_s, 50, method="lower"), 0.1
    whole = np.abs(runs_s / step_s - 1) < tolerance
    return float(1 / (runs_s[whole].mean() if whole.any() else step_s))


def find_fault(
    t_s: NDArray[np.float64], acc_g: NDArray[np.float64], gyro_dps: NDArray[np.float64] | None = None
) -> Fault | None:
    """First reason why t_s (n,), acc_g (n, 3) and gyro_dps (n, 3) cannot be a recording, or None."""
    return (
        _not_finite(t_s, acc_g, gyro_dps)
        or _time_not_rising(t_s)
        or _too_short(t_s)
        or _wrong_rate(t_s)
        or _wrong_unit(acc_g)
        or _over_range(acc_g)
    )


def _not_finite(
    t_s: NDArray[np.float64], acc_g: NDArray[np.float64], gyro_dps: NDArray[np.float64] | None
) -> Fault | None:
    columns = [("t_s", t_s), *zip(_ACC, acc_g.T, strict=True)]
    if gyro_dps is not None:
        columns += zip(_GYRO, gyro_dps.T, strict=True)
    faults = [
        Fault(
            int(np.argmin(np.isfinite(values))),
            f"{name} is {values[np.argmin(np.isfinite(values))]}",
            "Leave out the samples that were not measured: a hole in t_s is understood, a NaN or inf is not.",
        )
        for name, values in columns
        if not np.isfinite(values).all()
    ]
    return min(faults, key=lambda fault: fault.row, default=None)


def _time_not_rising(t_s: NDArray[np.float64]) -> Fault | None:
    steps_s = np.diff(t_s)
    if (steps_s > 0).all():
        return None
    row = int(np.argmax(steps_s <= 0)) + 1
    manner = "stands still" if steps_s[row - 1] == 0 else "runs backwards"
    return Fault(
        row,
        f"time {manner}: t_s goes from {t_s[row - 1]:.9g} to {t_s[row]:.9g}",
        "Sort the rows by time, drop repeated ones, and write t_s in seconds with enough decimals (six are).",
    )


def _too_short(t_s: NDArray[np.float64]) -> Fault | None:
    duration_s = t_s[-1] - t_s[0] if len(t_s) else 0.0
    if duration_s >= MINIMUM_S:
        return None
    return Fault(
        max(0, len(t_s) - 1),
        f"the recording ends after {duration_s:.3g} s",
        f"At least {MINIMUM_S:.0f} s are needed; t_s must be in seconds.",
    )


def _wrong_rate(t_s: NDArray[np.float64]) -> Fault | None:
    rate_hz = sampling_rate_hz(t_s)
    slowest, fastest = RATES_HZ
    if slowest * (1 - RATE_TOLERANCE) <= rate_hz <= fastest * (1 + RATE_TOLERANCE):
        return None
    remedy = (
        "Record at 20 Hz or more: slower samples cannot show a tremor."
        if rate_hz < slowest
        else "Thin the samples out to 1000 Hz or less with a low-pass filter first."
    )
    for unit, per_second in (("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9)):
        if slowest <= rate_hz * per_second <= fastest:
            remedy = f"t_s looks like {unit}: divide it by {per_second:.0f}."
    return Fault(
        1,
        f"t_s advances by {1 / rate_hz:.6g} s a sample, which is {rate_hz:.4g} Hz and outside "
        f"{slowest:.0f} to {fastest:.0f} Hz",
        remedy,
    )


def _wrong_unit(acc_g: NDArray[np.float64]) -> Fault | None:
    magnitude = float(np.median(np.linalg.norm(acc_g, axis=1)))
    if GRAVITY_G[0] <= magnitude <= GRAVITY_G[1]:
        return None
    if GRAVITY_G[0] <= magnitude / _STANDARD_GRAVITY <= GRAVITY_G[1]:
        remedy = f"This looks like m/s2: divide the accelerations by {_STANDARD_GRAVITY}."
    elif GRAVITY_G[0] <= magnitude / 1000 <= GRAVITY_G[1]:
        remedy = "This looks like mg: divide the accelerations by 1000."
    elif magnitude > GRAVITY_G[1] * 1000:
        remedy = "This looks like raw counts: divide the accelerations by the sensor's counts per g."
    elif magnitude < GRAVITY_G[0] / 2:
        remedy = "Gravity seems to have been taken out: export the raw acceleration, not the linear one."
    else:
        remedy = "Export ax_g, ay_g and az_g in g, with gravity left in."
    return Fault(
        0,
        f"from here on the acceleration has a median of {magnitude:.4g}, where gravity alone gives 1 g",
        remedy,
    )


def _over_range(acc_g: NDArray[np.float64]) -> Fault | None:
    over = np.abs(acc_g) > RANGE_G
    if not over.any():
        return None
    row = int(np.argmax(over.any(axis=1)))
    axis = int(np.argmax(over[row]))
    return Fault(
        row,
        f"{_ACC[axis]} is {acc_g[row, axis]:.6g}, over the range of +-{RANGE_G:.0f} g",
        "If the values are in m/s2 or mg, convert them to g; if the sensor has a wider range, limit them to "
        "+-4 g, which is what ours would have read.",
    )
