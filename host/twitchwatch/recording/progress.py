"""The progress of reading and detecting, for the waiting user."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called now and then with what is being done, and the share of it that is done, 0 to 1."""


def unseen(what: str, share: float) -> None:
    """Ignore the progress."""
