"""JSON Lines: nights, events and flags as objects with stable keys, units in their names."""

from __future__ import annotations

from datetime import UTC, datetime

from twitchwatch.analysis.night import Night, NightEvent, Span, TremorBout
from twitchwatch.analysis.rates import Rate, left_out, night_rate
from twitchwatch.analysis.second_look import SecondLook
from twitchwatch.flags import Flag

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def iso(utc_us: int) -> str:
    """UTC in ISO 8601, to the millisecond."""
    return datetime.fromtimestamp(utc_us / 1_000_000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _rounded(value: Json, digits: int = 4) -> Json:
    return round(value, digits) if isinstance(value, float) else value


def _plain(value: float | str | tuple[str, ...] | None) -> Json:
    return list(value) if isinstance(value, tuple) else _rounded(value)


def event_to_json(event: NightEvent) -> dict[str, Json]:
    """One burst; `kind` is what it counts as, `told` what the device called it."""
    return {
        "kind": event.kind,
        "utc": iso(event.utc_us),
        "utc_error_s": round(event.error_us / 1_000_000, 3),
        "duration_s": event.duration_ms / 1000,
        "peak_mg": event.peak_mg,
        "noise_mg": event.noise_mg,
        "axis": event.axis,
        "boot_id": event.boot_id,
        "sample": event.sample,
        "seq": event.seq,
        "snippet_seq": event.snippet_seq,
        "told": event.told or event.kind,
        "reason": event.reason or None,
        "second_look": None if event.look is None else look_to_json(event.look),
    }


def look_to_json(look: SecondLook) -> dict[str, Json]:
    """What a second look at a waveform sees."""
    return {
        "kind": look.kind,
        "certain": look.certain,
        "explained": round(look.explained, 3),
        "left": round(look.left, 2),
        "reason": look.reason,
    }


def bout_to_json(bout: TremorBout) -> dict[str, Json]:
    """One tremor bout."""
    return {
        "kind": "tremor",
        "utc": iso(bout.utc_us),
        "utc_error_s": round(bout.error_us / 1_000_000, 3),
        "duration_s": round(bout.duration_s, 3),
        "frequency_hz": round(bout.frequency_hz, 3),
        "spread_hz": round(bout.spread_hz, 3),
        "amplitude_mg": round(bout.amplitude_mg, 3),
        "peak_mg": round(bout.peak_mg, 3),
        "amplitude_dps": _rounded(bout.amplitude_dps),
        "cycles": bout.cycles,
        "boot_id": bout.boot_id,
        "sample": bout.sample,
        "seq": bout.seq,
        "snippet_seq": bout.snippet_seq,
        "shown": bout.shown,
    }


def events_to_json(night: Night) -> list[dict[str, Json]]:
    """Events and tremor bouts of a night in order of time."""
    timed = [(event.utc_us, event_to_json(event)) for event in night.events]
    timed += [(bout.utc_us, bout_to_json(bout)) for bout in night.bouts]
    return [found for _, found in sorted(timed, key=lambda one: one[0])]


def night_to_json(night: Night, found: Rate | None = None) -> dict[str, Json]:
    """A night with its rate (its own where none is given); null without rest."""
    found = found or night_rate(night)
    return {
        "kind": "night",
        "device": night.device,
        "hardware_id": night.sensor,
        "date": night.date.isoformat(),
        "start_utc": iso(night.start_utc_us),
        "end_utc": iso(night.end_utc_us),
        "twitches": night.twitches,
        "twitches_per_hour": _rounded(found.per_hour),
        "interval_low": _rounded(found.interval_low),
        "interval_high": _rounded(found.interval_high),
        "dispersion": _rounded(found.dispersion),
        "rest": found.rest,
        "left_out": left_out(night),
        "rest_h": round(night.rest_h, 4),
        "tremor_h": round(night.tremor_h, 4),
        "moving_h": round(night.moving_h, 4),
        "not_worn_h": round(night.not_worn_h, 4),
        "unusable_h": round(night.unusable_h, 4),
        "lost_h": round(night.lost_h, 4),
        "off_h": round(night.off_h, 4),
        "coverage": round(night.coverage, 4),
        "wear": night.wear,
        "unknown_h": round(night.unknown_h, 4),
        "input_minutes": dict(night.input_minutes),
        "restarts": dict(night.restarts),
        "broken": list(night.broken),
        "noise_mg": _rounded(night.noise_mg),
        "detection_limit_mg": _rounded(night.detection_limit_mg),
        "clock_error_s": round(night.clock_error_s, 3),
        "asleep": _part(night.asleep),
        "awake": _part(night.awake),
        "onset": _part(night.onset),
        "settled": _part(night.settled),
        "jerks": night.count("jerk"),
        "spasms": night.count("spasm"),
        "movements": night.count("movement"),
        "absorbed": len(night.absorbed),
        "marks": [iso(mark.utc_us) for mark in night.marks],
        "tremor": [bout_to_json(bout) for bout in night.bouts],
        "hours": [_part(hour) for hour in night.hours],
        "gaps": [
            {
                "utc": iso(gap.utc_us),
                "what": gap.what,
                "cause": gap.cause,
                "count": gap.count,
                "duration_s": gap.duration_s,
            }
            for gap in night.gaps
        ],
        "unread_records": night.unread,
        "firmware": list(night.firmware),
        "detector_versions": list(night.detector_versions),
        "settings": [f"{value:08x}" for value in night.settings],
        "analysis_version": night.analysis_version,
    }


def _part(part: Span | None) -> Json:
    if part is None:
        return None
    return {
        "start_utc": iso(part.start_utc_us),
        "twitches": part.twitches,
        "rest_h": round(part.rest_h, 4),
        "twitches_per_hour": round(part.twitches / part.rest_h, 4) if part.rest_h else None,
    }


def flag_to_json(flag: Flag) -> dict[str, Json]:
    """A finding; `flag` names its kind."""
    evidence: dict[str, Json] = {name: _plain(value) for name, value in flag.evidence.items()}
    return {
        "kind": "flag",
        "id": flag.id,
        "flag": flag.kind,
        "scope": flag.scope,
        "key": flag.key,
        "device": flag.device,
        "hardware_id": flag.sensor,
        "night": flag.night.isoformat() if flag.night else None,
        "last_night": flag.last_night.isoformat() if flag.last_night else None,
        "since_utc": iso(flag.since_utc_us),
        "resolved_utc": None if flag.resolved_utc_us is None else iso(flag.resolved_utc_us),
        "state": flag.state,
        "urgency": flag.urgency,
        "confidence": flag.confidence,
        "words": flag.words,
        "may_mean": flag.may_mean,
        "to_try": flag.to_try,
        "see_doctor": flag.see_doctor,
        "taken_back_by": flag.taken_back_by,
        "evidence": evidence,
        "statistics": {name: _rounded(value) for name, value in flag.statistics.items()},
        "records": list(flag.records),
        "waveforms": list(flag.waveforms),
        "versions": {name: _plain(value) for name, value in flag.versions.items()},
    }
