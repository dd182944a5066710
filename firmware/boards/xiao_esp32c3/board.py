"""Seeed Studio XIAO ESP32-C3: charges a LiPo cell, 1.6 g; the board that hardware/bom.md builds."""

from circuit import Circuit, flash, hardware_id, random_u32  # noqa: F401

CHIP = "ESP32C3"
CONFIG_PATH = "/twitchband.json"
LOG_ROOT = "/log"
MOUNT = "/"

# ESP32-C3 technical reference manual, USB Serial/JTAG: USB_SERIAL_JTAG_FRAM_NUM_REG, SOF_FRAME_INDEX.
_USB_FRAME = (0x60043024, 0, 0x7FF)

_circuit = Circuit(
    sda=6,  # D4
    scl=7,  # D5
    battery=3,  # D1/A1, behind two equal resistors; not D0, whose level counts at boot
    button=9,  # BOOT
    watermark=5,  # D3
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
