"""`twitchwatch status`: what is stored, and whether anything is amiss with it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twitchwatch.cli.options import database_option, device_option, json_option
from twitchwatch.cli.output import write_json

if TYPE_CHECKING:
    from twitchwatch.cli.page import Page
    from twitchwatch.store import DeviceStatus


@click.command("status")
@device_option
@database_option
@json_option
def command(device: str | None, database: Path, as_json: bool) -> None:
    """Show what is stored of each sensor, what it last said of itself, and what is missing or damaged."""
    from twitchwatch.board.advice import advice
    from twitchwatch.board.state import board_state
    from twitchwatch.cli.archive import NOTHING_YET, chosen_devices
    from twitchwatch.cli.board_state import object_of as board_object
    from twitchwatch.cli.board_state import rows_of
    from twitchwatch.cli.page import Page
    from twitchwatch.findings import silences
    from twitchwatch.store import Store

    with Store.open_existing(database) as store:
        wanted = {chosen.id for chosen in chosen_devices(store, device)}
        known = [status for status in store.status() if status.device.id in wanted]
        # An older log of a sensor is silent for good.
        newest = {status.device.hardware_id: status.device for status in known}
        boards = {status.device.id: board_state(store, status.device) for status in known}
        silent = silences(store, newest.values(), int(time.time()) * 1_000_000)
    size_bytes = database.stat().st_size
    if as_json:
        line = {"kind": "database", "path": str(database), "bytes": size_bytes, "devices": len(known)}
        write_json(line)
        for status in known:
            write_json({**object_of(status), "board": board_object(boards[status.device.id])})
        return
    page = Page()
    page.say(f"Database: {database} ({size_bytes / 1e6:.1f} MB)")
    for status in known:
        page.gap()
        board = boards[status.device.id]
        _show(page, status, rows_of(board))
        if board is not None and newest[status.device.hardware_id].id == status.device.id:
            for one in advice(board):
                page.gap()
                page.say(one.words, label=one.urgency.value.capitalize())
                page.say(one.remedy, indent=2)
    if not known:
        page.say(NOTHING_YET)
    for flag in silent:
        page.gap()
        page.say(f"{flag.words} {flag.to_try}", style="bold")


def object_of(status: DeviceStatus) -> dict[str, Any]:
    """One device's state."""
    from twitchwatch.export.json_lines import iso

    device, received, sync = status.device, status.last_record_received_utc_us, status.last_sync
    return {
        "kind": "device",
        "device": device.name,
        "number": device.id,
        "hardware_id": device.hardware_id,
        "log_id": device.log_id,
        "last_seen_utc": iso(device.last_seen_utc_us),
        "records": status.records,
        "last_record_utc": None if received is None else iso(received),
        "unread": status.unread,
        "damaged": status.damaged,
        "missing": status.missing,
        "conflicts": status.conflicts,
        "last_sync": None
        if sync is None
        else {
            "started_utc": iso(sync.started_utc_us),
            "ended_utc": None if sync.ended_utc_us is None else iso(sync.ended_utc_us),
            "transport": sync.transport,
            "outcome": sync.outcome,
            "records": sync.records,
            "unread": sync.unread,
            "damaged": sync.damaged,
        },
    }


def _show(page: Page, status: DeviceStatus, board: list[tuple[str, str]]) -> None:
    device = status.device
    page.heading(f"{device.name} (no. {device.id}, {device.hardware_id})")
    rows = [("Last sync", _sync(status)), ("Records", _records(status))]
    for title, count, meaning in (
        ("Missing", status.missing, "the sensor no longer had them: its memory was full or damaged"),
        ("Damaged", status.damaged, "came damaged over the link"),
        ("Unread", status.unread, "of a newer kind: kept, and readable after an upgrade of twitchwatch"),
        ("Conflicts", status.conflicts, "came twice with different content: the first was kept"),
    ):
        if count:
            rows.append((title, f"{count:,}, {meaning}"))
    if len(rows) == 2:
        rows.append(("Losses", "none: every record came, and came whole"))
    page.table(("", ""), rows + board)


def _sync(status: DeviceStatus) -> str:
    from twitchwatch.clock.zone import local

    sync = status.last_sync
    if sync is None:
        return "none yet"
    outcome = sync.outcome or "not ended: under way, or cut short"
    return f"{local(sync.started_utc_us):%Y-%m-%d %H:%M}, {outcome}, {sync.records:,} records"


def _records(status: DeviceStatus) -> str:
    from twitchwatch.clock.zone import local

    received = status.last_record_received_utc_us
    if received is None:
        return "none"
    return f"{status.records:,}, the newest received {local(received):%Y-%m-%d %H:%M}"
