"""Started at every boot: a moment for the cable, then the application."""

import time

# Long enough for mpremote to get in before the board sleeps for the first time.
_GRACE_MS = 4000


def main() -> None:
    """Run for ever."""
    time.sleep_ms(_GRACE_MS)
    from twitchband.app import App

    app = App()
    while True:
        app.turn()


main()
