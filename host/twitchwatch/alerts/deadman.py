"""Checks from outside that the daemon is alive, and sends an alert through every channel if it is not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from twitchwatch.alerts import heartbeat
from twitchwatch.alerts.channels import channels_of, deliver
from twitchwatch.alerts.settings import path_beside, read
from twitchwatch.alerts.threads import run
from twitchwatch.store import AlertRow, Store

_KEY = "daemon"
TITLE = "Twitchwatch: the daemon is not working"


@dataclass(frozen=True, slots=True)
class Look:
    """The result: in words, whether it is an alarm, and which channels failed."""

    words: str
    alarm: bool
    failed: tuple[str, ...] = ()


def look(database: Path, service_result: str | None, now_utc_us: int) -> Look:
    """Check, and send one alert for each failure; service_result: how it ended, from the service manager."""
    beat = heartbeat.read(heartbeat.path_beside(database))
    if service_result is None:
        why = heartbeat.why_dead(beat, heartbeat.beat_now())
    elif service_result == "success":
        why = None
    else:
        why = f"The service manager stopped the daemon ({service_result}) and is restarting it."
    with Store.open(database) as store:
        said = {row.key: row for row in store.alerts.all()}.get(_KEY)
        open_alarm = said is not None and said.over_utc_us is None
        if why is None:
            if said is not None and open_alarm and service_result is None and beat is not None:
                store.alerts.keep(
                    AlertRow(
                        _KEY, said.urgency, said.title, said.sent_utc_us, None, now_utc_us, said.channels
                    )
                )
            return Look(
                "The daemon works." if beat is not None else "The daemon is not supposed to run.", False
            )
        if open_alarm:
            # Once for each death; the system's journal has every check.
            return Look(why, True)
        took, failed = run(
            deliver(
                channels_of(read(path_beside(database))),
                TITLE,
                f"{why} No records are being collected; the rings keep theirs. See `twitchwatch doctor`.",
                "fault",
                unanswered=True,
            )
        )
        if took:
            store.alerts.keep(AlertRow(_KEY, "fault", TITLE, now_utc_us, None, None, ", ".join(took)))
    return Look(why, True, tuple(failed))
