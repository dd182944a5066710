"""Run by MicroPython: what the log says of itself, which the status, the thinning and the faults rely on.

micropython telling.py
"""

import json

import vfs
from flash import FailingFlash, blank, make, mount
from ledger import FakeMarks, expect

import twitchband.log
import twitchband.segments
from shared.protocol.records import BUFFER_FULL, GAP, MARK, RECORDS, SNIPPET, decode, encode, split
from twitchband.waiting import BATCH_BYTES, HELD_BYTES

SEGMENT_BYTES = 1024
SNIPPET_BODY = (1, 1, 104000, 122000, 64, 1)
# With this tail a snippet takes a quarter of a segment, exactly.
TAIL = bytes(SEGMENT_BYTES // 4 - len(encode(SNIPPET, 0, 0, 0, SNIPPET_BODY)))
S = 1000000


class Clock:
    us = 0

    def now_us(self):
        return self.us


clock = twitchband.log.DEVICE = Clock()


def opened(blocks, capacity_bytes, marks=None):
    volume = FailingFlash(blank(blocks))
    make(volume)
    mount(volume, "/flash")
    return volume, twitchband.log.FlashLog("/flash/log", capacity_bytes, lambda: 7, marks or FakeMarks())


def same(what, got, wanted):
    expect(got == wanted, what, got, "instead of", wanted)


def fullness():
    """How full it is, segment by segment; a changed capacity holds from the next flush on."""
    _, log = opened(16, 8 * SEGMENT_BYTES)
    sizes = []
    for count in range(1, 13):
        log.append(SNIPPET, 0, SNIPPET_BODY, TAIL)
        log.flush()
        sizes.append(log.segments.used_bytes)
        same("waiting", log.waiting(), count)
        same("percent", (log.held_percent, log.full_percent), ((count - 1) // 4 * 100 // 8,) * 2)
    same("used", sizes, [256 * count for count in range(1, 13)])
    same("most", log.segments.most_bytes, 8 * SEGMENT_BYTES)
    log.trim(4, 4)
    same("trimmed", (log.first_seq, log.waiting(), log.held_percent), (4, 8, 12))
    # The segment of what is acknowledged in part stays, and the newest always.
    log.trim(7, 7)
    same("trimmed in part", (log.first_seq, log.waiting()), (4, 8))
    log.trim(12, 12)
    same("the newest stays", (log.first_seq, log.waiting(), log.held_percent), (8, 4, 0))
    for _ in range(12):
        log.append(SNIPPET, 0, SNIPPET_BODY, TAIL)
        log.flush()
    same("grown", (log.first_seq, log.held_percent), (8, 37))
    log.segments.resize(3 * SEGMENT_BYTES)
    same("resized", (log.segments.most_bytes, log.held_percent), (3 * SEGMENT_BYTES, 100))
    log.append(SNIPPET, 0, SNIPPET_BODY, TAIL)
    log.flush()
    expect(log.held_percent < 100 and log.first_seq > 8, "nothing went", log.first_seq)
    # Two segments at least: one to write, one to keep.
    log.segments.resize(0)
    same("least", log.segments.most_bytes, 2 * SEGMENT_BYTES)
    vfs.umount("/flash")


def refusals():
    """What is wrong with the flash, since when, and when it is tried again: after 5 s, and ever later."""
    volume, log = opened(24, 1 << 20)
    same("at first", (log.fault, log.last_fault), ("", ""))
    log.append(MARK, 0, (0,))
    log.flush()
    volume.refuses = True
    clock.us = 100 * S
    log.append(MARK, 0, (1,))
    tried = []
    while clock.us < 4000 * S:
        before = volume.tries
        log.flush()
        if volume.tries > before:
            tried.append(clock.us // S)
        clock.us += S
    pauses = [tried[i + 1] - tried[i] for i in range(len(tried) - 1)]
    same("pauses", pauses, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1280])
    expect("takes nothing" in log.fault and log.last_fault == log.fault, log.fault, log.last_fault)
    # Who has told it clears it; the same trouble is not told twice.
    log.last_fault = ""
    log.close()
    expect(log.fault and not log.last_fault, "told twice")
    # RAM fills; the thinning has to see it.
    filled = []
    while len(filled) < 30:
        log.append(SNIPPET, 0, SNIPPET_BODY, TAIL)
        filled.append(log.full_percent)
    held = log._waiting.held_bytes
    same("RAM", log.full_percent, held * 100 // HELD_BYTES)
    expect(filled[0] < filled[10] and max(filled) > 20 > log.held_percent, filled)
    volume.refuses = False
    clock.us += 1280 * S
    log.flush()
    same("well again", (log.fault, log.last_fault, log.full_percent), ("", "", 0))
    # The next trouble is told again, and begins with the shortest pause.
    volume.refuses = True
    clock.us += S
    log.append(MARK, 0, (2,))
    log.flush()
    expect(log.fault and log.last_fault == log.fault, "not told")
    clock.us += 5 * S
    before = volume.tries
    log.flush()
    expect(volume.tries > before, "waits too long")
    vfs.umount("/flash")


def counters():
    """A start whose counters cannot be written says so, and goes on by the chip's own marks."""
    marks = FakeMarks()
    volume, log = opened(24, 1 << 20, marks)
    log.append(MARK, 0, (0,))
    log.close()
    volume.refuses = True
    again = twitchband.log.FlashLog("/flash/log", 1 << 20, lambda: 8, marks)
    expect("takes nothing" in again.fault, "not said")
    same("boot", (again.boot_id, marks.get("boot"), again.log_id), (2, 2, log.log_id))
    vfs.umount("/flash")


def memory():
    """A record that finds no memory is counted, and the next that does says so."""
    _, log = opened(24, 1 << 20)
    real = twitchband.log.encode
    left = [0]

    def short(*arguments):
        if left[0]:
            left[0] -= 1
            raise MemoryError
        return real(*arguments)

    twitchband.log.encode = short
    same("first", (log.append(MARK, 0, (0,)), log.memory_short), (0, False))
    # Room was made for it.
    left[0] = 1
    same("second", (log.append(MARK, 0, (1,)), log.memory_short), (1, True))
    log.memory_short = False
    # There was none.
    for seq in (2, 3):
        left[0] = 2
        same("lost", (log.append(MARK, 0, (seq,)), log.memory_short), (seq, True))
    log.append(MARK, 9, (4,))
    twitchband.log.encode = real
    log.flush()
    records = [decode(raw) for raw in split(log.read(0, 1024)[0])[0]]
    same("records", [record.seq for record in records], [0, 1, 2, 4])
    same("gap", (records[2].type, records[2].body), (GAP, (RECORDS, BUFFER_FULL, 2, 2, 0)))
    vfs.umount("/flash")


def batches():
    """Nothing is on flash before a batch is full, and then all of it; what is read is flushed before."""
    _, log = opened(24, 1 << 20)
    count = 0
    while log.segments.used_bytes == 0:
        log.append(SNIPPET, 0, SNIPPET_BODY, TAIL)
        count += 1
    same("a batch", (count - 1) * 256 < BATCH_BYTES <= count * 256, True)
    same("on flash", log.segments.used_bytes, count * 256)
    log.append(MARK, 0, (1,))
    same("waits", log.segments.used_bytes, count * 256)
    same("read", log.read(count, 1024)[1], count + 1)
    expect(log.segments.used_bytes > count * 256, "not flushed")
    vfs.umount("/flash")


def main():
    twitchband.segments.SEGMENT_BYTES = SEGMENT_BYTES
    done = []
    for case in (fullness, counters, memory):
        case()
        done.append(case.__name__)
    twitchband.segments.SEGMENT_BYTES = 32768
    for case in (batches, refusals):
        case()
        done.append(case.__name__)
    print(json.dumps({"done": done}))


main()
