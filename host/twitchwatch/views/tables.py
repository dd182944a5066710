"""The tables of `detect`: what is in their columns, and their rows."""

from __future__ import annotations

from twitchwatch.analysis.live_rate import CLASSES
from twitchwatch.views.columns import Column, Row, columns_of, flat, joined, placed
from twitchwatch.views.recordings import (
    DetectedBout,
    DetectedBurst,
    DetectedCandidate,
    DetectedGap,
    DetectedMovement,
    Found,
    RefusedView,
    Summary,
)

BURSTS = {"bursts": dict.fromkeys(CLASSES, int)}
_FILE = Column("source", str, "file name; relative to the folder, if one was given")
_SITE = Column("site", str, "where the sensor was worn, as stated by `--site`")
_HASH = Column("sha256", str, "SHA-256 of the file, hexadecimal; empty for standard input")
_VERSION = Column("twitchwatch_version", str, "version of the program")
_REFUSED = Column("refused", str, "why the file could not be read; all measured columns are then empty")


EVENTS = placed(
    (_FILE, _SITE), joined(DetectedBurst, DetectedMovement, DetectedBout, DetectedGap, DetectedCandidate)
)
"""One row for each event, bout and gap; columns that do not apply to its kind are empty."""

SUMMARY = (
    *placed((_FILE, _SITE, _HASH), columns_of(Summary, BURSTS, ("kind",))),
    _VERSION,
    _REFUSED,
)
"""One row for each file."""


def event_row(line: Found, site: str | None) -> Row:
    """The cells of an event, a bout or a gap."""
    return {**flat(line), "site": site}


def summary_row(one: Summary, sha256: str | None, version: str) -> Row:
    """The cells of a recording."""
    return {**flat(one, BURSTS), "sha256": sha256, "twitchwatch_version": version}


def refused_row(one: RefusedView, site: str | None, sha256: str | None, version: str) -> Row:
    """The cells of a file that could not be read."""
    return {
        "source": one.source,
        "site": site,
        "sha256": sha256,
        "twitchwatch_version": version,
        "refused": one.message,
    }
