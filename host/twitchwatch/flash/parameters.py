"""Names of parameters become letters before the firmware is compiled; a file keeps these names, unlike those
of variables.

Parameters that a call names, anywhere in the sources, keep their names; so do those of machine code, of which
a file keeps none.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator

_Edit = tuple[int, int, str, str]


def lettered(texts: dict[str, str]) -> dict[str, str]:
    """The sources by their names on the board, with short names of parameters."""
    trees = {target: ast.parse(text) for target, text in texts.items()}
    named = {
        node.arg
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg is not None
    }
    return {target: _renamed(texts[target], [*_edits(tree, named)]) for target, tree in trees.items()}


def _edits(tree: ast.Module, named: set[str]) -> Iterator[_Edit]:
    """Row, column of bytes, old and new name of each place."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    yield from _of_functions(tree, named, [letter for letter in string.ascii_letters if letter not in used])


def _of_functions(scope: ast.AST, named: set[str], free: list[str]) -> Iterator[_Edit]:
    for node in ast.iter_child_nodes(scope):
        left = free
        if isinstance(node, ast.FunctionDef) and not _machine_code(node):
            short = dict(zip(_short_of(node, named), free, strict=False))
            left = free[len(short) :]
            for argument in node.args.args:
                if argument.arg in short:
                    yield argument.lineno, argument.col_offset, argument.arg, short[argument.arg]
            for use in (use for statement in node.body for use in ast.walk(statement)):
                if isinstance(use, ast.Name) and use.id in short:
                    yield use.lineno, use.col_offset, use.id, short[use.id]
        yield from _of_functions(node, named, left)


def _machine_code(function: ast.FunctionDef) -> bool:
    return any(ast.unparse(decorator).startswith("micropython.") for decorator in function.decorator_list)


def _short_of(function: ast.FunctionDef, named: set[str]) -> Iterator[str]:
    """Those parameters that can have another name, in order."""
    inside = [node for statement in function.body for node in ast.walk(statement)]
    kept = named | {"self", "cls"}
    for node in inside:
        match node:
            # Python before 3.12 does not say where in a text a name stands.
            case ast.JoinedStr():
                kept |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            # A name of something else within.
            case ast.arg(arg=name) | ast.ExceptHandler(name=str() as name):
                kept.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                kept.add(name)
                stored = (part for part in ast.walk(node) if isinstance(part, ast.Name))
                kept |= {part.id for part in stored if isinstance(part.ctx, ast.Store)}
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                kept.update(names)
            case ast.alias(name=name, asname=asname):
                kept.add(asname or name)
    for argument in function.args.args:
        if len(argument.arg) > 1 and argument.arg not in kept:
            yield argument.arg


def _renamed(text: str, edits: list[_Edit]) -> str:
    lines = [line.encode() for line in text.split("\n")]
    for row, column, old, new in sorted(edits, reverse=True):
        line = lines[row - 1]
        lines[row - 1] = line[:column] + new.encode() + line[column + len(old.encode()) :]
    return "\n".join(line.decode() for line in lines)
