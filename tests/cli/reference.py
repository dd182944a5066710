"""The generated parts of docs/cli.md: commands, options, exit codes, JSON keys.

    python -m tests.cli.reference        rewrites them

The tests hold the keys below against what the commands really print, and the page against this.
"""

from __future__ import annotations

import re
from inspect import cleandoc
from pathlib import Path

import click

from twitchwatch.analysis.board_faults import PARTS, RESTART_CAUSES
from twitchwatch.cli.main import COMMANDS, program
from twitchwatch.errors import Exit

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"

EXIT_CODES = {
    Exit.OK: "done",
    Exit.BUG: "a bug in twitchwatch",
    Exit.USAGE: "the command, an option or a recording cannot be used as given",
    Exit.CONFIGURATION: "something on this computer is missing or set wrongly, such as the database",
    Exit.DEVICE: "the sensor or the Bluetooth adapter cannot be reached",
    Exit.INTEGRITY: "stored data is damaged, or newer than this program",
    Exit.ATTENTION: "there is a finding that nobody has acknowledged (`flags --check`)",
    130: "stopped by Ctrl-C",
    141: "whoever read the output went away, as `head` does",
}


_TIMES = {"start_s": "onset, seconds from the first sample", "duration_s": "seconds"}
_BURST = {
    "peak_mg": "greatest acceleration, gravity taken out",
    "noise_mg": "noise of one axis at that time, rms",
}
_AXIS = {"axis": "the sensor's axis with most of the motion: x, y or z"}
_TREMOR = {
    "peak_mg": "rms of the strongest window of 3.7 s",
    "frequency_hz": "mean",
    "spread_hz": "mean deviation from it",
    "amplitude_mg": "rms, mean over the bout",
    "amplitude_dps": "the same of the turning; null without a gyroscope",
    "cycles": "duration times frequency",
}
_FAULTS = "`clipped`, `stuck`, `gravity`, `hum`, `lost`, `turned`, `remounted`, `settings`, `rate`"
_INPUT = f"what was wrong with samples anywhere: {_FAULTS}"
_RESTARTS = ", ".join(f"`{cause.name}`" for cause in RESTART_CAUSES)
_PARTS = ", ".join(f"`{part.name}`" for part in PARTS)
_WHERE = {
    "device": "the sensor's name",
    "night": "date of the night's evening, local time",
    "utc": "when it began, ISO 8601",
}
_WHEN = {
    **_WHERE,
    "utc_error_s": "the most that `utc` may be wrong by",
    "duration_s": "seconds",
}
_RECORD = {
    "boot_id": "the start of the sensor that it belongs to",
    "sample": "onset, in samples (104 Hz) since that start",
    "seq": "number of its record",
    "snippet_seq": "number of the record with its waveform, or null",
}
_SECOND_LOOK = (
    "what the host makes of the waveform, or null: `kind`, `certain` (then it counts as that), `explained`"
    " (share of its energy in a twitch's shapes), `left` (the rest, over noise), `reason` in words"
)
_TOLD = {
    "told": "the kind that the sensor gave it",
    "reason": "of a movement: `tilt`, `vigorous`, `rhythmic`; else null",
    "second_look": _SECOND_LOOK,
}
_DEVICE = {
    "device": "the sensor's name",
    "number": "its number in this database",
    "hardware_id": "as the sensor gives it",
    "log_id": "changes when the sensor's memory is formatted",
}
_BOARD = {
    "port": "serial port",
    "board": "which of our boards it is",
    "machine": "what MicroPython calls it",
    "micropython": "its version",
    "hardware_id": "the chip's own number",
}
_DETECTED = {**_TIMES, **_BURST, **_AXIS, "second_look": _SECOND_LOOK}
_LOGGED = {**_WHEN, **_BURST, **_AXIS, **_RECORD, **_TOLD}

