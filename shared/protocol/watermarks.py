"""Several hosts and one log: how far each host is, and for which the log is kept."""

# A computer that has been absent for two weeks of the device's running time no longer keeps the log from
# being trimmed.
PATIENCE_S = 14 * 86400
# Nor does the slowest of several once this much of the flash is used.
HOLD_PERCENT = 50
_LONG_AGO_S = -PATIENCE_S - 1


class Watermarks:
    """What each host has committed. `marks`: {host_id: (acked_seq, seen_s)}.

    Times are the device's own running seconds over all boots: no host's clock is trusted.
    """

    def __init__(self, marks: "dict[int, tuple[int, int]]") -> None:
        self.marks = marks

    def acknowledge(self, host_id: int, upto_seq: int, now_s: int) -> None:
        """Host `host_id` has everything below `upto_seq`: less than before if its database was restored."""
        self.marks[host_id] = (upto_seq, now_s)

    def hold_seq(self, now_s: int) -> int:
        """Below this, no host that the log waits for needs a record."""
        return min([mark[0] for mark in self._waited_for(now_s)] or [0])

    def reached_seq(self) -> int:
        """Below this, at least one host has every record."""
        return max([seq for seq, _ in self.marks.values()] or [0])

    def release(self, now_s: int) -> bool:
        """No longer wait for the slowest until it is seen again; False if no host is behind another."""
        hold_seq = self.hold_seq(now_s)
        if hold_seq >= self.reached_seq():
            return False
        for host_id, mark in self.marks.items():
            if mark[0] == hold_seq:
                self.marks[host_id] = (hold_seq, _LONG_AGO_S)
        return True

    def _waited_for(self, now_s: int) -> "list[tuple[int, int]]":
        return [mark for mark in self.marks.values() if now_s - mark[1] <= PATIENCE_S]
