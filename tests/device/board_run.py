"""Run by MicroPython: the simulated board, from power-on until it switches itself off or its power fails.

micropython board_run.py FIRMWARE

The heap is locked while a step of the sampler runs. Prints what the log had promised at the end (`flushed`:
records below this number were on flash), why it was reset, how often it slept, and how much heap is left in
one piece. The rig lays the world down as for the simulator's own start.
"""

import gc
import json
import sys

# As the simulator's own start has it.
gc.threshold(8192)
_FIRMWARE = sys.argv[1]
sys.path[:] = [_FIRMWARE + "/boards/sim", _FIRMWARE, _FIRMWARE + "/..", ".frozen"]

import machine  # noqa: E402
import micropython  # noqa: E402
import world  # noqa: E402
from boot import boot  # noqa: E402
from flash import PowerCut  # noqa: E402

end = {"ended": "off", "flushed": 0, "boot_id": 0, "sleeps": 0}


def watch():
    """Lock the heap during each step that only reads; note each flush that returns."""
    from twitchband.imu.fifo import FifoSensor
    from twitchband.log import FlashLog
    from twitchband.sampler import Sampler

    step = Sampler.step
    fail_us = world.config.get("fail_us")

    def locked(sampler):
        if fail_us is not None and world.now_us() >= fail_us:
            raise ValueError("something that nobody thought of")
        micropython.heap_lock()
        try:
            return step(sampler)
        finally:
            micropython.heap_unlock()

    Sampler.step = locked
    # To set the sensor up once more, or to look whether it has to be, takes memory.
    FifoSensor._anew = unlocked(FifoSensor._anew)
    FifoSensor._keeps_settings = unlocked(FifoSensor._keeps_settings)
    flush = FlashLog.flush

    def noted(log):
        flush(log)
        end["flushed"] = log.next_seq
        end["boot_id"] = log.boot_id

    FlashLog.flush = noted


def unlocked(call):
    """The same with the heap open meanwhile."""

    def called(sensor):
        micropython.heap_unlock()
        try:
            return call(sensor)
        finally:
            micropython.heap_lock()

    return called


def count_sleeps():
    """How often light sleep is asked for."""
    lightsleep = machine.lightsleep

    def counted(ms):
        end["sleeps"] += 1
        lightsleep(ms)

    machine.lightsleep = counted


def largest_free():
    """The longest piece of heap that can be had, to 256 bytes."""
    gc.collect()
    length = gc.mem_free()
    while True:
        try:
            return len(bytearray(length))
        except MemoryError:
            length -= 256


def main():
    try:
        boot(_FIRMWARE)
        watch()
        count_sleeps()
        import main  # noqa: F401
    except PowerCut:
        end["ended"] = "cut"
    except SystemExit:
        end["ended"] = world.ended
        end["cause"] = world.next_cause
        end["largest_free"] = largest_free()
    end["us"] = world.now_us()
    print(json.dumps(end))


main()
