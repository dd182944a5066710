"""The assertion for all faults: the minutes are in the log, the part is named, and everything recovers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.faults.columns import facts_of as port
from bench.faults.night import Column, Night, presses_us
from bench.faults.table import BOARDS, BROKEN_US, MINUTE_US, Fault
from twitchwatch.shared.protocol import records
from twitchwatch.shared.protocol.records import Record

MIN_SHARE = 0.95
_MAX_AWAKE_PERMILLE = 300
_PARTS = {value: name for name, value in vars(records).items() if name.startswith("PART_")}


@dataclass(frozen=True)
class Outcome:
    """`share` of the minutes in the log, `sensed` of them with samples, and what falls short, in words."""

    share: float
    sensed: float
    healed_s: float
    starts: int
    short: tuple[str, ...]


def judge(night: Night, faults: Sequence[Fault], column: Column) -> Outcome:
    """Hold a run against what its faults leave to be asked."""
    reported = sensed = 0
    for epoch in night.records:
        if epoch.type != records.EPOCH:
            continue
        began_us = night.at_us(epoch)
        body = epoch.body
        felt_ms = body.rest_ms + body.moving_ms + body.not_worn_ms
        # What was sensed and does not count is in the log too, as such.
        all_ms = felt_ms + body.lost_ms + body.unusable_ms
        within = min(1.0, max(0.0, (BROKEN_US - began_us) / max(1, all_ms * 1000)))
        reported += all_ms * within
        sensed += felt_ms * within
    share, felt = reported * 1000 / BROKEN_US, sensed * 1000 / BROKEN_US
    short = []
    if night.ended != "over":
        short.append(f"the run ended: {night.ended}")
    if share < MIN_SHARE:
        short.append(f"{share:.1%} of the minutes in the log")
    elif felt < MIN_SHARE and all(fault.sensed for fault in faults):
        short.append(f"{felt:.1%} of the minutes have samples")
    statuses = [record for record in night.records if record.type == records.STATUS]
    for fault in faults:
        if _seen(fault, faults) and not any(_names(status, fault) for status in statuses):
            short.append(f"{fault.name}: not named")
        if fault.flag and not any(status.body.flags & fault.flag for status in statuses):
            short.append(f"{fault.name}: not said")
    parts = [_PARTS[bit] for bit in _PARTS if any(s.body.broken & bit for s in statuses)]
    if not any(fault.part for fault in faults) and parts:
        short.append("named, but not broken: " + ", ".join(parts))
    healed_us = _healed_us(night, statuses)
    short += _ill(night, statuses, column, presses_us(faults))
    return Outcome(share, felt, max(0, healed_us - BROKEN_US) / 1e6, len(night.starts), tuple(short))


def _seen(fault: Fault, faults: Sequence[Fault]) -> bool:
    return fault.part > 0 and not any(other.kind in fault.hidden_by for other in faults if other.kind)


def _names(status: Record, fault: Fault) -> bool:
    words = status.tail.decode(errors="replace")
    return bool(status.body.broken & fault.part) and fault.words in words


def _healed_us(night: Night, statuses: Sequence[Record]) -> int:
    # From then on nothing is broken.
    healed = BROKEN_US
    for status in statuses:
        if status.body.broken:
            healed = max(healed, night.at_us(status))
    return healed


def _ill(night: Night, statuses: Sequence[Record], column: Column, pressed: list[int]) -> list[str]:
    """What is not well although everything has healed."""
    if not statuses or night.at_us(statuses[-1]) < BROKEN_US:
        return ["no status after all has healed"]
    last = statuses[-1].body
    ill = []
    if last.broken:
        names = ", ".join(name for bit, name in _PARTS.items() if last.broken & bit)
        ill.append(f"still named at the end: {names} ({statuses[-1].tail.decode(errors='replace')})")
    if last.dropped_pin != records.PIN_NONE:
        ill.append(f"GPIO {last.dropped_pin} does not wake the board")
    # Between two presses of the button it is always awake.
    awake = min(status.body.awake_permille for status in statuses if night.at_us(status) >= BROKEN_US)
    if awake > _MAX_AWAKE_PERMILLE:
        ill.append(f"{awake / 10:.0f} % of the time awake")
    if last.sensor != records.SENSOR_WORKING:
        ill.append("no sensor")
    if not any(at_us > BROKEN_US for at_us in night.radio_us):
        ill.append("the radio does not meet again")
    if _button_wakes(column):
        marks = [night.at_us(r) for r in night.records if r.type == records.MARK]
        if sum(at_us >= pressed[0] - MINUTE_US for at_us in marks) < len(pressed) - 1:
            ill.append("the button does not wake the board")
    return ill


def _button_wakes(column: Column) -> bool:
    facts = port(column.release, BOARDS[column.board])
    return bool(facts["wake_on_gpio.exists"] or facts["wake_on_ext0.wakes_from"])
