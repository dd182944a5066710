"""From what happens in the daemon to lines of the feed: sensors, events and samples. Without I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from twitchwatch.clock.zone import iso
from twitchwatch.live.motion import Motion
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.actions import Captured
from twitchwatch.shared.protocol.records import Record, RecordError
from twitchwatch.store import Device
from twitchwatch.views.live import LiveEventView, LiveSensorView
from twitchwatch.views.shape import Line

# What is older arrived late, as after a night: it is stored, but it is not what happens now.
RECENT_US = 600_000_000
# Events that a new viewer gets.
KEPT_EVENTS = 20
_KINDS = {
    protocol.TWITCH: "twitch",
    protocol.JERK: "jerk",
    protocol.SPASM: "spasm",
    protocol.MOVEMENT: "movement",
    protocol.UNLIKE: "unlike",
}


class Ear:
    """Keeps what a new viewer needs. utc_us: the present time.

    A record is dated by the last anchor of its boot that arrived since the daemon started: each session has
    one. What arrives before it is older than the session, and is not live.
    """

    def __init__(self, utc_us: Callable[[], int]) -> None:
        self._utc_us = utc_us
        self._sensors: dict[str, LiveSensorView] = {}
        self._events: deque[tuple[int, LiveEventView]] = deque(maxlen=KEPT_EVENTS)
        # By log: the boot, its time and UTC.
        self._anchors: dict[int, tuple[int, int, int]] = {}
        self._motions: dict[str, Motion] = {}

    def known(self) -> list[Line]:
        """The sensors, and the events of the last minutes."""
        since_us = self._utc_us() - RECENT_US
        return [*self._sensors.values(), *(line for at_us, line in self._events if at_us >= since_us)]

    def connected(self, device: Device) -> list[Line]:
        """There is a session with this sensor; may be called repeatedly."""
        before = self._sensors.get(device.hardware_id)
        if before is not None and before.connected and before.sensor == device.name:
            return []
        self._motions.pop(device.hardware_id, None)
        return [self._note(device, connected=True, battery_mv=before.battery_mv if before else None)]

    def ended(self, device: Device) -> list[Line]:
        """The session with this sensor is over."""
        before = self._sensors.get(device.hardware_id)
        self._motions.pop(device.hardware_id, None)
        return [self._note(device, connected=False, battery_mv=before.battery_mv if before else None)]

    def committed(self, device: Device, records: Sequence[bytes]) -> list[Line]:
        """Records are on disk."""
        decoded = list(_decoded(records))
        for record in decoded:
            if record.type == protocol.ANCHOR and record.body is not None:
                self._anchors[device.id] = record.boot_id, record.time_us, record.body.utc_us
        return [*self._measured(device, decoded), *self._happened(device, decoded)]

    def captured(self, device: Device, captured: Captured) -> list[Line]:
        """Raw samples have arrived."""
        motion = self._motions.setdefault(device.hardware_id, Motion(device.hardware_id))
        samples, taps = motion.take(captured)
        return [] if samples is None else [samples, *taps]

    def _note(self, device: Device, *, connected: bool, battery_mv: int | None) -> LiveSensorView:
        now_utc = iso(self._utc_us())
        line = LiveSensorView("live_sensor", device.name, device.hardware_id, connected, now_utc, battery_mv)
        self._sensors[device.hardware_id] = line
        return line

    def _measured(self, device: Device, records: Sequence[Record]) -> Iterator[Line]:
        found = [
            record.body.battery_mv
            for record in records
            if record.type in (protocol.STATUS, protocol.EPOCH) and record.body is not None
        ]
        known = self._sensors.get(device.hardware_id)
        if (
            not found
            or found[-1] == protocol.BATTERY_UNKNOWN_MV
            or known is None
            or known.battery_mv == found[-1]
        ):
            return
        line = self._sensors[device.hardware_id] = replace(known, battery_mv=found[-1])
        yield line

    def _happened(self, device: Device, records: Sequence[Record]) -> Iterator[Line]:
        boot_id, anchored_us, anchored_utc_us = self._anchors.get(device.id, (None, 0, 0))
        since_us = self._utc_us() - RECENT_US
        for record in records:
            at_us = anchored_utc_us + record.time_us - anchored_us
            # A sensor that states a time in the future is wrong; what it states may not even be a date.
            if record.boot_id != boot_id or not since_us <= at_us <= since_us + 2 * RECENT_US:
                continue
            line = _event(device, record, iso(at_us))
            if line is not None:
                self._events.append((at_us, line))
                yield line


def _decoded(records: Sequence[bytes]) -> Iterator[Record]:
    for raw in records:
        # What cannot be read is stored all the same, and `status` counts it.
        with suppress(RecordError):
            yield protocol.decode(raw)


def _event(device: Device, record: Record, at_utc: str) -> LiveEventView | None:
    body = record.body
    if body is None:
        return None
    kind, duration_s, peak_mg, frequency_hz = "mark", None, None, None
    if record.type == protocol.EVENT:
        kind = _KINDS.get(body.kind, "unlike")
        duration_s, peak_mg = body.duration_ms / 1000, body.peak_ug / 1000
    elif record.type == protocol.TREMOR:
        kind, frequency_hz = "tremor", body.frequency_milli_hz / 1000
        duration_s, peak_mg = body.duration_ms / 1000, body.peak_ug / 1000
    elif record.type != protocol.MARK:
        return None
    return LiveEventView(
        "live_event", device.name, device.hardware_id, kind, at_utc, duration_s, peak_mg, frequency_hz
    )
