"""What a view is: a dataclass whose fields state their meaning; JSON, schema and reference follow from it."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

# Rises whenever a key is renamed or removed, or changes its meaning. Version 0.1 did not state it: that was
# 1.
SCHEMA_VERSION = 2

Plain = dict[str, Any] | list[Any] | str | int | float | bool | None

_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


@dataclass(frozen=True)
class View:
    """A JSON object; a field's name is its key, `Annotated` gives its meaning."""

    def as_json(self) -> dict[str, Any]:
        """The object, its keys in the order of the fields."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}


@dataclass(frozen=True)
class Line(View):
    """A view that is a line of its own; `kind` identifies it."""

    kind: str


def rounded(value: float | None, digits: int = 4) -> float | None:
    """A figure without meaningless digits; integers stay integers."""
    return round(value, digits) if isinstance(value, float) else value


def iso_date(night: date | None) -> str | None:
    """A night, by the date of its evening."""
    return None if night is None else night.isoformat()


def meanings(view: type[View]) -> dict[str, str]:
    """Each key of a view with its meaning, in order; without `kind`."""
    hints = get_type_hints(view, include_extras=True)
    found = {}
    for one in fields(view):
        if one.name == "kind":
            continue
        hint = hints[one.name]
        if get_origin(hint) is not Annotated:
            raise TypeError(f"{view.__name__}.{one.name} does not state its meaning")
        found[one.name] = get_args(hint)[1]
    return found


def kinds(view: type[View]) -> tuple[str, ...]:
    """The possible values of `kind`; empty for an object within a line."""
    return get_args(get_type_hints(view)["kind"]) if issubclass(view, Line) else ()


def schema(view: type[View]) -> dict[str, Any]:
    """The view as JSON Schema (draft 2020-12)."""
    hints = get_type_hints(view, include_extras=True)
    properties = {one.name: _schema_of(hints[one.name]) for one in fields(view)}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _plain(value: Any) -> Plain:
    if isinstance(value, View):
        return value.as_json()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    plain: Plain = value
    return plain


def _schema_of(hint: Any) -> dict[str, Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return {**_schema_of(inner[0]), "description": inner[1]}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, UnionType):
        return {"anyOf": [_schema_of(one) for one in inner]}
    if origin in (list, tuple):
        return {"type": "array", "items": _schema_of(inner[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema_of(inner[1])}
    if is_dataclass(hint) and isinstance(hint, type) and issubclass(hint, View):
        return schema(hint)
    return {"type": _NAMES[hint]} if hint in _NAMES else {}
