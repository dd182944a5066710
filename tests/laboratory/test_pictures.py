"""Pictures: whole, without anything from outside, honest about what they leave out; 0, 1 and 500 events."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laboratory.made import twitching_hand
from twitchwatch.laboratory.picture import files as picture_files
from twitchwatch.laboratory.picture.seen import spread
from twitchwatch.laboratory.picture.svg import image, text
from twitchwatch.recording import write_csv
from twitchwatch.shared.protocol.records import JERK, SPASM, TWITCH, UNLIKE, Event

SVG = "{http://www.w3.org/2000/svg}"
# Where a browser would fetch something.
FETCHED = re.compile(
    r"""(?:src|href)\s*=\s*["'](?!data:|#)|url\(|@import|<script|<link|<iframe""", re.IGNORECASE
)


def drawn(invoke, path: Path, recording: Path, *options: str) -> str:
    outcome = invoke("detect", "--plot", path, *options, recording)
    assert (outcome.code, outcome.err) == (0, "")
    return path.read_text(encoding="utf-8")


def words_of(svg: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("twitches", [0, 1, 40])
def test_a_picture_is_whole_and_says_how_much_it_shows(tmp_path, invoke, twitches):
    hand = twitching_hand(tmp_path / "hand.csv", twitches)
    svg = drawn(invoke, tmp_path / "hand.svg", hand, "--site", "left wrist")
    assert not FETCHED.search(svg)
    words = words_of(svg)
    assert words[0] == "hand.csv"
    assert "left wrist" in words[1]
    panels = words.count("twitch") - 1
    assert panels == twitches if twitches <= 24 else 22 <= panels <= 24
    if twitches == 0:
        assert "No twitch or other brief motion was reported." in words
    else:
        more = f"; {panels} of them, evenly over time" if twitches > 24 else ""
        assert f"Events: {twitches}{more}" in words
    assert words[-1] == "This is not a diagnosis."


def test_every_event_has_its_waveform_in_a_page(tmp_path, invoke):
    hand = twitching_hand(tmp_path / "hand.csv", 40, tremor_s=15)
    page = drawn(invoke, tmp_path / "hand.html", hand)
    assert not FETCHED.search(page)
    assert page.count(">twitch</text>") == 41
    assert "Tremor bouts: 1" in page
    assert page.count("data:image/png;base64,") == 1


def test_five_hundred_events_are_one_page_of_three_megabytes_at_most(tmp_path, invoke):
    hand = twitching_hand(tmp_path / "hand.csv", 500)
    page = drawn(invoke, tmp_path / "hand.html", hand)
    assert page.count(">twitch</text>") > 480
    assert len(page) < 3_000_000


def test_several_recordings_are_one_page_with_contents(tmp_path, invoke):
    for number in range(3):
        twitching_hand(tmp_path / f"{number}.csv", number)
    outcome = invoke("detect", "--plot", tmp_path / "all.html", tmp_path)
    assert outcome.code == 0
    found: list[str] = []
    targets: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            given = dict(attrs)
            if tag == "a":
                found.append(given["href"])
            if "id" in given:
                targets.append("#" + given["id"])

    Reader().feed((tmp_path / "all.html").read_text(encoding="utf-8"))
    assert found == targets == ["#r0", "#r1", "#r2"]


def test_a_png_has_the_size_of_the_drawing_twice(tmp_path, invoke):
    hand = twitching_hand(tmp_path / "hand.csv", 2)
    path = tmp_path / "hand.png"
    assert invoke("detect", "--plot", path, hand).code == 0
    svg = ElementTree.fromstring(drawn(invoke, tmp_path / "hand.svg", hand))
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    assert (width, height) == (
        2 * float(svg.get("width")),
        pytest.approx(2 * float(svg.get("height")), abs=2),
    )


def test_the_name_of_a_file_is_text(tmp_path, invoke):
    hand = twitching_hand(tmp_path / "<script>alert(1)</script>&\x1b[31m.csv".replace("/", "_"), 1)
    page = drawn(invoke, tmp_path / "page.html", hand)
    assert "<script" not in page
    assert "\x1b" not in page
    assert "&lt;script&gt;" in page


def test_a_gap_a_movement_and_time_not_worn_have_their_colours(tmp_path, invoke):
    rng = np.random.default_rng(4)
    t_s = np.arange(240 * 104) / 104
    acc_g = rng.normal([0, 0.6, 0.8], 0.0008, (len(t_s), 3))
    turned = (t_s > 20) & (t_s < 23)
    acc_g[turned, 0] += 0.5 * np.sin(2 * np.pi * 0.5 * t_s[turned])
    kept = (t_s < 40) | (t_s > 50)
    path = tmp_path / "night.csv"
    write_csv(path, t_s[kept], acc_g[kept])
    words = words_of(drawn(invoke, tmp_path / "night.svg", path))
    assert {"movement", "no samples", "not worn"} <= set(words)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("picture.pdf", "is not the name of a picture: let it end in .svg, .png or .html"),
        ("no/folder.svg", "there is no folder"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_anything_is_read(tmp_path, monkeypatch, invoke, name, said):
    monkeypatch.chdir(tmp_path)
    outcome = invoke("detect", "--plot", name, "no such file.csv")
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert outcome.err.count("\n") == 1


def test_one_svg_holds_one_recording(tmp_path, invoke):
    hands = [twitching_hand(tmp_path / f"{name}.csv", 0) for name in "ab"]
    outcome = invoke("detect", "--plot", tmp_path / "both.svg", *hands)
    assert (outcome.code, outcome.out) == (2, "")
    assert "let its name end in .html" in outcome.err


def test_a_png_without_its_library_is_named_with_the_command_that_adds_it(tmp_path, monkeypatch, invoke):
    monkeypatch.setattr(picture_files, "find_spec", lambda name: None)
    outcome = invoke("detect", "--plot", tmp_path / "hand.png", twitching_hand(tmp_path / "hand.csv", 0))
    assert outcome.code == 3
    assert "twitchwatch[plot]" in outcome.err


def event(kind: int, sample: int, peak_ug: int) -> Event:
    return Event(kind, 0, 0, 0, sample, 100, peak_ug, 700, 0, 0, 200)


@given(
    st.lists(st.tuples(st.sampled_from([TWITCH, UNLIKE, JERK, SPASM]), st.integers(1, 10**6)), max_size=300),
    st.integers(4, 60),
)
def test_what_is_shown_is_in_order_and_has_the_largest_of_each_kind(drawn_events, most):
    events = [event(kind, 10 * number, peak) for number, (kind, peak) in enumerate(drawn_events)]
    shown = spread(events, most)
    assert len(shown) == min(len(events), len(shown)) <= most or len(events) <= most
    assert [one.sample for one in shown] == sorted({one.sample for one in shown})
    for kind in {one.kind for one in events}:
        largest = max(one.peak_ug for one in events if one.kind == kind)
        assert max(one.peak_ug for one in shown if one.kind == kind) == largest


def test_pixels_and_words_are_what_was_given():
    pixels = np.zeros((2, 3, 3), np.uint8)
    pixels[0, 1] = (255, 128, 0)
    data = base64.b64decode(re.search(r"base64,([^\"]+)", image(0, 0, 3, 2, pixels))[1])
    (length,) = struct.unpack(">I", data[33:37])
    rows = zlib.decompress(data[41 : 41 + length])
    assert rows == b"".join(b"\0" + row.tobytes() for row in pixels)
    assert ElementTree.fromstring(text(1, 2, 'a<b & "c"')).text == 'a<b & "c"'
