"""Run by MicroPython: fills the flash of a simulated board as sixty days do in which no host comes.

What the application logs in quiet nights, through the real thinning and the real log; nobody acknowledges.
"""

import sys

_HERE = __file__.rsplit("/", 1)[0]
_FIRMWARE = _HERE + "/../../firmware"
sys.path[:] = [_FIRMWARE + "/boards/sim", _FIRMWARE, _FIRMWARE + "/..", ".frozen"]

import world  # noqa: E402
from boot import boot  # noqa: E402

boot(_FIRMWARE)

import board  # noqa: E402

from shared.protocol.record_types import EPOCH, STATUS, WORN  # noqa: E402
from twitchband.log import FlashLog  # noqa: E402
from twitchband.marks import Marks  # noqa: E402
from twitchband.thinning import Thinning  # noqa: E402

DAYS = 60
MINUTE_US = 60000000
RENDEZVOUS = 10

log = FlashLog(board.LOG_ROOT, world.config["settings"]["log_kib"] * 1024, board.random_u32, Marks())
thinning = Thinning(log)
for minute in range(DAYS * 1440):
    body = (
        minute * 6240 & 0x3FFFFFFF,
        60000,
        0,
        0,
        0,
        700,
        0,
        1,
        0,
        0,
        0,
        0,
        0,
        1000,
        3900,
        3000,
        WORN,
        0,
        0,
    ) + (0,) * 8
    for at_us, kept in thinning.epoch(minute * MINUTE_US, body):
        log.append(EPOCH, at_us, kept)
    if minute % RENDEZVOUS == 0:
        log.append(STATUS, minute * MINUTE_US, (0,) * 25)
        log.flush()
log.close()
print(log.first_seq, log.next_seq)
