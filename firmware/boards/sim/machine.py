"""MicroPython's `machine`, as far as the application uses it, in the simulated world."""

import sys

import world

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5


def reset_cause() -> int:
    """Why the board started."""
    return int(world.config.get("reset_cause", PWRON_RESET))


def lightsleep(ms: int) -> None:
    """Sleep with RAM kept; virtual time jumps."""
    world.sleep_us(ms * 1000)


def deepsleep(ms: int = 0) -> None:
    """The board is off: the simulation ends."""
    sys.exit(0)


def idle() -> None:
    """Wait for the next interrupt, at most a millisecond."""
    world.sleep_us(1000)
