"""Streams of the live page: the daemon's lines as server-sent events, each with its sentence.

One connection to the daemon for each stream, so a browser that is gone also ends what the sensor sends.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from twitchwatch.live.watching import watching
from twitchwatch.views.shape import Line
from twitchwatch.wording.live import words_of

# Each keeps a connection open; a person has one page before them.
MAX_STREAMS = 4
# A page that is left open would keep the sensor's radio on.
LONGEST_S = 600.0
# A stop is noticed within this time.
LOOK_EVERY_S = 0.25
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8")]
_NO_DAEMON = {"kind": "no_daemon"}
_PAUSED = {"kind": "paused"}


class Streams:
    """The open streams, as an ASGI application; after `close` they end."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._open = 0
        self._closed = False

    def close(self) -> None:
        """End all streams within LOOK_EVERY_S."""
        self._closed = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One stream, until the browser is gone, the time is over, or `close`."""
        if self._open >= MAX_STREAMS:
            words = f"{MAX_STREAMS} live pages are open already. Close one of them, then reload this one.\n"
            await PlainTextResponse(words, 503)(scope, receive, send)
            return
        self._open += 1
        gone = asyncio.create_task(_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            if scope["method"] == "GET":
                await self._stream(gone, send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            self._open -= 1

    async def _stream(self, gone: asyncio.Task[None], send: Send) -> None:
        now_s = asyncio.get_running_loop().time
        ends_s = now_s() + LONGEST_S
        async with watching(self._database, samples=True) as lines:
            while not self._closed and not gone.done():
                if now_s() >= ends_s:
                    await send(_message(_PAUSED))
                    return
                try:
                    async with asyncio.timeout(LOOK_EVERY_S):
                        line = await lines.get()
                except TimeoutError:
                    continue
                await send(_message(_NO_DAEMON if line is None else _worded(line)))


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _worded(line: Line) -> dict[str, object]:
    words = words_of(line)
    return {**line.as_json(), "words": words} if words else line.as_json()


def _message(content: object) -> dict[str, object]:
    text = f"data: {json.dumps(content, allow_nan=False)}\n\n"
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}
