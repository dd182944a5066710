"""MicroPython's `os`, in which the computer's own files do not show."""

from uos import *  # noqa: F403
from uos import ilistdir as _ilistdir

_PC = "pc"


def ilistdir(path="."):  # type: ignore[no-untyped-def]
    """The entries of a folder on the board."""
    for entry in _ilistdir(path):
        if entry[0] != _PC or path not in ("/", "", "."):
            yield entry


def listdir(path="."):  # type: ignore[no-untyped-def]
    """Their names."""
    return [entry[0] for entry in ilistdir(path)]
