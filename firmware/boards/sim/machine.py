"""MicroPython's `machine`, as far as the application uses it, in the simulated world."""

import sys

import world

SOFT_RESET = 5


def lightsleep(ms: int) -> None:
    """Sleep with RAM kept; virtual time jumps."""
    world.sleep_us(ms * 1000)


def deepsleep(ms: int = 0) -> None:
    """The board is off: the simulation ends."""
    sys.exit(0)


def reset() -> None:
    """The board starts anew, and with it the simulation: whoever runs it sees so by its exit code."""
    world.reset(SOFT_RESET)


def freq(hz: int = 80000000) -> int:
    """The processor's clock."""
    return hz


class WDT:
    """The watchdog; it bites where the rig wants it (`watchdog`): recordings have long holes."""

    def __init__(self, timeout: int) -> None:
        world.watchdog(timeout * 1000)

    def feed(self) -> None:
        """Not yet."""
        world.feed()


def idle() -> None:
    """Wait for the next interrupt, at most a millisecond."""
    world.sleep_us(1000)
