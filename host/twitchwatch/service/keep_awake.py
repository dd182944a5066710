"""Keeping the computer awake while a sensor is near.

Nothing is lost if it sleeps: the ring keeps its records until morning. Only alerts are late, so this is done
only on request. Linux: an inhibitor of logind; macOS: `caffeinate`; Windows: SetThreadExecutionState (both
written according to their documentation, and untested).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from contextlib import suppress

from twitchwatch.errors import ConfigurationError

# Three rendezvous of ten minutes: a ring that has been silent for so long is not worn, or out of range.
ABOUT_S = 1800.0
# How often it is checked whether one still is.
_LOOK_EVERY_S = 60.0
_WHY = "A twitch sensor is being worn"
# winbase.h
_ES_CONTINUOUS, _ES_SYSTEM_REQUIRED = 0x80000000, 0x00000001


class KeepAwake:
    """Keeps the computer awake from `seen` on, for ABOUT_S after its last call."""

    def __init__(self, bus_address: str | None = None) -> None:
        self._bus_address = bus_address
        self._seen_s = -ABOUT_S
        self._changed = asyncio.Event()
        self.awake = False

    def seen(self) -> None:
        """A sensor has connected or sent something."""
        self._seen_s = asyncio.get_running_loop().time()
        self._changed.set()

    async def run(self) -> None:
        """Keep the computer awake while needed, until cancelled. Raises ConfigurationError if it cannot."""
        while True:
            await self._changed.wait()
            hold = await self._hold()
            self.awake = True
            try:
                loop = asyncio.get_running_loop()
                while loop.time() - self._seen_s < ABOUT_S:
                    await asyncio.sleep(_LOOK_EVERY_S)
            finally:
                self.awake = False
                self._changed.clear()
                hold.close()

    async def _hold(self) -> _Hold:
        if sys.platform == "linux":
            return await _logind(self._bus_address)
        if sys.platform == "darwin":
            command = shutil.which("caffeinate")
            if command is None:
                raise ConfigurationError("This Mac has no `caffeinate`; leave --keep-awake out.")
            return _Process(await asyncio.create_subprocess_exec(command, "-i", "-w", str(os.getpid())))
        return _Windows()


class _Hold:
    def close(self) -> None:
        """Let the computer sleep again."""


class _Descriptor(_Hold):
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def close(self) -> None:
        os.close(self._descriptor)


class _Process(_Hold):
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def close(self) -> None:
        with suppress(ProcessLookupError):
            self._process.terminate()


class _Windows(_Hold):
    def __init__(self) -> None:
        self._set(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED)

    def close(self) -> None:
        self._set(_ES_CONTINUOUS)

    @staticmethod
    def _set(state: int) -> None:
        if sys.platform == "win32":
            import ctypes

            ctypes.windll.kernel32.SetThreadExecutionState(state)


async def _logind(bus_address: str | None) -> _Hold:
    """An inhibitor lock (systemd.io/INHIBITOR_LOCKS): held as long as its descriptor is open."""
    from dbus_fast import BusType, Message, MessageType
    from dbus_fast.aio import MessageBus
    from dbus_fast.errors import AuthError, DBusError

    bus = MessageBus(bus_address, bus_type=BusType.SYSTEM, negotiate_unix_fd=True)
    try:
        await bus.connect()
        reply = await bus.call(
            Message(
                destination="org.freedesktop.login1",
                path="/org/freedesktop/login1",
                interface="org.freedesktop.login1.Manager",
                member="Inhibit",
                signature="ssss",
                body=["sleep", "Twitchwatch", _WHY, "block"],
            )
        )
        if reply is None or reply.message_type is MessageType.ERROR or not reply.unix_fds:
            reported = "no answer" if reply is None else reply.error_name or "no lock was given"
            raise _cannot(str(reported))
        return _Descriptor(reply.unix_fds[0])
    except (OSError, AuthError, DBusError, EOFError) as error:
        raise _cannot(str(error) or type(error).__name__) from error
    finally:
        bus.disconnect()


def _cannot(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"logind does not keep this computer awake ({why}). Leave --keep-awake out, and disable sleep in the"
        " system's power settings."
    )
