"""What collecting, supervision and alerting report, as objects."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from twitchwatch.clock.zone import iso
from twitchwatch.errors import DeviceError
from twitchwatch.flash.flashing import Compared, Flashed
from twitchwatch.link.sync_session import SyncReport
from twitchwatch.store import AlertRow
from twitchwatch.views.shape import Line

Words = Annotated[str, "in words"]


@dataclass(frozen=True)
class SyncView(Line):
    """A sync session with a sensor has ended."""

    kind: Literal["sync"]
    sensor: Annotated[str | None, "its name; null if it did not send one"]
    hardware_id: Annotated[str | None, "as the sensor reports it, or null"]
    outcome: Annotated[str, "how it ended: `complete` if all records are here"]
    live: Annotated[bool, "true: the sensor sends events as they happen"]
    stored: Annotated[int, "records that were new"]
    repeated: Annotated[int, "records that were already here"]
    unread: Annotated[int, "records of a type newer than this version; they are kept"]
    conflicts: Annotated[int, "records whose number is stored with different content; both are kept"]
    damaged: Annotated[int, "records that were damaged on the sensor"]
    missing: Annotated[int, "records that the sensor no longer had"]
    damaged_frames: Annotated[int, "frames that were damaged in transit"]
    asked_again: Annotated[int, "ranges of records that were requested again"]
    warnings: Annotated[list[str], "anything else that was noticed, in words"]


@dataclass(frozen=True)
class LinkFaultView(Line):
    """Something prevents records from arriving."""

    kind: Literal["fault"]
    reason: Annotated[str, "for programs, such as `adapter off`"]
    message: Words


@dataclass(frozen=True)
class WellView(Line):
    """Records can arrive again."""

    kind: Literal["fault_over"]
    subject: Annotated[str, "what is working again"]


@dataclass(frozen=True)
class AlertingView(Line):
    """Something went wrong with alerts."""

    kind: Literal["alerting"]
    message: Words


@dataclass(frozen=True)
class StateView(Line):
    """What is being done about a sensor."""

    kind: Literal["state"]
    address: Annotated[str, "its Bluetooth address"]
    state: Annotated[str, "one of the states in docs/reliability.md"]


@dataclass(frozen=True)
class CheckView(Line):
    """One check of `doctor`."""

    kind: Literal["check"]
    name: Annotated[str, "what was checked"]
    health: Annotated[str, "`well`, `unknown`, `warning` or `bad`"]
    message: Words
    remedy: Annotated[str, "what to do; empty if everything is in order"]


@dataclass(frozen=True)
class ServiceView(Line):
    """The daemon as a service."""

    kind: Literal["service"]
    installed: Annotated[bool, "true: it is installed as a system service"]
    running: Annotated[bool, "true: the system is running it"]
    message: Words
    pid: Annotated[int | None, "the process that is collecting, however it was started; or null"]


@dataclass(frozen=True)
class AlertView(Line):
    """The alerts about one subject."""

    kind: Literal["alert"]
    key: Annotated[str, "what it was about"]
    urgency: Annotated[str, "`finding`, `fault`, `doctor` or `at_once`"]
    title: Annotated[str, "its title"]
    sent_utc: Annotated[str, "when it was sent"]
    unanswered_utc: Annotated[
        str | None, "when it was repeated because it had not been acknowledged, or null"
    ]
    over_utc: Annotated[str | None, "when the message about its end was sent, or null"]
    channels: Annotated[list[str], "list of the channels that accepted it"]


@dataclass(frozen=True)
class _Board(Line):
    port: Annotated[str, "serial port"]
    board: Annotated[str, "the board's name in this project"]
    machine: Annotated[str, "its name in MicroPython"]
    micropython: Annotated[str, "its version"]
    hardware_id: Annotated[str, "the chip's own number"]


@dataclass(frozen=True)
class FlashView(_Board):
    """Firmware was put on a board."""

    kind: Literal["flash"]
    image: Annotated[str | None, "MicroPython image that was written, or null"]
    copied: Annotated[list[str], "files that were copied"]
    copied_bytes: Annotated[int, "their size"]
    kept: Annotated[int, "count of files that were up to date"]
    removed: Annotated[list[str], "files removed: not part of the firmware, or imported instead of it"]
    name: Annotated[str | None, "the new name of the sensor, or null"]
    key: Annotated[
        str,
        "`kept`: sensor and computer shared one; `made`: the first; `renewed`: the sensor had another",
    ]
    checks: Annotated[
        list[dict[str, Any]], "results of the self-test: objects with `part`, `good`, `says`, `remedy`"
    ]
    works: Annotated[bool, "true: every tested part works"]


@dataclass(frozen=True)
class FlashCheckView(_Board):
    """A board compared with this package."""

    kind: Literal["flash_check"]
    same: Annotated[int, "count of files that are identical to this package's"]
    differing: Annotated[list[str], "files that differ"]
    missing: Annotated[list[str], "missing files"]
    foreign: Annotated[
        list[str], "files in the firmware's folders that are not part of it, or imported instead"
    ]
    current: Annotated[bool, "true: the board has exactly this package"]


def sync_view(report: SyncReport) -> SyncView:
    """A sync session has ended."""
    device = report.device
    return SyncView(
        "sync",
        sensor=None if device is None else device.name,
        hardware_id=None if device is None else device.hardware_id,
        outcome=report.outcome,
        live=report.live,
        stored=report.stored,
        repeated=report.repeated,
        unread=report.unread,
        conflicts=report.conflicts,
        damaged=report.damaged,
        missing=report.missing,
        damaged_frames=report.damaged_frames,
        asked_again=report.asked_again,
        warnings=list(report.warnings),
    )


def link_fault_view(error: DeviceError) -> LinkFaultView:
    """Something prevents records from arriving."""
    return LinkFaultView("fault", error.reason.value, str(error))


def alert_view(row: AlertRow) -> AlertView:
    """The alerts about one subject."""
    return AlertView(
        "alert",
        key=row.key,
        urgency=row.urgency,
        title=row.title,
        sent_utc=iso(row.sent_utc_us),
        unanswered_utc=None if row.unanswered_utc_us is None else iso(row.unanswered_utc_us),
        over_utc=None if row.over_utc_us is None else iso(row.over_utc_us),
        channels=row.channels.split(", "),
    )


def flash_view(flashed: Flashed) -> FlashView:
    """Firmware was put on a board."""
    return FlashView("flash", **asdict(flashed), works=flashed.works)


def flash_check_view(compared: Compared) -> FlashCheckView:
    """A board compared with this package."""
    return FlashCheckView("flash_check", **asdict(compared), current=compared.current)
