"""The simulated world: its clock, and what the rig has laid down for this run.

Virtual time stands still while the firmware computes, jumps over sleeps, and runs in step with real time
while the radio is on, or with a `cable`, because then a real host is at the other end; where the rig knows
that there is none, `pace` makes it run faster. `stall_us` lists [time, duration]: a sleep that ends later
than that time ends so much later still, as after a slow write to flash.
"""

import gc
import json
import os
import sys

import bluetooth

# The builtin under its old name: `time` is ours.
import utime

_REPORT_US = 60000000
# Sleep on a cable is broken by whoever presses Ctrl-C.
_MOST_SLEEP_US = 20000


def _load() -> dict:  # type: ignore[type-arg]
    path = os.getenv("TWITCHWATCH_SIM")
    if not path:
        raise RuntimeError("TWITCHWATCH_SIM names no file: start the simulator by `twitchwatch demo`")
    with open(path) as file:
        return json.load(file)


config = _load()
_virtual_us = 0
_real_us = 0
_in_step = False
_reported_us = 0
_reported_radio = False
_pace = config.get("pace", 1)
_cable = config.get("cable", False)
_stalls = config.get("stall_us", [])
# Exit code of a board that starts anew, plus machine.reset_cause() of the start that follows.
RESET_EXIT = 80
_WDT_RESET = 3
_patience_us = 0
_fed_us = 0
_flashes = 0


def now_us() -> int:
    """Virtual microseconds since power-on. Allocates nothing: the sensor asks in the sample loop."""
    global _virtual_us, _real_us, _in_step
    in_step = bluetooth.radio_on() or _cable
    if in_step:
        real_us = utime.ticks_us()
        if _in_step:
            _virtual_us += utime.ticks_diff(real_us, _real_us) * _pace
        _real_us = real_us
    _in_step = in_step
    return _virtual_us


def sleep_us(duration_us: int) -> None:
    """Let virtual time pass; with the radio on, real time, in which the radio works."""
    global _virtual_us
    end_us = now_us() + duration_us
    _report()
    if not _in_step:
        if _stalls and end_us >= _stalls[0][0]:
            end_us += _stalls.pop(0)[1]
        _virtual_us = end_us
        _bite()
        return
    while True:
        left_us = end_us - now_us()
        if left_us <= 0 or not _in_step:
            break
        if bluetooth.radio_on():
            bluetooth.pump((left_us + 1000 * _pace - 1) // (1000 * _pace))
        else:
            utime.sleep_us(min(left_us // _pace + 1, _MOST_SLEEP_US))
    _bite()


def reset(cause: int) -> None:
    """The board starts anew."""
    sys.exit(RESET_EXIT + cause)


def watchdog(patience_us: int) -> None:
    """Whoever does not feed for so long is reset, where the rig wants that."""
    global _patience_us
    _patience_us = patience_us if config.get("watchdog") else 0
    feed()


def feed() -> None:
    """The watchdog is content."""
    global _fed_us
    _fed_us = _virtual_us


def light() -> None:
    """The board's light flashes: the next report counts it."""
    global _flashes
    _flashes += 1


def _bite() -> None:
    if _patience_us and _virtual_us - _fed_us > _patience_us:
        reset(_WDT_RESET)


def _report() -> None:
    global _reported_us, _reported_radio
    radio_on = bluetooth.radio_on()
    if radio_on != _reported_radio or _virtual_us - _reported_us >= _REPORT_US:
        _reported_us = _virtual_us
        _reported_radio = radio_on
        bluetooth.report(
            {
                "virtual_us": _virtual_us,
                "in_step": _in_step,
                "radio": radio_on,
                "heap": gc.mem_alloc(),
                "flashes": _flashes,
            }
        )
