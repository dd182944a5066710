"""The pages in a real browser: light, dark, on a telephone, by keyboard, and for a screen reader."""

import json
import re
import shutil

import pytest

from bench.pictures import CHROMIUM, QUIET
from tests.archive.worn import HOUR, Worn, us
from tests.web.conftest import HARDWARE_ID, served
from twitchwatch.store import Store
from twitchwatch.web import vendor

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

NIGHT = f"/nights/{HARDWARE_ID}/2025-03-03"
PAGES = ["/", "/trend", "/findings", "/journal", "/live", "/sensors", NIGHT]
MAX_PAGE_BYTES = 1_000_000
# On a busy computer.
PATIENT_MS = 60_000
sync_api.expect.set_options(timeout=PATIENT_MS)

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium: make test-deps"),
    pytest.mark.skipif(not vendor.present(), reason="needs uPlot: make setup, with npm"),
]


@pytest.fixture(scope="module")
def site(nights, tmp_path_factory):
    path = tmp_path_factory.mktemp("browsed") / "t.db"
    shutil.copy(nights, path)
    yield from served(path)


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield started
        started.close()


@pytest.fixture
def visit(browser, site):
    """Open a page signed in; whatever the page complains of or asks of elsewhere fails the test."""
    contexts = []
    wrong = []
    asked = []

    def visit(path, width=900, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.set_default_timeout(PATIENT_MS)
        contexts.append(context)
        name, _, value = site.cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
        page = context.new_page()
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        # The live page's stream is never idle.
        until = "load" if path == "/live" else "networkidle"
        page.goto(f"http://127.0.0.1:{site.port}{path}", wait_until=until)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []
    assert all(url.startswith(f"http://127.0.0.1:{site.port}/") for url in asked)


def shifted(page):
    """How far the page's parts moved without being asked (Cumulative Layout Shift)."""
    return page.evaluate(
        """() => new Promise((done) => {
            let sum = 0;
            new PerformanceObserver((list) => { for (const one of list.getEntries()) sum += one.value; })
                .observe({ type: "layout-shift", buffered: true });
            // What was buffered comes with the next frames.
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(sum), 0)));
        })"""
    )


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(900, "light"), (900, "dark"), (360, "light")])
def test_every_page_is_accessible_fits_and_is_light(visit, path, width, scheme):
    page = visit(path, width, scheme)
    found = axe.Axe().run(page)
    grave = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"]) for one in grave] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert shifted(page) < 0.1
    # Each chart can be reached by keyboard, is spoken, and has its table.
    charts = page.locator("svg.chart, canvas")
    silent = """(chart) => {
        const reached = chart.closest("[tabindex]") || chart.querySelector("[tabindex], a");
        return reached === null || !reached.getAttribute("aria-label");
    }"""
    for chart in charts.all():
        assert not chart.evaluate(silent)
    if path in (NIGHT, "/live") or "<svg" in page.content():
        assert charts.count() > 0
        assert page.locator("table").count() > 0
    weighed = page.evaluate(
        "performance.getEntries().reduce((sum, one) => sum + (one.encodedBodySize || 0), 0)"
    )
    assert 0 < weighed <= MAX_PAGE_BYTES


def test_the_keyboard_steps_from_event_to_event(visit):
    page = visit(NIGHT)
    strip = page.locator(".charts")
    strip.focus()
    said = []
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        said.append(page.locator(".cursor").inner_text())
    assert all(re.fullmatch(r"\d\d:\d\d:\d\d: .+ \(\d+ of \d+\)", one) for one in said)
    assert [one.split("(")[1].split()[0] for one in said] == ["1", "2", "3"]
    page.keyboard.press("End")
    total = page.locator(".cursor").inner_text().split("(")[1].rstrip(")").split(" of ")
    assert total[0] == total[1]


