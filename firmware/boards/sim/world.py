"""The simulated world: its clock, and what the rig has provided for this run (docs/testing.md).

Virtual time stands still while the firmware computes, jumps over sleeps, and runs in step with real time
while the radio is on, or with a `cable`, because then a real host is at the other end; where the rig knows
that there is none, `pace` makes it run faster; `alone`, it does not wait for real time at all, and what the
firmware waits for with the radio on is `pace` times as long. It counts from the first power-on of a run, over
every reset.
`stall_us` lists [time, duration]: a sleep that ends later than that time ends so much later still, as after a
slow write to flash.
"""

import gc
import json
import os
import sys

import air
import bluetooth

# The builtin under its old name: `time` is ours.
import utime
import vfs

_REPORT_US = 60000000
# Sleep on a cable is broken by whoever presses Ctrl-C.
_MAX_SLEEP_US = 20000
# Where the computer's own files are, once the board's lie at the root.
PC = "/pc"
vfs.mount(vfs.VfsPosix(), PC)
# Exit code of a board that restarts; why, and when, is in END beside the plan.
RESET_EXIT = 80
_END = ".end"
_GOES_ON = ("tape_us", "stall_us", "faults")


def _load() -> dict:  # type: ignore[type-arg]
    path = os.getenv("TWITCHWATCH_SIM")
    if not path:
        raise RuntimeError("TWITCHWATCH_SIM names no file: start the simulator by `twitchwatch demo`")
    with open(path) as file:
        return json.load(file)


config = _load()
# The moment at which this start of the board began: its own clock counts from there.
boot_us = config.get("virtual_us", 0)
# Why it began: what the port's table calls reset_cause.CAUSE.
cause = config.get("cause", "power_on")
_virtual_us = boot_us
_real_us = 0
_in_step = False
_reported_us = boot_us
_reported_radio = False
_pace = config.get("pace", 1)
_cable = config.get("cable", False)
_alone = config.get("alone", False)
_stalls = config.get("stall_us", [])
_until_us = config.get("until_us", 1 << 62)
_flashes = 0
# How this start ended, and the cause of the next.
ended = next_cause = ""
# What has to be done at a moment of virtual time: called with it at the end of each sleep.
alarms = []


def now_us() -> int:
    """Virtual microseconds since the run began. Allocates nothing: the sensor asks in the sample loop."""
    global _virtual_us, _real_us, _in_step
    in_step = _cable or (bluetooth.radio_on() and not _alone)
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
    if _alone and bluetooth.radio_on():
        duration_us *= _pace
    end_us = now_us() + duration_us
    _report()
    if not _in_step:
        if _stalls and end_us >= _stalls[0][0]:
            end_us += _stalls.pop(0)[1]
        _virtual_us = end_us
    else:
        while True:
            left_us = end_us - now_us()
            if left_us <= 0 or not _in_step:
                break
            if bluetooth.radio_on():
                bluetooth.pump((left_us + 1000 * _pace - 1) // (1000 * _pace))
            else:
                utime.sleep_us(min(left_us // _pace + 1, _MAX_SLEEP_US))
    if _virtual_us >= _until_us:
        end("over")
    for alarm in alarms:
        alarm(_virtual_us)


def end(why: str, cause_of_next: str = "") -> None:
    """The board stops: "over" is the time asked for, "off" its power, "reset" restarts it."""
    global ended, next_cause
    ended, next_cause = why, cause_of_next
    # What the next start has to know of this one.
    goes_on = {key: config[key] for key in _GOES_ON if key in config}
    goes_on["virtual_us"] = now_us()
    goes_on["cause"] = cause_of_next
    with open(PC + os.getenv("TWITCHWATCH_SIM") + _END, "w") as file:
        json.dump({"why": why, "next": goes_on}, file)
    sys.exit(RESET_EXIT if why == "reset" else 0)


def reset(cause_of_next: str) -> None:
    """The chip restarts, for a cause of the port's table."""
    end("reset", cause_of_next)


def light() -> None:
    """The board's light flashes: the next report counts it."""
    global _flashes
    _flashes += 1


def _report() -> None:
    global _reported_us, _reported_radio
    import memory

    radio_on = bluetooth.radio_on()
    if radio_on != _reported_radio or _virtual_us - _reported_us >= _REPORT_US:
        _reported_us = _virtual_us
        _reported_radio = radio_on
        air.report(
            {
                "virtual_us": _virtual_us,
                "in_step": _in_step,
                "radio": radio_on,
                "heap": gc.mem_alloc(),
                "idf_free": memory.idf.free,
                "idf_largest": memory.idf.largest,
                "idf_lowest": memory.idf.lowest,
                "idf_lowest_largest": memory.idf.lowest_largest,
                "flashes": _flashes,
            }
        )
