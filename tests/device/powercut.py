"""Run by MicroPython: the power fails at every block write and erase of a scripted stretch of a log's life.

    micropython powercut.py STRETCH EVERY

Before each write and erase the flash is copied into another world, as it is and with the operation half
done; there the log is opened again and compared with its ledger. Every EVERY-th of these worlds suffers the
same at each of its own writes (a power cut during recovery). Prints one line of JSON.
"""

import json
import sys

import vfs
from flash import Flash, blank, make, mount, tear
from ledger import Ledger, event, expect, snippet

import twitchband.segments

SEGMENT_BYTES = 1024
_POINTS = ("/flash", "/cut", "/again")


class Worlds:
    """The world as it went, and those in which the power failed."""

    def __init__(self, blocks, capacity_bytes, every):
        self._images = [blank(blocks) for _ in _POINTS]
        self._every = every
        self.capacity_bytes = capacity_bytes
        self.ledger = Ledger(_POINTS[0] + "/log", capacity_bytes)
        self.cuts = 0
        self.second_cuts = 0
        self.broken = 0
        self.faults = []
        self._depth = 0
        self.flash = Flash(self._images[0], self._before)

    def power_on(self):
        """The board starts: mount, format if there is no file system, open the log."""
        self.power_off()
        start(self.flash, _POINTS[0], self.ledger)

    def power_off(self):
        """RAM is lost."""
        self.ledger.log = None
        unmount(_POINTS[0])

    def quietly(self, work):
        """Let `work` happen without power cuts."""
        self.flash.before = None
        work()
        self.flash.before = self._before

    def _before(self, flash, at, data):
        for torn in (False, True):
            if self._depth:
                self.second_cuts += 1
            else:
                self.cuts += 1
            self._cut(flash, at, data, torn)

    def _cut(self, flash, at, data, torn):
        depth = self._depth + 1
        image = self._images[depth]
        image[:] = flash.image
        if torn:
            tear(image, at, data)
        again = depth + 1 < len(_POINTS) and self._every and self.cuts % self._every == 0
        self._depth = depth
        ledger = Ledger(_POINTS[depth] + "/log", self.capacity_bytes, self._ledger_of(depth - 1))
        self._ledgers[depth] = ledger
        try:
            start(Flash(image, self._before if again else None), _POINTS[depth], ledger)
            ledger.audit()
            ledger.go_on()
        except Exception as error:  # noqa: BLE001
            self.broken += 1
            if len(self.faults) < 20:
                self.faults.append([self.cuts, depth, torn, repr(error)])
        ledger.log = None
        unmount(_POINTS[depth])
        self._depth = depth - 1

    _ledgers = [None] * len(_POINTS)

    def _ledger_of(self, depth):
        return self._ledgers[depth] if depth else self.ledger


def start(flash, point, ledger):
    try:
        mount(flash, point)
    except OSError:
        if ledger.formatted:
            raise
        make(flash)
        mount(flash, point)
    ledger.formatted = True
    ledger.open()


def unmount(point):
    try:
        vfs.umount(point)
    except OSError:
        return  # was not mounted


def first(worlds):
    """Flash from the factory: format, create, log, start again."""
    worlds.power_on()
    event(worlds.ledger, 1)
    worlds.ledger.flush()
    worlds.power_on()
    event(worlds.ledger, 2)
    worlds.ledger.flush()


def work(worlds):
    """Append, flush, roll, read, trim, and starts between."""
    worlds.quietly(worlds.power_on)
    ledger = worlds.ledger
    done = 0
    for boot in range(5):
        for i in range(9):
            event(ledger, i)
            if i % 3 == 1:
                snippet(ledger, i)
            if i % 3 == 2:
                ledger.flush()
        event(ledger, 100 + boot)
        while done < ledger.log.next_seq:
            done = ledger.read(done)[1]
        ledger.trim(done)
        snippet(ledger, boot)
        worlds.power_on()
    ledger.audit()


def boots(worlds):
    """Starts in a row; the counters and nothing else."""
    worlds.quietly(lambda: first(worlds))
    for _ in range(25):
        worlds.power_on()


