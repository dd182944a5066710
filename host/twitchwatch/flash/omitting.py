"""Code that only the computer runs is left out before the firmware is compiled; its lines stay, empty."""

from __future__ import annotations

import ast


def for_computers(statement: ast.AST) -> bool:
    """Whether a statement is skipped by MicroPython."""
    match statement:
        case ast.If(test=test, orelse=[]):
            return "sys.implementation.name != 'micropython'" in ast.unparse(test)
    return False


def omitted(text: str) -> str:
    """The source without such statements, and without `import sys` if nothing else needed it."""
    tree = ast.parse(text)
    lines = text.split("\n")
    gone = [node for node in tree.body if for_computers(node)]
    if gone:
        left = (node for statement in tree.body if statement not in gone for node in ast.walk(statement))
        if not any(isinstance(node, ast.Name) and node.id == "sys" for node in left):
            gone += [node for node in tree.body if ast.unparse(node) == "import sys"]
    for node in gone:
        last = node.end_lineno or node.lineno
        lines[node.lineno - 1 : last] = [""] * (last - node.lineno + 1)
    return "\n".join(lines)
