"""The trend page: every night in chart, calendar and table, with what else belongs to an evening."""

import json
import re
import shutil

from tests.web.conftest import HARDWARE_ID, served
from twitchwatch.store import Store

NIGHT = f"/nights/{HARDWARE_ID}/2025-03-03"


def test_the_trend_has_a_calendar_with_every_night(dashboard):
    page = dashboard.ask("/trend").text
    calendar = page.split('class="chart heat"')[1].split("</svg>")[0]
    assert len(re.findall(r'class="shade[0-4]', calendar)) == 6
    assert [
        f'<g role="img" aria-label="{when} 2025: ' in calendar for when in ("Wed 5 Mar", "Thu 6 Mar")
    ] == [
        True,
        True,
    ]
    assert f'href="{NIGHT}"' in calendar
    assert page.count("<li><svg") == 6
    rates = re.findall(r'class="legend".*?</ul>', page, re.S)[0]
    assert "below" in rates
    assert "above" in rates


def test_the_trend_marks_the_journal_the_places_and_the_limits(nights, tmp_path):
    path = shutil.copy(nights, tmp_path / "t.db")
    with Store.open(path) as store:
        store.journal.note("2025-03-03", json.dumps({"stress": 4, "place": "left index"}), 0)
        store.journal.note("2025-03-09", json.dumps({"place": "right thumb"}), 0)
    pages = served(path)
    page = next(pages).ask("/trend").text
    pages.close()
    assert page.count('class="noted"') == 2
    assert "stress 4" in page
    assert "Worn at left index since Mon 3 Mar 2025." in page
    assert "Worn at right thumb since Sun 9 Mar 2025." in page
    # Two nights at this place are not a baseline.
    assert "Dashed:" not in page
