"""Run by MicroPython: logs that were damaged in other ways than by a power cut.

    micropython damage.py rot TRIALS
    micropython damage.py litter
    micropython damage.py set_back

`rot` spoils bytes of the newest segment on flash; `litter` leaves strange files beside the segments;
`set_back` gives the log an older flash than its host has seen, or a blank one. Prints a line of JSON for
each kind.
"""

import json
import os
import struct
import sys

import vfs
from dice import Dice
from flash import BLOCK_BYTES, Flash, blank, make, mount
from ledger import Ledger, event, expect, snippet

import twitchband.log
import twitchband.segments
from shared.protocol.records import (
    FLASH_DAMAGE,
    GAP,
    LOG_KEPT,
    LOG_NEW,
    LOG_REFORMATTED,
    LOG_REPAIRED,
    RECORDS,
    decode,
    seq_at,
    split,
)

SEGMENT_BYTES = 12000
CAPACITY = 16 * SEGMENT_BYTES


def written(point="/flash"):
    """A flash with a whole segment and a newest one of two blocks and a half, and its ledger."""
    flash = Flash(blank(16))
    make(flash)
    mount(flash, point)
    ledger = Ledger(point + "/log", CAPACITY)
    ledger.open()
    i = 0
    while len(ledger.log.segments.firsts) < 2 or ledger.log.segments._size < 10000:
        (snippet if i % 3 == 0 else event)(ledger, i)
        i += 1
        if i % 5 == 0:
            ledger.flush()
    ledger.read(ledger.log.next_seq - 1)
    newest = ledger.log.segments.firsts[-1]
    ledger.log.close()
    vfs.umount(point)
    return flash.image, ledger, newest


