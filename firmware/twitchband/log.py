"""The flash log: append-only segments on littlefs, batched in RAM, trimmed by acknowledgement alone.

A segment's name is the `seq` of its first record, so that the newest name alone tells the next `seq` even
where every record is gone. littlefs commits a file's length only with its data: a power cut loses at most
what was not flushed. Nothing unflushed is ever read out, so a `seq` that a host has seen is never reused.
"""

import os
import struct


from shared.protocol.records import (
    FLASH_FULL,
    GAP,
    LOG_KEPT,
    LOG_NEW,
    LOG_REPAIRED,
    MAX_RECORD_BYTES,
    RECORDS,
    encode,
    sealed_length,
    seq_at,
)

SEGMENT_BYTES = 32768
BATCH_BYTES = 2048
_SUFFIX = ".seg"
# Not in MicroPython's errno.
_ENOSPC = 28


class FlashLog:
    """Records on flash. `root` is a directory on littlefs; `capacity_bytes` bounds all segments together.

    Raises OSError where the file system does; what was appended stays in RAM and is tried again.
    """

    def __init__(self, root: str, capacity_bytes: int, random_u32) -> None:  # type: ignore[no-untyped-def]
        self._root = root
        self._most = max(2, capacity_bytes // SEGMENT_BYTES)
        self._time_us = 0
        self._batch = bytearray()
        self._file = None
        self._cursor = (-1, 0, 0)
        self.state = LOG_KEPT
        try:
            os.mkdir(root)
        except OSError:
            pass
        self.log_id = self._counter("log_id", lambda _: random_u32(), fresh=False)
        self.boot_id = self._counter("boot", lambda last: last + 1, fresh=True)
        self._segments = self._find()
        self._size = 0
        self._flushed_seq = self.next_seq = 0
        if self._segments:
            self._recover()
        else:
            self.state = LOG_NEW
            self._segments = [0]

    @property
    def first_seq(self) -> int:
        """The oldest record that is still held, or the next to come."""
        return self._segments[0]

    def append(self, kind: int, time_us: int, body: tuple, tail: bytes = b"") -> int:  # type: ignore[type-arg]
        """Add a record to the batch; return its `seq`. Flushes when the batch is full."""
        seq = self.next_seq
        self._batch.extend(encode(kind, seq, self.boot_id, time_us, body, tail))
        self.next_seq = seq + 1
        self._time_us = time_us
        if len(self._batch) >= BATCH_BYTES:
            self.flush()
        return seq

    def flush(self) -> None:
        """Put the batch on flash. Makes room by dropping the oldest segment, which a `gap` record tells."""
        while self._batch:
            if self._size + len(self._batch) > SEGMENT_BYTES and self._size:
                self._begin_segment()
            while len(self._segments) > self._most:
                self._drop_for_room()
            try:
                self._write()
            except OSError as error:
                if error.errno != _ENOSPC or len(self._segments) < 2:
                    raise
                self._drop_for_room()

    def read(self, from_seq: int, limit: int) -> "tuple[bytes, int]":
        """Whole records from `from_seq` on, up to `limit` bytes, and the `seq` that follows them.

        What is missing or damaged in between is passed over: the answer is all there is.
        """
        if self.next_seq > self._flushed_seq:
            self.flush()
        place = self._place(from_seq)
        while place < len(self._segments):
            data, upto_seq = self._read_segment(place, from_seq, limit)
            if data:
                return data, upto_seq
            place += 1
        return b"", self.next_seq

    def trim(self, upto_seq: int) -> None:
        """Records below `upto_seq` are safe elsewhere: drop the segments that hold nothing else."""
        while len(self._segments) > 1 and self._segments[1] <= upto_seq:
            self._drop_oldest()

    def waiting(self) -> int:
        """Records held, acknowledged or not."""
        return self.next_seq - self._segments[0]

    def close(self) -> None:
        """Flush and close the file."""
        self.flush()
        self._close_file()

    def _path(self, first_seq: int) -> str:
        return f"{self._root}/{first_seq:010d}{_SUFFIX}"

    def _counter(self, name: str, following, fresh: bool) -> int:  # type: ignore[no-untyped-def]
        # littlefs renames in one commit: after a power cut the old number is there or the new one.
        path = f"{self._root}/{name}"
        value = 0
        known = False
        try:
            with open(path, "rb") as file:
                data = file.read()
            if len(data) == 4:
                value = struct.unpack("<I", data)[0]
                known = True
        except OSError:
            pass
        if known and not fresh:
            return value
        value = following(value) & 0xFFFFFFFF
        with open(path + ".new", "wb") as file:
            file.write(struct.pack("<I", value))
        os.rename(path + ".new", path)
        return value

    def _find(self) -> "list[int]":
        found = []
        for entry in os.ilistdir(self._root):
            name = entry[0]
            if name.endswith(_SUFFIX):
                found.append(int(name[: -len(_SUFFIX)]))
        found.sort()
        return found

    def _recover(self) -> None:
        # Only the newest segment can have a torn end: boot time does not grow with the log.
        first = self._segments[-1]
        self.next_seq = first
        at = 0
        whole = 0
        size = 0
        with open(self._path(first), "rb") as file:
            data = b""
            while True:
                more = file.read(MAX_RECORD_BYTES)
                size += len(more)
                data = data[at:] + more
                at = 0
                length = sealed_length(data, at)
                while length:
                    self.next_seq = seq_at(data, at) + 1
                    at += length
                    whole += length
                    length = sealed_length(data, at)
                if not more:
                    break
                if len(data) - at > MAX_RECORD_BYTES:
                    # Damage: look for the next whole record.
                    at += 1
        self._flushed_seq = self.next_seq
        self._size = whole
        if whole != size:
            self.state = LOG_REPAIRED
            self._begin_segment()

    def _write(self) -> None:
        try:
            if self._file is None:
                self._file = open(self._path(self._segments[-1]), "ab")
            self._file.write(self._batch)
            self._file.flush()
        except OSError:
            # What half arrived is passed over in reading: the whole batch will be written again.
            self._close_file()
            raise
        self._size += len(self._batch)
        self._batch = bytearray()
        self._flushed_seq = self.next_seq

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:
                pass

    def _begin_segment(self) -> None:
        # The file exists before any older one may go: its name keeps the next `seq`.
        self._close_file()
        with open(self._path(self._flushed_seq), "wb"):
            pass
        if self._segments[-1] != self._flushed_seq:
            self._segments.append(self._flushed_seq)
        self._size = 0

    def _drop_for_room(self) -> None:
        first = self._segments[0]
        count = self._segments[1] - first
        self._drop_oldest()
        body = (RECORDS, FLASH_FULL, first, count, 0)
        self._batch.extend(encode(GAP, self.next_seq, self.boot_id, self._time_us, body))
        self.next_seq += 1

    def _drop_oldest(self) -> None:
        os.remove(self._path(self._segments[0]))
        self._segments.pop(0)

    def _place(self, seq: int) -> int:
        place = len(self._segments) - 1
        while place > 0 and self._segments[place] > seq:
            place -= 1
        return place

    def _read_segment(self, place: int, from_seq: int, limit: int) -> "tuple[bytes, int]":
        segment = self._segments[place]
        at = 0
        if self._cursor[0] == segment and self._cursor[1] == from_seq:
            at = self._cursor[2]
        try:
            file = open(self._path(segment), "rb")
        except OSError:
            return b"", from_seq
        out = b""
        upto_seq = from_seq
        with file:
            file.seek(at)
            data = b""
            begin = 0
            while True:
                more = file.read(MAX_RECORD_BYTES)
                data = data[begin:] + more
                begin = 0
                while True:
                    length = sealed_length(data, begin)
                    if not length:
                        if len(data) - begin > MAX_RECORD_BYTES or (not more and begin < len(data)):
                            begin += 1
                            at += 1
                            continue
                        break
                    seq = seq_at(data, begin)
                    if seq >= upto_seq:
                        if len(out) + length > limit:
                            self._cursor = (segment, upto_seq, at)
                            return out, upto_seq
                        out += data[begin : begin + length]
                        upto_seq = seq + 1
                    begin += length
                    at += length
                if not more:
                    break
        if place + 1 < len(self._segments):
            upto_seq = max(upto_seq, self._segments[place + 1])
        self._cursor = (segment, upto_seq, at)
        return out, upto_seq
