"""`twitchwatch status`: what is stored, and what is wrong with it."""

from __future__ import annotations

import time
from pathlib import Path

import click

from twitchwatch.cli.options import database_option, json_option, sensor_option
from twitchwatch.terminal.output import write_json


@click.command("status")
@sensor_option
@click.option("--watch", is_flag=True, help="Then show what the daemon receives, until Ctrl-C.")
@database_option
@json_option
def command(sensor: str | None, watch: bool, database: Path, as_json: bool) -> None:
    """Show what is stored for each sensor, its last status report, and what is missing or damaged.

    With --watch, connections, batteries and events follow as they come. They keep no sensor's radio on.
    """
    from twitchwatch.archive.findings import silences
    from twitchwatch.archive.selection import chosen_devices
    from twitchwatch.board.state import board_state
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.terminal.sensor_pages import show_status
    from twitchwatch.views.sensors import database_view, stored_device
    from twitchwatch.wording.damage import database_words

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
    page = None if as_json else Page()
    if page is not None:
        page.say(database_words(str(database), size_bytes, checked))
        show_status(page, known, boards, silent)
    if watch:
        from twitchwatch.terminal.watch_page import watch as watch_feed

        if page is not None:
            page.gap()
        watch_feed(database, page, None if sensor is None else newest)