def shown(page):
    """The stretch that the strip says it shows: its begin and length in seconds, from the noon before."""
    found = re.fullmatch(r"Shown: (\S+) to (\S+)", page.locator(".cursor").first.inner_text())
    begin, end = (
        sum(int(part) * unit for part, unit in zip(clock.split(":"), (3600, 60, 1), strict=True))
        for clock in found.groups()
    )
    begin = (begin - 43200) % 86400
    return begin, (end - 43200) % 86400 - begin


def test_a_night_is_zoomed_and_moved_by_mouse(visit):
    page = visit(NIGHT)
    over = page.locator("#strip .charts .u-over").nth(1)
    over.scroll_into_view_if_needed()
    box = over.bounding_box()

    def drag(begin, end):
        y = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + begin * box["width"], y)
        page.mouse.down()
        page.mouse.move(box["x"] + end * box["width"], y, steps=8)
        page.mouse.up()
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    page.locator(".charts").focus()
    page.keyboard.press("0")
    first, night = shown(page)
    drag(0.25, 0.75)
    begin, span = shown(page)
    assert span == pytest.approx(night / 2, rel=0.03)
    assert begin == pytest.approx(first + night / 4, abs=0.03 * night)
    # What is seen goes with the mouse, and no event is picked by that.
    drag(0.3, 0.6)
    assert shown(page) == (pytest.approx(begin - 0.3 * span, abs=0.02 * span), pytest.approx(span, abs=1))
    # Not beyond the night; with Shift, a stretch is picked again.
    drag(0.05, 0.95)
    assert shown(page) == (first, pytest.approx(span, abs=1))
    page.keyboard.down("Shift")
    drag(0.2, 0.4)
    page.keyboard.up("Shift")
    assert shown(page) == (
        pytest.approx(first + span / 5, abs=0.03 * span),
        pytest.approx(span / 5, rel=0.05),
    )
    over.dblclick()
    page.locator(".charts").focus()
    page.keyboard.press("-")
    assert shown(page) == (first, night)


def test_a_night_is_zoomed_and_moved_by_keyboard_and_buttons(visit):
    page = visit(NIGHT, 390)
    page.locator(".charts").focus()
    page.keyboard.press("0")
    first, night = shown(page)
    page.keyboard.press("+")
    assert shown(page) == (pytest.approx(first + night / 4, abs=1), pytest.approx(night / 2, abs=1))
    page.keyboard.press("PageUp")
    assert shown(page) == (first, pytest.approx(night / 2, abs=1))
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Later").click()
    assert shown(page)[0] == pytest.approx(first + night / 8 + 0.8 * night / 4, abs=2)
    page.get_by_role("button", name="Whole night").click()
    assert shown(page) == (first, night)
    # An event outside of what is shown comes into view.
    for key in ("+", "+", "+", "PageUp", "PageUp", "PageUp", "PageUp", "PageUp"):
        page.keyboard.press(key)
    page.locator(".charts").focus()
    for key in ("+", "+", "PageUp", "End"):
        page.keyboard.press(key)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    over = page.locator("#strip .charts .u-over").nth(1).bounding_box()
    line = page.locator("#strip .charts .u-cursor-x").nth(1).bounding_box()
    assert over["x"] <= line["x"] <= over["x"] + over["width"]


def test_fingers_move_and_zoom_a_night(visit):
    page = visit(NIGHT, 390)
    over = page.locator("#strip .charts .u-over").nth(1)
    page.locator(".charts").focus()
    page.keyboard.press("0")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    first, night = shown(page)
    fingers = page.context.new_cdp_session(page)
    fingers.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})

    def touch(*steps):
        y = box["y"] + box["height"] / 2
        for at, step in enumerate(steps):
            points = [{"x": box["x"] + one * box["width"], "y": y, "id": i} for i, one in enumerate(step)]
            kind = "touchStart" if at == 0 else "touchMove"
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    touch((0.4, 0.6), (0.35, 0.65), (0.3, 0.7))
    begin, span = shown(page)
    assert span == pytest.approx(night / 2, rel=0.05)
    assert begin == pytest.approx(first + night / 4, abs=0.05 * night)
    touch((0.5,), (0.6,), (0.7,))
    assert shown(page) == (pytest.approx(begin - 0.2 * span, abs=0.05 * span), pytest.approx(span, abs=1))


