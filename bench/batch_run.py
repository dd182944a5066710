"""Run by MicroPython: batches of six seconds, from the FIFO's bytes to the log, as the application drains
them.

micropython batch_run.py ROOT SAMPLES WHAT BATCHES

SAMPLES: int16 x y z; WHAT: "batch" (driver, sampler, detector, recorder, log) or "detector" (its kernels
alone). The chip is a file whose FIFO always holds six seconds; the log is on littlefs in a RAM block device.
"""

import gc
import sys
from array import array

ROOT, SAMPLES, WHAT, BATCHES = sys.argv[1:5]
sys.path[:] = [ROOT + "/firmware", ROOT, ".frozen"]

BATCH = 624


class Board:
    """What the recorder asks of a board."""

    LOG_ROOT = "/log"

    @staticmethod
    def battery_mv():
        return 3900

    @staticmethod
    def temperature_centi_c():
        return 3300


sys.modules["board"] = Board

import micropython  # noqa: E402
import vfs  # noqa: E402

from shared.detector.detector import Detector  # noqa: E402
from twitchband.clock import Clock  # noqa: E402
from twitchband.imu.lsm6ds3trc import Lsm6ds3trC  # noqa: E402
from twitchband.log import FlashLog  # noqa: E402
from twitchband.recorder import Recorder  # noqa: E402


class Wire:
    """An LSM6DS3TR-C that has `BATCH` samples each time it is filled; it costs little beside a batch."""

    def __init__(self, path):
        self._file = open(path, "rb")  # noqa: SIM115
        self._status = bytearray(4)
        self._words = 0
        self._registers = {}

    def fill(self):
        self._words = 3 * BATCH

    def readfrom_mem_into(self, address, register, buffer):
        if register == 0x3A:
            self._status[0] = self._words & 0xFF
            self._status[1] = self._words >> 8
            buffer[:] = self._status
        else:
            self._file.readinto(buffer)
            self._words -= len(buffer) // 2

    def readfrom_mem(self, address, register, count):
        return bytes([self._registers.get(register + i, 0) for i in range(count)])

    def writeto_mem(self, address, register, data):
        self._registers[register] = data[0]


class Ticks:
    """Six seconds a batch."""

    now_ms = 0

    def ticks_ms(self):
        return self.now_ms

    def ticks_diff(self, end, start):
        return end - start


class Ram:
    """littlefs's block device."""

    def __init__(self, blocks):
        self._data = bytearray(4096 * blocks)

    def readblocks(self, block, buffer, offset=0):
        at = 4096 * block + offset
        buffer[:] = memoryview(self._data)[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = 4096 * block + offset
        self._data[at : at + len(buffer)] = buffer

    def ioctl(self, operation, argument):
        return {4: len(self._data) // 4096, 5: 4096}.get(operation, 0)


class Marks:
    """Numbers that outlive a reset."""

    def get(self, name):
        return 0

    def set(self, name, value):
        pass


def batches():
    device = Ram(24)
    vfs.VfsLfs2.mkfs(device)
    vfs.mount(vfs.VfsLfs2(device), "/log")
    wire, ticks = Wire(SAMPLES), Ticks()
    imu = Lsm6ds3trC(wire, None, 0x6A, ticks)
    # As it was set up: the recorder reads that back each minute.
    for register, value in imu._setup():
        imu.write(register, value)
    log = FlashLog("/log/log", 64 * 1024, lambda: 1, Marks())
    recorder = Recorder(imu, log, Clock(), Detector().parameters)
    for _ in range(int(BATCHES)):
        ticks.now_ms += 6000
        wire.fill()
        recorder.drain()
        log.flush()


def detector_alone():
    detector = Detector()
    samples = array("H", bytes(6 * BATCH))
    with open(SAMPLES, "rb") as file:
        for _ in range(int(BATCHES)):
            file.readinto(samples)
            at = 0
            while at < BATCH:
                # As the sampler does.
                micropython.heap_lock()
                at = detector.feed(samples, at, min(BATCH, (at // 64 + 1) * 64))
                micropython.heap_unlock()
                detector.clear()


# As main.py has it, in words of 64 bits.
gc.threshold(32768)
batches() if WHAT == "batch" else detector_alone()
