"""On the body: where everything sits, the ring in section, the pouch on the wrist, the M5StickC."""

from __future__ import annotations

from hardware.drawings.ink import (
    BLACK,
    BLUE,
    CELL,
    CLOTH,
    CLOTH_EDGE,
    INK,
    METAL,
    PAPER,
    PCB,
    PCB_SENSOR,
    QUIET,
    RED,
    SKIN,
    SKIN_EDGE,
    SLEEVE,
    TAPE,
    TINT,
    YELLOW,
    Sheet,
    around,
)


def hand(sheet: Sheet, x: float, y: float) -> None:
    """A left hand from its back, fingers up; (x, y): the middle of the wrist, 520 below the longest tip."""
    fingers = ((-88, -432, 40, -9), (-38, -500, 46, -3), (14, -520, 48, 1), (66, -486, 46, 6))
    for dx, top, wide, tilt in fingers:
        sheet.box(x + dx - wide / 2, y + top, wide, 260, SKIN, radius=wide / 2, edge=SKIN_EDGE, turn=tilt)
        nail = around((x + dx, y + top + 130), 104, 90 - tilt)
        sheet.box(nail[0] - 11, nail[1] - 13, 22, 27, "#f9e4d2", radius=10, turn=tilt)
    sheet.box(x + 78, y - 338, 50, 196, SKIN, radius=25, edge=SKIN_EDGE, turn=36)
    sheet.box(x - 112, y - 300, 212, 212, SKIN, radius=54, edge=SKIN_EDGE)
    sheet.box(x - 70, y - 140, 136, 300, SKIN, radius=26, edge=SKIN_EDGE)
    # The parts overlap: what lies inside loses its edge again.
    sheet.box(x - 68, y - 170, 132, 120, SKIN, radius=30)
    sheet.box(x - 104, y - 290, 196, 150, SKIN, radius=48)
    sheet.path(f"M{x + 72} {y - 210} Q{x + 84} {y - 186} {x + 66} {y - 146}", SKIN_EDGE)


def worn() -> Sheet:
    """A hand with the whole band on it."""
    sheet = Sheet(
        800, 700, "A left hand from its back: sensor on the index finger, board and cell on the wrist"
    )
    sheet.text(36, 48, "Where it sits", size=22, bold=True)
    sheet.box(28, 76, 744, 596, TINT, radius=12)
    hand(sheet, 220, 612)
    sheet.box(0, 672, 800, 28, PAPER, radius=0)
    # Cable: from the ring over the back of the hand to the wrist, with a loop in front of the strap.
    way = (
        "M278 352 C270 410 226 430 214 462 C206 486 226 500 224 514"
        " C220 536 192 532 194 512 C196 494 216 500 216 548"
    )
    sheet.path(way, "#ffffff", wide=11)
    sheet.path(way, SLEEVE, wide=6)
    sheet.box(248, 308, 62, 34, CLOTH, radius=9, edge=CLOTH_EDGE, turn=6)
    sheet.box(257, 300, 44, 50, SLEEVE, radius=9, turn=6)
    sheet.box(265, 311, 27, 28, PCB_SENSOR, radius=4, turn=6)
    sheet.box(136, 548, 164, 96, CLOTH, radius=10, edge=CLOTH_EDGE)
    sheet.box(154, 554, 128, 84, CLOTH_EDGE, radius=8)
    sheet.box(166, 560, 104, 72, CELL, radius=5, edge=QUIET, wide=1)
    sheet.box(166, 560, 9, 72, TAPE, radius=3)
    # The board lies on the cell, its socket towards the elbow.
    sheet.box(200, 574, 42, 50, PCB, radius=5)
    sheet.box(206, 582, 30, 20, METAL, radius=3)
    sheet.box(211, 612, 20, 18, METAL, radius=3, edge=QUIET, wide=1, part="usb")
    sheet.note(
        (290, 318),
        (470, 250),
        "Sensor on the back of the finger,\nbetween knuckle and first joint:\n2-3 g with its ring",
    )
    sheet.note((222, 448), (470, 356), "Cable, loose over the back of the hand")
    sheet.note((224, 516), (470, 424), "Loop: a pull ends here, not at a joint")
    sheet.note(
        (221, 622),
        (470, 508),
        "Board on the cell, in a pouch on the\nstrap: about 20 g; USB towards the elbow",
    )
    sheet.text(
        470,
        610,
        "Not over a wound, not under a tight sleeve;\noff if the skin reddens.",
        size=13,
        colour=QUIET,
    )
    return sheet


def ring() -> Sheet:
    """The ring, cut across the finger and seen along it."""
    sheet = Sheet(
        800,
        660,
        "The ring in section and from the side: strap around the finger, sensor on its back under"
        " heat-shrink, cable towards the wrist",
    )
    sheet.text(36, 48, "The ring, cut across", size=22, bold=True)
    sheet.box(28, 76, 744, 330, TINT, radius=12)
    _section(sheet, (236.0, 266.0))
    sheet.text(36, 448, "The same from the side", size=22, bold=True)
    sheet.box(28, 468, 744, 172, TINT, radius=12)
    _side(sheet)
    return sheet


