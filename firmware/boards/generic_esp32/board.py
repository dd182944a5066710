"""Any ESP32 development board with a USB-to-serial chip: for the bench, powered by its cable.

It cannot detect a computer at the cable, and so behaves as if on a battery: its radio opens every
ten minutes and at the button.
"""

from circuit import Circuit, flash, hardware_id, random_u32  # noqa: F401

CHIP = "ESP32"
CONFIG_PATH = "/twitchband.json"
LOG_ROOT = "/log"
MOUNT = "/"

_circuit = Circuit(
    sda=21,
    scl=22,
    button=0,  # BOOT
    light=(2, 1),  # of most of these boards, lit by a high level
    reset_state=0x3FF48034,
)
imu = _circuit.imu
usb_powered = _circuit.usb_powered
button_pressed = _circuit.button_pressed
button_held = _circuit.button_held
led = _circuit.led
reset_cause = _circuit.reset_cause
battery_mv = _circuit.battery_mv
temperature_centi_c = _circuit.temperature_centi_c
battery_works = _circuit.battery_works
wake_by_pins = _circuit.wake_by_pins
low_pin = _circuit.low_pin
button_pin = _circuit.button_pin
watermark_pin = _circuit.watermark_pin
