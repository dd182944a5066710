"""A report: its figures follow from the records, and it is verified against them."""

import json
import shutil

import pytest
import typst

from tests.cli.conftest import invoke  # noqa: F401
from tests.report.published import profile_schema
from tests.views.fits import misfits
from tests.wording import ROOT
from twitchwatch.report.files import PAPERS
from twitchwatch.report.paper import CHINESE, pdf
from twitchwatch.report.words import LANGUAGES, sheet
from twitchwatch.store import Store
from twitchwatch.views.profile import ProfileView
from twitchwatch.views.shape import schema


@pytest.fixture
def profile(invoke, database):  # noqa: F811
    return invoke("report", "--json", "--database", database).lines[0]


def test_the_profile_fits_its_schema_and_says_what_was_recorded(profile):
    assert misfits(profile, schema(ProfileView)) == []
    assert (profile["first_night"], profile["last_night"]) == ("2025-03-03", "2025-03-20")
    coverage = profile["coverage"]
    assert (coverage["nights"], coverage["nights_with_data"], coverage["nights_usable"]) == (18, 16, 16)
    assert [(one["first_night"], one["last_night"]) for one in profile["missing"]] == [
        ("2025-03-08", "2025-03-09")
    ]
    assert profile["sensor"]["places"] == ["left index"]
    twitches = profile["twitches"]
    assert twitches["interval"][0] < twitches["per_hour"] < twitches["interval"][1]
    assert 1.5 < twitches["change"] < 3
    assert twitches["change_interval"][0] > 1
    assert [hour["hour"] for hour in profile["modal_night"]] == [22, 23, 0, 1, 2, 3]
    assert all(
        hour["p10"] <= hour["p25"] <= hour["median"] <= hour["p75"] <= hour["p90"]
        for hour in profile["modal_night"]
    )
    assert [one["symptom"] for one in profile["symptoms"]] == ["numbness"]
    assert profile["symptoms"][0]["nights"] == 2


def test_few_nights_give_no_modal_night_and_say_so(invoke, database, tmp_path):  # noqa: F811
    page = tmp_path / "few.html"
    assert invoke("report", "--nights", "7", "--html", page, "--database", database).code == 0
    assert json.loads(page.with_suffix(".json").read_text())["modal_night"] == []
    assert "needs 14 usable nights; there are 7" in page.read_text()


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_made_again_is_the_same_to_the_byte(full, language, paper):
    if language == "zh" and not set(CHINESE) & set(typst.Fonts().families()):
        pytest.skip("needs a font for Chinese, such as Debian's fonts-noto-cjk: make test-deps")
    own = sheet(full, language)
    first = pdf(own, paper)
    assert first == pdf(own, paper)
    # Typst refuses what is not PDF/UA-1; the mark says that it was asked for.
    assert b"pdfuaid" in first


def test_the_published_schema_is_that_of_the_profile():
    published = json.loads((ROOT / "docs" / "twitch-profile.schema.json").read_text())
    assert published == profile_schema()


def test_a_hostile_name_is_a_name(invoke, database, tmp_path):  # noqa: F811
    page, paper = tmp_path / "page.html", tmp_path / "page.pdf"
    assert invoke("report", "--html", page, "--pdf", paper, "--database", database).code == 0
    assert "<b>" not in page.read_text()
    assert "&lt;b&gt;#ring" in page.read_text()


@pytest.mark.parametrize("ending", ["pdf", "html", "json"])
def test_a_report_is_held_against_the_records(invoke, database, tmp_path, ending):  # noqa: F811
    page, web = tmp_path / "page.pdf", tmp_path / "page.html"
    invoke(
        "report",
        "--pdf",
        page,
        "--html",
        web,
        "--language",
        "de",
        "--paper",
        "us-letter",
        "--database",
        database,
    )
    own = tmp_path / f"page.{ending}"
    good = invoke("report", "--database", database, "verify", own)
    assert (good.code, good.err) == (0, "")
    twin = page.with_suffix(".json")
    twin.write_text(twin.read_text().replace('"nights_usable": 16', '"nights_usable": 17'))
    wrong = invoke("report", "--database", database, "verify", own)
    assert wrong.code == 6
    assert "coverage.nights_usable: the report says 17, the records say 16" in wrong.out


