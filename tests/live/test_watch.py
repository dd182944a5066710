"""`status --watch`: in a terminal, in a pipe, for programs; nothing is cut, and no data is said first."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.live.test_feed import NOW_US, RING, anchor, served, twitch
from twitchwatch.store import Store
from twitchwatch.terminal.watch_page import EVENTS, MISSED, Picture
from twitchwatch.views.live import LiveEventView, LiveSensorView, LiveView
from twitchwatch.views.reference import shapes

SENSOR = LiveSensorView("live_sensor", "ring", "24:0A", True, "2026-03-04T22:15:01Z", 3921)
EVENT = LiveEventView("live_event", "ring", "24:0A", "tremor", "2026-03-04T22:16:01Z", 12.5, 31.4, 5.2)


def text(picture: Picture, width: int = 100) -> list[str]:
    return [line.plain for line in picture.lines(width)]


def test_no_data_is_said_first_and_with_its_cause():
    now_s = 0.0
    picture = Picture(lambda: now_s)
    assert "nothing is being collected" in text(picture)[0]
    picture.hear(LiveView("live", ""))
    assert "no sensor is connected" in text(picture)[0]
    picture.hear(SENSOR)
    assert text(picture)[0].startswith("ring: connected since ")
    now_s = MISSED + 0.5
    assert "does not answer" in text(picture)[0]
    picture.hear(None)
    assert "ring" not in " ".join(text(picture))


@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_figure_is_cut(width):
    picture = Picture()
    picture.hear(SENSOR)
    for _ in range(EVENTS + 1):
        picture.hear(EVENT)
    lines = text(picture, width)
    assert all(len(line) <= width for line in lines)
    whole = " ".join(lines)
    for figure in ("3.92 V", "5.2 Hz", "31.4 mg", "12.5 s"):
        assert figure in whole
    assert whole.count("tremor") == EVENTS


@contextmanager
def watched(
    database: Path, *more: str, stdout: int = subprocess.PIPE, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "twitchwatch", "status", "--watch", "--database", str(database), *more]
    process = subprocess.Popen(command, stdout=stdout, text=True, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    Store.open(tmp_path / "t.db").close()
    return tmp_path / "t.db"


async def test_in_a_pipe_each_line_comes_once(database):
    async with served(database.parent) as feed:
        feed.capture_from(RING)
        with watched(database) as process:
            assert process.stdout is not None
            said = []
            while not any("connected since" in line for line in said):
                said.append(await asyncio.to_thread(process.stdout.readline))
            feed.committed(RING, [anchor(0, 1, 0, NOW_US), twitch(1, 1, 5)])
            while ": twitch, 42.0 mg, 120 ms" not in said[-1]:
                said.append(await asyncio.to_thread(process.stdout.readline))
            assert len(said) == len({*said})
            process.send_signal(signal.SIGINT)
            assert await asyncio.to_thread(process.wait, 60) != 0


async def test_programs_get_the_feed_s_own_lines(database):
    async with served(database.parent) as feed:
        feed.capture_from(RING)
        with watched(database, "--json") as process:
            assert process.stdout is not None
            found = json.loads(await asyncio.to_thread(process.stdout.readline))
            assert found["kind"] == "database"
            while found["kind"] != "live_sensor":
                found = json.loads(await asyncio.to_thread(process.stdout.readline))
            assert (found["hardware_id"], found["schema_version"]) == (RING.hardware_id, 2)
            assert list(found)[1:-1] == list(shapes()["status --watch"]["live_sensor"])


@pytest.mark.parametrize("colour", [{}, {"NO_COLOR": "1"}])
async def test_in_a_terminal_it_is_redrawn_within_forty_columns(database, colour):
    ours, theirs = pty.openpty()
    seen = ""
    async with served(database.parent) as feed:
        feed.capture_from(RING)
        with watched(database, stdout=theirs, COLUMNS="40", LINES="24", TERM="xterm", **colour) as process:
            os.close(theirs)
            while "since" not in seen:
                seen += (await asyncio.to_thread(os.read, ours, 4096)).decode()
            process.send_signal(signal.SIGINT)
            with suppress(OSError):
                while piece := await asyncio.to_thread(os.read, ours, 4096):
                    seen += piece.decode()
    os.close(ours)
    # Moves of the cursor, and weights; no colour at all.
    escapes = re.findall(r"\x1b\[([\d;?]*)([a-zA-Z])", seen)
    assert {numbers for numbers, kind in escapes if kind == "m"} <= {"0", "1", "7", "1;7"}
    assert any(kind in "AFK" for _, kind in escapes)
    plain = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", seen)
    lines = re.split(r"[\r\n]+", plain)
    # A path is not cut.
    assert max(len(line) for line in lines if "/" not in line) <= 40
    assert "ring: connected since" in " ".join(plain.split())
