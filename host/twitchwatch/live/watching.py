"""Watching the daemon from another process: its lines, and whether it is there at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from twitchwatch.live.feed import SAMPLES, socket_path
from twitchwatch.views.live import LIVE_VIEWS
from twitchwatch.views.shape import Line, kinds

# Between attempts while no daemon runs.
AGAIN_S = 1.0
# A frame of samples is some 2 kB.
_LONGEST_BYTES = 256 * 1024
_WAITING = 64
_BY_KIND = {kind: view for view in LIVE_VIEWS for kind in kinds(view)}


@asynccontextmanager
async def watching(database: Path, *, samples: bool = False) -> AsyncIterator[asyncio.Queue[Line | None]]:
    """A queue of the daemon's lines as they come; None, again and again, while no daemon runs.

    samples: raw samples too, which keep the sensor's radio on.
    """
    lines: asyncio.Queue[Line | None] = asyncio.Queue(_WAITING)
    reading = asyncio.create_task(_read(socket_path(database), samples, lines))
    try:
        yield lines
    finally:
        reading.cancel()


async def _read(path: Path, samples: bool, lines: asyncio.Queue[Line | None]) -> None:
    while True:
        # There is no daemon, or it was killed in the middle of a line.
        with suppress(OSError, ValueError):
            await _read_once(path, samples, lines)
        await lines.put(None)
        await asyncio.sleep(AGAIN_S)


async def _read_once(path: Path, samples: bool, lines: asyncio.Queue[Line | None]) -> None:
    reader, writer = await asyncio.open_unix_connection(str(path), limit=_LONGEST_BYTES)
    try:
        if samples:
            writer.write(SAMPLES + b"\n")
        while text := await reader.readline():
            line = line_of(text)
            if line is not None:
                await lines.put(line)
    finally:
        writer.close()


def line_of(text: bytes) -> Line | None:
    """One line as its view; None for one of another version. Raises ValueError if it is not JSON."""
    fields = json.loads(text)
    try:
        return _BY_KIND[fields["kind"]](**fields)
    except (KeyError, TypeError):
        return None
