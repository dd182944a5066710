"""Pointers as viper has them, for the computer: an array and a variable that says where in it.

On the board `g = ptr32(uint(s) + 4 * n)` is the address of s[n], and `g[1]` one load; there, an index that is
a sum takes six instructions more. Numba has no pointers: `g[1]` becomes `s[g_at + 1]`. What has no rule here
raises NotImplementedError: viper would compile it, and the computer would compute something else.
"""

import ast

_BYTES = {"ptr8": 1, "ptr16": 2, "ptr32": 4}

_Moved = tuple[str, ast.expr | None]
"""What a pointer is set to: array or pointer, and how many elements behind it."""


def without_pointers(kernel: ast.FunctionDef) -> None:
    """Change the syntax tree of a kernel, with its types, so that no variable is a pointer.

    A pointer is set to an array that the kernel is given, to another pointer, or to one of these plus
    a number of bytes that is written as elements times their size; always to the same array.
    """
    arrays = {
        argument.arg: argument.annotation.id
        for argument in kernel.args.args
        if isinstance(argument.annotation, ast.Name) and argument.annotation.id in _BYTES
    }
    sources: dict[str, set[str]] = {}
    for node in ast.walk(kernel):
        match node:
            case ast.Assign([ast.Name(name)], value) if moved := _moved(value, arrays):
                sources.setdefault(name, set()).add(moved[0])
    pointers: dict[str, str] = {}
    for name in sources:
        found = _arrays_behind(name, sources, arrays)
        if len(found) > 1:
            raise _cannot(f"{name}, which is set to {' and to '.join(sorted(found))}")
        if found:
            (pointers[name],) = found
        elif name in arrays:
            raise _cannot(f"{name}, which moves before it is set to an array")
    _Resolved(pointers, arrays).visit(kernel)


def rolled(kernel: ast.FunctionDef) -> None:
    """Change loops of a kernel that add several products in each turn so that they add one: see _Rolled."""
    _Rolled().visit(kernel)


def _arrays_behind(name: str, sources: dict[str, set[str]], arrays: dict[str, str]) -> set[str]:
    """The arrays to which a variable may point; none if it is a number."""
    found, seen, rest = set(), {name}, [*sources[name]]
    while rest:
        of = rest.pop()
        if of in seen:
            continue
        seen.add(of)
        if of in sources:
            rest += sources[of]
        elif of in arrays:
            found.add(of)
    return found


def _moved(value: ast.expr, arrays: dict[str, str]) -> _Moved | None:
    """Of what is assigned: array or pointer, and by how many elements it is moved; None if it is a number."""
    match value:
        case ast.Name(name):
            return name, None
        case ast.Call(
            ast.Name(kind), [ast.BinOp(ast.Call(ast.Name("uint"), [ast.Name(name)]), ast.Add(), by)]
        ) if kind in _BYTES and arrays.get(name, kind) == kind:
            size = _BYTES[kind]
            match by:
                case ast.Constant(int(number)) if number % size == 0:
                    return name, ast.Constant(number // size)
                case ast.BinOp(ast.Constant(number), ast.Mult(), elements) if number == size:
                    return name, elements
                case _ if size == 1:
                    return name, by
            raise _cannot(f"{ast.unparse(value)}; write {size} * elements")
    return None


class _Resolved(ast.NodeTransformer):
    """Puts array and position in for each pointer; pointers: the array of each; arrays: the type of each."""

    def __init__(self, pointers: dict[str, str], arrays: dict[str, str]) -> None:
        self._pointers = pointers
        self._arrays = arrays

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        match node.targets:
            case [ast.Name(name)] if name in self._pointers:
                moved = _moved(node.value, self._types())
                if moved is None or (moved[0] not in self._pointers and moved[0] not in self._arrays):
                    raise _cannot(ast.unparse(node))
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

    def _types(self) -> dict[str, str]:
        """The type of the elements behind each array and pointer."""
        return self._arrays | {name: self._arrays[array] for name, array in self._pointers.items()}

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        place = self.visit(node.slice)
        match node.value:
            case ast.Name(name) if name in self._pointers:
                node.value = ast.Name(self._pointers[name], ast.Load())
                place = ast.BinOp(ast.Name(f"{name}_at", ast.Load()), ast.Add(), place)
            case value:
                node.value = self.visit(value)
        node.slice = ast.copy_location(place, node)
        return ast.fix_missing_locations(node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._pointers:
            raise _cannot(f"{node.id} as a number or an argument")
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id in (*_BYTES, "uint"):
            raise _cannot(f"{ast.unparse(node)}; set a pointer to ptr32(uint(array) + 4 * elements)")
        self.generic_visit(node)
        return node


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
            case ast.Assign([ast.Name(name)]) if (
                len(terms) == count + 1
                and ast.unparse(terms[-1]) == name
                and all(_is_next(terms[0], term, by) for by, term in enumerate(terms[:-1]))
            ):
                line.value = ast.BinOp(terms[0], ast.Add(), terms[-1])
            case ast.Assign(
                _, ast.Call(ast.Name(kind), [ast.BinOp(_, ast.Add(), ast.Constant(int(number)) as step)])
            ) if number == count * _BYTES.get(kind, 0):
                step.value = number // count
            case ast.AugAssign(_, ast.Sub(), ast.Constant(number) as step) if number == count:
                step.value = 1
            case _:
                raise _cannot(f"{ast.unparse(line)} in a loop that adds {count} products in each turn")
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


def _is_next(first: ast.expr, term: ast.expr, by: int) -> bool:
    """Whether a term is the product of the elements that are so many places behind those of the first."""
    match first, term:
        case ast.BinOp(left, ast.Mult(), right), ast.BinOp(left2, ast.Mult(), right2):
            return _is_next(left, left2, by) and _is_next(right, right2, by)
        case ast.Subscript(array, place), ast.Subscript(array2, place2):
            wanted = ast.unparse(place) if by == 0 else f"{ast.unparse(place)} + {by}".removeprefix("0 + ")
            return ast.unparse(array) == ast.unparse(array2) and ast.unparse(place2) == wanted
    return False


def _cannot(what: str) -> NotImplementedError:
    return NotImplementedError(f"pointers.py has no rule for {what}")
