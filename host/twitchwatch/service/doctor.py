"""What `twitchwatch doctor` reads from this computer, and the checks that assess it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from twitchwatch.alerts.settings import path_beside, read
from twitchwatch.errors import ConfigurationError, DeviceError, Exit
from twitchwatch.link.keys import Keys
from twitchwatch.service import systems
from twitchwatch.service.checks import (
    Check,
    Health,
    check_adapters,
    check_bluez,
    check_boards,
    check_clock,
    check_database,
    check_link_faults,
    check_ports,
    check_python,
    check_room,
    check_sensors,
    check_service,
    check_zone,
)
from twitchwatch.service.files import check_files
from twitchwatch.service.lock import holder
from twitchwatch.store import Store

if TYPE_CHECKING:
    from twitchwatch.link.bluez import AdapterState


def ask_all(database: Path, log: Path, now_utc_us: int, run: systems.Run = systems.run_tool) -> list[Check]:
    """The results of all checks on this computer."""
    findings = [check_python(metadata.requires("twitchwatch") or ())]
    if sys.platform == "linux":
        findings += [check_bluez(_bluez_version(run)), check_adapters(_adapters())]
    findings += [
        check_ports(_ports(), lambda port: os.access(port, os.R_OK | os.W_OK)),
        check_clock(_synchronised(run)),
        check_room(shutil.disk_usage(_existing(database)).free),
        check_database(database),
        check_service(_service(log, run), holder(database), systems.lingers()),
    ]
    readable = findings[-2].health is not Health.BAD and database.exists()
    if os.name == "posix":
        findings.extend(check_files(database, log))
    alerts = path_beside(database)
    try:
        read(alerts)
    except ConfigurationError as error:
        reported = str(error).removesuffix(".")
        remedy = f"Correct {alerts}: with this file, the daemon does not start."
        findings.append(Check("Alerts", Health.BAD, reported, remedy))
    if readable:
        with Store.open_existing(database) as store:
            try:
                findings.extend(check_sensors(store, Keys.beside(database), now_utc_us))
            except ConfigurationError as error:
                reported, _, remedy = str(error).partition(". ")
                findings.append(Check("Keys", Health.BAD, reported, remedy))
            findings.extend(check_boards(store))
            findings.extend(check_zone(store))
            # Faults recorded by a daemon that no longer runs may long be over.
            if holder(database) is not None:
                findings.extend(check_link_faults(store.link_faults.all()))
    return findings


def verdict(findings: Sequence[Check]) -> Exit:
    """The exit code: whether stored data is lost, or something else needs attention."""
    if any(one.lost for one in findings):
        return Exit.INTEGRITY
    amiss = any(one.health in (Health.WARNING, Health.BAD) for one in findings)
    return Exit.ATTENTION if amiss else Exit.OK


def _bluez_version(run: systems.Run) -> str | None:
    try:
        return run(["bluetoothctl", "--version"]).stdout.strip()
    except ConfigurationError:
        return None


def _adapters() -> Sequence[AdapterState] | DeviceError:
    from twitchwatch.link import bluez

    try:
        return asyncio.run(bluez.adapters())
    except DeviceError as error:
        return error


def _ports() -> list[str]:
    from twitchwatch.link import usb

    return [port.device for port in usb.listed() if port.chip is not None]


def _synchronised(run: systems.Run) -> bool | None:
    if sys.platform != "linux":
        return None
    try:
        reported = run(["timedatectl", "show", "--property=NTPSynchronized", "--value"]).stdout.strip()
    except ConfigurationError:
        return None
    return {"yes": True, "no": False}.get(reported)


def _service(log: Path, run: systems.Run) -> systems.ServiceState | ConfigurationError:
    try:
        return systems.this_system(log, run).state()
    except ConfigurationError as error:
        return error


def _existing(path: Path) -> Path:
    return next(parent for parent in path.absolute().parents if parent.exists())
