"""Every wire of the ring build."""

from __future__ import annotations

from hardware.drawings.ink import BLACK, INK, QUIET, RED, TINT, Sheet
from hardware.drawings.parts import WIRES, breakout, cell, resistor
from hardware.drawings.xiao import back, cell_lead, front


def wiring() -> Sheet:
    """Sensor, cable, board, cell and divider."""
    sheet = Sheet(
        960,
        720,
        "Wiring of the ring build: sensor VIN to 3V3, GND to GND, SDA to D4, SCL to D5, INT1 to D3;"
        " the cell on the board's back",
    )
    sheet.text(36, 48, "Wiring: ring and wrist", size=22, bold=True)
    sheet.box(28, 96, 236, 270, TINT, radius=12)
    sheet.text(48, 124, "on the finger", size=14, colour=QUIET)
    sheet.box(556, 96, 376, 596, TINT, radius=12)
    sheet.text(576, 124, "on the wrist", size=14, colour=QUIET)

    sensor = breakout(sheet, 84, 150)
    board = front(sheet, 660, 160, 9)
    colours = {name: colour for name, colour, _ in WIRES}

    # GND runs with SDA, VIN with SCL: each signal has its return beside it.
    cable = ((("SDA", "GND"), 208), (("SCL", "VIN"), 272))
    left, right = 300.0, 508.0
    ends = {}
    for (upper, lower), y in cable:
        sheet.twist((left, y), right - left, 8, (colours[lower], colours[upper]), high=8)
        ends[upper], ends[lower] = y - 8, y + 8
    for name, y in ends.items():
        x0, y0 = sensor[name]
        sheet.wire([(x0, y0), (x0 + 26 + 9 * ("VIN", "GND", "SDA", "SCL").index(name), y0),
                    (left - 22, y), (left, y)], colours[name], bend=16)  # fmt: skip
    # Supply and ground go round the lower end: the upper one is where the plug goes in.
    below = {"VIN": (560.0, 374.0, 868.0), "GND": (544.0, 388.0, 884.0)}
    for name, colour, pin in WIRES:
        x1, y1 = board[pin]
        if name in below:
            lane, low, beyond = below[name]
            sheet.wire([(right, ends[name]), (lane, ends[name]), (lane, low), (beyond, low), (beyond, y1),
                        (x1, y1)], colour)  # fmt: skip
        elif name in ends:
            lane = 592.0 if name == "SDA" else 576.0
            sheet.wire([(right, ends[name]), (lane, ends[name]), (lane, y1), (x1, y1)], colour)
        else:
            x0, y0 = sensor[name]
            sheet.wire(
                [(x0, y0), (280, y0), (280, 330), (608, 330), (608, y1), (x1, y1)], colour, wide=3, dash="3 8"
            )
    for _, _, pin in WIRES:
        sheet.disc(*board[pin], 3, "#ffffff")
    sheet.text(
        404,
        166,
        "25-30 cm of silicone wire,\n30-32 AWG, twisted in pairs",
        size=13,
        at="middle",
        colour=QUIET,
    )
    sheet.text(404, 352, "INT1: a fifth strand, optional", size=13, at="middle", colour=QUIET)

    sheet.text(576, 424, "the same board turned over, USB up", size=14, colour=QUIET)
    under = back(sheet, 592, 452, 8)
    cell(sheet, 776, 500, 140, 82)
    for name, colour, y in (("BAT-", BLACK, 526), ("BAT+", RED, 556)):
        cell_lead(sheet, under, name, colour, (779, y))
    sheet.text(846, 604, "400 mAh or more:\nsee Safety", size=13, at="middle", colour=QUIET)
    sheet.text(
        744, 648, "Check polarity with a multimeter\nbefore you solder:", size=13, bold=True, at="middle"
    )
    sheet.text(744, 683, "makers do not agree which lead is +.", size=13, at="middle")

    sheet.box(28, 440, 500, 252, TINT, radius=12)
    sheet.text(48, 474, "Battery divider", size=16, bold=True)
    sheet.text(48, 496, "two resistors; without them an empty cell gives no warning", size=13, colour=QUIET)
    y = 572.0
    sheet.path(f"M110 {y} H446", INK, wide=2.5)
    for x, words in ((202, "220 kOhm"), (354, "220 kOhm")):
        resistor(sheet, x, y, words)
    sheet.disc(278, y, 5, INK)
    sheet.path(f"M278 {y} V616", INK, wide=2.5)
    sheet.text(104, y + 5, "BAT +", size=15, bold=True, at="end")
    sheet.text(452, y + 5, "GND", size=15, bold=True)
    sheet.text(278, 638, "D1", size=15, bold=True, at="middle")
    sheet.text(
        278, 672, "bands of each: red red black orange, brown (1 %)", size=13, colour=QUIET, at="middle"
    )
    return sheet
