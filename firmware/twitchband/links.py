"""Connections to a host, by radio and cable, and what a host may request. Recording needs none of this."""

import json
import os

import board

from shared.detector.parameters import table
from shared.protocol.device_handshake import DeviceHandshake
from shared.protocol.messages import APPLIED, NOT_STORED, NOT_UNDERSTOOD, NOT_VALID
from shared.protocol.record_types import ANCHOR
from shared.protocol.session import DeviceSession
from twitchband import VERSION
from twitchband.cable import Cable
from twitchband.cipher import aes_ctr
from twitchband.clock import DEVICE
from twitchband.config import load_parameters, store
from twitchband.hosts import Hosts
from twitchband.radio import Radio
from twitchband.rendezvous import Rendezvous

# How long the radio waits before it looks at the flash again, and for how long altogether.
_WAIT_US = 5000000
_LONGEST_WAIT_US = 10800000000
# No IANA name of a time zone is longer.
_ZONE_BYTES = 40


class Links:
    """Sessions over `radio` (opened for a rendezvous) and `cable`.

    `log_settings()`: logs the settings in force.
    """

    def __init__(self, log, recorder, settings: dict, marks, memory, log_settings) -> None:  # type: ignore[no-untyped-def, type-arg]
        self._log = log
        self._recorder = recorder
        self._settings = settings
        self._log_settings = log_settings
        hardware_id = board.hardware_id()
        folder = board.CONFIG_PATH.rsplit("/", 1)[0]
        self.hosts = Hosts(folder + "/twitchband.keys", board.LOG_ROOT + "/hosts", log, DEVICE.now_us)
        self.session = self._session(hardware_id)
        self._cable_session = self._session(hardware_id)
        self._cable_session.live = True
        self.cable = Cable(self._cable_session)
        version = ".".join([str(part) for part in VERSION])
        revisions = (hardware_id, version, getattr(board, "CHIP", "simulated"))
        self.radio = Radio(self.session, settings["name"], revisions, marks, memory)
        self.meeting = Rendezvous(self.radio, self.session, settings)
        self._kept_us = DEVICE.now_us()

    @property
    def faults(self) -> int:
        """Exceptions caught in handlers and sessions."""
        return self.radio.faults + self.session.faults + self._cable_session.faults

    def is_due(self, now_us: int, live: bool, urgent: bool) -> bool:
        """Whether a session is due and the radio may start.

        While the flash rejects writes, there is nothing new to send, and a start that resets the chip would
        lose the data in RAM.
        """
        if not self._log.fault:
            self._kept_us = now_us
        if not self.meeting.is_due(now_us, live, urgent):
            return False
        if not self._log.fault or (now_us - self._kept_us >= _LONGEST_WAIT_US and not self.radio.fault):
            return True
        self.radio.retry_us = now_us + _WAIT_US
        return False

    def poll_cable(self, now_us: int) -> bool:
        """Move bytes over the cable; True while there may be more to do at once."""
        plugged = self.cable.open
        busy = self.cable.poll(now_us)
        if plugged and not self.cable.open:
            self.hosts.save()
        return busy

    def go_on(self, now_us: int, live: bool) -> bool:
        """Move bytes over the air; True while there may be more to do at once."""
        busy = self.meeting.go_on(now_us, live)
        if not self.meeting.open:
            self.hosts.save()
        return busy

    def keep_anchor(self, time_us: int, utc_us: int, uncertainty_us: int, zone: bytes) -> None:
        """The host has sent UTC at device time `time_us`, and the name of its time zone."""
        self._log.append(ANCHOR, time_us, (utc_us, uncertainty_us), zone[:_ZONE_BYTES])

    def acknowledge(self, host_id: int, upto_seq: int) -> None:
        """A host has committed everything below `upto_seq`."""
        self.hosts.acknowledge(host_id, upto_seq)

    def listen(self, session) -> None:  # type: ignore[no-untyped-def]
        """Raw samples are wanted in the present session, or no longer."""
        self._recorder.listener = session

    def change(self, text: bytes) -> "tuple[int, str]":
        """A host requests new settings: they are stored, applied and logged before it receives an answer."""
        try:
            changes = json.loads(text)
        except ValueError:
            changes = None
        if not isinstance(changes, dict):
            return NOT_UNDERSTOOD, "not a JSON object"
        try:
            settings = store(board.CONFIG_PATH, changes)
        except ValueError as error:
            return NOT_VALID, error.args[0] + " " + error.args[1]
        except OSError as error:
            return NOT_STORED, str(error)
        # The rendezvous reads them here.
        self._settings.update(settings)
        self.radio.name = self.session.name = self._cable_session.name = settings["name"]
        self._log.segments.resize(settings["log_kib"] * 1024)
        parameters = table(load_parameters(board.CONFIG_PATH))
        if parameters != self._recorder.detector.parameters:
            self._recorder.adjust(parameters)
        self._log_settings()
        self._log.flush()
        return APPLIED, ""

    def _session(self, hardware_id: str) -> DeviceSession:
        # One for each way to the board: only the records and who may have them are shared.
        handshake = DeviceHandshake(self.hosts, hardware_id.encode(), aes_ctr, os.urandom)
        named = (hardware_id, self._settings["name"])
        return DeviceSession(self._log, named, self._log.boot_id, DEVICE.now_us, handshake, self)
