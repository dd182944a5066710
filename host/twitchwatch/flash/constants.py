"""Integer constants are compiled into the code that uses them, which saves their names.

A name costs its letters in every file that has it, and code at every use: some kilobytes in all. The
sources are changed before they are compiled, line by line, so that tracebacks still give the correct line.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

# Machine code is left as it is: there a constant is not always what a variable is (see docs/upstream.md).
_MACHINE_CODE = re.compile(r"@micropython\.(viper|native)")
_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")


@dataclass
class _Module:
    """A source, the names that it defines, and the names that must not change."""

    tree: ast.Module
    lines: list[str]
    values: dict[str, int] = field(default_factory=dict)
    put_in: dict[str, int] = field(default_factory=dict)
    instead: dict[ast.stmt, str] = field(default_factory=dict)
    fixed: set[str] = field(default_factory=set)
    machine_code: bool = False


def inlined(texts: dict[str, str]) -> dict[str, str]:
    """The sources by their names on the board ("twitchband/log.py"), with their constants inlined."""
    modules = {_module_name(target): _read(text) for target, text in texts.items()}
    needed = {
        node.attr
        for module in modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
    }
    for target in texts:
        _look_at_imports(target, modules, needed)
    for module in modules.values():
        if not module.machine_code:
            _look_at_own(module, needed)
            _put_in(module)
    return {target: "\n".join(modules[_module_name(target)].lines) for target in texts}


def imported_module(node: ast.ImportFrom, target: str) -> str:
    """The module that an import statement of the file `target` ("shared/protocol/seal.py") names."""
    package = Path(target).parts[: -node.level] if node.level else ()
    return ".".join([*package, *([node.module] if node.module else [])])


def _module_name(target: str) -> str:
    return target.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _read(text: str) -> _Module:
    module = _Module(ast.parse(text), text.split("\n"))
    module.machine_code = bool(_MACHINE_CODE.search(text))
    stored: dict[str, int] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stored[node.id] = stored.get(node.id, 0) + 1
        elif isinstance(node, ast.arg):
            module.fixed.add(node.arg)
        elif isinstance(node, ast.Global):
            module.fixed.update(node.names)
        elif isinstance(node, ast.JoinedStr):
            # Python before 3.12 does not say where in a text a name stands.
            module.fixed.update(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
    module.fixed |= {name for name, times in stored.items() if times > 1}
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            value = _whole_number(node.value, module.values)
            if value is not None and _CONSTANT.fullmatch(name) and stored[name] == 1:
                module.values[name] = value
    return module


def _whole_number(node: ast.expr, known: dict[str, int]) -> int | None:
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return value
        case ast.Name(id=name):
            return known.get(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            positive = _whole_number(operand, known)
            return None if positive is None else -positive
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _whole_number(left, known), _whole_number(right, known)
            if a is None or b is None:
                return None
            match op:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.LShift():
                    return a << b
                case ast.BitOr():
                    return a | b
    return None


def _look_at_imports(target: str, modules: dict[str, _Module], needed: set[str]) -> None:
    """The constants of other modules that can be inlined here; others are still `needed` there."""
    module = modules[_module_name(target)]
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        source = modules.get(imported_module(node, target))
        if source is None:
            continue
        values = source.values
        here = []
        if node in module.tree.body and not module.machine_code:
            here = [
                one
                for one in node.names
                if one.name in values and one.asname is None and one.name not in module.fixed
            ]
        rest = [one for one in node.names if one not in here]
        needed.update(one.name for one in rest)
        if here:
            module.put_in |= {one.name: values[one.name] for one in here}
            names = ", ".join(one.name + (f" as {one.asname}" if one.asname else "") for one in rest)
            where = "." * node.level + (node.module or "")
            module.instead[node] = f"from {where} import {names}" if rest else ""


def _look_at_own(module: _Module, needed: set[str]) -> None:
    """Constants that no other module needs are inlined and not kept."""
    own = {name: value for name, value in module.values.items() if name not in needed | module.fixed}
    module.put_in |= own
    for node in module.tree.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id in own
        ):
            module.instead[node] = ""


def _put_in(module: _Module) -> None:
    uses = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and node.id in module.put_in and isinstance(node.ctx, ast.Load)
    ]
    # From the end, so that what comes before stays where it is. Columns count bytes.
    for node in sorted(uses, key=lambda use: (use.lineno, use.col_offset), reverse=True):
        line = module.lines[node.lineno - 1].encode()
        value = f"({module.put_in[node.id]})".encode()
        line = line[: node.col_offset] + value + line[node.col_offset + len(node.id.encode()) :]
        module.lines[node.lineno - 1] = line.decode()
    for statement, text in module.instead.items():
        first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
        module.lines[first:last] = [text] + [""] * (last - first - 1)
