"""Run by MicroPython: thinned epochs add up to those that were not, whatever the log's fullness.

Prints {"minutes", "epochs"}.
"""

import json
import random

from shared.protocol.record_types import EVENT, MOVEMENT, NOT_WORN, TREMOR, TWITCH, WORN
from twitchband.thinning import Thinning

SUMS = (1, 2, 3, 4, 6, 7, 8, 9, 10, 17, 19, 20, 21, 22, 23, 24, 25, 26)


class Log:
    full_percent = 0


def minute(number):
    times = [random.randint(0, 20000) for _ in range(4)]
    counts = [random.randint(0, 9) for _ in range(5)]
    rest = (number, -number, 998, 3900 - number, 3300, WORN if random.random() < 0.9 else NOT_WORN)
    bad = (random.randint(0, 500), 1 << random.randint(0, 6))
    bursts = [random.randint(0, 300) for _ in range(8)]
    body = [number * 6240]
    for part in (times, (random.randint(100, 900),), counts, rest, bad, bursts):
        body.extend(part)
    return tuple(body)


def night(seed):
    random.seed(seed)
    log = Log()
    thinning = Thinning(log)
    taken = []
    reported = []
    for number in range(200):
        if random.random() < 0.05:
            log.full_percent = random.randint(0, 100)
        body = minute(number)
        taken.append((number * 60000000, body))
        reported.extend(thinning.epoch(number * 60000000, body))
        held = len(taken) - sum([1 for time_us, _ in taken if reported and time_us <= last(taken, reported)])
        assert held < 10, held
    reported.extend(thinning.rest())
    assert thinning.rest() == []
    for place in SUMS:
        assert sum([body[place] for _, body in reported]) == sum([body[place] for _, body in taken]), place
    starts = dict(taken)
    at = 0
    for time_us, body in reported:
        assert body[0] == starts[time_us][0]
        part = []
        while at < len(taken) and (body[1:5] != sums(part)):
            part.append(taken[at][1])
            at += 1
        assert {one[16] for one in part} == {body[16]}
        assert body[11:16] == part[-1][11:16]
        noises = [one[5] for one in part]
        assert min(noises) - 5 <= body[5] <= max(noises), (body[5], noises)
        bits = 0
        for one in part:
            bits |= one[18]
        assert bits == body[18]
    assert at == len(taken)
    return len(taken), len(reported)


def sums(part):
    return tuple([sum([one[place] for one in part]) for place in (1, 2, 3, 4)])


def last(taken, reported):
    """The time of the last minute that has been reported."""
    minutes = 0
    total = sum([body[1] for _, body in reported])
    for time_us, body in taken:
        if total <= 0:
            return minutes
        total -= body[1]
        minutes = time_us
    return minutes


def waveforms():
    log = Log()
    thinning = Thinning(log)
    shares = []
    for log.full_percent in (0, 19, 20, 39, 40, 100):
        shares.append(sum([thinning.wants_waveform(EVENT, TWITCH) for _ in range(100)]))
        assert thinning.wants_waveform(TREMOR, 0) == (log.full_percent < 40)
        assert not thinning.wants_waveform(EVENT, MOVEMENT)
    return shares


def main():
    minutes = epochs = 0
    for seed in range(20):
        taken, reported = night(seed)
        minutes += taken
        epochs += reported
    print(json.dumps({"minutes": minutes, "epochs": epochs, "waveforms": waveforms()}))


main()
