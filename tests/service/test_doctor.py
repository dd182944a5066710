"""Each thing that may be wrong is found, and every finding that is not well has a remedy."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import NoReturn

import pytest

from tests.board import made
from tests.damaging import damage as spoil
from twitchwatch.errors import ConfigurationError, DeviceError, DeviceReason, Exit
from twitchwatch.link.bluez import AdapterState
from twitchwatch.link.keys import Keys
from twitchwatch.service import checks, doctor
from twitchwatch.service.checks import Check, Health
from twitchwatch.service.doctor import verdict
from twitchwatch.service.systems import ServiceState
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import DEMO_HARDWARE_ID, LinkFault, Store
from twitchwatch.store.copies import back_up, folder_beside

HOUR = 3_600_000_000
NOW = 1_800_000_000_000_000
RING = "24:0A:C4:00:00:01"
OFF = AdapterState("hci0", "00:1A", False, True)
ON = AdapterState("hci1", "00:1B", True, True)
CLASSIC = AdapterState("hci2", "00:1C", True, False)
NO_BUS = DeviceError("The bus cannot be reached. Start it.", DeviceReason.SERVICE_DOWN)
RUNS = ServiceState(True, True, "active (running)")
NO_SYSTEMD = ConfigurationError("systemd does not respond. Start it otherwise.")


def version_of(name: str) -> str:
    found = {"bleak": "3.1.0", "numpy": "1.26.4"}.get(name)
    if found is None:
        raise metadata.PackageNotFoundError(name)
    return found


@pytest.mark.parametrize(
    ("finding", "health", "reported"),
    [
        (checks.check_python(["bleak>=3.1,<4"], version_of), Health.WELL, "every required package"),
        (checks.check_python(["numpy>=2.0"], version_of), Health.BAD, "numpy is 1.26.4, but >=2.0 is needed"),
        (checks.check_python(["scipy>=1.14"], version_of), Health.BAD, "scipy is missing"),
        (checks.check_python(['bumble==0.0.236; extra == "sim"'], version_of), Health.WELL, "every"),
        (checks.check_bluez("bluetoothctl: 5.66"), Health.WELL, "5.66"),
        (checks.check_bluez("bluetoothctl: 5.53"), Health.BAD, "5.53; 5.55 is needed"),
        (checks.check_bluez("eh"), Health.UNKNOWN, "eh"),
        (checks.check_bluez(None), Health.BAD, "not installed"),
        (checks.check_adapters([OFF, ON]), Health.WELL, "hci0 (off), hci1 (on)"),
        (checks.check_adapters([OFF]), Health.BAD, "hci0 (off)"),
        (checks.check_adapters([CLASSIC]), Health.BAD, "cannot connect to sensors"),
        (checks.check_adapters([]), Health.BAD, "none"),
        (checks.check_adapters(NO_BUS), Health.BAD, "The bus cannot be reached"),
        (checks.check_ports(["/dev/ttyACM0"], lambda _: True), Health.WELL, "/dev/ttyACM0"),
        (
            checks.check_ports(["/dev/ttyACM0"], lambda _: False),
            Health.WARNING,
            "no permission to open /dev/ttyACM0",
        ),
        (checks.check_ports([], lambda _: False), Health.WELL, "no serial port"),
        (checks.check_clock(True), Health.WELL, "synchronised over the network"),
        (checks.check_clock(False), Health.WARNING, "not synchronised over the network"),
        (checks.check_clock(None), Health.UNKNOWN, "does not report"),
        (checks.check_room(10**10), Health.WELL, "10.0 GB"),
        (checks.check_room(5 * 10**8), Health.WARNING, "0.5 GB"),
        (checks.check_room(10**6), Health.BAD, "0.0 GB"),
        (checks.check_service(RUNS, 7, True), Health.WELL, "process 7"),
        (checks.check_service(RUNS, 7, False), Health.WARNING, "while you are logged in"),
        (checks.check_service(RUNS, None, True), Health.BAD, "no process is collecting"),
        (checks.check_service(NO_SYSTEMD, 7, None), Health.WARNING, "started by hand"),
        (checks.check_service(NO_SYSTEMD, None, None), Health.BAD, "systemd does not respond"),
    ],
)
def test_what_is_wrong_is_found(finding: Check, health: Health, reported: str) -> None:
    assert (finding.health, reported in finding.reported) == (health, True), finding
    assert bool(finding.remedy) == (health in (Health.WARNING, Health.BAD))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "home" / "t.db"
    Store.open(path).close()
    return path


def test_a_damaged_database_is_found(database: Path) -> None:
    assert checks.check_database(database).health is Health.WELL
    with Store.open(database) as store:
        ring = store.register(RING, 1, "ring", NOW)
        marks = [protocol.encode(protocol.MARK, seq, 1, seq, (0,)) for seq in range(3000)]
        store.commit(ring.id, marks, 0, 3000, 0, NOW)
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    whole = database.read_bytes()
    database.write_bytes(whole[: len(whole) // 2] + bytes(8192) + whole[len(whole) // 2 + 8192 :])
    found = checks.check_database(database)
    assert (found.health, verdict([found])) == (Health.BAD, Exit.INTEGRITY)
    assert "twitchwatch salvage" in found.remedy


def test_damaged_rows_are_found_and_the_exit_code_says_that_something_is_lost(database: Path) -> None:
    with Store.open(database) as store:
        store.register(RING, 1, "ring", NOW)
        store.journal.note("2026-01-01", "{}", NOW)
        store.summaries.keep_trends("1", {"key": "[]"})
    spoil(database, "UPDATE trend SET body = 'x'")
    found = checks.check_database(database)
    assert (found.health, found.lost, verdict([found])) == (Health.WARNING, False, Exit.ATTENTION)
    spoil(database, "UPDATE journal SET body = 'x'")
    found = checks.check_database(database)
    assert (found.reported, verdict([found])) == ("damaged: 1 journal entry", Exit.INTEGRITY)
    assert verdict([checks.check_room(10**10)]) is Exit.OK


def test_a_database_that_others_may_read_or_that_is_not_there(database: Path, tmp_path: Path) -> None:
    database.chmod(0o644)
    assert "chmod 600" in checks.check_database(database).remedy
    assert checks.check_database(tmp_path / "no.db").health is Health.WARNING


def reported_of(database: Path, keys: Keys) -> list[Check]:
    with Store.open(database) as store:
        return list(checks.check_sensors(store, keys, NOW))


def test_a_database_that_is_gone_is_missed_if_there_are_backups_of_it(database: Path) -> None:
    made = back_up(database, folder_beside(database), 0)
    database.unlink()
    found = checks.check_database(database)
    assert (found.health, found.lost) == (Health.BAD, True)
    assert found.remedy.endswith(f"`twitchwatch restore {made.path}`")


def test_sensors_never_met_silent_unpaired_and_well(database: Path, tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    (none,) = reported_of(database, keys)
    assert none.reported == "none has been paired or synced yet"
    keys.make(RING)
    (never,) = reported_of(database, keys)
    assert never.reported == "paired, but never synced"
    with Store.open(database) as store:
        store.register(RING, 1, "ring", NOW - 30 * HOUR)
    (silent,) = reported_of(database, keys)
    assert (silent.health, silent.reported[:20]) == (Health.WARNING, "last seen 30.0 h ago")
    with Store.open(database) as store:
        ring = store.register(RING, 1, "ring", NOW - HOUR)
        sync = store.begin_sync(ring.id, "ble", NOW - HOUR)
        end = {"ended_utc_us": NOW, "records": 0, "unread": 0, "damaged": 0}
        store.end_sync(sync, outcome="complete", **end)
        assert [one.health for one in checks.check_sensors(store, keys, NOW)] == [Health.WELL]
        store.end_sync(sync, outcome="the device stopped answering", **end)
        assert [one.health for one in checks.check_sensors(store, keys, NOW)] == [Health.WARNING]
    keys.forget(RING)
    (unpaired,) = reported_of(database, keys)
    assert (unpaired.health, unpaired.remedy) == (
        Health.BAD,
        "Connect it by cable, then run `twitchwatch sensors rekey`.",
    )


def test_link_faults_of_now_are_reported_and_old_ones_are_not() -> None:
    link_faults = [
        LinkFault("Bluetooth", "adapter off", "It is off. Switch it on.", NOW, None),
        LinkFault("ring", "no answer", "Silent. Wait.", NOW, NOW + HOUR),
    ]
    assert list(checks.check_link_faults(link_faults)) == [
        Check("Bluetooth", Health.WARNING, "It is off", "Switch it on.")
    ]


def test_the_command_tells_all_and_ends_with_attention(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "twitchwatch", "doctor", "--json", "--log", str(tmp_path / "t.log")]
    ran = subprocess.run(
        [*command, "--database", str(tmp_path / "no" / "t.db")], capture_output=True, text=True, check=False
    )
    # Nobody collects into a database that is not there.
    assert ran.returncode == 6, ran.stderr
    reported = {line["name"]: line for line in map(json.loads, ran.stdout.splitlines())}
    assert {"Python", "Clock", "Disk", "Database", "Daemon"} <= set(reported)
    assert reported["Python"]["health"] == "well"
    assert reported["Daemon"]["health"] == "bad"
    # It has only looked.
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("hardware_id", "advised"), [("24:0A:C4:00:00:02", True), (DEMO_HARDWARE_ID, False)])
def test_a_simulated_ring_needs_no_care(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hardware_id: str, advised: bool
) -> None:
    monkeypatch.setattr(made, "RING", hardware_id)
    path = made.write_database(tmp_path / "board.db", [(1, {"broken": protocol.PART_RADIO})])
    with Store.open_existing(path) as store:
        assert bool(list(checks.check_boards(store))) is advised


def test_alert_settings_that_the_daemon_refuses_are_found(database: Path, tmp_path: Path) -> None:
    (database.with_name("alerts.toml")).write_text("url = 5\n")
    asked = doctor.ask_all(database, tmp_path / "t.log", NOW, _nothing_there)
    (found,) = [one for one in asked if one.name == "Alerts"]
    assert found.health is Health.BAD
    assert "url is not known" in found.reported
    assert str(database.with_name("alerts.toml")) in found.remedy


def _nothing_there(command: Sequence[str]) -> NoReturn:
    raise ConfigurationError(f"There is no {command[0]} here.")
