"""The sensor's detector run on a recording: the same kernels and order of steps as on the device."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from importlib.util import find_spec
from operator import or_
from typing import TYPE_CHECKING, Any

import numpy as np

from twitchwatch.analysis.contract import Contract
from twitchwatch.analysis.detection_limit import detection_limit_mg
from twitchwatch.analysis.half_width import half_width_s
from twitchwatch.analysis.live_rate import COUNTED_AS, Live, live_of
from twitchwatch.analysis.minutes import median_noise_mg
from twitchwatch.analysis.rates import RateRange, recording_range
from twitchwatch.analysis.resolve import MACHINE, Resolution, joined, resolve, whole_bouts
from twitchwatch.analysis.vocabulary import KINDS
from twitchwatch.analysis.waveform_check import WaveformCheck, waveform_check
from twitchwatch.errors import MissingExtraError
from twitchwatch.recording import SAMPLE_RATE_HZ, Recording, Segment
from twitchwatch.recording.candidates import Candidate, settled
from twitchwatch.recording.model import LSB_MG, RANGE_G
from twitchwatch.recording.progress import Progress, unseen
from twitchwatch.recording.spool import release
from twitchwatch.shared.detector import words as detector_words
from twitchwatch.shared.detector.parameters import GYRO_LSB_UDPS, LSB_NANO_G, NAMES, VERSION, checksum, table
from twitchwatch.shared.protocol.records import MOVEMENT, SPASM, TWITCH, UNLIKE, Epoch, Event, Tremor
from twitchwatch.shared.protocol.snippets import BEFORE, COUNT

if TYPE_CHECKING:
    from twitchwatch.shared.detector.detector import Detector


PIECE = 3600 * SAMPLE_RATE_HZ
"""Samples that are in memory at a time."""

_CLIP = NAMES.index("clip")
_MOST_COUNTS = 32767
_OF_RANGE = 0.99
"""Resampling leaves a clipped sample within a hundredth of the end of the range."""

_PAGES = 256
"""Waveforms of events after which the memory behind them is released: up to 64 KiB each."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Time without samples. `bridged`: at most a second, filled by a straight line before detection."""

    start_s: float
    duration_s: float
    bridged: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """How a recording's seconds were spent: rest + moving + not worn + lost + unusable is its length.

    unusable_s: at rest, but the samples could not be used. input: what was wrong with samples anywhere, sum
    of `records.INPUT_*`. tremor_s: of the rest, in an open tremor bout, in which a twitch could not be seen.
    bridged_s: of rest or movement, filled in. noise_mg: rms of one axis at rest, None without rest.
    """

    rest_s: float
    moving_s: float
    not_worn_s: float
    lost_s: float
    unusable_s: float
    tremor_s: float
    bridged_s: float
    noise_mg: float | None
    input: int

    @property
    def seen_s(self) -> float:
        """Seconds in which a twitch could have been seen."""
        return max(0.0, self.rest_s - self.tremor_s - self.bridged_s)


