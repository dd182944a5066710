"""The flash log: append-only segments on littlefs, batched in RAM, trimmed by acknowledgement alone.

A segment's name is the `seq` of its first record, so that the newest name alone tells the next `seq` even
where every record is gone. littlefs commits a file's length only with its data: a power cut loses at most
what was not flushed. Nothing unflushed is ever read out, so a `seq` that a host has seen is never reused;
where the newest segment is damaged, as many numbers are skipped as the damage may hide.

While the flash takes nothing, records stay in RAM. If they become too many, waveforms go first, then the
oldest records; a gap takes the place of what has gone, under the number of its first record.
"""

import gc
import os
import struct

from shared.protocol.kinds import (
    BUFFER_FULL,
    FLASH_DAMAGE,
    FLASH_FULL,
    GAP,
    HEADER,
    HEADER_BYTES,
    LOG_KEPT,
    LOG_NEW,
    LOG_REFORMATTED,
    LOG_REPAIRED,
    MAX_RECORD_BYTES,
    OVERHEAD_BYTES,
    RECORDS,
    SNIPPET,
    encode,
    sealed_length,
    seq_at,
    time_us_at,
)
from twitchband.clock import DEVICE

SEGMENT_BYTES = 32768
BATCH_BYTES = 2048
# Of RAM for what the flash does not take: two hours of minutes and some events.
HELD_BYTES = 12288
# Tried again after this long, and twice as long after each failure, up to twenty minutes.
_PAUSE_US = 5000000
_MOST_DOUBLINGS = 8
_SUFFIX = ".seg"
_IS_FILE = 0x8000
_ENOENT = 2
# Not in MicroPython's errno: no room, and littlefs's word for damage.
_ENOSPC = 28
CORRUPT = 84


def segment_name(first_seq: int) -> str:
    """The file that begins with this record."""
    return f"{first_seq:010d}{_SUFFIX}"


