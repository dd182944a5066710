"""Run by MicroPython: the simulated board from its main.py to the first sample, or nothing.

micropython boot_run.py SIM FOLDER WHAT

SIM: the simulator's modules; FOLDER: the firmware, compiled. WHAT: "boot", or "nothing": what the
interpreter and the simulator need for themselves.
"""

import gc
import sys

# As the simulator's own start has it.
gc.threshold(8192)
SIM, FOLDER, WHAT = sys.argv[1:4]
sys.path[:] = [SIM, SIM + "/../..", ".frozen"]

from boot import boot  # noqa: E402

boot(FOLDER)


class FirstSample(BaseException):
    """Nothing of the application catches it."""


def first_sample(sensor):
    start(sensor)
    raise FirstSample


if WHAT == "boot":
    from twitchband.imu.fifo import FifoSensor

    start = FifoSensor.start
    FifoSensor.start = first_sample
    try:
        import main  # noqa: F401
    except FirstSample:
        pass
    else:
        raise RuntimeError("the application ended before its first sample")
