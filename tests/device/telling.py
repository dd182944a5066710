"""Run by MicroPython: what the log reports about itself, on which status, thinning and faults rely.

micropython telling.py
"""

import json
import os

import vfs
from dice import Dice
from flash import BLOCK_BYTES, FailingFlash, blank, make, mount
from ledger import FakeMarks, expect

import twitchband.log
import twitchband.segments
import twitchband.waiting
from shared.protocol.records import (
    BUFFER_FULL,
    FLASH_FULL,
    GAP,
    LOG_KEPT,
    LOG_NEW,
    LOG_REPAIRED,
    MARK,
    RECORDS,
    SNIPPET,
    decode,
    encode,
    split,
)
from twitchband.waiting import BATCH_BYTES

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
    # A log of a hundred segments is full with the hundredth, not before.
    log.segments.resize(100 * SEGMENT_BYTES)
    log.segments.firsts[:] = list(range(log.first_seq - 99, log.first_seq + 1))
    log.append(MARK, 0, (1,))
    first = log.first_seq
    log.flush()
    same("of a hundred", (log.held_percent, log.first_seq), (99, first))
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
    log.flush()
    for pause_s in (5, 10, 20, 40, 80, 160, 320, 640, 1280, 1280):
        later(log, volume, pause_s)
    expect("rejects writes" in log.fault and log.last_fault == log.fault, log.fault, log.last_fault)
    # Who has told it clears it; the same trouble is not told twice.
    log.last_fault = ""
    log.close()
    expect(log.fault and not log.last_fault, "told twice")
    # RAM fills; the thinning has to see it.
    filled = []
    while len(filled) < 30:
        log.append(SNIPPET, 0, SNIPPET_BODY, TAIL)
        filled.append(log.full_percent)
        same("RAM", log.full_percent, log._waiting.held_bytes * 100 // 12288)
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
    later(log, volume, 5)
    vfs.umount("/flash")


def later(log, volume, pause_s):
    """The flash is tried again after this time, and not a moment before."""
    before = volume.tries
    clock.us += pause_s * S - 1
    log.flush()
    same("tried before " + str(pause_s), volume.tries, before)
    clock.us += 1
    log.flush()
    expect(volume.tries > before, "not tried after", pause_s)


def counters():
    """What a start keeps outside the file system, and what it goes on with if they cannot be written."""
    marks = FakeMarks({"log_id": 3, "told_seq": 0, "first_boot": 9, "first_seq": 50, "flushed": 0})
    volume, log = opened(24, 1 << 20, marks)
    same("state", (log.state, log.log_id, log.boot_id, log.next_seq, log.acked_seq), (LOG_NEW, 7, 1, 0, 0))
    wanted = {"log_id": 7, "boot": 1, "first_boot": 1, "first_seq": 0, "flushed": 0, "told_seq": 0}
    same("new", marks.numbers, wanted)
    log.append(MARK, 0, (0,))
    log.flush()
    log.read(0, 1024)
    same("read", (marks.get("flushed"), marks.get("told_seq"), log.first_seq), (1, 1, 0))
    # NVS wears: what has not changed is not written.
    writes = marks.writes
    log.append(MARK, 0, (1,))
    log.flush()
    log.read(0, 1024)
    log.read(0, 1024)
    same("writes", marks.writes, writes + 1)
    log.close()
    clock.us = 0
    volume.refuses = True
    again = twitchband.log.FlashLog("/flash/log", 1 << 20, lambda: 8, marks)
    expect("rejects writes" in again.fault, "not said")
    same("boot", (again.state, again.boot_id, marks.get("boot"), again.log_id), (LOG_KEPT, 2, 2, 7))
    again.append(MARK, 0, (2,))
    later(again, volume, 5)
    volume.refuses = False
    # Another board's flash: what was told of the own one is nothing to it.
    other = FakeMarks({"log_id": 3, "told_seq": 500, "flushed": 1})
    log = twitchband.log.FlashLog("/flash/log", 1 << 20, lambda: 8, other)
    same("another's", (log.state, log.log_id, log.next_seq), (LOG_KEPT, 7, 2))
    same("its marks", (other.get("told_seq"), other.get("log_id"), other.get("boot")), (0, 7, 2))
    vfs.umount("/flash")
    # What was flushed and never read is gone: that is not a new log.
    volume = FailingFlash(blank(16))
    make(volume)
    mount(volume, "/flash")
    errno = 0
    try:
        twitchband.log.FlashLog("/flash/log", 1 << 20, lambda: 8, FakeMarks({"log_id": 3, "flushed": 1}))
    except OSError as error:
        errno = error.errno
    # littlefs's own word for damage: LFS_ERR_CORRUPT.
    same("gone", errno, 84)
    vfs.umount("/flash")


def safe():
    """What some host has on its disk goes silently; what none has is reported by a gap."""
    for upto_seq, told in ((4, 0), (3, 1), (0, 4)):
        _, log = opened(16, 4 * SEGMENT_BYTES)
        for _ in range(8):
            log.append(SNIPPET, 0, SNIPPET_BODY, TAIL)
            log.flush()
        log.trim(0, upto_seq)
        while log.first_seq == 0:
            log.append(SNIPPET, 5, SNIPPET_BODY, TAIL)
            log.flush()
        gaps = []
        at = log.first_seq
        while at < log.next_seq:
            data, at = log.read(at, 1024)
            gaps.extend([record for record in map(decode, split(data)[0]) if record.type == GAP])
        same("gaps", [gap.body for gap in gaps], [(RECORDS, FLASH_FULL, 4 - told, told, 0)] if told else [])
        vfs.umount("/flash")


def no_room():
    """The file system is full before the log is: the oldest segment goes, if it is not the only one."""
    for count, segments in ((260, 3), (132, 2), (20, 1)):
        _, log = opened(24, 1 << 20)
        for _ in range(count):
            log.append(SNIPPET, 0, SNIPPET_BODY, TAIL)
        log.flush()
        same("segments", len(log.segments.firsts), segments)
        with open("/flash/other", "wb") as file:
            try:
                while True:
                    file.write(bytes(256))
                    file.flush()
            except OSError:
                pass
        first = log.first_seq
        for _ in range(40):
            log.append(SNIPPET, 0, SNIPPET_BODY, TAIL)
            clock.us += 2000 * S
            log.flush()
        same(
            "goes on",
            (segments, log.fault == "", log.first_seq > first),
            (segments, segments > 1, segments > 1),
        )
        vfs.umount("/flash")


def torn():
    """Behind a damaged end as many numbers are skipped as it may have held, and no more."""
    for garbage, skipped in ((0, 0), (1, 0), (23, 0), (24, 1), (77, 3)):
        marks = FakeMarks()
        _, log = opened(24, 1 << 20, marks)
        for i in range(10):
            log.append(MARK, 0, (i,))
        log.close()
        with open("/flash/log/0000000000.seg", "ab") as file:
            file.write(b"\xff" * garbage)
        log = twitchband.log.FlashLog("/flash/log", 1 << 20, lambda: 8, marks)
        same("state", log.state, LOG_REPAIRED if garbage else LOG_KEPT)
        same("next", log.next_seq, 10 + skipped)
        same("boot", log.boot_id, 2)
        log.append(MARK, 0, (1,))
        log.flush()
        # Nothing is written behind the damage.
        same("segments", log.segments.firsts, [0, 10 + skipped] if garbage else [0])
        same("read", log.read(0, 1024)[1], 10 + skipped if garbage else 11)
        vfs.umount("/flash")
    # A segment of which nothing can be read is begun again, under its own number.
    marks = FakeMarks()
    _, log = opened(24, 1 << 20, marks)
    log.append(MARK, 0, (1,))
    log.close()
    with open("/flash/log/0000000001.seg", "wb") as file:
        file.write(b"\xff" * 10)
    log = twitchband.log.FlashLog("/flash/log", 1 << 20, lambda: 8, marks)
    same("torn at once", (log.state, log.next_seq), (LOG_REPAIRED, 1))
    log.append(MARK, 0, (1,))
    log.flush()
    same("begun again", (log.segments.firsts, log.segments.used_bytes), ([0, 1], 8 * BLOCK_BYTES + 25))
    vfs.umount("/flash")


def missing():
    """A segment that is not there is passed over; a file that cannot be closed holds up nothing."""
    _, log = opened(24, 8 * SEGMENT_BYTES)
    for _ in range(12):
        log.append(SNIPPET, 0, SNIPPET_BODY, TAIL)
        log.flush()
    same("segments", log.segments.firsts, [0, 4, 8])
    for gone, upto_seq in ((0, 8), (4, 12)):
        os.remove("/flash/log/" + twitchband.segments.segment_name(gone))
        data, at = log.read(0, 1024)
        same("read", (at, next(decode(raw).seq for raw in split(data)[0])), (upto_seq, gone + 4))

    log.trim(8, 8)
    same("trimmed", log.segments.firsts, [8])

    class Stuck:
        def close(self):
            raise OSError(5)

    log.segments.close()
    log.segments._file = Stuck()
    log.close()
    log.append(MARK, 0, (1,))
    log.flush()
    same("goes on", (log.fault, log.read(12, 1024)[1]), ("", 13))
    vfs.umount("/flash")


def anywhere():
    """Whatever was read before, a read gives what the segment has from there on, as far as the limit goes."""
    _, log = opened(24, 1 << 20)
    raws = []
    ends = [240, 250, 485, 520, 540]
    for end in ends:
        for seq in range(len(raws), end):
            raws.append(encode(MARK, seq, 1, seq, (1,)))
            log.append(MARK, seq, (1,))
        log.flush()
        log.segments.end()
    same("segments", log.segments.firsts[1:], ends[:-1])
    size = len(raws[0])
    # Places in bytes that are the number of a segment, and of an earlier record.
    for first, count, from_seq in ((240, 10, 250), (485, 20, 500)):
        same("cursor", (log.read(first, count * size)[1], count * size), (first + count, from_seq))
        same("on or back", log.read(from_seq, size), (raws[from_seq], from_seq + 1))
    dice = Dice(7)
    at = 0
    for _ in range(400):
        # Go on where the last read ended, or anywhere else.
        at = at if dice.below(3) and at < 540 else dice.below(540)
        limit = size * (1 + dice.below(12)) + dice.below(size)
        upto_seq = min([end for end in ends if end > at] + [at + limit // size])
        same("read", log.read(at, limit), (b"".join(raws[at:upto_seq]), upto_seq))
        at = upto_seq
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
    # Not even enough to make room.
    thin = log._waiting.thin
    log._waiting.thin = lambda: short()
    left[0] = 3
    same("lost", (log.append(MARK, 9, (5,)), log.memory_short), (5, True))
    log._waiting.thin = thin
    log.append(MARK, 9, (6,))
    twitchband.log.encode = real
    log.flush()
    records = [decode(raw) for raw in split(log.read(0, 1024)[0])[0]]
    same("records", [record.seq for record in records], [0, 1, 2, 4, 5, 6])
    same("gap", (records[2].type, records[2].body), (GAP, (RECORDS, BUFFER_FULL, 2, 2, 0)))
    same("gap", (records[4].type, records[4].body), (GAP, (RECORDS, BUFFER_FULL, 5, 1, 0)))
    vfs.umount("/flash")


def another_batch():
    """While the flash takes nothing, a batch is full, and there is no memory for another."""
    volume, log = opened(24, 1 << 20)
    log.append(MARK, 0, (0,))
    log.flush()
    volume.refuses = True
    for _ in range(BATCH_BYTES // 256):
        log.append(SNIPPET, 0, SNIPPET_BODY, TAIL)
    full = log.next_seq

    class Short(bytearray):
        def __init__(self, *content):
            if content:
                raise MemoryError
            super().__init__()

        def extend(self, _):
            raise MemoryError

    log._waiting.thin = lambda: None
    twitchband.waiting.bytearray = Short
    log.append(MARK, 0, (1,))
    del twitchband.waiting.bytearray
    volume.refuses = False
    clock.us += 2000 * S
    log.flush()
    same("flushed", (log.fault, log.segments.read(0, 1024)[1] > 0), ("", True))
    log.append(MARK, 0, (2,))
    log.close()
    at = 0
    seqs = []
    while at < log.next_seq:
        data, at = log.read(at, 1024)
        seqs.extend([decode(raw).seq for raw in split(data)[0]])
    same("seqs", seqs, list(range(full + 2)))
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
    # As many whole records as the limit takes, to the byte.
    same("two", [log.read(3, 512)[1], len(log.read(3, 512)[0])], [5, 512])
    same("one", [log.read(3, 511)[1], len(log.read(3, 511)[0])], [4, 256])
    same("none", log.read(3, 255), (b"", count + 1))
    expect(log.segments.used_bytes > count * 256, "not flushed")
    vfs.umount("/flash")


def main():
    # Eight blocks of littlefs.
    same("segment", twitchband.segments.SEGMENT_BYTES, 8 * BLOCK_BYTES)
    twitchband.segments.SEGMENT_BYTES = SEGMENT_BYTES
    done = []
    for case in (fullness, safe, missing, memory):
        case()
        done.append(case.__name__)
    twitchband.segments.SEGMENT_BYTES = 8 * BLOCK_BYTES
    for case in (another_batch, anywhere, no_room, batches, counters, torn, refusals):
        case()
        done.append(case.__name__)
    print(json.dumps({"done": done}))


main()
