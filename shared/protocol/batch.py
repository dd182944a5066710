"""Records on their way to the database: accepted in order, committed in batches."""

from .actions import Commit
from .records import seq_at, split

# A commit waits for a full disk flush: this many records share one, and two more such batches are in flight.
COMMIT_RECORDS = 64
# In live mode an event must be on disk within a second.
COMMIT_AFTER_S = 0.1


class Batch:
    """Records received and not yet handed over; `expected` is the next seq.

    `counted`: where the device's log ended, by its own count and the records since. Beyond it nothing can
    be missing: if a device has lost such numbers, its count in the next session shows it.
    """

    def __init__(self) -> None:
        self.expected = 0
        self.counted = 0
        self._from = 0
        self._records: list[bytes] = []
        self._damaged = 0
        self._since_s = 0.0

    def __len__(self) -> int:
        """Records waiting."""
        return len(self._records)

    @property
    def waiting(self) -> bool:
        """Whether there is something to commit."""
        return self.expected > self._from

    @property
    def full(self) -> bool:
        """Whether there is enough for a commit."""
        return len(self._records) >= COMMIT_RECORDS

    @property
    def due_s(self) -> float:
        """When the waiting records must be committed."""
        return self._since_s + COMMIT_AFTER_S

    def begin(self, next_seq: int) -> None:
        """Expect `next_seq` next; records not handed over are discarded."""
        self.expected = self._from = next_seq
        self._records = []

    def spoil(self) -> None:
        """The device sent something contradictory."""
        self._damaged += 1

    def take(self, upto_seq: int, data: bytes, now_s: float) -> "list[bytes] | None":
        """Take the device's records in [expected, upto_seq): those that are complete and in order.

        None, and nothing is taken, if the range exceeds what the device has counted.
        """
        if not self.waiting:
            self._since_s = now_s
        found, damaged = split(data)
        if damaged:
            self._damaged += 1
        taken = []
        last = self.expected - 1
        for record in found:
            seq = seq_at(record, 0)
            if last < seq < upto_seq:
                taken.append(record)
                last = seq
            else:
                self._damaged += 1
        uncounted = [record for record in taken if seq_at(record, 0) >= self.counted]
        if upto_seq - max(self.counted, self.expected) > len(uncounted):
            return None
        self.counted = max(self.counted, upto_seq)
        self._records.extend(taken)
        self.expected = upto_seq
        return taken

    def commit(self) -> Commit:
        """Hand over the batch."""
        commit = Commit(self._records, self._from, self.expected, self._damaged)
        self._records = []
        self._damaged = 0
        self._from = self.expected
        return commit
