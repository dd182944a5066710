"""Started at every boot: a moment for the cable, then the application."""

import gc
import time

# Collected often, what lives long stays together: else the imports leave no free piece of 4 KiB behind.
_COLLECT_BYTES = 16384
# Long enough for mpremote to get in before the board sleeps for the first time, and before anything can fail.
_GRACE_MS = 4000


def main() -> None:
    """Run for ever."""
    try:
        # Of a board that has to hold its own power: before its button is let go.
        import hold  # noqa: F401
    except ImportError:
        pass
    time.sleep_ms(_GRACE_MS)
    gc.threshold(_COLLECT_BYTES)
    from twitchband.boot import run

    run()


main()
