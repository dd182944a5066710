"""Run by real MicroPython: feeds files of samples to the detector, and prints its words and states.

    micropython -X heapsize=160wK board.py ROOT FILE...

A file whose name ends in `.turn` is fed as a gyroscope's samples too. Prints a line of JSON for each file.
The heap is locked while samples are taken: allocation is an error.
"""

import json
import sys
from array import array

import micropython

sys.path.insert(0, sys.argv[1])

from shared.detector.detector import Detector
from tests.detector.walk import states, take

PORTION = 997


def locked_feed(detector, buffer, n, reported, gyro):
    at = 0
    while at < n:
        micropython.heap_lock()
        at = detector.feed(buffer, at, n, gyro)
        micropython.heap_unlock()
        take(detector, reported)


def lock_works():
    micropython.heap_lock()
    try:
        bytearray(1000)
    except MemoryError:
        return True
    finally:
        micropython.heap_unlock()
    return False


def main():
    assert lock_works()
    buffer = array("H", bytes(6 * PORTION))
    for path in sys.argv[2:]:
        turns = path.endswith(".turn")
        detector = Detector(gyro=turns)
        reported = []
        with open(path, "rb") as file:
            while True:
                n = file.readinto(buffer) // 6
                if n == 0:
                    break
                locked_feed(detector, buffer, n, reported, buffer if turns else None)
        detector.close()
        take(detector, reported)
        print(json.dumps([reported, states(detector)]))


main()
