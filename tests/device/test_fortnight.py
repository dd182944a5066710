"""Days without a restart: modes, button and battery of every board stay right throughout.

Without a sensor, so that the time passes quickly; everything else turns as ever. The ticks wrap a minute
after the start, and in a fortnight (-m bench: minutes for each board) once more.
"""

from __future__ import annotations

import pytest

from bench.faults.flashed import as_flashed
from tests.device.boards import Board
from twitchwatch.shared.protocol import records as protocol

MINUTE_US = 60_000_000
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
FORTNIGHT = 14
GRACE_US = 4_000_000
WRAP_US = (1 << 30) * 1000
RENDEZVOUS_S = 900
# Light sleep drops the cable, so it is seen at a rendezvous. In for twenty minutes on the first day, around
# the sixth and seventh, and at the end.
PLUGGED = [[day * DAY_US + 5 * HOUR_US, day * DAY_US + 5 * HOUR_US + HOUR_US // 3] for day in (0, 6, 7, 13)]
PRESSED = [day * DAY_US + 11 * HOUR_US for day in range(FORTNIGHT)]
# The cell loses ten millivolts a day.
CELL_MV = [[day * DAY_US, 4100 - 10 * day] for day in range(FORTNIGHT)]


@pytest.mark.parametrize(
    "days", [1, pytest.param(FORTNIGHT, marks=[pytest.mark.bench, pytest.mark.timeout(3600)])]
)
@pytest.mark.parametrize(
    ("name", "usb", "battery"),
    [
        ("xiao_esp32c3", True, True),
        ("xiao_esp32s3", True, True),
        ("generic_esp32", False, False),
        ("m5stickc_plus2", False, True),
    ],
)
async def test_nothing_ages(tmp_path, device, name, usb, battery, days):
    samples = tmp_path / "nothing"
    samples.touch()
    # As flashed: from sources a classic ESP32 has no room for both Python's heap and the radio.
    board = Board(tmp_path, device, as_flashed(name, tmp_path / "package"))
    end = await board.wear(
        samples,
        board=name,
        pace=60,
        # Nobody fetches what a fortnight writes, and all of it is looked at.
        settings={"listen_s": 10, "rendezvous_s": RENDEZVOUS_S, "log_kib": 3072},
        flash_blocks=1024,
        found_us=1 << 58,
        ticks_start_us=WRAP_US - 64_000_000,
        usb=PLUGGED,
        button_us=PRESSED,
        battery_mv=CELL_MV,
        until_us=days * DAY_US,
    )
    assert (end["ended"], board.starts) == ("over", 1)
    records = board.records()

    def of(kind):
        # In the rig's time.
        return [(record.time_us + GRACE_US, record.body) for record in records if record.type == kind]

    pressed = [at_us for at_us, _ in of(protocol.MARK)]
    assert pressed == [pytest.approx(at_us, abs=5_000_000) for at_us in PRESSED[:days]]
    reported = of(protocol.STATUS)
    assert len(reported) >= days * 90
    for at_us, body in reported:
        if battery:
            # Measured at most ten seconds ago.
            cell_mv = min(mv for from_us, mv in CELL_MV if from_us <= at_us)
            assert body.battery_mv in (cell_mv, cell_mv + 10), at_us / DAY_US
        else:
            assert body.battery_mv == 65535
    live = [(begin, end) for begin, end in radio_us(board.reports) if end - begin > 2 * MINUTE_US]
    plugged = [window for window in PLUGGED if window[0] < days * DAY_US] if usb else []
    assert len(live) == len(plugged)
    for (begin, end), (plug, pull) in zip(live, plugged, strict=True):
        # Seen at the next rendezvous, and missed within a minute.
        assert plug <= begin <= plug + (RENDEZVOUS_S + 60) * 1_000_000
        assert pull <= end <= pull + MINUTE_US


def radio_us(reports):
    """When the radio was on: from, until."""
    begun = None
    for report in reports:
        if report["radio"] and begun is None:
            begun = report["virtual_us"]
        elif not report["radio"] and begun is not None:
            yield begun, report["virtual_us"]
            begun = None
