"""The loop over the three axes as vector instructions, for the computer: the same source, all axes at once.

`in_lanes` rewrites the loop `while axis < 3` of a kernel before Numba compiles it. What the loop computes for
an axis becomes a vector of one number an axis; what an axis keeps in the state becomes a variable that is
read before the statement around the loop and written after it; a condition on such numbers becomes a choice.
The other lines stay. tests/detector/test_lanes.py compares the result with the plain loop.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

from . import vectors
from .direct import built, parsed

_OPERATIONS: dict[type[ast.AST], tuple[str, Any]] = {
    ast.Add: ("lanes_add", vectors.operation("add")),
    ast.Sub: ("lanes_sub", vectors.operation("sub")),
    ast.Mult: ("lanes_mul", vectors.operation("mul")),
    ast.LShift: ("lanes_shl", vectors.operation("shl")),
    ast.RShift: ("lanes_shr", vectors.operation("ashr")),
    ast.BitXor: ("lanes_xor", vectors.operation("xor")),
    ast.BitAnd: ("lanes_and", vectors.operation("and_")),
    ast.Gt: ("lanes_gt", vectors.comparison(">")),
    ast.Lt: ("lanes_lt", vectors.comparison("<")),
}
_NAMES = dict(_OPERATIONS.values()) | {
    "lanes_spread": vectors.spread,
    "lanes_choose": vectors.choose,
    "lanes_load": vectors.load,
    "lanes_store": vectors.store,
    "lanes_sum": vectors.summed,
}


def in_lanes(function: Callable[..., int]) -> Callable[..., int]:
    """The kernel, not yet compiled, with its loop over the axes rewritten.

    Raises NotImplementedError if the loop does something for which there is no rule here.
    """
    tree, kernel = parsed(function)
    ((outside, around, body, at),) = _loops(kernel.body, None)
    loop = body[at]
    assert isinstance(loop, ast.While)
    before = _assigned_before(body, at)
    rewritten = _Loop(loop, before)
    body[at] = ast.If(ast.Constant(True), rewritten.body, [])
    first_lines, last_lines = [], []
    for name, (array, place, step) in rewritten.kept.items():
        where = ast.Name(array, _LOAD), _At(before).visit(copy.deepcopy(place)), step
        first_lines.append(_set(name, _call("lanes_load", *where)))
        last_lines.append(ast.Expr(_call("lanes_store", *where, ast.Name(name, _LOAD))))
    outside[around : around + 1] = [*first_lines, outside[around], *last_lines]
    return built(tree, kernel, function, _NAMES)


_LOAD = ast.Load()


_Place = tuple[list[ast.stmt], int]


def _loops(
    body: list[ast.stmt], outside: _Place | None
) -> Iterator[tuple[list[ast.stmt], int, list[ast.stmt], int]]:
    """Loops over the axes: where the loop around one is, if there is any, and where it is itself."""
    for at, statement in enumerate(body):
        if not isinstance(statement, ast.While):
            continue
        if ast.unparse(statement.test) == "axis < 3":
            yield *(outside or (body, at)), body, at
        else:
            yield from _loops(statement.body, (body, at))


def _assigned_before(body: list[ast.stmt], at: int) -> dict[str, ast.expr]:
    """What the assignments immediately before a statement set."""
    found: dict[str, ast.expr] = {}
    for line in reversed(body[:at]):
        match line:
            case ast.Assign([ast.Name(name)], value):
                found[name] = value
            case _:
                break
    return found


class _At(ast.NodeTransformer):
    """Puts in the values of variables."""

    def __init__(self, values: dict[str, ast.expr]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._values.get(node.id, node)


class _Loop(ast.NodeTransformer):
    """Rewrites the body of the loop over the axes, once for all three.

    before: the assignments that precede it. What they set and the loop advances is an index; what they set
    and the loop does not advance is a sum over the axes.
    """

    def __init__(self, loop: ast.While, before: dict[str, ast.expr]) -> None:
        self._steps: dict[str, ast.expr] = {
            node.target.id: node.value
            for node in loop.body
            if isinstance(node, ast.AugAssign)
            and isinstance(node.target, ast.Name)
            and node.target.id in before
        }
        self._over: set[str] = set()
        self._sums = before.keys() - self._steps.keys()
        names = [node for node in ast.walk(loop) if isinstance(node, ast.Name)]
        stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        self._lanes = stored - before.keys()
        places = [node for node in ast.walk(loop) if isinstance(node, ast.Subscript)]
        written = {ast.unparse(node.value) for node in places if isinstance(node.ctx, ast.Store)}
        self._state = written & {ast.unparse(node.value) for node in places if isinstance(node.ctx, ast.Load)}
        self.kept: dict[str, tuple[str, ast.expr, ast.expr]] = {}
        """A variable for each number an axis has in the state: array, first place, step to the next axis."""
        self._masks = 0
        self.body = self._statements(loop.body, None)

    def _statements(self, body: list[ast.stmt], where: str | None) -> list[ast.stmt]:
        return [line for statement in body for line in self._statement(statement, where)]

    def _statement(self, statement: ast.stmt, where: str | None) -> list[ast.stmt]:
        """where: the variable that says for which axes it applies; None for all."""
        match statement:
            case ast.AugAssign(ast.Name(name), ast.Add()) if name in self._steps and where is None:
                self._over.add(name)
                return []
            case ast.AugAssign(ast.Name(name), op, value) if name in self._lanes:
                value = ast.BinOp(ast.Name(name, _LOAD), op, value)
                return [self._assign(f"lanes_{name}", value, where)]
            case ast.Assign([ast.Name(name)], value) if name in self._lanes:
                return [self._assign(f"lanes_{name}", value, where)]
            case ast.Assign([ast.Name(name)], ast.BinOp(value, ast.Add(), ast.Name(last))) if (
                name == last and name in self._sums and where is None
            ):
                added = _call("lanes_sum", self.visit(value))
                return [_set(name, ast.BinOp(added, ast.Add(), ast.Name(name, _LOAD)))]
            case ast.Assign([ast.Subscript(ast.Name(array), index)], value) if array in self._state:
                return [self._assign(self._variable(array, index), value, where)]
            case ast.Assign([ast.Subscript(ast.Name() as array, index)], value) if where is None:
                return [ast.Expr(_call("lanes_store", array, index, self._step(index), self.visit(value)))]
            case ast.If(test, body, orelse):
                condition = self.visit(test)
                if not _is_lanes(condition):
                    kept = self._statements(body, where), self._statements(orelse, where)
                    return [ast.If(condition, kept[0] or [ast.Pass()], kept[1])]
                self._masks += 1
                yes = f"lanes_where{self._masks}"
                no = f"{yes}_not"
                inverse = _call("lanes_xor", condition, ast.Constant(-1))
                if where:
                    outer = ast.Name(where, _LOAD)
                    condition, inverse = (
                        _call("lanes_and", outer, condition),
                        _call("lanes_and", outer, inverse),
                    )
                # Both before either branch changes what they depend on.
                lines = [_set(yes, condition), _set(no, inverse)]
                return [*lines, *self._statements(body, yes), *self._statements(orelse, no)]
        raise _cannot(statement)

    def _assign(self, name: str, value: ast.expr, where: str | None) -> ast.stmt:
        value = self.visit(value)
        if where:
            value = _call("lanes_choose", ast.Name(where, _LOAD), value, ast.Name(name, _LOAD))
        return _set(name, _call("lanes_spread", value))

    # Within expressions.

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._over:
            raise _cannot(node)
        return ast.Name(f"lanes_{node.id}", node.ctx) if node.id in self._lanes else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return self._operation(node.op, node, self.visit(node.left), self.visit(node.right))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        return self._operation(node.ops[0], node, self.visit(node.left), *map(self.visit, node.comparators))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if ast.unparse(node.value) in self._state:
            return ast.Name(self._variable(ast.unparse(node.value), node.slice), _LOAD)
        return _call("lanes_load", node.value, node.slice, self._step(node.slice))

    def _operation(self, op: ast.AST, node: ast.expr, *sides: ast.expr) -> ast.expr:
        if not any(map(_is_lanes, sides)):
            return node
        if type(op) not in _OPERATIONS or len(sides) != 2:
            raise _cannot(node)
        return _call(_OPERATIONS[type(op)][0], *sides)

    def _step(self, index: ast.expr) -> ast.expr:
        """By how much an index, a sum with one advancing variable in it, grows from axis to axis."""
        match index:
            case ast.Name(name) if name in self._steps and name not in self._over:
                return self._steps[name]
            case ast.BinOp(ast.Name(name), ast.Add(), ast.Name(place)) if {name, place} & self._steps.keys():
                stepped = name if name in self._steps else place
                if stepped not in self._over:
                    return self._steps[stepped]
        raise _cannot(index)

    def _variable(self, array: str, index: ast.expr) -> str:
        """The one that stands for a place in the state."""
        for known, (of, place, _) in self.kept.items():
            if of == array and ast.unparse(place) == ast.unparse(index):
                return known
        name = f"lanes_{array}_{len(self.kept)}"
        self.kept[name] = array, index, self._step(index)
        return name


def _set(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, _LOAD), list(arguments), [])


def _is_lanes(node: ast.expr) -> bool:
    match node:
        case ast.Call(ast.Name(name)) | ast.Name(name):
            return name.startswith("lanes_")
    return False


def _cannot(node: ast.AST) -> NotImplementedError:
    return NotImplementedError(
        f"lanes.py has no rule for {ast.unparse(node)!r} in a loop over the axes; write it as the other lines"
        " there are written, or add the rule."
    )
