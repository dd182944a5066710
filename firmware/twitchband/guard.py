"""Protects the application: the watchdog, the record of failures, and what may still run after them.

A failure is an uncaught exception, a reset by the watchdog, or a chip that reset itself while the application
ran. After three in a row the board continues to record with everything off that recording does not need
(`bare`); if that fails as often, it stays in safe mode for ten minutes at a time. A reset while the radio
started does not count as a failure, because the radio has its own pauses, and neither does one without
samples.
"""

import gc
import io
import sys
import time

import board
import machine

from shared.protocol.record_types import (
    RESET_BROWN_OUT,
    RESET_HARD,
    RESET_POWER_ON,
    RESET_UNKNOWN,
    RESET_WATCHDOG,
)
from twitchband.clock import DEVICE
from twitchband.marks import Marks

# The FIFO holds seconds: long before this everything that can recover has recovered.
_SILENT_US = 120000000
# The chip's own watchdog stands still in light sleep. It is for a program that hangs, and bites later.
_WATCHDOG_MS = 150000
# The watchdog cannot be stopped; whoever works at the prompt gets an hour.
_PROMPT_MS = 3600000
_BARE_FAILURES = 3
_SAFE_FAILURES = 6
# So long without a failure, and the failures before are forgotten; an hour before everything runs again.
_GOOD_US = 600000000
_GOOD_BARE_US = 3600000000
_SAFE_ROUNDS = 300
_STUCK_ROUNDS = 90
_ROUND_MS = 2000
_BLINK_MS = 60
_STUCK_US = 120000000
# If failures cannot be counted, restarts must not follow one another at once.
_UNCOUNTED_MS = 60000
# Failures that let the radio rest for half an hour.
_UNKNOWN_RADIO = 3
# What the flash does not take is gone with a reset; so long it is worth more than what a reset may mend.
_HELD_US = 10800000000
# An empty cell is looked at again, in case it hangs on a charger.
_EMPTY_US = 3600000000
# Light sleep instead of deep sleep: the clock has to be read every eight minutes. Awake the watchdog bites.
_DOZE_MS = 450000
_AWAKE_MS = 60000
# By the cause of a start, the mark that counts it. A hard reset is the program's own, unless it was running.
_COUNTERS = {RESET_POWER_ON: "power_ons", RESET_WATCHDOG: "watchdogs", RESET_BROWN_OUT: "brown_outs"}


