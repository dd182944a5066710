"""Run by MicroPython: the simulated board from one start to its end, with the firmware in the
folder that is given; prints which start of the log it was."""

import gc
import json
import sys

# As the simulator's own start has it.
gc.threshold(8192)
_FIRMWARE = sys.argv[1]
sys.path[:] = [_FIRMWARE + "/boards/sim", _FIRMWARE, _FIRMWARE + "/..", ".frozen"]

import world  # noqa: E402
from boot import boot  # noqa: E402

end = {"boot_id": 0, "cause": world.cause, "began_us": 0}


def watch() -> None:
    """Note the log's number of this start, and when device time began."""
    from twitchband.clock import DEVICE
    from twitchband.log import FlashLog

    begin = FlashLog.__init__

    def noted(log, *arguments):  # type: ignore[no-untyped-def]
        begin(log, *arguments)
        end["boot_id"] = log.boot_id
        end["began_us"] = world.now_us() - DEVICE.now_us()

    FlashLog.__init__ = noted


try:
    boot(_FIRMWARE)
    gc.threshold(-1)
    gc.collect()
    watch()
    import main  # noqa: F401
except SystemExit:
    end["ended"] = world.ended
print(json.dumps(end))
