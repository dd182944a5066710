"""Sync sessions with a sensor, in words."""

from __future__ import annotations

from twitchwatch.link.sync_session import SyncReport


def sync_session_words(report: SyncReport) -> str:
    """What a sync session delivered, and how it ended."""
    oddities = [
        f"{count} {word}"
        for count, word in (
            (report.unread, "of a type that this version cannot read (kept)"),
            (report.damaged, "damaged on the sensor"),
            (report.missing, "no longer on the sensor"),
            (report.conflicts, "in conflict with stored records"),
        )
        if count
    ]
    records = "1 new record" if report.stored == 1 else f"{report.stored:,} new records"
    name = "sensor" if report.device is None else report.device.name
    return f"{name}: {'; '.join((records, *oddities))} ({report.outcome})"
