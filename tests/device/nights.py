"""Run by MicroPython: nights of records on the real log, as the recorder writes them, and their wear.

    micropython nights.py NIGHTS FETCHED

A night is eight hours: an epoch a minute, 300 events with their waveforms as far as the log's fullness
allows, a status at each rendezvous. FETCHED 1: at every rendezvous a host takes all there is; 0: none comes,
and it ends with the night in which the first record is lost. Prints a line of JSON.
"""

import json
import random
import sys

import vfs
from flash import BLOCK_BYTES, Flash, blank, make, mount
from ledger import FakeMarks

from shared.protocol.record_types import EPOCH, EVENT, SNIPPET, STATUS, TWITCH
from twitchband.log import FlashLog
from twitchband.thinning import Thinning

MINUTES = 480
EVENTS = 300
RENDEZVOUS_MINUTES = 10
CAPACITY = 1 << 20
# The file system of a board with 4 MiB of flash.
BLOCKS = 512
# 64 samples as DELTAS (snippets.py).
WAVEFORM = bytes(range(195))


class Wear:
    """Counts what is erased."""

    def __init__(self):
        self.erases = [0] * BLOCKS
        self.programmed = 0

    def before(self, flash, at, data):
        if len(data) == BLOCK_BYTES and at % BLOCK_BYTES == 0 and data[0] == data[-1] == 0xFF:
            self.erases[at // BLOCK_BYTES] += 1
        else:
            self.programmed += len(data)


class Kept:
    """What entered the log."""

    def __init__(self, log):
        self.log = log
        self.thinning = Thinning(log)
        self.time_us = 0
        self.epochs = 0
        self.snippets = 0
        self.events = 0

    def minute(self, number, events):
        log = self.log
        self.time_us += 60000000
        for _ in range(events):
            seq = log.append(EVENT, self.time_us, (1, 2, 0, 0, number, 80, 9000, 300, 0, 0, 255))
            self.events += 1
            if self.thinning.wants_waveform(EVENT, TWITCH):
                log.append(SNIPPET, self.time_us, (seq, number, 104000, 122000, 64, 1), WAVEFORM)
                self.snippets += 1
            log.flush()
        body = (number, 60000) + (0,) * 10 + (1000, 0, 3900, 3300, 1, 0, 0) + (3, 2, 4, 0, 0, 1, 160, 50000)
        for time_us, whole in self.thinning.epoch(self.time_us, body):
            log.append(EPOCH, time_us, whole)
            self.epochs += 1
            log.flush()


def main():
    most_nights, fetched = int(sys.argv[1]), sys.argv[2] == "1"
    random.seed(1)
    wear = Wear()
    flash = Flash(blank(BLOCKS))
    make(flash)
    mount(flash, "/flash")
    flash.before = wear.before
    marks = FakeMarks()
    log = FlashLog("/flash/log", CAPACITY, lambda: 7, marks)
    kept = Kept(log)
    lost = False
    whole_nights = nights = with_waveforms = 0
    while nights < most_nights and not lost:
        before = kept.snippets
        spread = [0] * MINUTES
        for _ in range(EVENTS):
            spread[random.randint(0, MINUTES - 1)] += 1
        for minute in range(MINUTES):
            kept.minute(minute, spread[minute])
            if minute % RENDEZVOUS_MINUTES == 0:
                log.append(STATUS, kept.time_us, (0,) * 25)
                log.flush()
                if fetched:
                    at = log.first_seq
                    while at < log.next_seq:
                        at = log.read(at, 1024)[1]
                    log.trim(log.next_seq, log.next_seq)
                elif log.first_seq:
                    lost = True
        nights += 1
        whole_nights += not lost
        with_waveforms += kept.snippets - before == EVENTS
    vfs.umount("/flash")
    print(
        json.dumps(
            {
                "nights": whole_nights,
                "with_all_waveforms": with_waveforms,
                "records": log.next_seq,
                "events": kept.events,
                "snippets": kept.snippets,
                "epochs": kept.epochs,
                "log_kib": log.segments.used_bytes >> 10,
                "erases": sum(wear.erases),
                "most_erases": max(wear.erases),
                "blocks": BLOCKS,
                "nvs_writes": marks.writes,
            }
        )
    )


main()
