"""Run by MicroPython: file systems that cannot be used any more, and how much of their logs is recovered.

    micropython rescue.py TRIALS

Each kind of damage is done to a flash with settings, a program and a log of some segments, partly trimmed. A
record that lies undamaged in the flash must be in the log again, the settings too where they could still
be read; no `seq` may come twice. Then the power fails in the middle of it, twice in a row. Prints a line of
JSON for each kind.
"""

import json
import os
import sys

import vfs
from dice import Dice
from flash import BLOCK_BYTES, Flash, blank, make, mount, tear
from ledger import FakeMarks, Ledger, counting, event, expect, snippet

import twitchband.log
import twitchband.rescue
import twitchband.segments
from shared.protocol.record_types import GAP, seq_at
from shared.protocol.records import decode, split
from twitchband.rescue import rescue

BLOCKS = 48
SEGMENT_BYTES = 12000
CAPACITY = 16 * SEGMENT_BYTES
POINT = "/flash"
CUT = "/cut"
ROOT = POINT + "/log"
SETTINGS = b'{"name": "ring"}'
PROGRAM = bytes([i * 7 & 255 for i in range(9000)])


def worn():
    """A flash with a life behind it, and the ledger of its log."""
    flash = Flash(blank(BLOCKS))
    make(flash)
    mount(flash, POINT)
    with open(POINT + "/settings.json", "wb") as file:
        file.write(SETTINGS)
    os.mkdir(POINT + "/twitchband")
    with open(POINT + "/twitchband/app.mpy", "wb") as file:
        file.write(PROGRAM)
    ledger = Ledger(ROOT, CAPACITY)
    ledger.open()
    for i in range(700):
        (snippet if i % 3 == 0 else event)(ledger, i)
        if i % 5 == 0:
            ledger.flush()
        if i == 150:
            ledger.read(140)
            ledger.trim(130)
    ledger.read(ledger.log.next_seq - 40)
    event(ledger, 1)
    ledger.flush()
    ledger.log.close()
    vfs.umount(POINT)
    return flash.image, ledger


def whole_in(image, ledger):
    """Records of the log that lie whole in one block of this flash."""
    found = {}
    for block in range(BLOCKS):
        for raw in split(bytes(memoryview(image)[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES]))[0]:
            if seq_at(raw, 0) >= ledger.marks.get("first_seq"):
                found[seq_at(raw, 0)] = raw
    return found


def superblock(image, dice):
    """The file system's beginning is gone: it cannot be mounted."""
    image[: 2 * BLOCK_BYTES] = bytes(2 * BLOCK_BYTES)


def folder(image, dice):
    """The metadata that names the segments is gone in both its blocks."""
    for block in range(2, BLOCKS):
        whole = bytes(memoryview(image)[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES])
        if whole.find(b".seg") >= 0:
            for i in range(400):
                image[block * BLOCK_BYTES + i] = dice.below(256)


def rot(image, dice):
    """Noise over the beginning and over some blocks anywhere."""
    superblock(image, dice)
    for _ in range(1 + dice.below(4)):
        at = dice.below(BLOCKS * BLOCK_BYTES - 3000)
        for i in range(at, at + 200 + dice.below(2800)):
            image[i] = dice.below(256)


def mounted(flash, point=POINT):
    try:
        mount(flash, point)
    except OSError:
        return False
    return True


def unmount(point):
    try:
        vfs.umount(point)
    except OSError:
        return  # was not mounted


def opened(marks, root=ROOT):
    return twitchband.log.FlashLog(root, CAPACITY, counting(0x77), marks)


def usable(flash, ledger, marks):
    """Whether the log would open; the file system stays mounted where it can be."""
    if not mounted(flash):
        return False
    try:
        opened(marks).close()
    except OSError:
        return False
    return True


def audit(ledger, marks, before, wanted, root=ROOT):
    """The log after a rescue: all that was wanted, nothing that never was, numbers that go on."""
    log = opened(marks, root)
    expect(log.log_id == ledger.log_id, "another log")
    expect(log.next_seq >= ledger.read_upto, "seq set back to", log.next_seq)
    held = {}
    at = 0
    while at < log.next_seq:
        data, at = log.read(at, 1024)
        for raw in split(data)[0]:
            seq = seq_at(raw, 0)
            expect(not held or seq > max(held), "record", seq, "out of order")
            held[seq] = raw
    for seq, raw in wanted.items():
        expect(held.get(seq) == raw, "record", seq, "not saved")
    for seq, raw in held.items():
        own = seq not in before and decode(raw).type == GAP
        expect(own or before.get(seq) == raw, "a record that never was", seq)
    log.close()
    return len(held)


