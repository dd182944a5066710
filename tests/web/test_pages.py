"""What the pages show: the archive's figures and wording's sentences, and foreign text as text."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.archive.worn import DAY, HOUR, Worn
from tests.cli.conftest import invoke  # noqa: F401
from tests.views.fits import misfits
from tests.web.conftest import BEDTIME, HARDWARE_ID, NAME, served
from twitchwatch.store import DEMO_HARDWARE_ID, Store
from twitchwatch.views.shape import schema
from twitchwatch.views.strip import StripView
from twitchwatch.wording.units import MODELLED

NIGHT = f"/nights/{HARDWARE_ID}/2025-03-03"


@pytest.mark.parametrize("path", ["/", "/trend", "/findings", "/journal", "/live", "/sensors", NIGHT])
def test_foreign_text_stays_text(dashboard, path):
    page = dashboard.ask(path).text
    assert NAME not in page
    assert "<b>" not in page
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|style=|javascript:", page)


@pytest.mark.parametrize("path", ["/", "/trend", "/findings", "/journal", "/sensors", NIGHT])
def test_dates_have_one_form(dashboard, path):
    read = re.sub(r"<[^>]*>", " ", dashboard.ask(path).text)
    assert re.search(r"\b[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} 20\d\d\b", read)
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", read)


def test_a_night_has_the_figures_of_the_command_line(dashboard, nights, invoke):  # noqa: F811
    said = invoke("nights", "--json", "--night", "2025-03-03", "--database", nights).lines[0]
    page = dashboard.ask(NIGHT).text
    assert f"{said['twitches']} twitches in {said['rest_h']:.1f} h of rest" in page
    assert f"{said['twitches_per_hour']:.1f} an hour" in page
    assert f"{said['twitches_per_hour']:.1f} twitches an hour" in dashboard.ask("/trend").text


def test_the_strip_fits_its_schema_and_adds_up_to_the_night(dashboard, nights, invoke):  # noqa: F811
    strip = json.loads(dashboard.ask(f"{NIGHT}/strip.json").body)
    assert misfits(strip, schema(StripView)) == []
    said = invoke("nights", "--json", "--night", "2025-03-03", "--database", nights).lines[0]
    assert sum(one["kind"] == "twitch" for one in strip["events"]) == said["twitches"]
    assert sum(strip["minutes"]["rest"]) / 60 == pytest.approx(said["rest_h"], rel=0.01)


def test_nights_without_data_are_places_with_their_cause(dashboard):
    page = dashboard.ask("/trend").text
    assert page.count('class="missing"') >= 1
    assert "2 nights without records" in page


def test_what_is_not_there_is_said(dashboard):
    for path, words in (
        (f"/nights/{HARDWARE_ID}/2025-03-05", "no night of Wed 5 Mar 2025"),
        ("/nights/nobody/2025-03-03", "no night of"),
        (f"/nights/{HARDWARE_ID}/tomorrow", "is not a date"),
        (f"{NIGHT}/waveforms/999999.json", "no waveform"),
    ):
        answer = dashboard.ask(path)
        assert (answer.status, words in answer.text) == (404, True), path


def test_the_journal_is_written_and_nonsense_stays_in_the_form(dashboard):
    answer = dashboard.post("/journal", "night=2025-03-04&caffeine=2+coffee&stress=3&symptoms=numbness")
    assert answer.status == 200
    assert "caffeine 190 mg, stress 3, symptoms numbness" in answer.text
    assert "You noted" in answer.text
    assert "caffeine 190 mg" in dashboard.ask("/journal").text
    wrong = dashboard.post("/journal", "night=2025-03-04&caffeine=3&stress=%3Cb%3E")
    assert wrong.status == 422
    assert "of what?" in wrong.text
    assert 'value="&lt;b&gt;"' in wrong.text
    assert dashboard.post("/journal", "night=2025-03-04").status == 422
    assert dashboard.post("/journal", "note=" + "x" * 70_000).status == 413
    assert dashboard.post("/journal", "&".join(f"a{i}=1" for i in range(200))).status in (400, 422)


def test_an_open_page_does_not_hold_up_the_end(nights):
    pages = served(nights)
    own = next(pages)
    with socket.create_connection(("127.0.0.1", own.port)) as open_page:
        open_page.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        own.process.send_signal(signal.SIGTERM)
        assert own.process.wait(30) in (0, 143, -signal.SIGTERM)
    pages.close()


def test_a_taken_port_is_named(dashboard, nights):
    done = subprocess.run(
        [sys.executable, "-m", "twitchwatch", "dashboard", "--port", str(dashboard.port),
         "--database", str(nights)],
        capture_output=True, text=True, env=os.environ, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_database_says_what_to_do(tmp_path):
    path = tmp_path / "empty.db"
    Store.open(path).close()
    pages = served(path)
    own = next(pages)
    for page in ("/", "/trend", "/sensors", "/findings"):
        assert "No records yet" in own.ask(page).text
        assert "<code>twitchwatch run</code>" in own.ask(page).text
    assert "Nothing stands out" not in own.ask("/findings").text
    pages.close()


def test_commands_in_what_to_do_are_code(dashboard):
    # The ring of these nights has been silent for long.
    for page in ("/", "/findings"):
        text = re.sub(r"<code>[^<]*</code>", "", dashboard.ask(page).text)
        assert "`" not in text
        assert "<code>twitchwatch status</code>" in dashboard.ask(page).text


def test_one_of_a_kind_is_no_plural(tmp_path):
    path = tmp_path / "one.db"
    with Store.open(path) as store:
        ring = Worn(store, BEDTIME, HARDWARE_ID)
        ring.sleep(BEDTIME, 6, 40)
        ring.meet(BEDTIME + 9 * HOUR, "UTC")
        store.journal.note("2025-03-03", json.dumps({"stress": 4.0}), BEDTIME)
    pages = served(path)
    page = next(pages).ask("/trend").text
    pages.close()
    assert "The journal of 1 evening<" in page
    assert "The figures of 1 night<" in page


def test_demo_data_are_marked_on_each_page(tmp_path, dashboard):
    path = tmp_path / "demo.db"
    with Store.open(path) as store:
        ring = Worn(store, BEDTIME, DEMO_HARDWARE_ID, name="demo")
        for night in range(2):
            ring.sleep(BEDTIME + night * DAY, 6, 40)
            ring.meet(BEDTIME + night * DAY + 9 * HOUR, "UTC")
    pages = served(path)
    own = next(pages)
    for page, of_a_ring in (
        ("/", "/"),
        ("/trend", "/trend"),
        (f"/nights/{DEMO_HARDWARE_ID}/2025-03-03", NIGHT),
    ):
        assert MODELLED in own.ask(page).text
        assert MODELLED not in dashboard.ask(of_a_ring).text
    pages.close()


def test_a_sensor_with_several_logs_is_one_sensor(tmp_path):
    path = tmp_path / "logs.db"
    with Store.open(path) as store:
        for log_id in (1, 2, 3):
            store.register(HARDWARE_ID, log_id, "ring", log_id * 1_000_000)
        store.register("bb", 9, "other", 0)
    pages = served(path)
    page = next(pages).ask("/sensors").text
    assert re.findall(r"<h2>(.*?)</h2>", page) == [f"ring (no. 3, {HARDWARE_ID})", "other (no. 4, bb)"]
    assert "Earlier logs of this sensor: 2" in page
    assert re.findall(r"<h3>(.*?)</h3>", page) == ["No. 2", "No. 1"]
    pages.close()


def test_under_a_seal_the_first_page_has_no_figures_and_says_so(nights, tmp_path):
    path = tmp_path / "t.db"
    shutil.copy(nights, path)
    with Store.open(path) as store:
        store.alerts.seal((int(time.time()) + 30 * 86400) * 1_000_000)
    for own in served(path):
        page = own.ask("/").text
        assert "Sealed until" in page
        assert "No data for the night of" in page
        assert "Twitches an hour" not in page
        assert "twitches an hour" not in page
