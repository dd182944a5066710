"""The daemon's heartbeat: a file that it writes while it works and that another process reads."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

from twitchwatch.alerts.threads import Busy, Lane

# Written this often; the reader allows for three that were missed under load.
EVERY_S = 60.0
DEAD_AFTER_S = 240.0
PATIENCE_S = 20.0
# A socket without a byte for so long: then the thread of a call that was given up ends.
_SILENT_S = 20.0


# Names the present boot of a Linux system (random(4)); elsewhere no boot has a name.
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Beat:
    """When a process last reported that it works, by the monotonic clock that all processes of a boot share.

    That clock stops while the computer sleeps, as the daemon does, and nothing adjusts it.
    """

    monotonic_s: float
    boot: str
    pid: int


def beat_now() -> Beat:
    """A heartbeat of this process, now."""
    try:
        boot = _BOOT.read_text("ascii").strip()
    except OSError:
        boot = ""
    return Beat(time.monotonic(), boot, os.getpid())


def path_beside(database: Path) -> Path:
    """The heartbeat file of the daemon that writes to this database."""
    return database.with_name(database.name + ".beat")


def write(path: Path) -> None:
    """Record that the daemon works. Raises OSError."""
    half = path.with_name(path.name + ".part")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(asdict(beat_now()), file)
    half.replace(path)


def stop(path: Path) -> None:
    """Record that the daemon was stopped on purpose: no alert is sent. Raises OSError."""
    path.unlink(missing_ok=True)


def read(path: Path) -> Beat | None:
    """The last heartbeat; None if the daemon never ran, or was stopped on purpose.

    A daemon of version 0.2.0 or older stores UTC.
    """
    try:
        reported = json.loads(path.read_text(encoding="ascii"))
        pid = int(reported["pid"])
        if "utc_us" in reported:
            now = beat_now()
            return Beat(now.monotonic_s - time.time() + int(reported["utc_us"]) / 1e6, now.boot, pid)
        return Beat(float(reported["monotonic_s"]), str(reported["boot"]), pid)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def why_dead(beat: Beat | None, now: Beat) -> str | None:
    """What is wrong with the daemon; None if it works or is not supposed to run. now: of this process."""
    if beat is None:
        return None
    this_boot = beat.boot == now.boot and beat.monotonic_s <= now.monotonic_s
    silent_s = now.monotonic_s - (beat.monotonic_s if this_boot else 0.0)
    if silent_s < DEAD_AFTER_S:
        return None
    if not this_boot:
        return f"The daemon has not started since this computer did, {silent_s / 60:.0f} minutes ago."
    alive = Path(f"/proc/{beat.pid}").exists() if os.path.isdir("/proc") else None
    state = "hangs" if alive else "has died"
    return f"The daemon {state}: its last sign of life was {silent_s / 60:.0f} minutes ago."


async def ping(url: str, lane: Lane) -> str | None:
    """Call a service that sends an alert if it is not called; returns what went wrong, or None."""

    def call() -> None:
        with urllib.request.urlopen(url, timeout=_SILENT_S) as answer:
            answer.read(1024)

    late = f"The heartbeat service did not answer within {PATIENCE_S:.0f} s."
    try:
        await lane.call(call, PATIENCE_S)
    except Busy:
        return "The heartbeat service has not answered the last call yet."
    except TimeoutError:
        return late
    except (OSError, ValueError) as error:
        if isinstance(getattr(error, "reason", None), TimeoutError):
            # The socket's time-out came first.
            return late
        return f"The heartbeat service could not be reached: {error}."
    return None
