"""Run by real MicroPython: a board's own files on the simulated chip, one call after another.

micropython board_walk.py FIRMWARE

The plan says what happens at the pins, and when (test_boards.py). What wakes the chip is tried by sleeping.
"""

import sys

_FIRMWARE = sys.argv[1]
sys.path[:] = [_FIRMWARE + "/boards/sim", _FIRMWARE, _FIRMWARE + "/..", ".frozen"]

import chip  # noqa: E402
import machine  # noqa: E402
import world  # noqa: E402
from boot import boot  # noqa: E402
from wearable import sensor  # noqa: E402

boot(_FIRMWARE)
facts, wired, plan = chip.column, chip.wired, world.config
bus = []
real_bus = machine.I2C


def noted_bus(number, *, scl, sda, freq):
    bus.append((scl.number, sda.number, freq))
    return real_bus(number, scl=scl, sda=sda, freq=freq)


machine.I2C = noted_bus

try:  # noqa: SIM105
    import hold  # noqa: F401
except ImportError:
    pass
import board  # noqa: E402

from twitchband.config import LIMITS  # noqa: E402

# What shall stay so from the start: displays and buzzers off, power held.
IDLE = {"m5stickc_plus2": {4: 1, 27: 0, 12: 0, 2: 0}}
BATTERY, BUTTON, WATERMARK = wired.get("battery"), wired["button"], wired.get("int1")
PINS = (BUTTON,) if WATERMARK is None else (BUTTON, WATERMARK)
# Of the chips one cannot light-sleep and wake by a pin before MicroPython 1.27.
WAKES = "lightsleep" in facts["wake_on_gpio.wakes_from"] + facts["wake_on_ext0.wakes_from"]
SKIN_CENTI_C = 3300


def at(us):
    world.sleep_us(us - world.now_us())


def sleeps(ms):
    """How long a light sleep of this length lasted, in ms."""
    began_us = world.now_us()
    machine.lightsleep(ms)
    return (world.now_us() - began_us) // 1000


assert chip.NAME == board.CHIP
assert (board.CONFIG_PATH, board.LOG_ROOT, board.MOUNT) == ("/twitchband.json", "/log", "/")
assert machine.freq() == 80000000
for pin, level in IDLE.get(chip.BOARD, {}).items():
    assert machine.Pin(pin).value() == level
if "light" in wired:
    pin, lit = wired["light"]
    assert machine.Pin(pin).value() == 1 - lit
    board.led(True)
    assert machine.Pin(pin).value() == lit
board.led(False)
assert board.hardware_id() == "24:0A:C4:00:00:01"
assert 0 <= board.random_u32() <= 0xFFFFFFFF
# A pull that a pin does not have would be left out without a word.
assert not [pull for pin, pull in board._circuit._wakes if pull is not None and pin in chip.inputs_only]

# The sensor, on its pins.
imu = board.imu()
assert (imu.who_am_i, imu.rate_milli_hz) == (sensor.who_am_i, 104000)
assert abs(imu.lsb_nano_g - 122000) < 100
assert board.imu() is imu
assert bus == [(wired["scl"], wired["sda"], 400000)]
assert abs(board.temperature_centi_c() - SKIN_CENTI_C) <= 1
imu.start()

# The battery: sixteen readings behind a divider by two, at most one measurement in ten seconds.
cell = [from_us for from_us, _ in plan["battery_mv"]]
if BATTERY is None:
    assert board.battery_mv() == 65535
    assert board.battery_works()
else:
    assert board.battery_mv() == 3800
    at(cell[1] + 1000000)
    assert board.battery_mv() == 3800
    world.sleep_us(10000000)
    assert board.battery_mv() == 65535
assert board.battery_mv() > LIMITS["low_battery_mv"][2]

# The cable: frames that are counted are a computer's, over the wrap of their counter too.
SEEN = "frame" in wired
plugged_us, unplugged_us = plan["usb"][0]
at(plugged_us - 2000000)
for _ in range(2):
    assert not board.usb_powered()
    world.sleep_us(1000000)
for _ in range(500):
    world.sleep_us(5000)
    assert board.usb_powered() == SEEN
at(unplugged_us)
assert board.usb_powered() == SEEN
world.sleep_us(600000)
assert not board.usb_powered()

# The button: once a press, however it bounces.
presses = plan["button_us"]
at(presses[0][0] - 10000)
pressed = []
held = []
for _ in range(8):
    pressed.append(board.button_pressed())
    held.append(board.button_held())
    world.sleep_us(20000)
assert held == [False, True, True, False, True, True, False, False]
assert pressed == [False, True, False, False, False, False, False, False]
at(presses[2] + 10000)
assert board.button_pressed()

# Weeks later the ages are still ages: whatever the port's ticks have done, the clock counts on.
for _ in range(200):
    world.sleep_us(400000000)
    board.usb_powered()
    board.battery_mv()
assert not board.usb_powered()
if BATTERY is not None:
    assert board.battery_mv() == 4000
    assert board.battery_works()
    for broken in range(3, len(cell)):
        at(cell[broken] + 1000000)
        assert board.battery_mv() == (65535 if broken % 2 else 4000)
        assert board.battery_works() == (not broken % 2)


def button_wakes(press_us, expected):
    """Sleep over a press."""
    at(press_us - 1100000)
    # Its FIFO, emptied, does not speak meanwhile.
    imu.start()
    at(press_us - 1000000)
    slept_ms = sleeps(3000)
    assert slept_ms == (1000 if expected else 3000), slept_ms
    world.sleep_us(1000000)


def sensor_wakes(expected):
    """Sleep until four seconds of samples are there."""
    imu.start()
    slept_ms = sleeps(8000)
    assert abs(slept_ms - (4000 if expected else 8000)) <= 100, slept_ms


# What wakes it: both pins if the release and the chip can, without one that is stuck; none in deep sleep.
button_wakes(presses[3], WAKES)
sensor_wakes(WAKES and WATERMARK is not None)
imu.start()
assert board.low_pin() == 255
for stuck, fault, press_us in zip(PINS, plan["faults"], presses[4::2]):  # noqa: B905
    at(fault["from_us"])
    imu.start()
    assert board.low_pin() == stuck
    assert sleeps(2000) == (1 if WAKES else 2000)
    board.wake_by_pins(True, stuck)
    assert board.low_pin(stuck) == 255
    assert sleeps(2000) == 2000
    if stuck == BUTTON:
        sensor_wakes(WAKES and WATERMARK is not None)
    else:
        button_wakes(press_us, WAKES)
    at(fault["until_us"])
    imu.start()
    board.wake_by_pins(True)
    button_wakes(press_us + 30000000, WAKES)
board.wake_by_pins(False)
button_wakes(presses[-1], False)
sensor_wakes(False)

# The button is stuck again: a pin that is left would wake it, or be refused.
at(plan["faults"][2]["from_us"])
imu.start()
assert board.low_pin() == BUTTON
began_us = world.now_us()
try:
    machine.deepsleep(3600000)
except SystemExit:
    if "hold" in wired:
        assert world.ended == "off"
    else:
        assert (world.ended, world.next_cause) == ("reset", "deep_sleep")
        assert world.now_us() - began_us == 3600000000
    print("walked")
