"""The names that the kernels' source needs on CPython: viper's names, bound to Numba.

MicroPython's compiler knows `@micropython.viper`, `const`, `ptr8`, `ptr16` and `ptr32` by their spelling and
never looks them up. Here the decorator is `numba.njit`, so the same lines become machine code on the computer
too.
"""

from collections.abc import Callable
from typing import Any

ptr8 = Any
ptr16 = Any
ptr32 = Any


def const(value: int) -> int:
    """A number that MicroPython folds into the code."""
    return value


class micropython:  # noqa: N801
    """Stands for the name that MicroPython's compiler recognises; not the module of that name."""

    @staticmethod
    def viper(function: Callable[..., int]) -> Callable[..., int]:
        """Compile by Numba at first call; the machine code is kept beside the source."""
        import numba

        compiled: Callable[..., int] = numba.njit(cache=True)(function)
        return compiled

    @staticmethod
    def native(function: Callable[..., int]) -> Callable[..., int]:
        """The same for a function that calls kernels."""
        import numba

        return numba.njit(function)  # type: ignore[no-any-return]

    @staticmethod
    def lanes(kernel: Any) -> Callable[..., int]:
        """The same for a kernel with a loop over the axes: all of them at once."""
        from .lanes import in_lanes

        return micropython.viper(in_lanes(kernel.py_func))
