"""A ring that writes its log into a store, night by night, and a computer that is somewhere."""

from datetime import datetime
from zoneinfo import ZoneInfo

from twitchwatch.shared.protocol import records as protocol

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def us(when, zone="UTC"):
    """UTC microseconds of a wall clock's time."""
    return int(datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)).timestamp()) * SECOND


def body(kind, *values, **named):
    filled = kind(*(*values, *(0,) * (len(kind._fields) - len(values))))
    return tuple(filled._replace(**named))


BOOTED = body(protocol.Boot, 0, 1, 0, 0, 7, rate_milli_hz=104_000)


class Worn:
    """One log; device time starts at `started_us`, and drifts by `ppm`."""

    def __init__(self, store, started_us, hardware_id="aa", log_id=1, name="ring", ppm=0, zone=None):
        self.store = store
        self.started_us = started_us
        self.device = store.register(hardware_id, log_id, name, started_us)
        self.seq = 0
        self.boot = 1
        # What happens between two windows of a sync.
        self.between = lambda: None
        self.ppm = ppm
        # What the computers that it meets at night send along.
        self.zone = zone
        self._made = [(1, 0, protocol.BOOT, BOOTED, b"")]

    def device_us(self, utc_us):
        return round((utc_us - self.started_us) * (1 - self.ppm / 1e6))

    def add(self, utc_us, kind, values, tail=b""):
        self._made.append((self.boot, self.device_us(utc_us), kind, values, tail))

    def restart(self, utc_us):
        """Its clock begins again; until the next sync nothing says what UTC that was."""
        self.started_us = utc_us
        self.boot += 1
        self.add(utc_us, protocol.BOOT, BOOTED)

    def anchor(self, utc_us, zone=None):
        tail = (zone or self.zone or "").encode()
        self.add(utc_us, protocol.ANCHOR, (utc_us, 20_000), tail)

    def minutes(self, start_us, count, **named):
        for minute in range(count):
            at_us = start_us + minute * MINUTE
            values = {"noise_ug": 700, "battery_mv": 3900, "flags": protocol.WORN, **named}
            filled = (self.sample(at_us), 60_000, *(0,) * 17, *protocol.UNCOUNTED)
            self.add(at_us, protocol.EPOCH, body(protocol.Epoch, *filled, **values))

    def sample(self, utc_us):
        return self.device_us(utc_us) * 104 // SECOND % 2**30

    def twitch(self, utc_us, kind=protocol.TWITCH, duration_ms=80, half_ms=protocol.HALF_UNKNOWN):
        body = (kind, 0, 0, 0, self.sample(utc_us), duration_ms, 9000, 700, 0, half_ms, 255)
        self.add(utc_us, protocol.EVENT, body)

    def sleep(self, start_us, hours, twitches, anchor_min=60):
        """Rest with twitches evenly spread over it; an anchor every `anchor_min` minutes, 0: none."""
        if anchor_min:
            for at in range(0, hours * 60 + 1, anchor_min):
                self.anchor(start_us + at * MINUTE)
        self.minutes(start_us, hours * 60)
        for at in range(twitches):
            self.twitch(start_us + (2 * at + 1) * hours * HOUR // (2 * twitches))

    def meet(self, utc_us, zone=None, keep_back=0.0, late=False):
        """The computer takes what there is, in this zone.

        keep_back: the share of it, at the end, that the sync does not come to. late: the first half arrives
        after the second.
        """
        sync = self.store.begin_sync(self.device.id, "ble", utc_us, zone)
        made = sorted(self._made, key=lambda one: one[:2])
        taken = len(made) - int(keep_back * len(made))
        made, self._made = made[:taken], made[taken:]
        records = [
            protocol.encode(kind, self.seq + at, boot, time_us, values, tail)
            for at, (boot, time_us, kind, values, tail) in enumerate(made)
        ]
        upto = self.seq + len(records)
        half = self.seq + len(records) // 2
        for first, past in ((half, upto), (self.seq, half)) if late else ((self.seq, upto),):
            window = records[first - self.seq : past - self.seq]
            self.store.commit(self.device.id, window, first, past, 0, utc_us)
            self.between()
        self.seq = upto
        self.store.end_sync(
            sync, ended_utc_us=utc_us, records=len(records), unread=0, damaged=0, outcome="complete"
        )
