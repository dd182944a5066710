"""The computer is kept awake while a sensor is about: a lock of a stand-in for logind, over a real D-Bus."""

from __future__ import annotations

import asyncio
import os
import select
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from twitchwatch.errors import ConfigurationError
from twitchwatch.service import keep_awake
from twitchwatch.service.keep_awake import KeepAwake

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="logind is Linux's")


class Logind:
    """Gives one lock for each Inhibit, and knows which are held."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self._locks: list[int] = []

    async def start(self, address: str) -> None:
        self._bus = await MessageBus(address, negotiate_unix_fd=True).connect()
        self._bus.add_message_handler(self._answer)
        await self._bus.request_name("org.freedesktop.login1")

    async def stop(self) -> None:
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()
        for lock in self._locks:
            os.close(lock)

    def held(self) -> bool:
        """A pipe whose other ends are all closed says so."""
        poll = select.poll()
        for lock in self._locks:
            poll.register(lock, 0)
        return len(poll.poll(0)) < len(self._locks)

    def _answer(self, message: Message) -> Message | bool:
        if message.message_type is not MessageType.METHOD_CALL or message.member != "Inhibit":
            return False
        self.asked.append(list(message.body))
        ours, theirs = os.pipe()
        self._locks.append(ours)
        reply = Message.new_method_return(message, "h", [0], unix_fds=[theirs])
        asyncio.get_running_loop().call_later(0.2, os.close, theirs)
        return reply


@pytest.fixture
async def logind(bus_address: str) -> AsyncIterator[Logind]:
    logind = Logind()
    await logind.start(bus_address)
    yield logind
    await logind.stop()


async def until(said: object) -> None:
    async with asyncio.timeout(10):
        while not said():  # type: ignore[operator]
            await asyncio.sleep(0)


async def test_it_is_held_while_a_sensor_is_about(
    logind: Logind, bus_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep_awake, "_LOOK_EVERY_S", 0.0)
    awake = KeepAwake(bus_address)
    keeping = asyncio.create_task(awake.run())
    await asyncio.sleep(0)
    # Nobody is about yet.
    assert logind.asked == []
    awake.seen()
    await until(lambda: awake.awake)
    assert logind.asked == [["sleep", "Twitchwatch", "A twitch sensor is being worn", "block"]]
    assert logind.held()
    monkeypatch.setattr(keep_awake, "ABOUT_S", 0.0)
    await until(lambda: not awake.awake and not logind.held())
    monkeypatch.setattr(keep_awake, "ABOUT_S", 1800.0)
    awake.seen()
    await until(lambda: awake.awake)
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    await until(lambda: not logind.held())


async def test_a_computer_that_cannot_be_asked_is_said(bus_address: str) -> None:
    awake = KeepAwake(bus_address)
    awake.seen()
    with pytest.raises(ConfigurationError, match="--keep-awake"):
        await awake.run()
