"""The detector: its buffers, and the order in which the kernels run over samples."""

import sys
from array import array

from .bouts import NO_REST, rhythm
from .bursts import sense
from .evidence import decide
from .halves import half
from .heart import beat, strengths
from .intake import inspect
from .likeness import likeness
from .openings import begin, begun, moved, opened
from .parameters import table
from .pulses import classed
from .rhythm import line
from .spectrum import gather, spectrum
from .tables import shapes, tables
from .turning import follow, keep, posture, swing
from .verdicts import judge, settle, spoilt, tally
from .words import WORD_INTS

if sys.implementation.name != "micropython":
    from .cpython import const, micropython

_INDEX = const(51)
_AGE = const(52)
_DUE = const(53)
_COUNT = const(129)
_BURST = const(72)
_MOVING = const(77)
_TILTED = const(87)
_LOST = const(94)
_EPOCH = const(91)
_LIVE = const(149)
_ALIVE = const(157)
_WAITING = const(233)
_CLASSES = const(150)
_STATE_INTS = const(237)
# Until a twitch that begins now has been judged.
_UNTOLD = const(30)
_OPEN = const(0)
_MISSES = const(21)
_CREST = const(131)
_VALLEY = const(232)
_ABOVE = const(74)
# Samples after the crest from which on another motion parts the burst.
_PARTABLE = const(14)
_RISE = const(11)
# In the state of intake.py: what was wrong with the newest stretch.
_BAD = const(12)
# 1 once a stretch was bad.
_SPOILT = const(2)
# Index at which the newest bad stretch ended; a burst that begins up to 96 samples later is not reported.
_LATEST = const(3)
_BLIND = const(144)
# Position of the next stretch in the ring.
_HEAD = const(15)
_INTAKE_INTS = const(17)
_WEAK = const(29)
_SLOW_TURN = const(33)
# In the state of rhythm.py.
_SWUNG = const(13)
_LOOKED = const(11)
_CENTRE = const(12)
_RHYTHM_INTS = const(20)
# 11 s of heart.py.
_LEVELS = const(192)
# INPUT_CLIPPED, INPUT_STUCK, INPUT_GRAVITY.
_NO_EVENTS = const(7)
_WRAP = const(0x3FFFFFFF)
_HUM = const(8)


# Bytecode on the board: machine code is much longer, and this runs once a stretch, not once a sample.
def run(x, y, at, n, kernels, room):  # type: ignore[no-untyped-def]
    """Feed samples x[at:n] to the kernels until they are used up or `room` output records are written.

    y: those of the gyroscope; kernels: what they work on (Detector._kernels).
    """
    s, p, ring, past, work, r, t, shape, q, turn, turned, lines, levels, out = kernels
    gyro = len(lines) > 1
    while at < n and out[0] < room:
        if s[_AGE] == 0:
            begin(s, x, at)
        first = at
        at = sense(s, 0, x, at, n, p, past, r[_OPEN], s)
        if gyro:
            keep(y, first, at, s[_INDEX], turned)
        due = s[_DUE]
        if due == 0:
            continue
        if due & 128:
            moved(s, r[_OPEN])
        if due & 16:
            posture(s, 0, r, p)
            if due == 16:
                continue
        if due & 64:
            head = q[_HEAD]
            if gyro:
                gather(turned, s[_INDEX], turn, head, p)
            # The input is judged by stretches.
            then = gather(past, s[_INDEX], ring, head, p)
            strengths(0, 0, ring, head, levels, s)
            then = inspect(past, then, s, q, p)
            if then & 2:
                classed(s, p, out, -1)
            if then & 1:
                head = q[_HEAD]
                shift = -1
                turns = 0
                tilt = s[_TILTED]
                s[_TILTED] = 0
                if q[_BAD] & _NO_EVENTS == 0:
                    # On its strongest axis a swing peaks at 0.8 or more of the vector's rms.
                    shift = spectrum(work, 0, ring, head, t, p[_WEAK] * 13 >> 4)
                if gyro and shift >= 0:
                    turns = spectrum(lines, 0, turn, head, t, -1)
                    # The hand turns slowly, at 1.1 to 2.4 Hz: anything faster is not a tremor at rest.
                    if swing(lines, turns, 4, 9, t) > p[_SLOW_TURN]:
                        tilt = NO_REST
                found = -1
                if shift >= 0:
                    found = line(work, 0, t, p, ring, head, shift)
                if rhythm(s[_INDEX], found, tilt, s[_MOVING], work, r, p, out) == 2:
                    # What a machine shakes all night is the floor from now on.
                    s[_AGE] = 0
                if gyro and r[_CENTRE]:
                    follow(swing(lines, turns, r[_CENTRE] - 2, r[_CENTRE] + 2, t), r)
        if due & 256:
            begun(s, p)
        if due & 4:
            opened(s, 0, p, past)
        if due & 33:
            like = -1
            hidden = r[_OPEN]
            if s[_MOVING] == 0 and hidden == 0:
                hidden = spoilt(past, s, q, p) << 1
                if hidden == 0:
                    like = likeness(s, shape, past, s[_INDEX], s[_CREST] - _RISE, s, p, shape, work)
                    if like == 0:
                        like = decide(s, p, work)
                    if like >= 64 and q[_BAD] & _HUM:
                        # Quick swings match a hum.
                        like = 4
            if due & 1 or 8 <= like < 64:
                if due & 32:
                    # Another motion has begun: the burst is parted.
                    s[_ABOVE] = (s[_INDEX] - 9) & _WRAP
                what = judge(s, p, out, hidden, like)
                if what == 0:
                    # Once its shape was seen, the next motion would have parted it.
                    s[_LIVE] = s[_LIVE] + ((s[_INDEX] - s[_CREST]) & _WRAP) - _PARTABLE
                if what < 4:
                    w = out[0] * 16
                    out[w + 13] = half(past, s, work, out[w + 7])
                if what < 3:
                    beat(0, 0, levels, s, work)
                classed(s, p, out, what)
            else:
                # It stays whole: trying again and again would cost the board too much.
                s[_VALLEY] = 0
        if due & 2:
            settle(s, p, out, r[_OPEN], q, r)
            r[_SWUNG] = 0
            r[_LOOKED] = 0
        if due & 8:
            tally(s, p, out, q)
    return at


