"""The demo: a virtual ring records a night, and the daemon, the same as at home, collects it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from twitchwatch.errors import DeviceError
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.keys import Keys
from twitchwatch.link.reconnect import State
from twitchwatch.link.sync_session import SyncReport
from twitchwatch.recording import read_recording
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import WorldClock, paired, worn
from twitchwatch.store import DEMO_HARDWARE_ID, DEMO_NAME, Store

# The daemon may still be committing the last window when the ring has switched itself off.
LAST_MEETING_S = 10.0
HOST_ID = 0xDE30
# By this name, and by its hardware id, the simulated ring is told from those that are worn.
NAME = DEMO_NAME
# When people fall asleep, near enough.
BEDTIME = time(23, 0)
# Samples at the end: a ring starts in four seconds, and looks at its cell every ten. By the hour it is off.
LEFT_OUT = 15 * 104


@dataclass
class Worn:
    """How the virtual night went: sessions, what went wrong between them, the maximum heap in use."""

    sync_sessions: list[SyncReport] = field(default_factory=list)
    link_faults: list[DeviceError] = field(default_factory=list)
    heap_bytes: int = 0


def last_evening() -> datetime:
    """When a simulated night begins, on this computer's clock."""
    return datetime.combine(datetime.now().date() - timedelta(days=1), BEDTIME).astimezone()


def wear_night(
    store: Store,
    folder: Path,
    started: datetime,
    source: Path | tuple[int, float],
    on_progress: Callable[[float, float], None],
) -> Worn:
    """Simulate a night of a virtual ring, from a recording or modelled by seed and hours; see `wear`.

    folder: for samples and flash. on_progress receives virtual seconds, and how many there will be.
    """
    samples = folder / "samples.bin"
    if isinstance(source, Path):
        recording = read_recording(source)
        holes, length_s = write_samples(samples, recording), recording.duration_s
    else:
        seed, hours = source
        holes = write_samples(samples, modelled_night(seed, hours).samples[:-LEFT_OUT])
        length_s = hours * 3600
    return asyncio.run(
        wear(
            samples,
            holes,
            store=store,
            flash=folder / "flash.bin",
            start_utc_us=int(started.timestamp()) * 1_000_000,
            on_progress=lambda virtual_s: on_progress(virtual_s, length_s),
        )
    )


async def wear(
    samples: Path,
    holes: Sequence[Sequence[int]],
    *,
    store: Store,
    flash: Path,
    start_utc_us: int,
    on_progress: Callable[[float], None] = lambda _: None,
    **config: Any,
) -> Worn:
    """Feed a ring with `samples` (a file of int16 x y z at 104 Hz) from `start_utc_us` on, into `store`.

    on_progress receives virtual seconds. Returns after the last session of the ring and the daemon. Raises
    DeviceError if the firmware failed, and the store's errors.
    """
    # Bumble warns of notifications that arrive after a client has disconnected, which is normal at the end of
    # a session.
    logging.getLogger("bumble").setLevel(logging.ERROR)
    reported = Worn()
    clock = WorldClock(start_utc_us)

    def hear(report: dict[str, Any]) -> None:
        clock.hear(report)
        reported.heap_bytes = max(reported.heap_bytes, int(report["heap"]))
        on_progress(clock.virtual_us / 1e6)

    idle = asyncio.Event()

    def note(_: str, state: State) -> None:
        (idle.clear if state in (State.CONNECTING, State.SYNCING) else idle.set)()

    air = Air()
    adapter = await Adapter.create(air)
    keys = Keys(flash.with_name("keys.json"))
    brought = paired(keys, HOST_ID, DEMO_HARDWARE_ID)
    config.setdefault("settings", {"name": NAME})
    daemon = Daemon(
        store,
        clock,
        HOST_ID,
        keys,
        adapters=[adapter.for_daemon],
        on_sync_session=reported.sync_sessions.append,
        on_link_fault=reported.link_faults.append,
        on_state=note,
    )
    collecting = asyncio.create_task(daemon.run())
    try:
        async with worn(
            air,
            samples,
            holes,
            flash=flash,
            on_report=hear,
            keys=brought,
            hardware_id=DEMO_HARDWARE_ID,
            **config,
        ) as ring:
            wearing = asyncio.create_task(ring.wait())
            done, _ = await asyncio.wait({wearing, collecting}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            async with asyncio.timeout(LAST_MEETING_S):
                await idle.wait()
    finally:
        collecting.cancel()
        with suppress(asyncio.CancelledError):
            await collecting
        await adapter.close()
    return reported
