"""Alerts in words."""

from __future__ import annotations

from twitchwatch.clock.dates import moment
from twitchwatch.store import AlertRow


def alert_words(row: AlertRow) -> str:
    """What was sent, and when it was sent again or its cause ended."""
    parts = [row.title]
    if row.unanswered_utc_us is not None:
        parts.append(f"again {moment(row.unanswered_utc_us)}")
    if row.over_utc_us is not None:
        parts.append(f"over {moment(row.over_utc_us)}")
    return "; ".join(parts)
