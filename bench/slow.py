"""Slow services: how long a commit and a stop take while services answer a byte a second, or never.

    python -m bench.slow [--write]

Each channel alone and all together, each to a real socket (tests/slow_services.py). Commits are of one record
each, in a process that also delivers; a stop is from SIGTERM to the end of the real daemon. "none": without
services. "names": the services' names are asked of a resolver that does not answer (needs root: it mounts a
resolv.conf of its own).
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date
from pathlib import Path

from bench.page import insert
from tests.slow_services import CHANNELS, settings_of
from twitchwatch.alerts import threads
from twitchwatch.alerts.channels import channels_of
from twitchwatch.alerts.monitor import AlertMonitor
from twitchwatch.alerts.settings import path_beside, read
from twitchwatch.shared.protocol import records
from twitchwatch.store import Store

COMMITS = 200
COMMIT_S, STOP_S = 0.1, 3.0
EVERY = (*CHANNELS, "desktop")
ALL = tuple(name for name in EVERY if name != "broker, silent once connected")


def prepared(folder: Path) -> Path:
    path = folder / "t.db"
    with Store.open(path) as store:
        store.journal.note(
            date.today().isoformat(), json.dumps({"symptoms": ["speech"]}), int(time.time() * 1e6)
        )
    return path


def commits(names: tuple[str, ...]) -> float:
    """The longest commit in seconds."""
    with tempfile.TemporaryDirectory() as home:
        path = prepared(Path(home))
        with settings_of(path.parent, *names) as services:
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={path.parent / 'bus'}"
            alerts = read(path_beside(path))

            async def measure() -> float:
                with Store.open(path) as store:
                    watch = AlertMonitor(
                        store, UTC, alerts, channels_of(alerts), utc_us=lambda: int(time.time() * 1e6),
                        tell=lambda _: None,
                    )  # fmt: skip
                    running = asyncio.create_task(watch.run())
                    device = store.register("24:0A:C4:00:00:01", 1, "Left ring", 0)
                    for service in services:
                        await asyncio.to_thread(service.met.wait)
                    longest_s = 0.0
                    for seq in range(COMMITS):
                        raw = records.encode(records.MARK, seq, 1, 5, (0,))
                        began_s = time.perf_counter()
                        await asyncio.to_thread(store.commit, device.id, [raw], seq, seq + 1, 0, 5)
                        longest_s = max(longest_s, time.perf_counter() - began_s)
                    running.cancel()
                    await asyncio.wait({running})
                    return longest_s

            return threads.run(measure())


def stop(path: Path, ready: Callable[[], object], before: tuple[str, ...] = ()) -> float:
    """Seconds from SIGTERM to the end of the daemon."""
    command = [*before, sys.executable, "-m", "twitchwatch", "run", "--json", "--database", str(path)]
    environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={path.parent / 'bus'}"}
    with subprocess.Popen(
        [*command, "--log", str(path.parent / "t.log")], stdout=subprocess.DEVNULL, env=environment
    ) as daemon:
        ready()
        began_s = time.perf_counter()
        daemon.send_signal(signal.SIGTERM)
        if daemon.wait() != 0:
            raise SystemExit(f"the daemon ended with {daemon.returncode}")
        return time.perf_counter() - began_s


def stop_beside(names: tuple[str, ...]) -> float:
    with tempfile.TemporaryDirectory() as home:
        path = prepared(Path(home))
        with settings_of(path.parent, *names) as services:
            beat = path.with_name("t.db.beat")

            def ready() -> None:
                for service in services:
                    service.met.wait()
                while not beat.exists():
                    time.sleep(0.05)

            return stop(path, ready)


def stop_without_names() -> float | None:
    """The same while names are asked of a resolver that does not answer; None if it cannot be arranged."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return None
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        path = prepared(Path(home))
        resolver = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        try:
            resolver.bind(("127.9.9.9", 53))
        except OSError:
            return None
        (path.parent / "resolv.conf").write_text("nameserver 127.9.9.9\n")
        (path.parent / "alerts.toml").write_text(
            'quiet = ""\n[desktop]\nenabled = false\n[[apprise]]\nurl = "json://slow.example"\n'
            '[heartbeat]\nurl = "http://slow.example/"\n[mqtt]\nhost = "slow.example"\n'
        )
        mount = f'mount --bind {path.parent / "resolv.conf"} /etc/resolv.conf && exec "$@"'
        return stop(path, lambda: resolver.recv(512), ("unshare", "-m", "sh", "-c", mount, "sh"))


def main() -> int:
    rows, missed = [], False
    for title, names in [("none", ()), *((name, (name,)) for name in EVERY), ("all together", ALL)]:
        commit_s, stop_s = commits(names), stop_beside(names)
        missed |= commit_s > COMMIT_S or stop_s > STOP_S
        rows.append(f"| {title} | {1000 * commit_s:.0f} ms | {stop_s:.1f} s |")
        print(rows[-1], flush=True)
    stop_s = stop_without_names()
    missed |= stop_s is not None and stop_s > STOP_S
    rows.append(f"| all, name server silent | | {'not measured' if stop_s is None else f'{stop_s:.1f} s'} |")
    print(rows[-1])
    table = ["| slow | longest commit | stop |", "| --- | ---: | ---: |", *rows]
    text = "\n".join(table) + f"\n\n{COMMITS} commits of one record with each; one stop."
    if "--write" in sys.argv:
        insert("slow services", text)
    print("MISSED" if missed else "as required")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
