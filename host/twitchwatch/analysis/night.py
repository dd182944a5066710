"""Night: what one sensor recorded from noon to noon, in the field's terms and units.

`Night` has the figures, which lists, trends and findings need. `WholeNight` has its events too;
`NightSummary` has what a database keeps of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from datetime import date

from twitchwatch.analysis import VERSION
from twitchwatch.analysis.live_rate import Live
from twitchwatch.analysis.minutes import NightMinute
from twitchwatch.analysis.waveform_check import WaveformCheck
from twitchwatch.analysis.worn import Wear


@dataclass(frozen=True, slots=True)
class NightEvent:
    """A burst that is counted on its own. `kind`: twitch, jerk, spasm, movement; `axis`: x, y or z.

    `utc_us` is its onset, known to within `error_us`. `snippet_seq`: the record with its waveform, if any.
    reported: the kind that the device reported; look: the result of the waveform check. If that is certain of
    something else, `kind` is its result, such as disturbance. reason: of a movement, tilt, vigorous or
    rhythmic. half_s: duration at half of its peak (`half_width`); grade: how well a known shape explains it,
    0 to 1; both None if not known. verdict: of the wearer (`annotations`), which `kind` then follows.
    """

    utc_us: int
    error_us: int
    boot_id: int
    sample: int
    seq: int
    kind: str
    duration_ms: int
    peak_mg: float
    noise_mg: float
    axis: str
    snippet_seq: int | None
    reported: str = ""
    look: WaveformCheck | None = None
    reason: str = ""
    half_s: float | None = None
    grade: float | None = None
    verdict: str = ""

    @property
    def doubted(self) -> bool:
        """Whether the waveform check gives another kind, certain or not."""
        return self.look is not None and self.look.kind != self.reported


@dataclass(frozen=True, slots=True)
class AbsorbedEvent:
    """A burst that was part of the tremor bout or the movement with the record `by_seq`."""

    event: NightEvent
    by_seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class TremorBout:
    """A rhythmic, sustained oscillation; `amplitude_mg` and `peak_mg` are rms, mean and greatest.

    `seqs`: its records, more than one if it was long. machine: too steady for a hand. amplitude_dps: rms of
    its turning, None without a gyroscope. shown: whether its waveform oscillates at its frequency, None
    without one. verdict: of the wearer (`annotations`).
    """

    utc_us: int
    error_us: int
    boot_id: int
    sample: int
    seqs: tuple[int, ...]
    duration_s: float
    frequency_hz: float
    spread_hz: float
    amplitude_mg: float
    peak_mg: float
    cycles: int
    snippet_seq: int | None
    amplitude_dps: float | None = None
    shown: bool | None = None
    machine: bool = False
    verdict: str = ""

    @property
    def seq(self) -> int:
        """Its first record."""
        return self.seqs[0]


@dataclass(frozen=True, slots=True)
class NightMark:
    """The wearer pressed the button."""

    utc_us: int
    seq: int
    source: int


@dataclass(frozen=True, slots=True)
class NightGap:
    """Samples or records (`what`) that the device lost, `count` of them, and why."""

    utc_us: int
    seq: int
    what: str
    cause: str
    count: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class Span:
    """Counts and rest time from `start_utc_us` on, such as those of one hour.

    exposure_h: hours over which the count is a rate (`minutes.NightMinute.exposure_ms`), None if that is
    rest_h. blind_h: hours at rest in which no twitch could have been reported.
    """

    start_utc_us: int
    twitches: int
    rest_h: float
    exposure_h: float | None = None
    blind_h: float = 0.0

    @property
    def exposed_h(self) -> float:
        """Hours over which the count is a rate."""
        return self.rest_h if self.exposure_h is None else self.exposure_h

    @property
    def per_hour(self) -> float | None:
        """Twitches of known shape an hour, corrected for dead time if that was counted; None without rest."""
        return self.twitches / self.exposed_h if self.exposed_h else None


@dataclass(frozen=True, slots=True)
class Judged:
    """How many of the detector's events the wearer judged, and of how many they said that it was right."""

    right: int
    of: int

    def __add__(self, other: Judged) -> Judged:
        """The sum of both."""
        return Judged(self.right + other.right, self.of + other.of)


