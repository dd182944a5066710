"""From records to a night: each record is dated, and those from noon to noon are summed."""

from __future__ import annotations

from binascii import crc32
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from twitchwatch.analysis.annotations import Corrections, annotated, correct
from twitchwatch.analysis.board_faults import STOPPED, broken_parts, restarts
from twitchwatch.analysis.burst_classes import bursts_by_class
from twitchwatch.analysis.contract import RING, Contract
from twitchwatch.analysis.dated_records import DatedRecord, bout_of, event_of
from twitchwatch.analysis.half_width import median_s
from twitchwatch.analysis.input import input_counts
from twitchwatch.analysis.live_rate import Live
from twitchwatch.analysis.minutes import (
    Mistrust,
    NightMinute,
    losses,
    median_limit_mg,
    median_noise_mg,
    minute_of,
    uncounted,
)
from twitchwatch.analysis.night import (
    AbsorbedEvent,
    NightEvent,
    NightGap,
    NightMark,
    TremorBout,
    WholeNight,
)
from twitchwatch.analysis.parts import HOUR_US, MS_A_HOUR, around_onset, awake_part, spans
from twitchwatch.analysis.resolve import resolve, whole_bouts
from twitchwatch.analysis.vocabulary import GAP_CAUSE, GAP_WHAT
from twitchwatch.analysis.wake import sleep_onset_us, stretches, wakeful_minutes
from twitchwatch.analysis.waveform_check import UNCLEAR
from twitchwatch.analysis.worn import wear_of
from twitchwatch.clock.calendar import Cut
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.records import Record

# Gives UTC and its error, both in microseconds, for (boot_id, device time); None if it is unknown.
Clock = Callable[[int, int], tuple[int, int] | None]

# A clock beyond the year 2200 is not one.
LATEST_US = 7_258_118_400_000_000

# By so much the sensor's own clock may miss a sample, losses and late reads included; in its first minute,
# when its true rate is not yet known, by a tenth of what the FIFO holds (tests/device_imu/test_timed.py).
SAMPLE_TIME_US = 20_000
EARLY_SAMPLE_TIME_US = 700_000
EARLY_US = 60_000_000

NOMINAL_RATE_MILLI_HZ = 104_000


@dataclass(frozen=True, slots=True)
class LogPart:
    """One log's records of a night, and a few from before and after it.

    records: in order of seq. utc: its clock. boots: the starts of the sensor in this log. in_force: CRC-32
    of the detector's parameters before the first record; status: the last status record before it. contract:
    what the sensor delivers, None if that is not known.
    """

    log_id: int
    records: Sequence[Record]
    utc: Clock
    boots: Mapping[int, protocol.Boot]
    in_force: int | None = None
    status: Record | None = None
    contract: Contract | None = RING

    def date(self, record: Record) -> tuple[int, int] | None:
        """UTC of a record and its error, in microseconds; None if nothing gives its time."""
        dated = self.utc(record.boot_id, record.time_us)
        return dated if dated is not None and 0 <= dated[0] < LATEST_US else None


@dataclass(slots=True)
class _Gathered:
    """Everything that belongs to one night; moves: as in `annotations`."""

    cut: Cut
    minutes: list[NightMinute] = field(default_factory=list)
    events: list[NightEvent] = field(default_factory=list)
    absorbed: list[AbsorbedEvent] = field(default_factory=list)
    bouts: list[TremorBout] = field(default_factory=list)
    marks: list[NightMark] = field(default_factory=list)
    gaps: list[NightGap] = field(default_factory=list)
    boots: dict[tuple[int, int], protocol.Boot | None] = field(default_factory=dict)
    settings: set[int] = field(default_factory=set)
    restarts: Counter[str] = field(default_factory=Counter)
    broken: int = 0
    unread: int = 0
    error_us: int = 0
    moves: list[tuple[str, str]] = field(default_factory=list)

    def holds(self, utc_us: int) -> bool:
        """Whether this time is in the night."""
        return self.cut.start_us <= utc_us < self.cut.end_us


