"""Columns of tables: the keys of objects, those of nested ones side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from twitchwatch.views.shape import View, kinds

Cell = str | int | float | bool | None
Row = dict[str, Cell]

KINDS = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "true or false",
    datetime: "time (UTC, ISO 8601)",
    date: "date (ISO 8601)",
}
"""Types of cells, in words."""

ENDS = ("low", "high")

_BETWEEN = "; "


Keys = Mapping[str, Mapping[str, type]]
"""By field: the keys of its object, with the type of their values."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name with its unit, the type of its cells, and what it means.

    cells: `datetime` for times and `date` for nights, which rows have as ISO 8601 text.
    """

    name: str
    cells: type
    meaning: str


def columns_of(view: type[View], keys: Keys | None = None, without: Sequence[str] = ()) -> list[Column]:
    """The columns of one kind of object, in the order of its keys.

    keys: of the objects whose keys are known; an object of others is one column of JSON. without: fields to
    leave out. A pair of figures becomes two columns, a list of words one.
    """
    hints = get_type_hints(view, include_extras=True)
    found = []
    for one in fields(view):
        hint, meaning = hints[one.name], "`" + "`, `".join(kinds(view)) + "`"
        if one.name in without:
            continue
        if get_origin(hint) is Annotated:
            hint, meaning = get_args(hint)[:2]
        if get_origin(hint) in (Union, UnionType):
            hint = next(part for part in get_args(hint) if part is not NoneType)
        if isinstance(hint, type) and issubclass(hint, View):
            found += [
                Column(
                    f"{one.name}_{inner.name}", inner.cells, f"{_topic(one.name, meaning)}: {inner.meaning}"
                )
                for inner in columns_of(hint)
            ]
        elif keys and one.name in keys:
            found += [
                Column(f"{one.name}_{key}", cells, f"{_before_list(meaning)}: `{key}`")
                for key, cells in keys[one.name].items()
            ]
        elif get_origin(hint) is dict:
            found.append(Column(one.name, str, f"{meaning.removeprefix('object: ')}; as JSON"))
        elif hint == list[float]:
            found += [
                Column(f"{one.name}_{end}", float, f"{meaning.partition(',')[0]}, {words}")
                for end, words in zip(ENDS, ("lower end", "upper end"), strict=True)
            ]
        else:
            found.append(Column(one.name, _cells(one.name, hint), meaning))
    return found


def _cells(name: str, hint: Any) -> type:
    if name == "utc" or name.endswith("_utc"):
        return datetime
    if name in ("night", "last_night"):
        return date
    plain: type = str if get_origin(hint) in (Literal, list) else hint
    return plain


def _topic(name: str, meaning: str) -> str:
    """What an object is about, before what its key means."""
    topic = meaning.partition(":")[0].partition(", or null")[0]
    return name if topic.startswith("object") else topic


def _before_list(meaning: str) -> str:
    """What an object has, without the list of its keys."""
    words = meaning.removeprefix("object: ")
    return words.rpartition(":")[0] or words


def joined(*views: type[View]) -> tuple[Column, ...]:
    """The columns of several kinds; one that not all have, or that means something else for some, says so."""
    found: dict[str, Column] = {}
    names = [", ".join(f"`{name}`" for name in kinds(view)) for view in views]
    columns = [columns_of(view) for view in views]
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


def placed(first: tuple[Column, ...], columns: Sequence[Column]) -> tuple[Column, ...]:
    """These columns first, then the others, none twice."""
    known = {column.name for column in first}
    return (*first, *(column for column in columns if column.name not in known))


def flat(view: View, keys: Keys | None = None) -> Row:
    """The cells of an object, by the names of `columns_of`; it may have more."""
    row: Row = {}
    for name, value in view.as_json().items():
        if isinstance(value, dict) and name in _objects(view) and name not in (keys or {}):
            row[name] = json.dumps(value, ensure_ascii=False)
        else:
            _lay(row, name, value)
    return row


def _objects(view: View) -> set[str]:
    """Fields that hold an object without a view of its own."""
    return {one.name for one in fields(view) if isinstance(getattr(view, one.name), dict)}


def _lay(row: Row, name: str, value: Any) -> None:
    if isinstance(value, dict):
        for inner, cell in value.items():
            _lay(row, f"{name}_{inner}", cell)
    elif isinstance(value, list) and value and isinstance(value[0], float):
        row.update({f"{name}_{end}": cell for end, cell in zip(ENDS, value, strict=True)})
    else:
        row[name] = _BETWEEN.join(map(_word, value)) if isinstance(value, list) else value


def _word(one: Any) -> str:
    """An element of a list; a stretch of time as ISO 8601 writes an interval."""
    return "/".join(one) if isinstance(one, list) else str(one)
