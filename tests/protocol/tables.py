"""The tables of protocol.md, made from the code that packs the bytes.

Usage: python -m tests.protocol.tables    (writes them between the marks in shared/protocol/protocol.md)
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from pathlib import Path

from tests.protocol.meanings import MEANINGS
from twitchwatch.shared.protocol import (
    batch,
    clock_sync,
    device_states,
    framing,
    host_states,
    messages,
    records,
    session,
    snippets,
    sync,
    watermarks,
)

DOCUMENT = Path(__file__).parents[2] / "shared" / "protocol" / "protocol.md"
TYPES = {"B": "u8", "H": "u16", "h": "i16", "I": "u32", "Q": "u64"}

# The types come first in messages.py; flags and reasons that have the same number come behind.
MESSAGE_NAMES: dict[int, str] = {}
for _name, _value in vars(messages).items():
    if _name != "PROTOCOL" and isinstance(_value, int) and _value in messages.FORMS:
        MESSAGE_NAMES.setdefault(_value, _name)

ENUMERATIONS = {
    "Event kind": (records, ("TWITCH", "JERK", "SPASM", "MOVEMENT", "UNLIKE")),
    "Event reason": (records, ("REASON_NONE", "REASON_TILT", "REASON_VIGOROUS", "REASON_RHYTHMIC")),
    "Event grade and half duration": (records, ("GRADE_MOST", "GRADE_UNKNOWN", "HALF_UNKNOWN")),
    "Epoch, if nothing is known": (records, ("COUNT_UNKNOWN", "LIVE_UNKNOWN")),
    "Epoch flags": (records, ("WORN", "NOT_WORN")),
    "Epoch input": (
        records,
        (
            "INPUT_CLIPPED",
            "INPUT_STUCK",
            "INPUT_GRAVITY",
            "INPUT_HUM",
            "INPUT_LOST",
            "INPUT_TURNED",
            "INPUT_REMOUNTED",
            "INPUT_SETTINGS",
            "INPUT_RATE",
        ),
    ),
    "Snippet encoding": (snippets, ("RAW", "DELTAS")),
    "Boot log state": (records, ("LOG_KEPT", "LOG_NEW", "LOG_REPAIRED", "LOG_REFORMATTED")),
    "Gap what": (records, ("SAMPLES", "RECORDS")),
    "Gap cause": (
        records,
        ("FIFO_OVERFLOW", "RECORDING_HOLE", "FLASH_FULL", "FLASH_DAMAGE", "BUFFER_FULL", "SENSOR_SILENT"),
    ),
    "Reset cause": (
        records,
        (
            "RESET_UNKNOWN",
            "RESET_POWER_ON",
            "RESET_HARD",
            "RESET_WATCHDOG",
            "RESET_DEEP_SLEEP",
            "RESET_SOFT",
            "RESET_BROWN_OUT",
        ),
    ),
    "Sensor chip": (
        records,
        (
            "CHIP_SIMULATED",
            "CHIP_LSM6DS3TR_C",
            "CHIP_LSM6DSOX",
            "CHIP_MPU6050",
            "CHIP_MPU6886",
            "CHIP_LSM6DSO32",
            "CHIP_ABSENT",
        ),
    ),
    "Sensor state": (records, ("SENSOR_WORKING", "SENSOR_ABSENT")),
    "Status flags": (records, ("STATUS_USB", "STATUS_LIVE", "STATUS_UNSYNCED", "STATUS_BATTERY_LOW")),
    "Status, if nothing is known": (records, ("AWAKE_UNKNOWN", "PIN_NONE", "BATTERY_UNKNOWN_MV")),
    "Broken parts": (records, tuple(name for name in vars(records) if name.startswith("PART_"))),
    "Refused reason": (messages, ("OTHER_PROTOCOL", "NOT_PROVEN", "NOT_PAIRED", "WRONG_PROOF")),
    "Settings what": (records, ("DEVICE_SETTINGS", "DETECTOR_PARAMETERS")),
    "Changed result": (
        messages,
        ("APPLIED", "NOT_VALID", "NOT_STORED", "NOT_UNDERSTOOD"),
    ),
}

LIMITS = (
    (records, "MAX_RECORD_BYTES", "longest record"),
    (framing, "MAX_PAYLOAD_BYTES", "longest payload of a frame"),
    (
        framing,
        "MAX_STUFFED_BYTES",
        "longest frame in the stream; a longer one is dropped up to the next zero",
    ),
    (session, "MAX_REPLIES", "answers that a device queues; further requests go unanswered"),
    (session, "MAX_CAPTURED", "frames of raw samples that it holds; more are dropped"),
    (watermarks, "PATIENCE_S", "s of running time after which the device stops waiting for a host"),
    (watermarks, "HOLD_PERCENT", "per cent of the flash kept for the slowest of several hosts"),
    (sync, "WINDOW", "records that a host allows in flight"),
    (batch, "COMMIT_RECORDS", "records that share one commit"),
    (batch, "COMMIT_AFTER_S", "s, the longest time that a record waits for a commit"),
    (
        clock_sync,
        "RETRY_S",
        "s of silence before a host repeats its request; n times as long the n-th time",
    ),
    (clock_sync, "TRIES", "requests without progress before the session ends"),
    (sync, "STUCK", "contradictions without progress before the session ends"),
    (sync, "HEARTBEAT_S", "s without progress before the host queries a live link again"),
    (sync, "PATIENCE_S", "s without progress before the session ends"),
    (clock_sync, "ANCHOR_EVERY_S", "s between anchors of a live link"),
)


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line).rstrip() + " |" for line in lines)


def layout(form: str, names: tuple[str, ...], meanings: dict[str, str], base: int = 0) -> str:
    """One row for each field; raises ValueError if meanings and fields differ."""
    if set(names) != set(meanings):
        raise ValueError(f"meanings of {sorted(set(names) ^ set(meanings))}")
    rows = [
        (base + struct.calcsize(form[: at + 1]), TYPES[form[at + 1]], f"`{name}`", meanings[name])
        for at, name in enumerate(names)
    ]
    return table(("offset", "size", "field", "unit and meaning"), rows)


def record_tables() -> str:
    parts = []
    for kind, (name, version, form, body) in records.SCHEMAS.items():
        size = struct.calcsize(form)
        parts.append(
            f"#### {kind}: {name}, version {version} ({size} bytes, from offset {records.HEADER_BYTES})"
        )
        parts.append(layout(form, body._fields, MEANINGS[name], records.HEADER_BYTES))
        for (earlier, number), (shorter, _) in records.EARLIER.items():
            if earlier == kind:
                parts.append(f"Version {number} ended before `{body._fields[len(shorter) - 1]}`.")
    return "\n\n".join(parts)


def message_tables() -> str:
    parts = []
    for kind, form in messages.FORMS.items():
        name = MESSAGE_NAMES[kind].lower()
        side = "device" if kind & 0x80 else "host"
        parts.append(f"#### 0x{kind:02X}: {name.upper()}, from the {side} ({struct.calcsize(form)} bytes)")
        meanings = MEANINGS["host anchor" if kind == messages.ANCHOR else name]
        parts.append(layout(form, tuple(meanings), meanings) if meanings else "No fields.")
    return "\n\n".join(parts)


def enumeration_table() -> str:
    rows = [
        (title, ", ".join(f"{getattr(module, name)} {name}" for name in names))
        for title, (module, names) in ENUMERATIONS.items()
    ]
    return table(("field", "values"), rows)


def example() -> str:
    """The worked example: one PING, byte by byte."""
    payload = messages.pack(messages.PING, 7)
    frame = framing.encode_frame(messages.PING, payload)
    whole = framing.cobs_decode(frame[:-1])
    assert whole is not None
    return "\n".join(
        (
            "```text",
            "PING, token 7",
            f"type, length  {whole[:3].hex(' ')}",
            f"payload       {payload.hex(' ')}",
            f"CRC-32        {whole[-4:].hex(' ')}",
            f"stuffed       {frame[:-1].hex(' ')}",
            f"on the wire   {frame.hex(' ')}",
            "```",
        )
    )


def states_of(machine: dict[str, dict[str, str]], first: str) -> str:
    """A state diagram: events that lead from one state to the same other share an arrow."""
    lines = ["```mermaid", "stateDiagram-v2", f"  [*] --> {first}: connected"]
    for state, moves in machine.items():
        events: dict[str, list[str]] = {}
        for event, after in moves.items():
            events.setdefault(after, []).append(event)
        lines += [f"  {state} --> {after}: {' / '.join(names)}" for after, names in events.items()]
        if not moves or state == device_states.FINISHED:
            lines.append(f"  {state} --> [*]")
    return "\n".join([*lines, "```"])


SECTIONS = {
    "header": lambda: layout(
        records.HEADER, ("type", "version", "length", "seq", "boot_id", "time_us"), MEANINGS["header"]
    ),
    "records": record_tables,
    "enumerations": enumeration_table,
    "example": example,
    "messages": message_tables,
    "host states": lambda: states_of(host_states.HOST, host_states.HANDSHAKE),
    "device states": lambda: states_of(device_states.DEVICE, device_states.CLOSED),
    "limits": lambda: table(
        ("name", "value", "meaning"),
        ((f"`{name}`", getattr(module, name), why) for module, name, why in LIMITS),
    ),
}


def filled(document: str) -> str:
    """The document with its tables as the code has them. Raises ValueError if a mark is missing."""
    for name, make in SECTIONS.items():
        marks = re.compile(f"(<!-- {name} -->\n).*?(\n<!-- end {name} -->)", re.DOTALL)
        if len(marks.findall(document)) != 1:
            raise ValueError(f"protocol.md has not one place for {name}")
        made = make()
        document = marks.sub(lambda found, made=made: found[1] + made + found[2], document)
    return document


def main() -> None:
    DOCUMENT.write_text(filled(DOCUMENT.read_text()))


if __name__ == "__main__":
    main()