def test_a_page_that_was_changed_is_found(invoke, database, tmp_path):  # noqa: F811
    page = tmp_path / "page.html"
    invoke("report", "--html", page, "--database", database)
    page.write_text(page.read_text().replace("95 % interval", "99 % interval", 1))
    outcome = invoke("report", "--database", database, "verify", page)
    assert outcome.code == 6
    assert "the page is not the one" in outcome.out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a twitch profile"),
        ('{"kind": "profile", "profile_version": 99}', "version 99"),
        ('{"kind": "profile", "profile_version": 1}', "does not state its period"),
    ],
)
def test_what_is_no_profile_is_refused(invoke, database, tmp_path, content, words):  # noqa: F811
    twin = tmp_path / "page.json"
    twin.write_text(content)
    outcome = invoke("report", "--database", database, "verify", twin)
    assert (outcome.code, words in outcome.err) == (2, True)


def test_a_missing_page_is_named(invoke, database, tmp_path):  # noqa: F811
    page = tmp_path / "page.html"
    outcome = invoke("report", "--database", database, "verify", page)
    assert (outcome.code, "page.json cannot be read" in outcome.err) == (2, True)
    invoke("report", "--html", page, "--database", database)
    page.unlink()
    outcome = invoke("report", "--database", database, "verify", page)
    assert (outcome.code, "page.html cannot be read" in outcome.err) == (2, True)


def test_without_nights_the_remedy_is_named(invoke, tmp_path):  # noqa: F811
    path = tmp_path / "empty.db"
    Store.open(path).close()
    outcome = invoke("report", "--database", path)
    assert outcome.code == 2
    assert "no records yet" in outcome.err


def test_what_the_wearer_corrected_is_in_figures_and_words(invoke, database, tmp_path):  # noqa: F811
    path = shutil.copy(database, tmp_path / "t.db")
    arguments = ("--json", "--database", path)
    (before,) = invoke("report", *arguments).lines
    assert before["annotations"] is None
    night = ("--night", "2025-03-20", "--database", path)
    invoke("annotate", "leave-out", "01:00", "02:00", *night)
    invoke("annotate", "events", "--kind", "twitch", "--to", "00:00", "--as", "no-twitch", *night)
    (after,) = invoke("report", *arguments).lines
    found = after["annotations"]
    assert (found["nights"], found["left_out_h"], found["right"]) == (1, 1.0, 0)
    assert found["judged"] > 0
    assert after["twitches"]["count"] < before["twitches"]["count"]
    assert after["twitches"]["per_hour"] < before["twitches"]["per_hour"]
    assert after["coverage"]["rest_h"] < before["coverage"]["rest_h"]
    page = tmp_path / "page.html"
    invoke("report", "--html", page, "--database", path)
    assert f"0 of {found['judged']} judged twitches confirmed" in page.read_text()
    assert invoke("report", "--database", path, "verify", page).code == 0


def test_the_wearer_is_on_the_page_if_it_was_noted(invoke, database, tmp_path):  # noqa: F811
    path, page = shutil.copy(database, tmp_path / "t.db"), tmp_path / "page.html"
    made = ("report", "--html", page, "--database", path)
    assert invoke(*made).code == 0
    assert json.loads(page.with_suffix(".json").read_text())["wearer"] is None
    assert "Wearer" not in page.read_text()
    noted = ("--birth-year", "1972", "--sex", "f")
    assert invoke("journal", "add", *noted, "--night", "2025-03-04", "--database", path).code == 0
    assert invoke(*made).code == 0
    twin = json.loads(page.with_suffix(".json").read_text())
    assert twin["wearer"] == {"birth_year": 1972, "sex": "female"}
    assert "Wearer: born in 1972, female." in page.read_text()
    assert invoke("report", "--database", path, "verify", page).code == 0
