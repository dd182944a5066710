"""Array accesses as viper has them, for the computer: an index is not asked whether it is negative.

Python counts a negative index from the end, so Numba looks at the sign of each; no kernel has a negative one
(tests/detector/test_ranges.py), and without that question more loops become vector instructions.
"""

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from .pointers import rolled, without_pointers
from .vectors import peek, poke


class Direct(ast.NodeTransformer):
    """Calls of `peek` and `poke` for the subscripts of a kernel."""

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        (target,) = node.targets
        value = self.visit(node.value)
        if not isinstance(target, ast.Subscript):
            return ast.Assign(node.targets, value)
        return ast.Expr(_call("kernel_poke", target.value, self.visit(target.slice), value))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return _call("kernel_peek", node.value, self.visit(node.slice))


def direct(function: Callable[..., int]) -> Callable[..., int]:
    """The kernel, not yet compiled, with such accesses."""
    tree, kernel = parsed(function)
    return built(tree, kernel, function, {})


def parsed(function: Callable[..., int]) -> tuple[ast.Module, ast.FunctionDef]:
    """A kernel's syntax tree, with the lines of its file and without decorators, types and pointers."""
    lines, first = inspect.getsourcelines(function)
    tree = ast.parse(textwrap.dedent("".join(lines)))
    ast.increment_lineno(tree, first - 1)
    (kernel,) = tree.body
    assert isinstance(kernel, ast.FunctionDef)
    rolled(kernel)
    without_pointers(kernel)
    kernel.decorator_list, kernel.returns = [], None
    for argument in kernel.args.args:
        argument.annotation = None
    return tree, kernel


def built(
    tree: ast.Module, kernel: ast.FunctionDef, function: Callable[..., int], names: dict[str, Any]
) -> Callable[..., int]:
    """The kernel of a changed tree, with direct accesses. names: what the changes call."""
    kernel.body = [Direct().visit(statement) for statement in kernel.body]
    ast.fix_missing_locations(tree)
    scope: dict[str, Any] = {**function.__globals__, **names, "kernel_peek": peek, "kernel_poke": poke}
    exec(compile(tree, function.__code__.co_filename, "exec"), scope)  # our own source, rewritten
    return functools.wraps(function)(scope[kernel.name])


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])
