"""The first code that runs: handles signals from the start, and output that may be full or closed.

It imports little, so that almost nothing runs before it.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from types import FrameType

from twitchwatch.errors import Exit, OutputError, ReaderGone

# What a shell reports of a program that a signal has ended: 128 and the signal's number.
_SIGNALLED = 128


def begin() -> None:
    """Prepare this process: no descriptor below 3 is free, and SIGTERM and SIGHUP end it cleanly.

    With a closed output (`>&-`) the next file that is opened would take its place; so printed text is
    discarded instead.
    """
    _fill()
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    else:
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(_Output(1, "w", closefd=False)),
            encoding=sys.stdout.encoding,
            errors=sys.stdout.errors,
            line_buffering=sys.stdout.isatty(),
        )
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Who started us with `nohup` wants it ignored.
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _stop)


def stopped_by(number: int) -> int:
    """The exit code of a stop by this signal, which is the normal way to stop the daemon."""
    return int(Exit.OK) if sys.argv[1:2] == ["run"] else _SIGNALLED + number


def give_up(descriptor: int) -> None:
    """Print nothing more there; buffered text is dropped, also when the interpreter exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def finish(code: int) -> int:
    """The exit code, once everything is written or has failed; a failure was already reported."""
    try:
        sys.stdout.flush()
    except (OSError, OutputError, ReaderGone):
        give_up(1)
    return code


class _Output(io.FileIO):
    """Standard output; a write that fails is an OutputError, or ReaderGone."""

    def write(self, data: io.BufferedWriter | bytes) -> int:  # type: ignore[override]
        """As FileIO has it."""
        try:
            return super().write(data) or 0  # type: ignore[arg-type]
        except BrokenPipeError as error:
            raise ReaderGone("The reader of the output has exited.") from error
        except OSError as error:
            raise OutputError(
                f"The output cannot be written: {error.strerror}. Free some space on that disk, or send it "
                "elsewhere."
            ) from error


def _fill() -> None:
    while True:
        descriptor = os.open(os.devnull, os.O_RDWR)
        if descriptor > 2:
            os.close(descriptor)
            return
        os.set_inheritable(descriptor, True)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(stopped_by(number))