def _section(sheet: Sheet, middle: tuple[float, float]) -> None:
    # Seen from the wrist: the cable comes towards whoever looks.
    x, y = middle
    sheet.disc(x, y, 88, SKIN, SKIN_EDGE)
    sheet.disc(x, y + 4, 34, "#f7e3d0", SKIN_EDGE, 1)
    # The strap: round the finger, closing below by hook and loop.
    start, end = around(middle, 95, 118), around(middle, 95, 62)
    sheet.path(f"M{start[0]:.2f} {start[1]:.2f} A95 95 0 1 0 {end[0]:.2f} {end[1]:.2f}", CLOTH, wide=11)
    low, high = around(middle, 105, 290), around(middle, 105, 236)
    sheet.path(f"M{low[0]:.2f} {low[1]:.2f} A105 105 0 0 1 {high[0]:.2f} {high[1]:.2f}", CLOTH_EDGE, wide=9)
    # The sensor lies on the strap's gap, flat against the finger, in its sleeve.
    sheet.box(x - 58, y - 128, 116, 40, SLEEVE, radius=15)
    sheet.box(x - 44, y - 108, 88, 7, PCB_SENSOR, radius=2)
    sheet.box(x - 50, y - 120, 26, 12, "#0f1418", radius=2)
    sheet.disc(x + 8, y - 108, 17, SLEEVE, "#51606d", 2)
    for dx, dy, colour in ((2, -114, RED), (14, -114, YELLOW), (2, -102, BLUE), (14, -102, BLACK)):
        sheet.disc(x + dx, y + dy, 5, colour, "#8b97a3", 1)
    for dx in (-1, 1):
        sheet.path(
            f"M{x + 8 + dx * 19} {y - 112} L{x + 8 + dx * 26} {y - 88}", "#b9c6d0", wide=2.5, dash="2 5"
        )
    sheet.note((x - 37, y - 114), (470, 110), "Chip on the outer side: nothing hard\npresses on the skin")
    sheet.note((x + 50, y - 96), (470, 164), "Breakout in heat-shrink tube, cut flat")
    sheet.note(
        (x + 20, y - 97), (470, 206), "Cable towards the wrist (here: towards\nyou), in a sleeve of its own"
    )
    sheet.note(
        (x + 33, y - 92), (470, 264), "Two stitches tie the cable to the strap:\nthe joints carry nothing"
    )
    sheet.note(
        (x - 30, y + 102),
        (470, 334),
        "Soft strap, 8-10 mm, hook and loop:\nsnug, but a fingertip fits under it",
    )


def _side(sheet: Sheet) -> None:
    # A finger lying, its tip to the left.
    sheet.box(52, 566, 700, 60, SKIN, radius=28, edge=SKIN_EDGE)
    sheet.box(620, 552, 152, 88, SKIN, radius=0)
    sheet.path("M600 566 C620 566 640 548 668 548 H772 M600 626 C640 626 640 640 660 640", SKIN_EDGE)
    sheet.box(62, 570, 40, 14, "#f9e4d2", radius=7)
    sheet.box(356, 560, 60, 72, CLOTH, radius=8, edge=CLOTH_EDGE)
    sheet.box(328, 534, 116, 32, SLEEVE, radius=13)
    sheet.path("M438 552 C480 552 520 552 580 546 C620 541 650 534 772 530", SLEEVE, wide=8)
    sheet.disc(446, 552, 9, "#dfe6ec", "#8b97a3", 1)
    sheet.text(70, 548, "fingertip", size=12, colour=QUIET)
    sheet.path("M66 552 H52 m6 -5 l-6 5 l6 5", QUIET, wide=1.6)
    sheet.text(664, 512, "to the wrist", size=12, colour=QUIET)
    sheet.path("M740 508 H760 m-6 -5 l6 5 l-6 5", QUIET, wide=1.6)
    sheet.note((446, 552), (470, 500), "A drop of neutral-cure\nsilicone where it enters", size=13)


