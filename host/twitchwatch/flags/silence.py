"""Silence: a sensor that sends nothing is a fault with a cause, not a quiet night."""

from __future__ import annotations

from dataclasses import dataclass

from twitchwatch.clock.dates import moment
from twitchwatch.flags import words
from twitchwatch.flags.finding import Finding

# A sensor worn every night syncs at least once a day; the extra hours allow for a late morning.
SILENT_AFTER_H = 26.0
# If Bluetooth is down for this long, its service is not merely restarting.
DOWN_AFTER_H = 0.25
# A cell below this was nearly empty: the voltage of lithium-polymer cells falls fast from here.
LOW_BATTERY_MV = 3400
_HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Sight:
    """When a sensor (name, hardware id) was paired, last synced, and last sent a record; None: never.

    battery_mv, worn: from its last minute, None if unknown.
    """

    device: str
    paired_utc_us: int
    last_seen_utc_us: int | None
    last_record_utc_us: int | None
    sensor: str = ""
    battery_mv: int | None = None
    worn: bool | None = None


def silence_flag(sight: Sight, now_utc_us: int, *, silent_after_h: float = SILENT_AFTER_H) -> Finding | None:
    """A fault for a sensor that has sent nothing for too long; None otherwise."""
    last = max(sight.last_record_utc_us or 0, sight.paired_utc_us)
    silent_h = (now_utc_us - last) / _HOUR_US
    if silent_h < silent_after_h and sight.last_seen_utc_us is not None:
        return None
    if sight.last_seen_utc_us is None:
        cause, reported = "never seen", "has never been seen since it was paired"
        remedy = "Charge it, press its button, and bring it near this computer while the daemon runs."
    elif (now_utc_us - sight.last_seen_utc_us) / _HOUR_US < silent_after_h:
        cause, reported = "no records", f"is in reach but has sent no records for {silent_h:.0f} hours"
        remedy = "Restart it, and check its log with `twitchwatch status`."
    elif sight.battery_mv is not None and sight.battery_mv < LOW_BATTERY_MV:
        cause = "battery"
        reported = (
            f"has sent nothing for {silent_h:.0f} hours; its battery was last at "
            f"{sight.battery_mv / 1000:.2f} V"
        )
        remedy = "Charge it. It keeps its records until they are fetched."
    elif sight.worn is False:
        cause = "not worn"
        reported = f"has sent nothing for {silent_h:.0f} hours; it was not worn when last seen"
        remedy = "Put it on and bring it near this computer. It keeps its records until they are fetched."
    else:
        seen = moment(sight.last_seen_utc_us)
        cause, reported = "out of reach", f"was last seen on {seen}"
        remedy = (
            "It may be off or out of reach, or this computer's Bluetooth may be off: charge it, bring "
            "it near and see `twitchwatch status`. It keeps its records until they are fetched."
        )
    return Finding(
        kind="no_data",
        scope="nights",
        sensor=sight.device,
        hardware_id=sight.sensor,
        night=None,
        since_utc_us=last,
        confidence="high",
        words=f"The sensor {sight.device} {reported}.",
        may_mean=words.NO_DATA_MEANING,
        to_try=remedy,
        see_doctor="",
        resolved_when="The next sync delivers records.",
        evidence={"cause": cause, "silent_h": silent_h},
    )


def deaf_flag(subject: str, reason: str, message: str, since_utc_us: int, now_utc_us: int) -> Finding | None:
    """A fault for Bluetooth that is down on this computer; None if it has only just failed.

    subject: "Bluetooth" or the adapter. reason, message: as reported by the link, including the remedy.
    """
    down_h = (now_utc_us - since_utc_us) / _HOUR_US
    if down_h < DOWN_AFTER_H:
        return None
    return Finding(
        kind="no_data",
        scope="nights",
        sensor=subject,
        night=None,
        since_utc_us=since_utc_us,
        confidence="high",
        words=f"{subject} on this computer has been down for {_span(down_h)} ({reason}), so no data arrives.",
        may_mean=words.NO_DATA_MEANING,
        to_try=message,
        see_doctor="",
        resolved_when="Bluetooth works again.",
        evidence={"cause": "adapter down", "reason": reason, "silent_h": down_h},
    )


def _span(hours: float) -> str:
    return f"{hours * 60:.0f} minutes" if hours < 2 else f"{hours:.0f} hours"
