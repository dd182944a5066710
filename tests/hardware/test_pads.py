"""The board in the pictures is the maker's: its pads, its socket, and what is soldered to them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

from hardware.drawings.gallery import PICTURES
from hardware.drawings.ink import BANDS, BLACK, BLUE, GREEN, RED, YELLOW
from hardware.drawings.xiao import DATA, footprint

HARDWARE = Path(__file__).parents[2] / "hardware"
SVG = "{http://www.w3.org/2000/svg}"
EDGE = ("D0", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9", "D10", "3V3", "GND", "5V")
# Read off XIAO-ESP32C3-SMD.kicad_mod and XIAO-ESP32S3-SMD.kicad_mod of Seeed's OPL KiCad library, commit
# aa84c929: pads 15 and 16, from above, y downwards.
BATTERY = {
    "xiao_esp32c3": {"BAT+": (-4.39, -0.342), "BAT-": (-4.39, -2.247)},
    "xiao_esp32s3": {"BAT+": (-4.451, -0.335), "BAT-": (-4.451, -2.24)},
}
GPIO = {
    "xiao_esp32c3": {"D1": 3, "D3": 5, "D4": 6, "D5": 7},
    "xiao_esp32s3": {"D1": 2, "D3": 4, "D4": 5, "D5": 6},
}
WIRES = {RED, BLACK, BLUE, YELLOW, GREEN}

Box = tuple[float, float, float, float]


def boxes(root: ET.Element, part: str) -> list[Box]:
    """What stands for `part` in a picture: x, y, width, height."""
    return [
        tuple(float(each.get(side, 0)) for side in ("x", "y", "width", "height"))  # type: ignore[misc]
        for each in root.iter(f"{SVG}rect")
        if each.get("class") == part
    ]


def drawn(name: str) -> ET.Element:
    return ET.fromstring(PICTURES[name]().svg())


def places(d: str) -> list[tuple[float, float]]:
    """Points along a path of M, L, H, V, Q and C."""
    found: list[tuple[float, float]] = []
    for letter, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", d):
        values = [float(value) for value in re.findall(r"-?[\d.]+", numbers)]
        if letter == "H":
            values = [values[-1], found[-1][1]]
        elif letter == "V":
            values = [found[-1][0], values[-1]]
        elif letter not in "MLQC":
            raise ValueError(f"{letter} in the path of a wire")
        size = {"Q": 2, "C": 3}.get(letter, 1)
        points = list(zip(values[::2], values[1::2], strict=True))
        for k in range(0, len(points), size):
            if letter == "M" and k == 0:
                found.append(points[0])
                continue
            curve = [found[-1], *points[k : k + size]]
            found += [at_share(curve, step / 40) for step in range(1, 41)]
    return found


def at_share(curve: list[tuple[float, float]], share: float) -> tuple[float, float]:
    """A point of a Bezier curve, by de Casteljau."""
    while len(curve) > 1:
        curve = [(a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share) for a, b in pairwise(curve)]
    return curve[0]


@pytest.mark.parametrize("board", BATTERY)
def test_the_pads_are_those_of_the_maker_s_footprint(board: str) -> None:
    pads = {pad.name: pad for pad in footprint(board).pads}
    assert tuple(name for name in pads if not pads[name].on_back) == EDGE
    assert {name: (pads[name].x_mm, pads[name].y_mm) for name in pads if pads[name].on_back} == BATTERY[board]
    # From above with the socket up: D0 to D6 on the left from the top down, D7 to 5V on the right from below.
    assert [pads[name].x_mm < 0 for name in EDGE] == [True] * 7 + [False] * 7
    heights = [pads[name].y_mm for name in EDGE]
    assert heights[:7] == sorted(heights[:7])
    assert heights[7:] == sorted(heights[7:], reverse=True)
    assert {round(b - a, 2) for a, b in pairwise(heights[:7])} == {2.54}
    left, top, right, bottom = footprint(board).outline_mm
    assert (round(right - left, 1), round(bottom - top, 1)) == (17.8, 21.0)
    assert footprint(board).usb_mm[1] < top
    symbols = {pad["name"]: pad["symbol"] for pad in DATA["boards"][board]["pads"]}
    assert {name: int(re.match(r"GPIO(\d+)_", symbols[name])[1]) for name in GPIO[board]} == GPIO[board]  # type: ignore[index]
    assert (symbols["BAT+"], symbols["BAT-"]) == ("BAT", "GND")


@pytest.mark.parametrize("name", ["wiring", "assembly"])
def test_the_back_shows_socket_and_battery_pads_where_they_are(name: str) -> None:
    root = drawn(name)
    ((x, y, w, h),) = boxes(root, "back")
    left, top, right, bottom = footprint().outline_mm
    for pad in BATTERY["xiao_esp32c3"]:
        ((px, py, pw, ph),) = boxes(root, pad)
        x_mm, y_mm = BATTERY["xiao_esp32c3"][pad]
        # Turned over sideways: what lay left of the middle is right of it now.
        assert (px + pw / 2 - x) / w == pytest.approx((right - x_mm) / (right - left), abs=0.005)
        assert (py + ph / 2 - y) / h == pytest.approx((y_mm - top) / (bottom - top), abs=0.005)
        assert px > x + w / 2
    ((_, minus, _, _),), ((_, plus, _, _),) = boxes(root, "BAT-"), boxes(root, "BAT+")
    assert minus < plus
    (usb,) = [box for box in boxes(root, "usb") if x < box[0] < x + w and box[1] < y < box[1] + box[3]]
    assert usb[0] + usb[2] / 2 == pytest.approx(x + w / 2, abs=w / 50)


@pytest.mark.parametrize("name", ["wiring", "assembly"])
def test_the_cell_s_leads_begin_at_their_pads(name: str) -> None:
    root = drawn(name)
    starts = {
        (path.get("stroke"), *places(path.get("d", ""))[0])
        for path in root.iter(f"{SVG}path")
        if path.get("stroke") in WIRES
    }
    for pad, colour in (("BAT+", RED), ("BAT-", BLACK)):
        ((x, y, w, h),) = boxes(root, pad)
        assert any(
            stroke == colour and abs(px - x - w / 2) < 1 and abs(py - y - h / 2) < 1
            for stroke, px, py in starts
        )


@pytest.mark.parametrize("name", PICTURES)
def test_no_wire_crosses_a_usb_socket_or_stands_before_it(name: str) -> None:
    root = drawn(name)
    sockets = boxes(root, "usb")
    wires = [
        path for path in root.iter(f"{SVG}path") if path.get("stroke") in WIRES and path.get("fill") == "none"
    ]
    assert name not in ("wiring", "assembly") or (wires and len(sockets) == 2)
    for path in wires:
        for px, py in places(path.get("d", "")) if sockets else ():
            for x, y, w, h in sockets:
                # A plug comes from above, and takes as much room again.
                assert not (x - 4 < px < x + w + 4 and y - h < py < y + h), path.get("d")


@pytest.mark.parametrize("name", ["wiring", "assembly"])
def test_the_resistors_bands_read_220_kiloohm_one_per_cent(name: str) -> None:
    bands = [each.get("class", "") for each in drawn(name).iter(f"{SVG}rect")]
    colours = [band.removeprefix("band ") for band in bands if band.startswith("band ")]
    assert len(colours) == 10
    digits = {"black": 0, "brown": 1, "red": 2, "orange": 3}
    for first, second, third, factor, tolerance in zip(*[iter(colours)] * 5, strict=True):
        figures = 100 * digits[first] + 10 * digits[second] + digits[third]
        assert (figures * 10 ** digits[factor], tolerance) == (220_000, "brown")
    assert len(set(BANDS.values())) == len(BANDS)


def test_polarity_is_to_be_checked_in_pictures_and_text() -> None:
    for page in ("bom.md", "assembly.md"):
        text = " ".join((HARDWARE / page).read_text(encoding="utf-8").split())
        assert "Check polarity with a multimeter before you solder" in text
        assert re.search(r"BAT - is the upper|BAT - nearer to the socket", text)
    for name in ("wiring", "assembly"):
        words = " ".join(text.text or "" for text in drawn(name).iter(f"{SVG}text"))
        assert "Check polarity with a multimeter before you solder" in words


def test_every_part_has_two_products_with_a_number_and_no_shop() -> None:
    text = (HARDWARE / "bom.md").read_text(encoding="utf-8")
    assert "http" not in text
    products = text.partition("## Products")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", products, re.MULTILINE)[1:]
    named = [part for part, *_ in rows if part.strip("- ")]
    assert len(named) == 12
    for part, *each in rows:
        if part.strip("- "):
            assert all(re.search(r"\d{2}", product) for product in each), part
            assert each[0] != each[1]
