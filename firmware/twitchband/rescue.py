"""An unusable file system is formatted, and its readable parts are put back.

Records are found in the raw flash by their own CRC, whatever the file system knows about them. littlefs
abandons a block that cannot be erased, so erasing fails for blocks whose records are not safe yet.
"""

import os
import struct
from array import array

import micropython
import vfs

from shared.protocol.record_types import HEADER, MAX_RECORD_BYTES, OVERHEAD_BYTES, sealed_length, seq_at
from twitchband.segments import SEGMENT_BYTES, segment_name

BLOCK_BYTES = 4096
# Operations of a block device (vfs documentation) and littlefs's word for a bad block.
_COUNT = 4
_ERASE = 6
_CORRUPT = -84
_IS_FOLDER = 0x4000
_NONE = 0xFFFFFFFF
_BLANK = 0xFF
# The superblock, which formatting writes: its own records are held in RAM.
_FIRST = 2
# A block of a file begins with up to this many pointers of four bytes (littlefs, DESIGN.md, "CTZ
# skip-lists").
_MAX_POINTERS = 12


class Shelter:
    """The block device `device`, on which blocks that still hold what is needed cannot be erased."""

    def __init__(self, device, held) -> None:  # type: ignore[no-untyped-def]
        self._device = device
        self._held = held
        self.readblocks = device.readblocks
        self.writeblocks = device.writeblocks

    def ioctl(self, operation: int, argument: int):  # type: ignore[no-untyped-def]
        """Like the device, except for the held blocks."""
        if operation == _ERASE and self._held[argument]:
            return _CORRUPT
        return self._device.ioctl(operation, argument)


def rescue(device, point: str, log_root: str, marks) -> None:  # type: ignore[no-untyped-def]
    """Save all that can be read, format, and put it back. The caller then restarts the board.

    `point`: where the file system is, or would be, mounted. Files outside `log_root` are held in RAM
    meanwhile; raises MemoryError if they do not fit, before anything is changed. Whatever interrupts this,
    it may run again as long as `marks` says "rescuing": what was put back is found like the rest.
    """
    blocks = device.ioctl(_COUNT, 0)
    files = _files(point, log_root)
    buffer = bytearray(BLOCK_BYTES)
    # By the number of its first record a block has its place in the log; twice how many it has, and one more
    # if another one begins in it.
    firsts = array("I", [_NONE] * blocks)
    lasts = array("I", bytes(4 * blocks))
    counts = array("H", bytes(2 * blocks))
    ours = _Ours(marks)
    early = []
    for block in range(blocks):
        device.readblocks(block, buffer, 0)
        for at, record in _records(buffer):
            if ours(record):
                if block < _FIRST:
                    early.append(record)
                    continue
                seq = seq_at(record, 0)
                firsts[block] = min(firsts[block], seq)
                lasts[block] = max(lasts[block], seq)
                end = at + len(record)
                counts[block] = (counts[block] & ~1) + 2 + (end < BLOCK_BYTES and buffer[end] != _BLANK)
    marks.set("rescuing", 1)
    try:
        vfs.umount(point)
    except OSError:
        pass  # was not mounted
    held = _needed(firsts, lasts, counts)
    shelter = Shelter(device, held)
    geometry = {"readsize": 32, "progsize": 32, "lookahead": 32}
    vfs.VfsLfs2.mkfs(shelter, **geometry)
    vfs.mount(vfs.VfsLfs2(shelter, **geometry), point)
    for path, data in files:
        _make_folders(path)
        with open(path, "wb") as file:
            file.write(data)
    _make_folders(log_root + "/x")
    copy = _Copy(log_root)
    for record in sorted(early, key=lambda one: seq_at(one, 0)):
        copy.take(record)
    copy.flush()
    _copy_blocks(device, buffer, firsts, lasts, held, ours, copy)
    copy.close()
    marks.set("reformatted", 1)
    marks.set("rescuing", 0)


def _needed(firsts, lasts, counts) -> bytearray:  # type: ignore[no-untyped-def]
    """Mark the blocks from which the log is copied, and rule out the others.

    A block is rewritten while its file grows, and its older versions stay behind, in time all over the flash:
    too many to hold. Of the blocks without a hole only as many are kept as cover the numbers of all.
    """
    blocks = range(len(firsts))
    held = bytearray(len(firsts))
    upto = 0
    while upto != _NONE:
        best, ahead = (0, 0, 0), _NONE
        for block in blocks:
            first, last, count = firsts[block], lasts[block], counts[block]
            if first == _NONE:
                continue
            if count >> 1 != last - first + 1:
                held[block] = 1
            elif first > upto:
                ahead = min(ahead, first)
            elif last >= upto:
                best = max(best, (last + 1, count & 1, block))
        upto = best[0] or ahead
        if best[0]:
            held[best[2]] = 1
    for block in blocks:
        if not held[block]:
            firsts[block] = _NONE
    return held


