"""The page of a recording: its tiles, its guard, and the picture in Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.views.fits import misfits
from tests.web.conftest import Dashboard, served
from tests.web.test_browser import CHROMIUM, QUIET, axe, sync_api
from twitchwatch.recording import LSB_MG, read_recording, write_csv
from twitchwatch.sim.night import modelled_night
from twitchwatch.views.pyramid import PyramidView
from twitchwatch.views.shape import schema

NAME = "a <b>night.csv"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half an hour of a modelled night, with a hole of a minute."""
    path = tmp_path_factory.mktemp("recorded") / NAME
    samples = modelled_night(3, 0.5).samples
    t_s = np.arange(len(samples)) / 104
    kept = (t_s < 600) | (t_s > 660)
    write_csv(path, t_s[kept], samples[kept] * LSB_MG / 1000)
    return path


@pytest.fixture(scope="module")
def site(nights: Path, file: Path) -> Iterator[Dashboard]:
    yield from served(nights, "--recording", str(file))


def test_the_outline_fits_its_schema_and_the_tiles_are_the_samples(site, file):
    outline = json.loads(site.ask("/recordings/0/outline.json").body)
    assert misfits(outline, schema(PyramidView)) == []
    recording = read_recording(file)
    assert outline["samples"] == recording.end_sample
    raw = np.frombuffer(site.ask("/recordings/0/tiles/0/2").body, "<i2").reshape(-1, 6)
    own = recording.segments[0].samples[2 * outline["tile"] : 3 * outline["tile"]]
    assert (raw[:, :3] == own).all()
    assert (raw[:, 3:] == own).all()
    coarse = np.frombuffer(site.ask("/recordings/0/tiles/3/0").body, "<i2").reshape(-1, 6)
    assert coarse[0, 3:].tolist() == recording.segments[0].samples[:256].max(axis=0).tolist()


@pytest.mark.parametrize(
    "path",
    ["/recordings/1", "/recordings/1/outline.json", "/recordings/0/tiles/0/99999", "/recordings/0/tiles/9/0"],
)
def test_what_is_not_there_is_said(site, path):
    assert site.ask(path).status == 404


def test_a_page_leads_to_it_and_its_name_stays_text(site):
    assert 'href="/recordings/0"' in site.ask("/").text
    page = site.ask("/recordings/0").text
    assert "<b>" not in page
    assert "a &lt;b&gt;night" in page


@pytest.mark.parametrize("path", ["/recordings/0", "/recordings/0/outline.json", "/recordings/0/tiles/1/0"])
def test_nobody_else_gets_it(site, path):
    assert site.ask(path, signed_in=False).status == 401
    assert site.ask(path, headers={"Host": "evil.example"}).status == 421
    assert site.ask(path, headers={"Origin": "http://evil.example"}).status == 403


@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium: make test-deps")
@pytest.mark.parametrize(("width", "scheme"), [(900, "light"), (360, "dark")])
def test_it_is_moved_zoomed_and_read_by_keyboard(site, width, scheme):
    wrong = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.set_default_timeout(120_000)
        name, _, value = site.cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"http://127.0.0.1:{site.port}/recordings/0")
        page.locator("canvas[data-ready]").focus()
        said = []
        for key in ("End", "Home", "+", "+", "ArrowRight", "PageDown"):
            page.keyboard.press(key)
            said.append(page.locator(".cursor").inner_text())
        page.wait_for_load_state("networkidle")
        page.keyboard.press("ArrowRight")
        said.append(page.locator(".cursor").inner_text())
        assert said[0].startswith("00:29:5")
        assert said[1].startswith("00:00:00")
        assert re.fullmatch(r"00:\d\d:\d\d\.\d: x -?\d+( to -?\d+)? mg, y .+ mg, z .+ mg", said[-1])
        # The hole of a minute is in the table of ten minutes only as what it is: no sample of it is drawn.
        assert page.locator("#swings tbody tr").count() == 3
        found = axe.Axe().run(page)
        assert [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        drawn = page.evaluate(
            """() => {
                const canvas = document.querySelector("canvas");
                const own = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                return own.filter((value) => value > 0).length;
            }"""
        )
        assert drawn > 1000
        browser.close()
    assert wrong == []
