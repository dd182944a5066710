"""Soldering, step by step."""

from __future__ import annotations

from hardware.drawings.ink import (
    BLACK,
    BLUE,
    GOLD,
    METAL,
    PCB_SENSOR,
    QUIET,
    RED,
    SLEEVE,
    TINT,
    YELLOW,
    Sheet,
)
from hardware.drawings.parts import cell, resistor
from hardware.drawings.xiao import back, cell_lead, front

PAIRS = (("SDA", BLUE, "GND", BLACK), ("SCL", YELLOW, "VIN", RED))


def assembly() -> Sheet:
    """Six panels, in the order in which one works."""
    sheet = Sheet(
        960,
        850,
        "Assembly in six steps: twist, sleeve, solder the sensor, shrink, solder the board, the cell last",
    )
    sheet.text(36, 48, "Assembly", size=22, bold=True)
    for k, (title, words, draw) in enumerate(STEPS):
        x, y = 28 + k % 2 * 458, 76 + k // 2 * 256
        sheet.box(x, y, 446, 244, TINT, radius=12)
        sheet.disc(x + 32, y + 32, 15, "#ffffff", QUIET)
        sheet.text(x + 32, y + 37, str(k + 1), size=15, bold=True, at="middle")
        sheet.text(x + 58, y + 38, title, size=16, bold=True)
        sheet.text(x + 20, y + 206, words, size=13, colour=QUIET)
        draw(sheet, x, y)
    return sheet


def twisted(sheet: Sheet, x: float, y: float) -> None:
    for k, (upper, colour, lower, other) in enumerate(PAIRS):
        top = y + 92 + k * 62
        sheet.twist((x + 96, top), 270, 10, (other, colour), high=8)
        for name, dy, paint in ((upper, -8, colour), (lower, 8, other)):
            sheet.path(f"M{x + 62} {top + dy} H{x + 96} M{x + 366} {top + dy} H{x + 392}", paint, wide=4)
            sheet.path(f"M{x + 54} {top + dy} H{x + 62} M{x + 392} {top + dy} H{x + 402}", GOLD, wide=3)
            sheet.text(x + 46, top + dy + 4, name, size=11.5, at="end")


def sleeves(sheet: Sheet, x: float, y: float) -> None:
    for k, (_, colour, _, other) in enumerate(PAIRS):
        sheet.twist((x + 46, y + 108 + k * 26), 340, 12, (other, colour), high=7)
    for left, wide, high, words in (
        (88, 84, 66, "for the sensor, 12-19 mm"),
        (230, 112, 56, "for the cable, 5 mm"),
    ):
        sheet.box(x + left, y + 121 - high / 2, wide, high, SLEEVE, radius=10, clear=0.93)
        sheet.text(x + left + wide / 2, y + 82, words, size=12, at="middle")


def sensor(sheet: Sheet, x: float, y: float) -> None:
    sheet.box(x + 60, y + 64, 110, 118, PCB_SENSOR, radius=8)
    sheet.box(x + 82, y + 104, 34, 34, "#171321", radius=4)
    wires = (("VIN", RED), ("GND", BLACK), ("SDA", BLUE), ("SCL", YELLOW))
    for k, (name, colour) in enumerate(wires):
        py = y + 82 + k * 26
        end = y + 104 + k * 12
        sheet.path(
            f"M{x + 172} {py} C{x + 250} {py} {x + 270} {end} {x + 330} {end} H{x + 392}", colour, wide=4
        )
        sheet.disc(x + 170, py, 8, GOLD, PCB_SENSOR)
        # The joint: a small cone of solder.
        sheet.path(
            f"M{x + 162} {py + 7} Q{x + 170} {py - 13} {x + 178} {py + 7} Z", "#9aa5af", fill=METAL, wide=1
        )
        sheet.text(x + 154, py + 4, name, size=11.5, colour="#ffffff", at="end")
    to_the_wrist(sheet, x + 300, y + 84)


