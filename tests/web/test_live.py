"""The live page in Chromium: a ring in MicroPython, `twitchwatch run`, the dashboard, all as processes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.live.rig import Rig, hand, rig_in
from tests.web.conftest import Dashboard, served
from twitchwatch.store import Store
from twitchwatch.web.streams import MAX_STREAMS, Streams

async_api = pytest.importorskip("playwright.async_api")
browsing = pytest.importorskip("tests.web.test_browser")

needs_browser = pytest.mark.skipif(
    not browsing.CHROMIUM.exists(), reason="needs Debian's chromium: make test-deps"
)
# Only what hangs takes so long, also on a busy machine.
PATIENCE_MS = 120_000


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig_in(tmp_path) as rig:
        rig.database.parent.mkdir(mode=0o700)
        Store.open(rig.database).close()
        yield rig


@pytest.fixture
async def site(rig: Rig) -> AsyncIterator[Dashboard]:
    """The dashboard of the ring's database."""
    pages = served(rig.database)
    yield await asyncio.to_thread(next, pages)
    await asyncio.to_thread(pages.close)


@pytest.fixture
async def page(site: Dashboard) -> AsyncIterator[Any]:
    """The live page; what it complains of fails the test."""
    wrong: list[str] = []
    async with async_api.async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=str(browsing.CHROMIUM), args=browsing.QUIET
        )
        context = await chromium.new_context(viewport={"width": 900, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        name, _, value = site.cookie.partition("=")
        await context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
        page = await context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        await page.goto(f"http://127.0.0.1:{site.port}/live")
        yield page
        await chromium.close()
    assert wrong == []


async def shows(page: Any, state: str) -> str:
    """The page reaches this state; the words that it then has on top."""
    await page.wait_for_selector(f'body[data-live="{state}"]')
    shown = page.locator("#states [data-state]:not([hidden])")
    return str(await shown.inner_text())


@needs_browser
async def test_from_no_daemon_to_a_tap_and_back_to_no_data(rig: Rig, site: Dashboard, page: Any) -> None:
    assert "nothing is being collected" in await shows(page, "no_daemon")
    await rig.start_daemon(cable=False)
    assert "no sensor is connected" in await shows(page, "no_sensor")
    await rig.stop_daemon()
    await rig.power_on(hand())
    await rig.start_daemon()
    assert "Tap the ring" in await shows(page, "live")
    await page.locator(
        "#tap", has_text=re.compile(r"^The sensor registered your tap: 4\d\d mg\.$")
    ).wait_for()
    await page.locator("#events li", has_text=": twitch, 16.7 mg").first.wait_for()
    assert re.match(
        r"ring: connected since \d\d:\d\d:\d\d\. Battery 4\.10 V\.", await page.inner_text("#sensors")
    )
    drawn = await page.evaluate(
        """() => {
            const canvas = document.querySelector("canvas");
            const own = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return own.some((value) => value > 0);
        }"""
    )
    assert drawn
    # The ring's battery is empty: nothing says that the link is gone, but nothing arrives any more.
    await rig.power_off()
    assert "its samples no longer arrive" in await shows(page, "stale")
    assert re.fullmatch(r"The newest sample arrived \d+ s ago\.", await page.inner_text("#age"))
    await rig.stop_daemon()
    assert "nothing is being collected" in await shows(page, "no_daemon")
    site.process.send_signal(signal.SIGTERM)
    assert "no connection to the dashboard" in await shows(page, "lost")
    shifted = await page.evaluate(
        """() => new Promise((done) => new PerformanceObserver((list) => done(
            list.getEntries().reduce((sum, one) => sum + one.value, 0)
        )).observe({ type: "layout-shift", buffered: true }) || setTimeout(() => done(0), 300))"""
    )
    assert shifted < 0.1


@needs_browser
async def test_the_keyboard_reads_the_last_seconds(rig: Rig, page: Any) -> None:
    await rig.power_on(hand())
    await rig.start_daemon()
    # The last second of ten is filled last.
    await page.locator("#seconds td", has_text=" mg").nth(9).wait_for(state="attached")
    await page.locator("canvas").focus()
    said = []
    for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "Home"):
        await page.keyboard.press(key)
        said.append(await page.inner_text("#wave .cursor"))
    assert [one.partition(" seconds")[0] for one in said] == ["0 to 1", "1 to 2", "0 to 1", "9 to 10"]
    assert all(re.search(r"largest acceleration [\d.]+ mg$", one) for one in said)


@contextlib.contextmanager
def streaming(site: Dashboard) -> Iterator[BinaryIO]:
    """A stream that is opened and read by hand."""
    lines = ("GET /live/stream HTTP/1.1", f"Host: 127.0.0.1:{site.port}", f"Cookie: {site.cookie}", "", "")
    with (
        socket.create_connection(("127.0.0.1", site.port), timeout=60) as connection,
        connection.makefile("rb") as answer,
    ):
        connection.sendall("\r\n".join(lines).encode())
        yield answer


def status(site: Dashboard) -> int:
    """Of one more stream, which is closed again."""
    with streaming(site) as answer:
        return int(answer.readline().split()[1])


def test_streams_are_bounded_and_end_with_the_dashboard(nights: Path) -> None:
    pages = served(nights)
    site = next(pages)
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(streaming(site)) for _ in range(MAX_STREAMS - 1)]
        for one in held:
            assert one.readline().split()[1] == b"200"
        with streaming(site) as last:
            assert last.readline().split()[1] == b"200"
            assert status(site) == 503
        # It leaves, and its place is free as soon as that is noticed.
        while status(site) == 503:
            pass
        site.process.send_signal(signal.SIGTERM)
        # The last chunk: the streams were ended, not cut off.
        assert all(one.read().endswith(b"0\r\n\r\n") for one in held)
        assert site.process.wait(60) in (0, 143, -signal.SIGTERM)
    pages.close()


async def streamed(streams: Streams, *, method: str = "GET") -> tuple[int, list[dict[str, Any]]]:
    """Status and messages of one stream, of a browser that stays."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        sent.append(message)

    await streams({"type": "http", "method": method}, receive, send)
    bodies = [one["body"].decode() for one in sent[1:]]
    return sent[0]["status"], [json.loads(one.removeprefix("data: ")) for one in bodies if one]


async def test_a_page_that_is_left_open_does_not_keep_the_radio_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twitchwatch.web.streams.LONGEST_S", 0.0)
    status, messages = await streamed(Streams(tmp_path / "t.db"))
    assert (status, messages) == (200, [{"kind": "paused"}])


async def test_a_question_about_the_stream_is_no_stream(tmp_path: Path) -> None:
    assert await streamed(Streams(tmp_path / "t.db"), method="HEAD") == (200, [])
