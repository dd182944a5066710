"""The account of bursts: each one that the detector opened, how it was classified, and why.

The detector's kernels only count what they drop. Here the same kernels run, and their state is examined
whenever a count changes; the samples around such a moment are fed again in halves until it is found.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace

from twitchwatch.analysis.live_rate import CLASSES
from twitchwatch.recording.candidates import (
    BAD_INPUT,
    CUT_OFF,
    KIND_CLASS,
    SINGLE,
    TOO_EARLY,
    WEAK_SWING,
    WHY,
    Candidate,
)
from twitchwatch.shared.detector import words as detector_words
from twitchwatch.shared.detector.detector import Detector
from twitchwatch.shared.detector.evidence import decide
from twitchwatch.shared.detector.likeness import likeness
from twitchwatch.shared.detector.verdicts import spoilt
from twitchwatch.shared.protocol.records import GRADE_UNKNOWN, JERK, Event

# Of the detector's state; tests/recording/test_account.py checks them against the kernels.
INDEX, BURST, ONSET, ABOVE, FINE, COARSE = 51, 72, 73, 74, 75, 76
CREST, HELD, TOLD, SWAY, CLASS_COUNTS, GRADE = 131, 137, 146, 148, 150, 161
AXIS_INTS, SHARE, RISE = 17, 5, 11

_PORTION = 256
_ARRAYS = (
    "_state", "_ring", "_past", "_work", "_rhythm", "_turn", "_turned", "_lines", "_levels", "_intake",
    "words",
)  # fmt: skip
_COUNTS = slice(19, 26)


class WatchedDetector(Detector):
    """The detector, which also gives an account of each burst: `candidates`, in order of their decision."""

    def __init__(self, values: array[int] | None = None, gyro: bool = False) -> None:
        super().__init__(values, gyro=gyro)
        self.candidates: list[Candidate] = []
        self._waiting: list[Candidate] = []

    def feed(self, samples: array[int], at: int, n: int, gyro: array[int] | None = None) -> int:
        """As `Detector.feed`; several times slower if there are many bursts."""
        while at < n and self.words[0] < self._room:
            stop = min(n, at + _PORTION)
            at = self._walk(samples, at, stop, gyro)
        return at

    def close(self) -> None:
        """As `Detector.close`."""
        before = self._kept()
        super().close()
        self._note(before, closing=True)

    def _walk(self, samples: array[int], at: int, stop: int, gyro: array[int] | None) -> int:
        if self.words[0] >= self._room:
            return at
        before = self._kept()
        reached = super().feed(samples, at, stop, gyro)
        if self._mark(before[0], before[-1]) == self._mark(self._state, self.words):
            return reached
        if stop - at == 1:
            self._note(before, closing=False)
            return reached
        for name, kept in zip(_ARRAYS, before, strict=True):
            getattr(self, name)[:] = kept
        middle = (at + stop) // 2
        reached = self._walk(samples, at, middle, gyro)
        return reached if reached < middle else self._walk(samples, middle, stop, gyro)

    def _kept(self) -> list[array[int]]:
        return [getattr(self, name)[:] for name in _ARRAYS]

    @staticmethod
    def _mark(state: array[int], words: array[int]) -> tuple[int, ...]:
        """Whatever ends a burst, or decides on one that waited, changes this."""
        return words[0], state[HELD], *state[CLASS_COUNTS : CLASS_COUNTS + len(CLASSES)]

    def _note(self, before: Sequence[array[int]], *, closing: bool) -> None:
        state, counts = self._state, self._counts(before)
        ended = before[0][BURST] == 1 and state[BURST] == 0
        new = self._candidate() if ended else None
        emitted = {event.sample: event for event in self._events(before[-1][0])}
        decided = sum(counts)
        known = self._waiting if new is None else [*self._waiting, new]
        released = bool(self._waiting) and self._waiting[0].sample in emitted
        if new is not None and decided == 1 and len(self._waiting) == state[HELD] and not released:
            own = [new]
        else:
            own = known[:decided]
        self._waiting = [one for one in known if one not in own]
        for one in own:
            event = emitted.get(one.sample)
            name = None if event is None else KIND_CLASS.get(event.kind)
            if name is None and one is not new:
                name = "pulse"
            if name is None:
                name = CLASSES[next(number for number, count in enumerate(counts) if count > 0)]
            counts[CLASSES.index(name)] -= 1
            why = self._why(name, closing) if one is new else WHY[name]
            # What was not judged has no grade; the state still holds that of an earlier burst.
            judged = name in ("twitch", "unlike", "pulse") or why in (WHY["disturbance"], WEAK_SWING)
            plain = one if judged and not closing else replace(one, grade=None, sway=None)
            self.candidates.append(replace(plain, taken_for=name, why=why))

    def _counts(self, before: Sequence[array[int]]) -> list[int]:
        """How many were newly counted in each class, also if a minute ended with it and took the counts."""
        at = slice(CLASS_COUNTS, CLASS_COUNTS + len(CLASSES))
        new = list(self._state[at])
        for w in self._records(before[-1][0]):
            if self.words[w] == detector_words.WORD_EPOCH:
                minute = detector_words.epoch_body(self.words.tolist(), w, 0, 0)[_COUNTS]
                new = [one + other for one, other in zip(new, minute, strict=True)]
        return [one - other for one, other in zip(new, before[0][at], strict=True)]

    def _records(self, first: int) -> Iterable[int]:
        return (1 + number * detector_words.WORD_INTS for number in range(first, self.words[0]))

    def _events(self, first: int) -> Iterable[Event]:
        for w in self._records(first):
            if self.words[w] == detector_words.WORD_EVENT:
                event = Event(*detector_words.event_body(self.words.tolist(), w))
                if event.kind in (*KIND_CLASS, JERK):
                    yield event

    def _candidate(self) -> Candidate:
        state = self._state
        shares = [state[AXIS_INTS * axis + SHARE] for axis in range(3)]
        samples = max(1, ((state[ABOVE] - state[ONSET]) & 0x3FFFFFFF) - 6)
        return Candidate(
            sample=state[ONSET],
            duration_ms=detector_words.duration_ms(samples),
            peak_ug=detector_words.peak_ug(state[FINE], state[COARSE]),
            noise_ug=detector_words.noise_ug(state[TOLD]),
            axis=shares.index(max(shares)),
            taken_for="",
            why="",
            # Neither is known if the burst matched far too little to be a twitch.
            grade=state[GRADE] if state[GRADE] < GRADE_UNKNOWN else None,
            sway=state[SWAY] / 64 if state[GRADE] < GRADE_UNKNOWN else None,
        )

    def _why(self, name: str, closing: bool) -> str:
        if name not in ("disturbance", "pulse"):
            return WHY[name]
        if closing:
            return CUT_OFF
        state, past = self._state, self._past
        if spoilt(past, state, self._intake, self.parameters):
            return BAD_INPUT if name == "disturbance" else WHY[name]
        copied, work = state[:], self._work[:]
        like = likeness(
            state,
            self._shapes,
            past,
            state[INDEX],
            state[CREST] - RISE,
            copied,
            self.parameters,
            self._shapes,
            work,
        )
        if like == 0:
            like = decide(copied, self.parameters, work)
        if name == "pulse":
            return WEAK_SWING if like == 3 else WHY[name]
        return {-1: TOO_EARLY, 1: SINGLE}.get(like, WHY[name])
