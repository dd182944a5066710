"""From a database to findings: what people did stays, and a reanalysis shows what changed."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from twitchwatch.archive import findings
from twitchwatch.archive.findings import derive
from twitchwatch.archive.keeping import acknowledge, keep
from twitchwatch.archive.reanalysis import reanalyse
from twitchwatch.errors import UsageError
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store, schema

MINUTE = 60_000_000
START = int(datetime(2025, 3, 4, 21, tzinfo=UTC).timestamp()) * 1_000_000
AFTER = START + 16 * 60 * MINUTE


def night(tremor_s=40):
    made = []

    def add(kind, time_us, body):
        made.append(protocol.encode(kind, len(made), 1, time_us, body))

    add(protocol.ANCHOR, 0, (START, 20_000))
    for minute in range(180):
        add(protocol.EPOCH, minute * MINUTE, epoch(minute))
    add(protocol.TREMOR, 30 * MINUTE, tremor(30 * 6240, tremor_s))
    return made


def epoch(minute):
    return (minute * 6240, 60_000) + (0,) * 14 + (1, 0, 0) + protocol.UNCOUNTED


def tremor(sample, duration_s):
    filled = (sample, duration_s * 1000, 5100, 200, 8000, 9000, 102, 0)
    return filled + (0,) * (len(protocol.Tremor._fields) - len(filled))


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "records.db") as store:
        for hardware_id in ("aa", "bb"):
            ring = store.register(hardware_id, 1, "ring", AFTER)
            records = night()
            store.commit(ring.id, records, 0, len(records), 0, AFTER)
        yield store


def test_two_sensors_of_one_name_have_findings_of_their_own(store):
    first, second, both = sorted(keep(store, UTC, AFTER), key=lambda flag: flag.id)
    assert (first.kind, second.kind, both.kind) == ("tremor", "tremor", "spread_tremor")
    assert (first.hardware_id, second.hardware_id) == ("aa", "bb")
    assert (first.id, second.id) == (1, 2)
    assert both.evidence["sites"] == ("ring (aa)", "ring (bb)")


def test_derived_again_they_are_the_same_and_nothing_is_written(store):
    before = keep(store, UTC, AFTER)
    rows = store.findings.all()
    assert keep(store, UTC, AFTER + MINUTE) == before
    assert store.findings.all() == rows


def everything(path):
    """All that the database holds, whether in the file or still beside it."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_who_asks_writes_nothing_and_sees_what_the_collector_will_keep(store):
    before = everything(store.path)
    asked = derive(store, UTC, AFTER)
    assert everything(store.path) == before
    assert keep(store, UTC, AFTER) == asked
    after = everything(store.path)
    assert after != before
    assert derive(store, UTC, AFTER) == asked
    assert everything(store.path) == after


def test_one_that_was_acknowledged_stays_so(store):
    keep(store, UTC, AFTER)
    acknowledge(store, 2, AFTER)
    states = [flag.state for flag in sorted(keep(store, UTC, AFTER), key=lambda one: one.id)]
    assert states == ["new", "acknowledged", "new"]


def test_a_number_that_is_not_there_is_said(store):
    with pytest.raises(UsageError, match="no finding 99"):
        acknowledge(store, 99, AFTER)


def test_a_silent_sensor_is_resolved_when_it_speaks(store):
    late = AFTER + 48 * 60 * MINUTE
    silent = [flag for flag in keep(store, UTC, late) if flag.kind == "no_data"]
    assert {flag.state for flag in silent} == {"new"}
    for hardware_id in ("aa", "bb"):
        ring = store.register(hardware_id, 1, "ring", late)
        mark = protocol.encode(protocol.MARK, 200, 1, 185 * MINUTE, (0,))
        store.commit(ring.id, [mark], 200, 201, 0, late)
    assert [flag for flag in keep(store, UTC, late) if flag.kind == "no_data"] == []
    assert sum(row.resolved_utc_us == late for row in store.findings.all()) == 2


def test_records_that_come_late_change_what_is_kept(store):
    keep(store, UTC, AFTER)
    ring = store.devices()[0]
    late = protocol.encode(protocol.TREMOR, 300, 1, 60 * MINUTE, tremor(60 * 6240, 30))
    store.commit(ring.id, [late], 300, 301, 0, AFTER)
    keep(store, UTC, AFTER)
    assert reanalyse(store, UTC, AFTER) == []
    assert len(json.loads(store.summaries.views()[0])["tremor"]) == 2


def test_a_reanalysis_tells_what_another_version_said(store, monkeypatch):
    keep(store, UTC, AFTER)
    with closing(schema.connect(store.path, 1.0, write=True)) as connection:
        connection.execute("""UPDATE night SET version = 'old', view = json_set(view, '$.twitches', 9)
                              WHERE identity = 'aa'""")
        connection.execute("""UPDATE finding SET body = json_set(body, '$.confidence', 'low',
                              '$.versions.analysis', 0) WHERE kind = 'tremor' AND identity = 'bb'""")
    reported = reanalyse(store, UTC, AFTER, keep=False)
    assert reported == reanalyse(store, UTC, AFTER)
    changed_night, changed_finding = reported
    assert (changed_night.what, changed_night.key) == ("night", "aa/2025-03-04")
    assert changed_night.differences["twitches"] == (9, 0)
    assert changed_finding.differences["confidence"] == ("low", "high")
    assert reanalyse(store, UTC, AFTER) == []


@pytest.mark.parametrize("syncs", [1, 2])
def test_what_the_collector_derived_again_after_an_update_is_still_shown(store, monkeypatch, syncs):
    keep(store, UTC, AFTER)
    with closing(schema.connect(store.path, 1.0, write=True)) as connection:
        connection.execute("""UPDATE night SET version = 'old', view = json_set(view, '$.twitches', 9)
                              WHERE identity = 'aa'""")
        connection.execute("""UPDATE finding SET body = json_set(body, '$.confidence', 'low')
                              WHERE kind = 'tremor' AND identity = 'bb'""")
    for _ in range(syncs):
        keep(store, UTC, AFTER)
    shown = reanalyse(store, UTC, AFTER, keep=False)
    assert [(change.what, change.verb) for change in shown] == [("night", "changed"), ("finding", "changed")]
    assert shown[0].differences == {"twitches": (9, 0)}
    assert shown[1].differences == {"confidence": ("low", "high")}
    assert reanalyse(store, UTC, AFTER) == shown
    assert reanalyse(store, UTC, AFTER) == []


def test_a_finding_that_the_analysis_no_longer_makes_is_gone_and_resolved(store, monkeypatch):
    keep(store, UTC, AFTER)
    monkeypatch.setattr(findings, "raise_flags", lambda nights, **_: [])
    reported = reanalyse(store, UTC, AFTER)
    assert [(change.what, change.after) for change in reported] == [("finding", None)] * 3
    assert all(row.resolved_utc_us == AFTER for row in store.findings.all())