def _copy_blocks(device, buffer, firsts, lasts, held, ours, copy) -> None:  # type: ignore[no-untyped-def]
    # A step goes as far as the block that comes next, with all that overlap it: what is damaged in one may be
    # whole in another. So RAM holds the records of one block, and each step frees a block.
    blocks = range(len(firsts))
    tails: set[bytes] = set()
    done: list[int] = []
    while True:
        first = min(firsts)
        if first == _NONE:
            return
        for block in blocks:
            if firsts[block] == first:
                last = lasts[block]
        found: dict[int, bytes] = {}
        ends: set[bytes] = set()
        before, done = done, []
        for block in blocks:
            if firsts[block] <= last:
                device.readblocks(block, buffer, 0)
                firsts[block] = _gather(buffer, ours, last, tails, found, ends)
                if firsts[block] == _NONE:
                    done.append(block)
        for seq in sorted(found):
            copy.take(found[seq])
        copy.flush()
        # A step later: what begins in one block and ends in the next is on flash only now.
        for block in before:
            held[block] = 0
        tails = ends


def _gather(buffer: bytearray, ours, last: int, tails, found, ends) -> int:  # type: ignore[no-untyped-def]
    """Put a block's records up to `last` into `found`, also one that began as one of `tails`.

    Returns the number of the first one after them, or _NONE; then `ends` receives what begins in this block
    and ends in the next.
    """
    end = 0
    for at, record in _records(buffer):
        if not ours(record):
            continue
        seq = seq_at(record, 0)
        if seq > last:
            return seq
        if end == 0:
            for tail in tails:
                whole = _joined(tail, buffer, at)
                if whole and ours(whole):
                    found[seq_at(whole, 0)] = whole
        found[seq] = record
        end = at + len(record)
    ends.add(bytes(memoryview(buffer)[max(end, BLOCK_BYTES - MAX_RECORD_BYTES) :]))
    return _NONE


def _joined(rest: bytes, buffer: bytearray, at: int) -> bytes:
    """The record that began as `rest` and ends before `at` in the next block, or nothing."""
    for pointers in range(1, _MAX_POINTERS):
        if 4 * pointers > at:
            break
        whole = rest + bytes(memoryview(buffer)[4 * pointers : at])
        if whole and sealed_length(whole, 0) == len(whole):
            return whole
    return b""


class _Ours:
    """Distinguishes records of this log, not yet trimmed, from remains of older ones."""

    def __init__(self, marks) -> None:  # type: ignore[no-untyped-def]
        self._first_seq = marks.get("first_seq")
        self._first_boot = marks.get("first_boot")

    def __call__(self, record: bytes) -> bool:
        _, _, _, seq, boot_id, _ = struct.unpack_from(HEADER, record, 0)
        return seq >= self._first_seq and boot_id >= self._first_boot


class _Copy:
    """Records in rising order into the segments of a log."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._batch = bytearray()
        self._file = None
        self._size = SEGMENT_BYTES
        self._next = 0

    def take(self, record: bytes) -> None:
        """Keep this record, unless it is there already."""
        seq = seq_at(record, 0)
        if seq < self._next:
            return
        if self._size + len(record) > SEGMENT_BYTES:
            self.close()
            self._file = open(self._root + "/" + segment_name(seq), "wb")  # noqa: SIM115
            self._size = 0
        self._batch.extend(record)
        self._size += len(record)
        self._next = seq + 1

    def flush(self) -> None:
        """On flash when this returns."""
        if self._batch:
            self._file.write(self._batch)
            self._batch = bytearray()
            self._file.flush()

    def close(self) -> None:
        """The segment is complete."""
        if self._file is not None:
            self.flush()
            self._file.close()
            self._file = None


def _records(buffer: bytearray):  # type: ignore[no-untyped-def]
    """Place and bytes of each whole record in a block."""
    at = 0
    while True:
        at = _candidate(buffer, at, len(buffer))
        if at < 0:
            return
        length = sealed_length(buffer, at)
        if length:
            yield at, bytes(memoryview(buffer)[at : at + length])
            at += length
        else:
            at += 1


@micropython.viper
def _candidate(data: ptr8, at: int, end: int) -> int:  # type: ignore[name-defined] # noqa: F821
    # Where a record might begin: a type and a version of ours, and a length that fits.
    while at + int(OVERHEAD_BYTES) <= end:
        if 0 < data[at] < 32 and 0 < data[at + 1] < 8:
            length = data[at + 2] | data[at + 3] << 8
            if int(OVERHEAD_BYTES) <= length <= int(MAX_RECORD_BYTES) and at + length <= end:
                return at
        at += 1
    return -1


def _files(folder: str, log_root: str) -> "list[tuple[str, bytes]]":
    """Path and content of every file that can be read, except the log's."""
    found = []
    try:
        entries = list(os.ilistdir(folder))
    except OSError:
        return found
    for entry in entries:
        path = folder.rstrip("/") + "/" + entry[0]
        if entry[1] == _IS_FOLDER:
            if path != log_root:
                found.extend(_files(path, log_root))
            continue
        try:
            with open(path, "rb") as file:
                found.append((path, file.read()))
        except OSError:
            continue
    return found


def _make_folders(path: str) -> None:
    at = path.find("/", 1)
    while at > 0:
        try:
            os.mkdir(path[:at])
        except OSError:
            pass  # is there
        at = path.find("/", at + 1)
