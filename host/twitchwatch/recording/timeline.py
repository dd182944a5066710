"""From raw time stamps (with jitter, holes and gaps) to segments on the 104 Hz timeline, piece by piece."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.analysis.contract import Contract
from twitchwatch.errors import RecordingError
from twitchwatch.recording.faults import find_fault
from twitchwatch.recording.lone import LoneReadings
from twitchwatch.recording.measured import Measured, Values
from twitchwatch.recording.model import Recording
from twitchwatch.recording.outline import outline, spread
from twitchwatch.recording.progress import Progress, unseen
from twitchwatch.recording.rate import Pace
from twitchwatch.recording.resample import conversion, grid_step_s
from twitchwatch.recording.sensed import Sensed
from twitchwatch.recording.series import ArraySeries, ArrayStamps, EvenStamps, Series
from twitchwatch.recording.units import Fault, scale_of

LOSS_TO_REPORT = 0.05
"""From here on, samples lost at random make the size of a twitch uncertain."""


def recording_from_array(
    acc_g: NDArray[np.floating],
    *,
    t_s: NDArray[np.floating] | None = None,
    rate_hz: float | None = None,
    gyro_dps: NDArray[np.floating] | None = None,
    source: str = "array",
) -> Recording:
    """Make a recording of acc_g (n, 3) in g, with either its time stamps (n,) in s or its rate.

    Raises RecordingError, naming the sample, for the faults that `find_fault` detects, and if gravity is not
    1 g; ValueError for shapes that do not match.
    """
    acc = np.asarray(acc_g, dtype=np.float64)
    if (t_s is None) == (rate_hz is None):
        raise ValueError("give either t_s or rate_hz")
    times = np.arange(len(acc)) / rate_hz if rate_hz is not None else np.asarray(t_s, dtype=np.float64)
    gyro = None if gyro_dps is None else np.asarray(gyro_dps, dtype=np.float64)
    if acc.shape != (len(times), 3) or (gyro is not None and gyro.shape != acc.shape):
        raise ValueError("acc_g and gyro_dps must be (n, 3), with one row for each t_s")
    _finite(source, times, acc, gyro)
    stamps = ArrayStamps(times) if rate_hz is None else EvenStamps(len(acc), rate_hz)
    pace = Pace(stamps)
    fault = find_fault(pace) or _wrong_unit(acc)
    if fault is not None:
        raise RecordingError(f"{source}, sample {fault.row}: {fault.what}. {fault.remedy}")
    values = Values()
    values.add(acc)
    series = ArraySeries(stamps, acc if gyro is None else np.hstack([acc, gyro]))
    return place(source, series, Measured(values, pace), pace)


def _wrong_unit(acc_g: NDArray[np.float64]) -> Fault | None:
    scale = scale_of(np.linalg.norm(acc_g, axis=1), 1.0, by_size=False)
    return scale if isinstance(scale, Fault) else None


def _finite(source: str, *columns: NDArray[np.float64] | None) -> None:
    for column in columns:
        if column is not None and not (finite := np.isfinite(column)).all():
            row = int(np.argmin(finite.reshape(len(column), -1).all(axis=1)))
            raise RecordingError(
                f"{source}, sample {row}: a value is NaN or infinite. Leave out values that were not "
                "measured."
            )


def place(
    source: str, series: Series, measured: Measured, pace: Pace, progress: Progress = unseen
) -> Recording:
    """Build the recording from faultless samples, which have been measured.

    The sensor is assumed to sample evenly, and a jittering stamp to be late. A hole of more than 1 s splits
    the recording. A shorter one is bridged by a straight line and listed in `interpolated`; one of up to 3
    samples is bridged by the spline and not listed. A segment starts on the timeline's sample that is nearest
    to its first stamp.
    """
    rate_hz = pace.rate_hz
    stamps, step_s = series.stamps, grid_step_s(rate_hz)
    if pace.batched:
        stamps = spread(stamps, step_s)
    line = outline(stamps, step_s)
    sensed = Sensed(rate_hz, stamps, line.stretches[0].first_s, series.channels, measured.missing)
    stretches = iter(line.stretches)
    row = end = 0
    lone = LoneReadings(measured.step_g)
    for block in series.blocks() if conversion(rate_hz) == 1 else lone.replaced(series.blocks()):
        progress("Converting", row / pace.count)
        values = block
        while len(values):
            if row == end:
                sensed.stretch(stretch := next(stretches))
                end = row + stretch.count
            taken = values[: end - row]
            sensed.feed(row, taken)
            row += len(taken)
            values = values[len(taken) :]
            if row == end:
                sensed.end()
    lost = max(0.0, 1 - pace.count / (line.within_s * rate_hz + 1))
    contract = measured.contract(series.stamps, lost)
    return Recording(
        source,
        contract,
        sensed.segments(),
        tuple(sensed.holes),
        notices=(
            *_lone_notices(lone.count),
            *_sensor_notices(measured.at_end, contract),
            *_stamp_notices(pace.batched, lost),
        ),
    )


def _lone_notices(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    readings = "1 reading was" if count == 1 else f"{count} readings were"
    return (f"{readings} far from all those around it, which no motion is, and replaced by their middle.",)


def _sensor_notices(at_end: int, contract: Contract) -> tuple[str, ...]:
    notices = []
    if at_end:
        notices.append(
            f"{at_end} samples are at the end of the sensor's range, +-{contract.range_g:.3g} g: the motion "
            "was larger, and is not counted."
        )
    if contract.levelled:
        notices.append("The sensor's noise falls with frequency: noise was added until it is level.")
    return tuple(notices)


def _stamp_notices(batched: bool, lost: float) -> tuple[str, ...]:
    notices = []
    if batched:
        notices.append(
            "Samples share timestamps, or arrive in batches: they were spread evenly between batches."
        )
    if lost > LOSS_TO_REPORT:
        notices.append(f"{lost:.0%} of the samples are missing: sizes are uncertain.")
    return tuple(notices)
