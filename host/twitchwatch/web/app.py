"""The routes of the dashboard: each queries the archive, and draws the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from twitchwatch.errors import TwitchwatchError, UsageError
from twitchwatch.views.shape import View
from twitchwatch.web import annotating, pages, recordings, vendor
from twitchwatch.web.answers import date_of, page_answer, read_form, which_night
from twitchwatch.web.asking import Asking
from twitchwatch.web.guard import Doorkeeper, Guard
from twitchwatch.web.streams import Streams

# More than the journal has.
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
        *annotating.routes(asking, pages.night),
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
        return page_answer(await run_in_threadpool(draw, asking))

    return answer


def _night(asking: Asking) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        sensor, night = which_night(request)
        return page_answer(await run_in_threadpool(pages.night, asking, sensor, night))

    return answer


def _json(ask: Callable[[Request], View]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        found = await run_in_threadpool(ask, request)
        return JSONResponse(found.as_json())

    return answer


def _strip(asking: Asking, request: Request) -> View:
    return asking.strip(*which_night(request))


def _waveform(asking: Asking, request: Request) -> View:
    return asking.waveform(*which_night(request), request.path_params["seq"])


def _acknowledge(asking: Asking) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        await run_in_threadpool(asking.acknowledge, request.path_params["number"])
        return RedirectResponse("/findings", 303)

    return answer


def _journal(asking: Asking) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        if request.method != "POST":
            return page_answer(await run_in_threadpool(pages.journal, asking))
        sent = await read_form(request, MAX_FIELDS)
        form = {name: ", ".join(one for one in values if one) for name, values in sent.items()}
        night = form.pop("night", "")
        try:
            noted = await run_in_threadpool(asking.note, form, date_of(night) if night else None)
        except UsageError as error:
            # What was typed stays in the form, beside what is wrong with it.
            page = await run_in_threadpool(pages.journal, asking, form, str(error))
            return page_answer(page, 422)
        return page_answer(await run_in_threadpool(pages.journal, asking, {}, "", noted))

    return answer


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
    return page_answer(pages.problem(words), status)