class FlashLog:
    """Records on flash. `root` is a directory on littlefs; `capacity_bytes` bounds all segments together.

    `marks` keeps numbers outside the file system (get, set; 0 where nothing was set). Raises OSError if the
    file system cannot be read, and OSError(CORRUPT) before anything is written if records are gone that must
    be there, unless `marks` says "reformatted": then what could be saved of them has been, and the log goes
    on behind all that a host may have seen. Once it is open nothing raises: `fault` says what is wrong.
    """

    def __init__(self, root: str, capacity_bytes: int, random_u32, marks) -> None:  # type: ignore[no-untyped-def]
        self._root = root
        self._marks = marks
        self.resize(capacity_bytes)
        self._time_us = 0
        # Whole records, the oldest first; the last batch is the one that grows.
        self._batches = [bytearray()]
        self._stale: list[object] = []
        self._lost = 0
        self.short = False
        self._retry_us = 0
        self._failures = 0
        self.fault = ""
        self._file = None
        self._cursor = (-1, 0, 0)
        self.state = LOG_KEPT
        self._make_root()
        self._segments = self._find()
        self._size = 0
        self._flushed_seq = self.next_seq = self._acked_seq = 0
        last_boot_id = max(self._number("boot") or 0, marks.get("boot"))
        log_id = self._number("log_id")
        told_seq = marks.get("told_seq") if log_id is None or log_id == marks.get("log_id") else 0
        if self._segments:
            last_boot_id = max(last_boot_id, self._recover())
            log_id = log_id or marks.get("log_id") or None
            gone = self.state == LOG_KEPT and self.next_seq < told_seq
        else:
            gone = told_seq or marks.get("flushed")
        if gone and not marks.get("reformatted"):
            raise OSError(CORRUPT)
        if not self._segments:
            self._flushed_seq = self.next_seq = told_seq
            self._segments = [told_seq]
            if told_seq:
                self.state = LOG_REFORMATTED
                log_id = marks.get("log_id")
            else:
                # Counting begins anew: these records must not pass for those of an older log.
                self.state = LOG_NEW
                log_id = None
        if log_id is None or log_id != self._number("log_id"):
            log_id = log_id or random_u32()
            self._keep_number("log_id", log_id)
        self.log_id = log_id
        self.boot_id = last_boot_id + 1
        self._keep_number("boot", self.boot_id)
        marks.set("boot", self.boot_id)
        if self.state == LOG_NEW:
            # What a flash still holds of older logs is not of this one.
            marks.set("first_boot", self.boot_id)
            marks.set("first_seq", 0)
            marks.set("flushed", 0)
        if log_id != marks.get("log_id"):
            marks.set("told_seq", 0)
            marks.set("log_id", log_id)
        self._told_seq = marks.get("told_seq")
        self._known = bool(marks.get("flushed"))
        if self.next_seq < self._told_seq:
            self._leap()

    @property
    def first_seq(self) -> int:
        """The oldest record that is still held, or the next to come."""
        return self._segments[0]

    def append(self, kind: int, time_us: int, body: tuple, tail: bytes = b"") -> int:  # type: ignore[type-arg]
        """Add a record; return its `seq`. Flushes when a batch is full."""
        seq = self.next_seq
        try:
            self._keep(encode(kind, seq, self.boot_id, time_us, body, tail))
        except MemoryError:
            self.short = True
            self.make_room()
            try:
                self._keep(encode(kind, seq, self.boot_id, time_us, body, tail))
            except MemoryError:
                # The next one that finds room says so.
                self._lost += 1
        self.next_seq = seq + 1
        self._time_us = time_us
        if len(self._batches[-1]) >= BATCH_BYTES:
            self.flush()
            self._bound()
        return seq

    def flush(self) -> None:
        """Put everything on flash. Makes room by dropping the oldest segment, which a `gap` record tells.

        After a failure it waits for a while before it tries again.
        """
        if self._failures and DEVICE.now_us() < self._retry_us:
            return
        try:
            while self._batches[0]:
                self._flush_batch()
            self._failures = 0
            self.fault = ""
        except (OSError, MemoryError) as error:
            self._fail(error)

    def make_room(self) -> None:
        """Memory is short: let go of what can be missed most."""
        gc.collect()
        try:
            self._thin()
        except MemoryError:
            # Not even for that: the records that follow are counted as lost.
            pass

    def _keep(self, record: bytes) -> None:
        if self._lost:
            first = self.next_seq - self._lost
            body = (RECORDS, BUFFER_FULL, first, self._lost, 0)
            record = encode(GAP, first, self.boot_id, self._time_us, body) + record
        if len(self._batches[-1]) >= BATCH_BYTES:
            self._batches.append(bytearray())
        self._batches[-1].extend(record)
        self._lost = 0

    def _flush_batch(self) -> None:
        batch = self._batches[0]
        if self._size + len(batch) > SEGMENT_BYTES and self._size:
            self._begin_segment()
        while len(self._segments) > self._most:
            self._drop_for_room()
        try:
            self._write(batch)
        except OSError as error:
            if error.errno != _ENOSPC or len(self._segments) < 2:
                raise
            self._drop_for_room()

    def _fail(self, error: Exception) -> None:
        self.fault = f"The flash takes nothing: {error}"
        self._retry_us = DEVICE.now_us() + (_PAUSE_US << min(self._failures, _MOST_DOUBLINGS))
        self._failures += 1
        # It may have been missing from the start.
        self._make_root()

    def _bound(self) -> None:
        try:
            if self._held() > HELD_BYTES:
                self._thin()
            while len(self._batches) > 1 and self._held() > HELD_BYTES:
                # Of the oldest batch nothing is left but a gap.
                gap = self._without(self._batches[0], True)
                self._batches[1] = self._without(gap + self._batches[1], False)
                self._batches.pop(0)
        except MemoryError:
            gc.collect()

    def _held(self) -> int:
        return sum([len(batch) for batch in self._batches])

    def _thin(self) -> None:
        # Waveforms can be missed, counts cannot.
        for at, batch in enumerate(self._batches):
            self._batches[at] = self._without(batch, False)

    def _without(self, batch: bytearray, everything: bool) -> bytearray:
        """The batch with gaps for its waveforms, or for everything in it; neighbouring gaps are one."""
        out = bytearray()
        at = first = upto = time_us = 0
        while at < len(batch):
            (length,) = struct.unpack_from("<H", batch, at + 2)
            record = batch[at : at + length]
            at += length
            seq = seq_at(record, 0)
            count = 1
            if record[0] == GAP and record[HEADER_BYTES + 1] == BUFFER_FULL:
                (count,) = struct.unpack_from("<I", record, HEADER_BYTES + 6)
            elif record[0] != SNIPPET and not everything:
                if upto:
                    out.extend(self._gap(first, upto, time_us))
                    upto = 0
                out.extend(record)
                continue
            if not upto:
                first, time_us = seq, time_us_at(record, 0)
            upto = seq + count
        if upto:
            out.extend(self._gap(first, upto, time_us))
        return out

    def _gap(self, first: int, upto: int, time_us: int) -> bytes:
        return encode(GAP, first, self.boot_id, time_us, (RECORDS, BUFFER_FULL, first, upto - first, 0))

    def read(self, from_seq: int, limit: int) -> "tuple[bytes, int]":
        """Whole records from `from_seq` on, up to `limit` bytes, and the `seq` that follows them.

        What is missing or damaged in between is passed over: the answer is all there is.
        """
        self.flush()
        if self._flushed_seq > self._told_seq:
            # Before any of it goes out.
            self._told_seq = self._flushed_seq
            self._marks.set("told_seq", self._told_seq)
        place = self._place(from_seq)
        while place < len(self._segments):
            data, upto_seq = self._read_segment(place, from_seq, limit)
            if data:
                return data, upto_seq
            place += 1
        return b"", max(from_seq, self._flushed_seq)

    def resize(self, capacity_bytes: int) -> None:
        """Bound the segments anew; what is too much goes at the next flush."""
        self._most = max(2, capacity_bytes // SEGMENT_BYTES)

    @property
    def held_percent(self) -> int:
        """How much of the capacity holds records, in per cent."""
        return (len(self._segments) - 1) * 100 // self._most

    @property
    def full_percent(self) -> int:
        """The same, or how much of the RAM for what the flash does not take, whichever is more."""
        return max(self.held_percent, self._held() * 100 // HELD_BYTES)

    def trim(self, upto_seq: int, safe_seq: int) -> None:
        """Nobody needs records below `upto_seq`: drop the segments that hold nothing else.

        Those below `safe_seq` are on some host's disk: should they go for want of room, nothing is lost.
        """
        self._acked_seq = safe_seq
        while len(self._segments) > 1 and self._segments[1] <= upto_seq:
            self._drop_oldest()

    def waiting(self) -> int:
        """Records held, acknowledged or not."""
        return self.next_seq - self._segments[0]

    @property
    def acked_seq(self) -> int:
        """Everything below has been acknowledged since boot."""
        return self._acked_seq

    @property
    def used_bytes(self) -> int:
        """Bytes in all segments, those before the newest taken as full."""
        return (len(self._segments) - 1) * SEGMENT_BYTES + self._size

    @property
    def most_bytes(self) -> int:
        """Bytes that all segments may have."""
        return self._most * SEGMENT_BYTES

    def close(self) -> None:
        """Flush, whatever failed before, and close the file until the next flush."""
        self._retry_us = 0
        self.flush()
        self._close_file()

    def _path(self, first_seq: int) -> str:
        return f"{self._root}/{segment_name(first_seq)}"

    def _number(self, name: str) -> "int | None":
        try:
            with open(f"{self._root}/{name}", "rb") as file:
                data = file.read()
        except OSError:
            return None
        return struct.unpack("<I", data)[0] if len(data) == 4 else None

    def _keep_number(self, name: str, value: int) -> None:
        # littlefs renames in one commit: after a power cut the old number is there or the new one.
        path = f"{self._root}/{name}"
        try:
            with open(path + ".new", "wb") as file:
                file.write(struct.pack("<I", value))
            os.rename(path + ".new", path)
        except OSError as error:
            # The mark of the same name stands for it.
            self._fail(error)

    def _make_root(self) -> None:
        try:
            os.mkdir(self._root)
        except OSError:
            # It is there, or the flash takes nothing.
            pass

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

    def _recover(self) -> int:
        # Only the newest segment can have a torn end: boot time does not grow with the log. Returns the
        # newest boot_id found.
        first = self._segments[-1]
        next_seq = first
        boot_id = whole = end = 0
        with open(self._path(first), "rb") as file:
            size = file.seek(0, 2)
            for at, record in _records(file, 0):
                _, _, length, seq, boot_id, _ = struct.unpack_from(HEADER, record, 0)
                next_seq = seq + 1
                whole += length
                end = at + length
        if whole != size:
            self.state = LOG_REPAIRED
            # No record is shorter than its overhead: the damaged end cannot have held more numbers.
            next_seq += (size - end) // OVERHEAD_BYTES
        self._flushed_seq = self.next_seq = next_seq
        # Behind a damaged end nothing is appended: the next record begins a segment.
        self._size = whole if whole == size else SEGMENT_BYTES
        return boot_id

    def _leap(self) -> None:
        # The file system went back to an older state of itself: what a host has seen is gone from here.
        first = self.next_seq
        self.state = LOG_REPAIRED
        self._flushed_seq = self.next_seq = self._told_seq
        self._size = SEGMENT_BYTES
        self.append(GAP, 0, (RECORDS, FLASH_DAMAGE, first, self._told_seq - first, 0))

    def _write(self, batch: bytearray) -> None:
        try:
            if self._file is None:
                self._file = open(self._path(self._segments[-1]), "ab")  # noqa: SIM115
            self._file.write(batch)
            self._file.flush()
        except (OSError, MemoryError):
            # What half arrived is passed over in reading: the whole batch will be written again.
            self._close_file()
            raise
        self._size += len(batch)
        if len(self._batches) > 1:
            self._batches.pop(0)
            self._flushed_seq = seq_at(self._batches[0], 0)
        else:
            self._batches[0] = bytearray()
            self._flushed_seq = self.next_seq - self._lost
        if not self._known:
            self._known = True
            self._marks.set("flushed", 1)

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:
                # littlefs still has it in its list: it must not be collected.
                self._stale.append(file)

    def _begin_segment(self) -> None:
        # The file exists before any older one may go: its name keeps the next `seq`.
        self._close_file()
        with open(self._path(self._flushed_seq), "wb"):
            pass
        if self._segments[-1] != self._flushed_seq:
            self._segments.append(self._flushed_seq)
        self._size = 0

    def _drop_for_room(self) -> None:
        first = max(self._segments[0], self._acked_seq)
        count = self._segments[1] - first
        self._drop_oldest()
        if count > 0:
            body = (RECORDS, FLASH_FULL, first, count, 0)
            self._keep(encode(GAP, self.next_seq, self.boot_id, self._time_us, body))
            self.next_seq += 1

    def _drop_oldest(self) -> None:
        try:
            os.remove(self._path(self._segments[0]))
        except OSError:
            # What cannot be removed must not keep new records out; the next start finds it again.
            pass
        self._segments.pop(0)
        self._marks.set("first_seq", self._segments[0])

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
        if place + 1 < len(self._segments):
            upto_seq = max(upto_seq, self._segments[place + 1])
        self._cursor = (segment, upto_seq, at)
        return out, upto_seq


def _records(file, at: int):  # type: ignore[no-untyped-def]
    """Yield place and bytes of each whole record from byte `at` on. What is damaged is passed over."""
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
