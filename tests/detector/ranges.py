"""Every number a kernel computes, seen: its own source with a witness around each operation.

The witness notes the least and the greatest value of each operation, each stored value and each index. The
source runs under Numba with 64-bit integers: operands within 32 bits, which the witness also sees, cannot
overflow those, so the first value to leave the range is noted as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from twitchwatch.shared.detector.pointers import without_pointers

INTERMEDIATE = (-(2**31), 2**31 - 1)
BYTECODE = (-(2**30), 2**30 - 1)
"""MicroPython's small integers on 32 bits: a larger one would be allocated."""
STORED = (0, 2**30 - 1)
"""The same, for what the kernels store is never negative."""


@dataclass(frozen=True)
class Site:
    """A place in the source; `kind` is operation, stored or index."""

    kind: str
    function: str
    line: int
    text: str
    bytecode: bool = False


def _witness(seen: Any, site: int, value: int) -> int:
    seen[site, 0] = min(seen[site, 0], value)  # no branch: a thousand of them would take a minute to compile
    seen[site, 1] = max(seen[site, 1], value)
    return value


class _Witnessed(ast.NodeTransformer):
    def __init__(self) -> None:
        self.sites: list[Site] = []
        self.bytecode = False
        self._function = ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self._function = node.name
        self.bytecode = not node.decorator_list
        without_pointers(node)
        node.decorator_list = []
        node.returns = None
        for argument in node.args.args:
            argument.annotation = None
        node.body = [self.visit(statement) for statement in node.body]
        node.args.args.append(ast.arg("witness_seen"))
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return self._wrap("operation", node, self.generic_visit(node))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        return self._wrap("operation", node, self.generic_visit(node))

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        assert isinstance(node.target, ast.Name)
        value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
        plain = ast.Assign([node.target], ast.copy_location(value, node))
        return self.visit(ast.copy_location(plain, node))  # type: ignore[no-any-return]

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        (target,) = node.targets
        text = ast.unparse(target)
        visited = self.generic_visit(node)
        assert isinstance(visited, ast.Assign)
        if isinstance(target, ast.Subscript):
            visited.value = self._wrap("stored", node, visited.value, text)
        return visited

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        assert isinstance(node.value, ast.Name)
        text = ast.unparse(node)
        node.slice = self._wrap("index", node, self.visit(node.slice), text)
        return node

    def _wrap(self, kind: str, node: ast.AST, value: Any, text: str = "") -> Any:
        if all(_constant(name.id) for name in ast.walk(value) if isinstance(name, ast.Name)):
            return value
        line: int = node.lineno  # type: ignore[attr-defined]
        text = text or ast.unparse(_plain(node))
        self.sites.append(Site(kind, self._function, line, text, self.bytecode))
        arguments = [ast.Name("witness_seen", ast.Load()), ast.Constant(len(self.sites) - 1), value]
        return ast.copy_location(ast.Call(ast.Name("witness", ast.Load()), arguments, []), node)


def _constant(name: str) -> bool:
    return name.startswith("_")


def _plain(node: ast.AST) -> ast.AST:
    """The same without the witnesses already inside."""

    class Strip(ast.NodeTransformer):
        def visit_Call(self, call: ast.Call) -> ast.AST:
            if isinstance(call.func, ast.Name) and call.func.id == "witness":
                return self.visit(call.args[2])  # type: ignore[no-any-return]
            return self.generic_visit(call)

    return Strip().visit(ast.parse(ast.unparse(node)))  # type: ignore[no-any-return]


class Witnessed:
    """The kernels of some sources with a witness in them; `seen` (sites, 2) holds least and greatest."""

    def __init__(self, *sources: Path, compiled: bool = True) -> None:
        transformer = _Witnessed()
        witness: Any = numba.njit("i8(i8[:,::1], i8, i8)")(_witness) if compiled else _witness
        self.kernels: dict[str, Callable[..., int]] = {}
        plain: dict[str, Any] = {}
        for source in sources:
            tree = ast.parse(source.read_text())
            namespace: dict[str, Any] = {"const": int, "witness": witness}
            wanted = (ast.Assign, ast.FunctionDef)
            body = [node for node in tree.body if isinstance(node, wanted)]
            body = [transformer.visit(n) if isinstance(n, ast.FunctionDef) else n for n in body]
            module = ast.fix_missing_locations(ast.Module(body, []))
            exec(compile(module, str(source), "exec"), namespace)  # our own source, with witnesses
            names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
            plain.update({name: namespace[name] for name in names})
        self.sites = transformer.sites
        self.seen: NDArray[np.int64] = np.empty((len(self.sites), 2), np.int64)
        self.forget()
        for name, function in plain.items():
            self.kernels[name] = self._bind(numba.njit(function) if compiled else function)

    def _bind(self, function: Callable[..., int]) -> Callable[..., int]:
        def call(*arguments: Any) -> int:
            return function(*arguments, self.seen)

        return call

    def forget(self) -> None:
        """As if nothing had run."""
        self.seen[:, 0] = np.iinfo(np.int64).max
        self.seen[:, 1] = np.iinfo(np.int64).min

    def outside(self) -> list[str]:
        """Each place where a value left its range, with the values."""
        return [
            f"{site.function}:{site.line} {site.kind} {site.text}: {low}..{high}"
            for site, (low, high) in zip(self.sites, self.seen.tolist(), strict=True)
            if low <= high and not self._within(site, low, high)
        ]

    @staticmethod
    def _within(site: Site, low: int, high: int) -> bool:
        computed = BYTECODE if site.bytecode else INTERMEDIATE
        least, greatest = computed if site.kind == "operation" else STORED
        return least <= low and high <= greatest

    def never_reached(self) -> list[Site]:
        """Places that nothing has run over."""
        return [site for site, (low, high) in zip(self.sites, self.seen, strict=True) if low > high]
