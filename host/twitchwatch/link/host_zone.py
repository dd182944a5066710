"""The time zone that this computer is in, by name, so that a night can keep it."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

from twitchwatch.clock.zone import offset_name, zone_of

_LINK = Path("/etc/localtime")
_NAME = Path("/etc/timezone")


def computer_zone(link: Path = _LINK, name: Path = _NAME) -> str:
    """Its IANA name; the present offset, such as UTC+01:00, if the system gives no name that is known here.

    link: what leads into the system's table of zones; name: a file with the name alone.
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
    """Whether it is a zone, and the one by which this process reads the clock."""
    try:
        there = datetime.fromtimestamp(time.time(), zone_of(candidate))
    except ValueError:
        return False
    return there.utcoffset() == there.astimezone().utcoffset()
