"""The result of flashing a board, in words."""

from __future__ import annotations

from collections.abc import Iterator

from twitchwatch.flash import Compared, Flashed
from twitchwatch.flash.selftest import Check
from twitchwatch.wording.units import plural

_KEY = {
    "kept": "It shares a key with this computer.",
    "made": "It now shares a key with this computer: no other program can read the sensor.",
    "renewed": "It shares a new key with this computer; its previous key was unknown here.",
}
# The remedy is indented below the part's message.
_REMEDY = " " * 17


def flashed_words(flashed: Flashed) -> Iterator[str]:
    """What was done, and the result of each test, line by line."""
    yield f"{flashed.board} at {flashed.port} ({flashed.machine}, MicroPython {flashed.micropython})"
    if flashed.image is not None:
        yield f"Wrote MicroPython from {flashed.image}."
    if flashed.copied:
        files = plural(len(flashed.copied), "file")
        yield f"Copied {files}, {flashed.copied_bytes / 1024:.0f} KiB, and verified all of them."
    else:
        yield f"Nothing to copy: all {flashed.kept} files are up to date."
    if flashed.removed:
        yield f"Removed {', '.join(flashed.removed)}."
    if flashed.name is not None:
        yield f"The sensor is called {flashed.name}."
    yield _KEY[flashed.key]
    for check in flashed.checks:
        yield from checked_words(check)
    if flashed.works:
        yield "It has been started. `twitchwatch run` collects its records."
    else:
        yield "It has been started, but some parts do not work (see above). Fix them, then run this again."


def checked_words(check: Check) -> Iterator[str]:
    """The result of one test, and what to do if it is bad."""
    yield f"  {'good' if check.good else 'BAD '}  {check.part:8} {check.says}"
    if not check.good:
        yield f"{_REMEDY}{check.remedy}"


def compared_words(compared: Compared) -> Iterator[str]:
    """Which files differ, line by line."""
    yield f"{compared.board} at {compared.port} ({compared.machine}, MicroPython {compared.micropython})"
    for what, paths in (
        ("differ", compared.differing),
        ("missing", compared.missing),
        ("not ours", compared.foreign),
    ):
        for path in paths:
            yield f"  {what:8} {path}"
    if compared.current:
        yield f"Up to date: all {compared.same} files match this package."
    else:
        yield f"{compared.same} files match this package. `twitchwatch flash` updates the rest."
