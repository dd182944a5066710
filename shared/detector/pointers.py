"""Pointers as viper has them, for the computer: an array and a variable that says where in it.

On the board `g = ptr32(uint(s) + 4 * n)` is the address of s[n], and `g[1]` one load; there, an index that is
a sum takes six instructions more. Numba has no pointers: `g[1]` becomes `s[g_at + 1]`.
"""

import ast

_BYTES = {"ptr8": 1, "ptr16": 2, "ptr32": 4}


def without_pointers(kernel: ast.FunctionDef) -> None:
    """Change the syntax tree of a kernel, with its types, so that no variable is a pointer.

    A pointer is set to an array that the kernel is given, to another pointer, or to one of these plus
    a number of bytes that is written as elements times their size.
    """
    arrays = {
        argument.arg: argument.arg
        for argument in kernel.args.args
        if isinstance(argument.annotation, ast.Name) and argument.annotation.id in _BYTES
    }
    pointers: dict[str, str] = {}
    for node in ast.walk(kernel):
        match node:
            case ast.Assign([ast.Name(name)], value) if (moved := _moved(value)) and moved[0] in arrays:
                pointers[name] = ""
    for node in ast.walk(kernel):
        match node:
            case ast.Assign([ast.Name(name)], value) if name in pointers and (moved := _moved(value)):
                if moved[0] not in pointers:
                    pointers[name] = moved[0]
    _Resolved(pointers).visit(kernel)


def rolled(kernel: ast.FunctionDef) -> None:
    """Change loops of a kernel that add several products in each turn so that they add one: see _Rolled."""
    _Rolled().visit(kernel)


def _moved(value: ast.expr) -> tuple[str, ast.expr | None] | None:
    """Of what is assigned: array or pointer, and by how many elements it is moved; None if it is a number."""
    match value:
        case ast.Name(name):
            return name, None
        case ast.Call(ast.Name(kind), [ast.BinOp(ast.Call(ast.Name("uint"), [ast.Name(name)]), _, by)]):
            size = _BYTES[kind]
            match by:
                case ast.Constant(int(number)) if number % size == 0:
                    return name, ast.Constant(number // size)
                case ast.BinOp(ast.Constant(number), ast.Mult(), elements) if number == size:
                    return name, elements
                case _ if size == 1:
                    return name, by
            raise ValueError(f"{ast.unparse(value)}: write {size} * elements")
    return None


class _Resolved(ast.NodeTransformer):
    """Puts array and position in for each pointer; pointers: the array of each."""

    def __init__(self, pointers: dict[str, str]) -> None:
        self._pointers = pointers

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        match node.targets[0]:
            case ast.Name(name) if name in self._pointers:
                moved = _moved(node.value)
                assert moved is not None
                of, by = moved
                target = ast.Name(f"{name}_at", ast.Store())
                step = ast.Constant(0) if by is None else self.visit(by)
                changed: ast.stmt = ast.AugAssign(target, ast.Add(), step)
                if of != name:
                    if of in self._pointers:
                        step = ast.BinOp(ast.Name(f"{of}_at", ast.Load()), ast.Add(), step)
                    changed = ast.Assign([target], step)
                return ast.fix_missing_locations(ast.copy_location(changed, node))
        self.generic_visit(node)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        place = self.visit(node.slice)
        match node.value:
            case ast.Name(name) if name in self._pointers:
                node.value = ast.Name(self._pointers[name], ast.Load())
                place = ast.BinOp(ast.Name(f"{name}_at", ast.Load()), ast.Add(), place)
        node.slice = ast.copy_location(place, node)
        return ast.fix_missing_locations(node)


class _Rolled(ast.NodeTransformer):
    """One term at a time of a loop that adds several products in each turn: LLVM makes vectors of that.

    On the board a turn costs as much as a product. Such a loop has lines like `a = w[0] * h[0] + w[1] * h[1]
    + a`, pointers that advance by as many elements, and a number that decreases by as many.
    """

    def visit_While(self, node: ast.While) -> ast.stmt:
        self.generic_visit(node)
        terms = [_terms(line) for line in node.body]
        count = max(map(len, terms)) - 1
        if count > 1 and isinstance(node.test, ast.Name):
            node.body = [self._line(*each, count) for each in zip(node.body, terms, strict=True)]
        return node

    @staticmethod
    def _line(line: ast.stmt, terms: list[ast.expr], count: int) -> ast.stmt:
        match line:
            case ast.Assign() if len(terms) == count + 1:
                line.value = ast.BinOp(terms[0], ast.Add(), terms[-1])
            case ast.Assign(_, ast.Call(_, [ast.BinOp(_, _, ast.Constant(int(number)) as step)])):
                step.value = number // count
            case ast.AugAssign(_, ast.Sub(), ast.Constant(number) as step) if number == count:
                step.value = 1
            case _:
                raise ValueError(f"{ast.unparse(line)} in a loop that adds {count} products in each turn")
        return ast.fix_missing_locations(line)


def _terms(line: ast.stmt) -> list[ast.expr]:
    """What a line adds up, the first term first."""
    terms: list[ast.expr] = []
    if isinstance(line, ast.Assign):
        value = line.value
        while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            terms.insert(0, value.right)
            value = value.left
        terms.insert(0, value)
    return terms
