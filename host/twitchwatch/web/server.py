"""The server: one address on loopback, until it is stopped."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from twitchwatch.errors import ConfigurationError
from twitchwatch.web.app import dashboard
from twitchwatch.web.asking import Asking
from twitchwatch.web.guard import ENTER, Doorkeeper
from twitchwatch.web.streams import Streams

LOOPBACK = "127.0.0.1"
PORT = 8477
# How long an open page may hold up the end, which may take two seconds in all.
GOODBYE_S = 1


def serve(database: Path, recordings: Sequence[Path], port: int, link: Callable[[str], None]) -> None:
    """Serve the dashboard until a signal; link: called with each one-time link, the first at once.

    recordings: files that get a page. port 0: any that is free. Raises ConfigurationError if the port is
    taken, and the store's errors.
    """
    asking = Asking(database)
    try:
        with _listening(port) as listener:
            own = listener.getsockname()[1]
            address = f"http://{LOOPBACK}:{own}"

            def renewed(token: str) -> None:
                link(f"{address}{ENTER}?token={token}")

            doorkeeper = Doorkeeper(renewed=renewed)
            streams = Streams(database)
            hosts = [f"{LOOPBACK}:{own}", f"localhost:{own}"]
            app = dashboard(asking, streams, recordings, doorkeeper, hosts)
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
            _Server(config, streams).run(sockets=[listener])
    finally:
        asking.close()


class _Server(uvicorn.Server):
    """A server that ends its streams first, because it waits for responses, and streams would never end."""

    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.close()
        await super().shutdown(sockets)


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
