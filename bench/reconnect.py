"""How soon a live ring reconnects after it comes back into range, over the virtual air.

    python -m bench.reconnect [--times N] [--write]

The clock runs from the moment at which the ring's radio is back to the moment at which a record has come from
it. The air is virtual and BlueZ is not in it: tests/bluez measures the same through the real one.
"""

import argparse
import asyncio
import logging
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.page import insert
from tests.air.house import FIRST, House, running
from twitchwatch.link.reconnect import State
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.store import Store

BAR_S = 5.0


async def measure(times: int, folder: Path) -> list[float]:
    """Seconds, one for each return."""
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    chance = random.Random(0)
    samples = folder / "samples.bin"
    write_samples(samples, modelled_night(4, 2.0).samples)
    air = Air()
    adapter = await Adapter.create(air)
    took = []
    with Store.open(folder / "t.db") as store:
        house = House(air, [adapter], store, samples, folder)
        async with house.ring(FIRST), running(house.daemon()):
            await house.more_records(FIRST)
            for _ in range(times):
                before = house.kept(FIRST)
                air.unplug(FIRST)
                await house.until(lambda: house.states[FIRST] is not State.SYNCING)
                # Away for a while: every moment of the pauses and scans is met.
                await asyncio.sleep(chance.uniform(0.5, 5.0))
                back_s = time.perf_counter()
                air.plug(FIRST)
                await house.more_records(FIRST, than=before)
                took.append(time.perf_counter() - back_s)
    await adapter.close()
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--write", action="store_true", help="put the line into docs/reliability.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        took = sorted(asyncio.run(measure(given.times, Path(folder))))
    median = statistics.median(took)
    reported = f"Over the virtual air, {len(took)} times: median {median:.1f} s, longest {took[-1]:.1f} s."
    print(reported)
    if given.write:
        insert("reconnect", reported)
    return 1 if median > BAR_S else 0


if __name__ == "__main__":
    sys.exit(main())
