"""Withdrawal: everything about a wearer is removed, except the fact that somebody withdrew, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from twitchwatch.errors import OutputError, UsageError
from twitchwatch.study.folder import PART, Folder
from twitchwatch.study.pseudonyms import KeyFile
from twitchwatch.study.register import strike, wearers


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The pseudonym, and how many files were removed."""

    wearer: str
    files: int


def withdraw(folder: Folder, key: KeyFile, label: str, today: date) -> Withdrawn:
    """Remove all of a wearer's files, results and characteristics, and forget the label.

    The entry is struck first: from then on no pull and no run writes anything of this wearer. Raises
    UsageError for an unknown label.
    """
    pseudonym = key.pseudonym(label)
    files = 0
    try:
        known = strike(folder, pseudonym, today)
    except OutputError:
        # Without space for this: there is some without their data.
        files = _remove(folder, {pseudonym})
        known = strike(folder, pseudonym, today)
    if not known:
        raise UsageError(f"Nobody takes part under the label {label!r}.")
    files += sweep(folder)
    key.wearers.pop(label, None)
    key.save()
    return Withdrawn(pseudonym, files)


def sweep(folder: Folder) -> int:
    """Remove whatever is left of those who withdrew, such as a result under way; returns how many files."""
    gone = {one.wearer for one in wearers(folder) if one.withdrawn is not None}
    removed = _remove(folder, gone)
    for name in folder.names("wearers", PART):
        # An entry that was being written when its process was killed.
        if name.split("/")[-1].split(".")[0] in gone:
            removed += folder.remove(name)
    return removed


def _remove(folder: Folder, gone: set[str]) -> int:
    removed = sum(folder.remove(f"data/{wearer}") for wearer in sorted(gone))
    places = {name.rpartition("/")[0] for name in folder.names("results", "")}
    removed += sum(folder.remove(place) for place in sorted(places) if place.split("/")[-1] in gone)
    return removed
