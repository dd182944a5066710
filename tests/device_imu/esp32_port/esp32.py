"""The port's `esp32`: what wakes a chip, as far as a board's file asks for it.

Transcribed from ports/esp32/modesp32.c (v1.24.0 to v1.28.0) by way of the port's table: `begin` leaves out
the functions that a release does not have on a chip, and the others take the pins that it takes.
"""

import machine

WAKEUP_ALL_LOW = False

gpio = ()
ext0 = None
ext1 = ()


def _numbers(name, pins):
    taken = machine.facts[name + ".pins"]
    numbers = tuple([pin.number for pin in pins])
    if [number for number in numbers if number not in taken]:
        raise ValueError("invalid pin")
    return numbers


def _wake_on_gpio(pins, level):
    global gpio
    assert level is WAKEUP_ALL_LOW
    gpio = tuple([pin.number for pin in pins])


def _wake_on_ext0(pin, level):
    global ext0
    assert level is WAKEUP_ALL_LOW
    ext0 = None if pin is None else _numbers("wake_on_ext0", (pin,))[0]


def _wake_on_ext1(pins, level):
    global ext1
    assert level is WAKEUP_ALL_LOW
    ext1 = _numbers("wake_on_ext1", pins)


def begin():
    """`machine.facts` are known."""
    for name, function in (
        ("wake_on_gpio", _wake_on_gpio),
        ("wake_on_ext0", _wake_on_ext0),
        ("wake_on_ext1", _wake_on_ext1),
    ):
        if machine.facts[name + ".exists"]:
            globals()[name] = function
