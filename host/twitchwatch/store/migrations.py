"""The tables, version by version."""

from __future__ import annotations

from twitchwatch.store.seals import columns_of_seals

_FIRST = """
CREATE TABLE device (
    id INTEGER PRIMARY KEY,
    hardware_id TEXT NOT NULL,
    log_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    first_seen_utc_us INTEGER NOT NULL,
    last_seen_utc_us INTEGER NOT NULL,
    next_seq INTEGER NOT NULL DEFAULT 0,
    damaged INTEGER NOT NULL DEFAULT 0,
    UNIQUE (hardware_id, log_id)
) STRICT;
CREATE TABLE record (
    device_id INTEGER NOT NULL REFERENCES device (id),
    seq INTEGER NOT NULL,
    boot_id INTEGER NOT NULL,
    type INTEGER NOT NULL,
    version INTEGER NOT NULL,
    time_us INTEGER NOT NULL,
    received_utc_us INTEGER NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY (device_id, seq)
) STRICT;
CREATE INDEX record_by_type ON record (device_id, type, version);
CREATE TRIGGER record_is_never_rewritten BEFORE UPDATE ON record
BEGIN SELECT RAISE (ABORT, 'a record is never rewritten'); END;
CREATE TABLE conflict (
    device_id INTEGER NOT NULL REFERENCES device (id),
    seq INTEGER NOT NULL,
    received_utc_us INTEGER NOT NULL,
    raw BLOB NOT NULL,
    UNIQUE (device_id, seq, raw)
) STRICT;
CREATE TABLE missing (
    device_id INTEGER NOT NULL REFERENCES device (id),
    first_seq INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    seen_utc_us INTEGER NOT NULL,
    PRIMARY KEY (device_id, first_seq)
) STRICT;
CREATE TABLE sync_session (
    id INTEGER PRIMARY KEY,
    device_id INTEGER NOT NULL REFERENCES device (id),
    transport TEXT NOT NULL,
    started_utc_us INTEGER NOT NULL,
    ended_utc_us INTEGER,
    records INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    damaged INTEGER NOT NULL DEFAULT 0,
    outcome TEXT
) STRICT;
CREATE INDEX sync_session_by_device ON sync_session (device_id, started_utc_us);
"""

_LINK_NOTES = """
CREATE TABLE trouble (
    id INTEGER PRIMARY KEY,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    started_utc_us INTEGER NOT NULL,
    ended_utc_us INTEGER
) STRICT;
CREATE INDEX trouble_by_start ON trouble (started_utc_us);
CREATE TABLE port (
    vid INTEGER NOT NULL,
    pid INTEGER NOT NULL,
    serial_number TEXT NOT NULL,
    hardware_id TEXT NOT NULL,
    PRIMARY KEY (vid, pid, serial_number)
) STRICT;
"""

# What was derived from the records, and what people did about it: `body` is JSON, as the programs print it.
_FINDINGS = """
CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    identity TEXT NOT NULL,
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    since_utc_us INTEGER NOT NULL,
    until_utc_us INTEGER NOT NULL,
    raised_utc_us INTEGER NOT NULL,
    derived_utc_us INTEGER NOT NULL,
    acknowledged_utc_us INTEGER,
    acknowledged_urgency TEXT,
    resolved_utc_us INTEGER,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE night (
    identity TEXT NOT NULL,
    log_id INTEGER NOT NULL,
    date TEXT NOT NULL,
    derived_utc_us INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (identity, log_id, date)
) STRICT;
"""

_CHANGES = """
CREATE TABLE setting_change (
    id INTEGER PRIMARY KEY,
    hardware_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    asked_utc_us INTEGER NOT NULL,
    answered_utc_us INTEGER,
    outcome TEXT
) STRICT;
CREATE INDEX setting_change_waiting ON setting_change (hardware_id, outcome);
"""

# A revision is never rewritten: what was known before the night must remain unchanged.
_JOURNAL = """
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    night TEXT NOT NULL,
    entered_utc_us INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX journal_by_night ON journal (night);
CREATE TRIGGER journal_is_never_rewritten BEFORE UPDATE ON journal
BEGIN SELECT RAISE (ABORT, 'a journal entry is never rewritten'); END;
CREATE TABLE course (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    first_night TEXT NOT NULL,
    last_night TEXT,
    started_utc_us INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
"""

_ALERTS = """
CREATE TABLE alert (
    key TEXT PRIMARY KEY,
    urgency TEXT NOT NULL,
    title TEXT NOT NULL,
    sent_utc_us INTEGER NOT NULL,
    unanswered_utc_us INTEGER,
    over_utc_us INTEGER,
    channels TEXT NOT NULL
) STRICT;
CREATE TABLE snooze (
    key TEXT PRIMARY KEY,
    until_utc_us INTEGER NOT NULL
) STRICT;
"""

