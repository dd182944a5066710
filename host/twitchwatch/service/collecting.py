"""Collecting: the daemon, its alerts and the sleep inhibitor, until stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, Self

from twitchwatch.alerts import heartbeat, threads
from twitchwatch.alerts.channels import channels_of
from twitchwatch.alerts.monitor import AlertMonitor
from twitchwatch.alerts.settings import path_beside, read
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import DeviceError, Exit, TwitchwatchError
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.host_clock import SystemClock
from twitchwatch.link.host_identity import host_id
from twitchwatch.link.keys import Keys
from twitchwatch.link.reconnect import State
from twitchwatch.link.sync_session import SyncReport
from twitchwatch.live.feed import Feed
from twitchwatch.service.keep_awake import KeepAwake
from twitchwatch.service.notify import Supervisor
from twitchwatch.service.upkeep import Keeping, Upkeep
from twitchwatch.store import Device, Store

# A stop takes three seconds, whatever hangs. Links and the broker get LEAVE_S for their last words.
STOP_WITHIN_S = 2.8
LEAVE_S = 1.8
# Two or three calls of stat(2).
THERE_EVERY_S = 5.0


class Reporter(Protocol):
    """Receives everything that happens while records are collected."""

    def report_start(self, database: Path) -> None:
        """The daemon looks for sensors."""

    def report_meeting(self, report: SyncReport) -> None:
        """A sync session has ended."""

    def report_link_fault(self, error: DeviceError) -> None:
        """Something other than a sync session went wrong."""

    def report_well(self, subject: str) -> None:
        """The fault of `subject` is over."""

    def report_alerting(self, what: str) -> None:
        """Something went wrong with alerts."""

    def report_state(self, address: str, state: State) -> None:
        """What is being done about a sensor."""


def collect(
    database: Path,
    reporter: Reporter,
    *,
    adapters: Sequence[str],
    ports: Sequence[str],
    keep_awake: bool,
    keeping: Keeping,
) -> None:
    """Collect into `database` until SIGINT, SIGTERM or SIGHUP. Arguments and errors as of `Daemon`."""
    supervisor = Supervisor()
    awake = KeepAwake()
    alerts = read(path_beside(database))
    clock = SystemClock()
    with Stop(heartbeat.path_beside(database)) as stop, Store.open(database) as store:
        watch = AlertMonitor(
            store,
            LOCAL,
            alerts,
            channels_of(alerts),
            utc_us=lambda: clock.utc_us(clock.now_s()),
            tell=reporter.report_alerting,
        )

        feed = Feed(database, lambda: clock.utc_us(clock.now_s()))

        def committed(device: Device, records: Sequence[bytes]) -> None:
            awake.seen()
            watch.records_came()
            feed.committed(device, records)

        def session_ended(report: SyncReport) -> None:
            feed.ended(report)
            reporter.report_meeting(report)

        daemon = Daemon(
            store,
            clock,
            host_id(database.with_name("host-id")),
            Keys.beside(database),
            only=adapters,
            ports=ports,
            on_sync_session=session_ended,
            on_link_fault=reporter.report_link_fault,
            on_well=reporter.report_well,
            on_commit=committed,
            on_state=reporter.report_state,
            capture_from=feed.capture_from,
        )
        reporter.report_start(database)
        upkeep = Upkeep(store, lambda: clock.utc_us(clock.now_s()), keeping=keeping)
        beside = [watch.run(), upkeep.run(), feed.run(), _database_stays(store)]
        beside += [awake.run()] if keep_awake else []
        threads.run(until_stopped(supervisor, stop.begin, daemon.run(), supervisor.pet(), *beside))


async def _database_stays(store: Store) -> None:
    """Run until the database is gone. A commit notices that at once; this, if there are no commits."""
    while True:
        await asyncio.sleep(THERE_EVERY_S)
        store.must_be_there()


async def until_stopped(
    supervisor: Supervisor, asked_to_stop: Callable[[], None], *work: Coroutine[Any, Any, None]
) -> None:
    """Run all of `work` until a signal requests a stop; the first one to fail ends the others.

    Work that has not finished LEAVE_S after the signal is cancelled again when the loop closes.
    """
    working = asyncio.create_task(_together(work))
    stopping = asyncio.Event()

    def stop() -> None:
        if not stopping.is_set():
            stopping.set()
            asked_to_stop()
            supervisor.say("STOPPING=1")
            working.cancel()

    _on_signal(stop)
    supervisor.say("READY=1", "STATUS=Looking for sensors")
    asked = asyncio.create_task(stopping.wait())
    await asyncio.wait({working, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not stopping.is_set():
        await working
        return
    await asyncio.wait({working}, timeout=LEAVE_S)
    if working.done() and not working.cancelled():
        working.result()


class Stop:
    """A requested stop: the process ends in time, and removes the heartbeat file so that no alert is sent."""

    def __init__(self, beat: Path) -> None:
        self._beat = beat
        self._last = threading.Timer(STOP_WITHIN_S, self._end)
        self._last.daemon = True
        self._asked = False

    def begin(self) -> None:
        """A stop was requested."""
        self._asked = True
        self._last.start()

    def __enter__(self) -> Self:
        """No stop has been requested yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Everything has ended by itself, after a stop or because of an error."""
        if self._asked:
            self._last.cancel()
            self._forget()

    def _end(self) -> None:
        # As after a kill: what was acknowledged is on disk.
        self._forget()
        os._exit(Exit.OK)

    def _forget(self) -> None:
        with suppress(OSError):
            heartbeat.stop(self._beat)


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
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # `nohup` has it ignored.
        if number is None or signal.getsignal(number) == signal.SIG_IGN:
            continue
        if sys.platform == "win32":
            # Its event loop takes no signals.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)
