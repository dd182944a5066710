"""Records waiting in RAM for the flash, complete ones in batches, the oldest first.

If there are too many, waveforms are dropped first, then the oldest records; a gap replaces them, under the
number of the first one.
"""

import gc
import struct

from shared.protocol.record_types import (
    BUFFER_FULL,
    GAP,
    HEADER_BYTES,
    RECORDS,
    SNIPPET,
    encode,
    seq_at,
    time_us_at,
)

BATCH_BYTES = 2048
# Of RAM for what the flash does not take: two hours of minutes and some events.
HELD_BYTES = 12288


class Waiting:
    """A queue of `batches`, of which the last is the one that grows, and the first one goes to flash next.

    `boot_id` is that of its gaps; `lost`: how many records found no memory at its end.
    """

    def __init__(self) -> None:
        self.boot_id = self.lost = 0
        self.batches = [bytearray()]

    @property
    def held_bytes(self) -> int:
        """Bytes in all batches."""
        return sum([len(batch) for batch in self.batches])

    def keep(self, record: bytes, seq: int, time_us: int) -> None:
        """Add record number `seq`, after a gap for those that found no memory. Raises MemoryError."""
        if self.lost:
            first = seq - self.lost
            record = self._gap(first, seq, time_us) + record
        if len(self.batches[-1]) >= BATCH_BYTES:
            # Made before it is a batch: one without a record would have no first `seq`.
            self.batches.append(bytearray(record))
        else:
            self.batches[-1].extend(record)
        self.lost = 0

    def written(self, next_seq: int) -> int:
        """The oldest batch is on flash. Returns the `seq` of the first record that is not yet."""
        if len(self.batches) > 1:
            self.batches.pop(0)
            return seq_at(self.batches[0], 0)
        self.batches[0] = bytearray()
        return next_seq - self.lost

    def bound(self) -> None:
        """Enforce HELD_BYTES."""
        try:
            if self.held_bytes > HELD_BYTES:
                self.thin()
            while len(self.batches) > 1 and self.held_bytes > HELD_BYTES:
                # Of the oldest batch nothing is left but a gap.
                gap = self._without(self.batches[0], True)
                self.batches[1] = self._without(gap + self.batches[1], False)
                self.batches.pop(0)
        except MemoryError:
            gc.collect()

    def thin(self) -> None:
        """Drop waveforms, which are expendable, unlike counts. Raises MemoryError."""
        for at, batch in enumerate(self.batches):
            self.batches[at] = self._without(batch, False)

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
