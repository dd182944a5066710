"""The pages of recordings: a whole night of samples, of which a browser gets only what it shows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from twitchwatch.errors import UsageError
from twitchwatch.recording import read_recording
from twitchwatch.recording.pyramid import Pyramid
from twitchwatch.views.pyramid import pyramid_view
from twitchwatch.web import pages


class Recordings:
    """Files that were named at the start; each is read when it is first looked at, and then kept."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = list(files)
        self._read: dict[int, Pyramid] = {}
        self._one = threading.Lock()

    def pyramid(self, number: int) -> Pyramid:
        """The recording of this number, from 0. Raises UsageError and the errors of reading."""
        if not 0 <= number < len(self.files):
            raise UsageError(f"There is no recording number {number}.")
        with self._one:
            if number not in self._read:
                self._read[number] = Pyramid(read_recording(self.files[number]))
            return self._read[number]

    def tile(self, number: int, level: int, tile: int) -> bytes:
        """One tile. Raises UsageError if there is none."""
        try:
            return self.pyramid(number).tile(level, tile).astype("<i2").tobytes()
        except IndexError:
            raise UsageError("That is beyond the end of the recording.") from None


def routes(recordings: Recordings) -> list[Route]:
    """A page for each recording, with its outline and its tiles."""
    return [
        Route("/recordings/{number:int}", _answer(lambda asked: _page(recordings, asked))),
        Route("/recordings/{number:int}/outline.json", _answer(lambda asked: _outline(recordings, asked))),
        Route(
            "/recordings/{number:int}/tiles/{level:int}/{tile:int}",
            _answer(lambda asked: Response(recordings.tile(**asked), media_type="application/octet-stream")),
        ),
    ]


def _answer(ask: Callable[[dict[str, int]], Response]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        return await run_in_threadpool(ask, request.path_params)

    return answer


def _page(recordings: Recordings, asked: dict[str, int]) -> Response:
    number = asked["number"]
    if number >= len(recordings.files):
        raise UsageError(f"There is no recording number {number}.")
    return Response(pages.recording(recordings.files, number), media_type="text/html; charset=utf-8")


def _outline(recordings: Recordings, asked: dict[str, int]) -> Response:
    return JSONResponse(pyramid_view(recordings.pyramid(asked["number"])).as_json())
