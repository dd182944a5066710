"""What the collecting commands say while they collect, and write into the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twitchwatch.cli.output import write_json
from twitchwatch.errors import DeviceError

if TYPE_CHECKING:
    from twitchwatch.cli.page import Page
    from twitchwatch.link.meeting import MeetingReport
    from twitchwatch.link.reconnect import State

_log = logging.getLogger("twitchwatch")


class Teller:
    """Says what the daemon does: lines for people on `page`, JSON without one."""

    def __init__(self, page: Page | None) -> None:
        self._page = page

    def tell_start(self, database: Path) -> None:
        """The daemon looks for sensors."""
        _log.info("Collecting into %s", database)
        if self._page is not None:
            self._page.say(f"Looking for sensors. Records go to {database}. Ctrl-C stops.")

    def tell_search(self, port: str | None) -> None:
        """One sensor is looked for."""
        if self._page is not None:
            self._page.say(f"Waiting for the sensor at {port}." if port else "Looking for a sensor.")

    def tell_meeting(self, report: MeetingReport) -> None:
        """A meeting has ended."""
        device = report.device
        line = {
            "kind": "sync",
            "device": None if device is None else device.name,
            "hardware_id": None if device is None else device.hardware_id,
            "outcome": report.outcome,
            "live": report.live,
            "stored": report.stored,
            "repeated": report.repeated,
            "unread": report.unread,
            "conflicts": report.conflicts,
            "damaged": report.damaged,
            "missing": report.missing,
            "damaged_frames": report.damaged_frames,
            "asked_again": report.asked_again,
            "warnings": list(report.warnings),
        }
        self._tell(line, _meeting(report))
        for warning in report.warnings:
            _log.warning(warning)
            if self._page is not None:
                self._page.say(warning, indent=10)

    def tell_trouble(self, error: DeviceError) -> None:
        """Something goes wrong besides meetings."""
        self._tell({"kind": "trouble", "reason": error.reason.value, "message": str(error)}, str(error))

    def tell_well(self, subject: str) -> None:
        """What went wrong with `subject` is over."""
        self._tell({"kind": "well", "subject": subject}, f"{subject} works again.")

    def tell_alerting(self, what: str) -> None:
        """Something goes wrong with alerts."""
        if self._page is None:
            write_json({"kind": "alerting", "message": what})
        else:
            self._page.say(what)

    def tell_state(self, address: str, state: State) -> None:
        """What is being done about a sensor; for programs only."""
        if self._page is None:
            write_json({"kind": "state", "address": address, "state": state.value})

    def _tell(self, line: Mapping[str, Any], words: str) -> None:
        _log.info(words)
        if self._page is None:
            write_json(line)
        else:
            self._page.say(f"{datetime.now():%H:%M:%S}  {words}")


def _meeting(report: MeetingReport) -> str:
    oddities = [
        f"{count} {word}"
        for count, word in (
            (report.unread, "of a kind that this version cannot read (kept)"),
            (report.damaged, "damaged on the sensor"),
            (report.missing, "no longer on the sensor"),
            (report.conflicts, "in conflict with what was here"),
        )
        if count
    ]
    records = "1 new record" if report.stored == 1 else f"{report.stored:,} new records"
    name = "sensor" if report.device is None else report.device.name
    return f"{name}: {'; '.join((records, *oddities))} ({report.outcome})"
