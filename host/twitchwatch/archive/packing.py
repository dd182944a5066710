"""Packing: frozen dataclasses as nested lists for JSON, and back; the form changes with the classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from zlib import crc32

Unpack = Callable[[Any], Any]


def pack(value: Any) -> Any:
    """A value as JSON takes it: dataclasses as lists of their fields, in order."""
    if is_dataclass(value):
        return [pack(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, tuple):
        return [pack(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def unpacker(kind: Any) -> Unpack | None:
    """A function that restores a value of this type after `pack`; None if `pack` does not change it."""
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_unpacker(kind)
    if get_origin(kind) is tuple:
        return _tuple_unpacker(get_args(kind))
    if get_origin(kind) in (Union, UnionType):
        (inner,) = (one for one in get_args(kind) if one is not NoneType)
        unpack = unpacker(inner)
        return None if unpack is None else lambda value: None if value is None else unpack(value)
    return date.fromisoformat if kind is date else None


def form_of(*kinds: type) -> str:
    """Eight digits that change with the fields of these dataclasses and of those in them."""
    return f"{crc32(repr([_form(kind) for kind in kinds]).encode()):08x}"


def _dataclass_unpacker(kind: type) -> Unpack:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    special = [(at, unpack) for at, name in enumerate(names) if (unpack := unpacker(hints[name])) is not None]

    def unpacked(values: list[Any]) -> Any:
        values = list(values)
        for at, unpack in special:
            values[at] = unpack(values[at])
        return kind(**dict(zip(names, values, strict=True)))

    return unpacked


def _tuple_unpacker(kinds: tuple[Any, ...]) -> Unpack:
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        every = unpacker(kinds[0])
        return tuple if every is None else lambda values: tuple(map(every, values))
    each = [unpacker(kind) for kind in kinds]
    if not any(each):
        return tuple
    return lambda values: tuple(
        value if unpack is None else unpack(value) for value, unpack in zip(values, each, strict=True)
    )


def _form(kind: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind.__name__, [(field.name, _form(hints[field.name])) for field in fields(kind)]
    return [_form(one) for one in get_args(kind)] or str(kind)
