"""Which chip this is, what is wired to it, and what can wake it."""

import world

from models.esp32_port import column as _column

# What the bench solders to a board, as hardware/bom.md and the makers have it: GPIO numbers, (register,
# shift) of the USB frame counter, register of the reset state, and the sensor.
_BOARDS = {
    "xiao_esp32c3": {
        "chip": "ESP32C3",
        "scl": 7,
        "sda": 6,
        "int1": 5,
        "button": 9,
        "battery": 3,
        "frame": (0x60043024, 0),
        "reset_state": 0x60008038,
        "sensor": "lsm6ds3trc",
    },
    "xiao_esp32s3": {
        "chip": "ESP32S3",
        "scl": 6,
        "sda": 5,
        "int1": 4,
        "button": 0,
        "battery": 2,
        "light": (21, 0),
        "frame": (0x60080808, 8),
        "reset_state": 0x60008038,
        "sensor": "lsm6ds3trc",
    },
    "generic_esp32": {
        "chip": "ESP32",
        "scl": 22,
        "sda": 21,
        "button": 0,
        "light": (2, 1),
        "reset_state": 0x3FF48034,
        "sensor": "mpu6050",
    },
    "m5stickc_plus2": {
        "chip": "ESP32",
        "scl": 22,
        "sda": 21,
        "button": 37,
        "battery": 38,
        "light": (19, 1),
        "hold": 4,
        "reset_state": 0x3FF48034,
        "sensor": "mpu6886",
    },
}
# The pins that MicroPython offers (ports/esp32/machine_pin.h), those without output and pull (soc_caps.h),
# and those of the two converters (adc_channel.h).
_PINS = {
    "ESP32": (
        list(range(24)) + [25, 26, 27] + list(range(32, 40)),
        range(34, 40),
        [0, 2, 4, 12, 13, 14, 15, 25, 26, 27] + list(range(32, 40)),
    ),
    "ESP32C3": (list(range(14)) + list(range(18, 22)), (), range(6)),
    "ESP32S3": (list(range(22)) + [26] + list(range(33, 49)), (), range(1, 21)),
}
BOARD = world.config.get("board", "xiao_esp32c3")
wired = _BOARDS[BOARD]
NAME = world.config.get("chip", wired["chip"])
RELEASE = world.config.get("release", "1.29")
column = _column(RELEASE, NAME)
pins, inputs_only, adc_pins = _PINS[NAME]


class Wake:
    """A source of waking, as set by esp32.wake_on_..: GPIO numbers, the level that wakes, and out of which
    sleeps. `together`: only all of its pins wake.
    """

    def __init__(self) -> None:
        self.pins = ()
        # Pins that were set once, and that no later call takes away again.
        self.lingering = set()
        self.level = 0
        self.sleeps = ()
        self.together = False


wakes = {"gpio": Wake(), "ext0": Wake(), "ext1": Wake()}
