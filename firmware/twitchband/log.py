"""The flash log: append-only segments on littlefs, batched in RAM, trimmed only after acknowledgement.

Nothing unflushed is ever read out, so a `seq` that a host has seen is never reused; if the newest segment is
damaged, as many numbers are skipped as the damage may hide. While the flash accepts nothing, records stay in
RAM (`waiting.py`).
"""

import gc
import os
import struct

from shared.protocol.record_types import (
    FLASH_DAMAGE,
    FLASH_FULL,
    GAP,
    LOG_KEPT,
    LOG_NEW,
    LOG_REFORMATTED,
    LOG_REPAIRED,
    RECORDS,
    encode,
)
from twitchband.clock import DEVICE
from twitchband.segments import Segments
from twitchband.waiting import BATCH_BYTES, HELD_BYTES, Waiting

# Tried again after this long, and twice as long after each failure, up to twenty minutes.
_PAUSE_US = 5000000
_MAX_DOUBLINGS = 8
# Not in MicroPython's errno: no room, and littlefs's word for damage.
_ENOSPC = 28
CORRUPT = 84


class FlashLog:
    """Records on flash. `root` is a directory on littlefs; `capacity_bytes` bounds all segments together.

    `marks` keeps numbers outside the file system (get, set; 0 if nothing was set). Raises OSError if the
    file system cannot be read, and OSError(CORRUPT) before anything is written if records are gone that must
    be there, unless `marks` says "reformatted": then their readable part has been saved, and the log
    continues after everything that a host may have seen. Once it is open nothing raises: `fault` says what is
    wrong, `last_fault` what went wrong since it was last cleared. After `segments.resize` what is too much
    goes at the next flush. `acked_seq`: what is below was acknowledged.
    """

    def __init__(self, root: str, capacity_bytes: int, random_u32, marks) -> None:  # type: ignore[no-untyped-def]
        self._root = root
        self._marks = marks
        self._time_us = 0
        self._waiting = Waiting()
        self.memory_short = False
        self._retry_us = 0
        self._failures = 0
        self.fault = self.last_fault = ""
        self.state = LOG_KEPT
        self.segments = segments = Segments(root, capacity_bytes)
        self._flushed_seq = self.next_seq = self.acked_seq = 0
        last_boot_id = max(self._number("boot") or 0, marks.get("boot"))
        log_id = self._number("log_id")
        reported_seq = marks.get("told_seq") if log_id is None or log_id == marks.get("log_id") else 0
        if segments.firsts:
            self.next_seq, boot_id, whole = segments.recover()
            if not whole:
                self.state = LOG_REPAIRED
            self._flushed_seq = self.next_seq
            last_boot_id = max(last_boot_id, boot_id)
            log_id = log_id or marks.get("log_id") or None
            gone = whole and self.next_seq < reported_seq
        else:
            gone = reported_seq or marks.get("flushed")
        if gone and not marks.get("reformatted"):
            raise OSError(CORRUPT)
        if not segments.firsts:
            self._flushed_seq = self.next_seq = reported_seq
            segments.firsts.append(reported_seq)
            if reported_seq:
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
        self.boot_id = self._waiting.boot_id = last_boot_id + 1
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
        self._reported_seq = marks.get("told_seq")
        self._known = bool(marks.get("flushed"))
        if self.next_seq < self._reported_seq:
            self._leap()

    @property
    def first_seq(self) -> int:
        """The oldest record that is still held, or the next one."""
        return self.segments.firsts[0]

    def append(self, kind: int, time_us: int, body: tuple, tail: bytes = b"") -> int:  # type: ignore[type-arg]
        """Add a record; return its `seq`. Flushes when a batch is full."""
        seq = self.next_seq
        try:
            self._keep(encode(kind, seq, self.boot_id, time_us, body, tail))
        except MemoryError:
            self.memory_short = True
            self.make_room()
            try:
                self._keep(encode(kind, seq, self.boot_id, time_us, body, tail))
            except MemoryError:
                # The next one that finds room says so.
                self._waiting.lost += 1
        self.next_seq = seq + 1
        self._time_us = time_us
        if len(self._waiting.batches[-1]) >= BATCH_BYTES:
            self.flush()
            self._waiting.bound()
        return seq

    def flush(self) -> None:
        """Write everything to flash. Makes room by dropping the oldest segment, which a `gap` record reports.

        After a failure it waits for a while before it tries again.
        """
        if self._failures and DEVICE.now_us() < self._retry_us:
            return
        try:
            while self._waiting.batches[0]:
                self._flush_batch()
            self._failures = 0
            self.fault = ""
        except (OSError, MemoryError) as error:
            self._fail(error)

    def make_room(self) -> None:
        """Memory is short: drop the most expendable data."""
        gc.collect()
        try:
            self._waiting.thin()
        except MemoryError:
            # Not even for that: the records that follow are counted as lost.
            pass

    def read(self, from_seq: int, limit: int) -> "tuple[bytes, int]":
        """Whole records from `from_seq` on, up to `limit` bytes, and the `seq` that follows them.

        Missing or damaged records in between are skipped: the answer is all there is.
        """
        self.flush()
        if self._flushed_seq > self._reported_seq:
            # Before any of it goes out.
            self._reported_seq = self._flushed_seq
            self._marks.set("told_seq", self._reported_seq)
        data, upto_seq = self.segments.read(from_seq, limit)
        return data, upto_seq if data else max(from_seq, self._flushed_seq)

    @property
    def held_percent(self) -> int:
        """How much of the capacity holds records, in per cent."""
        return self.segments.percent

    @property
    def full_percent(self) -> int:
        """The same, or how much of the RAM for what the flash does not take, whichever is more."""
        return max(self.segments.percent, self._waiting.held_bytes * 100 // HELD_BYTES)

    def trim(self, upto_seq: int, safe_seq: int) -> None:
        """No host needs records below `upto_seq`: drop the segments that have nothing else.

        Those below `safe_seq` are on some host's disk: if they go to make room, nothing is lost.
        """
        self.acked_seq = safe_seq
        firsts = self.segments.firsts
        while len(firsts) > 1 and firsts[1] <= upto_seq:
            self._drop_oldest()

    def waiting(self) -> int:
        """Records held, acknowledged or not."""
        return self.next_seq - self.first_seq

    def close(self) -> None:
        """Flush, whatever failed before, and close the file until the next flush."""
        self._retry_us = 0
        self.flush()
        self.segments.close()

    def _keep(self, record: bytes) -> None:
        self._waiting.keep(record, self.next_seq, self._time_us)

    def _flush_batch(self) -> None:
        segments = self.segments
        batch = self._waiting.batches[0]
        if not segments.fits(len(batch)):
            segments.begin(self._flushed_seq)
        while segments.percent >= 100:
            self._drop_for_room()
        try:
            self._write(batch)
        except OSError as error:
            if error.errno != _ENOSPC or len(segments.firsts) < 2:
                raise
            self._drop_for_room()

    def _write(self, batch: bytearray) -> None:
        self.segments.write(batch)
        self._flushed_seq = self._waiting.written(self.next_seq)
        if not self._known:
            self._known = True
            self._marks.set("flushed", 1)

    def _fail(self, error: Exception) -> None:
        words = f"The flash rejects writes: {error}"
        if not self.fault:
            self.last_fault = words
        self.fault = words
        self._retry_us = DEVICE.now_us() + (_PAUSE_US << min(self._failures, _MAX_DOUBLINGS))
        self._failures += 1
        # It may have been missing from the start.
        self.segments.make_root()

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

    def _leap(self) -> None:
        # The file system went back to an older state of itself: what a host has seen is gone from here.
        first = self.next_seq
        self.state = LOG_REPAIRED
        self._flushed_seq = self.next_seq = self._reported_seq
        self.segments.end()
        self.append(GAP, 0, (RECORDS, FLASH_DAMAGE, first, self._reported_seq - first, 0))

    def _drop_for_room(self) -> None:
        firsts = self.segments.firsts
        first = max(firsts[0], self.acked_seq)
        count = firsts[1] - first
        self._drop_oldest()
        if count > 0:
            body = (RECORDS, FLASH_FULL, first, count, 0)
            self._keep(encode(GAP, self.next_seq, self.boot_id, self._time_us, body))
            self.next_seq += 1

    def _drop_oldest(self) -> None:
        self.segments.remove_oldest()
        self._marks.set("first_seq", self.first_seq)
