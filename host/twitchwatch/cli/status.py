"""`twitchwatch status`: what is stored, and what is wrong with it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import database_option, json_option, sensor_option
from twitchwatch.terminal.output import write_json

if TYPE_CHECKING:
    from twitchwatch.store import DeviceStatus
    from twitchwatch.terminal.page import Page


@click.command("status")
@sensor_option
@database_option
@json_option
def command(sensor: str | None, database: Path, as_json: bool) -> None:
    """Show what is stored for each sensor, its last status report, and what is missing or damaged."""
    from twitchwatch.archive.findings import silences
    from twitchwatch.archive.selection import chosen_devices
    from twitchwatch.board.advice import advice
    from twitchwatch.board.state import board_state
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.sensors import database_view, stored_device
    from twitchwatch.wording.board import board_rows
    from twitchwatch.wording.damage import database_words
    from twitchwatch.wording.findings import once
    from twitchwatch.wording.nights import NOTHING_YET

    with Store.open_existing(database) as store:
        wanted = {chosen.id for chosen in chosen_devices(store, sensor)}
        known = [status for status in store.status() if status.device.id in wanted]
        # An older log of a sensor never grows again.
        newest = {status.device.hardware_id: status.device for status in known}
        boards = {status.device.id: board_state(store, status.device) for status in known}
        checked = store.care.last_check()
        silent = silences(store, newest.values(), int(time.time()) * 1_000_000)
    size_bytes = database.stat().st_size
    if as_json:
        write_json(database_view(database, size_bytes, len(known), checked))
        for status in known:
            write_json(stored_device(status, boards[status.device.id]))
        return
    page = Page()
    page.say(database_words(str(database), size_bytes, checked))
    for status in known:
        page.gap()
        board = boards[status.device.id]
        _show(page, status, board_rows(board))
        device = status.device
        if board is not None and device.worn and newest[device.hardware_id].id == device.id:
            for one in advice(board):
                page.gap()
                page.say(one.words, label=one.urgency.value.capitalize())
                page.say(one.remedy, indent=2)
    if not known:
        page.say(NOTHING_YET)
    if silent:
        page.gap()
        page.say(once([*(flag.words for flag in silent), *(flag.to_try for flag in silent)]), style="bold")


def _show(page: Page, status: DeviceStatus, board: list[tuple[str, str]]) -> None:
    from twitchwatch.wording.sensors import stored_rows

    device = status.device
    page.heading(f"{device.name} (no. {device.id}, {device.hardware_id})")
    page.table(("", ""), stored_rows(status) + board)
