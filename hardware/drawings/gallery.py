"""Every picture by the name of its file."""

from __future__ import annotations

from collections.abc import Callable

from hardware.drawings.body import m5stick, ring, tap, worn, wrist
from hardware.drawings.ink import Sheet
from hardware.drawings.steps import assembly
from hardware.drawings.wiring import wiring

PICTURES: dict[str, Callable[[], Sheet]] = {
    "worn": worn,
    "wiring": wiring,
    "assembly": assembly,
    "ring": ring,
    "wrist": wrist,
    "m5stick": m5stick,
    "tap": tap,
}
