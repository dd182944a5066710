"""What stands on the page in each language: every word translated, every number that of the twin."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
import typst
from babel.dates import format_date, format_skeleton
from babel.numbers import parse_decimal

from twitchwatch.flags.symptoms import SYMPTOMS
from twitchwatch.flags.titles import RISING_HOURS, TITLES, kind_of
from twitchwatch.report.files import twin_text
from twitchwatch.report.paper import CHINESE, pdf
from twitchwatch.report.screen import html
from twitchwatch.report.words import LANGUAGES, LOCALES, sheet, texts
from twitchwatch.store import DEMO_HARDWARE_ID

TRANSLATED = [one for one in LANGUAGES if one != "en"]
SVG = re.compile(r"<svg.*?</svg>", re.S)


def strings(value):
    """Every text in a table of texts, by its place."""
    if isinstance(value, dict):
        return {(key, *below): text for key, one in value.items() for below, text in strings(one).items()}
    if isinstance(value, list):
        return {(at, *below): text for at, one in enumerate(value) for below, text in strings(one).items()}
    return {(): value}


def words(text):
    """Those long enough to be a language's own; not the names of what is to be filled in."""
    return set(re.findall(r"[a-z]{4,}", re.sub(r"{\w+}", " ", text).lower()))


def shown(page):
    """The words of an HTML page, alternative texts included, without pictures."""
    spoken = " ".join(re.findall(r'aria-label="([^"]*)"', page))
    return unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", SVG.sub(" ", page), flags=re.S) + spoken)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text(language):
    own, english = strings(texts(language)), strings(texts("en"))
    # The profile itself has the titles in English.
    titles = {place for place in own if place[0] == "finding_titles"}
    assert own.keys() - titles == english.keys()
    for place, text in english.items():
        assert set(re.findall(r"{\w+}", own[place])) == set(re.findall(r"{\w+}", text)), place
        assert len(own[place]) > 0 or place == ("joint",)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_finding_and_symptom_has_its_words(language):
    own = texts(language)
    assert own["finding_titles"].keys() == {*TITLES, "rising_hours"}
    assert own["symptom_names"].keys() == SYMPTOMS.keys()
    assert {kind_of(title) for title in (*TITLES.values(), RISING_HOURS)} == own["finding_titles"].keys()


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_english_word_is_left(full, language):
    own, english = strings(texts(language)), strings(texts("en"))
    catalogue = {word for text in (*english.values(), *TITLES.values(), RISING_HOURS) for word in words(text)}
    # Names, and words that both languages have, such as tremor.
    shared = {word for text in own.values() for word in words(text)}
    assert {"twitches", "weakness", "rhythmic", "interval"} <= catalogue - shared
    given = {word for text in (full.sensor.name, *full.sensor.places) for word in words(text)}
    assert words(shown(html(sheet(full, language)))) & catalogue - shared - given == set()


def test_a_title_of_another_program_stays(full):
    own = replace(full, findings=["Something else"])
    assert sheet(own, "de").findings == ("Something else",)


def leaves(value):
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(one)]
    return [value]


def numbers(text, language):
    """Each number in a text as the language writes it."""
    # A full stop or comma at the end of a sentence is none of the number.
    found = re.findall(r"\d[\d.,]*\d|\d", text)
    return {float(parse_decimal(one, locale=LOCALES[language])) for one in found}


def without_dates(text, twin, language):
    """A text without the dates of the twin's nights, as Unicode's data says that the language writes them."""
    locale = LOCALES[language]
    for one in twin["nights"]:
        day = date.fromisoformat(one["night"])
        for written in (format_date(day, "medium", locale), format_skeleton("MMMd", day, locale=locale)):
            text = re.sub(rf"(?<!\d){re.escape(written)}", " ", text)
    return text


def known(full, language):
    twin = json.loads(twin_text(full))
    figures = [one for one in leaves(twin) if isinstance(one, int | float) and not isinstance(one, bool)]
    figures += [one["total_s"] / 60 for one in twin["tremor"]["clusters"]]
    # The length of a waveform.
    figures += [1000 * (len(one["x_mg"]) - 1) / one["rate_hz"] for one in twin["waveforms"]]
    rounded = {float(round(one, digits)) for one in figures for digits in (0, 1, 2)}
    rounded.add(round(100 * twin["tremor"]["share_of_rest"], 3))
    # What is said of all wearers alike.
    fixed = {number for text in strings(texts(language)).values() for number in numbers(text, language)}
    return twin, rounded | fixed


def names(text, twin):
    """A text without the program's version and the sensor's id."""
    return re.sub(r"Twitchwatch [\d.]+\d", "", text).replace(twin["sensor"]["hardware_id"], "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_on_the_page_is_in_the_twin(full, language):
    twin, figures = known(full, language)
    text = without_dates(names(shown(html(sheet(full, language))), twin), twin, language)
    said = numbers(text, language)
    assert {round(twin["twitches"]["per_hour"], 1), 1234.5, 34.8} <= said
    assert said - figures == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_on_paper_is_in_the_twin(full, language, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("needs Debian's poppler-utils: make test-deps")
    if language == "zh" and not set(CHINESE) & set(typst.Fonts().families()):
        pytest.skip("needs a font for Chinese, such as Debian's fonts-noto-cjk: make test-deps")
    page = tmp_path / "page.pdf"
    page.write_bytes(pdf(sheet(full, language), "a4"))
    asked = subprocess.run(["pdftotext", "-raw", page, "-"], capture_output=True, text=True, check=True)
    twin, figures = known(full, language)
    # The marks of the scales, which the pictures have.
    marks = {
        number
        for svg in SVG.findall(html(sheet(full, language)))
        for text in re.findall(r"<text[^>]*>([^<]*)<", svg)
        for number in numbers(text, language)
    }
    # Typst sets Chinese and digits apart, and a line may end within a date.
    text = re.sub(r"\s*\n\s*", " ", asked.stdout)
    if language == "zh":
        text = re.sub(r" ?([年月日]) ?", r"\1", text)
    said = numbers(without_dates(names(text, twin), twin, language), language)
    assert {round(twin["twitches"]["per_hour"], 1), 1234.5, 34.8} <= said
    assert said - figures - marks == set()


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["3 Mar 2025 to 20 Mar 2025", "1,234.5 minutes", "2.14 times", "20 Mar: 17.0", "−40 mg"]),
        ("de", ["03.03.2025 bis 20.03.2025", "1.234,5 Minuten", "2,14-Fache", "20. März: 17,0", "−40 mg"]),
        ("zh", ["2025年3月3日至2025年3月20日", "1,234.5 分钟", "2.14 倍", "3月20日：17.0", "−40 mg"]),
    ],
)
def test_dates_and_numbers_are_written_as_the_language_writes_them(full, language, written):
    page = html(sheet(full, language))
    assert [one for one in written if one not in page] == []


def test_demo_data_are_marked_in_every_language(full):
    demo = replace(full, sensor=replace(full.sensor, hardware_id=DEMO_HARDWARE_ID))
    for language in LANGUAGES:
        said = texts(language)["modelled"]
        assert said in html(sheet(demo, language))
        assert said not in html(sheet(full, language))
