"""`twitchwatch devices`: the sensors known here."""

from __future__ import annotations

from pathlib import Path

import click

from twitchwatch.cli.options import database_option, json_option
from twitchwatch.cli.output import write_json


@click.command("devices")
@database_option
@json_option
def command(database: Path, as_json: bool) -> None:
    """List the sensors whose records are stored here.

    A sensor whose memory was formatted anew appears once more, with the same hardware id.
    """
    from twitchwatch.cli.archive import NOTHING_YET
    from twitchwatch.cli.local_time import local
    from twitchwatch.cli.page import Page
    from twitchwatch.export.json_lines import iso
    from twitchwatch.store import Store

    with Store.open_existing(database) as store:
        known = store.status()
    if as_json:
        for status in known:
            device = status.device
            line = {
                "kind": "device",
                "device": device.name,
                "number": device.id,
                "hardware_id": device.hardware_id,
                "log_id": device.log_id,
                "first_seen_utc": iso(device.first_seen_utc_us),
                "last_seen_utc": iso(device.last_seen_utc_us),
                "records": status.records,
            }
            write_json(line)
        return
    if not known:
        Page().say(NOTHING_YET)
        return
    Page().table(
        ("No.", "Name", "Hardware id", "First seen", "Last seen", "Records"),
        [
            (
                str(status.device.id),
                status.device.name,
                status.device.hardware_id,
                f"{local(status.device.first_seen_utc_us):%Y-%m-%d}",
                f"{local(status.device.last_seen_utc_us):%Y-%m-%d %H:%M}",
                f"{status.records:,}",
            )
            for status in known
        ],
        right=("No.", "Records"),
    )
