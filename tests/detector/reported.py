"""The detector's words in the user's units."""

from __future__ import annotations

from dataclasses import dataclass

from tests.detector.signals import RATE_HZ
from twitchwatch.shared.detector.words import event_body, tremor_body

KINDS = ("", "twitch", "jerk", "spasm", "movement", "unlike")


@dataclass(frozen=True)
class Burst:
    kind: str
    axis: int
    start_s: float
    duration_s: float
    peak_mg: float


@dataclass(frozen=True)
class Bout:
    start_s: float
    duration_s: float
    frequency_hz: float
    amplitude_mg: float

    @property
    def end_s(self) -> float:
        return self.start_s + self.duration_s


def bursts(reported: list[list[int]]) -> list[Burst]:
    """Twitches, jerks, spasms and movements."""
    bodies = [event_body(word, 0) for word in reported if word[0] == 1]
    return [Burst(KINDS[b[0]], b[1], b[4] / RATE_HZ, b[5] / 1000, b[6] / 1000) for b in bodies]


def bouts(reported: list[list[int]]) -> list[Bout]:
    """Tremor."""
    bodies = [tremor_body(word, 0) for word in reported if word[0] == 2]
    return [Bout(b[0] / RATE_HZ, b[1] / 1000, b[2] / 1000, b[4] / 1000) for b in bodies]


def kinds(reported: list[list[int]]) -> list[str]:
    """What was found, in the order in which it was reported."""
    names = {2: "tremor"}
    return [names.get(word[0]) or KINDS[word[7]] for word in reported if word[0] != 3]