def all_of(image):
    """Every record of the undamaged log, by what its file system says."""
    mount(Flash(image), POINT)
    records = {}
    for entry in os.ilistdir(ROOT):
        if entry[0].endswith(".seg"):
            with open(ROOT + "/" + entry[0], "rb") as file:
                for raw in split(file.read())[0]:
                    records[seq_at(raw, 0)] = raw
    vfs.umount(POINT)
    return records


def trial(base, ledger, before, damage, seed):
    """One damage, one rescue: how many records came back, or None if the log could still be used."""
    image = bytearray(base)
    damage(image, Dice(seed))
    marks = FakeMarks(ledger.marks.numbers.items())
    flash = Flash(image)
    if usable(flash, ledger, marks):
        vfs.umount(POINT)
        return None
    readable = False
    try:
        with open(POINT + "/settings.json", "rb") as file:
            readable = file.read() == SETTINGS
    except OSError:
        pass
    wanted = {seq: raw for seq, raw in whole_in(image, ledger).items() if before.get(seq) == raw}
    marks = FakeMarks(ledger.marks.numbers.items())
    rescue(flash, POINT, ROOT, marks)
    vfs.umount(POINT)
    expect((marks.get("rescuing"), marks.get("reformatted")) == (0, 1), "marks")
    mount(flash, POINT)
    if readable:
        with open(POINT + "/settings.json", "rb") as file:
            expect(file.read() == SETTINGS, "settings")
        with open(POINT + "/twitchband/app.mpy", "rb") as file:
            expect(file.read() == PROGRAM, "program")
    saved = audit(ledger, marks, before, wanted)
    vfs.umount(POINT)
    return saved


def cut_short(base, ledger, before, every):
    """The power fails before and in every so-many-th write of a rescue, and once more in the next start's.

    The rescue of the start after that finishes it. Where the second cut falls differs from one to the next.
    """
    image = bytearray(base)
    superblock(image, None)
    wanted = {seq: raw for seq, raw in whole_in(image, ledger).items() if before.get(seq) == raw}
    marks = FakeMarks(ledger.marks.numbers.items())
    count = [0, 0, 0]

    def again(world, kept, hook=None):
        other = Flash(world, hook)
        mounted(other, CUT)
        if kept.get("rescuing"):
            rescue(other, CUT, CUT + "/log", kept)
        audit(ledger, kept, before, wanted, CUT + "/log")
        unmount(CUT)

    def cut(flash, at, data):
        count[0] += 1
        if count[0] % every:
            return
        for torn in (False, True):
            world = bytearray(flash.image)
            if torn:
                tear(world, at, data)
            kept = FakeMarks(marks.numbers.items())
            left = [count[0] % 90]
            later = []

            def cut_again(flash, at, data, kept=kept, left=left, later=later):
                if left[0] == 0:
                    later.append((bytearray(flash.image), FakeMarks(kept.numbers.items())))
                left[0] -= 1

            again(world, kept, cut_again)
            count[1] += 1
            for third, marks_then in later:
                again(third, marks_then)
                count[2] += 1

    rescue(Flash(image, cut), POINT, ROOT, marks)
    unmount(POINT)
    return count[1:]


def main():
    trials = int(sys.argv[1])
    twitchband.segments.SEGMENT_BYTES = twitchband.rescue.SEGMENT_BYTES = SEGMENT_BYTES
    base, ledger = worn()
    before = all_of(base)
    for damage, times in ((superblock, 1), (folder, 1), (rot, trials)):
        saved = []
        for seed in range(times):
            came = trial(base, ledger, before, damage, seed)
            if came is not None:
                saved.append(came)
        print(json.dumps({"kind": damage.__name__, "held": len(before), "saved": saved}))
    cuts, twice = cut_short(base, ledger, before, 17)
    print(json.dumps({"kind": "cut short", "cuts": cuts, "cut again": twice}))


main()
