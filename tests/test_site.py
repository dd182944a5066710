"""The documents' website: it builds without a warning, asks nothing of elsewhere, and no link is lost."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.wording import ROOT

# Attributes that a browser follows by itself, whatever the element; `a` and `form` wait for a click.
FETCHED = {"src", "srcset", "poster", "data", "href", "action", "background", "manifest"}
CLICKED = {("a", "href"), ("area", "href")}
IN_STYLES = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")
# What a script may ask for when it runs.
IN_SCRIPTS = re.compile(
    r"(?:fetch|import|importScripts|XMLHttpRequest|WebSocket)\s*\(\s*['\"`](?:https?:)?//"
)


class Page(HTMLParser):
    """What a page fetches, where its links lead, and what can be linked to on it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.styles: list[str] = []
        self._in = ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag
        named = {name: value or "" for name, value in attrs}
        self.anchors |= {named[name] for name in ("id", "name") if name in named}
        self.styles.append(named.get("style", ""))
        if named.get("http-equiv", "").lower() == "refresh":
            self.links.append(named["content"].partition("url=")[2])
        for name, value in named.items():
            if (tag, name) in CLICKED:
                self.links.append(value)
            elif name in FETCHED and not (
                tag == "link" and named.get("rel") in ("next", "prev", "index", "search")
            ):
                self.fetched.append(value)

    def handle_data(self, data: str) -> None:
        if self._in == "style":
            self.styles.append(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    goal = tmp_path_factory.mktemp("site")
    asked = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "-c", "docs/site"]
    done = subprocess.run(
        [*asked, "-d", goal / "kept", ".", goal / "site"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return goal / "site"


def outside(address: str) -> bool:
    return bool(urlsplit(address).netloc) or urlsplit(address).scheme not in ("", "data")


def test_no_page_style_or_script_asks_elsewhere(site):
    asked = []
    for path in site.rglob("*.html"):
        page = Page(path)
        asked += [(path.name, one) for one in page.fetched if outside(one)]
        asked += [(path.name, one) for text in page.styles for one in addresses(text) if outside(one)]
    for path in site.rglob("*.css"):
        asked += [(path.name, one) for one in addresses(path.read_text("utf-8")) if outside(one)]
    asked += [(path.name, "") for path in site.rglob("*.js") if IN_SCRIPTS.search(path.read_text("utf-8"))]
    assert asked == []


def addresses(style: str) -> list[str]:
    return [first or second for first, second in IN_STYLES.findall(style)]


def test_every_link_leads_to_a_page_and_a_heading(site):
    pages = {path.resolve(): Page(path) for path in site.rglob("*.html")}
    assert {"quick-start.html", "is-it-serious.html", "protocol.html", "assembly.html"} <= {
        path.name for path in pages
    }
    lost = []
    for path, page in pages.items():
        for link in {*page.links, *page.fetched}:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            if not goal.exists() or (anchor and goal in pages and anchor not in pages[goal].anchors):
                lost.append((path.name, link))
    assert lost == []


@pytest.mark.parametrize(
    "content",
    [
        '<link rel="stylesheet" href="https://fonts.example/css">',
        '<script src="//cdn.example/a.js"></script>',
        '<img src="http://example.org/a.png">',
        "<style>@import 'https://example.org/a.css';</style>",
        '<p style="background: url(https://example.org/a.png)">',
    ],
)
def test_a_request_to_elsewhere_is_noticed(tmp_path, content):
    (tmp_path / "page.html").write_text(content)
    with pytest.raises(AssertionError, match=r"page\.html"):
        test_no_page_style_or_script_asks_elsewhere(tmp_path)


def test_the_example_night_is_the_one_of_the_overview():
    overview = (ROOT / "README.md").read_text("utf-8")
    explained = (ROOT / "docs" / "night-explained.md").read_text("utf-8")
    example = re.search(r"^```\n(.*?)^```", explained, re.DOTALL | re.MULTILINE)[1]
    assert [line for line in example.splitlines() if line not in overview] == []


@pytest.mark.parametrize("name", ["morning", "trend", "report"])
def test_the_pictures_are_there_and_shown(name):
    picture = ROOT / "docs" / "pictures" / f"{name}.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 300_000
    for page in ("README.md", "docs/quick-start.md"):
        assert f"pictures/{name}.png)" in (ROOT / page).read_text("utf-8")
