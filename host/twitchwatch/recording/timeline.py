"""From raw time stamps (with jitter, holes and gaps) to segments on the 104 Hz timeline."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline
from scipy.ndimage import median_filter

from twitchwatch.errors import RecordingError
from twitchwatch.recording.faults import find_fault
from twitchwatch.recording.model import SAMPLE_RATE_HZ, Recording, Segment
from twitchwatch.recording.rate import GAP_S, is_batched, sampling_rate_hz
from twitchwatch.recording.resample import conversion, quantise, to_sensor_rate
from twitchwatch.recording.step import step_g, with_noise_of_step

LOSS_TO_REPORT = 0.05
"""From here on, samples lost at random make the size of a twitch uncertain."""

ON_GRID = 0.4
"""In steps: closer stamps belong to a place on the grid, whatever their jitter."""

SMALL_HOLE = 3
"""Up to so many lost samples are not mentioned: at 100 Hz a hole of 30 ms is shorter than any twitch."""


def recording_from_array(
    acc_g: NDArray[np.floating],
    *,
    t_s: NDArray[np.floating] | None = None,
    rate_hz: float | None = None,
    gyro_dps: NDArray[np.floating] | None = None,
    source: str = "array",
) -> Recording:
    """Make a recording of acc_g (n, 3) in g, with either its time stamps (n,) in s or its rate.

    Raises RecordingError, naming the sample, for the faults that `find_fault` detects; ValueError for shapes
    that do not match.
    """
    acc = np.asarray(acc_g, dtype=np.float64)
    if (t_s is None) == (rate_hz is None):
        raise ValueError("give either t_s or rate_hz")
    times = np.arange(len(acc)) / rate_hz if rate_hz is not None else np.asarray(t_s, dtype=np.float64)
    gyro = None if gyro_dps is None else np.asarray(gyro_dps, dtype=np.float64)
    if acc.shape != (len(times), 3) or (gyro is not None and gyro.shape != acc.shape):
        raise ValueError("acc_g and gyro_dps must be (n, 3), with one row for each t_s")
    _finite(source, times, acc, gyro)
    fault = find_fault(times, acc)
    if fault is not None:
        raise RecordingError(f"{source}, sample {fault.row}: {fault.what}. {fault.remedy}")
    return place(source, times, acc, gyro)


def _finite(source: str, *columns: NDArray[np.float64] | None) -> None:
    for column in columns:
        if column is not None and not (finite := np.isfinite(column)).all():
            row = int(np.argmin(finite.reshape(len(column), -1).all(axis=1)))
            raise RecordingError(
                f"{source}, sample {row}: a value is NaN or infinite. Leave out what was not measured."
            )


def place(
    source: str,
    t_s: NDArray[np.float64],
    acc_g: NDArray[np.float64],
    gyro_dps: NDArray[np.float64] | None,
) -> Recording:
    """Build the recording from faultless samples: t_s (n,) rising, acc_g in g and gyro_dps (n, 3).

    The sensor is assumed to sample evenly, and a jittering stamp to be late. A hole of more than 1 s divides
    the recording. A shorter one is bridged by a straight line and listed in `interpolated`; one of up to 3
    samples is bridged by the spline and not listed. A segment starts on the timeline's sample that is nearest
    to its first stamp.
    """
    rate_hz = sampling_rate_hz(t_s)
    ratio = conversion(rate_hz)
    step_s = float(ratio) / SAMPLE_RATE_HZ
    t_s, batched = (_spread(t_s, step_s), True) if is_batched(t_s) else (t_s, False)
    step = step_g(acc_g)
    acc_g = with_noise_of_step(acc_g, step)
    channels = acc_g if gyro_dps is None else np.hstack([acc_g, gyro_dps])
    segments: list[Segment] = []
    holes: list[tuple[float, float]] = []
    bounds = [0, *(np.flatnonzero(np.diff(t_s) > GAP_S) + 1).tolist(), len(t_s)]
    for first, last in pairwise(bounds):
        since_s = t_s[first:last] - t_s[first]
        even, bridged = _even_out(since_s, channels[first:last], step_s)
        start_s = float(t_s[first] - t_s[0])
        holes += [(start_s + hole_s, duration_s) for hole_s, duration_s in bridged]
        resampled = to_sensor_rate(even, ratio)
        segments.append(
            Segment(
                start_sample=max(round(start_s * SAMPLE_RATE_HZ), segments[-1].end_sample if segments else 0),
                samples=quantise(resampled[:, :3]),
                gyro_dps=None
                if gyro_dps is None
                else np.ascontiguousarray(resampled[:, 3:], dtype=np.float32),
            )
        )
    steps_s = np.diff(t_s)
    lost = max(0.0, 1 - len(t_s) / float(steps_s[steps_s <= GAP_S].sum() * rate_hz + 1))
    notices = _stamp_notices(batched, lost)
    return Recording(source, rate_hz, tuple(segments), tuple(holes), notices=notices, lost=lost)


def _stamp_notices(batched: bool, lost: float) -> tuple[str, ...]:
    notices = []
    if batched:
        notices.append(
            "Samples share time stamps, or come in batches: they were spread evenly between batches."
        )
    if lost > LOSS_TO_REPORT:
        notices.append(f"{lost:.0%} of the samples are missing: sizes are uncertain.")
    return tuple(notices)


def _spread(t_s: NDArray[np.float64], step_s: float) -> NDArray[np.float64]:
    """Lay the samples of each batch evenly up to the stamp of its last one, which came when it was made.

    They fill the time since the batch before; if that is far more than they need, a batch was lost, and they
    keep the usual step.
    """
    ends = np.append(np.flatnonzero(np.diff(t_s) > step_s), len(t_s) - 1)
    counts = np.diff(ends, prepend=-1)
    took_s = np.diff(t_s[ends], prepend=t_s[ends[0]] - counts[0] * step_s)
    own_s = counts * step_s
    lost = took_s - own_s > np.maximum(0.5 * own_s, SMALL_HOLE * step_s)
    steps_s = np.where(lost, step_s, took_s / counts)
    to_end = np.repeat(ends, counts) - np.arange(len(t_s))
    spread: NDArray[np.float64] = np.repeat(t_s[ends], counts) - to_end * np.repeat(steps_s, counts)
    return np.maximum.accumulate(spread)


def _even_out(
    since_s: NDArray[np.float64], values: NDArray[np.float64], step_s: float
) -> tuple[NDArray[np.float64], list[tuple[float, float]]]:
    """Convert (n, channels) to an even grid of `step_s` from the first stamp on; also returns the holes.

    If the stamps deviate from the grid by less than one lost sample would cause, they only jitter, and the
    samples pass unchanged. Otherwise a running median of one second removes late stamps from the deviation,
    which preserves drift and lost samples (both are monotone). If samples then only are missing from the
    grid, those are put on a straight line between their neighbours. If they drift along it, a cubic spline
    gives the values on the grid: exact to 0.1 % up to 0.15 of the recording's rate.
    """
    grid_s = np.arange(len(since_s)) * step_s
    late_s = since_s - grid_s
    if np.ptp(late_s) < 0.9 * step_s:
        return values, []
    window = 2 * round(0.5 / step_s) + 1
    stamps_s = grid_s + median_filter(late_s, size=min(window, len(late_s)), mode="nearest")
    crumb_s = grid_s / 100  # at least a hundredth of a step apart, or the spline has no solution
    stamps_s = np.maximum.accumulate(stamps_s - crumb_s) + crumb_s
    slots = np.rint((stamps_s - stamps_s[0]) / step_s).astype(int)
    if (
        np.abs(stamps_s - stamps_s[0] - slots * step_s).max() < ON_GRID * step_s
        and (np.diff(slots) > 0).all()
    ):
        return _filled(slots, values, step_s)
    stamps_s, values, holes = _bridge(stamps_s, values, step_s)
    even_s = np.arange(stamps_s[0], stamps_s[-1] + step_s / 100, step_s).clip(max=stamps_s[-1])
    spline = make_interp_spline(stamps_s, values, k=min(3, len(stamps_s) - 1))
    return np.asarray(spline(even_s)), holes


def _filled(
    slots: NDArray[np.intp], values: NDArray[np.float64], step_s: float
) -> tuple[NDArray[np.float64], list[tuple[float, float]]]:
    """Samples at their places on the grid, and straight lines where some are missing."""
    every = np.arange(slots[-1] + 1)
    missing = np.diff(slots) - 1
    holes = [
        (float((slots[i] + 1) * step_s), float(missing[i] * step_s))
        for i in np.flatnonzero(missing > SMALL_HOLE)
    ]
    return np.column_stack([np.interp(every, slots, channel) for channel in values.T]), holes


def _bridge(
    stamps_s: NDArray[np.float64], values: NDArray[np.float64], step_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[tuple[float, float]]]:
    """Fill holes of more than 3 samples with points on a straight line, where a spline would swing."""
    missing = np.rint(np.diff(stamps_s) / step_s).astype(int) - 1
    before = np.flatnonzero(missing > SMALL_HOLE)
    if not len(before):
        return stamps_s, values, []
    filled_s = np.concatenate(
        [np.linspace(stamps_s[i], stamps_s[i + 1], missing[i] + 2)[1:-1] for i in before]
    )
    at = np.repeat(before + 1, missing[before])
    filled = np.column_stack([np.interp(filled_s, stamps_s, channel) for channel in values.T])
    holes = [(float(stamps_s[i] + step_s), float(missing[i] * step_s)) for i in before]
    return np.insert(stamps_s, at, filled_s), np.insert(values, at, filled, axis=0), holes
