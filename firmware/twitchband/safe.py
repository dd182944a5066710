"""Safe mode: no radio, nothing recorded, the reason on the cable, and after ten minutes one more try."""

import time

import board
import machine

from twitchband.guard import held, rest, wake_by_pins

_ROUNDS = 300
_STUCK_ROUNDS = 90
_ROUND_MS = 2000
_BLINK_MS = 60


def stay(marks, why: str) -> None:  # type: ignore[no-untyped-def]
    """Say why on the cable and blink twice every two seconds; after ten minutes start anew. Never raises.

    Returns if the button has been down for three minutes: nobody holds it so long, it is stuck.
    """
    down = held()
    # The sensor goes on, and its pin would keep the board awake.
    wake_by_pins(False)
    print(f"Safe mode: {why}.\nThe radio is off and nothing is recorded. Ctrl-C gives the prompt.")
    if marks.note():
        print(f"The last failure:\n{_words(marks.note())}")
    for round_ in range(_ROUNDS):
        down = down and held()
        if down and round_ == _STUCK_ROUNDS:
            marks.set("stuck", 1)
            wake_by_pins(True)
            return
        try:
            for _ in range(2):
                board.led(True)
                time.sleep_ms(_BLINK_MS)
                board.led(False)
                time.sleep_ms(_BLINK_MS)
            usb = board.usb_powered()
        except Exception:  # noqa: BLE001
            usb = True
        rest(_ROUND_MS - 4 * _BLINK_MS, usb)
    machine.reset()


def _words(note: bytes) -> str:
    try:
        return note.decode()
    except Exception:  # noqa: BLE001
        # Its beginning was cut off, perhaps in the middle of a character.
        return str(note)
