"""The tables of `detect`: their columns are the keys of its objects, those of nested ones side by side."""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from twitchwatch.analysis.live_rate import CLASSES
from twitchwatch.views.recordings import (
    DetectedBout,
    DetectedBurst,
    DetectedCandidate,
    DetectedGap,
    DetectedMovement,
    Found,
    RefusedView,
    Summary,
)
from twitchwatch.views.shape import View, kinds

Cell = str | int | float | bool | None
Row = dict[str, Cell]

_BETWEEN = "; "


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name with its unit, the type of its cells, and what it means."""

    name: str
    cells: type
    meaning: str


def _columns(view: type[View]) -> list[Column]:
    """The columns of one kind of object, in the order of its keys."""
    hints = get_type_hints(view, include_extras=True)
    found = []
    for one in fields(view):
        hint, meaning = hints[one.name], "`" + "`, `".join(kinds(view)) + "`"
        if get_origin(hint) is Annotated:
            hint, meaning = get_args(hint)[:2]
        if get_origin(hint) in (Union, UnionType):
            hint = next(part for part in get_args(hint) if part is not NoneType)
        if isinstance(hint, type) and issubclass(hint, View):
            found += [
                Column(f"{one.name}_{inner.name}", inner.cells, f"{_before_colon(meaning)}: {inner.meaning}")
                for inner in _columns(hint)
            ]
        elif get_origin(hint) is dict:
            found += [Column(f"{one.name}_{name}", int, f"count of bursts: `{name}`") for name in CLASSES]
        else:
            plain = str if get_origin(hint) in (Literal, list) else hint
            found.append(Column(one.name, plain, meaning))
    return found


def _before_colon(meaning: str) -> str:
    return meaning.partition(":")[0].partition(", or null")[0]


def _joined(*views: type[View]) -> tuple[Column, ...]:
    """The columns of several kinds; one that not all have, or that means something else for some, says so."""
    found: dict[str, Column] = {}
    names = [", ".join(f"`{name}`" for name in kinds(view)) for view in views]
    columns = [_columns(view) for view in views]
    for own, mine in zip(names, columns, strict=True):
        for column in mine:
            known = found.get(column.name)
            meaning = column.meaning
            if known is not None and column.name == "kind":
                meaning = f"{known.meaning}, {meaning}"
            elif known is not None and meaning in known.meaning:
                continue
            elif known is not None:
                meaning = f"{known.meaning}; {own}: {meaning}"
            elif not any(column.name in (one.name for one in others) for others in columns if others != mine):
                meaning = f"{own}: {meaning}"
            found[column.name] = Column(column.name, column.cells, meaning)
    return tuple(found.values())


_FILE = Column("source", str, "file name; relative to the folder, if one was given")
_SITE = Column("site", str, "where the sensor was worn, as stated by `--site`")
_HASH = Column("sha256", str, "SHA-256 of the file, hexadecimal; empty for standard input")
_VERSION = Column("twitchwatch_version", str, "version of the program")
_REFUSED = Column("refused", str, "why the file could not be read; all measured columns are then empty")


def _placed(first: tuple[Column, ...], columns: tuple[Column, ...]) -> tuple[Column, ...]:
    known = {column.name for column in first}
    return (*first, *(column for column in columns if column.name not in known))


EVENTS = _placed(
    (_FILE, _SITE), _joined(DetectedBurst, DetectedMovement, DetectedBout, DetectedGap, DetectedCandidate)
)
"""One row for each event, bout and gap: what does not apply to its kind is empty."""

SUMMARY = (
    *_placed((_FILE, _SITE, _HASH), tuple(column for column in _columns(Summary) if column.name != "kind")),
    _VERSION,
    _REFUSED,
)
"""One row for each file."""


def event_row(line: Found, site: str | None) -> Row:
    """The cells of an event, a bout or a gap."""
    return {**_flat(line), "site": site}


def summary_row(one: Summary, sha256: str | None, version: str) -> Row:
    """The cells of a recording."""
    return {**_flat(one), "sha256": sha256, "twitchwatch_version": version}


def refused_row(one: RefusedView, site: str | None, sha256: str | None, version: str) -> Row:
    """The cells of a file that could not be read."""
    return {
        "source": one.source,
        "site": site,
        "sha256": sha256,
        "twitchwatch_version": version,
        "refused": one.message,
    }


def _flat(view: View) -> Row:
    row: Row = {}
    for name, value in view.as_json().items():
        _lay(row, name, value)
    return row


def _lay(row: Row, name: str, value: Any) -> None:
    if isinstance(value, dict):
        for inner, cell in value.items():
            _lay(row, f"{name}_{inner}", cell)
    else:
        row[name] = _BETWEEN.join(map(str, value)) if isinstance(value, list) else value
