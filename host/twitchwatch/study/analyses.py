"""Analyses of a night that come with the program; yours have the same form: a night's files in, JSON out."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import numpy as np
import pyarrow.parquet as parquet

from twitchwatch.study.results import NightFiles


def kinds(night: NightFiles) -> dict[str, Any]:
    """Events by kind, as the sensor's detector found them."""
    table = parquet.read_table(io.BytesIO(night.files["events.parquet"]), columns=["kind"])
    return dict(Counter(table.column("kind").to_pylist()))


def redetect(night: NightFiles) -> dict[str, Any]:
    """Run the present detector on a night's raw samples (raw.parquet: x, y, z in counts at 104 Hz).

    A night without raw samples gives {"raw": false}.
    """
    from twitchwatch.analysis.contract import RING
    from twitchwatch.analysis.vocabulary import KINDS
    from twitchwatch.recording import Recording, Segment
    from twitchwatch.recording.detection import detect
    from twitchwatch.shared.detector.parameters import VERSION

    if "raw.parquet" not in night.files:
        return {"raw": False}
    table = parquet.read_table(io.BytesIO(night.files["raw.parquet"]))
    samples = np.column_stack([table.column(axis).to_numpy() for axis in "xyz"]).astype("<i2")
    found = detect(Recording(night.wearer, RING, (Segment(0, np.ascontiguousarray(samples)),)))
    return {
        "raw": True,
        "detector_version": VERSION,
        "hours": round(len(samples) / 104 / 3600, 4),
        "events": dict(sorted(Counter(KINDS[event.kind] for event in found.events).items())),
        "bouts": len(found.bouts),
    }


BUILT_IN = {"kinds": kinds, "redetect": redetect}
"""By name, as `twitchwatch study run` takes them."""
