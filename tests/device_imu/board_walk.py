"""Run by real MicroPython: a board's file on stand-ins for the ESP32's own modules.

micropython board_walk.py ROOT BOARD RELEASE
"""

import sys

ROOT, BOARD, RELEASE = sys.argv[1:4]
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

import esp32  # noqa: E402
import machine  # noqa: E402

# Of the chips only this one has pins without pull-ups.
machine.input_only = "esp32" in BOARD.split("_") or BOARD.startswith("m5")

from models.esp32_port import column  # noqa: E402

CHIPS = {"xiao_esp32c3": "ESP32C3", "xiao_esp32s3": "ESP32S3"}
machine.facts = column(RELEASE, CHIPS.get(BOARD, "ESP32"))
esp32.begin()

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

# Weeks later the ages are still ages: whatever the port's ticks have done, the clock counts on.
for _ in range(200):
    time.now_ms += 400000
    board.usb_powered()
    board.battery_mv()
assert not board.usb_powered()
if BATTERY is not None:
    machine.ADC.microvolts[BATTERY] = 2000000
    time.now_ms += 10000
    assert board.battery_mv() == 4000
    assert board.battery_works()
    for broken_uv in (0, 2600000):
        machine.ADC.microvolts[BATTERY] = broken_uv
        time.now_ms += 10000
        assert board.battery_mv() == 65535
        assert not board.battery_works()

# What wakes it: both pins where the release and the chip can, without one that is stuck; none in deep sleep.
BOTH = (BUTTON,) if WATERMARK is None else (BUTTON, WATERMARK)
BY_GPIO = machine.facts["wake_on_gpio.exists"]
BY_EXT0 = BUTTON in machine.facts["wake_on_ext0.pins"]
assert esp32.gpio == (BOTH if BY_GPIO else ())
assert esp32.ext0 == (BUTTON if BY_EXT0 and not BY_GPIO else None)
assert esp32.ext1 == (BOTH[1:] if BY_EXT0 and not BY_GPIO else ())
machine.levels[BUTTON] = 1
assert board.low_pin() == 255
for stuck in BOTH:
    machine.levels[stuck] = 0
    assert board.low_pin() == stuck
    board.wake_by_pins(True, stuck)
    rest = tuple([pin for pin in BOTH if pin != stuck])
    assert stuck not in esp32.gpio
    assert stuck in machine.quiet
    assert stuck != esp32.ext0
    assert stuck not in esp32.ext1
    if BY_EXT0:
        # A pin that has left wake_on_gpio still wakes these chips while another is in it.
        assert not esp32.gpio
        assert rest in ((), (esp32.ext0,))
    else:
        assert esp32.gpio == (rest if BY_GPIO else ())
    machine.levels[stuck] = 1
board.wake_by_pins(True)
assert esp32.gpio == (BOTH if BY_GPIO else ())
board.wake_by_pins(False)
assert (esp32.gpio, esp32.ext0, esp32.ext1) == ((), None, ())
machine.deepsleep(3600000)
