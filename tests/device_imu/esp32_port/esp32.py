"""The ESP32's `esp32`: wakes by pins of its always-on part alone, as on a C3."""

import machine

WAKEUP_ALL_LOW = False


def wake_on_gpio(pins, level):
    raise ValueError("invalid pin")


def wake_on_ext0(pin, level):
    machine.wakes.append(pin.number)


def wake_on_ext1(pins, level):
    machine.wakes.extend([pin.number for pin in pins])
