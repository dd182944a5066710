"""M5StickC Plus2: sensor, cell of 200 mAh and charger in one case, for the wrist; nothing to solder.

Pins: M5Stack, StickC-Plus2, PinMap. Its sensor's interrupt is not wired to a pin that could wake it: the
timer does, more than once a second, because the MPU-6886's FIFO is small. It cannot detect a computer at
the cable, and so behaves as if on its cell.
"""

from circuit import Circuit, flash, hardware_id, random_u32  # noqa: F401

CHIP = "ESP32"
CONFIG_PATH = "/twitchband.json"
LOG_ROOT = "/log"
MOUNT = "/"

_circuit = Circuit(
    sda=21,
    scl=22,
    battery=38,  # behind two equal resistors on the board
    button=37,  # A, the large one; pulled up on the board
    pull=False,
    light=(19, 1),
    # The display's light and its reset, and the buzzer; HOLD is held by hold.py.
    levels=((27, 0), (12, 0), (2, 0)),
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
