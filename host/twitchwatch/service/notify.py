"""Reports to systemd that the daemon is up, alive or stopping (sd_notify(3)): a datagram to its socket.

Without systemd there is no such socket, and nothing is sent.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping

# systemd's own advice: twice as often as it waits (sd_watchdog_enabled(3)).
PETS_A_WAIT = 2


class Supervisor:
    """The supervisor that started this process, if it expects reports."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        wait_us = environment.get("WATCHDOG_USEC", "")
        watched = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_s = int(wait_us) / 1e6 if self._address and watched and wait_us.isdigit() else None
        """How long it waits for a sign of life; None if it does not."""

    def say(self, *lines: str) -> None:
        """Send these assignments, such as READY=1. Does not wait for a supervisor that cannot be reached."""
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        # An "@" stands for the zero byte of Linux's abstract names.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
                to.setblocking(False)
                to.sendto("\n".join(lines).encode(), address)
        except OSError:
            return

    async def pet(self) -> None:
        """Send signs of life until cancelled: from the event loop, because that is what must not hang."""
        if self.watchdog_s is None:
            return
        while True:
            self.say("WATCHDOG=1")
            await asyncio.sleep(self.watchdog_s / PETS_A_WAIT)
