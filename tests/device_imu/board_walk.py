"""Run by real MicroPython: a board's file on stand-ins for the ESP32's own modules.

micropython board_walk.py ROOT BOARD
"""

import sys

ROOT, BOARD = sys.argv[1:3]
sys.path[:] = [
    ROOT + "/tests/device_imu/esp32_port",
    ROOT + "/tests/device_imu",
    ROOT + "/firmware/boards/" + BOARD,
    ROOT + "/firmware/boards",
    ROOT + "/firmware",
    ROOT,
    ".frozen",
]

import time  # noqa: E402

import machine  # noqa: E402

# Of the chips only this one has pins without pull-ups.
machine.input_only = "esp32" in BOARD.split("_") or BOARD.startswith("m5")

try:  # noqa: SIM105
    import hold  # noqa: F401
except ImportError:
    pass
import board  # noqa: E402
import rig  # noqa: E402

from models.lsm6ds3trc import Lsm6ds3trC  # noqa: E402
from models.mpu import Mpu6050, Mpu6886  # noqa: E402
from twitchband.config import LIMITS  # noqa: E402

# Chip, SCL, SDA, battery, button, watermark, levels from the start, where the frame number stands, sensor.
EXPECTED = {
    "xiao_esp32c3": ("ESP32C3", 7, 6, 3, 9, 5, {}, 0, Lsm6ds3trC),
    "xiao_esp32s3": ("ESP32S3", 6, 5, 2, 0, 4, {21: 1}, 8, Lsm6ds3trC),
    "generic_esp32": ("ESP32", 22, 21, None, 0, None, {2: 0}, None, Mpu6050),
    "m5stickc_plus2": ("ESP32", 22, 21, 38, 37, None, {4: 1, 19: 0, 27: 0, 12: 0, 2: 0}, None, Mpu6886),
}
CHIP, SCL, SDA, BATTERY, BUTTON, WATERMARK, IDLE, USB_SHIFT, SENSOR = EXPECTED[BOARD]

assert board.CHIP == CHIP
assert (board.CONFIG_PATH, board.LOG_ROOT) == ("/twitchband.json", "/log")
assert machine.frequency == 80000000
for pin, level in IDLE.items():
    assert machine.levels[pin] == level
assert board.hardware_id() == "24:0A:C4:00:00:01"
assert 0 <= board.random_u32() <= 0xFFFFFFFF

# The sensor, on its pins.
model = machine.I2C.chip = SENSOR(rig.Clock(), rig.Numbers())
imu = board.imu()
assert (imu.who_am_i, imu.rate_milli_hz) == (model.who_am_i, 104000)
assert abs(imu.lsb_nano_g - 122000) < 100
assert board.imu() is imu
assert machine.I2C.wired == (SCL, SDA, 400000)
assert board.temperature_centi_c() == (3653 if SENSOR is Mpu6050 else 2500)
imu.start()

# The battery: sixteen readings behind a divider by two, at most one measurement in ten seconds.
if BATTERY is None:
    assert board.battery_mv() == 65535
else:
    machine.ADC.microvolts[BATTERY] = 1900000
    assert board.battery_mv() == 3800
    machine.ADC.microvolts[BATTERY] = 150000
    assert board.battery_mv() == 3800
    time.now_ms += 10000
    assert board.battery_mv() == 65535
assert board.battery_mv() > LIMITS["low_battery_mv"][2]

# The cable: frames that are counted are a computer's.
assert not board.usb_powered()
time.now_ms += 1000
assert not board.usb_powered()
if USB_SHIFT is not None:
    for frame in (1000, 1005, 2047, 3):
        machine.mem32.value = frame << USB_SHIFT | 0x1
        time.now_ms += 5
        assert board.usb_powered()
    assert board.usb_powered()
    time.now_ms += 600
    assert not board.usb_powered()

# The button: once a press, however it bounces.
presses = []
for level in (1, 0, 0, 1, 0, 0, 1, 1):
    machine.levels[BUTTON] = level
    presses.append(board.button_pressed())
    time.now_ms += 20
assert presses == [False, True, False, False, False, False, False, False]
time.now_ms += 600
machine.levels[BUTTON] = 0
assert board.button_pressed()
assert machine.wakes == ([BUTTON] if WATERMARK is None else [BUTTON, WATERMARK])
