"""Run by real MicroPython: the recorder over a sensor that goes wrong and heals; prints what is in the log.

micropython watched.py ROOT CHIP FAULT

Half an hour of virtual time: sound for five and a half minutes, wrong until the twentieth, then sound.
"""

import json
import random
import sys
from array import array

ROOT, NAME, FAULT = sys.argv[1:4]
sys.path[:] = [ROOT + "/tests/device_imu", ROOT + "/firmware", ROOT, ".frozen"]

import rig  # noqa: E402

from models.lsm6ds3trc import Lsm6ds3trC  # noqa: E402
from models.lsm6dsox import Lsm6dsox  # noqa: E402
from models.mpu import Mpu6050, Mpu6886  # noqa: E402
from twitchband.imu import bus  # noqa: E402

MODELS = {"lsm6ds3trc": Lsm6ds3trC, "lsm6dsox": Lsm6dsox, "mpu6050": Mpu6050, "mpu6886": Mpu6886}
ST = NAME.startswith("lsm6")
BEGIN_MS, HEAL_MS, END_MS = 330000, 1200000, 1800000
WATCHDOG_MS = 120000
BOOT_MS = 6000


class Hand(rig.Numbers):
    """A hand at rest: gravity, and noise that repeats after ten seconds."""

    COUNT = 1009

    def __init__(self):
        random.seed(1)
        noise = [random.randint(-8, 8) for _ in range(3 * self.COUNT)]
        self._values = array("h", [n + (8192 if i % 3 == 2 else 0) for i, n in enumerate(noise)])
        self._bytes = memoryview(bytes(self._values) * 2)

    def value(self, rotation, k, axis):
        return self._values[3 * (k % self.COUNT) + axis]

    def fill(self, buffer, k, word):
        at = 6 * (k % self.COUNT) + 2 * word
        buffer[:] = self._bytes[at : at + len(buffer)]
        return True


clock = rig.Clock()
chip = MODELS[NAME](clock, Hand())
ORDERLY = chip.rate_milli_hz
BEGAN_MS = clock.now_ms


class Board:
    """What the recorder and the sensor ask of a board."""

    sensor = None

    def imu(self, gyro=False):
        if self.sensor is None:
            self.sensor = bus.find(connect, clock, gyro)
        return self.sensor

    def battery_mv(self):
        return 4000

    def temperature_centi_c(self):
        return self.imu().temperature_centi_c()


def connect():
    pins = rig.Pins(chip=chip)
    bus.free(pins.scl, pins.sda, clock)
    return chip


class Restart(Exception):
    pass


kept = {}


class Guard:
    """Marks outlive a restart, as in NVS."""

    broken = False

    def __init__(self):
        self.marks = self
        self.fed_ms = clock.now_ms

    def get(self, name):
        return kept.get(name, 0)

    def set(self, name, value):
        kept[name] = value

    def feed(self):
        self.fed_ms = clock.now_ms

    def silent(self, yes):
        pass

    def restart(self):
        raise Restart


class Log:
    full_percent = 0

    def __init__(self):
        self.records = []

    def append(self, kind, time_us, body, tail=b""):
        self.records.append((kind, time_us, body))
        return len(self.records)


class DeviceTime:
    """Microseconds since boot."""

    def __init__(self):
        self.began_us = clock.now_us()

    def now_us(self):
        return clock.now_us() - self.began_us


board = sys.modules["board"] = Board()

from shared.detector.parameters import table  # noqa: E402
from shared.protocol.record_types import EPOCH, GAP  # noqa: E402
from twitchband.recorder import Recorder  # noqa: E402
from twitchband.sensor import Sensor  # noqa: E402


def wrong():
    """Called once a turn while the fault lasts; the first time, `first`."""
    registers = chip.registers
    control, other_range, other_rate = (0x10, 0x4C, 0x38) if ST else (0x1C, 0x10, None)
    if FAULT == "half":
        chip.run_at(ORDERLY // 2)
    elif FAULT == "double":
        chip.run_at(ORDERLY * 2)
    elif FAULT == "range":
        registers[control] = other_range
    elif FAULT == "slow":
        if ST:
            chip.writeto_mem(chip.address, 0x10, bytes((other_rate,)))
        else:
            chip.writeto_mem(chip.address, 0x19, bytes((0x0F,)))
    elif FAULT == "stubborn":
        # The register cannot be put right: what is written does not arrive.
        store = chip.store
        chip.healthy = store
        registers[control] = other_range
        chip.store = lambda at, value: store(at, other_range if at == control else value)
    elif FAULT == "held":
        chip.stuck = 1 << 30
    elif FAULT in ("dead", "absent"):
        chip.power(False)
    elif FAULT == "cycled":
        chip.power(False)
        chip.power(True)


def heal():
    if FAULT in ("half", "double"):
        chip.run_at(ORDERLY)
    elif FAULT == "stubborn":
        chip.store = chip.healthy
    elif FAULT == "held":
        chip.stuck = 0
    elif FAULT in ("dead", "absent"):
        chip.power(True)


epochs = []
faults = []
gaps = restarts = 0
backwards = 0
state = "sound"
if FAULT == "absent":
    wrong()
    state = "wrong"
while clock.now_ms - BEGAN_MS < END_MS:
    guard = Guard()
    board.sensor = None
    log = Log()
    device_time = DeviceTime()
    sensor = Sensor(guard)
    recorder = Recorder(sensor.imu, log, device_time, table())
    sensor.start(device_time.now_us())
    sleep_ms = min(4000, sensor.imu.hold_ms * 5 // 8)
    try:
        while clock.now_ms - BEGAN_MS < END_MS:
            clock.now_ms += sleep_ms
            at_ms = clock.now_ms - BEGAN_MS
            if state == "sound" and BEGIN_MS <= at_ms < HEAL_MS:
                state = "wrong"
                wrong()
            if state == "wrong" and at_ms >= HEAL_MS:
                state = "healed"
                heal()
            if sensor.tend(device_time.now_us(), recorder.drain()):
                recorder.close()
            if not faults or faults[-1][1] != sensor.fault:
                faults.append((at_ms, sensor.fault))
            if clock.now_ms - guard.fed_ms > WATCHDOG_MS:
                break
        else:
            recorder.close()
    except Restart:
        pass
    boot_ms = device_time.began_us // 1000 - BEGAN_MS
    last_us = -1
    for kind, time_us, body in log.records:
        if kind == EPOCH:
            backwards = max(backwards, last_us - time_us)
            last_us = time_us
            epochs.append((boot_ms + time_us // 1000, body))
        elif kind == GAP:
            gaps += 1
    restarts += 1
    clock.now_ms += BOOT_MS
print(
    json.dumps(
        {"epochs": epochs, "faults": faults, "gaps": gaps, "boots": restarts, "backwards_us": backwards}
    )
)
