"""What may befall the link, and when: at planned steps, or by a seeded chance.

It runs under CPython and under MicroPython, and gives the same numbers in both.
"""

# What may befall one piece on the wire.
DROP = "drop"
DUPLICATE = "duplicate"
REORDER = "reorder"
CORRUPT = "corrupt"
TRUNCATE = "truncate"
# What may befall an end at any step. A silent one is not seen by the other end: a cable stays plugged.
DISCONNECT = "disconnect"
REBOOT = "reboot"
SILENT_REBOOT = "silent reboot"
KILL = "host kill"
SILENT_KILL = "silent host kill"

PIECE_FAULTS = (DROP, DUPLICATE, REORDER, CORRUPT, TRUNCATE)
END_FAULTS = (DISCONNECT, REBOOT, SILENT_REBOOT, KILL, SILENT_KILL)
FAULTS = PIECE_FAULTS + END_FAULTS


class Chance:
    """A seeded stream of numbers, the same on every interpreter (Park and Miller 1988, Comm. ACM 31:1192)."""

    def __init__(self, seed):
        self._state = seed % 2147483646 + 1
        for _ in range(4):
            self.below(2)

    def below(self, limit):
        self._state = self._state * 48271 % 2147483647
        return self._state * limit // 2147483647

    def take(self, count):
        return bytes([self.below(256) for _ in range(count)])


class Planned:
    """Faults at chosen steps, {step: fault}; remembers which steps there were and what can befall each."""

    def __init__(self, faults):
        self.cuts = []
        self._faults = faults

    def at(self, step, on_wire):
        self.cuts.append((step, FAULTS if on_wire else END_FAULTS))
        return self._faults.get(step)


class Noisy:
    """Each piece suffers with a chance of `wire` in a thousand, each step costs an end with `ends`."""

    def __init__(self, seed, wire, ends):
        self._chance = Chance(seed)
        self._wire = wire
        self._ends = ends

    def at(self, _step, on_wire):
        draw = self._chance.below(1000)
        if draw < self._ends:
            return END_FAULTS[self._chance.below(len(END_FAULTS))]
        if on_wire and draw < self._ends + self._wire:
            return PIECE_FAULTS[self._chance.below(len(PIECE_FAULTS))]
        return None
