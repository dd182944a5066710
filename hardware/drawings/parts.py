"""What the pictures show more than once: board, sensor, cell."""

from __future__ import annotations

from hardware.drawings.ink import (
    BLACK,
    BLUE,
    CELL,
    GOLD,
    GREEN,
    INK,
    METAL,
    PCB,
    PCB_SENSOR,
    QUIET,
    RED,
    TAPE,
    YELLOW,
    Point,
    Sheet,
)

# A XIAO seen from above, its USB socket up: pins from the top down.
LEFT = ("D0", "D1", "D2", "D3", "D4", "D5", "D6")
RIGHT = ("5V", "GND", "3V3", "D10", "D9", "D8", "D7")
SENSOR_PINS = ("VIN", "GND", "SDA", "SCL", "INT1")

# Which wire goes where: the sensor's pin, its colour, the XIAO's pin. INT1 may be left out.
WIRES = (
    ("VIN", RED, "3V3"),
    ("GND", BLACK, "GND"),
    ("SDA", BLUE, "D4"),
    ("SCL", YELLOW, "D5"),
    ("INT1", GREEN, "D3"),
)


def xiao(sheet: Sheet, x: float, y: float, scale: float = 1.0, labels: bool = True) -> dict[str, Point]:
    """A XIAO of 160 x 190 at `scale`; gives where its pins are. BAT+ and BAT- lie underneath."""
    w, h, pitch = 160 * scale, 208 * scale, 26 * scale
    sheet.box(x, y, w, h, PCB, radius=12 * scale)
    sheet.box(
        x + w / 2 - 34 * scale, y - 14 * scale, 68 * scale, 54 * scale, METAL, radius=6 * scale, edge=QUIET
    )
    sheet.box(
        x + 42 * scale, y + 66 * scale, 76 * scale, 84 * scale, METAL, radius=4 * scale, edge=QUIET, wide=1
    )
    if labels:
        sheet.text(x + w / 2, y + 104 * scale, "XIAO", size=15 * scale, bold=True, at="middle")
        sheet.text(x + w / 2, y + 122 * scale, "ESP32-C3", size=11 * scale, colour=QUIET, at="middle")
        sheet.text(x + w / 2, y + 18 * scale, "USB-C", size=11 * scale, colour=QUIET, at="middle")
    pins = {}
    for names, at, side in ((LEFT, x, "start"), (RIGHT, x + w, "end")):
        for k, name in enumerate(names):
            py = y + 30 * scale + k * pitch
            pins[name] = (at, py)
            sheet.disc(at, py, 6.5 * scale, GOLD, PCB, 1.5)
            if labels:
                inside = at + (11 if side == "start" else -11) * scale
                sheet.text(inside, py + 4 * scale, name, size=11 * scale, colour="#ffffff", at=side)
    for name, dx in (("BAT+", 52), ("BAT-", 108)):
        pins[name] = (x + dx * scale, y + 182 * scale)
        sheet.box(x + (dx - 11) * scale, y + 172 * scale, 22 * scale, 20 * scale, GOLD, radius=4, clear=0.9)
    return pins


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


def resistor(sheet: Sheet, x: float, y: float, words: str) -> None:
    """A resistor of 60 x 20 whose middle is at (x, y), lying."""
    sheet.box(x - 30, y - 10, 60, 20, "#e9dcc3", radius=8, edge=INK)
    for dx, colour in ((-16, RED), (-6, RED), (4, YELLOW), (18, GOLD)):
        sheet.box(x + dx - 2, y - 10, 4, 20, colour, radius=0)
    sheet.text(x, y - 18, words, size=12, at="middle")