if sys.implementation.name != "micropython":
    run = micropython.native(run)


class Detector:
    """Takes int16 x y z samples at 104 Hz in any portions, writes output records; see words.py.

    `words[0]` counts the output records; the reader calls `clear`.
    """

    def __init__(self, values: "array[int] | None" = None, room: int = 16, gyro: bool = False) -> None:
        self.parameters = values or table()
        self.words = array("i", bytes(4 * (1 + WORD_INTS * (room + 10))))
        self._room = room
        self._state = array("i", bytes(4 * _STATE_INTS))
        self._ring = array("i", bytes(4 * 432))
        self._past = array("i", bytes(4 * 384))
        self._shapes = shapes()
        self._work = array("i", bytes(4 * 592))
        self._rhythm = array("i", bytes(4 * _RHYTHM_INTS))
        self._turn = array("i", bytes(4 * (432 if gyro else 1)))
        self._turned = array("i", bytes(4 * (384 if gyro else 1)))
        self._lines = array("i", bytes(4 * (576 if gyro else 1)))
        self._levels = array("B", bytes(_LEVELS))
        self._intake = array("i", bytes(4 * _INTAKE_INTS))
        self._tables = tables()
        self._kernels = (
            self._state,
            self.parameters,
            self._ring,
            self._past,
            self._work,
            self._rhythm,
            self._tables,
            self._shapes,
            self._intake,
            self._turn,
            self._turned,
            self._lines,
            self._levels,
            self.words,
        )

    @property
    def index(self) -> int:
        """Samples taken or lost since the start, modulo 2^30."""
        return self._state[_INDEX]

    @property
    def urgent(self) -> bool:
        """Whether a tremor bout is open."""
        return self._rhythm[_OPEN] == 1

    def feed(self, samples: "array[int]", at: int, n: int, gyro: "array[int] | None" = None) -> int:
        """Take samples at:n (x y z interleaved, int16 read as unsigned); return where room ran out.

        gyro: the same of the gyroscope, if the detector was made for one.
        """
        taken: int = run(  # type: ignore[no-untyped-call]
            samples,
            samples if gyro is None else gyro,
            at,
            n,
            self._kernels,
            self._room,
        )
        return taken

    def clear(self) -> None:
        """Discard the output records, which have been read."""
        self.words[0] = 0

    def close(self) -> None:
        """End burst, movement, bout and minute: a gap or the end follows. Needs room for ten records."""
        s = self._state
        for _ in range(self.parameters[_MISSES]):
            rhythm(s[_INDEX], -1, 0, 0, self._work, self._rhythm, self.parameters, self.words)
        q = self._intake
        live = s[_LIVE]
        if q[_SPOILT] and (s[_INDEX] - q[_LATEST]) & _WRAP < _BLIND:
            live = 0
        live = max(0, live - _UNTOLD) + max(0, s[_WAITING] - max(0, _UNTOLD - s[_COUNT]))
        s[_ALIVE] = (s[_ALIVE] + live) & _WRAP
        s[_LIVE] = 0
        s[_WAITING] = 0
        if s[_BURST]:
            classed(s, self.parameters, self.words, judge(s, self.parameters, self.words, 0, -1))
        classed(s, self.parameters, self.words, -1)
        if s[_MOVING]:
            settle(s, self.parameters, self.words, 0, q, self._rhythm)
        # Bursts may be decided after the minute in which they opened.
        bursts = 0
        for i in range(7):
            bursts |= s[_CLASSES + i]
        if s[_INDEX] != s[_EPOCH] or s[_LOST] or bursts:
            tally(s, self.parameters, self.words, q)

    def lose(self, count: int) -> None:
        """`count` samples were lost: the index advances, filters restart. Call `close` first."""
        s = self._state
        s[_INDEX] = (s[_INDEX] + count) & 0x3FFFFFFF
        s[_LOST] = min(s[_LOST] + count, 0x3FFFFFFF)
        s[_AGE] = 0
        # A stretch half the index's range ago would seem to lie in the future.
        self._intake[_SPOILT] = 0
        s[_COUNT] = 0
