"""A recording as the log of a sensor: the records that a ring in its place would have written."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from twitchwatch.analysis.contract import CONTRACT_VERSION, SOURCE_CONTRACT
from twitchwatch.clock.zone import offset_name
from twitchwatch.recording.detection import Detection
from twitchwatch.recording.model import SAMPLE_RATE_HZ, Recording
from twitchwatch.shared.detector.parameters import LSB_NANO_G, NAMES, VERSION, table
from twitchwatch.shared.detector.words import duration_ms
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.records import MOVEMENT, Epoch, Event, Tremor
from twitchwatch.shared.protocol.snippets import BEFORE, BOUT_COUNT, BOUT_STEP, COUNT, pack_waveform

CHIP_RECORDING = 254
"""In the place of a sensor's chip; no firmware has this number."""

_BOOT_ID = 1
_SECOND_US = 1_000_000
# A sensor's first minute has a clock that is not known yet (analysis/nights.py); a recording's is.
_BEGIN_US = 60 * _SECOND_US
_UNCERTAINTY_US = 100_000
_RATE_MILLI_HZ = SAMPLE_RATE_HZ * 1000


def log_of(recording: Recording, found: Detection, changed: dict[str, int], zone: str) -> list[bytes]:
    """The encoded records, numbered from 0, of a recording whose `start` is known.

    changed: thresholds by name. zone: where it was recorded, by name, empty if that is not known. Time that
    was bridged is lost in the records, because nothing was measured there. Raises ValueError without a start.
    """
    if recording.start is None or recording.start.tzinfo is None:
        raise ValueError("a log needs the moment of the first sample")
    log = _Log()
    values = table(changed)
    boot = protocol.Boot(
        firmware_major=0,
        firmware_minor=0,
        firmware_patch=0,
        reset_cause=protocol.RESET_UNKNOWN,
        detector_version=VERSION,
        log_state=protocol.LOG_NEW,
        chip=CHIP_RECORDING,
        parameters_crc=found.parameters_crc,
        rate_milli_hz=_RATE_MILLI_HZ,
        lsb_nano_g=LSB_NANO_G,
        free_heap=0,
        recovered=0,
    )
    log.add(protocol.BOOT, 0, boot)
    text = "{" + ",".join(f'"{name}":{value}' for name, value in zip(NAMES, values, strict=True)) + "}"
    log.add(protocol.SETTINGS, 0, (protocol.DETECTOR_PARAMETERS, VERSION), text.encode())
    contract = json.dumps(found.contract.plain()).encode()
    log.add(protocol.SETTINGS, 0, (SOURCE_CONTRACT, CONTRACT_VERSION), contract)
    for first, count in recording.gap_samples:
        lost = (protocol.SAMPLES, protocol.RECORDING_HOLE, first, count, duration_ms(count))
        log.add(protocol.GAP, first, lost)
    starts = [segment.start_sample for segment in recording.segments]
    for body in found.reported.bodies:
        if isinstance(body, Epoch):
            log.add(protocol.EPOCH, body.sample, _without_bridged(body, recording.interpolated))
            continue
        kind = protocol.EVENT if isinstance(body, Event) else protocol.TREMOR
        seq = log.add(kind, body.sample, body)
        for shown in _waveform(recording, starts, seq, body):
            log.add(protocol.SNIPPET, shown[0].sample, *shown)
    start_us = round(recording.start.astimezone(UTC).timestamp() * _SECOND_US)
    for sample in (0, recording.segments[-1].end_sample):
        utc_us = start_us + round(sample * _SECOND_US / SAMPLE_RATE_HZ)
        log.add(protocol.ANCHOR, sample, (utc_us, _UNCERTAINTY_US), zone.encode("ascii"))
    return log.records


def zone_of_start(start: datetime) -> str:
    """The name of the zone in which a recording states its start."""
    return "UTC" if start.tzinfo is UTC else offset_name(start)


class _Log:
    def __init__(self) -> None:
        self.records: list[bytes] = []

    def add(self, kind: int, sample: int, body: Sequence[int], tail: bytes = b"") -> int:
        seq = len(self.records)
        time_us = _BEGIN_US + round(sample * _SECOND_US / SAMPLE_RATE_HZ)
        self.records.append(protocol.encode(kind, seq, _BOOT_ID, time_us, tuple(body), tail))
        return seq


def _without_bridged(epoch: Epoch, holes: Sequence[tuple[float, float]]) -> Epoch:
    begin_s = epoch.sample / SAMPLE_RATE_HZ
    spent_ms = epoch.rest_ms + epoch.moving_ms + epoch.not_worn_ms + epoch.lost_ms + epoch.unusable_ms
    end_s = begin_s + spent_ms / 1000
    bridged_ms = round(
        sum(
            1000 * max(0.0, min(end_s, start_s + duration_s) - max(begin_s, start_s))
            for start_s, duration_s in holes
        )
    )
    still = min(bridged_ms, epoch.rest_ms)
    moving = min(bridged_ms - still, epoch.moving_ms)
    return epoch._replace(
        rest_ms=epoch.rest_ms - still,
        moving_ms=epoch.moving_ms - moving,
        lost_ms=epoch.lost_ms + still + moving,
        live_ms=max(0, min(epoch.live_ms, epoch.live_ms - still)),
    )


def _waveform(
    recording: Recording, starts: Sequence[int], seq: int, body: Event | Tremor
) -> Iterator[tuple[protocol.Snippet, bytes]]:
    """The snippet of an event, or of the end of a bout, if it lies within one segment."""
    first, count, step = body.sample - BEFORE, COUNT, 1
    if isinstance(body, Tremor):
        length = round(body.duration_ms * SAMPLE_RATE_HZ / 1000)
        count, step = min(BOUT_COUNT, length // BOUT_STEP), BOUT_STEP
        first = body.sample + length - count * step
    elif body.kind == MOVEMENT:
        return
    segment = recording.segments[max(0, bisect_right(starts, first) - 1)]
    at = first - segment.start_sample
    if count == 0 or at < 0 or at + count * step > len(segment.samples):
        return
    samples = np.asarray(segment.samples[at : at + count * step], dtype=np.int64)
    if step > 1:
        samples = np.rint(samples.reshape(count, step, 3).mean(axis=1)).astype(np.int64)
    encoding, tail = pack_waveform(samples.ravel().tolist())
    yield protocol.Snippet(seq, first, _RATE_MILLI_HZ // step, LSB_NANO_G, count, encoding), tail
