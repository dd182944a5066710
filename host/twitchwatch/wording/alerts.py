"""Alerts in words."""

from __future__ import annotations

from twitchwatch.clock.zone import local
from twitchwatch.store import AlertRow


def alert_words(row: AlertRow) -> str:
    """What was sent, and when it was sent again or its cause ended."""
    parts = [row.title]
    if row.unanswered_utc_us is not None:
        parts.append(f"again {local(row.unanswered_utc_us):%m-%d %H:%M}")
    if row.over_utc_us is not None:
        parts.append(f"over {local(row.over_utc_us):%m-%d %H:%M}")
    return "; ".join(parts)