@dataclass(frozen=True, slots=True)
class Detection:
    """What the detector found in a recording; events and bouts are records' bodies, in chronological order.

    contract: what the sensor delivers. start: the moment of the first sample, if known. notices: what was
    converted when it was read. machines: lines that are too steady for a hand.
    looks: the result of the waveform check of an event, by event; halves: its duration at half of its peak,
    s. absorbed: bursts that were swings of a bout, not events. live: the class of every burst, and the
    rates that follow. reported: what all of this was derived from. candidates: every burst, if an account of
    them was requested. version, parameters_crc: the detector's.
    """

    source: str
    contract: Contract
    duration_s: float
    start: datetime | None
    format: str
    notices: tuple[str, ...]
    events: tuple[Event, ...]
    bouts: tuple[Tremor, ...]
    machines: tuple[Tremor, ...]
    holes: tuple[Hole, ...]
    looks: Mapping[Event, WaveformCheck]
    halves: Mapping[Event, float]
    absorbed: int
    totals: Totals
    live: Live
    reported: Reported
    candidates: tuple[Candidate, ...] | None
    version: int
    parameters_crc: int

    @property
    def twitches_visible(self) -> bool:
        """Whether the recording is fast and complete enough to show a twitch, not only tremor."""
        return self.contract.blind is None

    @property
    def detection_limit_mg(self) -> float | None:
        """The smallest twitch of which nine in ten are found; None if none can be, or nothing was at rest."""
        noise_mg = self.totals.noise_mg
        return None if noise_mg is None else detection_limit_mg(self.contract, noise_mg)

    @property
    def rate_per_h(self) -> RateRange:
        """The rate of twitches as a range, per live hour, with intervals."""
        hours: dict[int, list[Epoch]] = {}
        for epoch in self.reported.epochs if self.twitches_visible else ():
            hours.setdefault(epoch.sample // (3600 * SAMPLE_RATE_HZ), []).append(epoch)
        return recording_range(
            self.live,
            [sum(epoch.as_twitch for epoch in epochs) for epochs in hours.values()],
            [sum(epoch.live_ms for epoch in epochs) / 3.6e6 for epochs in hours.values()],
        )

    def count(self, kind: int) -> int:
        """Events of one kind of `records`."""
        return sum(event.kind == kind for event in self.events)


@dataclass(slots=True)
class Reported:
    """What the detector reported, as a sensor would log it: `bodies` in order, and each kind by itself."""

    bodies: list[Event | Tremor | Epoch] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        """Bursts and movements."""
        return [body for body in self.bodies if isinstance(body, Event)]

    @property
    def bouts(self) -> list[Tremor]:
        """Bouts, long ones in parts."""
        return [body for body in self.bodies if isinstance(body, Tremor)]

    @property
    def epochs(self) -> list[Epoch]:
        """Minutes."""
        return [body for body in self.bodies if isinstance(body, Epoch)]

    def take(self, detector: Detector) -> None:
        words: Any = detector.words
        for i in range(words[0]):
            at = 1 + i * detector_words.WORD_INTS
            match words[at]:
                case detector_words.WORD_EVENT:
                    self.bodies.append(Event(*detector_words.event_body(words, at)))
                case detector_words.WORD_BOUT:
                    self.bodies.append(Tremor(*detector_words.tremor_body(words, at)))
                case detector_words.WORD_EPOCH:
                    self.bodies.append(Epoch(*detector_words.epoch_body(words, at, 0, 0)))
        detector.clear()


def detect(
    recording: Recording,
    changed: Mapping[str, int] | None = None,
    progress: Progress = unseen,
    *,
    account: bool = False,
) -> Detection:
    """Run the detector on `recording`, including its gyroscope; at a gap exactly as the device does.

    changed: thresholds by name, within their limits, instead of their usual values. The first call compiles
    the kernels, about a second; a day of samples then takes 0.4 s. Raises
    MissingExtraError if Numba, which compiles them, is not installed. account: also list every burst.
    """
    if find_spec("numba") is None:
        raise MissingExtraError("Numba, which compiles the detector for this computer, is", "detect")
    from twitchwatch.recording.account import WatchedDetector
    from twitchwatch.shared.detector.detector import Detector

    gyro = all(segment.gyro_dps is not None for segment in recording.segments)
    values = table(dict(changed or {}))
    parameters_crc = checksum(values)
    values[_CLIP] = max(values[_CLIP], _beyond_range(recording.contract.range_g))
    watched = WatchedDetector(values, gyro=gyro) if account else None
    detector = watched or Detector(values, gyro=gyro)
    reported = Reported()
    at_sample = 0
    for segment in recording.segments:
        if segment.start_sample > at_sample:
            detector.close()
            reported.take(detector)
            detector.lose(segment.start_sample - at_sample)
        for first in range(0, len(segment.samples), PIECE):
            progress("Detecting", (segment.start_sample + first) / recording.end_sample)
            piece = segment.piece(first, first + PIECE)
            samples: Any = piece.samples.view(np.uint16).ravel()
            turning = _turning(piece) if gyro else None
            at, count = 0, len(piece.samples)
            while at < count:
                at = detector.feed(samples, at, count, turning)
                reported.take(detector)
        at_sample = segment.end_sample
    detector.close()
    reported.take(detector)
    resolution = resolve(reported.events, reported.bouts)
    totals = _totals(reported.epochs, recording.interpolated_s)
    visible = recording.contract.blind is None
    found = [event for event in resolution.events if visible or event.kind == MOVEMENT]
    events = tuple(sorted(found, key=lambda event: event.sample))
    looks = list(_looks(recording, events))
    live = _live(reported.epochs, totals, resolution)
    lines = [joined(parts) for parts in whole_bouts(reported.bouts)]
    return Detection(
        source=recording.source,
        contract=recording.contract,
        duration_s=recording.duration_s,
        start=recording.start,
        format=recording.format,
        notices=recording.notices,
        events=events,
        bouts=tuple(line for line in lines if not line.flags & MACHINE),
        machines=tuple(line for line in lines if line.flags & MACHINE),
        holes=tuple(sorted(_holes(recording), key=lambda hole: hole.start_s)),
        looks={event: look for event, look, _ in looks if look is not None},
        halves={event: half for event, _, half in looks if half is not None},
        absorbed=len(resolution.absorbed),
        totals=totals,
        live=live if visible else live.unseen(),
        reported=reported,
        candidates=None
        if watched is None
        else settled(
            watched.candidates,
            ((each.event, isinstance(each.by, Event)) for each in resolution.absorbed),
            visible,
        ),
        version=VERSION,
        parameters_crc=parameters_crc,
    )


def _beyond_range(range_g: float) -> int:
    """The threshold `clip` for a sensor of a smaller range than the ring's: counts below that."""
    if range_g >= RANGE_G:
        return 0
    return int(_MOST_COUNTS - _OF_RANGE * 1000 * range_g / LSB_MG)


def _live(epochs: list[Epoch], totals: Totals, resolution: Resolution[Event, Tremor]) -> Live:
    # A jerk is not moved: the record does not say whether it was a burst or a movement.
    classes = {TWITCH: "twitch", UNLIKE: "unlike", SPASM: "several"}
    homes: tuple[list[str], list[str]] = ([], [])
    for each in resolution.absorbed:
        if each.event.kind in classes:
            homes[isinstance(each.by, Event)].append(classes[each.event.kind])
    counts = [sum(getattr(epoch, name) for epoch in epochs) for name in COUNTED_AS.values()]
    live_s = _seconds([epoch.live_ms for epoch in epochs]) - totals.bridged_s
    return live_of(counts, live_s, totals.seen_s, *homes)


def _turning(segment: Segment) -> Any:
    """The gyroscope's samples as the sensor would have counted them."""
    lsb = np.rint(np.asarray(segment.gyro_dps) * (1e6 / GYRO_LSB_UDPS))
    return np.clip(lsb, -32768, 32767).astype(np.int16).view(np.uint16).ravel()


def _looks(
    recording: Recording, events: tuple[Event, ...]
) -> Iterator[tuple[Event, WaveformCheck | None, float | None]]:
    """Check the waveform that the device would send with each event, if it is within one segment."""
    starts = [segment.start_sample for segment in recording.segments]
    for number, event in enumerate(events):
        if event.kind == MOVEMENT:
            continue
        first = event.sample - BEFORE
        segment = recording.segments[max(0, bisect_right(starts, first) - 1)]
        at = first - segment.start_sample
        if at >= 0 and at + COUNT <= len(segment.samples):
            motion_mg = segment.samples[at : at + COUNT].astype(np.float64) * (LSB_NANO_G / 1e6)
            look = waveform_check(motion_mg, SAMPLE_RATE_HZ, KINDS[event.kind], event.noise_ug / 1000)
            yield event, look, half_width_s(motion_mg, SAMPLE_RATE_HZ, event.noise_ug / 1000)
        if number % _PAGES == 0:
            release(segment.samples)


def _holes(recording: Recording) -> Iterator[Hole]:
    for start_s, duration_s in recording.interpolated:
        yield Hole(start_s, duration_s, bridged=True)
    before = recording.segments[0]
    for segment in recording.segments[1:]:
        missing = segment.start_sample - before.end_sample
        if missing:
            yield Hole(before.end_sample / SAMPLE_RATE_HZ, missing / SAMPLE_RATE_HZ, bridged=False)
        before = segment


def _totals(epochs: list[Epoch], bridged_s: float) -> Totals:
    return Totals(
        rest_s=_seconds([epoch.rest_ms for epoch in epochs]),
        moving_s=_seconds([epoch.moving_ms for epoch in epochs]),
        not_worn_s=_seconds([epoch.not_worn_ms for epoch in epochs]),
        lost_s=_seconds([epoch.lost_ms for epoch in epochs]),
        unusable_s=_seconds([epoch.unusable_ms for epoch in epochs]),
        tremor_s=_seconds([min(epoch.tremor_ms, epoch.rest_ms) for epoch in epochs]),
        bridged_s=float(bridged_s),
        noise_mg=median_noise_mg(epochs),
        input=reduce(or_, (epoch.input for epoch in epochs), 0),
    )


def _seconds(durations_ms: list[int]) -> float:
    # A record's milliseconds are rounded; the whole samples behind them add up without error.
    return sum(round(ms * SAMPLE_RATE_HZ / 1000) for ms in durations_ms) / SAMPLE_RATE_HZ
