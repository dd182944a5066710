"""Analyses of a night that come with the program; yours have the same form: a night's files in, JSON out."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pyarrow.parquet as parquet

from twitchwatch.study.results import NightFiles


def kinds(night: NightFiles) -> dict[str, Any]:
    """Events by kind, as the sensor's detector found them."""
    if "events.parquet" not in night.files:
        return {}
    table = parquet.read_table(io.BytesIO(night.files["events.parquet"]), columns=["kind"])
    return dict(Counter(table.column("kind").to_pylist()))


def redetect(night: NightFiles) -> dict[str, Any]:
    """Run the present detector on a night's raw samples (raw.parquet); without any, {"raw": false}."""
    from twitchwatch.analysis.contract import RING
    from twitchwatch.analysis.vocabulary import KINDS
    from twitchwatch.recording import SAMPLE_RATE_HZ, Recording, Segment
    from twitchwatch.recording.detection import detect
    from twitchwatch.shared.detector.parameters import VERSION
    from twitchwatch.study.attaching import segments_in

    segments = tuple(Segment(start, samples) for start, samples in segments_in(night.files))
    if not segments:
        return {"raw": False}
    found = detect(Recording(night.wearer, RING, segments))
    samples = sum(len(one.samples) for one in segments)
    return {
        "raw": True,
        "detector_version": VERSION,
        "hours": round(samples / SAMPLE_RATE_HZ / 3600, 4),
        "events": dict(sorted(Counter(KINDS[event.kind] for event in found.events).items())),
        "bouts": len(found.bouts),
    }


BUILT_IN = {"kinds": kinds, "redetect": redetect}
"""By the names that the command takes."""
