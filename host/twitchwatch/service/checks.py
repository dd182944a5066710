"""Checks of this computer: each is a function of its arguments, and each comes with its remedy."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from twitchwatch.archive.nights import sensors_of
from twitchwatch.archive.noon import across_noon
from twitchwatch.board.advice import Urgency, advice
from twitchwatch.board.state import board_state
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import ConfigurationError, DeviceError, IntegrityError, TwitchwatchError
from twitchwatch.link.keys import Keys
from twitchwatch.service import systems
from twitchwatch.store import LinkFault, Store
from twitchwatch.store.copies import backups, folder_beside
from twitchwatch.wording.damage import lost_words

if TYPE_CHECKING:
    from twitchwatch.link.bluez import AdapterState

# bleak's own requirement; older versions lack the D-Bus calls that it uses.
OLDEST_BLUEZ = (5, 55)
# A year of nights is some hundred megabytes; SQLite needs the same again to rebuild its file.
LITTLE_ROOM_BYTES = 1_000_000_000
NO_ROOM_BYTES = 50_000_000
# As for the finding of a silent sensor: one worn every night syncs at least once a day.
SILENT_AFTER_H = 26.0
_HOUR_US = 3_600_000_000


class Health(StrEnum):
    """The outcome of a check."""

    WELL = "well"
    UNKNOWN = "unknown"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One result: what was checked, its outcome, in words, and what to do (empty if it is in order)."""

    name: str
    health: Health
    reported: str
    remedy: str = ""
    # Stored data is damaged, and does not follow from what is whole.
    lost: bool = False


def well(name: str, reported: str) -> Check:
    """Nothing to do."""
    return Check(name, Health.WELL, reported)


