"""The pages of hardware/: pictures as drawn by the script, wires as in the boards' files, links that hold."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from hardware.drawings.__main__ import FOLDER
from hardware.drawings.gallery import PICTURES
from hardware.drawings.parts import WIRES

HARDWARE = Path(__file__).parents[2] / "hardware"
BOARDS = HARDWARE.parent / "firmware" / "boards"
PAGES = sorted(HARDWARE.glob("*.md"))
SVG = "{http://www.w3.org/2000/svg}"
# Seeed, XIAO ESP32C3 and XIAO ESP32S3, pin maps.
GPIO = {
    "xiao_esp32c3": {"D1": 3, "D3": 5, "D4": 6, "D5": 7},
    "xiao_esp32s3": {"D1": 2, "D3": 4, "D4": 5, "D5": 6},
}


def circuit(board: str) -> dict[str, object]:
    """What a board's file gives to Circuit."""
    tree = ast.parse((BOARDS / board / "board.py").read_text(encoding="utf-8"))
    (call,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Circuit"
    )
    return {
        word.arg: ast.literal_eval(word.value)
        for word in call.keywords
        if word.arg in ("sda", "scl", "battery", "watermark")
    }


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_as_the_script_draws_it(name):
    drawn = PICTURES[name]().svg()
    assert (FOLDER / f"{name}.svg").read_text(encoding="utf-8") == drawn, "run: python -m hardware.drawings"
    root = ET.fromstring(drawn)
    assert root.find(f"{SVG}title").text
    width, height = (float(root.get(side)) for side in ("width", "height"))
    for text in root.iter(f"{SVG}text"):
        # A wide font's mean letter: the words have to fit if another font is used than here.
        long = 0.56 * float(text.get("font-size")) * len(text.text)
        x = float(text.get("x")) - {"middle": long / 2, "end": long}.get(text.get("text-anchor"), 0)
        assert 8 <= x <= x + long <= width - 8, text.text
        assert 8 <= float(text.get("y")) <= height - 8, text.text


def test_no_picture_is_left_over():
    assert {path.stem for path in FOLDER.glob("*")} == set(PICTURES)


@pytest.mark.parametrize("board", GPIO)
def test_the_wires_are_those_of_the_board_s_file(board):
    pins = circuit(board)
    drawn = {sensor: GPIO[board].get(pin, pin) for sensor, _, pin in WIRES}
    assert drawn == {
        "VIN": "3V3", "GND": "GND", "SDA": pins["sda"], "SCL": pins["scl"], "INT1": pins["watermark"],
    }  # fmt: skip
    assert pins["battery"] == GPIO[board]["D1"]


def test_the_table_of_wires_says_the_same():
    text = (HARDWARE / "bom.md").read_text(encoding="utf-8")
    c3, s3 = circuit("xiao_esp32c3"), circuit("xiao_esp32s3")
    rows = {
        "SDA | D4": "sda",
        "SCL | D5": "scl",
        "INT1 (INT), optional | D3": "watermark",
        "middle of the divider | D1": "battery",
    }
    for words, key in rows.items():
        assert f"| {words} | GPIO{c3[key]} | GPIO{s3[key]} |" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        path, _, heading = target.partition("#")
        where = page if not path else (page.parent / path)
        assert where.is_file(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", where.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, (
                target
            )


def test_every_picture_is_shown():
    shown = {
        name
        for page in PAGES
        for name in re.findall(r"pictures/(\w+)\.svg", page.read_text(encoding="utf-8"))
    }
    assert shown == set(PICTURES)
