"""How the program is called in this shell: a command in a message must work as typed."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from functools import cache
from pathlib import Path

NAME = "twitchwatch"
_COMMAND = re.compile(rf"`{NAME}(?=[ `])")


def as_typed(text: str) -> str:
    """The text with its commands (`twitchwatch status`) as they have to be typed in this shell."""
    return _COMMAND.sub(lambda _: f"`{called()}", text)


@cache
def called() -> str:
    """The name if PATH leads it to this program, otherwise the path that it was started by.

    So `make run`, which starts .venv/bin/twitchwatch, names commands that work without a change of PATH.
    """
    started = Path(sys.argv[0])
    if started.parts[-2:] == (NAME, "__main__.py"):
        return shlex.join([sys.executable, "-m", NAME])
    if started.stem != NAME:
        return NAME
    found = shutil.which(NAME)
    if found is not None and Path(found).resolve() == started.resolve():
        return NAME
    return shlex.quote(sys.argv[0])
