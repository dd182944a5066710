"""The server: one address on loopback, until it is stopped."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from twitchwatch.errors import ConfigurationError
from twitchwatch.web.app import dashboard
from twitchwatch.web.asking import Asking
from twitchwatch.web.guard import ENTER, Doorkeeper

LOOPBACK = "127.0.0.1"
PORT = 8477
# How long an open page may hold up the end.
GOODBYE_S = 2


def serve(database: Path, port: int, link: Callable[[str], None]) -> None:
    """Serve the dashboard until a signal; link: called with each one-time link, the first at once.

    port 0: any that is free. Raises ConfigurationError if the port is taken, and the store's errors.
    """
    asking = Asking(database)
    try:
        with _listening(port) as listener:
            own = listener.getsockname()[1]
            address = f"http://{LOOPBACK}:{own}"

            def renewed(token: str) -> None:
                link(f"{address}{ENTER}?token={token}")

            doorkeeper = Doorkeeper(renewed=renewed)
            app = dashboard(asking, doorkeeper, [f"{LOOPBACK}:{own}", f"localhost:{own}"])
            config = uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GOODBYE_S,
                lifespan="off",
            )
            renewed(doorkeeper.token)
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        asking.close()


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        # Whoever opens the link at once is served as soon as the server runs.
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"Port {port} of this computer cannot be used ({error.strerror}). Is the dashboard open already?"
            " Name another one: `twitchwatch dashboard --port 8478`."
        ) from error
    return listener