@pytest.mark.parametrize(
    ("evening", "offsets", "last"),
    [
        # In Berlin, clocks go back at 01:00 UTC, and forward five months later.
        ("2025-10-25", [7200, 3600], "04"),
        ("2026-03-28", [3600, 7200], "05"),
        ("2025-11-25", [3600], "04"),
    ],
)
def test_times_of_a_strip_follow_summer_time(browser, tmp_path, evening, offsets, last):
    bedtime = us(f"{evening}T20:00")
    with Store.open(tmp_path / "t.db") as store:
        ring = Worn(store, bedtime, HARDWARE_ID)
        ring.sleep(bedtime, 8, 40)
        ring.meet(bedtime + 12 * HOUR, "Europe/Berlin")
    pages = served(tmp_path / "t.db")
    own = next(pages)
    address = f"/nights/{HARDWARE_ID}/{evening}"
    strip = json.loads(own.ask(f"{address}/strip.json").text)
    found = [strip["utc_offset_s"], *(one["utc_offset_s"] for one in strip["clock_changes"])]
    assert found == offsets
    context = browser.new_context()
    context.set_default_timeout(PATIENT_MS)
    name, _, value = own.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{own.port}{address}", wait_until="networkidle")
    page.locator(".charts").focus()
    page.keyboard.press("End")
    said = page.locator(".cursor").first.inner_text()[:8]
    at = page.locator("#events tbody th").last.text_content()
    context.close()
    pages.close()
    assert said == at
    assert said.startswith(last)


def test_a_waveform_is_read_by_keyboard_and_has_its_table(visit):
    page = visit(NIGHT)
    page.locator(".charts").focus()
    page.keyboard.press("Home")
    wave = page.locator("#strip > .uplot")
    wave.focus()
    said = []
    for key in ("Home", "ArrowRight", "End"):
        page.keyboard.press(key)
        said.append(page.locator(".of-wave.cursor").inner_text())
    assert said[0].startswith("0.000 s: x ")
    assert said[1].startswith("0.010 s: x ")
    cells = page.locator(".of-wave tbody tr").last.locator("td").all_text_contents()
    assert said[2].partition(": ")[2] == ", ".join(
        f"{axis} {value} mg" for axis, value in zip("xyz", cells, strict=True)
    )
    assert (
        wave.get_attribute("aria-label")
        == f"Waveform, {page.locator('.of-wave tbody tr').count()} samples; arrow keys step through them"
    )
    # Another event, without a waveform, takes it away.
    page.locator(".charts").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#strip > .uplot").wait_for(state="detached")
    assert page.locator(".of-wave").count() == 0


def test_the_charts_draw_the_night(visit):
    page = visit(NIGHT)
    page.wait_for_selector(".charts .uplot:nth-of-type(2) canvas")
    drawn = page.evaluate(
        """() => [...document.querySelectorAll(".charts canvas")].map((canvas) => {
            const own = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return own.some((value) => value > 0);
        })"""
    )
    assert drawn
    assert all(drawn)
    assert shifted(page) < 0.1


def test_a_telephone_shows_the_newest_nights_first_beside_their_axis(visit):
    page = visit("/trend", 390)
    drawn = page.locator("svg.chart:not(.heat)").first
    marks = drawn.locator("a[href^='/nights/'], g[tabindex]")

    def ends():
        boxes = [one.bounding_box() for one in marks.all()]
        return min(box["x"] for box in boxes), max(box["x"] + box["width"] for box in boxes)

    left, right = ends()
    assert left < 0
    assert 300 < right < 390
    heat = page.locator("svg.heat").first.bounding_box()
    assert 0 < heat["x"] + heat["width"] < 390
    # Scrolled back to the first night, the rates stay where they are.
    page.get_by_role("region", name="Chart of all nights").first.evaluate(
        "(one) => { one.scrollLeft = -one.scrollWidth; }"
    )
    assert 0 < ends()[0] < 390
    for scale in page.locator(".axed > .axis").all():
        assert 0 <= scale.bounding_box()["x"] < 40


