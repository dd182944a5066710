"""What a sync session needs from its transport, Bluetooth or cable."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Transport(Protocol):
    """A connected pipe of bytes."""

    @property
    def arrived(self) -> asyncio.Queue[bytes | None]:
        """Pieces as they arrive; None once the connection is gone."""
        ...

    async def send(self, data: bytes) -> None:
        """Send all of `data`. Raises DeviceError if the connection is gone."""
        ...
