"""What a log keeps without a host: all counts, and fewer waveforms and minutes as it fills up.

A megabyte then lasts four weeks of nights with 300 events each (`python -m bench.capacity`). Below a fifth of
the log everything is kept; above, the waveform of every tremor and of every fourth event; above two fifths no
waveform, and one epoch for five minutes; above three fifths, one for ten. The same holds for the RAM in which
records wait for the flash.
"""

from shared.protocol.record_types import EVENT, MOVEMENT

_SOME_PERCENT = 20
_MIN_PERCENT = 40
_LEAST_PERCENT = 60
_EVERY = 4
_MINUTES = 5

# Places in the body of an epoch (record_types.FORMS).
_REST_MS = 1
_NOISE_UG = 5
_FLAGS = 16
_INPUT = 18
# Counts and times add up; posture, battery and temperature are those of the last minute.
_SUMS = (1, 2, 3, 4, 6, 7, 8, 9, 10, 17, 19, 20, 21, 22, 23, 24, 25, 26)


class Thinning:
    """Decides by `log.full_percent`; holds back at most nine minutes of epochs."""

    def __init__(self, log) -> None:  # type: ignore[no-untyped-def]
        self._log = log
        self._passed = 0
        self._time_us = 0
        self._held: list[int] = []
        self._minutes = 0

    def wants_waveform(self, kind: int, event_kind: int) -> bool:
        """Whether to keep the waveform of what was just found: `kind` of the record, of the event."""
        full_percent = self._log.full_percent
        if full_percent >= _MIN_PERCENT or (kind == EVENT and event_kind == MOVEMENT):
            return False
        if kind != EVENT:
            # A tremor is rare, and looked at again.
            return True
        self._passed += 1
        return full_percent < _SOME_PERCENT or self._passed % _EVERY == 0

    def epoch(self, time_us: int, body: "tuple[int, ...]") -> "list[tuple[int, tuple[int, ...]]]":
        """Take a minute; return what to log now, as (time, body)."""
        out = []
        if self._held and self._held[_FLAGS] != body[_FLAGS]:
            # Worn and not worn do not add up.
            out.extend(self.rest())
        if self._held:
            _add(self._held, body)
        else:
            self._time_us = time_us
            self._held = list(body)
        self._minutes += 1
        full_percent = self._log.full_percent
        most = 1
        if full_percent >= _MIN_PERCENT:
            most = _MINUTES if full_percent < _LEAST_PERCENT else 2 * _MINUTES
        if self._minutes >= most:
            out.extend(self.rest())
        return out

    def rest(self) -> "list[tuple[int, tuple[int, ...]]]":
        """What is held back, if anything; nothing will be added to it."""
        if not self._held:
            return []
        out = [(self._time_us, tuple(self._held))]
        self._held = []
        self._minutes = 0
        return out


def _add(held: "list[int]", body: "tuple[int, ...]") -> None:
    rest_ms = held[_REST_MS] + body[_REST_MS]
    if rest_ms:
        # Noise is that of rest; its mean is weighted by it.
        weighed = held[_NOISE_UG] * held[_REST_MS] + body[_NOISE_UG] * body[_REST_MS]
        held[_NOISE_UG] = weighed // rest_ms
    for place in _SUMS:
        held[place] += body[place]
    for place in range(11, 16):
        held[place] = body[place]
    held[_INPUT] |= body[_INPUT]
