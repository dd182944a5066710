"""The tables of protocol.md, made from the code that packs the bytes.

Usage: python -m tests.protocol.tables    (writes them between the marks in shared/protocol/protocol.md)
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from pathlib import Path

from shared.protocol import (
    batch,
    device_states,
    framing,
    host_states,
    messages,
    records,
    session,
    snippets,
    sync,
    tie,
    watermarks,
)

DOCUMENT = Path(__file__).parents[2] / "shared" / "protocol" / "protocol.md"
TYPES = {"B": "u8", "H": "u16", "h": "i16", "I": "u32", "Q": "u64"}

SAMPLE = "sample index of the onset in this boot, modulo 2^30"
MEANINGS: dict[str, dict[str, str]] = {
    "header": {
        "type": "record type, below",
        "version": "version of the body's layout, from 1",
        "length": "bytes, whole record: header, body, tail and CRC; 24 to 1024",
        "seq": "number of the record in its log; rises, over all boots",
        "boot_id": "number of the boot that wrote it",
        "time_us": "us, device time since that boot",
    },
    "event": {
        "kind": "what it was: event kind, below",
        "axis": "dominant axis: 0 x, 1 y, 2 z",
        "reason": "why it was judged so: event reason, below",
        "flags": "0",
        "sample": SAMPLE,
        "duration_ms": "ms",
        "peak_ug": "ug, greatest acceleration, gravity removed",
        "noise_ug": "ug rms, one axis, noise floor at that time",
        "tilt_ug": "ug, greatest change of gravity along one axis",
    },
    "tremor": {
        "sample": SAMPLE,
        "duration_ms": "ms, first rhythmic window to the last",
        "frequency_milli_hz": "0.001 Hz",
        "spread_milli_hz": "0.001 Hz, spread of the frequency over the bout",
        "amplitude_ug": "ug, typical",
        "peak_ug": "ug, greatest",
        "cycles": "oscillations, held at 65535",
        "flags": "1: continues the bout before, which was too long for one record",
        "amplitude_mdps": "0.001 degrees/s rms, typical turning; 0 without a gyroscope",
    },
    "epoch": {
        "sample": "sample index of the minute's begin in this boot, modulo 2^30",
        "rest_ms": "ms in which a twitch could have been seen",
        "moving_ms": "ms",
        "not_worn_ms": "ms",
        "lost_ms": "ms without samples",
        "noise_ug": "ug rms, one axis, noise floor",
        "tremor_ms": "ms within tremor bouts",
        "twitches": "count",
        "jerks": "count",
        "spasms": "count",
        "movements": "count",
        "gravity_x_mg": "mg, mean posture",
        "gravity_y_mg": "mg",
        "gravity_z_mg": "mg",
        "battery_mv": "mV",
        "temperature_centi_c": "0.01 degrees C",
        "flags": "worn or not: epoch flags, below",
        "unusable_ms": "ms at rest whose samples could not be used; no part of `rest_ms`",
        "input": "what was wrong with the samples: sum of epoch input bits, below",
    },
    "snippet": {
        "event_seq": "`seq` of the event that it shows",
        "sample": "index of its first sample in this boot, modulo 2^30",
        "rate_milli_hz": "0.001 Hz, rate of its samples",
        "lsb_nano_g": "ng per unit of a sample",
        "count": "samples in the tail",
        "encoding": "of the tail: snippet encoding, below",
    },
    "boot": {
        "firmware_major": "firmware version",
        "firmware_minor": "",
        "firmware_patch": "",
        "reset_cause": "why the board started: reset cause, below",
        "detector_version": "version of the detector's kernels",
        "log_state": "what was found of the log: boot log state, below",
        "chip": "sensor chip; 255 where none answered",
        "parameters_crc": "CRC-32 of the detector's parameters",
        "rate_milli_hz": "0.001 Hz, sample rate",
        "lsb_nano_g": "ng per LSB of acceleration",
        "free_heap": "bytes",
        "recovered": "records held in the log at boot",
    },
    "gap": {
        "what": "what was lost: gap what, below",
        "cause": "why: gap cause, below",
        "first": "index of the first lost sample, or `seq` of the first lost record",
        "count": "how many were lost",
        "duration_ms": "ms that they spanned, 0 where unknown",
    },
    "mark": {"source": "what was pressed; 0 is the board's button"},
    "anchor": {
        "utc_us": "us since 1970 UTC, at the header's `time_us`",
        "uncertainty_us": "us, give or take",
    },
    "status": {
        "uptime_s": "s since that boot",
        "free_heap": "bytes, after a collection",
        "waiting": "records held in the log, acknowledged or not",
        "battery_mv": "mV; 65535 where it is not measured",
        "log_used_kib": "KiB that the log's segments take",
        "log_kib": "KiB that they may take",
        "faults": "exceptions caught in interrupt handlers and sessions since that boot, held at 65535",
        "reset_cause": "why the board started: reset cause, below",
        "sensor": "sensor state, below",
        "flags": "bits: status flags, below",
        "awake_permille": "0.1 %, share of time awake since the last status; 65535 if not known",
        "early_wakes": "light sleeps that returned early, without a cause, since the last status",
        "dropped_pin": "GPIO that no longer ends a sleep because of that; 255 if none",
        "radio_failures": "starts of the radio that failed, as long as the board remembers",
        "panics": "restarts after a panic, as long as the board remembers",
        "brown_outs": "restarts after the supply broke down, likewise",
        "watchdogs": "restarts by the watchdog, likewise",
        "exceptions": "restarts after an exception of the application, likewise",
        "power_ons": "times that the board was switched on, likewise",
        "heap_lowest": "bytes, Python heap: least that was free since the last status; 0 if not known",
        "idf_free": "bytes, memory outside the Python heap that is free; 0 if not known",
        "idf_largest": "bytes, largest block of it: what the radio needs in one piece comes from here",
        "idf_free_lowest": "bytes, least of `idf_free` since the last status",
        "idf_largest_lowest": "bytes, least of `idf_largest` since the last status",
        "broken": "bits: broken parts, below",
    },
    "settings": {
        "what": "settings what, below",
        "settings_version": "of the table that explains the names: detector version, or that of settings.py",
    },
    "crash": {"in_a_row": "how many times the application has failed since it last ran for a good while"},
    "hello": {"protocol": "version of this page: 2", "host_id": "the host's own number, random, kept"},
    "prove": {},
    "host_sealed": {"counter": "of this direction, from 0; rises with every frame"},
    "device_sealed": {"counter": "of this direction, from 0; rises with every frame"},
    "challenge": {"protocol": "version of this page: 2"},
    "change": {"token": "repeated in the answer"},
    "capture": {"on": "1: send raw samples; else 0"},
    "changed": {"token": "of the CHANGE", "result": "changed result, below"},
    "captured": {
        "sample": "index of the first sample in this boot, modulo 2^30",
        "time_us": "us, device time of that sample",
        "rate_milli_hz": "0.001 Hz",
        "lsb_nano_g": "ng per unit of acceleration",
        "lsb_micro_dps": "0.000001 degrees a second per unit of turning; 0 without a gyroscope",
        "axes": "3, or 6 with a gyroscope",
    },
    "fetch": {
        "stream": "the host's number for this question; every answer repeats it",
        "from_seq": "send what the log has from here on",
        "window": "most `seq` beyond the last acknowledgement",
    },
    "ack": {"upto_seq": "everything below is committed to the host's disk"},
    "ping": {"token": "repeated in the answer"},
    "host anchor": {
        "time_us": "us, device time",
        "utc_us": "us since 1970 UTC at that time",
        "uncertainty_us": "us, half of the round trip",
    },
    "mode": {"live": "1: stay connected; else 0"},
    "bye": {},
    "welcome": {
        "protocol": "version of this page: 2",
        "flags": "bit 0 (LIVE): the link stays up",
        "log_id": "drawn when the log is made; another number is another log",
        "boot_id": "this boot",
        "time_us": "us, device time",
        "first_seq": "oldest record held",
        "next_seq": "`seq` of the next record to be logged",
        "id_bytes": "bytes of the hardware id in the tail",
    },
    "records": {
        "stream": "of the FETCH that is answered",
        "from_seq": "the tail holds everything the log has in [from_seq, upto_seq)",
        "upto_seq": "end of that range; greater than `from_seq`",
    },
    "caught_up": {"stream": "of the FETCH that is answered", "next_seq": "the log ends before this"},
    "pong": {"token": "of the PING", "time_us": "us, device time when it was read"},
    "refused": {"reason": "refused reason, below"},
}

# The types come first in messages.py; flags and reasons that have the same number come behind.
MESSAGE_NAMES: dict[int, str] = {}
for _name, _value in vars(messages).items():
    if _name != "PROTOCOL" and isinstance(_value, int) and _value in messages.FORMS:
        MESSAGE_NAMES.setdefault(_value, _name)

ENUMERATIONS = {
    "Event kind": (records, ("TWITCH", "JERK", "SPASM", "MOVEMENT")),
    "Event reason": (records, ("REASON_NONE", "REASON_TILT", "REASON_VIGOROUS", "REASON_RHYTHMIC")),
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
    "Status, where nothing is known": (records, ("AWAKE_UNKNOWN", "PIN_NONE")),
    "Broken parts": (records, tuple(name for name in vars(records) if name.startswith("PART_"))),
    "Refused reason": (messages, ("OTHER_PROTOCOL", "NOT_GREETED", "NOT_PAIRED", "WRONG_PROOF")),
    "Settings what": (records, ("DEVICE_SETTINGS", "DETECTOR_PARAMETERS")),
    "Changed result": (
        messages,
        ("APPLIED", "NOT_VALID", "NOT_STORED", "NOT_UNDERSTOOD"),
    ),
}

LIMITS = (
    (records, "MAX_RECORD_BYTES", "longest record"),
    (framing, "MAX_PAYLOAD_BYTES", "longest payload of a frame"),
    (framing, "MAX_STUFFED_BYTES", "longest frame in the stream; more is thrown away up to the next zero"),
    (session, "MAX_REPLIES", "answers that a device holds; further questions go unanswered"),
    (session, "MAX_CAPTURED", "frames of raw samples that it holds; more are lost"),
    (watermarks, "PATIENCE_S", "s of the device's running time until an absent host is no longer waited for"),
    (watermarks, "HOLD_PERCENT", "per cent of the flash that are held for the slowest of several hosts"),
    (sync, "WINDOW", "records that a host lets be under way"),
    (batch, "COMMIT_RECORDS", "records that share one commit"),
    (batch, "COMMIT_AFTER_S", "s, the longest that a record waits for one"),
    (tie, "RETRY_S", "s without a byte until a host asks again; the n-th time n times as long"),
    (tie, "TRIES", "questions without gain until it gives up"),
    (sync, "STUCK", "contradictions without gain until it gives up"),
    (sync, "HEARTBEAT_S", "s without gain until a live link is asked again"),
    (sync, "PATIENCE_S", "s without gain until talk is given up"),
    (tie, "ANCHOR_EVERY_S", "s between anchors of a live link"),
)


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line).rstrip() + " |" for line in lines)


def layout(form: str, names: tuple[str, ...], meanings: dict[str, str], base: int = 0) -> str:
    """One row for each field; raises ValueError where meanings and fields differ."""
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
    "host states": lambda: states_of(host_states.HOST, host_states.GREETING),
    "device states": lambda: states_of(device_states.DEVICE, device_states.CLOSED),
    "limits": lambda: table(
        ("name", "value", "meaning"),
        ((f"`{name}`", getattr(module, name), why) for module, name, why in LIMITS),
    ),
}


def filled(document: str) -> str:
    """The document with its tables as the code has them. Raises ValueError where a mark is missing."""
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
