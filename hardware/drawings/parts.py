"""What the pictures show more than once: sensor, cell, resistor; the board is in `xiao`."""

from __future__ import annotations

from hardware.drawings.ink import (
    BANDS,
    BLACK,
    BLUE,
    CELL,
    GOLD,
    GREEN,
    INK,
    METAL,
    PCB_SENSOR,
    QUIET,
    RED,
    TAPE,
    YELLOW,
    Point,
    Sheet,
)

SENSOR_PINS = ("VIN", "GND", "SDA", "SCL", "INT1")

# Which wire goes where: the sensor's pin, its colour, the XIAO's pin. INT1 may be left out.
WIRES = (
    ("VIN", RED, "3V3"),
    ("GND", BLACK, "GND"),
    ("SDA", BLUE, "D4"),
    ("SCL", YELLOW, "D5"),
    ("INT1", GREEN, "D3"),
)


def breakout(sheet: Sheet, x: float, y: float, labels: bool = True) -> dict[str, Point]:
    """A sensor's breakout of 120 x 160; gives where its pins are, all on its right."""
    sheet.box(x, y, 120, 164, PCB_SENSOR, radius=10)
    sheet.box(x + 26, y + 62, 40, 40, "#171321", radius=4)
    sheet.disc(x + 34, y + 70, 3, METAL)
    for cy in (14, 150):
        sheet.disc(x + 16, y + cy, 7, "#ffffff", GOLD, 2)
    if labels:
        sheet.text(x + 46, y + 124, "LSM6DS3TR-C", size=10, colour="#ffffff", at="middle")
    pins = {}
    for k, name in enumerate(SENSOR_PINS):
        py = y + 26 + k * 28
        pins[name] = (x + 120, py)
        sheet.disc(x + 120, py, 7, GOLD, PCB_SENSOR, 1.5)
        if labels:
            sheet.text(x + 108, py + 4, name, size=11, colour="#ffffff", at="end")
    return pins


def cell(sheet: Sheet, x: float, y: float, w: float = 150, h: float = 76, words: str = "LiPo 3.7 V") -> None:
    """A pouch cell with its protection circuit under the tape."""
    sheet.box(x, y, w, h, CELL, radius=8, edge=QUIET)
    sheet.box(x, y, 20, h, TAPE, radius=4)
    sheet.text(x + w / 2 + 10, y + h / 2 - 2, words, size=14, bold=True, at="middle")
    sheet.text(x + w / 2 + 10, y + h / 2 + 17, "with protection", size=11, colour=QUIET, at="middle")


# 220 kOhm, 1 %: three figures, the factor, the tolerance.
RESISTOR = ("red", "red", "black", "orange", "brown")


def resistor(sheet: Sheet, x: float, y: float, words: str) -> None:
    """A metal film resistor of 60 x 20 whose middle is at (x, y), lying."""
    sheet.box(x - 30, y - 10, 60, 20, "#a9cfe0", radius=8, edge=INK)
    for dx, name in zip((-19, -10, -1, 8, 20), RESISTOR, strict=True):
        sheet.box(x + dx - 2, y - 10, 4, 20, BANDS[name], radius=0, part=f"band {name}")
    sheet.text(x, y - 18, words, size=12, at="middle")
