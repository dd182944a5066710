"""The names that the kernels' source needs on CPython: viper's names, bound to Numba.

MicroPython's compiler knows `@micropython.viper`, `const`, `ptr8`, `ptr16` and `ptr32` by their spelling and
never looks them up. Here the decorator is `numba.njit`, so the same lines become machine code on the computer
too.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

ptr8 = Any
ptr16 = Any
ptr32 = Any
uint: Any = int
"""Of a pointer, its address; see pointers.py."""


def const(value: int) -> int:
    """A number that MicroPython folds into the code."""
    return value


_caches: list[Any] = []


def is_kept() -> bool:
    """Whether machine code of the present source was kept for every function so far."""
    return all(cache._cache_file._load_index() for cache in _caches)


def _compiled(function: Callable[..., int]) -> Callable[..., int]:
    """By Numba, whose cache knows only the file in which a function stands: here, code that was kept is used
    only if no module of the detector has changed, for functions are compiled into those that call them.
    """
    import numba
    from numba.core.caching import IndexDataCacheFile

    compiled: Any = numba.njit(cache=True)(function)
    cache = compiled._cache
    modules = sorted(Path(__file__).parent.glob("*.py"))
    stamp = [(module.name, module.stat().st_mtime_ns, module.stat().st_size) for module in modules]
    kept: Any = IndexDataCacheFile  # Numba states no types
    cache._cache_file = kept(cache.cache_path, cache._impl.filename_base, stamp)
    _caches.append(cache)
    made: Callable[..., int] = compiled
    return made


class micropython:  # noqa: N801
    """Stands for the name that MicroPython's compiler recognises; not the module of that name."""

    @staticmethod
    def viper(function: Callable[..., int]) -> Callable[..., int]:
        """Compile by Numba at first call; the machine code is kept beside the source."""
        from .direct import direct

        return _compiled(direct(function))

    @staticmethod
    def native(function: Callable[..., int]) -> Callable[..., int]:
        """The same for a function that calls kernels."""
        return _compiled(function)

    @staticmethod
    def lanes(kernel: Any) -> Callable[..., int]:
        """The same for a kernel with a loop over the axes: all of them at once."""
        from .lanes import in_lanes

        _caches.remove(kernel._cache)  # the function for one axis is not called any more
        return _compiled(in_lanes(kernel.py_func.__wrapped__))