def build_night(
    cut: Cut,
    parts: Sequence[LogPart],
    *,
    device: str,
    sensor: str = "",
    corrections: Corrections | None = None,
) -> WholeNight | None:
    """The night of one sensor from its logs; None if they have nothing.

    device: its name; sensor: its hardware id. boot_ids must not repeat within a log. corrections: the
    wearer's annotations; None without any.
    """
    gathered = _Gathered(cut)
    for part in parts:
        _gather(part, gathered)
    if not gathered.boots:
        return None
    measured = _night(gathered, device, sensor)
    if corrections is None:
        return measured
    by = correct(gathered.minutes, gathered.events, gathered.bouts, gathered.absorbed, corrections)
    gathered.minutes, gathered.events, gathered.bouts = by.minutes, by.events, by.bouts
    gathered.absorbed, gathered.moves = by.absorbed, by.moves
    return annotated(measured, _night(gathered, device, sensor), by, corrections.digest)


def _gather(part: LogPart, night: _Gathered) -> None:
    by_boot: defaultdict[int, list[DatedRecord]] = defaultdict(list)
    snippets: dict[int, Record] = {}
    statuses: list[Record] = []
    in_force = part.in_force
    for record in part.records:
        if record.body is not None:
            if record.type == protocol.SNIPPET:
                snippets[record.body.event_seq] = record
                continue
            if record.type == protocol.STATUS:
                statuses.append(record)
                continue
            if record.type == protocol.SETTINGS:
                if record.body.what == protocol.DETECTOR_PARAMETERS:
                    in_force = crc32(record.tail)
                continue
            if record.type in (protocol.BOOT, protocol.ANCHOR, protocol.CRASH):
                continue
        dated = part.date(record)
        if dated is None:
            continue
        utc_us, error_us = dated
        if record.body is not None and record.type in (protocol.EVENT, protocol.TREMOR):
            # Including those beside the night: a bout or a movement at noon may have begun before it.
            early = record.time_us < EARLY_US
            sample_us = EARLY_SAMPLE_TIME_US if early else SAMPLE_TIME_US
            by_boot[record.boot_id].append(DatedRecord(record, utc_us, error_us + sample_us))
        if not night.holds(utc_us):
            continue
        night.boots[part.log_id, record.boot_id] = part.boots.get(record.boot_id)
        night.error_us = max(night.error_us, error_us)
        if record.body is None:
            night.unread += 1
        elif record.type == protocol.EPOCH:
            night.minutes.append(minute_of(utc_us, record, part.log_id, part.contract))
            night.settings |= set() if in_force is None else {in_force}
        elif record.type == protocol.MARK:
            night.marks.append(NightMark(utc_us, record.seq, record.body.source))
        elif record.type == protocol.GAP:
            night.gaps.append(_gap(record, utc_us))
    for boot_id, found in by_boot.items():
        boot = part.boots.get(boot_id)
        rate = NOMINAL_RATE_MILLI_HZ if boot is None else boot.rate_milli_hz
        _settle(found, snippets, rate / 1000, night)
    _add_board(part, statuses, night)


def _add_board(part: LogPart, statuses: Sequence[Record], night: _Gathered) -> None:
    """Add what the sensor reported about its board.

    With nothing else, it counts as a night only if nothing could be recorded, which explains why it is
    empty.
    """

    def within(record: Record) -> bool:
        dated = part.date(record)
        return dated is not None and night.holds(dated[0])

    own = [status for status in statuses if within(status)]
    if not night.boots and not any(status.body.broken & STOPPED for status in own):
        return
    for status in own:
        night.broken |= status.body.broken
        night.boots[part.log_id, status.boot_id] = part.boots.get(status.boot_id)
    before = [] if part.status is None else [part.status]
    for status, new, went_back in restarts([*before, *statuses]):
        if within(status):
            night.restarts += new
            night.broken |= protocol.PART_NVS if went_back else 0


def _gap(record: Record, utc_us: int) -> NightGap:
    body = record.body
    what = GAP_WHAT.get(body.what, f"what {body.what}")
    cause = GAP_CAUSE.get(body.cause, f"cause {body.cause}")
    return NightGap(utc_us, record.seq, what, cause, body.count, body.duration_ms / 1000)


