"""The code of an analysis, as text that any worker can run: nothing needs to be installed there."""

from __future__ import annotations

import hashlib
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from twitchwatch.errors import UsageError
from twitchwatch.shared.detector.parameters import VERSION
from twitchwatch.study import analyses
from twitchwatch.study.results import Analysis

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Code:
    """An analysis: the name of its function, and the text of its file, None for one of the program's own."""

    function: str
    source: str | None

    @property
    def version(self) -> str:
        """A name that changes with the code: another one gives other results, kept apart."""
        own = Path(analyses.__file__).read_text(encoding="utf-8") + f"{VERSION}"
        digest = hashlib.sha256((self.source or own).encode()).hexdigest()[:_DIGITS]
        return f"{self.function}-{digest}"

    def load(self) -> Analysis:
        """The function itself. Raises UsageError if the file does not have it, or cannot be run."""
        if self.source is None:
            return analyses.BUILT_IN[self.function]
        names: dict[str, object] = {"__name__": "study_analysis"}
        try:
            with redirect_stdout(sys.stderr):
                exec(compile(self.source, f"{self.function}.py", "exec"), names)
        except (Exception, SystemExit) as error:
            # Somebody else's code may raise anything.
            raise UsageError(f"The analysis cannot be loaded: {type(error).__name__}: {error}.") from error
        found = names.get(self.function)
        if not callable(found):
            raise UsageError(f"The analysis has no function {self.function!r}. Write FILE.py:FUNCTION.")
        return cast(Analysis, found)


def code_of(wanted: str) -> Code:
    """By the name of a built-in analysis, or FILE.py:FUNCTION. Raises UsageError."""
    if wanted in analyses.BUILT_IN:
        return Code(wanted, None)
    path, colon, function = wanted.rpartition(":")
    if not colon or not path.endswith(".py"):
        known = ", ".join(sorted(analyses.BUILT_IN))
        raise UsageError(f"{wanted!r} is not an analysis. Write FILE.py:FUNCTION, or one of: {known}.")
    try:
        code = Code(function, Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as text ({error}).") from error
    code.load()
    return code
