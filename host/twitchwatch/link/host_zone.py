"""The computer's time zone, by name, so that a night can keep it."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

from twitchwatch.clock.zone import offset_name, zone_of

_LINK = Path("/etc/localtime")
_NAME = Path("/etc/timezone")


def computer_zone(link: Path = _LINK, name: Path = _NAME) -> str:
    """Its IANA name; the current offset, such as UTC+01:00, if the system gives no known name.

    link: the symbolic link to the system's zone file; name: a file that contains only the name.
    """
    for candidate in (os.environ.get("TZ", "").lstrip(":"), _linked(link), _written(name)):
        if candidate and _agrees(candidate):
            return candidate
    return offset_name(datetime.now().astimezone())


def _linked(path: Path) -> str:
    try:
        parts = path.resolve(strict=True).parts
    except OSError:
        return ""
    return "/".join(parts[parts.index("zoneinfo") + 1 :]) if "zoneinfo" in parts else ""


def _written(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _agrees(candidate: str) -> bool:
    """Whether this is a zone, and the one that this process uses."""
    try:
        there = datetime.fromtimestamp(time.time(), zone_of(candidate))
    except ValueError:
        return False
    return there.utcoffset() == there.astimezone().utcoffset()
