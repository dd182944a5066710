"""Run by real MicroPython: when samples were taken, as the recorder says it and as the chip's model knows it.

micropython timed.py ROOT CHIP

Prints for each night: by how much the sensor's own rate is off, how many looks there were, how many losses,
the greatest error in ms in the first minute and after it, and by how much time ran backwards.
"""

import json
import random
import sys

ROOT, NAME = sys.argv[1:3]
sys.path[:] = [ROOT + "/tests/device_imu", ROOT + "/firmware", ROOT, ".frozen"]

import rig  # noqa: E402

from models.lsm6ds3trc import Lsm6ds3trC  # noqa: E402
from models.lsm6dsox import Lsm6dsox  # noqa: E402

MODELS = {"lsm6ds3trc": Lsm6ds3trC, "lsm6dsox": Lsm6dsox}
MINUTES = 8


class Board:
    def battery_mv(self):
        return 4000

    def temperature_centi_c(self):
        return 3300


class Log:
    full_percent = 50
    gaps = 0

    def append(self, kind, time_us, body, tail=b""):
        self.gaps += kind == GAP
        return 0


class Fine(rig.Clock):
    """Microseconds, too: drains come at any time between two samples."""

    us = 0

    def now_us(self):
        return self.now_ms * 1000 + self.us


sys.modules["board"] = Board()

from shared.detector.parameters import table  # noqa: E402
from shared.protocol.record_types import GAP  # noqa: E402
from twitchband.imu import bus  # noqa: E402
from twitchband.recorder import Recorder  # noqa: E402


def night(off, stalls):
    clock = Fine()
    chip = MODELS[NAME](clock, rig.Still())
    imu = bus.find(lambda: chip, clock)
    chip.rate_milli_hz = rate = int(imu.rate_milli_hz * (1 + off))
    imu.start()
    log = Log()
    recorder = Recorder(imu, log, clock, table())
    began_us = clock.now_us()
    step = recorder.sampler.step
    errors = [0, 0]
    last = [0, 0, 0]

    def looked():
        # After each chunk, as for a word of the detector: the newest sample, and when the chip took it.
        if not step():
            return 0
        k = chip.next - chip.count - 1 if NAME == "lsm6dsox" else chip.next - chip.count // 3 - 1
        true_us = chip._since_us + (k + 1 - chip._before) * 1000000000 // rate
        first, samples = recorder.sampler.newest()
        time_us = recorder._times.time_us(first + len(samples) // 3 - 1)
        late = true_us - began_us > 60000000
        errors[late] = max(errors[late], abs(time_us - true_us))
        last[1] = max(last[1], last[0] - time_us)
        last[0] = time_us
        last[2] += 1
        return 1

    recorder.sampler.step = looked
    while clock.now_us() - began_us < MINUTES * 60000000:
        ms = min(4000, imu.hold_ms * 5 // 8)
        # After a write to flash a drain comes late; often so late that the FIFO has overflowed.
        if random.random() < stalls:
            ms += random.randint(500, 20000)
        clock.now_ms += ms
        clock.us = random.randint(0, 999)
        recorder.drain()
    found = {"off": off, "stalls": stalls, "looks": last[2], "gaps": log.gaps, "back_us": last[1]}
    print(json.dumps(dict(found, first_ms=errors[0] / 1000, worst_ms=errors[1] / 1000)))


for seed, off in enumerate((0, 0.02, -0.05, 0.095, -0.095)):
    random.seed(seed)
    night(off, 0)
    night(off, 0.15)
