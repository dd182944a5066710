"""From records to nights: each record dated, put into its noon-to-noon, and summed with honest hours."""

from __future__ import annotations

from binascii import crc32
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo

from shared.protocol import records as protocol
from shared.protocol.records import Record
from twitchwatch.analysis.board_faults import STOPPED, broken_parts, restarts
from twitchwatch.analysis.input import input_counts
from twitchwatch.analysis.minutes import (
    LIMIT_OVER_NOISE,
    Mistrust,
    NightMinute,
    losses,
    median_noise_mg,
    minute_of,
)
from twitchwatch.analysis.night import (
    AbsorbedEvent,
    Night,
    NightEvent,
    NightGap,
    NightMark,
    Nights,
    TremorBout,
)
from twitchwatch.analysis.parts import HOUR_US, MS_A_HOUR, around_onset, awake_part, spans
from twitchwatch.analysis.resolve import joined, resolve, whole_bouts
from twitchwatch.analysis.rhythm import shows_line
from twitchwatch.analysis.second_look import UNCLEAR, second_look
from twitchwatch.analysis.vocabulary import GAP_CAUSE, GAP_WHAT, KINDS, REASONS
from twitchwatch.analysis.wake import sleep_onset_us, stretches, wakeful_minutes
from twitchwatch.analysis.waveform import waveform_of
from twitchwatch.analysis.worn import wear_of

# Gives UTC and its error, both in microseconds, for (boot_id, device time); None where nothing tells.
Clock = Callable[[int, int], tuple[int, int] | None]

# A clock beyond the year 2200 is not one.
LATEST_US = 7_258_118_400_000_000

# By so much the sensor's own clock may miss a sample, losses and late reads included; in its first minute,
# when its true rate is not yet known, by a tenth of what the FIFO holds (tests/device_imu/test_timed.py).
SAMPLE_TIME_US = 20_000
EARLY_SAMPLE_TIME_US = 700_000
EARLY_US = 60_000_000

QUARTER_US = HOUR_US // 4
NOMINAL_RATE_MILLI_HZ = 104_000


