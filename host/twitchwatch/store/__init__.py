"""The database: every record as the sensor sent it, stored once, never rewritten."""

from twitchwatch.store.alert_notes import AlertRow
from twitchwatch.store.annotation_notes import AnnotationRow
from twitchwatch.store.database import Store
from twitchwatch.store.intake import UnplacedError
from twitchwatch.store.journal_notes import JournalRow, ProgramRow
from twitchwatch.store.link_notes import LinkFault, UsbPort
from twitchwatch.store.rows import (
    DEMO_HARDWARE_ID,
    DEMO_NAME,
    IMPORTED,
    CommitResult,
    Conflict,
    DerivedRow,
    Device,
    DeviceStatus,
    FindingRow,
    Missing,
    NewRecords,
    NightRow,
    RecordHead,
    SyncSession,
    ZoneRow,
    is_worn,
)
from twitchwatch.store.standing import Count, Standing

__all__ = [
    "DEMO_HARDWARE_ID",
    "DEMO_NAME",
    "IMPORTED",
    "AlertRow",
    "AnnotationRow",
    "CommitResult",
    "Conflict",
    "Count",
    "DerivedRow",
    "Device",
    "DeviceStatus",
    "FindingRow",
    "JournalRow",
    "LinkFault",
    "Missing",
    "NewRecords",
    "NightRow",
    "ProgramRow",
    "RecordHead",
    "Standing",
    "Store",
    "SyncSession",
    "UnplacedError",
    "UsbPort",
    "ZoneRow",
    "is_worn",
]
