"""Run by MicroPython: device time over the wrap of its ticks, and sample times against a sensor that is off.

Prints how often microseconds and milliseconds have wrapped, and a line for each kind of night, with the
largest error after a minute.
"""

import json
import random
import sys

_MASK = (1 << 30) - 1


class Ticks:
    """Stands for `time`: ticks that wrap at 2^30, as on an ESP32."""

    now = 0

    @classmethod
    def ticks_us(cls):
        return cls.now & _MASK

    @classmethod
    def ticks_ms(cls):
        return (cls.now // 1000) & _MASK

    @staticmethod
    def ticks_diff(end, start):
        return ((end - start + (1 << 29)) & _MASK) - (1 << 29)


sys.modules["time"] = Ticks

from twitchband.clock import Clock, SampleClock  # noqa: E402

PERIOD_US = 1e6 / 104


def over_wraps():
    """Ten hours in steps of up to eight minutes, from just before a wrap on: 33 wraps."""
    wraps = 0
    for seed in range(20):
        random.seed(seed)
        Ticks.now = begin = _MASK - random.randint(0, 3000000)
        clock = Clock()
        # It counts from its first reading.
        assert clock.now_us() == 0
        while Ticks.now - begin < 36000000000:
            Ticks.now += random.choice((1, 7, 5000, 4000000, 480000000))
            assert clock.now_us() == Ticks.now - begin
        wraps += Ticks.now >> 30
    return wraps


def over_weeks():
    """Thirteen days at the longest steps: 2^30 ms and 2^40 us go by, and nothing of it shows."""
    Ticks.now = begin = 12345678
    clock = Clock()
    assert clock.now_us() == 0
    last_us = 0
    milliseconds = 0
    last_ms = Ticks.ticks_ms()
    while Ticks.now - begin < (1 << 40) + 1000000:
        Ticks.now += 480000000
        ms = Ticks.ticks_ms()
        milliseconds += ms < last_ms
        last_ms = ms
        now_us = clock.now_us()
        assert now_us == Ticks.now - begin
        assert now_us > last_us
        last_us = now_us
    assert last_us >= 1 << 40
    return milliseconds


def night(seed, off, step_us):
    """The largest error in microseconds after the first minute, and by how much time ran backwards."""
    random.seed(seed)
    period_us = PERIOD_US * (1 + off)
    clock = SampleClock(104000)
    first_us = random.random() * period_us
    # The sample index wraps too.
    base = (1 << 30) - random.randint(1, 200000)
    now_us = worst_us = back_us = 0
    last_us = -1
    while now_us < 1800000000:
        now_us += step_us(now_us)
        taken = int((now_us - first_us) / period_us) + 1
        clock.observe((base + taken) & _MASK, int(now_us))
        for i in range(max(0, taken - 400), taken, 57):
            time_us = clock.time_us((base + i) & _MASK)
            assert time_us >= 0
            if now_us > 60000000:
                worst_us = max(worst_us, abs(time_us - first_us - i * period_us))
        newest_us = clock.time_us((base + taken) & _MASK)
        back_us = max(back_us, last_us - newest_us)
        last_us = newest_us
    return worst_us, back_us


def at_night(now_us):
    """Four seconds, and now and then up to two late."""
    return 4000000 + int(2000000 * random.random() ** 4)


def live(now_us):
    return 250000 + random.randint(0, 20000)


def with_gaps(now_us):
    if now_us > 30000000 and random.random() < 0.02:
        return random.randint(10000000, 90000000)
    return random.choice((at_night, live))(now_us)


def main():
    print(json.dumps({"clock": over_wraps(), "milliseconds": over_weeks()}))
    for kind in (at_night, live, with_gaps):
        worst_us = back_us = 0
        for seed, off in enumerate((0, 0.02, -0.02, 0.02, -0.02, 0.07)):
            worst, back = night(seed, off, kind)
            worst_us = max(worst_us, worst)
            back_us = max(back_us, back)
        print(json.dumps({"kind": kind.__name__, "worst_ms": worst_us / 1000, "back_ms": back_us / 1000}))


main()
