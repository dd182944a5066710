"""Services that hold a caller up: real sockets that accept, and then send a byte a second, or nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import cycle
from pathlib import Path

DRIP_S = 1.0
# A header that never ends, as HTTP and SMTP allow; MQTT's answer to a connection (3.1.1, 3.2), and no more.
HTTP = (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a")
SMTP = (b"220-", b"a")
CONNACK = (b"\x20\x02\x00\x00", b"")
SILENT = (b"", b"")


class Slow:
    """Sends `first` at once to each that connects, then `drip`, again and again, a byte a second."""

    def __init__(self, listening: socket.socket, first: bytes, drip: bytes) -> None:
        self.met = threading.Event()
        self._first, self._drip = first, drip
        self._over = threading.Event()
        self._listening = listening
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        """At which it listens."""
        return int(self._listening.getsockname()[1])

    def close(self) -> None:
        """Let everybody go."""
        self._over.set()
        self._listening.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(caller,), daemon=True).start()

    def _answer(self, caller: socket.socket) -> None:
        with caller:
            try:
                caller.recv(1) if self._first[:4] != SMTP[0] else None
                self.met.set()
                caller.sendall(self._first)
                for byte in cycle(self._drip or b"\0"):
                    if self._over.wait(DRIP_S):
                        return
                    if self._drip:
                        caller.sendall(bytes([byte]))
            except OSError:
                return


@contextmanager
def slow(answer: tuple[bytes, bytes]) -> Iterator[Slow]:
    """One of them on the network."""
    with closing(Slow(socket.create_server(("127.0.0.1", 0)), *answer)) as service:
        yield service


@contextmanager
def slow_bus(path: Path) -> Iterator[Slow]:
    """A session bus that accepts and does not answer."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()
    with closing(Slow(listening, *SILENT)) as service:
        yield service


# By name: what goes into alerts.toml for it ({port}), and its answer.
CHANNELS = {
    "web": ('[[apprise]]\nurl = "json://127.0.0.1:{port}"\n', HTTP),
    "e-mail": (
        '[[apprise]]\nurl = "mailto://me:word@127.0.0.1:{port}?mode=insecure&from=me@example.com&to=me@example.com"\n',
        SMTP,
    ),
    "heartbeat": ('[heartbeat]\nurl = "http://127.0.0.1:{port}/alive"\n', HTTP),
    "broker, silent": ('[mqtt]\nhost = "127.0.0.1"\nport = {port}\n', SILENT),
    "broker, silent once connected": ('[mqtt]\nhost = "127.0.0.1"\nport = {port}\n', CONNACK),
}


@contextmanager
def settings_of(folder: Path, *names: str) -> Iterator[list[Slow]]:
    """alerts.toml in `folder` with these channels, each to a slow service of its own."""
    with ExitStack() as services:
        parts, met = [], []
        for name in names:
            if name == "desktop":
                met.append(services.enter_context(slow_bus(folder / "bus")))
                continue
            part, answer = CHANNELS[name]
            service = services.enter_context(slow(answer))
            parts.append(part.format(port=service.port))
            met.append(service)
        text = f'quiet = ""\n[desktop]\nenabled = {"true" if "desktop" in names else "false"}\n' + "".join(
            parts
        )
        (folder / "alerts.toml").write_text(text)
        yield met
