"""Sensors in a terminal: those known here, what is stored for each, and their settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from twitchwatch.board.advice import advice
from twitchwatch.board.state import BoardState
from twitchwatch.flags import Finding
from twitchwatch.sensor_settings import SETTINGS, Setting
from twitchwatch.store import Device, DeviceStatus
from twitchwatch.store.changes import Change
from twitchwatch.terminal.page import Page
from twitchwatch.wording.board import board_rows
from twitchwatch.wording.findings import once
from twitchwatch.wording.nights import NOTHING_YET
from twitchwatch.wording.sensors import by_sensor, earlier_rows, is_intact, known_row, stored_rows
from twitchwatch.wording.settings import setting_parts, setting_row


def show_known(
    page: Page, known: Sequence[DeviceStatus], paired: Collection[str], *, logs: bool = False
) -> None:
    """Print a row for each sensor, or for each of its logs if `logs`.

    known: in order of their number. paired: the hardware ids that share a key with this computer.
    """
    if not known:
        page.say(NOTHING_YET)
        return
    rows = [[status] for status in known] if logs else by_sensor(known)
    counted = [] if logs or len(rows) == len(known) else ["Logs"]
    page.table(
        ("No.", "Name", "Hardware id", "Last seen", "Records", *counted, "Paired"),
        [known_row(own, paired=own[-1].device.hardware_id in paired, counted=bool(counted)) for own in rows],
        right=("No.", "Records", "Logs"),
        titles=2,
    )


def show_status(
    page: Page,
    known: Sequence[DeviceStatus],
    boards: Mapping[int, BoardState | None],
    silent: Sequence[Finding],
) -> None:
    """Print what is stored for each sensor and what its board needs; intact earlier logs as one line.

    known: in order of their number. boards: by number of the sensor.
    """
    # An older log of a sensor never grows again.
    newest = {status.device.hardware_id: status.device.id for status in known}
    earlier: dict[str, list[DeviceStatus]] = {}
    for status in known:
        device, board = status.device, boards[status.device.id]
        if newest[device.hardware_id] != device.id and is_intact(status):
            earlier.setdefault(device.hardware_id, []).append(status)
            continue
        page.gap()
        page.heading(f"{device.name} (no. {device.id}, {device.hardware_id})")
        shown = stored_rows(status) + board_rows(board)
        page.table(("", ""), shown + earlier_rows(earlier.pop(device.hardware_id, [])))
        if board is not None and device.worn and newest[device.hardware_id] == device.id:
            for one in advice(board):
                page.gap()
                page.say(one.words, label=one.urgency.value.capitalize())
                page.say(one.remedy, indent=2)
    if not known:
        page.say(NOTHING_YET)
    if silent:
        page.gap()
        page.say(once([*(flag.words for flag in silent), *(flag.to_try for flag in silent)]), style="bold")


def show_setting(
    page: Page, sensor: Device, setting: Setting, held: Mapping[str, Any], waiting: Mapping[str, Change]
) -> None:
    """Print one setting of a sensor with its reason, source and limits."""
    page.heading(f"{setting.name}, {sensor.name}")
    for label, text in setting_parts(setting, held, waiting):
        page.say(text, label=label, indent=2)


def show_settings(page: Page, sensor: Device, held: Mapping[str, Any], waiting: Mapping[str, Change]) -> None:
    """Print all settings of a sensor."""
    page.heading(f"{sensor.name} ({sensor.hardware_id})")
    page.table(
        ("Setting", "Value", "Unit", "Default", "Requested"),
        [setting_row(setting, held, waiting) for setting in SETTINGS.values()],
        right=("Value", "Default"),
    )
