"""The live feed: a socket beside the database, from which other processes of this user read what happens.

One JSON object on each line. A viewer that writes the line `samples` also gets raw samples; the sensor sends
them only while somebody is watching, because they keep its radio on.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from twitchwatch.clock.zone import iso
from twitchwatch.link.sync_session import SyncReport, TakeRaw
from twitchwatch.live.ear import Ear
from twitchwatch.shared.protocol.actions import Captured
from twitchwatch.store import Device
from twitchwatch.views.live import LiveView
from twitchwatch.views.shape import Line

# A viewer that hears nothing for some of these knows that the daemon hangs.
BEAT_S = 1.0
MAX_VIEWERS = 16
# Half a minute of samples: who reads slower is no longer live, and is disconnected.
MAX_BEHIND_BYTES = 256 * 1024
SAMPLES = b"samples"
_log = logging.getLogger("twitchwatch")


def socket_path(database: Path) -> Path:
    """The socket, beside the database."""
    return database.with_name(database.name + ".live")


class Feed:
    """What the daemon passes on. utc_us: the present time.

    Its methods are called on the event loop on which `run` runs.
    """

    def __init__(self, database: Path, utc_us: Callable[[], int]) -> None:
        self._path = socket_path(database)
        self._utc_us = utc_us
        self._ear = Ear(utc_us)
        self._viewers: dict[asyncio.StreamWriter, bool] = {}

    def capture_from(self, device: Device) -> TakeRaw | None:
        """There is a session with this sensor; returns what receives its raw samples, if somebody is
        watching.
        """
        self._send(self._ear.connected(device))
        if not any(self._viewers.values()):
            return None

        def take(captured: Captured) -> bool:
            self._send(self._ear.captured(device, captured))
            return True

        return take

    def committed(self, device: Device, records: Sequence[bytes]) -> None:
        """Records are on disk."""
        self._send(self._ear.committed(device, records))

    def ended(self, report: SyncReport) -> None:
        """A session is over."""
        if report.device is not None:
            self._send(self._ear.ended(report.device))

    async def run(self) -> None:
        """Serve until cancelled. Without a socket nothing is live, and the daemon collects as before."""
        if sys.platform == "win32":
            return
        try:
            listener = _listening(self._path)
        except OSError as error:
            _log.warning("The live view is off: %s cannot be created (%s).", self._path, error)
            return
        server = await asyncio.start_unix_server(self._welcome, sock=listener)
        try:
            while True:
                await asyncio.sleep(BEAT_S)
                self._send([self._beat()])
        finally:
            server.close()
            for viewer in list(self._viewers):
                viewer.transport.abort()
            with suppress(OSError):
                self._path.unlink()

    def _beat(self) -> LiveView:
        return LiveView("live", iso(self._utc_us()))

    async def _welcome(self, reader: asyncio.StreamReader, viewer: asyncio.StreamWriter) -> None:
        if len(self._viewers) >= MAX_VIEWERS:
            viewer.close()
            return
        self._viewers[viewer] = False
        try:
            viewer.write(_text([self._beat(), *self._ear.known()]))
            while line := await reader.readline():
                self._viewers[viewer] = self._viewers[viewer] or line.strip() == SAMPLES
        except (OSError, ValueError):
            # It is gone, or sends endless lines.
            pass
        finally:
            self._viewers.pop(viewer, None)
            viewer.close()

    def _send(self, lines: Sequence[Line]) -> None:
        if not lines:
            return
        text = _text(lines)
        without = _text(line for line in lines if line.kind != "live_samples")
        for viewer, samples in list(self._viewers.items()):
            if viewer.transport.get_write_buffer_size() > MAX_BEHIND_BYTES:
                viewer.transport.abort()
            elif not viewer.is_closing():
                viewer.write(text if samples else without)


def _text(lines: Iterable[Line]) -> bytes:
    return b"".join(json.dumps(line.as_json(), allow_nan=False).encode() + b"\n" for line in lines)


def _listening(path: Path) -> socket.socket:
    # Whoever holds the database's lock is the only daemon: what is there was left by one that was killed.
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        # Nobody can connect before it listens.
        os.chmod(path, 0o600)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
