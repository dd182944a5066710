"""A file system that can no longer be used is formatted, and what was readable of it is put back.

Records are found in the raw flash by their own CRC, whatever the file system knows of them. littlefs gives up
a block whose erasing fails: so blocks with records that are not yet safe fail to be erased, until they are.
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
# The superblock, which formatting writes: its own records are held in RAM.
_FIRST = 2
# A block of a file begins with one to so many pointers of four bytes (littlefs, DESIGN.md, "CTZ skip-lists").
_MAX_POINTERS = 12


class Shelter:
    """The block device `device`, on which blocks that still hold what is needed cannot be erased."""

    def __init__(self, device, held) -> None:  # type: ignore[no-untyped-def]
        self._device = device
        self._held = held
        self.readblocks = device.readblocks
        self.writeblocks = device.writeblocks

    def ioctl(self, operation: int, argument: int):  # type: ignore[no-untyped-def]
        """As the device does, but for the held blocks."""
        if operation == _ERASE and self._held[argument]:
            return _CORRUPT
        return self._device.ioctl(operation, argument)


def rescue(device, point: str, log_root: str, marks) -> None:  # type: ignore[no-untyped-def]
    """Save all that can be read, format, and put it back. The caller then restarts the board.

    `point`: where the file system is, or would be, mounted. Files outside `log_root` are held in RAM
    meanwhile; raises MemoryError where they do not fit, before anything is changed. Whatever interrupts this,
    it may run again as long as `marks` says "rescuing": what was put back is found like the rest.
    """
    blocks = device.ioctl(_COUNT, 0)
    files = _files(point, log_root)
    buffer = bytearray(BLOCK_BYTES)
    # By the number of its first record a block has its place in the log.
    firsts = array("I", [_NONE] * blocks)
    lasts = array("I", bytes(4 * blocks))
    ours = _Ours(marks)
    early = []
    for block in range(blocks):
        device.readblocks(block, buffer, 0)
        for _, record in _records(buffer):
            if ours(record):
                if block < _FIRST:
                    early.append(record)
                    continue
                lasts[block] = seq_at(record, 0)
                if firsts[block] == _NONE:
                    firsts[block] = lasts[block]
    marks.set("rescuing", 1)
    try:
        vfs.umount(point)
    except OSError:
        pass  # was not mounted
    held = bytearray(blocks)
    for block in range(blocks):
        held[block] = firsts[block] != _NONE
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


def _copy_blocks(device, buffer, firsts, lasts, held, ours, copy) -> None:  # type: ignore[no-untyped-def]
    # A block is rewritten while its file grows, and its older versions lie about: whatever they overlap is
    # taken together, so that what is damaged in one may come from another.
    rest = b""
    while True:
        first = min(firsts)
        if first == _NONE:
            return
        found: dict[int, bytes] = {}
        last = first
        ahead = b""
        furthest = -1
        more = True
        while more:
            more = False
            for block in range(len(firsts)):
                if firsts[block] > last:
                    continue
                firsts[block] = _NONE
                last = max(last, lasts[block])
                more = True
                device.readblocks(block, buffer, 0)
                end = _gather(buffer, rest, found)
                if end > furthest:
                    furthest = end
                    # What begins in this block and ends in the next.
                    ahead = bytes(memoryview(buffer)[max(end, BLOCK_BYTES - MAX_RECORD_BYTES) :])
                held[block] = 2
        for seq in sorted(found):
            if ours(found[seq]):
                copy.take(found[seq])
        copy.flush()
        for block in range(len(held)):
            if held[block] == 2:
                held[block] = 0
        rest = ahead


def _gather(buffer: bytearray, rest: bytes, found: "dict[int, bytes]") -> int:
    """Put a block's records into `found`, also one that began as `rest`; returns where the last one ends."""
    end = 0
    for at, record in _records(buffer):
        if end == 0:
            whole = _joined(rest, buffer, at)
            if whole:
                found[seq_at(whole, 0)] = whole
        found[seq_at(record, 0)] = record
        end = at + len(record)
    return end


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
    """Tells records of this log, not yet trimmed, from what lies about of older ones."""

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
        """Keep this one, if it is not there already."""
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
    """Path and content of every file that can be read, but for the log's."""
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
