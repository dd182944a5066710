"""What the collecting commands say while they collect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from twitchwatch.cli.output import write_json
from twitchwatch.errors import DeviceError

if TYPE_CHECKING:
    from twitchwatch.cli.page import Page
    from twitchwatch.link.meeting import MeetingReport
    from twitchwatch.link.reconnect import State


class Teller:
    """Says what the daemon does: lines for people on `page`, JSON without one."""

    def __init__(self, page: Page | None) -> None:
        self._page = page

    def tell_start(self, database: Path) -> None:
        """The daemon looks for sensors."""
        if self._page is not None:
            self._page.say(f"Looking for sensors. Records go to {database}. Ctrl-C stops.")

    def tell_search(self, port: str | None) -> None:
        """One sensor is looked for."""
        if self._page is not None:
            self._page.say(f"Waiting for the sensor at {port}." if port else "Looking for a sensor.")

    def tell_meeting(self, report: MeetingReport) -> None:
        """A meeting has ended."""
        name = report.device.name if report.device is not None else None
        if self._page is None:
            write_json(
                {
                    "kind": "sync",
                    "device": name,
                    "hardware_id": report.device.hardware_id if report.device is not None else None,
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
            )
            return
        from datetime import datetime

        from twitchwatch.cli.page import plural

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
        told = "; ".join((f"{plural(report.stored, 'new record')}", *oddities))
        self._page.say(f"{datetime.now():%H:%M:%S}  {name or 'sensor'}: {told} ({report.outcome})")
        for warning in report.warnings:
            self._page.say(warning, indent=10)

    def tell_trouble(self, error: DeviceError) -> None:
        """Something goes wrong besides meetings."""
        if self._page is None:
            write_json({"kind": "trouble", "reason": error.reason.value, "message": str(error)})
        else:
            self._page.say(str(error))

    def tell_well(self, subject: str) -> None:
        """What went wrong with `subject` is over."""
        if self._page is None:
            write_json({"kind": "well", "subject": subject})
        else:
            self._page.say(f"{subject} works again.")

    def tell_state(self, address: str, state: State) -> None:
        """What is being done about a sensor; for programs only."""
        if self._page is None:
            write_json({"kind": "state", "address": address, "state": state.value})
