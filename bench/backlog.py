"""Run by MicroPython: puts a night's backlog into the flash of a simulated board, before it is first worn.

600 events with their waveforms and 480 minutes. Prints how many records that were.
"""

import sys

_HERE = __file__.rsplit("/", 1)[0]
_FIRMWARE = _HERE + "/../firmware"
sys.path[:] = [_FIRMWARE + "/boards/sim", _FIRMWARE, _FIRMWARE + "/..", ".frozen"]

from boot import boot  # noqa: E402

boot(_FIRMWARE)

import board  # noqa: E402

from shared.protocol.record_types import EPOCH, EVENT, SNIPPET, TWITCH, WORN  # noqa: E402
from shared.protocol.snippets import COUNT, DELTAS  # noqa: E402
from twitchband.log import FlashLog  # noqa: E402
from twitchband.marks import Marks  # noqa: E402

EVENTS = 600
EPOCHS = 480
MINUTE_US = 60000000

log = FlashLog(board.LOG_ROOT, 1024 * 1024, board.random_u32, Marks())
waveform = bytes([(i * 37) & 255 for i in range(6 + 3 * (COUNT - 1))])
reported = 0
for minute in range(EPOCHS):
    while reported < (minute + 1) * EVENTS // EPOCHS:
        at_us = minute * MINUTE_US + reported
        seq = log.append(EVENT, at_us, (TWITCH, 2, 0, 0, reported, 96, 12345, 700, 0, 0, 255))
        log.append(SNIPPET, at_us, (seq, reported, 104000, 122000, COUNT, DELTAS), waveform)
        reported += 1
    body = [minute * 6240, 60000, 0, 0, 0, 700, 0, 1, 0, 0, 0, 0, 0, 1000, 3900, 3000, WORN, 0, 0]
    body.extend((1, 0, 2, 0, 0, 0, 161, 52000))
    log.append(EPOCH, minute * MINUTE_US, tuple(body))
log.close()
print(log.next_seq)
