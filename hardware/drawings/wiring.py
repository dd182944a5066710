"""Every wire of the ring build."""

from __future__ import annotations

from hardware.drawings.ink import BLACK, INK, QUIET, RED, TINT, Sheet
from hardware.drawings.parts import WIRES, breakout, cell, resistor, xiao


def wiring() -> Sheet:
    """Sensor, cable, board, cell and divider."""
    sheet = Sheet(
        960, 640, "Wiring of the ring build: sensor VIN to 3V3, GND to GND, SDA to D4, SCL to D5, INT1 to D3"
    )
    sheet.text(36, 48, "Wiring: ring and wrist", size=22, bold=True)
    sheet.box(28, 96, 236, 270, TINT, radius=12)
    sheet.text(48, 124, "on the finger", size=14, colour=QUIET)
    sheet.box(556, 96, 376, 516, TINT, radius=12)
    sheet.text(576, 124, "on the wrist", size=14, colour=QUIET)

    sensor = breakout(sheet, 84, 150)
    board = xiao(sheet, 660, 158)
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
    over = {"VIN": 76.0, "GND": 62.0}
    for name, colour, pin in WIRES:
        x1, y1 = board[pin]
        if name in over:
            lane = 528.0 if name == "VIN" else 544.0
            beyond = 880.0 if name == "VIN" else 896.0
            top = over[name] + 76
            sheet.wire([(right, ends[name]), (lane, ends[name]), (lane, top), (beyond, top), (beyond, y1),
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
    sheet.text(404, 352, "INT1: a fifth strand, if you like", size=13, at="middle", colour=QUIET)

    cell(sheet, 665, 470, 150, 82)
    for name, colour, x in (("BAT+", RED, 712), ("BAT-", BLACK, 768)):
        sheet.wire([(x, 470), (x, board[name][1])], colour)
        sheet.disc(x, board[name][1], 3.5, "#ffffff")
    sheet.text(786, 410, "BAT + and BAT -\nare pads underneath", size=13, colour=QUIET)
    sheet.text(740, 580, "400 mAh or more: see Safety", size=13, at="middle", colour=QUIET)

    sheet.box(28, 400, 500, 212, TINT, radius=12)
    sheet.text(48, 430, "Battery divider", size=16, bold=True)
    sheet.text(48, 452, "two resistors; without them an empty cell gives no warning", size=13, colour=QUIET)
    y = 522.0
    sheet.path(f"M110 {y} H446", INK, wide=2.5)
    for x, words in ((202, "220 kOhm"), (354, "220 kOhm")):
        resistor(sheet, x, y, words)
    sheet.disc(278, y, 5, INK)
    sheet.path(f"M278 {y} V566", INK, wide=2.5)
    sheet.text(104, y + 5, "BAT +", size=15, bold=True, at="end")
    sheet.text(452, y + 5, "GND", size=15, bold=True)
    sheet.text(278, 588, "D1", size=15, bold=True, at="middle")
    return sheet
