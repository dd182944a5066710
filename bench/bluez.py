"""How long a ring that comes back into range waits for its computer, through real BlueZ.

    python -m bench.bluez [--times N]

Runs in the guest of tests/bluez. A live ring is met, carried out of range for some seconds, and brought back;
the clock stops at the first notification that it then sends, which is a session at work again. The ring's
times away are spread evenly from 1 to 20 s, so that no pause of the daemon is favoured.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bluez.collector import Collector
from tests.bluez.orders import Rig
from tests.bluez.stack import Stack, until

ADDRESS = "24:0A:C4:00:00:01"
AWAY_S = (1.0, 20.0)


async def waits_s(times: int) -> list[float]:
    """Seconds from each return to the first word of the ring."""
    stack, rig = Stack(), Rig()
    await stack.restore()
    waits = []
    with tempfile.TemporaryDirectory() as folder:
        collector = Collector(Path(folder) / "t.db")
        rig.power_on(address=ADDRESS, keys=collector.pair(ADDRESS))
        await collector.start()
        for number in range(times):
            await collector.has(1, ADDRESS)
            await collector.has_state("syncing", number + 1)
            rig.take_away(address=ADDRESS)
            least_s, most_s = AWAY_S
            await asyncio.sleep(least_s + (most_s - least_s) * (number + 0.5) / times)
            rig.bring_back(address=ADDRESS)
            await until(lambda: rig.heard_after_s() is not None, "the ring to be met again")
            waits.append(rig.heard_after_s())
            print(f"{number + 1:3}: {waits[-1]:.1f} s", flush=True)
        await collector.stop()
    rig.clear_away()
    stack.stop()
    return waits


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    if "TWITCHWATCH_GUEST" not in os.environ:
        inside = [sys.executable, "-m", "bench.bluez", "--times", str(times)]
        return subprocess.call([sys.executable, "-m", "tests.bluez.guest", "--hours", "0.1", *inside])
    found = sorted(asyncio.run(waits_s(times)))
    print(
        f"back in range {times} times: met again after {statistics.median(found):.1f} s in the median,"
        f" {found[0]:.1f} to {found[-1]:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
