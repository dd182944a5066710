"""Run by MicroPython: chance that is the same in each run."""


class Dice:
    """Numbers that are the same in each run (Lehmer 1951, minimal standard of Park and Miller 1988)."""

    def __init__(self, seed):
        self._state = seed + 1

    def below(self, limit):
        self._state = self._state * 48271 % 2147483647
        return self._state % limit
