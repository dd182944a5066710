"""The daemon's heartbeat: a file that it writes while it works, and that another process reads."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

# Written this often; the reader allows for three that were missed under load.
EVERY_S = 60.0
DEAD_AFTER_S = 240.0
PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Beat:
    """When the daemon last reported that it works, and its process."""

    utc_us: int
    pid: int


def path_beside(database: Path) -> Path:
    """The heartbeat of the daemon that writes to this database."""
    return database.with_name(database.name + ".beat")


def write(path: Path, utc_us: int) -> None:
    """Record that the daemon works. Raises OSError."""
    half = path.with_name(path.name + ".part")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump({"utc_us": utc_us, "pid": os.getpid()}, file)
    half.replace(path)


def stop(path: Path) -> None:
    """The daemon was stopped on purpose: no alert is to be sent. Raises OSError."""
    path.unlink(missing_ok=True)


def read(path: Path) -> Beat | None:
    """The last heartbeat; None if the daemon never ran, or was stopped on purpose."""
    try:
        reported = json.loads(path.read_text(encoding="ascii"))
        return Beat(int(reported["utc_us"]), int(reported["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def why_dead(beat: Beat | None, now_utc_us: int) -> str | None:
    """What is wrong with the daemon; None if it works or is not supposed to run."""
    if beat is None:
        return None
    silent_s = (now_utc_us - beat.utc_us) / 1e6
    if silent_s < DEAD_AFTER_S:
        return None
    alive = Path(f"/proc/{beat.pid}").exists() if os.path.isdir("/proc") else None
    state = "hangs" if alive else "has died"
    return f"The daemon {state}: it last said {silent_s / 60:.0f} minutes ago that it works."


async def ping(url: str) -> str | None:
    """Call a service that sends an alert if it is not called; returns what went wrong, or None."""

    def call() -> None:
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            answer.read(1024)

    try:
        await asyncio.to_thread(call)
    except (OSError, urllib.error.URLError, ValueError) as error:
        return f"The heartbeat service was not reached: {error}."
    return None
