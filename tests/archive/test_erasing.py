"""Erasing leaves no trace in any file, keeps everything else, and the sensor is not asked again."""

from __future__ import annotations

import resource
import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.archive.worn import BOOTED, DAY, HOUR, Worn, us
from tests.cli.conftest import invoke  # noqa: F401
from twitchwatch.archive.annotating import note_moment
from twitchwatch.archive.nights import Archive
from twitchwatch.clock.zone import LOCAL
from twitchwatch.journal.book import write_changes
from twitchwatch.service.lock import only_one
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import AlertRow, FindingRow, Store, UnplacedError
from twitchwatch.store.erasing import NightRecords, copies_of, erase_nights
from twitchwatch.store.standing import Count

BEDTIME = us("2025-03-03T22:00")
NIGHTS = 4
WORDS = "seen by nobody but me"
HARDWARE_ID = "24:0A:C4:00:00:01"


@pytest.fixture
def worn(tmp_path):
    """Four nights, a note in the second, and a journal: the database, and the records of each night."""
    path = tmp_path / "t.db"
    with Store.open(path) as store:
        ring = Worn(store, BEDTIME, HARDWARE_ID)
        firsts = []
        for night in range(NIGHTS):
            firsts.append(ring.seq)
            ring.sleep(BEDTIME + night * DAY, 6, 30 + night)
            ring.meet(BEDTIME + night * DAY + 9 * HOUR, "UTC")
        raw = [[one.raw for one in store.records(1, from_seq=first)] for first in firsts]
        nights = [own[: len(own) - len(later)] for own, later in zip(raw, [*raw[1:], []], strict=True)]
        archive = Archive(store, LOCAL)
        (sensor,) = archive.sensors()
        night = sensor.nights[1]
        note_moment(store, night, night.start_utc_us + 12 * HOUR, None, WORDS, BEDTIME)
        for at in range(NIGHTS):
            write_changes(store, date(2025, 3, 3 + at), {"note": f"{WORDS} {at}"}, BEDTIME + at * DAY)
    return path, nights


def measured(records: list[bytes]) -> list[bytes]:
    kept = (protocol.BOOT, protocol.ANCHOR, protocol.SETTINGS, protocol.CRASH)
    return [raw for raw in records if raw[0] not in kept]


def everything_in(path) -> bytes:
    return b"".join(one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")))


def nights_of(invoke, path) -> dict[str, dict]:  # noqa: F811
    lines = invoke("nights", "--json", "--database", path).lines
    return {line["night"]: line for line in lines if line["kind"] == "night"}


def test_a_night_is_gone_from_every_byte_and_the_others_are_as_before(worn, invoke):  # noqa: F811
    path, nights = worn
    before = nights_of(invoke, path)
    assert all(raw in everything_in(path) for raw in nights[1])
    outcome = invoke("erase", "--night", "2025-03-04", "--journal", "--yes", "--json", "--database", path)
    (line,) = outcome.lines
    gone = measured(nights[1])
    assert (line["nights"], line["records"], line["annotations"]) == (1, len(gone), 1)
    held = everything_in(path)
    assert [raw for raw in gone if raw in held or raw[20:-4] in held] == []
    assert f"{WORDS} 1".encode() not in held
    assert [f"{WORDS} {at}".encode() in held for at in (0, 2, 3)] == [True] * 3
    assert b'"words": "' + WORDS.encode() not in held
    after = nights_of(invoke, path)
    assert after.keys() == before.keys() - {"2025-03-04"}
    for night, figures in after.items():
        same = ("twitches", "rest_h", "start_utc", "noise_mg", "hours", "clock_error_s")
        assert {name: figures[name] for name in same} == {name: before[night][name] for name in same}
    assert invoke("status", "--json", "--database", path).lines[1]["missing"] == 0
    with Store.open_existing(path) as store:
        assert store.care.examine().whole


def test_the_alert_about_a_night_goes_with_it_and_that_about_several_stays(worn, invoke):  # noqa: F811
    path, _ = worn
    noon = us("2025-03-04T12:00")
    with Store.open_existing(path) as store:
        ends = {"one night": noon + 12 * HOUR, "two nights": noon + 36 * HOUR}
        times = (noon, noon, None, None, None)
        rows = [
            FindingRow(None, key, HARDWARE_ID, "kind", "nights", noon + 10 * HOUR, end, *times, "{}")
            for key, end in ends.items()
        ]
        store.findings.settle(lambda _: rows)
        for key in ends:
            store.alerts.keep(AlertRow(key, "note", f"title of {key}", noon, None, None, ""))
            store.alerts.snooze(key, noon)
    assert invoke("erase", "--night", "2025-03-04", "--yes", "--database", path).code == 0
    held = everything_in(path)
    assert [words in held for words in (b"title of one night", b"title of two nights")] == [False, True]
    with Store.open_existing(path) as store:
        assert store.alerts.snoozes().keys() == {"two nights"}


def test_the_sensor_is_not_asked_again_and_what_it_sends_is_not_stored(worn, invoke):  # noqa: F811
    """Even of the last night, which the sensor still has as a whole."""
    path, nights = worn
    assert invoke("erase", "--night", "2025-03-06", "--yes", "--database", path).code == 0
    end = sum(map(len, nights))
    first = end - len(nights[-1])
    with Store.open_existing(path) as store:
        standing = store.stand(1, Count(first, end, 1), BEDTIME)
        assert standing.held_seq == end
        assert not standing.set_back
        again = [raw for raw in nights[-1] if protocol.seq_at(raw, 0) >= standing.from_seq]
        result = store.commit(1, again, standing.from_seq, end, 0, BEDTIME, compared=standing.compared)
        assert (result.stored, result.missing, result.held_seq) == (0, 0, end)
    held = everything_in(path)
    assert [raw for raw in measured(nights[-1]) if raw in held] == []
    assert "2025-03-06" not in nights_of(invoke, path)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), min_size=1, max_size=4),
    st.integers(0, 30),
)
@settings(max_examples=40)
def test_whatever_is_erased_what_is_held_reaches_as_far_as_before(tmp_path_factory, spans, first):
    """Then every record that the sensor still has is sent again: none that was erased comes back."""
    path = tmp_path_factory.mktemp("erased") / "t.db"
    marks = [protocol.encode(protocol.MARK, seq, 1, seq, (0,)) for seq in range(30)]
    with Store.open(path) as store:
        device = store.register("aa", 1, "ring", 1)
        store.commit(device.id, marks, 0, 30, 0, 1)
        places = [NightRecords(device.id, at, min(30, at + count)) for at, count in spans]
        store.write(lambda connection: erase_nights(connection, places, (), (), (), ()))
        gone = {seq for place in places for seq in range(place.first_seq, place.past_seq)}
        standing = store.stand(device.id, Count(first, 30, 1), 2)
        assert standing.held_seq == 30
        sent = marks[standing.from_seq :]
        store.commit(
            standing.device_id, sent, standing.from_seq, 30, 0, 2, compared=standing.compared or not sent
        )
        assert {record.seq for record in store.records(device.id)} == set(range(30)) - gone
        assert store.care.examine().gone == 0


