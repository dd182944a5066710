"""What stands around the application: the watchdog, what a failure leaves behind, and safe mode.

A failure is an exception that nothing caught, a bite of the watchdog, or a chip that fell over while the
application ran. After three in a row without a good while of running between them the board stays in safe
mode, in which only the cable can reach it.
"""

import gc
import io
import sys
import time

import board
import esp32
import machine

from shared.protocol.kinds import RESET_DEEP_SLEEP, RESET_SOFT, RESET_WATCHDOG
from twitchband.config import load
from twitchband.marks import Marks

# The FIFO holds seconds: long before this everything that can recover has recovered.
_WATCHDOG_MS = 120000
# The watchdog cannot be stopped; whoever works at the prompt gets an hour.
_PROMPT_MS = 3600000
_MOST_FAILURES = 3
# So long without a failure, and the failures before are forgotten.
_GOOD_US = 600000000
# Safe mode tries again after an hour: a night is long, and perhaps it was only the cold.
_SAFE_ROUNDS = 1800
_ROUND_MS = 2000
_BLINK_MS = 60
# An empty cell is looked at again, in case it hangs on a charger.
EMPTY_SLEEP_MS = 3600000


def run() -> None:
    """Run the application until the power fails, or Ctrl-C gives the prompt."""
    guard = Guard()
    if guard.reset_cause == RESET_DEEP_SLEEP and cell_is_empty(load(board.CONFIG_PATH)):
        _power_off()
    why = guard.safe_mode()
    if why:
        guard.stay(why)
    try:
        guard.begin()
        # Only now: in safe mode nothing of this may be touched. The log first: to save one takes memory.
        from twitchband.storage import open_log

        log = open_log(load(board.CONFIG_PATH)["log_kib"] * 1024, guard)
        from twitchband.app import App

        app = App(guard, log)
        while True:
            app.turn()
    except KeyboardInterrupt:
        guard.interrupted()
        raise
    except Exception as error:  # noqa: BLE001
        guard.failed(error)


def _power_off() -> None:
    # Since MicroPython 1.27 a pin that cannot end a deep sleep forbids it.
    wake_on_gpio = getattr(esp32, "wake_on_gpio", None)
    if wake_on_gpio is not None:
        wake_on_gpio(())
    machine.deepsleep(EMPTY_SLEEP_MS)


def cell_is_empty(settings: dict) -> bool:  # type: ignore[type-arg]
    """Whether the board must switch itself off."""
    return board.battery_mv() < settings["low_battery_mv"] and not board.usb_powered()


class Guard:
    """Remembers failures over resets; feeds the watchdog."""

    def __init__(self) -> None:
        self.marks = Marks()
        self.reset_cause = board.reset_cause()
        self._watchdog = None
        if self.marks.get("running"):
            # Nothing took the mark away. A cell that was pulled is no failure.
            self.marks.set("running", 0)
            if self.marks.get("silent"):
                self._leave_note(b"No samples came, and the watchdog started the board anew.")
            elif self.reset_cause == RESET_WATCHDOG:
                self._count(b"The watchdog bit: the application stood still.")
            elif self.reset_cause == RESET_SOFT:
                self._count(b"The chip reset itself while the application ran.")
        self.marks.set("silent", 0)

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self.marks.get("failures")

    def safe_mode(self) -> str:
        """Why the board shall stay in safe mode, or nothing."""
        if board.button_held():
            return "the button is held"
        if self.failures >= _MOST_FAILURES:
            note = self.marks.note().decode()
            return f"the application failed {self.failures} times in a row. The last time:\n{note}"
        return ""

    def stay(self, why: str) -> None:
        """Say why on the cable and blink twice every two seconds; after an hour try again."""
        print(f"Safe mode: {why}\nThe radio is off and nothing is recorded. Ctrl-C gives the prompt.")
        for _ in range(_SAFE_ROUNDS):
            for _ in range(2):
                board.led(True)
                time.sleep_ms(_BLINK_MS)
                board.led(False)
                time.sleep_ms(_BLINK_MS)
            if board.usb_powered():
                time.sleep_ms(_ROUND_MS - 4 * _BLINK_MS)
            else:
                machine.lightsleep(_ROUND_MS - 4 * _BLINK_MS)
        self.marks.set("failures", min(self.failures, _MOST_FAILURES - 1))
        machine.reset()

    def begin(self) -> None:
        """The application starts: from here on the watchdog wants to be fed."""
        self.marks.set("running", 1)
        self._watchdog = machine.WDT(timeout=_WATCHDOG_MS)

    def feed(self) -> None:
        """All is well: samples have come, or a search for the sensor has come to its end."""
        self._watchdog.feed()

    def silent(self, yes: bool) -> None:
        """No samples come, although the sensor once was there: a bite will be no fault of the program."""
        self.marks.set("silent", 1 if yes else 0)

    def runs_well(self, uptime_us: int) -> None:
        """Forget the failures before, after a good while."""
        if uptime_us >= _GOOD_US and self.failures:
            self.marks.set("failures", 0)

    def restart(self) -> None:
        """Start anew on purpose."""
        self.marks.set("running", 0)
        machine.reset()

    def switch_off(self) -> None:
        """Sleep until the cell is looked at again."""
        self.marks.set("running", 0)
        _power_off()

    def interrupted(self) -> None:
        """Ctrl-C: the prompt follows, and an hour without the watchdog."""
        self.marks.set("running", 0)
        machine.WDT(timeout=_PROMPT_MS)

    def failed(self, error: Exception) -> None:
        """Leave a note of what happened, and start anew."""
        gc.collect()
        text = io.StringIO()
        sys.print_exception(error, text)
        note = text.getvalue()
        print(note)
        self.marks.set("running", 0)
        self._count(note.encode())
        machine.reset()

    def _count(self, note: bytes) -> None:
        self.marks.set("failures", self.failures + 1)
        self._leave_note(note)

    def _leave_note(self, note: bytes) -> None:
        self.marks.set_note(note)
