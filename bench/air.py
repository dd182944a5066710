"""How fast a sync is over the virtual air, and what share of the link's own maximum that is.

    python -m bench.air [--gap-ms 1.0 2.5]

A ring wears a modelled night out of reach; then the daemon meets it once, and collects the whole night. The
clock runs from the moment the ring is found, connecting and discovering included, to the last commit.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from twitchwatch.link.daemon import Daemon
from twitchwatch.link.keys import Keys
from twitchwatch.link.meeting import MeetingReport
from twitchwatch.link.reconnect import State
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import WorldClock, paired, worn
from twitchwatch.store import Device, Store

HOURS = 8.0
START_UTC_US = 1_800_000_000_000_000


async def sync(folder: Path, gap_s: float) -> tuple[float, int, int, Air]:
    """Wear a night out of reach, then meet once; give seconds, records and bytes of that meeting."""
    logging.getLogger("bumble").setLevel(logging.ERROR)
    air = Air(packet_gap_s=gap_s)
    adapter = await Adapter.create(air)
    clock = WorldClock(START_UTC_US)
    samples = folder / "samples.bin"
    holes = write_samples(samples, modelled_night(1, HOURS).samples)
    found_s = committed_s = 0.0
    reports: list[MeetingReport] = []
    size = 0

    def kept(_: Device, records: Sequence[bytes]) -> None:
        nonlocal size, committed_s
        size += sum(map(len, records))
        committed_s = time.perf_counter()

    def note(_: str, state: State) -> None:
        nonlocal found_s
        if state is State.CONNECTING and not found_s:
            found_s = time.perf_counter()

    keys = Keys(folder / "keys.json")
    brought = paired(keys, 1)
    with Store.open(folder / "air.db") as store:
        daemon = Daemon(
            store,
            clock,
            1,
            keys,
            adapters=[adapter.for_daemon],
            on_commit=kept,
            on_meeting=reports.append,
            on_state=note,
        )
        # Rendezvous as rare as may be, and nobody listens till the last one: the whole night is the backlog.
        settings = {"rendezvous_s": 3600, "listen_s": 5}
        collecting: asyncio.Task[None] | None = None

        def hear(report: dict[str, object]) -> None:
            nonlocal collecting
            clock.hear(report)
            if collecting is None and clock.virtual_us > (HOURS - 0.02) * 3.6e9:
                collecting = asyncio.get_running_loop().create_task(daemon.run())

        flash = folder / "flash.bin"
        async with worn(
            air, samples, holes, flash=flash, on_report=hear, keys=brought, settings=settings
        ) as ring:
            await ring.wait()
        if collecting is not None:
            collecting.cancel()
            await asyncio.gather(collecting, return_exceptions=True)
    await adapter.close()
    return committed_s - found_s, sum(report.stored for report in reports), size, air


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gap-ms", type=float, nargs="*", default=[1.0, 2.5])
    for gap_ms in parser.parse_args().gap_ms:
        with tempfile.TemporaryDirectory() as folder:
            took_s, records, size, air = asyncio.run(sync(Path(folder), gap_ms / 1000))
        share = size / took_s / air.payload_bytes_per_s()
        print(
            f"air with {gap_ms} ms a packet: {records} records, {size / 1024:.0f} KiB in {took_s:.2f} s:"
            f" {records / took_s:.0f} records/s, {100 * share:.0f} % of the link's own maximum"
        )


if __name__ == "__main__":
    main()
