"""The two ends of the link as far as it sees them, and the truth about both: a log, a host's disk.

It runs under CPython and under MicroPython.
"""

import sys

if sys.implementation.name == "micropython":
    from shared.protocol import records
    from shared.protocol.watermarks import HOLD_PERCENT, Watermarks
else:
    from twitchwatch.shared.protocol import records
    from twitchwatch.shared.protocol.watermarks import HOLD_PERCENT, Watermarks

FLUSH_AFTER_S = 2.0


class BrokenRuleError(Exception):
    """The link did what it must never do."""


def require(holds, what):
    if not holds:
        raise BrokenRuleError(what)


class FlashLog:
    """The device's log as the session sees it, and the truth of all that was ever logged.

    Reading flushes, so what a power cut takes was never read out; its numbers are used again where
    `boots_apart` is 0, or passed over.
    """

    def __init__(self, clock, capacity, boots_apart):
        self.log_id = 77
        self.boot_id = 1
        self.first_seq = 0
        self.next_seq = 0
        self.truth = {}
        self.excused = set()
        self.dropped = set()
        self.committed = None
        self._clock = clock
        self._capacity = capacity
        self._boots_apart = boots_apart
        self._kept = []

    def append(self, kind, body, tail=b"", age_s=0.0, time_us=None):
        if self._capacity and len(self._kept) >= self._capacity:
            self._make_room()
        self._write(kind, body, tail, age_s, time_us)

    def _write(self, kind, body, tail, age_s, time_us=None):
        seq = self.next_seq
        if time_us is None:
            time_us = int(self._clock() * 1e6)
        raw = records.encode(kind, seq, self.boot_id, time_us, body, tail)
        self.truth[seq] = raw
        self._kept.append((seq, raw, self._clock() - age_s))
        self.next_seq = seq + 1

    def _make_room(self):
        going, self._kept = self._kept[:5], self._kept[5:]
        count = 0
        for seq, raw, _ in going:
            self.dropped.add(seq)
            if records.sealed_length(raw, 0) and records.decode(raw).type == records.GAP:
                count += records.decode(raw).body.count
            count += 1
        self.first_seq = self._kept[0][0]
        self._write(
            records.GAP, (records.RECORDS, records.FLASH_FULL, going[0][0], count, 0), b"", FLUSH_AFTER_S
        )

    def read(self, from_seq, limit):
        self._kept = [(seq, raw, -1e9) for seq, raw, _ in self._kept]
        data = b""
        upto_seq = self.next_seq
        for seq, raw, _ in self._kept:
            if seq < from_seq:
                continue
            if len(data) + len(raw) > limit:
                upto_seq = seq
                break
            data += raw
        return data, upto_seq

    @property
    def held_percent(self):
        return len(self._kept) * 100 // self._capacity if self._capacity else 0

    def trim(self, upto_seq, safe_seq):
        if self.committed is not None:
            held, reached = self.committed()
            require(upto_seq <= held, "the device trimmed what a host had not committed")
            require(safe_seq <= reached, "the device takes for safe what no host has committed")
        self._kept = [kept for kept in self._kept if kept[0] >= upto_seq]
        self.first_seq = max(self.first_seq, upto_seq)

    def held_seqs(self):
        return {seq for seq, _, _ in self._kept}

    def spoil(self, index):
        """A bit of the record at `index` goes wrong in flash."""
        seq, raw, at_s = self._kept[index]
        raw = bytearray(raw)
        raw[len(raw) // 2] ^= 4
        self._kept[index] = (seq, bytes(raw), at_s)
        self.excused.add(seq)

    def power_cut(self):
        """What was not flushed is gone."""
        while self._kept and self._kept[-1][2] + FLUSH_AFTER_S > self._clock():
            self.next_seq = self._kept.pop()[0]
            del self.truth[self.next_seq]
        self.next_seq += self._boots_apart
        self.boot_id += 1


class Database:
    """What the host has on disk."""

    def __init__(self, clock):
        self.kept = {}
        self.kept_at_s = {}
        self.next_seq = self.resumed_seq = 0
        self.damaged = 0
        self._clock = clock

    def from_seq(self, first_seq):
        """Its newest record, for comparison, if the device still has it; otherwise what follows."""
        newest = max(self.kept) if self.kept else -1
        self.resumed_seq = newest if newest >= first_seq else self.next_seq
        return self.resumed_seq

    def commit(self, commit):
        require(
            commit.from_seq in (self.next_seq, self.resumed_seq),
            "a commit does not begin where the last one ended",
        )
        for raw in commit.records:
            seq = records.seq_at(raw, 0)
            require(commit.from_seq <= seq < commit.upto_seq, "a record outside its commit")
            if seq == self.resumed_seq and seq in self.kept:
                require(self.kept[seq] == raw, "a record was changed")
                continue
            require(seq not in self.kept, "a record twice")
            self.kept[seq] = raw
            self.kept_at_s[seq] = self._clock()
        self.next_seq = commit.upto_seq
        self.damaged += commit.damaged


class Hosts:
    """The device's hosts, as firmware/twitchband/hosts.py keeps them; this one is always saved in time."""

    def __init__(self, log, clock, host_ids):
        self._log = log
        self._clock = clock
        self._keys = {host_id: bytes([host_id & 255] * 16) for host_id in host_ids}
        self.marks = Watermarks({host_id: (0, int(clock())) for host_id in host_ids})

    def key(self, host_id):
        return self._keys.get(host_id)

    def acknowledge(self, host_id, upto_seq):
        now_s = int(self._clock())
        self.marks.acknowledge(host_id, upto_seq, now_s)
        self._log.trim(self.marks.hold_seq(now_s), self.marks.reached_seq())
        while self._log.held_percent > HOLD_PERCENT and self.marks.release(now_s):
            self._log.trim(self.marks.hold_seq(now_s), self.marks.reached_seq())
