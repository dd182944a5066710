"""The steps, and the walk through them: pure, it takes what was found and what was answered.

Nothing is written down about the walk itself. Which steps are done follows from what they leave behind: a
key, records, journal entries, a service, a settings file. The walk can therefore be left at any time, and
started again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Name = Literal["flash", "pair", "tap", "place", "wearer", "evening", "service", "alerts"]
Reply = Literal["do", "skip", "leave", "demo"]


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what it does and why, and the command that does the same without this walk.

    cable: whether it needs the sensor on a cable.
    """

    name: Name
    title: str
    does: str
    why: str
    by_hand: str
    cable: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What is on this computer, and at its ports.

    boards: at how many ports a board can be. sensors: how many share a key with this computer. records: of
    sensors that are worn. place: where the sensor was last noted to be worn. wearer: what was noted about
    the wearer. evening: whether this evening has an entry. collecting: what collects, in words, or None.
    alerts: whether there are settings.
    """

    boards: int = 0
    sensors: int = 0
    records: int = 0
    place: str | None = None
    wearer: str | None = None
    evening: bool = False
    collecting: str | None = None
    alerts: bool = False


STEPS: tuple[Step, ...] = (
    Step(
        "flash",
        "Put the firmware on the board",
        "It copies the firmware over the cable, tests the sensor, the flash, the radio and the battery, and"
        " gives the board a key.",
        "A new board is empty. The key is shared with this computer alone, and only over the cable, so no"
        " other program can read your nights.",
        "twitchwatch flash",
        cable=True,
    ),
    Step(
        "pair",
        "Pair the board with this computer",
        "It gives the board a key of its own for this computer. Its firmware and its records stay.",
        "A board that was flashed elsewhere has firmware, but rejects a computer without a key.",
        "twitchwatch sensors rekey",
        cable=True,
    ),
    Step(
        "tap",
        "Tap the ring",
        "It waits until you have tapped the ring three times with a fingernail, and shows how strong each tap"
        " was.",
        "It shows that the sensor that was found is the one in the ring, and that it registers motion.",
        "twitchwatch flash --taps",
        cable=True,
    ),
    Step(
        "place",
        "Note where you wear it",
        "It adds the place, such as `left index finger`, to this evening's journal entry.",
        "Twitching differs from finger to finger. If the place changes, nights before and after it are not"
        " compared.",
        "twitchwatch journal add --place 'left index finger'",
    ),
    Step(
        "wearer",
        "Note your age and sex",
        "It asks for your year of birth and your sex. Press Enter to skip a question.",
        "A doctor who reads the report compares it with people like you. Both are used only there, and in"
        " FHIR and BIDS exports. Nothing is sent anywhere.",
        "twitchwatch journal add --birth-year 1972 --sex female",
    ),
    Step(
        "evening",
        "Answer the evening questions",
        "It asks what you had, did and felt today. Press Enter to skip a question.",
        "After about three weeks of evenings, `twitchwatch triggers` can show what is associated with more or"
        " fewer twitches.",
        "twitchwatch journal evening",
    ),
    Step(
        "service",
        "Start collecting at login",
        "It installs a service that runs `twitchwatch run` whenever you are logged in.",
        "The sensor keeps its records until a computer fetches them. The service does that without you.",
        "twitchwatch service install",
    ),
    Step(
        "alerts",
        "Try the alerts",
        "It creates a settings file if there is none, and sends a test message through each channel in it.",
        "If the battery is empty, or the sensor lost or out of reach, you should know before a week of nights"
        " is missing.",
        "twitchwatch alerts test",
    ),
)


def why_done(step: Step, found: Found) -> str | None:
    """How it shows that a step is done, in words; None if it is not."""
    records = f"{found.records:,} records have arrived" if found.records else None
    paired = "1 sensor shares a key" if found.sensors == 1 else f"{found.sensors} sensors share a key"
    reasons: dict[Name, str | None] = {
        "flash": f"{paired} with this computer" if found.sensors else records,
        "pair": f"{paired} with this computer" if found.sensors else None,
        "tap": records,
        "place": found.place,
        "wearer": found.wearer,
        "evening": "this evening has an entry" if found.evening else None,
        "service": found.collecting,
        "alerts": "there is a settings file" if found.alerts else None,
    }
    return reasons[step.name]


class Walk:
    """Which step is next: the first that is neither done nor passed."""

    def __init__(self) -> None:
        self._passed: set[Name] = set()
        self.skipped: list[Step] = []

    def next(self, found: Found) -> Step | None:
        """The step to offer; None at the end."""
        for step in STEPS:
            if step.name not in self._passed and why_done(step, found) is None:
                return step
        return None

    def done(self, step: Step) -> None:
        """A step was carried out; it is not offered again, even if it leaves nothing behind."""
        self._passed.add(step.name)

    def skip(self, step: Step) -> None:
        """A step was skipped; it is offered again in the next walk."""
        self._passed.add(step.name)
        self.skipped.append(step)


def question(step: Step, found: Found) -> str:
    """The possible answers to the offer of a step, as a prompt."""
    cable = step.cable and not found.boards
    begin = "Connect the ring with a cable that carries data, then press Enter" if cable else "Enter: do it"
    demo = ", d: no ring yet, show me a month of modelled nights" if step.name == "flash" else ""
    return f"{begin}, s: skip, q: leave{demo}"


def reply(text: str, step: Step) -> Reply | None:
    """What an answer means; None if it means nothing here."""
    replies: dict[str, Reply] = {"": "do", "s": "skip", "q": "leave"}
    if step.name == "flash":
        replies["d"] = "demo"
    return replies.get(text.strip().lower()[:1])