def places(image, ledger, newest):
    """Where on flash the blocks of the newest segment lie, as [first byte, bytes]."""
    mount(Flash(image), "/flash")
    with open(f"{ledger.root}/{newest:010d}.seg", "rb") as file:
        records = split(file.read())[0]
    vfs.umount("/flash")
    found = []
    for block in range(len(image) // BLOCK_BYTES):
        whole = bytes(memoryview(image)[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES])
        # Also where an older version of the block was left: spoiling that must do no harm.
        if any(whole.find(record[:24]) >= 0 for record in records):
            found.append((block * BLOCK_BYTES, BLOCK_BYTES))
    return found


def spoil(image, dice, blocks):
    first, length = blocks[dice.below(len(blocks))]
    kind = dice.below(5)
    if kind == 0:
        # One bit, near the end as often as anywhere.
        image[first + dice.below(length)] ^= 1 << dice.below(8)
    elif kind == 1:
        at = first + dice.below(length)
        for i in range(at, min(at + 1 + dice.below(300), first + length)):
            image[i] = dice.below(256)
    elif kind == 2:
        image[first : first + length] = b"\xff" * length
    elif kind == 3:
        image[first : first + length] = bytes(length)
    else:
        # The first words of a block are littlefs's own links to other blocks.
        for i in range(first, first + 8):
            image[i] = dice.below(256)


def rot(trials):
    """Rot in the newest segment never raises nor brings a `seq` back; what littlefs can read is read."""
    base, parent, newest = written()
    blocks = places(base, parent, newest)
    expect(len(blocks) >= 3, "blocks", blocks)
    image = bytearray(len(base))
    repaired = unreadable = lost = 0
    faults = []
    for trial in range(trials):
        image[:] = base
        dice = Dice(trial)
        for _ in range(1 + dice.below(3)):
            spoil(image, dice, blocks)
        mount(Flash(image), "/flash")
        try:
            readable = set()
            try:
                with open(f"{parent.root}/{newest:010d}.seg", "rb") as file:
                    readable = {seq_at(raw, 0) for raw in split(file.read())[0]}
            except OSError:
                unreadable += 1
            ledger = Ledger(parent.root, CAPACITY, parent)
            ledger.spoiled = [seq for seq in range(newest, parent.flushed_upto) if seq not in readable]
            ledger.open()
            lost += len(ledger.spoiled)
            repaired += ledger.log.state == LOG_REPAIRED
            expect(ledger.log.state == LOG_REPAIRED or not ledger.spoiled, "damage was not told")
            ledger.audit()
            ledger.go_on()
            ledger.open()
            ledger.go_on()
        except Exception as error:  # noqa: BLE001
            faults.append([trial, repr(error)])
        vfs.umount("/flash")
    print(
        json.dumps(
            {
                "kind": "rot",
                "trials": trials,
                "repaired": repaired,
                "unreadable": unreadable,
                "spoiled_records": lost,
                "faults": faults[:20],
            }
        )
    )


def write(path, data=b""):
    with open(path, "wb") as file:
        file.write(data)


def remove_segments(root):
    for name in os.listdir(root):
        if name.endswith(".seg"):
            os.remove(root + "/" + name)


# kind: what is done to the directory of a log
LITTER = {
    "names that are no numbers": lambda root: [
        write(f"{root}/{name}")
        for name in ("x.seg", ".seg", "12.seg", "-000000001.seg", "0000000001.seg.bak")
    ],
    "a folder named as a segment": lambda root: os.mkdir(root + "/4000000000.seg"),
    "an unfinished counter": lambda root: [write(root + "/boot.new", b"\1"), write(root + "/log_id.new")],
    "an empty boot counter": lambda root: write(root + "/boot"),
    "no boot counter": lambda root: os.remove(root + "/boot"),
    "a boot counter set back": lambda root: write(root + "/boot", struct.pack("<I", 0)),
    "no number of the log": lambda root: os.remove(root + "/log_id"),
    "an overlong boot counter": lambda root: write(root + "/boot", bytes(9)),
}


def litter():
    """Strange files change nothing: the log opens, its numbers go on, every record is there."""
    base, parent, _ = written()
    for kind, leave in LITTER.items():
        fault = None
        image = bytearray(base)
        mount(Flash(image), "/flash")
        try:
            leave(parent.root)
            ledger = Ledger(parent.root, CAPACITY, parent)
            ledger.open()
            ledger.audit()
            ledger.go_on()
            ledger.open()
        except Exception as error:  # noqa: BLE001
            fault = repr(error)
        vfs.umount("/flash")
        print(json.dumps({"kind": kind, "fault": fault}))
    print(json.dumps({"kind": "no segments", "fault": emptied(base, parent)}))


def emptied(base, parent):
    """Someone has deleted the segments: counting starts again, so it must be another log."""
    mount(Flash(bytearray(base)), "/flash")
    try:
        remove_segments(parent.root)
        ledger = Ledger(parent.root, CAPACITY)
        ledger.boot_id = parent.boot_id
        ledger.open()
        expect(ledger.log.next_seq == 0 and ledger.log.state == LOG_NEW, "not a new log")
        expect(ledger.log_id != parent.log_id, "the old log's number for new records")
    except Exception as error:  # noqa: BLE001
        return repr(error)
    finally:
        vfs.umount("/flash")
    return None


def reopened(image, ledger):
    """The log on this flash, with the marks that the chip has kept."""
    mount(Flash(image), "/flash")
    log = twitchband.log.FlashLog(ledger.root, CAPACITY, lambda: 0xABCD, ledger.marks)
    log.append(GAP, 0, (RECORDS, FLASH_DAMAGE, 0, 0, 0))
    log.read(log.next_seq - 1, 1024)
    return log


def refused(image, ledger):
    """Before what is missing was looked for the log does not open."""
    errno = 0
    mount(Flash(image), "/flash")
    try:
        twitchband.log.FlashLog(ledger.root, CAPACITY, lambda: 0xABCD, ledger.marks)
    except OSError as error:
        errno = error.errno
    vfs.umount("/flash")
    expect(errno == twitchband.log.CORRUPT, "opened", errno)


def set_back():
    """The flash of yesterday under the marks of today: no number that a host has seen comes again."""
    image, ledger, _ = written()
    yesterday = bytearray(image)
    flash = Flash(image)
    mount(flash, "/flash")
    log = twitchband.log.FlashLog(ledger.root, CAPACITY, lambda: 0xABCD, ledger.marks)
    before = log.next_seq
    for _ in range(5):
        log.append(GAP, 0, (RECORDS, FLASH_DAMAGE, 0, 0, 0))
    log.read(log.next_seq - 1, 1024)
    seen = log.next_seq
    log.append(GAP, 0, (RECORDS, FLASH_DAMAGE, 0, 0, 0))
    log.close()
    vfs.umount("/flash")

    log = reopened(image, ledger)
    assert log.state == LOG_KEPT, "today's own flash"
    assert log.next_seq == seen + 2
    seen = log.next_seq
    log.close()
    vfs.umount("/flash")

    refused(yesterday, ledger)
    ledger.marks.set("reformatted", 1)
    log = reopened(yesterday, ledger)
    assert (log.state, log.log_id) == (LOG_REPAIRED, ledger.log_id)
    data, upto = log.read(before, 1024)
    gap, own = [decode(raw) for raw in split(data)[0]]
    assert (gap.type, gap.seq, own.seq, upto) == (GAP, seen, seen + 1, seen + 2)
    assert (gap.body, gap.time_us) == ((RECORDS, FLASH_DAMAGE, before, seen - before, 0), 0)
    log.close()
    vfs.umount("/flash")

    ledger.marks.set("reformatted", 0)
    blanked = Flash(blank(16))
    make(blanked)
    refused(blanked.image, ledger)
    ledger.marks.set("reformatted", 1)
    log = reopened(blanked.image, ledger)
    assert (log.state, log.log_id) == (LOG_REFORMATTED, ledger.log_id)
    assert log.first_seq == seen + 2
    log.close()
    vfs.umount("/flash")
    print(json.dumps({"kind": "set back", "seen": seen}))


def main():
    twitchband.segments.SEGMENT_BYTES = SEGMENT_BYTES
    if sys.argv[1] == "rot":
        rot(int(sys.argv[2]))
    elif sys.argv[1] == "set_back":
        set_back()
    else:
        litter()


main()
