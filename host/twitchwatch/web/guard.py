"""The guard before every route: this computer, this browser, this page, or nothing.

A dashboard on loopback is reachable by every page that a browser shows: by a name that is made to resolve to
127.0.0.1 (DNS rebinding), by forms and images of other sites, and by other users of the computer. So each
request must have the address as its Host, come from the dashboard's own pages (Origin, Sec-Fetch-Site), and
have the cookie that a one-time link was exchanged for. Static files and streams are no exception.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "twitchwatch"
ENTER = "/enter"
# Browsers that may be signed in at once; another one signs out the first.
MAX_BROWSERS = 16
# Methods that change nothing.
SAFE = ("GET", "HEAD")

# Nothing from elsewhere, nothing inline, no frame around it. CSP Level 3, W3C.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # With no-referrer a browser's own form has no Origin (Fetch standard, section 3.2), and would be refused.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Doorkeeper:
    """One-time tokens and the cookies they were exchanged for; in memory only, so a restart signs all out.

    draw: gives an unguessable text. renewed: called with each new token.
    """

    def __init__(
        self,
        draw: Callable[[], str] = lambda: secrets.token_urlsafe(32),
        renewed: Callable[[str], None] = lambda token: None,
    ) -> None:
        self._draw = draw
        self._renewed = renewed
        self._known: deque[bytes] = deque(maxlen=MAX_BROWSERS)
        self.token = draw()

    def exchange(self, token: str) -> str | None:
        """A cookie for the token, which is void from then on; None if it is not valid."""
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        self.token = self._draw()
        self._renewed(self.token)
        cookie = self._draw()
        self._known.append(_digest(cookie))
        return cookie

    def knows(self, cookie: str) -> bool:
        """Whether it was given out."""
        own = _digest(cookie)
        return any(hmac.compare_digest(own, known) for known in self._known)


class Guard:
    """ASGI middleware that lets through what passes, and puts its headers on every response."""

    def __init__(self, app: ASGIApp, doorkeeper: Doorkeeper, hosts: Sequence[str]) -> None:
        self._app = app
        self._doorkeeper = doorkeeper
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it. Nothing but HTTP is served."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [
                    pair for pair in message.get("headers", []) if pair[0].decode().lower() not in HEADERS
                ]
                message["headers"] = kept + [(k.encode(), v.encode()) for k, v in HEADERS.items()]
            await send(message)

        refused = self._refusal(scope)
        answer: ASGIApp = self._app if refused is None else refused
        await answer(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = scope["headers"]
        hosts = _all(headers, b"host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return PlainTextResponse("This is not the address of the dashboard.\n", 421)
        origins = _all(headers, b"origin")
        own = f"http://{hosts[0].lower()}"
        if any(origin.lower() != own for origin in origins):
            return PlainTextResponse("Requests from other sites are refused.\n", 403)
        sites = _all(headers, b"sec-fetch-site")
        if scope["path"] == ENTER and scope["method"] in SAFE:
            return self._enter(scope)
        if any(site not in ("same-origin", "none") for site in sites):
            return PlainTextResponse("Requests from other sites are refused.\n", 403)
        if scope["method"] not in SAFE and not origins:
            return PlainTextResponse("A change must come from a page of the dashboard.\n", 403)
        if not any(self._doorkeeper.knows(cookie) for cookie in _cookies(headers)):
            return PlainTextResponse(
                "Open the link that `twitchwatch dashboard` printed in its terminal. It works once; each time"
                " it is used, a new one is printed there.\n",
                401,
            )
        return None

    def _enter(self, scope: Scope) -> Response:
        tokens = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        cookie = self._doorkeeper.exchange(tokens[0]) if len(tokens) == 1 else None
        if cookie is None:
            return PlainTextResponse(
                "This link was used already or is not valid. `twitchwatch dashboard` printed a new one in its"
                " terminal.\n",
                403,
            )
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", path="/")
        return answer


def _digest(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()


def _all(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def _cookies(headers: Sequence[tuple[bytes, bytes]]) -> list[str]:
    found = []
    for line in _all(headers, b"cookie"):
        try:
            parsed = SimpleCookie(line)
        except CookieError:
            continue
        if COOKIE in parsed:
            found.append(parsed[COOKIE].value)
    return found
