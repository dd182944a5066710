"""Advice: what is wrong with a sensor's board, in words, each with its remedy, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from twitchwatch.analysis.board_faults import PARTS, RESTART_CAUSES, BoardPart
from twitchwatch.board.state import BoardState
from twitchwatch.foreign import lines
from twitchwatch.shared.protocol import records as protocol

# Two to four per cent for the sensor's queue, up to three for a computer that is away (hardware/power.md);
# nearly twice that is worth a word.
NORMAL_AWAKE_PERCENT = (2, 7)
HIGH_AWAKE_PERCENT = 12
# A start takes seconds, and the first rendezvous follows at once.
SETTLED_S = 900
# A XIAO ESP32-C3, from hardware/power.md: mA asleep (with the sensor and the radio's share), mA more while
# awake, mA on an ordinary night; and what of a cell's capacity can be used.
ASLEEP_MA, AWAKE_MA, NORMAL_MA = 1.2, 19.5, 1.7
CELL_MAH, USABLE = 400, 0.8
# What a start of the radio takes, the least and the most of any chip, and its largest piece: rows
# `ble.heap_bytes` and `ble.largest_block_bytes` of firmware/models/esp32_port.json.
RADIO_BYTES = (32_560, 73_208)
RADIO_BLOCK_BYTES = 7_680
# Being switched on once a day is how a ring is used.
OFTEN_POWERED = 14
(_NVS,) = (part for part in PARTS if part.name == "nvs")


class Urgency(StrEnum):
    """now: records are being lost; soon: nights are at risk; note: good to know."""

    NOW = "now"
    SOON = "soon"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that is wrong with a board, and what to do about it. part: a name for programs."""

    urgency: Urgency
    part: str
    words: str
    remedy: str


def advice(state: BoardState) -> list[Advice]:
    """Everything that is wrong, the most urgent first; empty if nothing is."""
    found = [*_parts(state), *_supply(state), *_restarts(state), *_awake(state), *_radio(state)]
    order = list(Urgency)
    return sorted(found, key=lambda one: order.index(one.urgency))


def _parts(state: BoardState) -> Iterator[Advice]:
    whole = state.words_of(0).rstrip(".")
    if whole:
        yield Advice(
            Urgency.SOON, "board", f"{whole}.", "Fetch the records by cable, then run `twitchwatch flash`."
        )
    for part in state.broken:
        urgency = Urgency.NOW if part.stops else Urgency.SOON
        yield Advice(urgency, part.name, _sentence(_words(state, part)), _remedy(state, part))


def _words(state: BoardState, part: BoardPart) -> str:
    body = state.body
    reported = state.words_of(part.bit).rstrip(".")
    said = f": {reported}" if reported else ""
    if part.bit == protocol.PART_RADIO and body.radio_failures:
        return f"{part.words} ({_count(body.radio_failures, 'failure')}){said}"
    pin = state.dropped_gpio
    if pin is not None and part.bit == _dropped_part(state):
        ended = f" and ended {_count(body.early_wakes, 'sleep')} early" if body.early_wakes else ""
        return part.words.replace(" is stuck", f" (GPIO{pin}) is stuck low") + ended
    if part.bit == protocol.PART_SLEEP and body.early_wakes:
        return f"{part.words} ({_count(body.early_wakes, 'time')})"
    return part.words + said


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _dropped_part(state: BoardState) -> int:
    # A board drops one pin; if both are reported, the sensor's interrupt is the one that may be missing.
    bits = state.body.broken
    return next((bit for bit in (protocol.PART_WATERMARK, protocol.PART_BUTTON) if bits & bit), 0)


def _remedy(state: BoardState, part: BoardPart) -> str:
    free, largest = state.body.idf_free, state.body.idf_largest
    if part.bit == protocol.PART_RADIO and free and (free < RADIO_BYTES[1] or largest < RADIO_BLOCK_BYTES):
        return (
            f"Press RESET: memory may be short ({free // 1024} KiB free, the largest block "
            f"{largest // 1024}; the radio takes {RADIO_BYTES[0] // 1024} to {RADIO_BYTES[1] // 1024}). "
            f"{part.remedy}"
        )
    return part.remedy


