"""Draws the pictures in README and documents from a modelled month: pages in Chromium, the report by typst.

    python -m bench.pictures                        rewrites docs/pictures
    python -m bench.pictures --look FOLDER          every page, light, dark and on a telephone

The month is the demo's with a fixed end, so the same computer draws the same bytes; others have other fonts.
Needs Debian's chromium, and uPlot (make setup, with npm).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from twitchwatch.archive.nights import Archive
from twitchwatch.archive.profile import last_nights, one_sensor, twitch_profile
from twitchwatch.clock.zone import LOCAL
from twitchwatch.journal import tonight
from twitchwatch.report.paper import pdf
from twitchwatch.report.words import LANGUAGES, sheet
from twitchwatch.sim.month import wear_month
from twitchwatch.store import DEMO_HARDWARE_ID, Store
from twitchwatch.web.server import serve

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
CHROMIUM = Path("/usr/bin/chromium")
# Without these it asks hosts of its maker at each start.
QUIET = [
    f"--{one}"
    for one in (
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
    )
]
LAST_EVENING = datetime(2026, 3, 4, 23, tzinfo=UTC)
MORNING_AFTER = datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
NIGHTS, SEED = 30, 0
NIGHT = f"/nights/{DEMO_HARDWARE_ID}/2026-03-04"
PAGES = {
    "morning": "/",
    "trend": "/trend",
    "night": NIGHT,
    "findings": "/findings",
    "journal": "/journal",
    "sensors": "/sensors",
}
# Width and height in CSS pixels, and what the system is set to.
LOOKS = {"light": (800, 720, "light"), "dark": (800, 720, "dark"), "telephone": (360, 720, "light")}
PIXELS = 1.5
REPORT_DPI = 110


def month(path: Path, nights: int = NIGHTS) -> None:
    """The demo's month, ending with a fixed evening."""
    with Store.open(path) as store:
        wear_month(store, LAST_EVENING, nights, SEED, rising=True, journal=True)


@contextmanager
def served(database: Path) -> Iterator[str]:
    """The dashboard in a process of its own, in which it is that morning; gives its link."""
    asked = [sys.executable, "-m", "bench.pictures", "--serve", str(database)]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True, env={**os.environ, "TZ": "UTC"}) as own:
        assert own.stdout is not None
        try:
            link = own.stdout.readline().strip()
            if not link:
                raise RuntimeError("The dashboard did not start.")
            yield link
        finally:
            own.terminate()


def serve_that_morning(database: Path) -> None:
    """Until a signal; prints each one-time link."""
    tonight.time = SimpleNamespace(time=MORNING_AFTER.timestamp)  # type: ignore[assignment]
    serve(database, (), 0, lambda link: print(link, flush=True))


def draw_pages(link: str, wanted: dict[str, str], look: str, folder: Path, whole: bool = False) -> None:
    """A PNG of each page, by its name; whole: down to its end, not one screen of it."""
    from playwright.sync_api import sync_playwright

    width, height, scheme = LOOKS[look]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            device_scale_factor=PIXELS,
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto(link)
        for name, path in wanted.items():
            page.goto(link.partition("/enter")[0] + path, wait_until="networkidle")
            page.screenshot(path=folder / f"{name}.png", full_page=whole, animations="disabled")
        browser.close()


def report(database: Path, language: str) -> bytes:
    """The report's page as PDF."""
    with Store.open_existing(database) as store:
        archive = Archive(store, LOCAL)
        ring = one_sensor(archive, None)
        now_utc_us = int(MORNING_AFTER.timestamp()) * 1_000_000
        return pdf(sheet(twitch_profile(archive, ring, last_nights(ring, 28), now_utc_us), language), "a4")


def draw_report(database: Path, language: str, path: Path) -> None:
    """A PNG of the report's page: of what a reader of the PDF sees."""
    drawn = subprocess.run(
        ["pdftoppm", "-r", str(REPORT_DPI), "-png", "-singlefile", "-", str(path.with_suffix(""))],
        input=report(database, language),
        capture_output=True,
        check=False,
    )
    if drawn.returncode:
        raise RuntimeError(f"pdftoppm drew no {path.name}: {drawn.stderr.decode()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--look", type=Path, metavar="FOLDER")
    parser.add_argument("--serve", type=Path, metavar="DATABASE", help=argparse.SUPPRESS)
    given = parser.parse_args()
    os.environ["TZ"] = "UTC"
    time.tzset()
    if given.serve:
        serve_that_morning(given.serve)
        return
    with tempfile.TemporaryDirectory(prefix="twitchwatch-pictures-") as name:
        database = Path(name) / "month.db"
        month(database)
        if given.look:
            given.look.mkdir(parents=True, exist_ok=True)
            for look in LOOKS:
                with served(database) as link:
                    draw_pages(link, {f"{one}-{look}": PAGES[one] for one in PAGES}, look, given.look, True)
            for language in LANGUAGES:
                draw_report(database, language, given.look / f"report-{language}.png")
            return
        FOLDER.mkdir(exist_ok=True)
        with served(database) as link:
            draw_pages(link, {one: PAGES[one] for one in ("morning", "trend")}, "light", FOLDER)
        draw_report(database, "en", FOLDER / "report.png")


if __name__ == "__main__":
    main()
