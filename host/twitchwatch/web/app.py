"""The routes of the dashboard: each asks the archive, and draws what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from twitchwatch.errors import TwitchwatchError, UsageError
from twitchwatch.views.shape import View
from twitchwatch.web import pages, recordings, vendor
from twitchwatch.web.asking import Asking
from twitchwatch.web.guard import Doorkeeper, Guard
from twitchwatch.web.streams import Streams

# A form of the journal is a few hundred bytes; what is longer is none of ours.
MAX_FORM_BYTES = 64 * 1024
MAX_FIELDS = 100

STATIC = Path(__file__).parent / "static"


def dashboard(
    asking: Asking, streams: Streams, files: Sequence[Path], doorkeeper: Doorkeeper, hosts: Sequence[str]
) -> Guard:
    """The whole dashboard as an ASGI application.

    files: recordings that get a page; hosts: the addresses under which it is served.
    """
    routes: list[BaseRoute] = [
        Route("/", _page(asking, pages.morning)),
        Route("/trend", _page(asking, pages.trend)),
        Route("/findings", _page(asking, pages.findings)),
        Route("/findings/{number:int}/acknowledge", _acknowledge(asking), methods=["POST"]),
        Route("/journal", _journal(asking), methods=["GET", "POST"]),
        Route("/live", _page(asking, pages.live)),
        Route("/live/stream", streams, methods=["GET"]),
        Route("/sensors", _page(asking, pages.sensors)),
        Route("/nights/{sensor}/{night}", _night(asking)),
        Route("/nights/{sensor}/{night}/strip.json", _json(lambda request: _strip(asking, request))),
        Route(
            "/nights/{sensor}/{night}/waveforms/{seq:int}.json",
            _json(lambda request: _waveform(asking, request)),
        ),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    if files:
        pages.with_recordings()
        routes += recordings.routes(recordings.Recordings(files))
    if vendor.present():
        routes.append(Mount("/uplot", StaticFiles(directory=vendor.folder())))
    app = Starlette(
        routes=routes, exception_handlers={TwitchwatchError: _explained, HTTPException: _explained}
    )
    return Guard(app, doorkeeper, hosts)


def _page(asking: Asking, draw: Callable[[Asking], str]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        return _html(await run_in_threadpool(draw, asking))

    return answer


def _night(asking: Asking) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        sensor, night = _which(request)
        return _html(await run_in_threadpool(pages.night, asking, sensor, night))

    return answer


def _json(ask: Callable[[Request], View]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        found = await run_in_threadpool(ask, request)
        return JSONResponse(found.as_json())

    return answer


def _strip(asking: Asking, request: Request) -> View:
    return asking.strip(*_which(request))


def _waveform(asking: Asking, request: Request) -> View:
    return asking.waveform(*_which(request), request.path_params["seq"])


def _acknowledge(asking: Asking) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        await run_in_threadpool(asking.acknowledge, request.path_params["number"])
        return RedirectResponse("/findings", 303)

    return answer


def _journal(asking: Asking) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        if request.method != "POST":
            return _html(await run_in_threadpool(pages.journal, asking))
        form = await _form(request)
        night = form.pop("night", "")
        try:
            noted = await run_in_threadpool(asking.note, form, _date(night) if night else None)
        except UsageError as error:
            # What was typed stays in the form, beside what is wrong with it.
            page = await run_in_threadpool(pages.journal, asking, form, str(error))
            return _html(page, 422)
        return _html(await run_in_threadpool(pages.journal, asking, {}, "", noted))

    return answer


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413, "That is too long for the journal.")
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise HTTPException(400, "That has more fields than the journal.") from None
    return {name: ", ".join(one for one in values if one) for name, values in fields.items()}


def _which(request: Request) -> tuple[str, date]:
    return request.path_params["sensor"], _date(request.path_params["night"])


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a date. Write it as 2026-03-04.") from None


def _html(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type="text/html; charset=utf-8")


async def _explained(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        status, words = (
            error.status_code,
            "There is no such page." if error.status_code == 404 else error.detail,
        )
    else:
        status, words = (404 if isinstance(error, UsageError) else 500), str(error)
    if request.url.path.endswith(".json"):
        return JSONResponse({"error": words}, status)
    return _html(pages.problem(words), status)