SHAPES: dict[str, dict[str, dict[str, str]]] = {
    "detect": {
        "twitch": _DETECTED,
        "jerk": _DETECTED,
        "spasm": _DETECTED,
        "movement": {
            **_TIMES,
            **_BURST,
            "reason": "`tilt`: gravity turned; `vigorous`: strong for longer than a jerk; `rhythmic`: it"
            " kept a rhythm of 3-12 Hz",
            "tilt_mg": "greatest turn of gravity within a second",
        },
        "tremor": {**_TIMES, **_TREMOR},
        "gap": {
            **_TIMES,
            "bridged": "true: at most 1 s, filled by a straight line; false: longer, detection restarted",
        },
        "summary": {
            "source": "file name",
            "rate_hz": "the recording's own sampling rate",
            "duration_s": "its length: rest_s + moving_s + not_worn_s + unusable_s + lost_s",
            "rest_s": "seconds at rest, those in tremor included",
            "moving_s": "seconds of posture change or voluntary motion, until 2 s after it",
            "not_worn_s": "seconds without the faint motion that a living hand always has",
            "lost_s": "seconds in gaps of more than 1 s",
            "unusable_s": "seconds at rest whose samples were of no use: stuck, beyond the range, not at 1 g",
            "tremor_s": "of `rest_s`: in a tremor already recognised, where no twitch can be seen",
            "bridged_s": "of rest and motion: in gaps of at most 1 s",
            "noise_mg": "median noise at rest, rms of one axis; null without rest",
            "input": _INPUT,
            "detection_limit_mg": "about the smallest twitch that this noise lets the detector see",
            "twitches": "count",
            "tremors": "count of bouts",
            "jerks": "count",
            "spasms": "count",
            "movements": "count",
            "absorbed": "bursts that were a tremor's own swings, and are not counted above",
            "detector_version": "version of the detector",
            "parameters_crc": "CRC-32 of its settings",
        },
    },
    "flash": {
        "flash": {
            **_BOARD,
            "image": "file of MicroPython that was written, or null",
            "copied": "files that were copied",
            "copied_bytes": "their size",
            "kept": "count of files that were up to date",
            "removed": "files that were in the way, or not ours in our folders",
            "name": "what the band was called now, or null",
            "key": "`kept`: band and computer shared one; `made`: the first; `renewed`: the band had another",
            "checks": "what the self-test found: objects with `part`, `good`, `says`, `remedy`",
            "works": "true: every part that was tested is good",
        },
        "flash_check": {
            **_BOARD,
            "same": "count of files that are this package's",
            "differing": "files that differ",
            "missing": "files that are not there",
            "foreign": "files in our folders that are not ours, or that would be found instead",
            "current": "true: the board holds this package",
        },
    },
    "alerts": {
        "alert": {
            "key": "what it was about",
            "urgency": "`finding`, `fault`, `doctor` or `at_once`",
            "title": "its title",
            "sent_utc": "when it was said",
            "unanswered_utc": "when again, because nobody answered, or null",
            "over_utc": "when it was said that it is over, or null",
            "channels": "list: those that took it",
        },
    },
    "journal": {
        "journal": {
            "night": "date of the evening",
            "sealed": "true: what is noted now comes too late to count",
            "sealed_utc": "when the entry was or will be sealed",
            "values": "fields as they stood then, by name with unit",
            "later": "fields changed afterwards; null where one was taken out",
        },
    },
    "triggers": {
        "trigger": {
            "factor": "a field of the journal",
            "answer": "`more`, `fewer`, `unclear`, `cannot_say`",
            "nights": "count of nights it rests on",
            "step": "difference that `ratio` is told for, in the field's unit",
            "ratio": "the rate with `step` more over the rate without",
            "interval": "95 % interval of it",
            "p_value": "corrected for the number of factors",
            "reason": "why it cannot say, or null",
        },
    },
    "plan": {
        "plan": {
            "plan": "`four-weeks` or `two-weeks`",
            "first_night": "date of its first evening",
            "phase": "of tonight, or null",
            "day": "of the phase, from 1, or null",
            "to_do": "what to do tonight",
            "changes": "phase: comparison with the first week, or with the weeks before",
        },
    },
    "experiment": {
        "experiment": {
            "experiment": "its name",
            "first_night": "date of its first evening",
            "evenings": "count of evenings with a lot",
            "tonight": "what the lot wants tonight, or null",
            "verdict": "with, beside without: `more`, `fewer`, `unclear`, `cannot_say`",
            "nights": "counts of nights without and with",
            "ratio": "of the rates",
            "interval": "95 % interval of it",
            "p_value": "share of all ways of drawing the lots that differ as much",
            "reason": "why it cannot say, or null",
            "kept": "evenings that followed the lot",
            "broken": "evenings that did not",
            "unknown": "evenings of which the journal does not tell",
        },
    },
    "events": {
        "twitch": _LOGGED,
        "jerk": _LOGGED,
        "spasm": _LOGGED,
        "disturbance": _LOGGED,
        "unclear": _LOGGED,
        "movement": {**_LOGGED, "axis": "of no meaning here"},
        "tremor": {
            **_WHEN,
            "frequency_hz": _TREMOR["frequency_hz"],
            "spread_hz": _TREMOR["spread_hz"],
            "amplitude_mg": _TREMOR["amplitude_mg"],
            "peak_mg": _TREMOR["peak_mg"],
            "amplitude_dps": _TREMOR["amplitude_dps"],
            "cycles": _TREMOR["cycles"],
            **_RECORD,
            "shown": "whether its waveform swings at that frequency; null without one",
        },
        "mark": {**_WHERE, "seq": "number of its record"},
        "gap": {
            **_WHERE,
            "duration_s": "seconds",
            "what": "`samples` or `records`",
            "cause": "why they were lost, in words",
            "count": "how many were lost",
            "seq": "number of its record",
        },
    },
    "nights": {
        "night": {
            "device": "the sensor's name",
            "hardware_id": "as the sensor gives it",
            "date": "of its evening, local time; a night goes from noon to noon",
            "start_utc": "the first noon, ISO 8601",
            "end_utc": "the second",
            "twitches": "count",
            "twitches_per_hour": "of `rest_h`; null without rest",
            "interval_low": "95 % interval of it, lower end; how the counts cluster is learnt from 28 nights",
            "interval_high": "upper end",
            "dispersion": "variance over mean of hourly counts, as known that night: 1 would be chance",
            "rest": "`enough` (2 h), `little`, or `none`",
            "left_out": "why the night is left out of trends, or null",
            "rest_h": "hours in which a twitch could have been seen: at rest, without tremor",
            "tremor_h": "hours at rest in a tremor already recognised",
            "moving_h": "hours",
            "not_worn_h": "hours",
            "unusable_h": "hours at rest whose samples were of no use; no part of `rest_h`",
            "lost_h": "hours while the sensor ran that left no trace",
            "off_h": "hours between two runs of the sensor, worn before and after",
            "coverage": "observed share of the time from first to last worn minute, 0 to 1",
            "wear": "`worn`, `not worn`, or `unknown` where the chip's noise hid it for most of the rest",
            "unknown_h": "hours of `rest_h` in which the sensor may not have been worn",
            "input_minutes": f"in how many minutes something was wrong with the samples: {_FAULTS}",
            "restarts": f"object: restarts of the sensor by cause, those that happened: {_RESTARTS}",
            "broken": f"list: parts of its board that the sensor reported as broken: {_PARTS}",
            "noise_mg": "median noise at rest, rms of one axis; null without rest",
            "detection_limit_mg": "about the smallest twitch that this noise let the sensor see",
            "clock_error_s": "the most that any time in this night may be wrong by",
            "asleep": "object as one of `hours`: without the time in which the hand moved as if awake; what "
            "nights are compared by",
            "awake": "object: that time; null where there was none",
            "onset": "object: the first hour asleep; null where no sleep was seen",
            "settled": "object: what followed it",
            "jerks": "count",
            "spasms": "count",
            "movements": "count",
            "absorbed": "bursts that were a tremor's own swings, and are not counted above",
            "marks": "times (ISO 8601) at which the sensor's button was pressed",
            "tremor": "bouts, as `events` prints them, without `device` and `night`",
            "hours": "list: start_utc, twitches, rest_h, twitches_per_hour",
            "gaps": "list: utc, what, cause, count, duration_s",
            "unread_records": "of a newer kind: kept, and not understood by this version",
            "firmware": "versions",
            "detector_versions": "versions",
            "settings": "CRC-32 of the detector's parameters in force, in hexadecimal",
            "analysis_version": "version of the analysis",
        }
    },
    "flags": {
        "flag": {
            "id": "its number, for `flags ack`",
            "flag": "what kind of finding; docs/findings.md lists them",
            "scope": "`night`, or `nights` for a finding across nights",
            "key": "stays the same when the finding is derived again",
            "device": "the sensor's name",
            "hardware_id": "as the sensor gives it",
            "night": "date of its first evening; null for a sensor that fell silent",
            "last_night": "date of its last evening so far, or null",
            "since_utc": "where it begins, ISO 8601",
            "resolved_utc": "when what takes it back came true, or null",
            "state": "`new`, `acknowledged` or `resolved`",
            "urgency": "`note`, `finding`, `doctor` or `at_once`",
            "confidence": "`low`, `moderate` or `high`",
            "words": "what was seen",
            "may_mean": "what it may mean",
            "to_try": "what to try",
            "see_doctor": "when to see a doctor; may be empty",
            "taken_back_by": "what would end the finding",
            "evidence": "object: figures, with their units in their names",
            "statistics": "object: the test behind it",
            "records": "numbers of the records it rests on",
            "waveforms": "numbers of the records that hold their waveforms",
            "versions": "object: analysis, firmware, detector that it was derived by",
        }
    },
    "reanalyse": {
        "change": {
            "what": "`night` or `finding`",
            "key": "which: sensor, log and date, or the finding's number",
            "change": "`new`, `changed` or `gone`",
            "before": "object: what differs, as it was",
            "after": "object: the same keys, as they are now",
        }
    },
    "devices": {
        "device": {
            **_DEVICE,
            "first_seen_utc": "ISO 8601",
            "last_seen_utc": "ISO 8601",
            "records": "how many are stored",
            "paired": "true: it shares a key with this computer",
        }
    },
    "settings show": {
        "setting": {
            "device": "the sensor's name",
            "hardware_id": "as the sensor gives it",
            "name": "of the setting",
            "value": "what the sensor told last, or null",
            "default": "what it is unless it was changed",
            "asked": "what was asked for and does not hold, or null",
            "state": "`waits`, `refused: ...`, or null where nothing was asked for",
            "least": "lower limit; null for text",
            "greatest": "upper limit; null for text",
            "unit": "of the value",
            "reason": "why it is so by default",
            "source": "what the reason rests on",
        }
    },
    "capture": {
        "capture": {
            "device": "the sensor's name",
            "path": "of the file",
            "samples": "how many have come",
            "lost": "how many were lost on the way",
            "duration_s": "seconds from the first to the last",
            "axes": "3, or 6 with a gyroscope",
        }
    },
    "status": {
        "database": {"path": "of the file", "bytes": "its size", "devices": "how many follow"},
        "device": {
            **_DEVICE,
            "last_seen_utc": "ISO 8601",
            "records": "how many are stored",
            "last_record_utc": "when the newest was received; null where there is none",
            "unread": "records of a newer kind: kept, and not understood by this version",
            "damaged": "records that came damaged",
            "missing": "records that the sensor no longer had",
            "conflicts": "records that came twice with different content; the first was kept",
            "last_sync": "null, or an object: started_utc, ended_utc, transport, outcome, records, unread, "
            "damaged; ended_utc and outcome are null while it lasts, or where it was cut short",
            "board": "what the sensor last reported of its board, as below; null if it has not",
        },
        "board": {
            "boot_id": "the start of the sensor that it belongs to",
            "uptime_s": "seconds since that start",
            "reset_cause": "why it started, in words",
            "battery_mv": "the cell's voltage; null if it is not measured",
            "battery_low": "true: it is about to switch itself off",
            "usb": "true: a computer is at the cable",
            "unsynced": "true: its records have waited longer than the setting `unsynced_h` allows",
            "sensor_works": "false: nothing is recorded",
            "sensor_fault": "what is wrong with the sensor, in words, or null",
            "memory_used_kib": "what its log takes",
            "memory_kib": "what its log may take",
            "memory_state": "of the log at the last start: `kept`, `new`, `repaired`, `reformatted`, or null",
            "handler_faults": "exceptions caught in interrupt handlers since the start",
            "awake_percent": "share of time awake since the status before; 2 to 7 is normal; or null",
            "early_wakes": "light sleeps that ended early since the status before, or null",
            "dropped_gpio": "pin that no longer ends a sleep because it did so for no reason, or null",
            "radio_failures": "starts of the radio that failed, or null",
            "restarts": f"null, or an object: restarts by cause as the board remembers: {_RESTARTS}",
            "restarts_recent": "null, or an object: the same of at most a week, with `since_utc`",
            "free_heap_bytes": "Python heap: free after a collection, with the room that it may grow into",
            "heap_lowest_bytes": "Python heap: least free since the status before, or null",
            "idf_free_bytes": "free memory outside the Python heap, which the radio needs, or null",
            "idf_largest_block_bytes": "its largest block, or null",
            "idf_free_lowest_bytes": "least free since the status before, or null",
            "idf_largest_block_lowest_bytes": "smallest largest block since then, or null",
            "broken": f"list of parts that do not work: {_PARTS}",
            "broken_recent": "null, or an object: `reports` of the last day, and in how many of them each "
            "broken part was",
            "reported": "list: the board's own words on what is wrong",
            "last_crash": "null, or an object: `boot_id` of the start that reported it, `in_a_row`, `words`",
            "advice": "list of objects, the most urgent first: `urgency` (`now`: records are being "
            "lost, `soon`, `note`), `part`, `words`, `remedy`",
        },
    },
}


