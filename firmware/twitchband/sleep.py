"""Light sleep between two drains, and what prevents it."""

import time

import board
import machine

from shared.protocol.record_types import AWAKE_UNKNOWN, PART_BUTTON, PART_SLEEP, PART_WATERMARK, PIN_NONE
from twitchband.clock import DEVICE

# Shorter than an eighth of what was asked for is early; a watermark calls after half of it or later.
_EARLY = 8
# The loop must not run hot meanwhile.
_PAUSE_MS = 50
# Nobody holds the button for so long without a break.
_RESTLESS_US = 10000000
# A pin that was taken out is looked at again.
_AGAIN_US = 60000000
# How often the sensor is given the time to call, and how long: 416 samples at a rate that is a tenth too low.
_LISTEN_US = 300000000
_CALLED_MS = 4450
# A sleep that something else will end soon, or that a small FIFO keeps short, is no time to listen.
_LONG_MS = 3000
# Awake, if light sleep does not work: the drains then come as in live mode.
_AWAKE_MS = 250


class Sleep:
    """Counts time asleep and `early` returns since the last status.

    `dropped`: GPIO no longer used, or 255.
    """

    def __init__(self, faults) -> None:  # type: ignore[no-untyped-def]
        self._faults = faults
        self.dropped = self._second = PIN_NONE
        self._restless_us = -1
        self._again_us = 0
        self._listened_us = 0
        self.reported(DEVICE.now_us())

    def reported(self, now_us: int) -> None:
        """The status that says so is in the log: counting begins again."""
        self._since_us = now_us
        self._slept_us = 0
        self.early = 0

    def awake_permille(self, now_us: int) -> int:
        """The share of time since the last status for which the board was awake."""
        span_us = now_us - self._since_us
        return 1000 - self._slept_us * 1000 // span_us if span_us > 0 else AWAKE_UNKNOWN

    def sleep(self, ms: int, sensed: bool) -> None:
        """Light sleep for this long, or until a pin wakes it; the sensor's must if samples are `sensed`."""
        began_us = DEVICE.now_us()
        if self.dropped != PIN_NONE:
            self._look_again(began_us)
        watermark = board.watermark_pin
        listens = ms >= _LONG_MS and began_us - self._listened_us >= _LISTEN_US and sensed
        if listens and watermark not in (PIN_NONE, self.dropped, self._second):
            self._listened_us = began_us
            if board.low_pin(board.button_pin) == watermark:
                # The FIFO was emptied just now.
                self._faults.note(PART_WATERMARK, f"INT1 (GPIO {watermark}) stays low")
            ms = _CALLED_MS
        machine.lightsleep(ms)
        now_us = DEVICE.now_us()
        slept_us = now_us - began_us
        self._slept_us += slept_us
        if slept_us * _EARLY >= ms * 1000:
            self._restless_us = -1
            if ms == _CALLED_MS <= slept_us // 990 and board.low_pin(board.button_pin) == PIN_NONE:
                self._faults.note(PART_WATERMARK, f"INT1 (GPIO {watermark}) stays high")
            return
        self.early = min(65535, self.early + 1)
        if self._restless_us < 0:
            self._restless_us = began_us
        elif now_us - self._restless_us >= _RESTLESS_US:
            self._find_out(now_us)
            time.sleep_ms(min(ms, _AWAKE_MS))
            return
        time.sleep_ms(min(ms, _PAUSE_MS))

    def note(self) -> None:
        """Report pins that are no longer used to the faults."""
        for pin in (self.dropped, self._second):
            if pin == board.button_pin:
                self._faults.note(PART_BUTTON, "The button stays down")
            elif pin != PIN_NONE:
                self._faults.note(PART_WATERMARK, f"INT1 (GPIO {pin}) stays low")

    def _find_out(self, now_us: int) -> None:
        pin = board.low_pin(self.dropped)
        if pin in (PIN_NONE, self._second):
            self._faults.note(PART_SLEEP, "Light sleep returns at once")
            return
        if self.dropped == PIN_NONE:
            self.dropped = pin
            board.wake_by_pins(True, pin)
        else:
            self._second = pin
            board.wake_by_pins(False)
        self._again_us = now_us + _AGAIN_US
        self._restless_us = -1
        self.note()

    def _look_again(self, now_us: int) -> None:
        if now_us >= self._again_us:
            self._again_us = now_us + _AGAIN_US
            if board.low_pin() == PIN_NONE:
                self.dropped = self._second = PIN_NONE
                board.wake_by_pins(True)