def night_of(utc_us: int, zone: tzinfo) -> date:
    """The night that a moment belongs to, named by its evening: noon to noon on the wall clock."""
    local = datetime.fromtimestamp(utc_us // 1_000_000, zone)
    return local.date() if local.hour >= 12 else local.date() - timedelta(days=1)


def bounds_of(night: date, zone: tzinfo) -> tuple[int, int]:
    """First and past-the-last UTC microsecond of a night: 23, 24 or 25 hours."""

    def noon(day: date) -> int:
        return int(datetime.combine(day, time(12), zone).timestamp()) * 1_000_000

    return noon(night), noon(night + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class _Found:
    """An event or a bout with its time; what `resolve` asks of either."""

    record: Record
    utc_us: int
    error_us: int

    @property
    def sample(self) -> int:
        return int(self.record.body.sample)

    @property
    def kind(self) -> int:
        return int(self.record.body.kind)

    @property
    def reason(self) -> int:
        return int(self.record.body.reason)

    @property
    def duration_ms(self) -> int:
        return int(self.record.body.duration_ms)

    @property
    def flags(self) -> int:
        return int(self.record.body.flags)


@dataclass(slots=True)
class _Sheaf:
    """What falls into one night."""

    minutes: list[NightMinute] = field(default_factory=list)
    events: list[NightEvent] = field(default_factory=list)
    absorbed: list[AbsorbedEvent] = field(default_factory=list)
    bouts: list[TremorBout] = field(default_factory=list)
    marks: list[NightMark] = field(default_factory=list)
    gaps: list[NightGap] = field(default_factory=list)
    boots: set[int] = field(default_factory=set)
    settings: set[int] = field(default_factory=set)
    restarts: Counter[str] = field(default_factory=Counter)
    broken: int = 0
    unread: int = 0
    error_us: int = 0


def build_nights(
    records: Iterable[Record], utc: Clock, zone: tzinfo, *, device: str, sensor: str = ""
) -> Nights:
    """Nights of one device from its records, in order of seq (one log: boot_ids must not repeat).

    utc: the clock fit, such as `ClockFit.utc_us`. zone: where noon is noon. device: its name; sensor: its
    hardware id.
    """
    sheaves: defaultdict[date, _Sheaf] = defaultdict(_Sheaf)
    by_boot: defaultdict[int, list[_Found]] = defaultdict(list)
    boots: dict[int, protocol.Boot] = {}
    snippets: dict[int, Record] = {}
    statuses: list[Record] = []
    undated = 0
    in_force: int | None = None
    for record in records:
        if record.type == protocol.BOOT and record.body is not None:
            boots[record.boot_id] = record.body
            continue
        if record.type == protocol.SNIPPET and record.body is not None:
            snippets[record.body.event_seq] = record
            continue
        if record.type == protocol.STATUS and record.body is not None:
            statuses.append(record)
            continue
        if record.type in (protocol.ANCHOR, protocol.CRASH) and record.body is not None:
            continue
        if record.type == protocol.SETTINGS and record.body is not None:
            if record.body.what == protocol.DETECTOR_PARAMETERS:
                in_force = crc32(record.tail)
            continue
        dated = utc(record.boot_id, record.time_us)
        if dated is None or not 0 <= dated[0] < LATEST_US:
            undated += 1
            continue
        utc_us, error_us = dated
        sheaf = sheaves[night_of(utc_us, zone)]
        sheaf.boots.add(record.boot_id)
        sheaf.error_us = max(sheaf.error_us, error_us)
        if record.body is None:
            sheaf.unread += 1
        elif record.type == protocol.EPOCH:
            sheaf.minutes.append(minute_of(utc_us, record))
            sheaf.settings |= set() if in_force is None else {in_force}
        elif record.type == protocol.MARK:
            sheaf.marks.append(NightMark(utc_us, record.seq, record.body.source))
        elif record.type == protocol.GAP:
            sheaf.gaps.append(_gap(record, utc_us))
        elif record.type in (protocol.EVENT, protocol.TREMOR):
            early = record.time_us < EARLY_US
            error_us += EARLY_SAMPLE_TIME_US if early else SAMPLE_TIME_US
            by_boot[record.boot_id].append(_Found(record, utc_us, error_us))
    for boot_id, found in by_boot.items():
        rate = boots[boot_id].rate_milli_hz if boot_id in boots else NOMINAL_RATE_MILLI_HZ
        _settle(found, snippets, rate / 1000, lambda utc_us: sheaves[night_of(utc_us, zone)])
    _add_board(statuses, utc, sheaves, zone)
    nights = tuple(_night(day, sheaves[day], boots, zone, (device, sensor)) for day in sorted(sheaves))
    return Nights(nights, undated)


def _add_board(statuses: Sequence[Record], utc: Clock, sheaves: dict[date, _Sheaf], zone: tzinfo) -> None:
    """Give what the sensor reported of its board to its nights.

    A night that holds nothing else is one only if nothing could be recorded: that is why it is empty.
    """

    def sheaf_of(record: Record) -> _Sheaf | None:
        dated = utc(record.boot_id, record.time_us)
        if dated is None or not 0 <= dated[0] < LATEST_US:
            return None
        night = night_of(dated[0], zone)
        return sheaves[night] if record.body.broken & STOPPED else sheaves.get(night)

    for status in statuses:
        if (sheaf := sheaf_of(status)) is not None:
            sheaf.broken |= status.body.broken
            sheaf.boots.add(status.boot_id)
    for status, new in restarts(statuses):
        if (sheaf := sheaf_of(status)) is not None:
            sheaf.restarts += new


def _gap(record: Record, utc_us: int) -> NightGap:
    body = record.body
    what = GAP_WHAT.get(body.what, f"what {body.what}")
    cause = GAP_CAUSE.get(body.cause, f"cause {body.cause}")
    return NightGap(utc_us, record.seq, what, cause, body.count, body.duration_ms / 1000)


def _settle(
    found: Sequence[_Found], snippets: dict[int, Record], rate_hz: float, sheaf_of: Callable[[int], _Sheaf]
) -> None:
    """Turn one boot's events and bouts into the field's units and give each to its night."""
    bouts = [one for one in found if one.record.type == protocol.TREMOR]
    events = [one for one in found if one.record.type == protocol.EVENT]
    resolution = resolve(events, bouts, rate_hz=rate_hz)
    for one in resolution.events:
        sheaf_of(one.utc_us).events.append(_event(one, snippets))
    for lost in resolution.absorbed:
        sheaf_of(lost.event.utc_us).absorbed.append(
            AbsorbedEvent(_event(lost.event, snippets), lost.by.record.seq, lost.reason)
        )
    for parts in whole_bouts(bouts, rate_hz=rate_hz):
        sheaf_of(parts[0].utc_us).bouts.append(_bout(parts, snippets, rate_hz))


def _event(found: _Found, snippets: dict[int, Record]) -> NightEvent:
    record, body = found.record, found.record.body
    told = KINDS.get(body.kind, f"kind {body.kind}")
    snippet = snippets.get(record.seq)
    shown = None if snippet is None else waveform_of(snippet)
    look = None if shown is None else second_look(shown.motion_mg, shown.rate_hz, told, body.noise_ug / 1000)
    return NightEvent(
        utc_us=found.utc_us,
        error_us=found.error_us,
        boot_id=record.boot_id,
        sample=body.sample,
        seq=record.seq,
        kind=look.kind if look is not None and look.certain else told,
        duration_ms=body.duration_ms,
        peak_mg=body.peak_ug / 1000,
        noise_mg=body.noise_ug / 1000,
        axis="xyz"[body.axis] if body.axis < 3 else str(body.axis),
        snippet_seq=None if snippet is None else snippet.seq,
        told=told,
        look=look,
        reason=REASONS.get(body.reason, ""),
    )


def _bout(parts: Sequence[_Found], snippets: dict[int, Record], rate_hz: float) -> TremorBout:
    first = parts[0]
    body = joined([part.record.body for part in parts], rate_hz=rate_hz)
    seqs = tuple(part.record.seq for part in parts)
    return TremorBout(
        utc_us=first.utc_us,
        error_us=first.error_us,
        boot_id=first.record.boot_id,
        sample=body.sample,
        seqs=seqs,
        duration_s=body.duration_ms / 1000,
        frequency_hz=body.frequency_milli_hz / 1000,
        spread_hz=body.spread_milli_hz / 1000,
        amplitude_mg=body.amplitude_ug / 1000,
        peak_mg=body.peak_ug / 1000,
        cycles=body.cycles,
        snippet_seq=next((snippets[seq].seq for seq in seqs if seq in snippets), None),
        amplitude_dps=body.amplitude_mdps / 1000 if body.amplitude_mdps else None,
        shown=_shown([snippets[seq] for seq in seqs if seq in snippets], body.frequency_milli_hz / 1000),
    )


def _shown(snippets: Sequence[Record], frequency_hz: float) -> bool | None:
    """Whether any of a bout's waveforms swings at its frequency; None where none can tell."""
    waveforms = [waveform for snippet in snippets if (waveform := waveform_of(snippet)) is not None]
    verdicts = [shows_line(each.motion_mg, each.rate_hz, frequency_hz) for each in waveforms]
    told = [verdict for verdict in verdicts if verdict is not None]
    return any(told) if told else None


def _night(
    day: date, sheaf: _Sheaf, boots: dict[int, protocol.Boot], zone: tzinfo, named: tuple[str, str]
) -> Night:
    start_us, end_us = bounds_of(day, zone)
    minutes = sorted(sheaf.minutes, key=lambda minute: minute.start_us)
    mistrust = Mistrust(minutes)
    events = sorted(
        (replace(each, kind=UNCLEAR) if mistrust.at(each.utc_us) else each for each in sheaf.events),
        key=lambda event: event.utc_us,
    )
    bouts = [bout for bout in sheaf.bouts if not mistrust.at(bout.utc_us)]
    known = [boots[boot] for boot in sorted(sheaf.boots) if boot in boots]
    noise_mg = median_noise_mg(minute.body for minute in minutes)
    lost_us, off_us, coverage = losses(minutes)
    wakeful = wakeful_minutes(minutes)
    awake = stretches(minutes, wakeful)
    onset, settled = around_onset(minutes, events, sleep_onset_us(minutes, wakeful))
    wear, unknown_h = wear_of(minutes)
    return Night(
        date=day,
        device=named[0],
        start_utc_us=start_us,
        end_utc_us=end_us,
        rest_h=sum(minute.seen_ms for minute in minutes) / MS_A_HOUR,
        tremor_h=sum(min(m.body.tremor_ms, m.body.rest_ms) for m in minutes) / MS_A_HOUR,
        moving_h=sum(minute.body.moving_ms for minute in minutes) / MS_A_HOUR,
        not_worn_h=sum(minute.body.not_worn_ms for minute in minutes) / MS_A_HOUR,
        lost_h=lost_us / HOUR_US,
        off_h=off_us / HOUR_US,
        coverage=coverage,
        noise_mg=noise_mg,
        detection_limit_mg=None if noise_mg is None else LIMIT_OVER_NOISE * noise_mg,
        clock_error_s=sheaf.error_us / 1_000_000,
        events=tuple(events),
        absorbed=tuple(sheaf.absorbed),
        bouts=tuple(sorted(bouts, key=lambda bout: bout.utc_us)),
        marks=tuple(sheaf.marks),
        gaps=tuple(sheaf.gaps),
        hours=spans(minutes, events, start_us, HOUR_US),
        quarters=spans(minutes, events, start_us, QUARTER_US),
        unread=sheaf.unread,
        firmware=tuple(sorted({f"{b.firmware_major}.{b.firmware_minor}.{b.firmware_patch}" for b in known})),
        detector_versions=tuple(sorted({boot.detector_version for boot in known})),
        sensor=named[1],
        settings=tuple(sorted(sheaf.settings)),
        wakeful=awake,
        awake=awake_part(minutes, wakeful, events, awake),
        onset=onset,
        settled=settled,
        wear=wear,
        unknown_h=unknown_h,
        unusable_h=sum(minute.body.unusable_ms for minute in minutes) / MS_A_HOUR,
        input_minutes=input_counts(minute.body.input for minute in minutes),
        restarts=tuple(sorted(sheaf.restarts.items())),
        broken=tuple(part.name for part in broken_parts(sheaf.broken)),
    )
