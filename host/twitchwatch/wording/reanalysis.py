"""What a new derivation changed, in words: the rows of two tables."""

from __future__ import annotations

from twitchwatch.archive.reanalysis import Change
from twitchwatch.flags.titles import title_of

# The figures of a night that people compare; the others are only counted.
COMPARED = {
    "twitches": "twitches",
    "twitches_per_hour": "an hour",
    "rest_h": "hours of rest",
    "tremor": "tremor bouts",
    "detection_limit_mg": "limit in mg",
    "analysis_version": "analysis",
}


def night_row(change: Change) -> tuple[str, str, str, str]:
    """A changed night: its date, its sensor, the kind of change, and what differs."""
    reported = change.after or change.before or {}
    return str(reported.get("night")), str(reported.get("sensor")), change.verb, _differences(change)


def _differences(change: Change) -> str:
    if change.before is None or change.after is None:
        return ""
    reported = [
        f"{words} {_brief(old)} -> {_brief(new)}"
        for name, words in COMPARED.items()
        if name in change.differences
        for old, new in [change.differences[name]]
    ]
    others = len(change.differences.keys() - COMPARED.keys())
    if others:
        reported.append(f"{others} other figure{'s' if others > 1 else ''}")
    return ", ".join(reported)


def _brief(value: object) -> str:
    if isinstance(value, list):
        return str(len(value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def finding_row(change: Change) -> tuple[str, str, str, str]:
    """A changed finding: its title, its first night, the kind of change, and its present text."""
    reported = change.after or change.before or {}
    return (
        title_of(str(reported.get("finding")), str(reported.get("scope"))),
        str(reported.get("night") or reported.get("since_utc")),
        change.verb,
        str(reported.get("words")) if change.after else "",
    )
