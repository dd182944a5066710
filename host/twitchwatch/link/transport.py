"""What a sync session needs of whatever carries its bytes, Bluetooth or cable."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Transport(Protocol):
    """A connected pipe of bytes."""

    @property
    def arrived(self) -> asyncio.Queue[bytes | None]:
        """Pieces as they come; None once the connection is gone."""
        ...

    async def send(self, data: bytes) -> None:
        """Send all of `data`. Raises DeviceError where the connection is gone."""
        ...