@given(st.data())
@settings(max_examples=40)
def test_what_is_erased_from_a_log_and_its_branch_does_not_come_back(tmp_path_factory, data):
    """The sensor's log went back to `back` and went on with other records: there are two logs of it."""
    path = tmp_path_factory.mktemp("erased") / "t.db"
    back = data.draw(st.integers(5, 28))
    end = data.draw(st.integers(back + 1, 40))
    old = [protocol.encode(protocol.MARK, seq, 1, seq, (0,)) for seq in range(30)]
    new = [protocol.encode(protocol.BOOT, back, 2, 0, BOOTED)]
    new += [protocol.encode(protocol.MARK, seq, 2, seq, (0,)) for seq in range(back + 1, end + 3)]
    with Store.open(path) as store:
        device = store.register("aa", 1, "ring", 1)
        sync(store, device.id, old, 0, 1)
        sync(store, device.id, [*old[:back], *new[: end - back]], 0, 2)
        before = {one.raw for log in store.devices() for one in store.records(log.id)}
        places = [
            NightRecords(log.id, first, first + data.draw(st.integers(1, 40)))
            for log in store.devices()
            for first in data.draw(st.lists(st.integers(0, 39), max_size=2))
        ]
        store.write(lambda connection: erase_nights(connection, places, (), (), (), ()))
        left = {one.raw for log in store.devices() for one in store.records(log.id)}
        first = data.draw(st.integers(0, back))
        for _ in range(2):
            sync(store, device.id, [*old[:back], *new], first, 2)
        after = {one.raw for log in store.devices() for one in store.records(log.id)}
        assert after == left | set(new[end - back :])
        assert not after & (before - left)


def sync(store: Store, device_id: int, log: list[bytes], first: int, boot_id: int) -> None:
    """What the sync does with a sensor that still has its log from `first` on."""
    standing = store.stand(device_id, Count(first, len(log), boot_id), 2)
    at, device_id, compared = max(standing.from_seq, first), standing.device_id, standing.compared
    while at < len(log):
        window = log[at : at + 7]
        try:
            stored = store.commit(device_id, window, at, at + len(window), 0, 2, compared=compared)
        except UnplacedError:
            at, compared = first, True
            continue
        at, device_id, compared = at + len(window), stored.device_id, True


def test_a_sensor_is_erased_with_its_findings_and_the_journal_stays(worn, invoke):  # noqa: F811
    path, nights = worn
    (line,) = invoke("erase", "--sensor", "ring", "--yes", "--json", "--database", path).lines
    assert (line["scope"], line["nights"], line["records"]) == ("sensors", NIGHTS, sum(map(len, nights)))
    held = everything_in(path)
    assert [raw for own in nights for raw in own if raw in held] == []
    assert HARDWARE_ID.encode() not in held
    assert f"{WORDS} 1".encode() in held


