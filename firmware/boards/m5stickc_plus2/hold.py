"""Keeps the power: without HOLD it ends as soon as the power button is released."""

from machine import Pin

# M5Stack, StickC-Plus2, PinMap: G4
Pin(4, Pin.OUT, value=1)
