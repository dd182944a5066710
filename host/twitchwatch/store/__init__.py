"""The database: every record as the sensor sent it, stored once, never rewritten."""

from twitchwatch.store.alert_notes import AlertRow
from twitchwatch.store.database import Store
from twitchwatch.store.journal_notes import CourseRow, JournalRow
from twitchwatch.store.link_notes import LinkFault, UsbPort
from twitchwatch.store.rows import (
    CommitResult,
    Conflict,
    Device,
    DeviceStatus,
    FindingRow,
    Missing,
    NightRow,
    SyncSession,
)

__all__ = [
    "AlertRow",
    "CommitResult",
    "Conflict",
    "CourseRow",
    "Device",
    "DeviceStatus",
    "FindingRow",
    "JournalRow",
    "LinkFault",
    "Missing",
    "NightRow",
    "Store",
    "SyncSession",
    "UsbPort",
]
