"""When recordings begin, as it is stated for one or for each of several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from twitchwatch.errors import UsageError
from twitchwatch.laboratory.files import Named
from twitchwatch.recording.stated import Stated, moment


@dataclass(frozen=True, slots=True)
class Starts:
    """alone: of a single recording. by_name: of several, by the name of the file."""

    alone: datetime | None = None
    by_name: Mapping[str, datetime] = field(default_factory=dict)

    def check(self, files: Sequence[Named]) -> None:
        """Raise UsageError if these are not the starts of `files`."""
        if self.alone is not None and len(files) > 1:
            raise UsageError(
                f"--start is the start of a single recording, but there are {len(files)}: write --start "
                "NAME=TIME for each, such as --start night.csv=2026-03-01T23:00:00+01:00."
            )
        for name in self.by_name:
            called = sum(_is_called(file, name) for file in files)
            if called != 1:
                raise UsageError(
                    f"--start {name}=...: {'several recordings are' if called else 'no recording is'} called "
                    "that. Write the path as you gave it, or below the folder."
                )

    def of(self, file: Named, stated: Stated) -> Stated:
        """What is stated about this file."""
        mine = next((start for name, start in self.by_name.items() if _is_called(file, name)), self.alone)
        return stated if mine is None else replace(stated, start=mine)


def starts_of(given: Iterable[str]) -> Starts:
    """From the command line: TIME, or NAME=TIME. Raises UsageError if one cannot be used."""
    alone: datetime | None = None
    by_name: dict[str, datetime] = {}
    for text in given:
        name, equals, time = text.rpartition("=")
        if equals:
            by_name[name] = moment(time)
        elif alone is None:
            alone = moment(text)
        else:
            raise UsageError("--start was given twice: write NAME=TIME for each recording.")
    return Starts(alone, by_name)


def _is_called(file: Named, name: str) -> bool:
    return name in (file.label, str(file.path), file.path.name)
