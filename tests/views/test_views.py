"""JSON: stable keys, plain numbers, nothing that a strict reader would refuse."""

import json
from datetime import UTC

from tests.analysis.nights_built import build_nights
from twitchwatch.analysis.rates import night_rate
from twitchwatch.flags import raise_flags
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.views.events import bare_events
from twitchwatch.views.findings import flag_view
from twitchwatch.views.nights import night_view

MINUTE = 60_000_000
EVENING = 1_760_043_600_000_000


def records(rest_ms=60_000):
    made = []

    def add(kind, time_us, body):
        made.append(protocol.decode(protocol.encode(kind, len(made), 1, time_us, body)))

    for minute in range(180):
        add(
            protocol.EPOCH,
            minute * MINUTE,
            (minute * 6240, rest_ms, 60_000 - rest_ms) + (0,) * 13 + (1, 0, 0) + protocol.UNCOUNTED,
        )
    add(protocol.TREMOR, 30 * MINUTE, (30 * 6240, 20_000, 5100, 200, 8000, 9000, 102, 0, 0))
    add(protocol.EVENT, 5 * MINUTE, (protocol.TWITCH, 2, 0, 0, 5 * 6240, 80, 9000, 300, 0, 0, 255))
    return made


def the_night(**changes):
    found = build_nights(records(**changes), lambda boot, t: (EVENING + t, 2000), UTC, device="ring")
    return found.nights[0]


def strict(value):
    return json.loads(json.dumps(value.as_json(), allow_nan=False))


def rated(night):
    return night_view(night, night_rate(night), None)


def test_a_night():
    night = strict(rated(the_night()))
    assert (night["kind"], night["sensor"], night["night"]) == ("night", "ring", "2025-10-09")
    assert (night["twitches"], night["rest_h"]) == (1, 3.0)
    assert night["interval_low"] < night["twitches_per_hour"] == 0.3333 < night["interval_high"]
    assert night["tremor"][0]["frequency_hz"] == 5.1
    assert night["hours"][0]["twitches"] == 1
    assert night["start_utc"] == "2025-10-09T12:00:00.000Z"


def test_a_night_without_rest_has_no_rate():
    night = strict(rated(the_night(rest_ms=0)))
    assert (night["twitches_per_hour"], night["interval_low"], night["rest"]) == (None, None, "none")
    assert night["detection_limit_mg"] is None


def test_events_in_order_of_time():
    twitch, tremor = (strict(one) for one in bare_events(the_night()))
    assert (twitch["kind"], twitch["utc"], twitch["duration_s"]) == (
        "twitch",
        "2025-10-09T21:05:00.000Z",
        0.08,
    )
    assert (twitch["peak_mg"], twitch["axis"]) == (9.0, "z")
    assert (tremor["kind"], tremor["frequency_hz"], tremor["amplitude_mg"]) == ("tremor", 5.1, 8.0)


def test_a_flag():
    (flag,) = (strict(flag_view(found)) for found in raise_flags(the_night()))
    assert (flag["kind"], flag["finding"], flag["night"]) == ("finding", "tremor", "2025-10-09")
    assert flag["evidence"]["bands"] == ["rest tremor", "essential tremor"]
    assert flag["since_utc"] == "2025-10-09T21:30:00.000Z"
    assert "diagnosis" in flag["may_mean"]
