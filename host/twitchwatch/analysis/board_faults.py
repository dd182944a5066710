"""Faults that a board reports about itself: broken parts and restarts, as names and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.records import Record


class BoardPart(NamedTuple):
    """One bit of a status record's `broken`: its name, what is wrong, and what to do.

    The last one has all remaining bits.

    stops: nothing is recorded, or what is recorded is lost, until it is fixed.
    """

    bit: int
    name: str
    words: str
    remedy: str
    stops: bool = False


_KNOWN = (
    BoardPart(
        protocol.PART_SENSOR,
        "sensor",
        "the motion sensor does not work",
        "Nothing is recorded until it works. Check its wires (VIN, GND, SDA, SCL), then press RESET.",
        stops=True,
    ),
    BoardPart(
        protocol.PART_FLASH,
        "flash",
        "the flash memory refuses writes",
        "New records are being lost. Fetch the stored ones, then run `twitchwatch flash --image FILE "
        "--erase`. If the fault returns, the flash is worn out: replace the board.",
        stops=True,
    ),
    BoardPart(
        protocol.PART_MEMORY,
        "memory",
        "it ran out of memory",
        "Press RESET. If it happens again, report it with the output of `twitchwatch status --json`.",
    ),
    BoardPart(
        protocol.PART_RADIO,
        "radio",
        "the radio does not start",
        "Recording continues, and the ring tries again: after a minute, later once an hour. Charge it and "
        "press RESET; until it recovers, fetch the records by cable.",
    ),
    BoardPart(
        protocol.PART_SLEEP,
        "sleep",
        "light sleep ends at once",
        "The battery drains several times faster. Press RESET; if it stays awake, use a version of "
        "MicroPython that docs/flashing.md lists as good.",
    ),
    BoardPart(
        protocol.PART_WATERMARK,
        "int1",
        "INT1 is stuck",
        "Check the wire from INT1 to D3 for a short circuit, or remove it: without it the timer wakes the "
        "board.",
    ),
    BoardPart(
        protocol.PART_BUTTON,
        "button",
        "the button is stuck",
        "Look for a short circuit from its pin to GND. Until it is fixed, the button can neither set a mark "
        "nor start a sync.",
    ),
    BoardPart(
        protocol.PART_BATTERY,
        "battery",
        "the cell's voltage cannot be measured",
        "Check the two resistors of the divider and the wire to D1. Without them the ring cannot switch "
        "itself off before the battery is empty.",
    ),
    BoardPart(
        protocol.PART_NVS,
        "nvs",
        "its settings memory (NVS) refuses writes, or has lost a value",
        "Recording continues, but restarts may not be counted. Fetch the records, then run "
        "`twitchwatch flash --image FILE --erase`.",
    ),
    BoardPart(
        protocol.PART_CLOCK,
        "clock",
        "its clock is irregular",
        "Times may be less accurate than usual. Press RESET and sync it with this computer.",
    ),
    BoardPart(
        protocol.PART_USB,
        "usb",
        "the USB connection is unreliable",
        "Use another cable or port, or unplug it.",
    ),
)
PARTS = (
    *_KNOWN,
    BoardPart(
        ~sum(part.bit for part in _KNOWN),
        "unknown",
        "a part that this version of twitchwatch does not know is broken",
        "The sensor's firmware is newer than this program. Update twitchwatch on this computer.",
    ),
)


# Nothing is recorded, or stored, while one of these is broken.
STOPPED = sum(part.bit for part in PARTS if part.stops)


class RestartCause(NamedTuple):
    """One counter of restarts in a status record: its field and name, its meaning, and what to do."""

    name: str
    words: str
    plural: str
    remedy: str


RESTART_CAUSES = (
    RestartCause(
        "brown_outs",
        "brown-out",
        "brown-outs",
        "The supply voltage dropped for a moment: charge the battery, then check its solder joints. A cell "
        "that is old, cold or too small cannot power the radio.",
    ),
    RestartCause(
        "panics",
        "panic",
        "panics",
        "The chip crashed. Use a version of MicroPython that docs/flashing.md lists as good; if it "
        "continues, try another board.",
    ),
    RestartCause(
        "watchdogs",
        "watchdog reset",
        "watchdog resets",
        "No samples arrived for two minutes: check the sensor's wires.",
    ),
    RestartCause(
        "exceptions",
        "firmware error",
        "firmware errors",
        "Run `twitchwatch flash` to update the firmware. If it happens again, report it with the output of "
        "`twitchwatch status --json`.",
    ),
    RestartCause(
        "power_ons",
        "power-on",
        "power-ons",
        "If you did not switch it off, look for a loose contact at the battery or its connector.",
    ),
)


def broken_parts(value: int) -> tuple[BoardPart, ...]:
    """The parts in a status record's `broken`, the most urgent first."""
    return tuple(part for part in PARTS if value & part.bit)


def restarts_counted(body: protocol.Status) -> dict[str, int]:
    """Restarts by cause, as far back as the board remembers."""
    return {cause.name: int(getattr(body, cause.name)) for cause in RESTART_CAUSES}


class NewRestarts(NamedTuple):
    """A status record, and the restarts by cause since the previous one.

    went_back: causes whose counter decreased. It never does so by itself: a flipped bit of the sensor's NVS
    has deleted it or brought an older value back. Then its restarts are all that it counts now, which may be
    too many or too few.
    """

    record: Record
    counts: Counter[str]
    went_back: tuple[str, ...]


def restarts(statuses: Iterable[Record]) -> Iterator[NewRestarts]:
    """The restarts between each status record with counters and the next (one device, in order of seq)."""
    before: dict[str, int] | None = None
    for record in statuses:
        if record.type != protocol.STATUS or record.version < 2 or record.body is None:
            continue
        now = restarts_counted(record.body)
        if before is not None:
            went_back = tuple(name for name, count in now.items() if count < before[name])
            new = {
                name: count if name in went_back else count - before[name]
                for name, count in now.items()
                if count != before[name]
            }
            yield NewRestarts(record, Counter(new), went_back)
        before = now


def restarts_reported(counts: Iterable[tuple[str, int]]) -> str:
    """`3 brown-outs, 1 panic`; empty if there are none."""
    known = dict(counts)
    return ", ".join(
        f"{count:,} {cause.words if count == 1 else cause.plural}"
        for cause in RESTART_CAUSES
        if (count := known.get(cause.name, 0))
    )