def full(worlds):
    """A log at its limit drops its oldest segment again and again."""
    worlds.quietly(worlds.power_on)
    ledger = worlds.ledger
    ledger.may_drop = True

    def fill():
        while len(ledger.log.segments.firsts) * SEGMENT_BYTES < ledger.capacity_bytes:
            snippet(ledger, 1)
            ledger.flush()

    worlds.quietly(fill)
    for i in range(14):
        snippet(ledger, i)
        ledger.flush()
        if i == 8:
            worlds.power_on()
    expect(ledger.log.first_seq > 0, "nothing was dropped")
    ledger.audit()


def brim(worlds):
    """The file system is full before the log is."""
    worlds.quietly(worlds.power_on)
    ledger = worlds.ledger
    ledger.may_drop = True

    def fill():
        while ledger.log.first_seq == 0:
            snippet(ledger, 1)
            ledger.flush()

    worlds.quietly(fill)
    dropped = 0
    for i in range(60):
        was = ledger.log.first_seq
        snippet(ledger, i)
        ledger.flush()
        if ledger.log.first_seq > was:
            dropped += 1
            if dropped > 3:
                break
        if i % 4 == 0:
            worlds.power_on()
    expect(dropped > 3, "dropped", dropped)
    ledger.audit()


def repair(worlds):
    """The newest segment's end has rotted after it was read out; the power fails while the log is mended."""
    worlds.quietly(worlds.power_on)
    ledger = worlds.ledger

    def fill():
        for i in range(15):
            event(ledger, i)
        ledger.flush()
        ledger.read(0)
        ledger.read(ledger.log.next_seq - 1)

    worlds.quietly(fill)
    last = ledger.log.next_seq - 1
    raw = ledger.read(last)[0]
    image = worlds.flash.image
    at = image.find(raw)
    while at >= 0:
        image[at : at + len(raw)] = bytes(len(raw))
        at = image.find(raw)
    ledger.spoiled = [last]
    worlds.power_on()
    expect(ledger.log.next_seq > last, "seq set back to", ledger.log.next_seq)
    event(ledger, 100)
    ledger.flush()
    worlds.power_on()
    ledger.audit()


def night(worlds):
    """Eight hours: an epoch a minute, events, snippets, a rendezvous every ten minutes, two starts."""
    twitchband.segments.SEGMENT_BYTES = 8192
    worlds.power_on()
    ledger = worlds.ledger
    ledger.may_drop = True
    done = 0
    for minute in range(480):
        event(ledger, minute)
        if minute % 4 == 3:
            snippet(ledger, minute)
        ledger.flush()
        if minute % 60 < 30 and minute % 10 == 9:
            # The host is in reach half of the time.
            while done < ledger.log.next_seq:
                done = ledger.read(done)[1]
            ledger.trim(done)
        if minute in (200, 333):
            worlds.power_on()
    ledger.audit()


# stretch: (flash blocks, capacity of the log)
STRETCHES = {
    "first": (first, 16, 16 * SEGMENT_BYTES),
    "work": (work, 20, 16 * SEGMENT_BYTES),
    "boots": (boots, 12, 16 * SEGMENT_BYTES),
    "full": (full, 16, 4 * SEGMENT_BYTES),
    "brim": (brim, 12, 64 * SEGMENT_BYTES),
    "repair": (repair, 12, 16 * SEGMENT_BYTES),
    "night": (night, 24, 8 * 8192),
}


def main():
    name, every = sys.argv[1], int(sys.argv[2])
    stretch, blocks, capacity_bytes = STRETCHES[name]
    twitchband.segments.SEGMENT_BYTES = SEGMENT_BYTES
    worlds = Worlds(blocks, capacity_bytes, every)
    stretch(worlds)
    print(
        json.dumps(
            {
                "stretch": name,
                "records": worlds.ledger.log.next_seq,
                "cuts": worlds.cuts,
                "second_cuts": worlds.second_cuts,
                "broken": worlds.broken,
                "faults": worlds.faults,
            }
        )
    )


main()