# Nights in short, in the place of those of version 3. `night.logs`: the records of a night by log, [first,
# past the last) in JSON; `view`: the night as programs print it; `clock`: what dated its records. `derived`:
# of each log, which records (by rowid, which grows as they come) the nights rest on, and which have no time
# yet. `zone`: where this computer was, and when.
_SUMMARIES = """
DROP TABLE night;
CREATE TABLE night (
    identity TEXT NOT NULL,
    start_utc_us INTEGER NOT NULL,
    end_utc_us INTEGER NOT NULL,
    date TEXT NOT NULL,
    zone TEXT NOT NULL,
    derived_utc_us INTEGER NOT NULL,
    version TEXT NOT NULL,
    logs TEXT NOT NULL,
    body TEXT NOT NULL,
    view TEXT NOT NULL,
    clock TEXT NOT NULL,
    PRIMARY KEY (identity, start_utc_us)
) STRICT;
CREATE TABLE derived (
    device_id INTEGER PRIMARY KEY REFERENCES device (id),
    upto_rowid INTEGER NOT NULL,
    undated INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    waiting_from_seq INTEGER
) STRICT;
CREATE TABLE trend (
    key TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
DROP INDEX record_by_type;
CREATE INDEX record_by_type ON record (device_id, type, seq, version);
CREATE TABLE zone (
    first_utc_us INTEGER PRIMARY KEY,
    last_utc_us INTEGER NOT NULL,
    name TEXT NOT NULL
) STRICT;
"""

# How far a log is here follows from its rows (standing.py): a number kept beside them can be wrong.
_WITHOUT_WATERMARK = """
ALTER TABLE device DROP COLUMN next_seq;
"""

# The simulated ring of 0.1 had the address of a chip; it gets the one by which demo data is recognised. Its
# firmware was 0.1 (the first bytes of a boot record's body). What was derived of it is derived again.
_DEMO_OF_0_1 = """
UPDATE OR IGNORE device SET hardware_id = '02:7C:57:00:00:01', name = 'demo'
WHERE hardware_id = '24:0A:C4:00:00:01' AND EXISTS (
    SELECT 1 FROM record WHERE device_id = device.id AND type = 5 AND substr(raw, 21, 2) = x'0001'
);
DELETE FROM derived WHERE device_id IN (SELECT id FROM device WHERE hardware_id = '02:7C:57:00:00:01');
DELETE FROM night WHERE identity NOT IN (SELECT hardware_id FROM device);
DELETE FROM finding WHERE identity = '24:0A:C4:00:00:01'
AND identity NOT IN (SELECT hardware_id FROM device);
"""

# What an earlier version of the analysis printed of a night or a finding (JSON), until somebody was shown it.
_FORMER = """
CREATE TABLE former (
    what TEXT NOT NULL,
    key TEXT NOT NULL,
    identity TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (what, key)
) STRICT;
"""

# When a log's newest record arrived counts for the silence of its sensor: it moves with a clock that is set
# (moments.py), and a record is never rewritten.
_LAST_RECORD = """
ALTER TABLE device ADD COLUMN last_record_utc_us INTEGER;
UPDATE device SET last_record_utc_us = (
    SELECT received_utc_us FROM record WHERE device_id = device.id ORDER BY seq DESC LIMIT 1
);
"""

# Bluetooth addresses at which a sensor proved its key, if they do not follow from its hardware id.
_ADDRESSES = """
CREATE TABLE proven_address (
    address TEXT PRIMARY KEY,
    hardware_id TEXT NOT NULL
) STRICT;
"""

# Seals (seals.py); damaged rows with their bytes, taken out of `origin`; the outcome of the last whole check.
_SEALS = f"""
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    found_utc_us INTEGER NOT NULL,
    device_id INTEGER,
    seq INTEGER,
    columns TEXT NOT NULL,
    raw BLOB
) STRICT;
CREATE INDEX quarantine_by_device ON quarantine (device_id, seq);
CREATE TABLE last_check (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    utc_us INTEGER NOT NULL,
    records INTEGER NOT NULL,
    wrong TEXT NOT NULL
) STRICT;
CREATE TABLE schema_seal (
    seal INTEGER NOT NULL
) STRICT;
ALTER TABLE record ADD COLUMN seal INTEGER;
DROP TRIGGER journal_is_never_rewritten;
{columns_of_seals()}
CREATE TRIGGER journal_is_never_rewritten BEFORE UPDATE OF id, night, entered_utc_us, body ON journal
BEGIN SELECT RAISE (ABORT, 'a journal entry is never rewritten'); END;
"""

# What people say of events, stretches and moments. Like the journal it only grows: a later row takes an
# earlier one back.
_ANNOTATIONS = f"""
CREATE TABLE annotation (
    id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL,
    what TEXT NOT NULL,
    entered_utc_us INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX annotation_by_sensor ON annotation (identity);
{columns_of_seals(["annotation"])}
CREATE TRIGGER annotation_is_never_rewritten
BEFORE UPDATE OF id, identity, what, entered_utc_us, body ON annotation
BEGIN SELECT RAISE (ABORT, 'an annotation is never rewritten'); END;
"""

# The n-th script takes a database from version n - 1 to n. A script once released is never changed.
MIGRATIONS: tuple[str, ...] = (
    _FIRST,
    _LINK_NOTES,
    _FINDINGS,
    _CHANGES,
    _JOURNAL,
    _ALERTS,
    _SUMMARIES,
    _WITHOUT_WATERMARK,
    _DEMO_OF_0_1,
    _FORMER,
    _LAST_RECORD,
    _ADDRESSES,
    _SEALS,
    _ANNOTATIONS,
)
