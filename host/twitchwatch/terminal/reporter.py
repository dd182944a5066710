"""What the collecting commands print and log while they collect."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from twitchwatch.errors import DeviceError
from twitchwatch.terminal.output import write_json
from twitchwatch.views.collecting import AlertingView, StateView, WellView, link_fault_view, sync_view
from twitchwatch.views.shape import Line
from twitchwatch.wording.sync_sessions import sync_session_words

if TYPE_CHECKING:
    from twitchwatch.link.reconnect import State
    from twitchwatch.link.sync_session import SyncReport
    from twitchwatch.terminal.page import Page

_log = logging.getLogger("twitchwatch")


class TerminalReporter:
    """Prints what the daemon does: lines for people on `page`, JSON if there is none."""

    def __init__(self, page: Page | None) -> None:
        self._page = page

    def report_start(self, database: Path) -> None:
        """The daemon looks for sensors."""
        _log.info("Collecting into %s", database)
        if self._page is not None:
            self._page.say(f"Looking for sensors. Records go to {database}. Ctrl-C stops.")

    def report_search(self, port: str | None) -> None:
        """Looking for one sensor."""
        if self._page is not None:
            self._page.say(f"Waiting for the sensor at {port}." if port else "Looking for a sensor.")

    def report_meeting(self, report: SyncReport) -> None:
        """A sync session has ended."""
        self._tell(sync_view(report), sync_session_words(report))
        for warning in report.warnings:
            _log.warning(warning)
            if self._page is not None:
                self._page.say(warning, indent=10)

    def report_link_fault(self, error: DeviceError) -> None:
        """Something went wrong outside sync sessions."""
        self._tell(link_fault_view(error), str(error))

    def report_well(self, subject: str) -> None:
        """What went wrong with `subject` is over."""
        self._tell(WellView("fault_over", subject), f"{subject} works again.")

    def report_alerting(self, what: str) -> None:
        """Something went wrong with alerts."""
        if self._page is None:
            write_json(AlertingView("alerting", what))
        else:
            self._page.say(what)

    def report_state(self, address: str, state: State) -> None:
        """What is being done about a sensor; for programs only."""
        if self._page is None:
            write_json(StateView("state", address, state.value))

    def _tell(self, line: Line, words: str) -> None:
        _log.info(words)
        if self._page is None:
            write_json(line)
        else:
            self._page.say(f"{datetime.now():%H:%M:%S}  {words}")
