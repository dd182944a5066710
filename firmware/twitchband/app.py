"""The application: one turn after another, it drains, finds, logs, sleeps, and meets the host."""

import gc
import json
import os
import time

import board
import machine

from shared.detector.parameters import NAMES, checksum, table
from shared.detector.parameters import VERSION as DETECTOR_VERSION
from shared.protocol import advertisement
from shared.protocol.greeting import Door
from shared.protocol.kinds import (
    ANCHOR,
    AWAKE_UNKNOWN,
    BOOT,
    CRASH,
    DETECTOR_PARAMETERS,
    DEVICE_SETTINGS,
    MARK,
    PIN_NONE,
    SENSOR_ABSENT,
    SENSOR_WORKING,
    SETTINGS,
    STATUS,
    STATUS_BATTERY_LOW,
    STATUS_LIVE,
    STATUS_UNSYNCED,
    STATUS_USB,
)
from shared.protocol.messages import APPLIED, NOT_STORED, NOT_UNDERSTOOD, NOT_VALID
from shared.protocol.session import DeviceSession
from shared.protocol.settings import VERSION as SETTINGS_VERSION
from twitchband import VERSION, battery
from twitchband.cable import Cable
from twitchband.cipher import aes_ctr
from twitchband.clock import Clock
from twitchband.config import load, load_parameters, store
from twitchband.guard import cell_is_empty
from twitchband.hosts import Hosts
from twitchband.radio import Radio
from twitchband.recorder import Recorder
from twitchband.rendezvous import Rendezvous
from twitchband.sensor import Sensor
from twitchband.storage import told

# At most so long, and five eighths of what the FIFO holds: the rest is for a flash write and a slow wake-up.
_NIGHT_SLEEP_MS = 4000
# In live mode an event reaches the host within a second.
_LIVE_DRAIN_US = 250000
_RADIO_SLEEP_MS = 5
_FLUSH_US = 5000000
_HOUR_US = 3600000000
_BLINK_MS = 20
_FAULT_BYTES = 200