# Objects within a line, and not lines.
NESTED = {"board"}


def commands() -> str:
    """Each command with its arguments and options."""
    return "\n".join(_command(name) for name in COMMANDS)


def _command(name: str) -> str:
    with click.Context(program, info_name="twitchwatch", **program.context_settings) as parent:
        command = program.get_command(parent, name)
        assert command is not None
        own = _described(name, command, parent)
        if not isinstance(command, click.Group):
            return own
        below = [_described(f"{name} {one}", under, parent) for one, under in command.commands.items()]
        return "\n".join([own, *below])


def _described(name: str, command: click.Command, parent: click.Context) -> str:
    with click.Context(command, info_name=name, parent=parent) as context:
        usage = f"twitchwatch {name} {' '.join(command.collect_usage_pieces(context))}"
        help_text = cleandoc(command.help or "")
        options = [
            record
            for parameter in command.get_params(context)
            if isinstance(parameter, click.Option) and (record := parameter.get_help_record(context))
        ]
    verbatim = re.sub(r"\x08\n((?:.+\n?)+)", lambda found: f"```\n{found[1].rstrip()}\n```", help_text)
    rows = "\n".join(f"| `{spelt}` | {told} |" for spelt, told in options)
    return f"### {name}\n\n`{usage}`\n\n{verbatim}\n\n| option | |\n| --- | --- |\n{rows}\n"


