"""The simulated world: its clock, and what the rig has laid down for this run.

Virtual time stands still while the firmware computes, jumps over sleeps, and runs in step with real time
while the radio is on, because then a real host is at the other end.
"""

import gc
import json
import os

import bluetooth

# The builtin under its old name: `time` is ours.
import utime

_REPORT_US = 60000000


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


def now_us() -> int:
    """Virtual microseconds since power-on."""
    global _virtual_us, _real_us, _in_step, _reported_us
    radio_on = bluetooth.radio_on()
    if radio_on:
        real_us = utime.ticks_us()
        if _in_step:
            _virtual_us += utime.ticks_diff(real_us, _real_us)
        _real_us = real_us
    if radio_on != _in_step or _virtual_us - _reported_us >= _REPORT_US:
        _in_step = radio_on
        _reported_us = _virtual_us
        bluetooth.report({"virtual_us": _virtual_us, "radio": radio_on, "heap": gc.mem_alloc()})
    return _virtual_us


def sleep_us(duration_us: int) -> None:
    """Let virtual time pass; with the radio on, real time, in which the radio works."""
    global _virtual_us
    end_us = now_us() + duration_us
    if not _in_step:
        _virtual_us = end_us
        return
    while True:
        left_us = end_us - now_us()
        if left_us <= 0 or not _in_step:
            return
        bluetooth.pump((left_us + 999) // 1000)
