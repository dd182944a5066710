"""Run by MicroPython: the watch over the sensor's rate, and a minute left over from when it was wrong."""

import json

from twitchband.watch import MINUTE_US, Watch


class Imu:
    """What the watch asks of a driver."""

    rate_milli_hz = 104000
    fast = False
    fault = ""

    def check(self):
        return ""

    def renew(self):
        return ""


watch = Watch(Imu())
now_us = 0
watch.took(0, now_us)
reported = []
# A minute at double rate; ten seconds more, in which a minute is looked at that memory ran out for; then two
# at the right rate, of which the first began before.
for seconds, rate in ((60, 208), (10, 208), (60, 104), (60, 104)):
    now_us += seconds * MINUTE_US // 60
    watch.took(seconds * rate, now_us)
    bits = watch.look(now_us)
    reported.append((bits, watch.blind))
print(json.dumps(reported))