def exit_codes() -> str:
    """The table of exit codes."""
    rows = [f"| {int(code)} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    return "\n".join(["| code | meaning |", "| --- | --- |", *rows]) + "\n"


def json_keys() -> str:
    """The keys of each object, in order; kinds with the same keys share a table."""
    parts = []
    for command, shapes in SHAPES.items():
        parts.append(f"### {command} --json\n")
        alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for kind, keys in shapes.items():
            alike.setdefault(tuple(keys.items()), []).append(kind)
        for keys_and_meanings, kinds in alike.items():
            named = ", ".join(f"`{kind}`" for kind in kinds)
            parts.append(f"{named}, an object of its own:\n" if kinds[0] in NESTED else f"`kind` {named}:\n")
            rows = [f"| `{key}` | {meaning} |" for key, meaning in keys_and_meanings]
            parts.append("\n".join(["| key | meaning |", "| --- | --- |", *rows]) + "\n")
    return "\n".join(parts)


GENERATED = {"commands": commands, "exit codes": exit_codes, "json": json_keys}


def renewed(page: str) -> str:
    """The page with its generated parts as they should be."""
    for name, part in GENERATED.items():
        begin, end = f"<!-- {name}: generated by tests/cli/reference.py -->", f"<!-- end of {name} -->"
        before, rest = page.split(begin)
        _, after = rest.split(end)
        page = f"{before}{begin}\n\n{part()}\n{end}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
