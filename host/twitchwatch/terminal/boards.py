"""Boards on a cable: finding the port of one."""

from __future__ import annotations

import time

from twitchwatch.flash import Progress, choose_port

# Time for a board that was just written to boot and for its USB to reappear.
BACK_S = 20.0
# Long enough to plug it in.
WAIT_S = 10.0


def found_port(port: str | None, wait_s: float | None, progress: Progress) -> str:
    """The port of the board, once it is there. Raises as `choose_port`.

    port: as the user gave it. wait_s: None for the time to plug it in, or none for a port that was given.
    """
    progress.on_step("Looking for a board" if port is None else f"Looking for {port}")
    if wait_s is None:
        wait_s = WAIT_S if port is None else 0.0
    return choose_port(port, wait_s=wait_s, clock_s=time.monotonic, sleep_s=time.sleep)