def test_everything_is_erased_with_its_copies(worn, invoke):  # noqa: F811
    path, _ = worn
    invoke("backup", "--database", path)
    (copy,) = (path.parent / "backups").glob("*.db")
    outcome = invoke("erase", "--everything", "--yes", "--database", path)
    assert str(copy) in outcome.out.replace("\n", "")
    assert not path.exists()
    assert copy.exists()
    (line,) = invoke("erase", "--backups", "--yes", "--json", "--database", path).lines
    assert (line["files"], line["copies"]) == ([str(copy)], [])
    assert not copy.exists()


def test_a_long_running_program_shows_an_erased_night_no_more(worn, invoke):  # noqa: F811
    """As a dashboard does that is open meanwhile: VACUUM numbers the rows again."""
    path, _ = worn
    with Store.open(path) as store:
        archive = Archive(store, LOCAL)
        (before,) = archive.sensors()
        outcome = invoke("erase", "--night", "2025-03-04", "--yes", "--database", path)
        assert outcome.code == 0
        (after,) = archive.sensors()
        dates = [night.date.isoformat() for night in after.nights]
        assert dates == ["2025-03-03", "2025-03-05", "2025-03-06"]
        assert len(before.nights) == NIGHTS
        (fresh,) = Archive(store, LOCAL).sensors()
        assert [one.view for one in after.rated] == [one.view for one in fresh.rated]


def test_copies_are_found_beside_a_database_of_any_name_and_no_others(tmp_path):
    for database in (tmp_path / "nights [1].db", tmp_path / "*.db", tmp_path / "x.db"):
        folder = tmp_path / "backups"
        folder.mkdir(exist_ok=True)
        moment = "20250304-050607"
        own = [
            folder / f"{database.stem}-{moment}.db",
            folder / f"{database.stem}-{moment}.db.part",
            database.with_name(f"{database.name}.v3.backup"),
            database.with_name(f"{database.name}.{moment}.aside"),
            database.with_name(f"{database.name}.{moment}.aside-wal"),
            database.with_name(f"{database.name}.restoring"),
            database.with_name(f"{database.stem}.salvaged.db"),
        ]
        for path in own:
            path.touch()
        assert sorted(copies_of(database, folder)) == sorted(own)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "Say what to erase"),
        (("--night", "2025-03-04", "--everything"), "not several"),
        (("--night", "2020-01-01", "--yes"), "no such night"),
        (("--sensor", "rung", "--yes"), "no sensor"),
        (("--demo", "--yes"), "no demo data"),
        (("--journal", "--everything"), "--journal is for nights"),
        (("--night", "2025-03-04"), "Add --yes"),
    ],
)
def test_what_cannot_be_erased_says_why_and_erases_nothing(options, said, worn, invoke):  # noqa: F811
    path, nights = worn
    outcome = invoke("erase", *options, "--database", path)
    assert outcome.code == 2
    assert said in outcome.err
    with Store.open_existing(path) as store:
        assert len([*store.records(1)]) == sum(map(len, nights))


def test_it_waits_for_nobody_while_the_daemon_collects(worn, invoke):  # noqa: F811
    path, _ = worn
    with only_one(path):
        outcome = invoke("erase", "--everything", "--yes", "--database", path)
    assert outcome.code == 3
    assert "already collecting" in outcome.err
    assert path.exists()


def test_traces_that_remain_are_said(worn, invoke):  # noqa: F811
    """A reader with an old view of the file keeps the log from being emptied."""
    path, _ = worn
    with Store.open_existing(path) as other, other.reading() as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM record").fetchone()
        outcome = invoke("erase", "--night", "2025-03-04", "--yes", "--database", path)
        assert any(raw in everything_in(path) for raw in measured(worn[1][1]))
    assert outcome.code == 3
    assert "erase --traces" in outcome.err
    gone = measured(worn[1][1])
    outcome = invoke("erase", "--traces", "--json", "--database", path)
    assert (outcome.code, outcome.lines[0]["scope"]) == (0, "traces")
    assert [raw for raw in gone if raw in everything_in(path)] == []
    assert "2025-03-04" not in nights_of(invoke, path)


def test_on_a_full_disk_the_rows_are_gone_and_traces_are_said(worn, invoke):  # noqa: F811
    """No file may grow beyond a size at which the rows can be deleted, and the file cannot be rewritten."""
    path, nights = worn
    invoke("nights", "--database", path)
    limit = path.stat().st_size
    ran = subprocess.run(
        [sys.executable, "-m", "twitchwatch", "erase", "--night", "2025-03-04", "--yes", "--database", path],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 3
    assert "The rows are erased" in ran.stderr
    assert "the sensor keeps" not in ran.stderr
    assert invoke("erase", "--traces", "--database", path).code == 0
    held = everything_in(path)
    assert [raw for raw in measured(nights[1]) if raw in held] == []
