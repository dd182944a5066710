"""`status --watch`: what the daemon receives now, redrawn in a terminal, line by line in a pipe."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from rich.text import Text

from twitchwatch.live.feed import BEAT_S
from twitchwatch.live.watching import watching
from twitchwatch.terminal.output import write_json
from twitchwatch.terminal.page import Page
from twitchwatch.typed import as_typed
from twitchwatch.views.live import LiveEventView, LiveSensorView, LiveTapView
from twitchwatch.views.shape import Line
from twitchwatch.wording.layout import wrapped
from twitchwatch.wording.live import HANGS, NO_DAEMON, NO_SENSOR, event_words, sensor_words, words_of

# Newest events on the screen.
EVENTS = 8
# A daemon that misses this many signs of life hangs.
MISSED = 5


class Picture:
    """What is known about the daemon and its sensors. now_s: monotonic seconds."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._sensors: dict[str, LiveSensorView] = {}
        self._events: deque[LiveEventView] = deque(maxlen=EVENTS)
        self._collecting = False
        self._heard_s = now_s()

    def hear(self, line: Line | None) -> None:
        """Take a line of the feed; None: there is no daemon."""
        self._heard_s = self._now_s()
        self._collecting = line is not None
        match line:
            case None:
                self._sensors.clear()
                self._events.clear()
            case LiveSensorView():
                self._sensors[line.hardware_id] = line
            case LiveEventView():
                self._events.appendleft(line)

    @property
    def missing(self) -> str:
        """Why there is no data; empty if a sensor is connected."""
        if not self._collecting:
            return NO_DAEMON
        if self._now_s() - self._heard_s > MISSED * BEAT_S:
            return HANGS
        return "" if any(one.connected for one in self._sensors.values()) else NO_SENSOR

    def lines(self, width: int) -> list[Text]:
        """The picture in this many columns: what is missing first, and nothing cut."""
        found: list[Text] = []

        def say(words: str, style: str = "") -> None:
            found.extend(Text(line, style=style) for line in wrapped(as_typed(words), width))

        if self.missing:
            say(self.missing, "bold reverse")
        for sensor in self._sensors.values():
            say(sensor_words(sensor), "bold" if sensor.connected else "")
        for event in self._events:
            say(event_words(event))
        return found


def watch(database: Path, page: Page | None, wanted: Collection[str] | None) -> None:
    """Show what happens until Ctrl-C; JSON lines if there is no page. wanted: hardware ids, None for all."""
    asyncio.run(_lines(database, wanted) if page is None else _picture(database, page, wanted))


async def _lines(database: Path, wanted: Collection[str] | None) -> None:
    async with watching(database) as lines:
        while True:
            line = await lines.get()
            if line is not None and _is_of(line, wanted):
                write_json(line)


async def _picture(database: Path, page: Page, wanted: Collection[str] | None) -> None:
    picture, missing = Picture(), ""
    async with watching(database) as lines:
        with page.redrawn() as redraw:
            while True:
                line: Line | None = None
                with suppress(TimeoutError):
                    async with asyncio.timeout(BEAT_S):
                        line = await lines.get()
                        if line is None or _is_of(line, wanted):
                            picture.hear(line)
                if redraw is not None:
                    redraw(picture.lines(page.width))
                    continue
                # In a pipe nothing can be redrawn: each line once.
                for words in (picture.missing if picture.missing != missing else "", line and words_of(line)):
                    if words:
                        page.say(words)
                missing = picture.missing


def _is_of(line: Line, wanted: Collection[str] | None) -> bool:
    match line:
        case LiveSensorView() | LiveEventView() | LiveTapView():
            return wanted is None or line.hardware_id in wanted
    return True
