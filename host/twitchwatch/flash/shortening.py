"""Shortens names of private attributes before the firmware is compiled, because files contain their letters.

Names of functions are kept, because tracebacks show them.
"""

from __future__ import annotations

import ast
import itertools
import re
import string
from collections.abc import Iterator

_PRIVATE = re.compile(r"_[a-z][a-z0-9_]*")


def shortened(texts: dict[str, str]) -> dict[str, str]:
    """The sources by their names on the board, with one short name for each private attribute."""
    trees = {target: ast.parse(text) for target, text in texts.items()}
    found: dict[str, int] = {}
    kept: set[str] = set()
    for tree in trees.values():
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(attr=name) if _PRIVATE.fullmatch(name):
                    found[name] = found.get(name, 0) + 1
                case (
                    ast.FunctionDef(name=name)
                    | ast.ClassDef(name=name)
                    | ast.Name(id=name)
                    | ast.arg(arg=name)
                ):
                    kept.add(name)
                case ast.alias(name=name):
                    kept.update((name, node.asname or name))
                case ast.Constant(value=str() as name):
                    # It may be asked for by getattr.
                    kept.add(name)
                case ast.JoinedStr():
                    # Python before 3.12 does not say where in a text a name stands.
                    kept |= {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    names = _short_names(kept | found.keys())
    short = {
        name: next(names) for name in sorted(found, key=lambda name: (-found[name], name)) if name not in kept
    }
    return {target: _renamed(texts[target], tree, short) for target, tree in trees.items()}


def _short_names(taken: set[str]) -> Iterator[str]:
    for length in (1, 2):
        for letters in itertools.product(string.ascii_letters, repeat=length):
            name = "_" + "".join(letters)
            if name not in taken:
                yield name


def _renamed(text: str, tree: ast.Module, short: dict[str, str]) -> str:
    lines = [line.encode() for line in text.split("\n")]
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in short]
    for node in sorted(uses, key=_end, reverse=True):
        row, column = _end(node)
        line = lines[row - 1]
        lines[row - 1] = line[: column - len(node.attr)] + short[node.attr].encode() + line[column:]
    return "\n".join(line.decode() for line in lines)


def _end(node: ast.Attribute) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0
