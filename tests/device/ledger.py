"""What a log has promised so far, and whether a log that was opened again keeps it."""

import struct

from shared.protocol.records import EVENT, GAP, MARK, MAX_RECORD_BYTES, SNIPPET, decode, encode, split
from twitchband.log import FlashLog


def counting(begin):
    """Stands for the random numbers of a board: each differs from those before."""
    at = [begin]

    def next_u32():
        at[0] += 1
        return at[0]

    return next_u32


random_u32 = counting(0x5EED0000)


class FakeMarks:
    """The chip's own storage: each number is written whole or not at all."""

    def __init__(self, numbers=()):
        self.numbers = dict(numbers)
        self.writes = 0

    def get(self, name):
        return self.numbers.get(name, 0)

    def set(self, name, value):
        self.numbers[name] = value
        self.writes += 1


class Ledger:
    """One world's log and its promises: `flushed_upto`, `read_upto`, `trimmed_upto`, boot and log number.

    A world that branches off has its parent's promises and goes on with its own.
    """

    def __init__(self, root, capacity_bytes, parent=None):
        self.root = root
        self.capacity_bytes = capacity_bytes
        self._parent = parent
        self._crcs = {}
        self.marks = FakeMarks(parent.marks.numbers.items() if parent else ())
        self.log = None
        self.formatted = parent is not None and parent.formatted
        self.flushed_upto = parent.flushed_upto if parent else 0
        self.read_upto = parent.read_upto if parent else 0
        self.trimmed_upto = parent.trimmed_upto if parent else 0
        self.boot_id = parent.boot_id if parent else 0
        self.log_id = parent.log_id if parent else None
        self.spoiled = parent.spoiled if parent else ()
        # The oldest segment may go while room is made: what it holds is promised to nobody.
        self.may_drop = parent.may_drop if parent else False
        self.droppable_upto = parent.droppable_upto if parent else 0

    def crc(self, seq):
        own = self._crcs.get(seq)
        return own if own is not None or self._parent is None else self._parent.crc(seq)

    def open(self):
        log = FlashLog(self.root, self.capacity_bytes, random_u32, self.marks)
        expect(log.boot_id > self.boot_id, "boot_id", log.boot_id, "after", self.boot_id)
        if self.flushed_upto:
            expect(log.log_id == self.log_id, "log_id", log.log_id, "was", self.log_id)
        expect(log.next_seq >= max(self.read_upto, self.flushed_upto), "seq set back to", log.next_seq)
        if self.spoiled:
            # Numbers that were skipped belong to no record.
            self.spoiled = list(self.spoiled) + list(range(self.flushed_upto, log.next_seq))
        self.log_id = log.log_id
        self.boot_id = log.boot_id
        self.log = log

    def append(self, kind, time_us, body, tail=b""):
        log = self.log
        self._note_droppable()
        raw = encode(kind, log.next_seq, log.boot_id, time_us, body, tail)
        self._crcs[log.next_seq] = struct.unpack("<I", raw[-4:])[0]
        return log.append(kind, time_us, body, tail)

    def flush(self):
        self._note_droppable()
        self.log.flush()
        self.flushed_upto = self.log.next_seq

    def read(self, from_seq):
        self._note_droppable()
        data, upto_seq = self.log.read(from_seq, MAX_RECORD_BYTES)
        self.flushed_upto = self.log.next_seq
        self.read_upto = max(self.read_upto, upto_seq)
        return data, upto_seq

    def trim(self, upto_seq):
        self.trimmed_upto = max(self.trimmed_upto, upto_seq)
        self.log.trim(upto_seq, upto_seq)

    def _note_droppable(self):
        if self.may_drop:
            segments = self.log.segments.firsts
            self.droppable_upto = segments[1] if len(segments) > 1 else segments[0]

    def audit(self):
        """Read everything back. Raises AssertionError if a promise is broken."""
        found = []
        at = 0
        while at < self.log.next_seq:
            data, upto_seq = self.log.read(at, MAX_RECORD_BYTES)
            expect(upto_seq > at, "read stands still at", at)
            raws, damaged = split(data)
            expect(not damaged, "read gave", damaged, "bytes of no record")
            for raw in raws:
                record = decode(raw)
                expect(at <= record.seq < upto_seq, "record", record.seq, "not in", at, upto_seq)
                expect(not found or record.seq > found[-1], "record", record.seq, "after", found[-1:])
                known = self.crc(record.seq)
                own = record.type == GAP and known is None
                expect(own or known == struct.unpack("<I", raw[-4:])[0], "another record", record.seq)
                found.append(record.seq)
            at = upto_seq
        floor = max(self.trimmed_upto, self.droppable_upto)
        held = set(found)
        for seq in range(floor, self.flushed_upto):
            expect(seq in held or seq in self.spoiled, "record", seq, "lost")
        expect(self.spoiled or not found or found == list(range(found[0], found[-1] + 1)), "holes in", found)

    def go_on(self):
        """The log must work as before."""
        self.log.flush()
        before = self.log.next_seq
        for i in range(3):
            self.append(MARK, i, (i,))
        self.flush()
        self.read(before)
        self.audit()


def expect(true, *what):
    if not true:
        raise AssertionError(" ".join([str(part) for part in what]))


def event(ledger, i):
    """A record of some fifty bytes."""
    return ledger.append(EVENT, i * 1000, (1, 2, 0, 0, i, 80, 9000 + i, 300, 0, 0, 255))


def snippet(ledger, i):
    """A record of some two hundred and fifty bytes."""
    tail = bytes([(i * 7 + j) & 255 for j in range(195)])
    return ledger.append(SNIPPET, i * 1000, (i, i, 104000, 122000, 64, 1), tail)
