"""The daemon's log: its output, with the time, in a file of limited size."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from twitchwatch.errors import ConfigurationError
from twitchwatch.foreign import harmless

# A quiet month is some hundred kilobytes (a line a rendezvous); three files keep half a year.
MAX_BYTES = 1_000_000
OLDER_FILES = 2


def default_log() -> Path:
    """The default path of the log: in the user's log folder."""
    import platformdirs

    return Path(platformdirs.user_log_dir("twitchwatch", appauthor=False)) / "twitchwatch.log"


class _OwnersFile(RotatingFileHandler):
    """Readable only by its owner: it shows when someone sleeps."""

    def _open(self):  # type: ignore[no-untyped-def]
        def owners(path: str, flags: int) -> int:
            return os.open(path, flags, 0o600)

        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=owners)


class _OneLine(logging.Formatter):
    """A message is one line, so that none can pose as another; a traceback may have more."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line, with control characters escaped."""
        record.message = harmless(record.message.replace("\n", " "))
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """The traceback, which ends with words of the error."""
        return harmless(super().formatException(ei))


def begin_log(path: Path) -> logging.Logger:
    """The daemon's logger, writing to `path`; warnings of the libraries go there too.

    Raises ConfigurationError if it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _OwnersFile(path, maxBytes=MAX_BYTES, backupCount=OLDER_FILES, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"The log {path} cannot be written: {error.strerror}. Choose another with --log."
        ) from error
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logger = logging.getLogger("twitchwatch")
    logger.setLevel(logging.INFO)
    return logger
