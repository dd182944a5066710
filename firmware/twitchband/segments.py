"""The log's files on littlefs. A segment's name is the `seq` of its first record.

So the newest name alone gives the next `seq`, even if every record is gone. littlefs commits a file's length
only with its data: a power cut loses at most what was not flushed.
"""

import os
import struct

from shared.protocol.record_types import HEADER, MAX_RECORD_BYTES, OVERHEAD_BYTES, sealed_length, seq_at

SEGMENT_BYTES = 32768
_SUFFIX = ".seg"
_IS_FILE = 0x8000
_ENOENT = 2


def segment_name(first_seq: int) -> str:
    """The file that begins with this record."""
    return f"{first_seq:010d}{_SUFFIX}"


class Segments:
    """Files of records in the folder `root`; `capacity_bytes` bounds all of them together.

    `firsts`: the first `seq` of each, the oldest first. Raises OSError if the folder cannot be read.
    """

    def __init__(self, root: str, capacity_bytes: int) -> None:
        self._root = root
        self.resize(capacity_bytes)
        self._size = 0
        self._file = None
        # Files that could not be closed.
        self._stale: list[object] = []
        self._cursor = (-1, 0, 0)
        self.make_root()
        self.firsts = self._find()

    def resize(self, capacity_bytes: int) -> None:
        """Set a new bound."""
        self._most = max(2, capacity_bytes // SEGMENT_BYTES)

    @property
    def percent(self) -> int:
        """Share of the capacity that has records, in per cent; from 100 on the oldest must be dropped."""
        return (len(self.firsts) - 1) * 100 // self._most

    @property
    def used_bytes(self) -> int:
        """Bytes in all segments, those before the newest taken as full."""
        return (len(self.firsts) - 1) * SEGMENT_BYTES + self._size

    @property
    def most_bytes(self) -> int:
        """Bytes that all segments may have."""
        return self._most * SEGMENT_BYTES

    def fits(self, length: int) -> bool:
        """Whether the newest segment has room for this many bytes."""
        return not self._size or self._size + length <= SEGMENT_BYTES

    def end(self) -> None:
        """Append nothing more to the newest segment."""
        self._size = SEGMENT_BYTES

    def begin(self, first_seq: int) -> None:
        """Start a new segment. Raises OSError."""
        # The file exists before any older one may go: its name keeps the next `seq`.
        self.close()
        with open(self._path(first_seq), "wb"):
            pass
        if self.firsts[-1] != first_seq:
            self.firsts.append(first_seq)
        self._size = 0

    def write(self, batch: bytearray) -> None:
        """Write these records to flash, at the end of the newest. Raises OSError, MemoryError."""
        try:
            if self._file is None:
                self._file = open(self._path(self.firsts[-1]), "ab")  # noqa: SIM115
            self._file.write(batch)
            self._file.flush()
        except (OSError, MemoryError):
            # What half arrived is passed over in reading: the whole batch will be written again.
            self.close()
            raise
        self._size += len(batch)

    def close(self) -> None:
        """Close the file until the next write."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:
                # littlefs still has it in its list: it must not be collected.
                self._stale.append(file)

    def remove_oldest(self) -> None:
        """Remove the oldest."""
        try:
            os.remove(self._path(self.firsts[0]))
        except OSError:
            # What cannot be removed must not keep new records out; the next start finds it again.
            pass
        self.firsts.pop(0)

    def make_root(self) -> None:
        """Make the folder."""
        try:
            os.mkdir(self._root)
        except OSError:
            # It is there, or the flash takes nothing.
            pass

    def recover(self) -> "tuple[int, int, bool]":
        """Find the end of the newest: the next `seq`, the newest boot_id, and whether all of it is whole.

        Only it can have a torn end: boot time does not grow with the log.
        """
        next_seq = self.firsts[-1]
        boot_id = whole = end = 0
        with open(self._path(next_seq), "rb") as file:
            size = file.seek(0, 2)
            for at, record in _records(file, 0):
                _, _, length, seq, boot_id, _ = struct.unpack_from(HEADER, record, 0)
                next_seq = seq + 1
                whole += length
                end = at + length
        if whole == size:
            self._size = whole
            return next_seq, boot_id, True
        # Behind a damaged end nothing is appended: the next record begins a segment.
        self.end()
        # No record is shorter than its overhead: the damaged end cannot have held more numbers.
        return next_seq + (size - end) // OVERHEAD_BYTES, boot_id, False

    def read(self, from_seq: int, limit: int) -> "tuple[bytes, int]":
        """Whole records from `from_seq` on, up to `limit` bytes, and the `seq` that follows them."""
        place = len(self.firsts) - 1
        while place > 0 and self.firsts[place] > from_seq:
            place -= 1
        while place < len(self.firsts):
            data, upto_seq = self._read(place, from_seq, limit)
            if data:
                return data, upto_seq
            place += 1
        return b"", from_seq

    def _read(self, place: int, from_seq: int, limit: int) -> "tuple[bytes, int]":
        segment = self.firsts[place]
        at = 0
        if self._cursor[0] == segment and self._cursor[1] == from_seq:
            at = self._cursor[2]
        try:
            file = open(self._path(segment), "rb")  # noqa: SIM115
        except OSError:
            return b"", from_seq
        out = b""
        upto_seq = from_seq
        with file:
            for begin, record in _records(file, at):
                seq = seq_at(record, 0)
                if seq >= upto_seq:
                    if len(out) + len(record) > limit:
                        self._cursor = (segment, upto_seq, begin)
                        return out, upto_seq
                    out += record
                    upto_seq = seq + 1
                at = begin + len(record)
        if place + 1 < len(self.firsts):
            upto_seq = max(upto_seq, self.firsts[place + 1])
        self._cursor = (segment, upto_seq, at)
        return out, upto_seq

    def _path(self, first_seq: int) -> str:
        return f"{self._root}/{segment_name(first_seq)}"

    def _find(self) -> "list[int]":
        found: list[int] = []
        try:
            entries = os.ilistdir(self._root)
        except OSError as error:
            if error.errno != _ENOENT:
                raise
            # The flash has not taken the folder yet.
            return found
        for entry in entries:
            name, digits = entry[0], entry[0][: -len(_SUFFIX)]
            # Strange names are left alone.
            if entry[1] == _IS_FILE and digits.isdigit() and name == segment_name(int(digits)):
                found.append(int(digits))
        found.sort()
        return found


def _records(file, at: int):  # type: ignore[no-untyped-def]
    """Yield place and bytes of each whole record from byte `at` on. Damaged parts are skipped."""
    size = file.seek(0, 2)
    file.seek(at)
    data = b""
    begin = 0
    while True:
        length = sealed_length(data, begin)
        if length:
            yield at - len(data) + begin, data[begin : begin + length]
            begin += length
        elif len(data) - begin >= MAX_RECORD_BYTES or (at >= size and begin < len(data)):
            begin += 1
        elif at >= size:
            return
        else:
            try:
                more = file.read(MAX_RECORD_BYTES)
            except OSError:
                # littlefs cannot find the way into this part: go on behind it.
                data = b""
                at += MAX_RECORD_BYTES
                file.seek(at)
            else:
                data = data[begin:] + more
                at += len(more)
            begin = 0