class App:
    """Composes the rooms. `turn` is called for ever; `guard` stands around it, `log` is open."""

    def __init__(self, guard, log) -> None:  # type: ignore[no-untyped-def]
        self._guard = guard
        self.settings = load(board.CONFIG_PATH)
        self._clock = Clock()
        self.log = log
        self._sensor = Sensor(guard, self.settings["gyroscope"] == 1)
        self._sleep_ms = min(_NIGHT_SLEEP_MS, self._sensor.imu.hold_ms * 5 // 8)
        parameters = table(load_parameters(board.CONFIG_PATH))
        self.recorder = Recorder(self._sensor.imu, self.log, self._clock, parameters)
        hardware_id = board.hardware_id()
        folder = board.CONFIG_PATH.rsplit("/", 1)[0]
        self._hosts = Hosts(
            folder + "/twitchband.keys", board.LOG_ROOT + "/hosts", self.log, self._clock.now_us
        )
        self.session = self._session(hardware_id)
        self._cable_session = self._session(hardware_id)
        self._cable_session.live = True
        self._cable = Cable(self._cable_session)
        name = self.settings["name"]
        version = ".".join([str(part) for part in VERSION])
        revisions = (hardware_id, version, getattr(board, "CHIP", "simulated"))
        self._radio = Radio(self.session, name, revisions, guard.marks)
        self._rendezvous = Rendezvous(self._radio, self.session, self.settings)
        self._drained_us = 0
        self._flushed_us = 0
        self._told_us = 0
        self._synced_us = 0
        self._synced_seq = 0
        self._closing = False
        self._begin()

    def _session(self, hardware_id: str) -> DeviceSession:
        # One for each way to the board: only the records and who may have them are shared.
        door = Door(self._hosts, hardware_id.encode(), aes_ctr, os.urandom)
        named = (hardware_id, self.settings["name"])
        return DeviceSession(self.log, named, self.log.boot_id, self._clock.now_us, door, self)

    def turn(self) -> None:
        """Do what is due now, then sleep until something may be."""
        now_us = self._clock.now_us()
        live = board.usb_powered() or self.session.live_asked
        meeting = self._rendezvous
        cable = self._cable
        plugged = cable.open
        busy = cable.poll(now_us)
        if plugged and not cable.open:
            self._hosts.save()
        if not (meeting.open or cable.open) or now_us - self._drained_us >= _LIVE_DRAIN_US:
            self._drain(now_us)
            if live or cable.open or now_us - self._flushed_us >= _FLUSH_US:
                self.log.flush()
                self._flushed_us = now_us
            self._guard.runs_well(now_us)
        if board.button_pressed():
            self._log(MARK, (0,))
            meeting.call(now_us)
        if not self._closing and cell_is_empty(self.settings):
            self._close(now_us)
        if cable.open:
            # Who is at the cable needs no radio.
            meeting.end()
            self.recorder.urgent = False
            if now_us - self._told_us >= _HOUR_US:
                self._tell(now_us, live)
            if not busy:
                time.sleep_ms(_RADIO_SLEEP_MS)
        elif meeting.open:
            self._show(live)
            if now_us - self._told_us >= _HOUR_US:
                self._tell(now_us, live)
            if not meeting.go_on(now_us, live) and not busy:
                time.sleep_ms(_RADIO_SLEEP_MS)
            if not meeting.open:
                self._hosts.save()
        elif meeting.is_due(now_us, live, self.recorder.urgent):
            self._tell(now_us, live)
            self.log.flush()
            self._show(live)
            meeting.begin(now_us, live)
            self.recorder.urgent = False
        elif self._closing:
            self._finish()
            self.log.close()
            self._guard.switch_off()
        else:
            if self._unsynced(now_us):
                board.led(True)
                time.sleep_ms(_BLINK_MS)
                board.led(False)
            sleep_ms = min(self._sleep_ms, max(1, (meeting.wake_us - now_us) // 1000))
            if live:
                # The radio rests after a failure. Light sleep would cut the cable off.
                time.sleep_ms(min(sleep_ms, _LIVE_DRAIN_US // 1000))
            else:
                machine.lightsleep(sleep_ms)

    def _begin(self) -> None:
        imu = self._sensor.imu
        gc.collect()
        self._log(
            BOOT,
            VERSION
            + (
                self._guard.reset_cause,
                DETECTOR_VERSION,
                self.log.state,
                imu.chip,
                checksum(self.recorder.detector.parameters),
                imu.rate_milli_hz,
                imu.lsb_nano_g,
                gc.mem_free(),
                self.log.waiting(),
            ),
        )
        self._log_settings()
        note = self._guard.marks.note()
        if note:
            self._log(CRASH, (min(255, self._guard.failures),), note)
        # Only what is on flash may be forgotten in the marks.
        self.log.flush()
        if note:
            self._guard.marks.set_note(b"")
        told(self._guard)
        self._sensor.start()

    def _drain(self, now_us: int) -> None:
        came = self.recorder.drain()
        self._drained_us = now_us
        if self._sensor.tend(now_us, came):
            self.recorder.close()
            self._tell(now_us, False)
            self.log.flush()

    def _tell(self, now_us: int, live: bool) -> None:
        # The state of the board, at each rendezvous and every hour of a longer one.
        self._told_us = now_us
        battery_mv = board.battery_mv()
        flags = (
            (STATUS_USB if board.usb_powered() else 0)
            | (STATUS_LIVE if live else 0)
            | (STATUS_UNSYNCED if self._unsynced(now_us) else 0)
            | (STATUS_BATTERY_LOW if battery_mv < self.settings["low_battery_mv"] else 0)
        )
        fault = self._sensor.fault
        gc.collect()
        self._log(
            STATUS,
            (
                now_us // 1000000,
                gc.mem_free(),
                self.log.waiting(),
                battery_mv,
                self.log.used_bytes >> 10,
                self.log.most_bytes >> 10,
                min(65535, self._radio.faults + self.session.faults + self._cable_session.faults),
                self._guard.reset_cause,
                SENSOR_ABSENT if fault else SENSOR_WORKING,
                flags,
                AWAKE_UNKNOWN,
                0,
                PIN_NONE,
            )
            + (0,) * 12,
            fault.encode()[:_FAULT_BYTES],
        )

    def _show(self, live: bool) -> None:
        # To everybody in reach, so nothing that tells of the wearer.
        cell_mv = board.battery_mv()
        log = self.log
        urgent = self.recorder.urgent_seq >= log.acked_seq
        state = advertisement.waiting(log.next_seq - log.acked_seq, urgent)
        if live:
            state |= advertisement.ADVERTISES_LIVE
        if self._sensor.fault:
            state |= advertisement.ADVERTISES_FAULT
        if cell_mv < self.settings["low_battery_mv"]:
            state |= advertisement.ADVERTISES_BATTERY_LOW
        self._radio.show(state, battery.percent(cell_mv))

    def _unsynced(self, now_us: int) -> bool:
        # Records have waited longer than the wearer wants to let them.
        log = self.log
        if log.acked_seq != self._synced_seq:
            self._synced_seq = log.acked_seq
            self._synced_us = now_us
        limit_h = self.settings["unsynced_h"]
        return 0 < limit_h <= (now_us - self._synced_us) // _HOUR_US and log.next_seq > log.acked_seq

    def _log(self, kind: int, body: tuple, tail: bytes = b"") -> None:  # type: ignore[type-arg]
        self.log.append(kind, self._clock.now_us(), body, tail)

    def keep_anchor(self, time_us: int, utc_us: int, uncertainty_us: int) -> None:
        """The host has told what UTC was at device time `time_us`."""
        self.log.append(ANCHOR, time_us, (utc_us, uncertainty_us))

    def acknowledge(self, host_id: int, upto_seq: int) -> None:
        """A host has committed everything below `upto_seq`."""
        self._hosts.acknowledge(host_id, upto_seq)

    def listen(self, session) -> None:  # type: ignore[no-untyped-def]
        """Over this session raw samples are wanted, or no longer."""
        self.recorder.listener = session

    def change(self, text: bytes) -> "tuple[int, str]":
        """A host asks for other settings: stored, applied and logged before it hears so."""
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
        self.settings.update(settings)
        self._radio.name = self.session.name = self._cable_session.name = settings["name"]
        self.log.resize(settings["log_kib"] * 1024)
        parameters = table(load_parameters(board.CONFIG_PATH))
        if parameters != self.recorder.detector.parameters:
            self.recorder.adjust(parameters)
        self._log_settings()
        self.log.flush()
        return APPLIED, ""

    def _log_settings(self) -> None:
        self._log(SETTINGS, (DEVICE_SETTINGS, SETTINGS_VERSION), json.dumps(self.settings).encode())
        values = self.recorder.detector.parameters
        text = "{" + ",".join([f'"{NAMES[i]}":{values[i]}' for i in range(len(NAMES))]) + "}"
        self._log(SETTINGS, (DETECTOR_PARAMETERS, DETECTOR_VERSION), text.encode())

    def _close(self, now_us: int) -> None:
        # The cell is nearly empty. The radio takes most: it goes off before anything is written; once all is
        # on flash, the host is called a last time.
        self._rendezvous.end()
        self._drain(now_us)
        self._closing = True
        self._finish()
        self._rendezvous.call(now_us)

    def _finish(self) -> None:
        self.recorder.close()
        self.log.flush()
