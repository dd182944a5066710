"""A dashboard that runs as users run it: the program, on a free port, asked over HTTP."""

from __future__ import annotations

import http.client
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

from tests.archive.worn import DAY, HOUR, Worn, us
from twitchwatch.recording import LSB_MG
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.records import Record
from twitchwatch.shared.protocol.snippets import BEFORE, COUNT, pack_waveform
from twitchwatch.sim.twitch import twitch_waveform
from twitchwatch.store import Store

BEDTIME = us("2025-03-03T22:00")
NAME = '<b>"ring"</b>'
HARDWARE_ID = "24:0A:C4:00:00:01"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Dashboard:
    """The program, its address, and what it prints, line by line."""

    process: subprocess.Popen[str]
    lines: queue.Queue[str] = field(default_factory=queue.Queue)
    link: str = ""
    cookie: str = ""

    @property
    def port(self) -> int:
        return int(urlsplit(self.link).port or 0)

    def next_link(self) -> str:
        return self.lines.get(timeout=30).split()[-1]

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        signed_in: bool = True,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent: dict[str, str] = {"Host": f"127.0.0.1:{self.port}"}
        if signed_in:
            sent["Cookie"] = self.cookie
        sent |= headers or {}
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        found = {k.lower(): v for k, v in response.getheaders()}
        # A stream has no end.
        body = b"" if found.get("content-type", "").startswith("text/event-stream") else response.read()
        answer = Answer(response.status, found, body)
        connection.close()
        return answer

    def post(self, path: str, body: str, **more: Any) -> Answer:
        own = {
            "Origin": f"http://127.0.0.1:{self.port}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self.ask(
            path, method="POST", headers=own | more.pop("headers", {}), body=body.encode(), **more
        )


def served(database: Path, *more: str) -> Iterator[Dashboard]:
    """Start it, sign in, and stop it."""
    command = [sys.executable, "-m", "twitchwatch", "dashboard", "--port", "0", "--database", str(database)]
    process = subprocess.Popen(
        [*command, *more],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    own = Dashboard(process)
    reader = threading.Thread(target=lambda: [own.lines.put(line) for line in process.stdout], daemon=True)
    reader.start()
    try:
        own.link = own.next_link()
        parts = urlsplit(own.link)
        answer = own.ask(f"{parts.path}?{parts.query}", signed_in=False)
        assert answer.status == 303
        own.cookie = answer.headers["set-cookie"].partition(";")[0]
        yield own
    finally:
        process.terminate()
        process.wait(30)
        reader.join(30)
        process.stdout.close()


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight nights from 3 March 2025 on, two of them without data, of a ring with a hostile name."""
    path = tmp_path_factory.mktemp("web") / "t.db"
    with Store.open(path) as store:
        ring = Worn(store, BEDTIME, HARDWARE_ID, name=NAME)
        for night, count in enumerate((40, 50, None, None, 60, 45, 55, 50)):
            if count is not None:
                ring.sleep(BEDTIME + night * DAY, 6, count)
                ring.meet(BEDTIME + night * DAY + 9 * HOUR, "UTC")
            if night == 0:
                # Its first event has a waveform, which arrives with the next night.
                add_waveform(ring, next(iter(store.records(ring.device.id, types=[protocol.EVENT]))))
    return path


def add_waveform(ring: Worn, event: Record) -> None:
    """A twitch of 9 mg in the ring's noise, as the ring stores it."""
    chance = np.random.default_rng(1)
    motion_mg = chance.normal((0, 0, 1000), 0.7, (COUNT, 3))
    pulse = twitch_waveform(chance, peak_mg=9)[: COUNT - BEFORE]
    motion_mg[BEFORE : BEFORE + len(pulse)] += pulse
    values = np.rint(motion_mg / LSB_MG).astype(int).ravel().tolist()
    encoding, tail = pack_waveform(values)
    body = (event.seq, event.body.sample - BEFORE, 104_000, 122_000, COUNT, encoding)
    ring.add(BEDTIME + 9 * HOUR, protocol.SNIPPET, body, tail)


@pytest.fixture(scope="module")
def dashboard(nights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Of a copy of these nights."""
    path = tmp_path_factory.mktemp("served") / "t.db"
    shutil.copy(nights, path)
    yield from served(path)
