"""What the routes share: a form that was sent, the night that a path names, a page as an answer."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from twitchwatch.errors import UsageError

# A form is a few hundred bytes, and some ten for each event of a night that is ticked.
MAX_FORM_BYTES = 64 * 1024


async def read_form(request: Request, most_fields: int) -> dict[str, list[str]]:
    """The fields of a form, each with its values. Raises HTTPException for too much of it."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413, "That is too long for this form.")
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=most_fields)
    except ValueError:
        raise HTTPException(400, "That has more fields than the form.") from None


def which_night(request: Request) -> tuple[str, date]:
    """Sensor and date of a night's path. Raises UsageError."""
    return request.path_params["sensor"], date_of(request.path_params["night"])


def date_of(text: str) -> date:
    """A date in ISO form. Raises UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a date. Write it as 2026-03-04.") from None


def page_answer(text: str, status: int = 200) -> Response:
    """A page."""
    return Response(text, status, media_type="text/html; charset=utf-8")