def test_a_calendar_that_fits_begins_at_its_weekdays(visit):
    page = visit("/trend", 900)
    days = page.locator(".axed > .axis").last.bounding_box()
    calendar = page.locator("svg.heat").last
    calendar.evaluate("(one) => one.setAttribute('width', 120)")
    assert abs(days["x"] + days["width"] - calendar.bounding_box()["x"]) < 2


def test_the_journal_is_filled_in_on_a_telephone(visit):
    page = visit("/journal", 360)
    form = page.locator("form", has=page.locator('input[name="stress"]'))
    form.locator('input[name="stress"]').fill("4")
    form.locator('input[name="caffeine"]').fill("1 espresso")
    form.locator("button").click()
    assert "caffeine 63 mg, stress 4" in page.locator('[role="status"]').inner_text()


def test_a_bar_of_the_morning_leads_to_its_night(visit):
    page = visit("/trend")
    page.locator("svg a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{NIGHT}")
    assert "Night of Mon 3 Mar 2025" in page.locator("h1").inner_text()


@pytest.mark.parametrize(("width", "scheme"), [(900, "light"), (360, "dark")])
def test_an_event_is_annotated_by_keyboard_and_the_figures_change(visit, width, scheme):
    page = visit(NIGHT, width, scheme)

    def figures():
        return [int(one) for one in re.findall(r"\d+", page.locator("#verdict .data").inner_text())]

    (before,) = figures()
    page.locator(".charts").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    event = page.locator('#verdict input[name="event"]').input_value()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "That was not a twitch"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{NIGHT}#at-{event}")
    sync_api.expect(page.locator(".cursor")).to_contain_text("no twitch (annotated by you)")
    assert figures() == [before - 1, before]
    assert "(2 of" in page.locator(".cursor").inner_text()
    # At once at the next one, by the keyboard alone.
    assert page.evaluate("document.activeElement.className") == "charts"
    table = page.locator("#figures").inner_text()
    assert f"{before - 1}" in table
    assert f"{before}" in table
    # And back.
    page.keyboard.press("y")
    sync_api.expect(page.locator("#verdict .data")).to_have_text(f"{before} counted, {before} as measured")
    buttons = page.get_by_role("button", name="Take back")
    for left in (1, 0):
        buttons.first.focus()
        page.keyboard.press("Enter")
        sync_api.expect(buttons).to_have_count(left)
    assert figures() == [before]


@pytest.mark.parametrize(("width", "scheme"), [(900, "light"), (900, "dark"), (360, "light")])
def test_a_stretch_is_left_out_noted_and_taken_back(visit, width, scheme):
    page = visit(NIGHT, width, scheme)
    page.get_by_text("Leave a stretch out").click()
    form = page.locator("#leave-out")
    form.locator('input[name="from"]').fill("23:00:00")
    form.locator('input[name="to"]').fill("23:30:00")
    form.locator('input[name="words"]').fill("on the table")
    form.locator("button").click()
    page.wait_for_url("**#figures")
    assert "30.0 min" in page.locator("#figures").inner_text()
    page.get_by_text("Note something at a moment").click()
    form = page.locator("#note")
    form.locator('input[name="from"]').fill("02:10:00")
    form.locator('input[name="words"]').fill("woke up")
    form.locator("button").click()
    page.wait_for_url("**#annotations")
    page.get_by_role("link", name="02:10:00").first.click()
    page.wait_for_url("**#from-*")
    sync_api.expect(page.locator(".cursor")).to_have_text("02:10:00")
    found = axe.Axe().run(page)
    grave = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"]) for one in grave] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    buttons = page.get_by_role("button", name="Take back")
    for left in (1, 0):
        buttons.first.click()
        sync_api.expect(buttons).to_have_count(left)
    assert page.locator("#figures").count() == 0
