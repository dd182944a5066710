"""Whether a value fits a schema as `twitchwatch.views.shape` makes them."""

from __future__ import annotations

from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}


def misfits(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    """Where it does not fit; empty if it does."""
    if "anyOf" in schema:
        tried = [misfits(value, one, path) for one in schema["anyOf"]]
        return [] if [] in tried else tried[0]
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{path}: {value!r} is none of {schema['enum']}"]
    kind = schema.get("type")
    if kind is None:
        return []
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return [f"{path}: {value!r} is no {kind}"]
    found = []
    if kind == "array":
        for i, one in enumerate(value):
            found += misfits(one, schema["items"], f"{path}[{i}]")
    if kind == "object":
        for key in schema.get("required", []):
            found += [] if key in value else [f"{path}.{key} is missing"]
        for key, one in value.items():
            inner = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            found += [f"{path}.{key} is unknown"] if inner is None else misfits(one, inner, f"{path}.{key}")
    return found