@dataclass(frozen=True, slots=True)
class Measured:
    """A night's figures without the wearer's annotations, and how much was annotated.

    hours, rest_h, uncountable: as in `Night`; twitches and bouts are counts. left_out: stretches [start, end)
    of UTC microseconds whose minutes and events do not count; left_out_h: the time recorded in them. judged:
    of the twitches; judged_bouts: of the bouts of tremor. digest: of these annotations.
    """

    twitches: int
    rest_h: float
    hours: tuple[Span, ...]
    uncountable: bool
    bouts: int
    left_out: tuple[tuple[int, int], ...]
    left_out_h: float
    judged: Judged
    judged_bouts: Judged
    digest: int


@dataclass(frozen=True, slots=True)
class Uncounted:
    """An event or a bout that an annotation took out of a night; why: `left_out` or `no_tremor`."""

    why: str
    of: NightEvent | TremorBout


@dataclass(frozen=True, slots=True, kw_only=True)
class Night(ABC):
    """One sensor from noon to noon on the wall clock where it was worn; `date` is that of the evening.

    rest_h: hours in which a twitch could have been reported; blind_h: hours at rest in which none could have
    been, as after a start or in an open burst. bursts: how many ended as what, after absorption, and
    exposure_h: over how many hours a count is a rate; both None if the sensor did not count them, and then
    blind time is part of rest_h. tremor_h, moving_h,
    not_worn_h: what the other observed hours were. lost_h: hours for which there is no data although the
    device was running (lost samples, lost records). off_h: hours without the device between two runs, first
    to last worn minute. coverage: observed share of the time from the first to the last worn minute, 0 to 1.
    noise_mg: median noise of the minutes at rest (rms of one axis); detection_limit_mg: the smallest twitch
    that the sensor could see in it; both None without rest, and the second if it is not known what the
    sensor delivers. clock_error_s: upper bound on the error of every
    time here. hours: from the first observed hour to the last. zone: IANA name, or offset such as UTC+05:30.
    unread: records that could not be read. settings: CRC-32 of the detector's parameters that were in force.
    sensor: its hardware id, which two sensors never share as they may share a name. wakeful: stretches
    [start, end) of UTC microseconds in which the hand moved as a waking hand does; awake: twitches and rest
    in them. wear: "unknown" if the chip's noise hid, for most of the rest, whether it was worn; unknown_h:
    those hours of rest. unusable_h: hours at rest that do not count because their samples were unusable.
    input_minutes: faults of the samples (`input.INPUT_FAULTS`) and in how many minutes each was seen. onset:
    the first hour asleep, settled: the time after it; None if no sleep was seen. restarts: of the sensor, by
    cause (`board_faults.RESTART_CAUSES`); broken: names of the parts of its board that it reported as broken
    (`board_faults.PARTS`). half_s: median duration of its twitches at half of their peak, None if few are
    known. disturbances: lines of machines that shook the hand. measured: the figures without the wearer's
    annotations, None without annotations.
    """

    date: date
    device: str
    start_utc_us: int
    end_utc_us: int
    rest_h: float
    tremor_h: float
    moving_h: float
    not_worn_h: float
    lost_h: float
    off_h: float
    coverage: float
    noise_mg: float | None
    detection_limit_mg: float | None
    clock_error_s: float
    bouts: tuple[TremorBout, ...]
    marks: tuple[NightMark, ...]
    gaps: tuple[NightGap, ...]
    hours: tuple[Span, ...]
    unread: int
    firmware: tuple[str, ...]
    detector_versions: tuple[int, ...]
    analysis_version: int = VERSION
    sensor: str = ""
    settings: tuple[int, ...] = ()
    wakeful: tuple[tuple[int, int], ...] = ()
    awake: Span | None = None
    onset: Span | None = None
    settled: Span | None = None
    wear: Wear = "worn"
    unknown_h: float = 0.0
    unusable_h: float = 0.0
    input_minutes: tuple[tuple[str, int], ...] = ()
    restarts: tuple[tuple[str, int], ...] = ()
    broken: tuple[str, ...] = ()
    zone: str = "UTC"
    blind_h: float = 0.0
    exposure_h: float | None = None
    bursts: tuple[tuple[str, int], ...] | None = None
    half_s: float | None = None
    disturbances: tuple[TremorBout, ...] = ()
    measured: Measured | None = None

    @abstractmethod
    def count(self, kind: str) -> int:
        """Events of one kind that no tremor absorbed."""

    @property
    @abstractmethod
    def absorbed_count(self) -> int:
        """Bursts that were part of a tremor or a movement."""

    @property
    def twitches(self) -> int:
        """Events of kind twitch that no tremor absorbed."""
        return self.count("twitch")

    @property
    def identity(self) -> str:
        """What identifies this sensor: its hardware id, or its name if that is not known."""
        return self.sensor or self.device

    @property
    def live(self) -> Live | None:
        """The class of each burst, and the resulting rates; None if bursts were not counted."""
        if self.bursts is None:
            return None
        live_s = 3600 * self.rest_h
        return Live(dict(self.bursts), live_s, live_s + 3600 * self.blind_h)

    @property
    def uncountable(self) -> bool:
        """Bursts filled so much of the night that no rate can be stated."""
        live = self.live
        return live is not None and live.seen_s > 0 and live.high_per_h is None

    @property
    def asleep(self) -> Span:
        """Twitches and rest while the hand did not move as if awake, by which nights are compared."""
        awake = self.awake
        if awake is None:
            return Span(self.start_utc_us, self.twitches, self.rest_h, self.exposure_h, self.blind_h)
        rest_h = max(0.0, self.rest_h - awake.rest_h)
        exposure_h = self.exposure_h
        if exposure_h is not None:
            exposure_h = max(0.0, exposure_h - awake.exposed_h)
        blind_h = max(0.0, self.blind_h - awake.blind_h)
        return Span(self.start_utc_us, self.twitches - awake.twitches, rest_h, exposure_h, blind_h)

    def awake_at(self, utc_us: int) -> bool:
        """Whether the hand moved like a waking hand at that time."""
        return any(start <= utc_us < end for start, end in self.wakeful)


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeNight(Night):
    """A night with its events and minutes, read from its records.

    uncounted: what annotations took out of it. Its minutes include those that are left out.
    """

    events: tuple[NightEvent, ...]
    absorbed: tuple[AbsorbedEvent, ...]
    minutes: tuple[NightMinute, ...] = ()
    uncounted: tuple[Uncounted, ...] = ()

    def count(self, kind: str) -> int:
        """Events of one kind that no tremor absorbed."""
        return sum(event.kind == kind for event in self.events)

    @property
    def absorbed_count(self) -> int:
        """Bursts that were part of a tremor or a movement."""
        return len(self.absorbed)

    def summary(self) -> NightSummary:
        """The same without its events."""
        kinds = sorted({event.kind for event in self.events})
        return NightSummary(
            **{name: getattr(self, name) for name in FIGURES},
            counted=tuple((kind, self.count(kind)) for kind in kinds),
            absorbed_counted=len(self.absorbed),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NightSummary(Night):
    """A night without its events. counted: how many there were of each kind."""

    counted: tuple[tuple[str, int], ...]
    absorbed_counted: int

    def count(self, kind: str) -> int:
        """Events of one kind that no tremor absorbed."""
        return dict(self.counted).get(kind, 0)

    @property
    def absorbed_count(self) -> int:
        """Bursts that were part of a tremor or a movement."""
        return self.absorbed_counted

    def with_events(
        self,
        events: tuple[NightEvent, ...],
        absorbed: tuple[AbsorbedEvent, ...],
        minutes: tuple[NightMinute, ...] = (),
        uncounted: tuple[Uncounted, ...] = (),
    ) -> WholeNight:
        """The same with its events and minutes."""
        figures = {name: getattr(self, name) for name in FIGURES}
        return WholeNight(**figures, events=events, absorbed=absorbed, minutes=minutes, uncounted=uncounted)


FIGURES = tuple(field.name for field in fields(Night))


def whole(night: Night) -> WholeNight:
    """The night, which must have its events. Raises TypeError if they were not read."""
    if not isinstance(night, WholeNight):
        raise TypeError(f"The events of the night of {night.date} were not read.")
    return night
