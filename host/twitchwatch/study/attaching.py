"""Raw recordings in a study: samples of a night beside its tables, for analyses that start from them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet
from numpy.typing import NDArray

from twitchwatch.errors import OutputError, UsageError
from twitchwatch.recording import Recording, read_recording
from twitchwatch.study.folder import Folder
from twitchwatch.study.partitions import Manifest, write_partition
from twitchwatch.study.pseudonyms import KeyFile
from twitchwatch.study.register import takes_part

RAW = "raw.parquet"
_COLUMNS = (("start_sample", np.int64), ("x", np.int16), ("y", np.int16), ("z", np.int16))


def attach(folder: Folder, key: KeyFile, label: str, night: date, path: Path) -> Manifest:
    """Put a recording, of any format that `detect` reads, into the study as raw.parquet of a night.

    Raises UsageError if nobody takes part under this label, RecordingError, and OutputError.
    """
    wearer = key.pseudonym(label)
    nobody = UsageError(f"Nobody takes part under the label {label!r}; see `twitchwatch study add --help`.")
    if not takes_part(folder, wearer):
        raise nobody
    recording = read_recording(path)
    content = raw_file(recording)
    digest = hashlib.sha256(content).hexdigest()
    start = "" if recording.start is None else recording.start.isoformat()
    # A recording is a sensor of its own: it is not known whether the ring or something else made it.
    manifest = Manifest(wearer, night.isoformat(), key.sensor(f"raw:{digest}"), digest, start)
    try:
        written = write_partition(folder, manifest, {RAW: content})
    except OutputError:
        if takes_part(folder, wearer):
            raise
        raise nobody from None
    if not takes_part(folder, wearer):
        # Withdrawn while the recording was read.
        folder.remove(manifest.place)
        raise nobody
    return written


def raw_file(recording: Recording) -> bytes:
    """The samples as a Parquet file: start_sample of each segment, and x, y, z in counts at 104 Hz."""
    columns: dict[str, list[NDArray[np.generic]]] = {name: [] for name, _ in _COLUMNS}
    for segment in recording.segments:
        samples = np.asarray(segment.samples)
        columns["start_sample"].append(np.full(len(samples), segment.start_sample, dtype=np.int64))
        for at, axis in enumerate("xyz"):
            columns[axis].append(samples[:, at])
    table = arrow.table(
        {name: np.concatenate(columns[name]).astype(kind, copy=False) for name, kind in _COLUMNS}
    )
    written = io.BytesIO()
    parquet.write_table(table, written, compression="zstd")
    return written.getvalue()


def segments_in(files: Mapping[str, bytes]) -> list[tuple[int, NDArray[np.int16]]]:
    """The start and the samples (n, 3) of each segment; none if the night has no raw samples."""
    if RAW not in files:
        return []
    # Each worker has one processor: more threads would take those of other workers.
    table = parquet.read_table(arrow.BufferReader(files[RAW]), use_threads=False)
    starts = table.column("start_sample").to_numpy()
    samples = np.empty((len(starts), 3), dtype="<i2")
    for at, axis in enumerate("xyz"):
        samples[:, at] = table.column(axis).to_numpy()
    cuts = [0, *(np.flatnonzero(starts[1:] != starts[:-1]) + 1), len(starts)]
    return [(int(starts[first]), samples[first:past]) for first, past in pairwise(cuts) if past > first]
