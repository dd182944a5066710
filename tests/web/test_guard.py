"""Who may ask the dashboard: every wrong host, site, origin and cookie is refused, on every route."""

from itertools import product
from urllib.parse import urlsplit

import pytest

from tests.web.conftest import HARDWARE_ID
from twitchwatch.web.guard import HEADERS, MAX_BROWSERS, Doorkeeper

NIGHT = f"/nights/{HARDWARE_ID}/2025-03-03"
# Streams that were closed a moment ago still take their places.
BUSY = 503
ROUTES = [
    "/", "/trend", "/findings", "/journal", "/live", "/live/stream", "/sensors", NIGHT, f"{NIGHT}/strip.json",
    "/static/style.css", "/nothing",
]  # fmt: skip


@pytest.mark.parametrize("path", ROUTES)
def test_every_wrong_one_is_refused_on_every_route(dashboard, path):
    own = f"127.0.0.1:{dashboard.port}"
    hosts = {own: True, f"localhost:{dashboard.port}": True, "127.0.0.1": False, "evil.example": False,
             f"evil.example:{dashboard.port}": False}  # fmt: skip
    origins = {None: True, "own": True, "null": False, "http://evil.example": False, "https://own": False}
    sites = {None: True, "same-origin": True, "none": True, "same-site": False, "cross-site": False}
    cookies = {"right": True, "none": False, "wrong": False}
    let_in = {"/nothing": (404,), "/live/stream": (200, BUSY)}.get(path, (200,))
    for (host, good_host), (origin, good_origin), (site, good_site), (cookie, good_cookie) in product(
        hosts.items(), origins.items(), sites.items(), cookies.items()
    ):
        good = good_host and good_origin and good_site and good_cookie
        # What is let through costs more: once for each header is enough.
        if good and sum(one is not None for one in (origin, site)) > 1:
            continue
        headers = {"Host": host}
        if origin is not None:
            headers["Origin"] = origin.replace("own", host) if "://" in origin else origin
            headers["Origin"] = f"http://{host}" if origin == "own" else headers["Origin"]
        if site is not None:
            headers["Sec-Fetch-Site"] = site
        if cookie == "wrong":
            headers["Cookie"] = f"{dashboard.cookie[:-4]}AAAA"
        answer = dashboard.ask(path, headers=headers, signed_in=cookie == "right")
        if good:
            assert answer.status in let_in, headers
        else:
            assert answer.status in (401, 403, 421), headers
            assert len(answer.body) < 300
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_two_hosts_or_none_are_refused(dashboard):
    assert dashboard.ask("/", headers={"Host": ""}).status in (400, 421)


def test_the_link_works_once_and_the_next_one_is_printed(dashboard):
    parts = urlsplit(dashboard.link)
    again = dashboard.ask(f"{parts.path}?{parts.query}", signed_in=False)
    assert again.status == 403
    assert "set-cookie" not in again.headers
    link = urlsplit(dashboard.next_link())
    for wrong in ("", "?token=", "?token=x", f"?{link.query}&token=x", f"?{link.query}x"):
        assert dashboard.ask(f"/enter{wrong}", signed_in=False).status == 403
    other_site = {"Host": "evil.example"}
    assert dashboard.ask(f"/enter?{link.query}", headers=other_site, signed_in=False).status == 421
    answer = dashboard.ask(f"/enter?{link.query}", signed_in=False)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    # The first browser stays signed in.
    assert dashboard.ask("/sensors").status == 200


@pytest.mark.parametrize("path", ["/journal", "/findings/1/acknowledge"])
def test_a_change_comes_from_a_page_of_the_dashboard(dashboard, path):
    for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        answer = dashboard.ask(path, method="POST", headers=headers, body=b"stress=9")
        assert answer.status == 403
    assert dashboard.ask("/", method="DELETE").status == 403
    assert "stress" not in dashboard.ask("/journal").text.split("What you noted")[1]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static/%2e%2e%2f%2e%2e",
        "/static//etc/passwd", "/static/....//app.py", "/uplot/../../../pyvenv.cfg", "/static/",
        "/nights/../../etc/passwd/strip.json", f"/nights/{HARDWARE_ID}/2025-03-03/waveforms/..%2f1.json",
    ],
)  # fmt: skip
def test_no_path_leads_out(dashboard, path):
    answer = dashboard.ask(path)
    assert answer.status == 404
    assert b"import" not in answer.body


def test_a_cookie_is_known_until_too_many_others_came():
    drawn = iter(range(1000))
    printed = []
    keeper = Doorkeeper(draw=lambda: f"secret-{next(drawn)}", renewed=printed.append)
    assert keeper.exchange("guess") is None
    first = keeper.exchange(keeper.token)
    assert keeper.knows(first)
    assert not keeper.knows(f"{first}é")
    others = [keeper.exchange(keeper.token) for _ in range(MAX_BROWSERS)]
    assert not keeper.knows(first)
    assert all(keeper.knows(one) for one in others)
    assert len(set(printed)) == MAX_BROWSERS + 1
