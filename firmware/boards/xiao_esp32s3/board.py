"""Seeed Studio XIAO ESP32-S3: charges a LiPo cell; more memory, a little larger."""

from circuit import Circuit, flash, hardware_id, random_u32  # noqa: F401

CHIP = "ESP32S3"
CONFIG_PATH = "/twitchband.json"
LOG_ROOT = "/log"
MOUNT = "/"

# ESP32-S3 technical reference manual, USB OTG: DSTS at 0x0808, SOFFN in bits 21:8. MicroPython speaks
# through this port, not through USB Serial/JTAG.
_USB_FRAME = (0x60080808, 8, 0x3FFF)

_circuit = Circuit(
    sda=5,  # D4
    scl=6,  # D5
    battery=2,  # D1/A1, behind two equal resistors
    button=0,  # BOOT
    watermark=4,  # D3
    light=(21, 0),  # yellow, lit by a low level
    usb_frame=_USB_FRAME,
    reset_state=0x60008038,
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