def wrist() -> Sheet:
    """The pouch on the wrist, layer by layer."""
    sheet = Sheet(800, 470, "The pouch on the wrist, layer by layer: strap, felt, cell, board, cover")
    sheet.text(36, 48, "The pouch, layer by layer", size=22, bold=True)
    sheet.box(28, 76, 744, 366, TINT, radius=12)

    def layer(y: float, h: float, fill: str, edge: str, w: float = 300) -> None:
        x = 210 - w / 2
        sheet.path(f"M{x + 34} {y} H{x + w + 34} L{x + w} {y + h} H{x} Z", edge, fill=fill, wide=1.5)

    layer(376, 34, CLOTH, CLOTH_EDGE, 330)
    layer(322, 30, "#cfd8df", QUIET, 250)
    layer(256, 40, CELL, QUIET, 210)
    sheet.path("M124 262 L140 262 L114 290 L98 290 Z", TAPE, fill=TAPE, wide=1)
    layer(206, 26, "#ece6d8", QUIET, 210)
    layer(150, 30, PCB, INK, 170)
    # Its socket stands out at the near edge, the elbow's; the cable comes in at the far one.
    sheet.path("M184 170 L218 170 L202 188 L168 188 Z", QUIET, fill=METAL, wide=1)
    sheet.path("M246 152 C252 142 262 138 280 136", SLEEVE, wide=6)
    sheet.path("M52 262 L92 222 m-2 9 l2 -9 l-9 2", QUIET, wide=1.6)
    sheet.text(84, 214, "hand", size=12, colour=QUIET)
    sheet.text(40, 280, "elbow", size=12, colour=QUIET)
    layer(96, 28, CLOTH, CLOTH_EDGE, 250)
    for y1, y2 in ((124, 150), (180, 206), (232, 256), (296, 322), (352, 376)):
        sheet.path(f"M226 {y1 + 4} V{y2 - 4}", QUIET, wide=1.2, dash="2 5")
    for tip, y, words in (
        ((330, 108), 104, "Cover of cloth, open towards the elbow"),
        (
            (192, 180),
            152,
            "Board, its back towards the cell:\ncable towards the hand,\nUSB towards the elbow",
        ),
        ((308, 218), 214, "Card or polyimide: no pin may touch the cell"),
        ((300, 276), 264, "Cell, flat, free to swell by a tenth,\nnever bent, never under a screw"),
        ((326, 336), 330, "Felt, 2 mm: soft, and keeps the warmth out"),
        ((370, 392), 384, "Strap, 20 mm, cotton or medical silicone"),
    ):
        sheet.note(tip, (430, y), words)
    return sheet


def m5stick() -> Sheet:
    """The wrist build: one part, worn like a watch."""
    sheet = Sheet(
        800, 430, "M5StickC Plus2 on a strap: button A in front, the sensor inside, USB at the lower end"
    )
    sheet.text(36, 48, "The wrist build: M5StickC Plus2, no soldering", size=22, bold=True)
    sheet.box(28, 76, 744, 326, TINT, radius=12)
    sheet.box(40, 190, 380, 116, SKIN, radius=50, edge=SKIN_EDGE)
    sheet.box(172, 174, 112, 148, CLOTH, radius=12, edge=CLOTH_EDGE)
    sheet.box(184, 122, 88, 252, "#e8702a", radius=14, edge="#b9521a")
    sheet.box(194, 134, 68, 142, "#11161b", radius=6)
    sheet.text(228, 210, "dark", size=13, colour="#5d6b77", at="middle")
    sheet.box(204, 292, 48, 40, "#f6f1ea", radius=9, edge="#b9521a")
    sheet.text(228, 317, "M5", size=15, bold=True, at="middle")
    sheet.box(212, 366, 32, 12, METAL, radius=3, edge=QUIET, wide=1)
    sheet.box(270, 176, 8, 34, "#f6f1ea", radius=3, edge="#b9521a", wide=1)
    sheet.disc(252, 128, 3.5, RED)
    sheet.note((252, 128), (470, 126), "Red light: off at night")
    sheet.note(
        (240, 240),
        (470, 176),
        "MPU-6886 inside, on the wrist: it feels\nthe hand's movements, a finger's only\nwhen they are large",
    )
    sheet.note(
        (246, 314),
        (470, 270),
        'Button A: a rendezvous, and a mark\n("I felt that"); at the start: safe mode',
    )
    sheet.note((232, 372), (470, 346), "USB-C: for charging and flashing")
    return sheet


def tap() -> Sheet:
    """The tap test: what you do, and what is reported."""
    sheet = Sheet(760, 330, "The tap test: ten taps on the ring, a second apart, each reported as an event")
    sheet.text(36, 48, "The tap test", size=22, bold=True)
    words = "Hand at rest on the table. With a fingertip, tap the ring ten times, a second apart."
    sheet.text(36, 74, words, size=14, colour=QUIET)
    sheet.box(28, 96, 704, 206, TINT, radius=12)
    base, left, step = 196.0, 84.0, 62.0
    d = f"M52 {base}"
    for k in range(10):
        x = left + k * step
        swing = 74 if k % 3 else 62
        d += (
            f" L{x - 4:.1f} {base} L{x:.1f} {base - swing} L{x + 5:.1f} {base + swing * 0.55:.1f}"
            f" L{x + 10:.1f} {base - swing * 0.3:.1f} L{x + 15:.1f} {base + swing * 0.14:.1f}"
            f" L{x + 20:.1f} {base}"
        )
    d += f" L708 {base}"
    sheet.path(d, BLUE, wide=2.2)
    for k in range(10):
        x = left + k * step
        sheet.disc(x + 6, 258, 13, "#ffffff", CLOTH, 1.8)
        sheet.text(x + 6, 263, str(k + 1), size=13, at="middle", colour=INK)
    words = "Each is reported as a jerk or a twitch, within seconds while cable or radio are on."
    sheet.text(380, 292, words, size=13, colour=QUIET, at="middle")
    return sheet
