"""How far a command is: bars and lines on stderr, so that stdout has only the result."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from twitchwatch.foreign import harmless

if TYPE_CHECKING:
    from twitchwatch.flash import Progress

# Characters of a bar.
BAR = 20
# Nights take some 30 ms each to derive from their records.
MANY_NIGHTS, PROGRESS_NIGHTS = 30, 10
# Without a terminal there is no bar; a line at this interval shows progress.
LINE_EVERY_S = 5.0


class ProgressLine:
    """A line on stderr, if that is a terminal: which of several things is being done, and how far it is."""

    def __init__(self, what: str, of: int) -> None:
        self._what, self._of = what, of
        self._terminal = sys.stderr.isatty()
        self._name = self._shown = ""

    def move(self, number: int, name: str) -> Callable[[str, float], None]:
        """The next is begun, `number` from 0; returns `share`."""
        self._name = harmless(name)
        if self._of > 1:
            self._name = f"{self._what} {number + 1} of {self._of}: {self._name}"
            self._show(self._name)
        return self.share

    def share(self, what: str, share: float) -> None:
        """How much of a step of it is done, 0 to 1."""
        self._show(f"[{'#' * round(share * BAR):{BAR}}] {share:4.0%} {what:<10} {self._name}")

    def clear(self) -> None:
        """Make room for something else."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._shown = ""

    def _show(self, line: str) -> None:
        if self._terminal and line != self._shown:
            self.clear()
            click.echo(line[: shutil.get_terminal_size().columns - 1], nl=False, err=True)
            self._shown = line


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A line on stderr that shows how many are done, and of how many."""
    line = ProgressLine(what, 1)
    line.move(0, "")
    try:
        yield lambda done, of: line.share(what, done / of if of else 1.0)
    finally:
        line.clear()


def show_deriving(done: int, of: int) -> None:
    """Report on stderr, if that is a terminal, how many nights are derived; few take no time."""
    if of < MANY_NIGHTS or not sys.stderr.isatty():
        return
    if done == of:
        click.echo("\r\x1b[K", nl=False, err=True)
    elif done % PROGRESS_NIGHTS == 0:
        click.echo(f"\rDeriving nights from their records: {done:,} of {of:,}", nl=False, err=True)


@contextmanager
def night_progress(started: datetime, *, shown: bool) -> Iterator[Callable[[float, float], None]]:
    """A bar with the clock of a simulated night.

    Yields what moves it; it receives the seconds so far, and how many there will be.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("Simulating the night"),
        BarColumn(),
        TextColumn("{task.fields[clock]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=not shown, transient=True) as progress:
        bar = progress.add_task("night", total=None, clock=f"{started:%H:%M}")

        def move(virtual_s: float, length_s: float) -> None:
            at = started + timedelta(seconds=virtual_s)
            progress.update(bar, completed=min(virtual_s, length_s), total=length_s, clock=f"{at:%H:%M}")

        yield move


@contextmanager
def count_progress(what: str, of: int) -> Iterator[Callable[[int], None]]:
    """A bar of things made one after the other; yields what moves it: how many there are so far."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(what, total=of)
        yield lambda made: progress.update(bar, completed=made)


@contextmanager
def flash_progress() -> Iterator[Progress]:
    """What `flash` reports: a bar in a terminal, otherwise a line per step."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    from twitchwatch.flash import Progress

    if not sys.stderr.isatty():
        yield Progress(on_step=_note, on_bytes=_Counted().note, on_tap=lambda peak_mg: _note(_felt(peak_mg)))
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[size]}"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("", total=None, size="")
        yield Progress(
            on_step=lambda step: bars.update(bar, description=step),
            on_bytes=lambda done, total: bars.update(
                bar, completed=done, total=total, size=_size(done, total)
            ),
            on_tap=lambda peak_mg: bars.console.print(_felt(peak_mg)),
        )


def _felt(peak_mg: int) -> str:
    return f"  tap of {peak_mg} mg"


def _size(done: int, total: int) -> str:
    return f"{done // 1024} of {total // 1024} KiB"


def _note(line: str) -> None:
    click.echo(harmless(line), err=True)


class _Counted:
    """Bytes done, as a line every few seconds."""

    def __init__(self) -> None:
        self._noted_s = time.monotonic()

    def note(self, done: int, total: int) -> None:
        now_s = time.monotonic()
        if now_s - self._noted_s >= LINE_EVERY_S:
            self._noted_s = now_s
            _note(f"  {_size(done, total)}")
