"""From power-on to the application, and out of it again."""

import board

from shared.protocol.record_types import RESET_DEEP_SLEEP
from twitchband.battery import is_empty
from twitchband.config import load
from twitchband.guard import Guard


def run() -> None:
    """Run the application until the power fails, or Ctrl-C gives the prompt."""
    guard = Guard()
    try:
        settings = load(board.CONFIG_PATH)
        if guard.reset_cause == RESET_DEEP_SLEEP or guard.marks.get("off"):
            if is_empty(settings):
                guard.switch_off()
            guard.marks.set("off", 0)
        why = guard.safe_mode()
        if why:
            guard.stay(why)
        guard.begin()
        # Only now: in safe mode nothing of this may be touched. The log first: to save one takes memory.
        from twitchband.storage import open_log

        log = open_log(settings["log_kib"] * 1024, guard)
        from twitchband.app import App

        guard.app = app = App(guard, log, settings)
        while True:
            app.turn()
    except KeyboardInterrupt:
        guard.interrupted()
        raise
    except Exception as error:  # noqa: BLE001
        guard.failed(error)
