"""What the chip's pins lead to: the button, the sensor's interrupt and bus, the cell, the cable."""

import random

import world
from chip import wired
from faults import changes, fault
from wearable import int1, int1_us, tape

# A finger on the button.
_PRESS_US = 200000
_FULL_MV = 4100
_EMPTY_MV = 3000
_FRAME_US = 1000
_FRAMES = 0x7FF
# USB 2.0, 7.1.7.3: a host waits so long before it takes a device for attached, and resets it.
_ATTACH_US = 110000

_presses = sorted(
    [
        (one, one + _PRESS_US) if isinstance(one, int) else tuple(one)
        for one in world.config.get("button_us", [])
    ]
)
_held = world.config.get("button_held", False)
_cell = world.config.get("battery_mv")
_empty_us = world.config.get("empty_us")
_usb = world.config.get("usb", False)
_dropped_us = -_ATTACH_US


def level(number: int) -> "int | None":
    """The level that a part outside gives this pin; None if nothing is wired to it."""
    if number == wired.get("button"):
        return _button()
    if number == wired.get("int1"):
        if fault("int1_low") is not None:
            return 0
        if fault("int1_high") is not None:
            return 1
        return int1()
    if number == wired["sda"]:
        return 0 if fault("i2c_low") is not None else None
    return None


def changes_us(number: int, after_us: int, before_us: int) -> int:
    """The first moment between the two at which the level may change; else `before_us`."""
    if number == wired.get("button"):
        for press in _presses:
            for at_us in press:
                if after_us < at_us < before_us:
                    before_us = at_us
        return changes("button_stuck", after_us, before_us)
    if number == wired.get("int1"):
        before_us = changes("int1_low", after_us, changes("int1_high", after_us, before_us))
        call_us = int1_us()
        return call_us if after_us < call_us < before_us else before_us
    return before_us


def _button() -> int:
    if _held or fault("button_stuck") is not None:
        return 0
    now_us = world.now_us()
    while _presses and now_us >= _presses[0][1]:
        _presses.pop(0)
    return 0 if _presses and now_us >= _presses[0][0] else 1


def cell_mv() -> int:
    """The cell's voltage: as the rig says, and empty when it says so, or when the recording is over.

    `battery_mv`: a number, or [[from_us, mV], ..] in order.
    """
    now_us = world.now_us()
    if _cell is not None:
        if isinstance(_cell, int):
            return _cell
        mv = _FULL_MV
        for from_us, given_mv in _cell:
            if now_us >= from_us:
                mv = given_mv
        return mv
    if _empty_us is not None:
        return _EMPTY_MV if now_us >= _empty_us else _FULL_MV
    if tape.since_us < 0 or not tape.length:
        return _FULL_MV
    return _EMPTY_MV if tape.place(now_us) >= tape.length else _FULL_MV


def divided_uv(number: int) -> int:
    """Microvolts at an ADC pin: the cell behind two equal resistors, or nothing. Raises OSError."""
    if number != wired.get("battery"):
        return 0
    broken = fault("battery")
    if broken is None:
        return cell_mv() * 500
    if broken["what"] == "error":
        raise OSError(116)
    return random.randrange(3100000) if broken["what"] == "noise" else 0


def drop_usb(now_us: int) -> None:
    """The chip's end of the cable was off until now."""
    global _dropped_us
    _dropped_us = now_us


def frame() -> int:
    """The USB frame counter: a host that is awake counts it up every millisecond.

    `usb`: whether a computer is at the cable, or [[from_us, until_us], ..]. Half attached, it counts for one
    second in seven.
    """
    now_us = world.now_us()
    there = _usb
    if isinstance(_usb, list):
        there = False
        for from_us, until_us in _usb:
            if from_us <= now_us < until_us:
                there = True
    if fault("usb_half") is not None:
        there = now_us // 1000000 % 7 == 0
    if not there or now_us - _dropped_us < _ATTACH_US:
        return 0
    return now_us // _FRAME_US & _FRAMES
