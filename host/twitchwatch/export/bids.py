"""Export of raw captures as a BIDS dataset: Motion-BIDS, specification 1.10.0.

https://bids-specification.readthedocs.io/en/v1.10.0/modality-specific-files/motion.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from twitchwatch import __version__
from twitchwatch.errors import RecordingError, UsageError
from twitchwatch.journal.book import Wearer
from twitchwatch.journal.fields import SEXES
from twitchwatch.recording.csv_file import GYRO, REQUIRED

BIDS_VERSION = "1.10.0"
DEFAULT_SUBJECT = "01"
# Standard gravity, SI brochure (9th edition), and radians in a degree: BIDS units are those of the SI.
_G = 9.80665
_DEGREE = np.pi / 180
# BIDS asks to give greater ages as 89 (Modality-agnostic files, Participants file): they identify people.
_OLDEST = 89
_COLUMNS = {
    "age": {"Description": "Year of the export less the year of birth", "Units": "year"},
    "sex": {"Description": "As noted by the participant", "Levels": {one: one for one in SEXES}},
}
_TASK, _SYSTEM, _POINT = "rest", "imu", "finger"


@dataclass(frozen=True, slots=True)
class Capture:
    """A file of `twitchwatch capture`. t_s: (n,) in s; columns: (n, 3) or (n, 6) in m/s^2 and rad/s."""

    t_s: NDArray[np.float64]
    columns: NDArray[np.float64]

    @property
    def gyroscope(self) -> bool:
        """Whether rotation was recorded."""
        return int(self.columns.shape[1]) > len(REQUIRED) - 1

    @property
    def rate_hz(self) -> float:
        """Samples per second, as the median interval gives it."""
        return round(float(1 / np.median(np.diff(self.t_s))), 4)


def read_capture(path: Path) -> Capture:
    """A capture as it was written. Raises RecordingError if the file is not one, or is damaged."""
    try:
        table = arrow_csv.read_csv(path)
    except (arrow.ArrowInvalid, OSError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path}: cannot be read as a capture ({_first_line(error)}).") from error
    names = (*REQUIRED, *GYRO) if GYRO[0] in table.column_names else REQUIRED
    if tuple(table.column_names) != names:
        raise RecordingError(
            f"{path}: not a file of `twitchwatch capture -o FILE`, whose first line is {','.join(REQUIRED)}. "
            "Other formats have no exact rate and range here; export them with their manufacturer's own "
            "program."
        )
    try:
        values = np.column_stack([table.column(name).cast(arrow.float64()).to_numpy() for name in names])
    except arrow.ArrowInvalid as error:
        raise RecordingError(f"{path}: a cell is not a number ({_first_line(error)}).") from error
    if len(values) < 2 or not np.isfinite(values).all() or (np.diff(values[:, 0]) <= 0).any():
        raise RecordingError(
            f"{path}: damaged: fewer than two samples, an empty cell, or times that do not increase. Capture "
            "again."
        )
    scale = np.array([_G] * 3 + [_DEGREE] * (len(names) - 4))
    return Capture(values[:, 0], values[:, 1:] * scale)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def write_bids(
    captures: Sequence[Path], folder: Path, subject: str | None, wearer: Wearer, year: int
) -> list[Path]:
    """Write a dataset of one participant, a run for each capture.

    subject: the participant's label. wearer: the participant. year: of the export, from which the age
    follows. Raises UsageError without captures, RecordingError for a file that is not one, and OSError.
    """
    if not captures:
        raise UsageError(
            "BIDS holds raw samples, which the database does not have: add --capture FILE, a file of "
            "`twitchwatch capture -o FILE`."
        )
    label = f"sub-{subject or DEFAULT_SUBJECT}"
    motion = folder / label / "motion"
    motion.mkdir(parents=True)
    written = _dataset(folder) + _participants(folder, label, wearer, year)
    for run, path in enumerate(captures, 1):
        capture = read_capture(path)
        stem = f"{label}_task-{_TASK}_tracksys-{_SYSTEM}_run-{run:02d}"
        samples = motion / f"{stem}_motion.tsv"
        np.savetxt(
            samples, np.column_stack([capture.columns, capture.t_s - capture.t_s[0]]), "%.6f", delimiter="\t"
        )
        described = motion / f"{stem}_motion.json"
        _json(described, _described(capture))
        channels = motion / f"{stem}_channels.tsv"
        channels.write_text(_channels(capture), encoding="utf-8")
        written += [samples, described, channels]
    return written


def _dataset(folder: Path) -> list[Path]:
    description = folder / "dataset_description.json"
    _json(
        description,
        {
            "Name": "Finger motion recorded with Twitchwatch",
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "raw",
            "GeneratedBy": [{"Name": "twitchwatch", "Version": __version__}],
        },
    )
    readme = folder / "README.md"
    readme.write_text(
        "# Finger motion\n\nRaw samples of an accelerometer worn on a finger or wrist at rest, captured with"
        " Twitchwatch.\nTimes of the samples are in the latency channel: dropped samples leave a gap.\n"
        "Not recorded for a diagnosis.\n",
        encoding="utf-8",
    )
    return [description, readme]


def _participants(folder: Path, label: str, wearer: Wearer, year: int) -> list[Path]:
    """The participant, with age and sex if they are noted."""
    known = {}
    if wearer.birth_year is not None:
        known["age"] = str(min(_OLDEST, year - wearer.birth_year))
    if wearer.sex is not None:
        known["sex"] = wearer.sex
    table = folder / "participants.tsv"
    rows = ("participant_id", *known), (label, *known.values())
    table.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    if not known:
        return [table]
    described = folder / "participants.json"
    _json(described, {name: _COLUMNS[name] for name in known})
    return [table, described]


def _described(capture: Capture) -> dict[str, Any]:
    gyroscope = 3 if capture.gyroscope else 0
    return {
        "TaskName": _TASK,
        "TaskDescription": "The hand lies still; involuntary motion is recorded.",
        "SamplingFrequency": capture.rate_hz,
        "TrackingSystemName": "Twitchwatch ring or wrist sensor",
        "RecordingType": "continuous",
        "SoftwareVersions": f"twitchwatch {__version__}",
        "TrackedPointsCount": 1,
        "MotionChannelCount": 4 + gyroscope,
        "ACCELChannelCount": 3,
        "GYROChannelCount": gyroscope,
        "LATENCYChannelCount": 1,
        "MissingValues": "n/a",
    }


def _channels(capture: Capture) -> str:
    rows = [("name", "component", "type", "tracked_point", "units", "placement", "sampling_frequency")]
    kinds = [("acc", "ACCEL", "m/s^2"), ("gyro", "GYRO", "rad/s")][: 2 if capture.gyroscope else 1]
    for name, kind, unit in kinds:
        rows += [
            (f"{name}_{axis}", axis, kind, _POINT, unit, "finger or wrist", str(capture.rate_hz))
            for axis in "xyz"
        ]
    rows.append(("latency", "n/a", "LATENCY", "n/a", "s", "n/a", f"{capture.rate_hz}"))
    return "".join("\t".join(row) + "\n" for row in rows)


def _json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
