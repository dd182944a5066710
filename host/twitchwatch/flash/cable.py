"""The board at the other end of the cable, by mpremote."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from twitchwatch.errors import DeviceError, MissingExtraError
from twitchwatch.flash import prompt
from twitchwatch.flash.board import NeedsMicroPython
from twitchwatch.flash.package import File
from twitchwatch.flash.tool import Ended, run_module

# Of one line. What takes longer on the board says a line in between: board_scripts.py, selftest.py.
ANSWER_S = 10.0
_NO_PROMPT = "could not enter raw repl"
# Sending a program at 115,200 baud, and compiling it, take together at most this long.
_CODE_BYTES_PER_S = 5000
# The slowest flash seen took 27 s for 10 KB.
_COPY_S = 30.0
_COPY_BYTES_PER_S = 200.0


class Cable:
    """A MicroPython board at `port`. Every method raises DeviceError, with what to do."""

    def __init__(self, port: str, on_step: Callable[[str], None] = lambda step: None) -> None:
        if find_spec("mpremote") is None:
            raise MissingExtraError("mpremote, which copies files to a board, is", "flash")
        self.port = port
        self._on_step = on_step
        self._entered = False

    def ask(self, code: str) -> dict[str, Any]:
        """Run `code` on the board and read its last line as JSON. The first call stops what was running."""
        answers: list[dict[str, Any]] = []
        self.listen(code, answers.append)
        if not answers:
            raise self._senseless()
        return answers[-1]

    def listen(
        self, code: str, on_answer: Callable[[dict[str, Any]], None], patience_s: float = ANSWER_S
    ) -> None:
        """Run `code` on the board; `on_answer` receives each of its lines of JSON as it arrives.

        Other lines mean that the board is busy. `patience_s`: how long it may be silent.
        """

        def heard(line: str) -> float:
            if line.startswith("{"):
                try:
                    answer = json.loads(line)
                except ValueError:
                    raise self._senseless() from None
                on_answer(answer)
            return patience_s

        # In a file that nobody else may read: every user sees the arguments of every program, and code may
        # hold a key.
        with tempfile.TemporaryDirectory(prefix="twitchwatch-flash-") as folder:
            path = Path(folder) / "code.py"
            path.touch(mode=0o600)
            path.write_text(code, encoding="utf-8")
            self._mpremote(["run", str(path)], heard, patience_s + len(code) / _CODE_BYTES_PER_S)

    def copy(self, files: Sequence[File], on_file: Callable[[File], None]) -> None:
        """Copy each file to its place; `on_file` is called at the start of each."""
        by_line = {f"cp {file.path} :/{file.target}": file for file in files}
        arguments: list[str] = []
        for file in files:
            # Always write: what differs has been found out already.
            arguments += ["+"] * bool(arguments) + ["fs", "cp", "-f", str(file.path), f":/{file.target}"]

        def begun(line: str) -> float:
            file = by_line.get(line)
            if file is None:
                return _COPY_S
            on_file(file)
            return _COPY_S + file.size / _COPY_BYTES_PER_S

        self._mpremote(arguments, begun, _COPY_S)

    def reset(self) -> None:
        """Start the board as if it had been switched on."""
        self._mpremote(["reset"], lambda line: ANSWER_S, ANSWER_S)

    def _mpremote(self, arguments: Sequence[str], heard: Callable[[str], float], first_s: float) -> None:
        """Run mpremote. `heard` gets each line and returns the seconds for the next; `first_s`: the first."""
        chain = list(arguments)
        if self._entered:
            # Only the first call soft-resets: it ends the application and frees its memory.
            chain = ["resume", *arguments]
        else:
            self._enter()
            self._on_step(f"{self.port} shows a prompt: starting a program there, for up to {first_s:.0f} s")
        ended = run_module("mpremote", ["connect", self.port, *chain], first_s, heard)
        if not ended.well:
            raise self._error(ended)
        self._entered = True

    def _enter(self) -> None:
        self._on_step(f"Asking {self.port} for MicroPython's prompt, for up to {prompt.PATIENCE_S:.0f} s")
        answer = prompt.ask(self.port, prompt.PATIENCE_S)
        if not answer.prompt:
            raise NeedsMicroPython(answer.explain(self.port), None)

    def _senseless(self) -> DeviceError:
        return DeviceError(
            f"The board at {self.port} sends invalid answers. Press its reset button and run this again."
        )

    def _error(self, ended: Ended) -> DeviceError:
        if "failed to access" in ended.said:
            return prompt.in_use(self.port)
        if "Traceback" in ended.said and "OSError: 28" in ended.said:
            return DeviceError(
                f"The flash of the board at {self.port} is full. Delete files of your own from it "
                "(`mpremote ls`, `mpremote rm`) and run this again."
            )
        last = (
            f"it sent nothing for {ended.patience_s:.0f} s"
            if ended.silent
            else (ended.lines[-1] if ended.lines else "no message")
        )
        if last.startswith("{"):
            # An answer, which may hold a key.
            last = "in the middle of an answer"
        return DeviceError(
            f"{self._crash()}The connection to {self.port} was lost ({last}). Nothing is damaged. Check the "
            "cable, press the board's reset button, and run this again: it continues where it stopped."
        )

    def _crash(self) -> str:
        """A sentence with the board's panic, if that ended the connection; otherwise empty."""
        self._on_step(
            f"No answer: checking whether the board at {self.port} crashed, for up to "
            f"{prompt.PATIENCE_S:.0f} s"
        )
        try:
            answer = prompt.ask(self.port, prompt.PATIENCE_S)
        except DeviceError:
            return ""
        return f"The board crashed:\n{answer.panic}\n" if answer.panic else ""
