"""When the radio is on, for how long, and why."""

# A rendezvous that hangs must not empty the battery.
_MEETING_US = 60000000
# A computer that was killed may leave its link standing: after this long without a word from a host that has
# proved itself, the next one may come. A host that is there speaks every 15 s (HEARTBEAT_S in sync.py).
_SILENT_US = 60000000
# Urgent news may call again after this long.
_URGENT_US = 60000000


class Rendezvous:
    """Opens `radio` for `session` when it is due, and closes it when nothing more is sent.

    `settings`: rendezvous_s from one rendezvous to the next, listen_s of silence that end one.
    """

    def __init__(self, radio, session, settings: dict) -> None:  # type: ignore[no-untyped-def, type-arg]
        self._radio = radio
        self._session = session
        self._settings = settings
        self.due_us = 0
        self._met_us = -_URGENT_US
        self._ends_us = 0
        self._heard_us = 0
        self._alone_us = 0

    @property
    def open(self) -> bool:
        """The radio is on."""
        return self._radio.on

    @property
    def wake_us(self) -> int:
        """When the next one may begin, urgent news apart."""
        return max(self.due_us, self._radio.retry_us)

    def call(self, now_us: int) -> None:
        """Start a rendezvous as soon as possible."""
        self.due_us = now_us

    def is_due(self, now_us: int, live: bool, urgent: bool) -> bool:
        """Whether to begin now.

        Urgent news starts one at once, but not every second; a failed radio rests.
        """
        wanted = live or now_us >= self.due_us or (urgent and now_us - self._met_us >= _URGENT_US)
        return wanted and now_us >= self._radio.retry_us

    def begin(self, now_us: int, live: bool) -> bool:
        """Open the radio; with `live` it stays open. If it fails, the rendezvous stays due. Returns True."""
        self._met_us = now_us
        self._ends_us = now_us + self._settings["listen_s"] * 1000000
        self._heard_us = now_us
        self._session.live = live
        if self._radio.start(now_us):
            self.due_us = now_us + self._settings["rendezvous_s"] * 1000000
        else:
            self.call(now_us)
        return True

    def go_on(self, now_us: int, live: bool) -> bool:
        """Move bytes; close the radio if it is over. True while there may be more to do at once."""
        busy = self._radio.poll(now_us)
        if not self._radio.on:
            # It failed in the middle of the rendezvous.
            self._session.live_asked = False
            self.call(now_us)
            return True
        # Whoever has not proved himself does not keep the radio on.
        if busy and self._session.proven:
            self._ends_us = max(self._ends_us, now_us + self._settings["listen_s"] * 1000000)
        self._listen(now_us)
        over = not live and now_us >= min(self._ends_us, self._met_us + _MEETING_US)
        # A host that has said goodbye may come again: if there is power, at once.
        if over or self._session.finished:
            self.end()
            return True
        return busy

    def _listen(self, now_us: int) -> None:
        radio = self._radio
        if radio.heard:
            radio.heard = False
            if self._session.proven:
                self._heard_us = now_us
        if not radio.connected:
            # Whoever comes has his time from then on, however long nobody came.
            self._alone_us = now_us
        elif now_us - max(self._heard_us, self._alone_us) > _SILENT_US:
            radio.hang_up(now_us)

    def end(self) -> None:
        """Close the radio, if it is open."""
        if self._radio.on:
            self._radio.stop()
