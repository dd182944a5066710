"""The XIAO from both sides, drawn to scale from the maker's own footprint (`xiao_pads.json`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.drawings.ink import GOLD, METAL, PCB, QUIET, Point, Sheet

DATA: dict[str, Any] = json.loads((Path(__file__).parent / "xiao_pads.json").read_text(encoding="utf-8"))
# Both boards have their pads at the same places, to a tenth of a millimetre.
DRAWN = "xiao_esp32c3"


@dataclass(frozen=True, slots=True)
class Pad:
    """A pad by the name that is printed beside it; millimetres from the footprint's origin, y downwards.

    All places are seen from above, with the USB socket up; what is on the back is seen through the board.
    """

    name: str
    x_mm: float
    y_mm: float
    w_mm: float
    h_mm: float
    on_back: bool


@dataclass(frozen=True, slots=True)
class Footprint:
    """Pads, outline and what of the USB socket stands out of it, as (left, top, right, bottom) in mm."""

    pads: tuple[Pad, ...]
    outline_mm: tuple[float, float, float, float]
    usb_mm: tuple[float, float, float, float]


def footprint(board: str = DRAWN) -> Footprint:
    """The footprint of a board, by the name of its folder in firmware/boards."""
    reported = DATA["boards"][board]
    pads = tuple(
        Pad(pad["name"], pad["x_mm"], pad["y_mm"], pad["w_mm"], pad["h_mm"], pad["side"] == "back")
        for pad in reported["pads"]
    )
    return Footprint(pads, tuple(reported["outline_mm"]), tuple(reported["usb_mm"]))


class _View:
    """Places on a sheet: (x, y) is the outline's upper left corner, `scale` in pixels a millimetre."""

    def __init__(self, print_: Footprint, x: float, y: float, scale: float, *, mirrored: bool) -> None:
        self._left, self._top, self._right, _ = print_.outline_mm
        self._x, self._y, self.scale, self._mirrored = x, y, scale, mirrored

    def at(self, x_mm: float, y_mm: float) -> Point:
        across = self._right - x_mm if self._mirrored else x_mm - self._left
        return self._x + across * self.scale, self._y + (y_mm - self._top) * self.scale

    def box(self, sheet: Sheet, left: float, top: float, right: float, bottom: float, fill: str,
            **more: Any) -> None:  # fmt: skip
        x1, y1 = self.at(left, top)
        x2, y2 = self.at(right, bottom)
        sheet.box(min(x1, x2), y1, abs(x2 - x1), y2 - y1, fill, **more)


def _outline(sheet: Sheet, view: _View, print_: Footprint, part: str) -> None:
    view.box(sheet, *print_.outline_mm, PCB, radius=2 * view.scale, part=part)


def _edge_pads(
    sheet: Sheet, view: _View, print_: Footprint, size: float, named: tuple[str, ...] = ()
) -> dict[str, Point]:
    """Pads at the two long edges with their names, or those that are `named`."""
    left, _, right, _ = print_.outline_mm
    middle, _ = view.at((left + right) / 2, 0)
    pins = {}
    for pad in print_.pads:
        if pad.on_back:
            continue
        at = view.at(left if pad.x_mm < 0 else right, pad.y_mm)
        pins[pad.name] = at
        sheet.disc(*at, 0.75 * view.scale, GOLD, PCB, 1.5)
        if named and pad.name not in named:
            continue
        inside = (1 if at[0] < middle else -1) * 1.3 * view.scale
        side = "start" if inside > 0 else "end"
        sheet.text(at[0] + inside, at[1] + size * 0.36, pad.name, size=size, colour="#ffffff", at=side)
    return pins


def front(sheet: Sheet, x: float, y: float, scale: float) -> dict[str, Point]:
    """The board from above, its USB socket up; gives where its pins are."""
    print_ = footprint()
    view = _View(print_, x, y, scale, mirrored=False)
    _outline(sheet, view, print_, "front")
    left, top, right, _ = print_.usb_mm
    # How far the socket reaches over the board is not in the footprint: drawn as on the photographs.
    view.box(sheet, left, top, right, top + 7.3, METAL, radius=0.6 * scale, edge=QUIET, part="usb")
    view.box(sheet, -4.3, -2.4, 4.5, 6.4, METAL, radius=0.4 * scale, edge=QUIET, wide=1)
    size = 1.2 * scale
    sheet.text(*view.at(0.1, 2.3), "XIAO", size=1.6 * scale, bold=True, at="middle")
    if scale > 7:
        sheet.text(*view.at(0.1, 4.4), "ESP32-C3", size=size, colour=QUIET, at="middle")
        sheet.text(*view.at(0.1, -8.2), "USB-C", size=size, colour=QUIET, at="middle")
    return _edge_pads(sheet, view, print_, size)


def back(sheet: Sheet, x: float, y: float, scale: float) -> dict[str, Point]:
    """The board turned over sideways, its USB socket up; gives where its pins and battery pads are."""
    print_ = footprint()
    view = _View(print_, x, y, scale, mirrored=True)
    left, top, right, bottom = print_.usb_mm
    view.box(sheet, left, top, right, bottom + 1, METAL, radius=0.6 * scale, edge=QUIET, part="usb")
    _outline(sheet, view, print_, "back")
    # The socket is on the other side: only its lip is seen.
    view.box(sheet, left, bottom, right, top + 7.3, "none", radius=0.4 * scale, edge="#66737f", wide=1,
             dash="3 4")  # fmt: skip
    size = 1.2 * scale
    sheet.text(*view.at((left + right) / 2, -7.6), "USB-C", size=size, colour="#a9b5bf", at="middle")
    pins = _edge_pads(sheet, view, print_, size, ("5V", "GND", "3V3", "D0", "D1"))
    for pad in print_.pads:
        if not pad.on_back:
            continue
        w, h = pad.w_mm / 2, pad.h_mm / 2
        view.box(sheet, pad.x_mm - w, pad.y_mm - h, pad.x_mm + w, pad.y_mm + h, GOLD, radius=2,
                 part=pad.name)  # fmt: skip
        pins[pad.name] = view.at(pad.x_mm, pad.y_mm)
        words = pad.name.replace("BAT", "BAT ")
        beside = view.at(pad.x_mm + w + 0.5, pad.y_mm)
        sheet.text(
            beside[0], beside[1] + size * 0.36, words, size=size, colour="#ffffff", at="end", bold=True
        )
    # Leads leave between two pads of the edge, and touch none.
    pins["BAT- way"] = view.at(left - 2, _between(print_, "D1", "D2"))
    pins["BAT+ way"] = view.at(left - 2, _between(print_, "D3", "D4"))
    pins["edge"] = view.at(print_.outline_mm[0] - 1, 0)
    return pins


def _between(print_: Footprint, upper: str, lower: str) -> float:
    places = [pad.y_mm for pad in print_.pads if pad.name in (upper, lower)]
    return sum(places) / 2


def cell_lead(sheet: Sheet, pins: dict[str, Point], name: str, colour: str, end: Point) -> None:
    """A lead from the battery pad `name` of a `back` to `end`."""
    at, way, edge = pins[name], pins[f"{name} way"], pins["edge"]
    lane = edge[0] + (end[0] - edge[0]) / 2
    points = [at, (way[0], at[1]), way, (lane, way[1]), (lane, end[1]), end]
    # Light beneath, or a black lead would not be seen on the board.
    for paint, wide in (("#9aa7b2", 6.0), (colour, 4.0)):
        sheet.wire(points, paint, wide=wide, bend=8)
    sheet.disc(*at, 3, "#ffffff")