def _supply(state: BoardState) -> Iterator[Advice]:
    flags = state.body.flags
    if flags & protocol.STATUS_BATTERY_LOW and state.battery_mv is not None:
        words = f"The battery is low ({state.battery_mv / 1000:.2f} V)."
        yield Advice(Urgency.SOON, "cell", words, "Charge it, or it will switch itself off.")
    if flags & protocol.STATUS_UNSYNCED:
        yield Advice(
            Urgency.SOON,
            "unsynced",
            "Its records have not been fetched for too long.",
            "Bring it near this computer and press its button, or plug it in; then run `twitchwatch doctor`.",
        )
    used, most = state.body.log_used_kib, state.body.log_kib
    if used * 10 >= most * 9 > 0 and flags & protocol.STATUS_UNSYNCED:
        yield Advice(
            Urgency.NOW,
            "log",
            "Its log is nearly full: the oldest nights will be dropped first.",
            "Fetch its records now.",
        )


def _restarts(state: BoardState) -> Iterator[Advice]:
    counts = state.recent.counts if state.recent is not None else {}
    for cause in RESTART_CAUSES:
        count = counts.get(cause.name, 0)
        if count == 0 or (cause.name == "power_ons" and count < OFTEN_POWERED):
            continue
        words = f"{count:,} {cause.words if count == 1 else cause.plural} in the last week"
        if cause.name == "exceptions" and (last := crash_line(state)):
            words += f", the last: {last.rstrip('.')}"
        urgency = Urgency.NOTE if cause.name == "power_ons" else Urgency.SOON
        yield Advice(urgency, cause.name, f"{words}.", cause.remedy)
    if state.recent is not None and state.recent.went_back:
        names = ", ".join(cause.plural for cause in RESTART_CAUSES if cause.name in state.recent.went_back)
        words = f"Its count of {names} has decreased: its settings memory (NVS) has lost a value, so the"
        yield Advice(Urgency.SOON, "nvs", f"{words} number of the last week may be wrong.", _NVS.remedy)


def _awake(state: BoardState) -> Iterator[Advice]:
    share = state.awake_percent
    if share is None or share < HIGH_AWAKE_PERCENT or state.body.uptime_s < SETTLED_S:
        return
    before = None if state.recent is None else state.recent.before
    flags = state.body.flags | (before.body.flags if before is not None else 0)
    # At the cable, and until it was pulled, it stays awake by design.
    if flags & (protocol.STATUS_USB | protocol.STATUS_LIVE):
        return
    mean_ma = ASLEEP_MA + AWAKE_MA * share / 100
    low, high = NORMAL_AWAKE_PERCENT
    words = (
        f"Awake for {share:.0f} % of the time ({low} to {high} % is normal): a cell of {CELL_MAH} mAh lasts "
        f"about {USABLE * CELL_MAH / mean_ma:.0f} h instead of {USABLE * CELL_MAH / NORMAL_MA:.0f}."
    )
    if state.dropped_gpio is not None or state.body.broken & protocol.PART_SLEEP:
        remedy = "The cause is the pin or the sleep named above."
    else:
        remedy = (
            "Press RESET. If that does not help, look for a computer that keeps connecting, or a short "
            "circuit at INT1."
        )
    yield Advice(Urgency.SOON, "awake", words, remedy)


def _radio(state: BoardState) -> Iterator[Advice]:
    if state.body.broken & protocol.PART_RADIO:
        return
    free, failures = state.body.idf_free, state.body.radio_failures
    # While the radio is on it has what it needs.
    if 0 < free < RADIO_BYTES[0] and not state.body.flags & protocol.STATUS_LIVE:
        words = f"Only {free // 1024} KiB are free; the radio takes {RADIO_BYTES[0] // 1024} or more."
        yield Advice(Urgency.SOON, "memory", words, "Press RESET before the night.")
    if failures:
        words = f"The radio failed to start {_count(failures, 'time')} and works again."
        yield Advice(
            Urgency.NOTE, "radio", words, "If it happens every night, charge the cell and press RESET."
        )


def crash_line(state: BoardState) -> str:
    """The last line of the firmware's report on its last failure; empty if there is none."""
    if state.crash is None:
        return ""
    last = lines(state.crash.tail).rstrip().rpartition("\n")[2]
    return last or "no words"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."