def to_the_wrist(sheet: Sheet, x: float, y: float) -> None:
    """Where the cable goes."""
    sheet.text(x, y, "to the wrist", size=12, colour=QUIET)
    sheet.path(f"M{x + 76} {y - 4} H{x + 96} m-6 -5 l6 5 l-6 5", QUIET, wide=1.6)


def shrunk(sheet: Sheet, x: float, y: float) -> None:
    sheet.box(x + 64, y + 92, 150, 88, SLEEVE, radius=18)
    sheet.box(x + 92, y + 118, 34, 34, "#2b3843", radius=5)
    sheet.text(x + 109, y + 140, "chip", size=10.5, colour="#a9b5bf", at="middle")
    sheet.box(x + 206, y + 122, 176, 28, SLEEVE, radius=12)
    sheet.path(f"M{x + 84} {y + 104} H{x + 190}", "#4a5a67", wide=3)
    to_the_wrist(sheet, x + 300, y + 108)
    for k in range(3):
        cx = x + 110 + k * 34
        sheet.path(f"M{cx} {y + 80} c-7 -7 7 -11 0 -18", "#d98a3d", wide=2.4)


def board(sheet: Sheet, x: float, y: float) -> None:
    pins = front(sheet, x + 200, y + 74, 5.4)
    for pin, colour, lane in (("D4", BLUE, 12), ("D5", YELLOW, 0)):
        px, py = pins[pin]
        sheet.path(
            f"M{x + 40} {y + 160 - lane} H{x + 120} C{x + 150} {y + 160 - lane} {x + 150} {py} {px} {py}",
            colour,
            wide=4,
        )
    for pin, colour, lane in (("3V3", RED, 0), ("GND", BLACK, 14)):
        px, py = pins[pin]
        sheet.path(
            f"M{x + 404} {y + 120 - lane} H{x + 360} C{x + 330} {y + 120 - lane} {x + 330} {py} {px} {py}",
            colour,
            wide=4,
        )
    px, py = pins["D1"]
    resistor(sheet, x + 118, py - 6, "")
    sheet.path(f"M{x + 148} {py - 6} L{px} {py} M{x + 88} {py - 6} H{x + 66}", "#7b8893", wide=2.4)
    sheet.text(x + 60, py - 2, "BAT +", size=11.5, at="end")
    resistor(sheet, x + 118, py + 22, "")
    sheet.path(f"M{x + 148} {py + 22} L{px} {py} M{x + 88} {py + 22} H{x + 66}", "#7b8893", wide=2.4)
    sheet.text(x + 60, py + 26, "GND", size=11.5, at="end")


def battery(sheet: Sheet, x: float, y: float) -> None:
    pads = back(sheet, x + 60, y + 74, 5.4)
    for name, colour, end in (("BAT-", BLACK, 108), ("BAT+", RED, 134)):
        cell_lead(sheet, pads, name, colour, (x + 265.0, y + float(end)))
    cell(sheet, x + 262, y + 80, 150, 82)


STEPS = (
    ("Twist", "Four strands of 30 cm. Twist SDA with GND,\nSCL with VIN: a turn a centimetre.", twisted),
    (
        "Sleeves first",
        "Before any soldering slip on: a wide tube for\nthe sensor, a narrow one for the cable.",
        sleeves,
    ),
    (
        "Solder the sensor",
        "Tin pad and strand, then join. No longer than\ntwo seconds; pull gently: it must hold.",
        sensor,
    ),
    (
        "Shrink",
        "Wide tube over sensor and joints, shrink from\nthe middle. The chip outwards, a flat back.",
        shrunk,
    ),
    (
        "Solder the board",
        "3V3, GND, D4, D5. The divider's resistors at\nD1: one to BAT +, one to GND.",
        board,
    ),
    (
        "The cell, last",
        "Check polarity with a multimeter before you\nsolder. BAT - first; the leads must never touch.",
        battery,
    ),
)