def _settle(
    found: Sequence[DatedRecord], snippets: dict[int, Record], rate_hz: float, night: _Gathered
) -> None:
    """Convert one boot's events and bouts to the field's units; the night takes those that belong to it."""
    bouts = [one for one in found if one.record.type == protocol.TREMOR]
    events = [one for one in found if one.record.type == protocol.EVENT]
    resolution = resolve(events, bouts, rate_hz=rate_hz)
    night.events += [event_of(one, snippets) for one in resolution.events if night.holds(one.utc_us)]
    night.absorbed += [
        AbsorbedEvent(event_of(lost.event, snippets), lost.by.record.seq, lost.reason)
        for lost in resolution.absorbed
        if night.holds(lost.event.utc_us)
    ]
    night.bouts += [
        bout_of(parts, snippets, rate_hz)
        for parts in whole_bouts(bouts, rate_hz=rate_hz)
        if night.holds(parts[0].utc_us)
    ]


def _night(night: _Gathered, device: str, sensor: str) -> WholeNight:
    cut = night.cut
    minutes = sorted(night.minutes, key=lambda minute: minute.start_us)
    # One measure for the whole night: if the sensor began to count within it, all of it is as before.
    counted = bool(minutes) and all(minute.counted for minute in minutes)
    if not counted:
        minutes = [uncounted(minute) for minute in minutes]
    mistrust = Mistrust(minutes)
    events = sorted(
        (replace(each, kind=UNCLEAR) if mistrust.at(each.utc_us) else each for each in night.events),
        key=lambda event: event.utc_us,
    )
    lines = sorted(night.bouts, key=lambda bout: bout.utc_us)
    bouts = [bout for bout in lines if not mistrust.at(bout.utc_us) and not bout.machine]
    known = [boot for boot in night.boots.values() if boot is not None]
    bursts = bursts_by_class(minutes, night.absorbed, bouts, night.moves) if counted else None
    if bursts is not None:
        known_share = Live(dict(bursts), 0.0, 0.0).known_share
        minutes = [replace(minute, known_share=known_share) for minute in minutes]
    noise_mg = median_noise_mg(minute.body for minute in minutes)
    lost_us, off_us, coverage = losses(minutes)
    wakeful = wakeful_minutes(minutes)
    awake = stretches(minutes, wakeful)
    onset, settled = around_onset(minutes, events, sleep_onset_us(minutes, wakeful))
    wear, unknown_h = wear_of(minutes)
    return WholeNight(
        date=cut.date,
        device=device,
        zone=cut.zone,
        start_utc_us=cut.start_us,
        end_utc_us=cut.end_us,
        rest_h=sum(minute.live_ms for minute in minutes) / MS_A_HOUR,
        tremor_h=sum(min(m.body.tremor_ms, m.body.rest_ms) for m in minutes) / MS_A_HOUR,
        moving_h=sum(minute.body.moving_ms for minute in minutes) / MS_A_HOUR,
        not_worn_h=sum(minute.body.not_worn_ms for minute in minutes) / MS_A_HOUR,
        lost_h=lost_us / HOUR_US,
        off_h=off_us / HOUR_US,
        coverage=coverage,
        noise_mg=noise_mg,
        detection_limit_mg=median_limit_mg(minutes),
        clock_error_s=night.error_us / 1_000_000,
        events=tuple(events),
        absorbed=tuple(night.absorbed),
        minutes=tuple(minutes),
        bouts=tuple(bouts),
        disturbances=tuple(bout for bout in lines if bout.machine),
        marks=tuple(night.marks),
        gaps=tuple(night.gaps),
        hours=spans(minutes, events, cut.start_us, HOUR_US),
        unread=night.unread,
        firmware=tuple(sorted({f"{b.firmware_major}.{b.firmware_minor}.{b.firmware_patch}" for b in known})),
        detector_versions=tuple(sorted({boot.detector_version for boot in known})),
        sensor=sensor,
        settings=tuple(sorted(night.settings)),
        wakeful=awake,
        awake=awake_part(minutes, wakeful, events, awake),
        onset=onset,
        settled=settled,
        wear=wear,
        unknown_h=unknown_h,
        unusable_h=sum(minute.body.unusable_ms for minute in minutes) / MS_A_HOUR,
        input_minutes=input_counts(minute.body.input for minute in minutes),
        restarts=tuple(sorted(night.restarts.items())),
        broken=tuple(part.name for part in broken_parts(night.broken)),
        blind_h=sum(minute.seen_ms - minute.live_ms for minute in minutes) / MS_A_HOUR,
        exposure_h=sum(minute.exposure_ms for minute in minutes) / MS_A_HOUR if counted else None,
        bursts=bursts,
        half_s=median_s(event.half_s for event in events if event.kind == "twitch"),
    )
