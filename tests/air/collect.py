"""A whole house in one process, for tests that kill it: air, ring and daemon on a given database and flash.

Prints a line for each commit and each sync session; ends when the ring has switched itself off.
"""

import asyncio
import sys
from pathlib import Path

from twitchwatch.link.daemon import Daemon
from twitchwatch.link.keys import Keys
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.ring import WorldClock, paired, worn
from twitchwatch.store import Store


async def collect(database: Path, flash: Path, samples: Path) -> None:
    air = Air()
    adapter = await Adapter.create(air)
    clock = WorldClock(1_800_000_000_000_000)
    keys = Keys(flash.with_name("keys.json"))
    brought = paired(keys, 1)
    with Store.open(database) as store:
        daemon = Daemon(
            store,
            clock,
            1,
            keys,
            adapters=[adapter.for_daemon],
            on_commit=lambda _, records: print("commit", len(records), flush=True),
            on_state=lambda _, state: print(state.value, flush=True),
        )
        collecting = asyncio.create_task(daemon.run())
        settings = {"rendezvous_s": 60}
        ring_of = worn(air, samples, [], flash=flash, on_report=clock.hear, keys=brought, settings=settings)
        async with ring_of as ring:
            await ring.wait()
        collecting.cancel()


asyncio.run(collect(*(Path(argument) for argument in sys.argv[1:4])))
