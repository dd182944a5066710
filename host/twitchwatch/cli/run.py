"""`twitchwatch run`: the daemon, in the foreground or under a supervisor."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twitchwatch.cli.options import database_option, json_option, log_option
from twitchwatch.errors import TwitchwatchError

if TYPE_CHECKING:
    from twitchwatch.service.notify import Supervisor
    from twitchwatch.store import Device


@click.command("run")
@click.option(
    "--adapter",
    "adapters",
    multiple=True,
    metavar="NAME",
    help="Only this Bluetooth adapter (Linux), such as hci1. Can be given several times.",
)
@click.option(
    "--port",
    "ports",
    multiple=True,
    metavar="PORT",
    help="Speak to a sensor at this serial port, too. Ports at which one was met or paired need no naming.",
)
@click.option(
    "--keep-awake",
    is_flag=True,
    help="Keep this computer from sleeping while a sensor is about. Without it nothing is lost, but late.",
)
@log_option
@database_option
@json_option
def command(
    adapters: tuple[str, ...],
    ports: tuple[str, ...],
    keep_awake: bool,
    log: Path,
    database: Path,
    as_json: bool,
) -> None:
    """Look for sensors and collect their records, until stopped by Ctrl-C or SIGTERM.

    Each record is on this computer's disk before the sensor hears that it may forget it. Stop at any time:
    nothing is lost, the next run goes on where this one ended. An adapter that is missing or off is said, and
    waited for. A sensor on a cable is met over the cable.

    `twitchwatch service install` lets the system do this from login on.
    """
    from twitchwatch.alerts.channels import channels_of
    from twitchwatch.alerts.settings import path_beside, read
    from twitchwatch.alerts.watch import Watch
    from twitchwatch.cli.page import Page
    from twitchwatch.cli.teller import Teller
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.link.daemon import Daemon
    from twitchwatch.link.host_clock import SystemClock
    from twitchwatch.link.host_identity import host_id
    from twitchwatch.link.keys import Keys
    from twitchwatch.service.keep_awake import KeepAwake
    from twitchwatch.service.lock import only_one
    from twitchwatch.service.logfile import begin_log
    from twitchwatch.service.notify import Supervisor
    from twitchwatch.store import Store

    begin_log(log)
    teller = Teller(None if as_json else Page())
    supervisor = Supervisor()
    awake = KeepAwake()
    alerts = read(path_beside(database))
    clock = SystemClock()
    with only_one(database), Store.open(database) as store:
        watch = Watch(
            store,
            LOCAL,
            alerts,
            channels_of(alerts),
            utc_us=lambda: clock.utc_us(clock.now_s()),
            tell=teller.tell_alerting,
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
            on_meeting=teller.tell_meeting,
            on_trouble=teller.tell_trouble,
            on_well=teller.tell_well,
            on_commit=committed,
            on_state=teller.tell_state,
        )
        teller.tell_start(database)
        beside = [watch.run(), *([awake.run()] if keep_awake else [])]
        asyncio.run(_until_stopped(supervisor, daemon.run(), supervisor.pet(), *beside))


async def _until_stopped(supervisor: Supervisor, *work: Coroutine[Any, Any, None]) -> None:
    """Do all of `work` until a signal asks to stop; the first of ours to fail ends the others."""
    working = asyncio.create_task(_together(work))

    def stop() -> None:
        supervisor.say("STOPPING=1")
        working.cancel()

    _on_signal(stop)
    supervisor.say("READY=1", "STATUS=Looking for sensors")
    try:
        await working
    except asyncio.CancelledError:
        # Stopped as asked; a cancellation of this very task is somebody else's and goes on.
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
