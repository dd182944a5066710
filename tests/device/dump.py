"""Run by MicroPython: opens the log in a file of flash and prints {"state": ...}, then its records as hex.

micropython dump.py FLASH BLOCKS
"""

import json
import sys

# Before the simulated board's folder is there, whose `time` needs a world.
from twitchband.log import FlashLog

_HERE = __file__.rsplit("/", 1)[0]
sys.path[1:1] = [_HERE + "/../../firmware/boards/sim"]
# This folder has a flash of its own, in RAM.
sys.path.pop(0)

import vfs  # noqa: E402
from flash import FileFlash  # noqa: E402

from shared.protocol.records import split  # noqa: E402


class NoMarks:
    """Nothing is known but what is on the flash."""

    def get(self, name):
        return 0

    def set(self, name, value):
        pass


device = FileFlash(sys.argv[1], int(sys.argv[2]))
vfs.mount(vfs.VfsLfs2(device, readsize=32, progsize=32, lookahead=32), "/flash")
# More than any log has: nothing is dropped to make room.
log = FlashLog("/flash/log", 1 << 23, lambda: 0, NoMarks())
print(json.dumps({"state": log.state, "log_id": log.log_id}))
at = 0
while at < log.next_seq:
    data, at = log.read(at, 1024)
    for raw in split(data)[0]:
        print(json.dumps({"raw": raw.hex()}))
