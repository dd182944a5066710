"""The alert monitor in the daemon: evaluates records, sends alerts, shows that the daemon is alive."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, tzinfo
from math import inf
from pathlib import Path
from typing import cast

from twitchwatch.alerts import heartbeat
from twitchwatch.alerts.channels import Channel, deliver
from twitchwatch.alerts.digest import KEY as DIGEST
from twitchwatch.alerts.digest import digest
from twitchwatch.alerts.home_assistant import Ring, discovery, states
from twitchwatch.alerts.mqtt import MqttLink
from twitchwatch.alerts.policy import (
    Message,
    Said,
    Subject,
    Urgency,
    after,
    digest_due,
    gone,
    messages,
)
from twitchwatch.alerts.settings import AlertSettings
from twitchwatch.alerts.subjects import subjects_of
from twitchwatch.alerts.threads import Lane
from twitchwatch.archive.keeping import keep
from twitchwatch.archive.nights import Archive
from twitchwatch.archive.sealing import let_through, seal_of
from twitchwatch.archive.set_clock import MomentKeeper
from twitchwatch.clock.elapsed import elapsed_s
from twitchwatch.clock.zone import iso
from twitchwatch.errors import TwitchwatchError
from twitchwatch.store import AlertRow, Store, is_worn

# Whether records arrived is checked this often; without any, findings are checked this often, for silence.
WATCH_EVERY_S = 60.0
LOOK_EVERY_S = 600.0
# A heartbeat service usually allows for five minutes and some grace.
PING_EVERY_S = 240.0

# A clock that is set moves stored moments with it; what is stored before that is noticed is told apart.
CLOCK_EVERY_S = 1.0

# Nights take some 30 ms each to derive: a start that takes seconds is announced.
MANY_NIGHTS = 100

_AGAIN = {
    "first": "",
    "more_urgent": "More urgent now: ",
    "unanswered": "Not acknowledged yet: ",
    "over": "Over: ",
}


class AlertMonitor:
    """Checks, sends and beats.

    utc_us() is the time, elapsed_s() measures intervals (see `clock.elapsed`), `sleep` waits, `tell`
    receives what goes wrong.
    """

    def __init__(
        self,
        store: Store,
        zone: tzinfo,
        settings: AlertSettings,
        channels: Sequence[Channel],
        *,
        utc_us: Callable[[], int],
        elapsed_s: Callable[[], float] = elapsed_s,
        tell: Callable[[str], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._zone = zone
        self._archive = Archive(store, zone, progress=self._show_deriving)
        self._settings = settings
        self._channels = channels
        self._utc_us = utc_us
        self._elapsed_s = elapsed_s
        self._moments = MomentKeeper(store, utc_us, elapsed_s)
        self._tell = tell
        self._sleep = sleep
        self._beat_path: Path = heartbeat.path_beside(store.path)
        self._news = True
        self._complaints: dict[str, str] = {}
        self._link = None if settings.broker is None else MqttLink(settings.broker, tell)

    def records_came(self) -> None:
        """Signal that there may be new findings."""
        self._news = True

    async def run(self) -> None:
        """Run until cancelled. Beats, checks and calls do not wait for each other."""
        async with asyncio.TaskGroup() as tasks:
            if self._link is not None:
                tasks.create_task(self._link.run())
            tasks.create_task(self._follow_clock())
            tasks.create_task(self._beat())
            if self._settings.heartbeat_url is not None:
                tasks.create_task(self._call(self._settings.heartbeat_url))
            tasks.create_task(self._watch())

    async def _follow_clock(self) -> None:
        while True:
            await self._sleep(CLOCK_EVERY_S)
            try:
                await asyncio.to_thread(self._moments.follow)
            except TwitchwatchError as error:
                self._complain(
                    "clock", f"The clock was set, but the stored times have not been shifted yet: {error}"
                )

    async def _watch(self) -> None:
        looked_s = -inf
        await asyncio.to_thread(self._moments.begin)
        while True:
            now_s = self._elapsed_s()
            if self._news or now_s - looked_s >= LOOK_EVERY_S:
                self._news = False
                looked_s = now_s
                await self._look_safely()
            await self._sleep(WATCH_EVERY_S)

    async def _beat(self) -> None:
        while True:
            self._show_life()
            await self._sleep(heartbeat.EVERY_S)

    async def _call(self, url: str) -> None:
        lane = Lane()
        while True:
            self._complain("service", await heartbeat.ping(url, lane))
            await self._sleep(PING_EVERY_S)

    async def look(self) -> list[Message]:
        """Check once, send what is due, and return it. Raises the store's errors."""
        await asyncio.to_thread(self._moments.follow)
        now_us = self._utc_us()
        sealed = await asyncio.to_thread(seal_of, self._store, now_us)
        subjects, rings, week = await asyncio.to_thread(self._findings, now_us, sealed)
        if self._link is not None and self._settings.broker is not None:
            self._link.publish([*discovery(rings, self._settings.broker.discovery), *states(rings)])
        rows = {row.key: row for row in await asyncio.to_thread(self._store.alerts.all)}
        said = {row.key: _said(row) for row in rows.values()}
        subjects += gone(said.values(), subjects)
        local = datetime.fromtimestamp(now_us / 1e6, self._zone)
        snoozed = await asyncio.to_thread(self._store.alerts.snoozes)
        rules, kept = self._settings.rules, rows.get(DIGEST)
        out = messages(subjects, said, rules, now_us, local.time(), snoozed, sealed=sealed is not None)
        sent_us = None if kept is None else kept.sent_utc_us
        if digest_due(self._settings.digest, sent_us, local, rules, snoozed, sealed=sealed is not None):
            out.append(Message(week, "first"))
        for message in out:
            await self._say(message, said.get(message.subject.key), now_us)
        return out

    async def _look_safely(self) -> None:
        try:
            await self.look()
        except TwitchwatchError as error:
            self._complain("look", f"The findings could not be checked: {error}")
        except Exception as error:  # noqa: BLE001 - whatever a finding trips over, collecting goes on
            where = traceback.extract_tb(error.__traceback__)[-1]
            self._complain(
                "look",
                f"The findings could not be checked: {type(error).__name__}: {error} ({where.name}, line"
                f" {where.lineno}). This is a bug; records are still being collected.",
            )
        else:
            self._complain("look", None)

    async def _say(self, message: Message, before: Said | None, now_us: int) -> None:
        subject = message.subject
        title = f"{_AGAIN[message.step]}{subject.title}"
        text = subject.text or "It is over."
        unanswered = message.step == "unanswered"
        took, failed = await deliver(self._channels, title, text, subject.urgency, unanswered=unanswered)
        for what in failed:
            self._complain(what.partition(":")[0], what)
        for name in took:
            self._complain(name, None)
        if not took:
            # Nothing is recorded: it is tried again at the next check.
            self._news = True
            return
        said = after(message, before, now_us)
        row = AlertRow(
            said.key, said.urgency, said.title, said.sent_utc_us, said.unanswered_utc_us, said.over_utc_us,
            ", ".join(took),
        )  # fmt: skip
        await asyncio.to_thread(self._store.alerts.keep, row)

    def _findings(self, now_us: int, sealed: int | None) -> tuple[list[Subject], list[Ring], Subject]:
        self._store.link_faults.forget(now_us)
        sensors = self._archive.sensors()
        kept = keep(self._store, self._zone, now_us, archive=self._archive)
        # Nobody needs to be alerted to what was simulated, or recorded elsewhere.
        flags = [flag for flag in kept if is_worn(flag.hardware_id)]
        rings = []
        for sensor in sensors:
            device = sensor.device
            if not device.worn:
                continue
            last_us = self._store.last_received(device.id)
            rings.append(
                Ring(
                    device.name,
                    device.hardware_id,
                    sensor.nights[-1] if sensor.nights else None,
                    tuple(
                        flag for flag in let_through(flags, sealed) if flag.hardware_id == device.hardware_id
                    ),
                    None if last_us is None else iso(last_us),
                )
            )
        today = datetime.fromtimestamp(now_us / 1e6, self._zone).date()
        worn = [sensor for sensor in sensors if sensor.device.worn]
        return subjects_of(flags), rings, digest(worn, flags, today)

    def _show_deriving(self, done: int, of: int) -> None:
        if done == 1 and of >= MANY_NIGHTS:
            self._tell(f"{of:,} nights are being derived from their records. This happens once.")

    def _show_life(self) -> None:
        # Not in a thread: that could still write when the beat has been stopped. The watchdog handles a disk
        # that hangs here.
        try:
            heartbeat.write(self._beat_path)
        except OSError as error:
            self._complain("beat", f"The heartbeat {self._beat_path} cannot be written: {error.strerror}.")

    def _complain(self, subject: str, what: str | None) -> None:
        """Report what is wrong with `subject` once, not every minute; None: nothing is wrong."""
        if what and what != self._complaints.get(subject):
            self._tell(what)
        self._complaints[subject] = what or ""


def _said(row: AlertRow) -> Said:
    urgency = cast("Urgency", row.urgency)
    return Said(row.key, urgency, row.title, row.sent_utc_us, row.unanswered_utc_us, row.over_utc_us)