class Guard:
    """Keeps failures across resets; feeds the watchdog. Never raises.

    `app`: once it runs, its data is written to flash before an intended restart.
    """

    def __init__(self) -> None:
        self.marks = marks = Marks()
        self.app = None
        self.reset_cause = cause = _cause()
        self._watchdog = None
        self._fed_us = self._up_us = 0
        running, in_radio = marks.get("running"), marks.get("radio")
        for name in ("running", "radio"):
            marks.set(name, 0)
        counter = _COUNTERS.get(cause)
        if cause == RESET_HARD and running:
            # A panic: MicroPython's own resets come with the mark taken away.
            counter = "panics"
        if counter is not None:
            marks.add(counter)
        # Nothing took the mark away. A cell that was pulled is no failure.
        if running and counter is not None and cause != RESET_POWER_ON:
            if in_radio:
                marks.add("radio_failures")
            elif cause == RESET_BROWN_OUT:
                # Less current is drawn without the radio; to record nothing would help nobody.
                self._count(b"", _SAFE_FAILURES - 1)
            elif cause == RESET_WATCHDOG:
                self._count(b"The watchdog bit: the application stood still.")
            else:
                self._count(b"The chip reset itself while the application ran.")
        if marks.broken and cause in (RESET_HARD, RESET_BROWN_OUT):
            # Nobody knows whether the radio did it: it may not do it at every start.
            marks.set("radio_failures", _UNKNOWN_RADIO)
        self.bare = self.failures >= _BARE_FAILURES

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self.marks.get("failures")

    def safe_mode(self) -> str:
        """Why the board must stay in safe mode, or nothing."""
        marks = self.marks
        if not _held():
            marks.set("stuck", 0)
        elif not marks.get("stuck"):
            return "the button is held"
        failures = self.failures
        if failures >= _SAFE_FAILURES:
            # One more try follows. Where failures cannot be taken back, they prove nothing.
            marks.set("failures", _SAFE_FAILURES - 1)
            if not marks.broken:
                note = marks.note()
                try:
                    note = note.decode()
                except Exception:  # noqa: BLE001, S110
                    # Its beginning was cut off, perhaps in the middle of a character: shown as bytes.
                    pass
                return f"the application failed {failures} times in a row. The last time:\n{note}"
        return ""

    def stay(self, why: str) -> None:
        """Print the reason on the cable and blink twice every two seconds; after ten minutes try again.

        Returns if the button has been down for three minutes: it must be stuck.
        """
        held = _held()
        # The sensor goes on, and its pin would keep the board awake.
        _wake_by_pins(False)
        print(f"Safe mode: {why}\nThe radio is off and nothing is recorded. Ctrl-C gives the prompt.")
        for round_ in range(_SAFE_ROUNDS):
            held = held and _held()
            if held and round_ == _STUCK_ROUNDS:
                self.marks.set("stuck", 1)
                _wake_by_pins(True)
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
            _rest(_ROUND_MS - 4 * _BLINK_MS, usb)
        machine.reset()

    def begin(self) -> None:
        """The application starts: from here on the watchdog must be fed."""
        self.marks.set("running", 1)
        self._fed_us = DEVICE.now_us()
        try:
            self._watchdog = machine.WDT(timeout=_WATCHDOG_MS)
        except Exception:  # noqa: BLE001
            return

    def feed(self) -> None:
        """Feed the watchdog: samples have arrived, or a search for the sensor has ended."""
        self._fed_us = DEVICE.now_us()
        self._calm()

    def watch(self, now_us: int) -> None:
        """Restart if the watchdog has not been fed for too long. Called at every drain."""
        hungry_us = now_us - self._fed_us
        if hungry_us < _SILENT_US:
            return
        if hungry_us < _HELD_US and self.app is not None and self.app.log.fault:
            self._calm()
        else:
            self.marks.add("watchdogs")
            self.marks.set_note(b"No samples came, and the watchdog started the board anew.")
            self.restart()

    def stuck(self, down: bool, now_us: int) -> bool:
        """Whether the button was down for two minutes, at each check; the next start does not wait then."""
        if not down:
            self._up_us = now_us
        stuck = now_us - self._up_us >= _STUCK_US
        self.marks.set("stuck", 1 if stuck else 0)
        return stuck

    def runs_well(self, uptime_us: int) -> None:
        """Forget earlier failures after a good run."""
        if uptime_us >= (_GOOD_BARE_US if self.bare else _GOOD_US):
            self.bare = False
            self.marks.set("failures", 0)

    def restart(self) -> None:
        """Restart intentionally."""
        try:
            self.app.finish()
        except Exception:  # noqa: BLE001, S110
            # There is no application yet, or what is in RAM cannot be kept.
            pass
        self.marks.set("running", 0)
        machine.reset()

    def switch_off(self) -> None:
        """Sleep until the next check of the cell, as deep as this board can."""
        self.marks.set("running", 0)
        self.marks.set("off", 1)
        _wake_by_pins(False)
        try:
            machine.deepsleep(_EMPTY_US // 1000)
        except Exception as error:  # noqa: BLE001
            print(f"No deep sleep ({error}): light sleep instead.")
        end_us = DEVICE.now_us() + _EMPTY_US
        while DEVICE.now_us() < end_us:
            self._calm()
            _rest(_DOZE_MS, False)
        machine.reset()

    def interrupted(self) -> None:
        """Ctrl-C: the prompt follows, and an hour without the watchdog."""
        self.marks.set("running", 0)
        try:
            machine.WDT(timeout=_PROMPT_MS)
        except Exception:  # noqa: BLE001
            return

    def failed(self, error: Exception) -> None:
        """Leave a note on what happened, and restart."""
        gc.collect()
        try:
            text = io.StringIO()
            sys.print_exception(error, text)
            note = text.getvalue()
            print(note)
            note = note.encode()
        except Exception:  # noqa: BLE001
            note = b"An exception, and no memory for its words."
        self.marks.set("running", 0)
        self.marks.add("exceptions")
        self._count(note)
        if self.marks.broken:
            _rest(_UNCOUNTED_MS, True)
        machine.reset()

    def _calm(self) -> None:
        try:
            self._watchdog.feed()
        except Exception:  # noqa: BLE001
            # There is none.
            return

    def _count(self, note: bytes, most: int = 255) -> None:
        self.marks.set("failures", max(self.failures, min(most, self.failures + 1)))
        if note:
            self.marks.set_note(note)


def _cause() -> int:
    try:
        return board.reset_cause()
    except Exception:  # noqa: BLE001
        return RESET_UNKNOWN


def _held() -> bool:
    try:
        return board.button_held()
    except Exception:  # noqa: BLE001
        return False


def _wake_by_pins(wake: bool) -> None:
    try:
        board.wake_by_pins(wake)
    except Exception:  # noqa: BLE001
        return


def _rest(ms: int, awake: bool) -> None:
    """Let time pass, in light sleep unless `awake`; if that fails or returns at once, a minute awake."""
    began_us = DEVICE.now_us()
    try:
        if not awake:
            machine.lightsleep(ms)
    except Exception:  # noqa: BLE001
        awake = True
    ms = min(ms, _AWAKE_MS)
    if DEVICE.now_us() - began_us < ms * 500:
        time.sleep_ms(ms)
