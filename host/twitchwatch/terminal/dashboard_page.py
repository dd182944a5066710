"""The dashboard's links, in the terminal that serves it."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from pathlib import Path

from twitchwatch.errors import MissingExtraError
from twitchwatch.terminal.output import write_line

PORT = 8477
ADDRESS = f"http://127.0.0.1:{PORT}"


def serve_dashboard(database: Path, recordings: Sequence[Path], port: int, *, at_once: bool) -> None:
    """Serve it until a signal, and print each link; at_once: open the first one in the browser.

    Raises MissingExtraError, ConfigurationError if the port is taken, and the store's errors.
    """
    try:
        from twitchwatch.web.server import serve
    except ModuleNotFoundError as error:
        raise MissingExtraError("The dashboard's web server is", "dashboard") from error
    opened = False

    def link(address: str) -> None:
        nonlocal opened
        write_line(f"Open {address}" if not opened else f"For another browser: {address}")
        if at_once and not opened:
            webbrowser.open(address)
        opened = True

    serve(database, recordings, port, link)