def check_python(requires: Sequence[str], version_of: Callable[[str], str] = metadata.version) -> Check:
    """The packages that this program needs, by name and minimum version."""
    wrong = []
    for requirement in requires:
        # Extras are for simulating, flashing and testing.
        needed = Requirement(requirement)
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version_of(needed.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{needed.name} is missing")
            continue
        if not needed.specifier.contains(found, prereleases=True):
            wrong.append(f"{needed.name} is {found}, but {needed.specifier} is needed")
    reported = f"Python {sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    if wrong:
        return Check(
            "Python",
            Health.BAD,
            f"{reported}; {'; '.join(wrong)}",
            f"`{sys.executable} -m pip install -U twitchwatch`",
        )
    return well("Python", f"{reported}, with every required package")


def check_bluez(version_line: str | None) -> Check:
    """BlueZ's version, as reported by `bluetoothctl --version`; None if there is none."""
    if version_line is None:
        return Check(
            "BlueZ",
            Health.BAD,
            "not installed",
            "`sudo apt install bluez`, or the equivalent on your system.",
        )
    match = re.search(r"(\d+)\.(\d+)", version_line)
    if match is None:
        return Check("BlueZ", Health.UNKNOWN, f"reported no version: {version_line!r}", "")
    if (int(match.group(1)), int(match.group(2))) < OLDEST_BLUEZ:
        oldest = ".".join(map(str, OLDEST_BLUEZ))
        return Check(
            "BlueZ", Health.BAD, f"{match.group()}; {oldest} is needed", "Upgrade your system's bluez."
        )
    return well("BlueZ", match.group())


def check_adapters(adapters: Sequence[AdapterState] | DeviceError) -> Check:
    """The adapters, or why they cannot be listed."""
    if isinstance(adapters, DeviceError):
        reported, _, remedy = str(adapters).partition(". ")
        return Check("Bluetooth adapter", Health.BAD, reported, remedy)
    reported = ", ".join(
        f"{one.name} ({'on' if one.powered else 'off'}{'' if one.central else ', cannot connect to sensors'})"
        for one in adapters
    )
    if any(one.powered and one.central for one in adapters):
        return well("Bluetooth adapter", reported)
    if adapters:
        return Check(
            "Bluetooth adapter",
            Health.BAD,
            reported,
            "`bluetoothctl power on`, after `rfkill unblock bluetooth` if that fails.",
        )
    return Check(
        "Bluetooth adapter",
        Health.BAD,
        "none",
        "Plug one in. `rfkill list` shows whether one is switched off.",
    )


def check_ports(ports: Sequence[str], may_open: Callable[[str], bool]) -> Check:
    """Whether this user may open the connected serial ports."""
    closed = [port for port in ports if not may_open(port)]
    if closed:
        return Check(
            "Cable",
            Health.WARNING,
            f"no permission to open {', '.join(closed)}",
            "`sudo usermod -aG dialout $USER` (on some systems uucp), then log out and in again.",
        )
    return well("Cable", f"{', '.join(ports)} may be opened" if ports else "no serial port is plugged in")


def check_clock(synchronised: bool | None) -> Check:
    """Whether the system synchronises its clock; None if unknown."""
    if synchronised is None:
        return Check("Clock", Health.UNKNOWN, "the system does not report whether its clock is synchronised")
    if synchronised:
        return well("Clock", "synchronised over the network")
    return Check(
        "Clock",
        Health.WARNING,
        "not synchronised over the network; the times of records depend on it",
        "`sudo timedatectl set-ntp true`",
    )


def check_room(free_bytes: int) -> Check:
    """Free space on the disk of the database."""
    reported = f"{free_bytes / 1e9:.1f} GB free"
    if free_bytes < NO_ROOM_BYTES:
        return Check("Disk", Health.BAD, reported, "Free some space: without it, no records can be stored.")
    if free_bytes < LITTLE_ROOM_BYTES:
        return Check("Disk", Health.WARNING, reported, "Free some space: a year of nights may not fit.")
    return well("Disk", reported)


def check_database(path: Path) -> Check:
    """Whether the database is intact and private to its owner."""
    if not path.exists():
        if made := backups(path, folder_beside(path)):
            return Check(
                "Database",
                Health.BAD,
                f"none at {path}, though there are {len(made):,} backups of one",
                f"Stop the daemon, then `twitchwatch restore {shlex.quote(str(made[-1]))}`",
                lost=True,
            )
        return Check(
            "Database", Health.WARNING, f"none at {path} yet", "Start `twitchwatch run`, which creates it."
        )
    try:
        with Store.open_existing(path) as store:
            found = store.care.examine()
    except TwitchwatchError as error:
        reported, _, remedy = str(error).partition(". ")
        return Check("Database", Health.BAD, reported, remedy, isinstance(error, IntegrityError))
    if found.structure:
        return Check(
            "Database",
            Health.BAD,
            f"damaged: {found.structure[0]}",
            "Stop the service, then save the readable part: `twitchwatch salvage`",
            lost=True,
        )
    if found.lost:
        return Check(
            "Database",
            Health.BAD,
            f"damaged: {lost_words(found.lost)}",
            "Restart the daemon: it sets the damaged data aside and requests the records again from the "
            "sensor.",
            lost=True,
        )
    if found.damaged:
        return Check(
            "Database",
            Health.WARNING,
            "some derived results are damaged; the records are intact",
            "Restart the daemon: it derives them again.",
        )
    if os.name == "posix" and path.stat().st_mode & 0o077:
        return Check("Database", Health.WARNING, "other users may read it", f"`chmod 600 {path}`")
    return well(
        "Database",
        f"intact, {found.records:,} records in {path.stat().st_size / 1e6:.1f} MB, readable only by you",
    )


def check_service(
    state: systems.ServiceState | ConfigurationError, pid: int | None, lingers: bool | None
) -> Check:
    """Whether a process is collecting, and one will after the next boot."""
    if pid is None:
        reported = str(state).partition(". ")[0] if isinstance(state, ConfigurationError) else state.reported
        return Check(
            "Daemon",
            Health.BAD,
            f"no process is collecting; the service: {reported}",
            "`twitchwatch service install`",
        )
    if isinstance(state, ConfigurationError) or not state.installed:
        return Check(
            "Daemon",
            Health.WARNING,
            f"process {pid} is collecting, started by hand",
            "`twitchwatch service install` starts it at each login, and after every failure.",
        )
    if lingers is False:
        return Check(
            "Daemon",
            Health.WARNING,
            f"process {pid} is collecting, but only while you are logged in",
            "`sudo loginctl enable-linger $USER` makes it start at boot.",
        )
    return well("Daemon", f"process {pid} is collecting; the service is {state.reported}")


def check_sensors(store: Store, keys: Keys, now_utc_us: int) -> Iterator[Check]:
    """Each sensor: whether it is paired, and when it last synced."""
    paired = keys.load()
    newest = {status.device.hardware_id: status for status in store.status() if status.device.worn}
    if not newest and not paired:
        yield Check(
            "Sensors",
            Health.WARNING,
            "none has been paired or synced yet",
            "Put the firmware on one by cable: `twitchwatch flash` pairs it with this computer.",
        )
    for hardware_id in paired.keys() - newest.keys():
        yield Check(
            f"Sensor {hardware_id}",
            Health.WARNING,
            "paired, but never synced",
            "Charge it, press its button, and bring it near while the daemon runs.",
        )
    for hardware_id, status in newest.items():
        device, sync = status.device, status.last_sync
        name = f"Sensor {device.name}"
        silent_h = (now_utc_us - device.last_seen_utc_us) / _HOUR_US
        # A daemon that starts moves the time (store/moments.py).
        met = f"{silent_h:.1f} h ago" if silent_h >= 0 else "in the future, by this computer's clock"
        reported = f"last seen {met}, {status.records:,} records"
        if hardware_id not in paired:
            yield Check(
                name,
                Health.BAD,
                f"no longer paired; {reported}",
                "Connect it by cable, then run `twitchwatch sensors rekey`.",
            )
        elif silent_h > SILENT_AFTER_H:
            yield Check(
                name,
                Health.WARNING,
                reported,
                "Charge it, press its button, and bring it near this computer.",
            )
        elif sync is not None and sync.outcome not in (None, "complete", "stopped", "link lost"):
            yield Check(
                name,
                Health.WARNING,
                f"{reported}; its last sync session: {sync.outcome}",
                "Restart the sensor.",
            )
        else:
            yield well(name, reported)


def check_zone(store: Store) -> Iterator[Check]:
    """Whether nights end in the middle of sleep, which shows that their zone is not the wearer's."""
    for sensor in sensors_of(store, LOCAL):
        found = across_noon(sensor.nights)
        if found is not None and sensor.device.worn:
            yield Check(
                f"Nights of {sensor.device.name}",
                Health.WARNING,
                f"you were asleep at {found.asleep} of the last {found.noons} noons in the zone {found.zone}",
                "Nights end at noon. If that is not your zone, set this computer's, and correct earlier"
                " nights with `twitchwatch journal add --night DATE --zone Europe/Berlin`: this zone applies"
                " from that night on.",
            )


def check_boards(store: Store) -> Iterator[Check]:
    """What each sensor last reported about its board, if anything is wrong with it."""
    # A simulated ring needs no care, and a recording none any more.
    newest = {one.device.hardware_id: one.device for one in store.status() if one.device.worn}
    for device in newest.values():
        state = board_state(store, device)
        if state is None:
            continue
        for one in advice(state):
            if one.urgency is not Urgency.NOTE:
                health = Health.BAD if one.urgency is Urgency.NOW else Health.WARNING
                name = f"Sensor {device.name}, {one.part.replace('_', '-')}"
                yield Check(name, health, one.words.rstrip("."), one.remedy)


def check_link_faults(link_faults: Sequence[LinkFault]) -> Iterator[Check]:
    """What prevents records from arriving now, as recorded by the daemon."""
    for link_fault in link_faults:
        if link_fault.ended_utc_us is None:
            reported, _, remedy = link_fault.message.partition(". ")
            yield Check(link_fault.subject, Health.WARNING, reported, remedy)
