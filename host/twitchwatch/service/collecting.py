"""Collecting: the daemon, its alerts and the sleep inhibitor, until stopped."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Protocol

from twitchwatch.alerts.channels import channels_of
from twitchwatch.alerts.monitor import AlertMonitor
from twitchwatch.alerts.settings import path_beside, read
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import DeviceError, TwitchwatchError
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.host_clock import SystemClock
from twitchwatch.link.host_identity import host_id
from twitchwatch.link.keys import Keys
from twitchwatch.link.reconnect import State
from twitchwatch.link.sync_session import SyncReport
from twitchwatch.service.keep_awake import KeepAwake
from twitchwatch.service.notify import Supervisor
from twitchwatch.store import Device, Store


class Reporter(Protocol):
    """Receives everything that happens while records are collected."""

    def report_start(self, database: Path) -> None:
        """The daemon looks for sensors."""

    def report_meeting(self, report: SyncReport) -> None:
        """A sync session has ended."""

    def report_link_fault(self, error: DeviceError) -> None:
        """Something other than a sync session goes wrong."""

    def report_well(self, subject: str) -> None:
        """The fault of `subject` is over."""

    def report_alerting(self, what: str) -> None:
        """Something goes wrong with alerts."""

    def report_state(self, address: str, state: State) -> None:
        """What is being done about a sensor."""


def collect(
    database: Path, reporter: Reporter, *, adapters: Sequence[str], ports: Sequence[str], keep_awake: bool
) -> None:
    """Collect into `database` until SIGINT or SIGTERM. Arguments as of `Daemon`; raises its errors."""
    supervisor = Supervisor()
    awake = KeepAwake()
    alerts = read(path_beside(database))
    clock = SystemClock()
    with Store.open(database) as store:
        watch = AlertMonitor(
            store,
            LOCAL,
            alerts,
            channels_of(alerts),
            utc_us=lambda: clock.utc_us(clock.now_s()),
            tell=reporter.report_alerting,
        )

        def committed(device: Device, records: Sequence[bytes]) -> None:
            awake.seen()
            watch.records_came()

        daemon = Daemon(
            store,
            clock,
            host_id(database.with_name("host-id")),
            Keys.beside(database),
            only=adapters,
            ports=ports,
            on_sync_session=reporter.report_meeting,
            on_link_fault=reporter.report_link_fault,
            on_well=reporter.report_well,
            on_commit=committed,
            on_state=reporter.report_state,
        )
        reporter.report_start(database)
        beside = [watch.run(), *([awake.run()] if keep_awake else [])]
        asyncio.run(_until_stopped(supervisor, daemon.run(), supervisor.pet(), *beside))


async def _until_stopped(supervisor: Supervisor, *work: Coroutine[Any, Any, None]) -> None:
    """Run all of `work` until a signal asks to stop; the first one to fail ends the others."""
    working = asyncio.create_task(_together(work))

    def stop() -> None:
        supervisor.say("STOPPING=1")
        working.cancel()

    _on_signal(stop)
    supervisor.say("READY=1", "STATUS=Looking for sensors")
    try:
        await working
    except asyncio.CancelledError:
        # Stopped as requested; a cancellation of this task itself comes from outside and is passed on.
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise


async def _together(work: tuple[Coroutine[Any, Any, None], ...]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except BaseExceptionGroup as errors:
        ours, others = errors.split(TwitchwatchError)
        if ours is not None and others is None:
            raise ours.exceptions[0] from None
        raise


def _on_signal(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            # Its event loop takes no signals.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)
