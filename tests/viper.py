"""The viper functions that go on a board, and the indices in them of which mpy-cross makes wrong code."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for room in ("firmware", "shared") for path in (ROOT / room).rglob("*.py"))

# What MicroPython's parser folds (py/parse.c, fold_constants).
_BINARY: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[int], int]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
_Names = dict[str, int]


def viper_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Those decorated with micropython.viper, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and "micropython.viper" in map(ast.unparse, node.decorator_list):
            yield node


def far_indices(source: str) -> list[tuple[int, str]]:
    """Line and text of each place in a viper function whose constant index is not in the range 0 to 255.

    Of such a load or store the compiler's releases 1.26 to 1.29 make wrong code for Xtensa: docs/upstream.md.
    """
    tree = ast.parse(source)
    names: _Names = {}
    for node in ast.walk(tree):
        # A plain assignment of a number counts too: whoever writes const() around it changes nothing else.
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = node.value
            constant = isinstance(value, ast.Call) and ast.unparse(value.func) in (
                "const",
                "micropython.const",
            )
            if constant or node in tree.body:
                number = _number(value.args[0] if isinstance(value, ast.Call) and constant else value, names)
                if number is not None:
                    names[node.targets[0].id] = number
    found = []
    for function in viper_functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Subscript):
                index = _number(node.slice, names)
                if index is not None and not 0 <= index <= 255:
                    found.append((node.lineno, ast.unparse(node)))
    return found


def _number(node: ast.expr, names: _Names) -> int | None:
    """The value of an expression of numbers and constants."""
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=name):
            return names.get(name)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            a = _number(operand, names)
            return None if a is None else _UNARY[type(op)](a)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            a, b = _number(left, names), _number(right, names)
            return None if a is None or b is None else _BINARY[type(op)](a, b)
    return None
