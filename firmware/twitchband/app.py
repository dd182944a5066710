"""The application: in each turn it drains the sensor, detects, logs, sleeps, and serves the host.

Recording needs only the sensor and the flash. Every other step may fail: its error is noted for the status
record, and the following steps continue.
"""

import gc
import json
import time

import board

from shared.detector.parameters import NAMES, checksum, table
from shared.detector.parameters import VERSION as DETECTOR_VERSION
from shared.protocol import advertisement
from shared.protocol.record_types import (
    BOOT,
    CRASH,
    DETECTOR_PARAMETERS,
    DEVICE_SETTINGS,
    MARK,
    PART_BATTERY,
    PART_BUTTON,
    PART_FLASH,
    PART_MEMORY,
    PART_NVS,
    PART_RADIO,
    PART_SENSOR,
    PART_SLEEP,
    PART_USB,
    SENSOR_ABSENT,
    SENSOR_WORKING,
    SETTINGS,
    STATUS,
    STATUS_BATTERY_LOW,
    STATUS_LIVE,
    STATUS_UNSYNCED,
    STATUS_USB,
)
from shared.protocol.settings import VERSION as SETTINGS_VERSION
from twitchband import VERSION, battery, config
from twitchband.clock import DEVICE
from twitchband.faults import Faults
from twitchband.links import Links
from twitchband.memory import Memory
from twitchband.recorder import Recorder
from twitchband.sensor import Sensor
from twitchband.sleep import Sleep
from twitchband.storage import reported

# At most so long, and five eighths of what the FIFO holds: the rest is for a flash write and a slow wake-up.
_NIGHT_SLEEP_MS = 4000
# In live mode what the detector reports reaches the host within a second.
_LIVE_DRAIN_US = 250000
_RADIO_SLEEP_MS = 5
_FLUSH_US = 5000000
_MINUTE_US = 60000000
# What a host is met by is built again after this long, if that failed.
_LINKS_US = 600000000
_HOUR_US = 3600000000
# Nobody pulls a cable out so soon.
_BRIEF_US = 5000000
_BLINK_MS = 20
_FAULT_BYTES = 200


class App:
    """Assembles the parts. `turn` is called for ever; `guard` protects it, `log` is open."""

    def __init__(self, guard, log, settings: dict) -> None:  # type: ignore[no-untyped-def, type-arg]
        self._guard = guard
        self.settings = settings
        self.log = log
        self._sensor = Sensor(guard, settings["gyroscope"] == 1)
        self._sleep_ms = min(_NIGHT_SLEEP_MS, self._sensor.imu.hold_ms * 5 // 8)
        parameters = table(config.load_parameters(board.CONFIG_PATH))
        self.recorder = Recorder(self._sensor.imu, log, DEVICE, parameters)
        self._faults = Faults(self._make_room)
        self._memory = Memory()
        self._sleep = Sleep(self._faults)
        self._links = None
        self._links_us = 0
        self._drained_us = self._flushed_us = self._minute_us = 0
        self._reported_us = -_MINUTE_US
        self._came = False
        self._usb = False
        self._usb_us = self._brief = 0
        self._synced_us = 0
        self._synced_seq = 0
        self._closing = False
        self._begin()

    def turn(self) -> None:
        """Do what is due now, then sleep until something may be due."""
        now_us = DEVICE.now_us()
        attempt = self._faults.attempt
        links = self._linked(now_us)
        usb = attempt(PART_USB, board.usb_powered)
        if usb is not self._usb:
            self._usb = usb
            if usb:
                self._usb_us = now_us
            else:
                self._brief = self._brief + 1 if now_us - self._usb_us < _BRIEF_US else 0
        busy = at_cable = meets = live = False
        if links is not None:
            live = bool(usb or links.session.live_asked) and not self._closing
            busy = attempt(PART_USB, links.poll_cable, now_us)
            if busy is None:
                attempt(PART_USB, links.cable.close)
            at_cable, meets = links.cable.open, links.meeting.open
        if not (at_cable or meets) or now_us - self._drained_us >= _LIVE_DRAIN_US:
            self._record(now_us, live or at_cable)
        if attempt(PART_BUTTON, board.button_pressed):
            self._log(MARK, (0,))
            if links is not None:
                links.meeting.call(now_us)
        if not self._closing and attempt(PART_BATTERY, battery.is_empty, self.settings):
            self._close(now_us)
        if (at_cable or meets) and now_us - self._reported_us >= _HOUR_US:
            self._tell(now_us, live)
        if at_cable:
            # Who is at the cable needs no radio.
            attempt(PART_RADIO, links.meeting.end)
            self.recorder.urgent = False
            if not busy:
                time.sleep_ms(_RADIO_SLEEP_MS)
        elif meets:
            attempt(PART_RADIO, self._show, live)
            moved = attempt(PART_RADIO, links.go_on, now_us, live)
            if moved is None:
                attempt(PART_RADIO, links.meeting.end)
                if links.meeting.open:
                    # It cannot even be closed.
                    self._links = None
            elif not moved and not busy:
                time.sleep_ms(_RADIO_SLEEP_MS)
        elif links is not None and links.is_due(now_us, live, self.recorder.urgent):
            self._tell(now_us, live)
            if links.radio.failures:
                # Its start may reset the chip, and with it the minute that is open.
                self.finish()
            self.log.flush()
            attempt(PART_RADIO, self._show, live)
            if not attempt(PART_RADIO, links.meeting.begin, now_us, live):
                # Else it would be tried at every turn, with a status record each time.
                attempt(PART_RADIO, links.meeting.end)
                self._links = None
                self._links_us = now_us + _LINKS_US
            self._faults.note(PART_RADIO, links.radio.fault)
            attempt(PART_MEMORY, self._memory.look_at_idf)
            self.recorder.urgent = False
        elif self._closing:
            self._switch_off()
        else:
            self._rest(now_us, live)

    def _linked(self, now_us: int):  # type: ignore[no-untyped-def]
        # In bare mode recording comes first, and nothing else.
        if self._links is None and not self._guard.bare and now_us >= self._links_us:
            self._links_us = now_us + _LINKS_US
            self._links = self._faults.attempt(PART_RADIO, self._make_links)
        return self._links

    def _make_links(self):  # type: ignore[no-untyped-def]
        marks = self._guard.marks
        return Links(self.log, self.recorder, self.settings, marks, self._memory, self._log_settings)

    def _record(self, now_us: int, at_once: bool) -> None:
        self._drain(now_us)
        if at_once or now_us - self._flushed_us >= _FLUSH_US:
            self._faults.attempt(PART_FLASH, self.log.flush)
            self._flushed_us = now_us
            self._faults.note(PART_SENSOR, self._sensor.fault)
            if self.log.last_fault and now_us - self._reported_us >= _MINUTE_US:
                # The radio may wait for the flash, and then no rendezvous reports it.
                self._tell(now_us, at_once)
        self._memory.look()
        self._guard.watch(now_us)
        self._guard.runs_well(now_us)
        if self._guard.stuck(self._faults.attempt(PART_BUTTON, board.button_held), now_us):
            self._faults.note(PART_BUTTON, "The button stays down")
        if now_us - self._minute_us >= _MINUTE_US:
            self._minute_us = now_us
            self._guard.marks.mend()
            self._faults.attempt(PART_MEMORY, self._memory.look_at_idf)
            self._give_back(now_us)

    def _rest(self, now_us: int, live: bool) -> None:
        attempt = self._faults.attempt
        if self._unsynced(now_us):
            attempt(0, self._blink)
        sleep_ms = self._sleep_ms
        if self._links is not None:
            sleep_ms = min(sleep_ms, max(1, (self._links.meeting.wake_us - now_us) // 1000))
        if now_us - self._reported_us >= _HOUR_US:
            # The radio rests, or there is none: no rendezvous tells.
            self._tell(now_us, live)
        if live:
            # The radio rests after a failure. Light sleep would cut the cable off.
            time.sleep_ms(min(sleep_ms, _LIVE_DRAIN_US // 1000))
            return
        began_us = DEVICE.now_us()
        attempt(PART_SLEEP, self._sleep.sleep, sleep_ms, self._came and not self._sensor.fault)
        if DEVICE.now_us() - began_us < 1000:
            # It raised.
            time.sleep_ms(min(sleep_ms, _LIVE_DRAIN_US // 1000))

    def _blink(self) -> None:
        board.led(True)
        time.sleep_ms(_BLINK_MS)
        board.led(False)

    def _make_room(self) -> None:
        self.recorder.forget_waveforms()
        self.log.make_room()

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
        if note and not self.log.fault:
            self._guard.marks.set_note(b"")
        reported(self._guard)
        self._sensor.start(DEVICE.now_us())

    def _drain(self, now_us: int) -> None:
        came = False
        try:
            came = self.recorder.drain()
        except MemoryError:
            self._faults.note(PART_MEMORY, "Out of memory")
            self._make_room()
        self._drained_us = now_us
        self._came = came
        if self._faults.attempt(PART_SENSOR, self._sensor.tend, now_us, came):
            self._faults.attempt(PART_MEMORY, self.recorder.close)
            self._tell(now_us, False)
            self.log.flush()

    def _tell(self, now_us: int, live: bool) -> None:
        self._reported_us = now_us
        self._faults.attempt(PART_MEMORY, self._log_status, now_us, live)

    def _log_status(self, now_us: int, live: bool) -> None:
        # The state of the board, at each rendezvous and every hour of a longer one.
        faults, memory, sleep, log = self._faults, self._memory, self._sleep, self.log
        attempt = faults.attempt
        links = self._links
        battery_mv = self._battery_mv()
        flags = (
            (STATUS_USB if attempt(PART_USB, board.usb_powered) else 0)
            | (STATUS_LIVE if live else 0)
            | (STATUS_UNSYNCED if self._unsynced(now_us) else 0)
            | (STATUS_BATTERY_LOW if battery_mv < self.settings["low_battery_mv"] else 0)
        )
        marks = self._guard.marks
        faults.note(PART_SENSOR, self._sensor.fault)
        faults.note(PART_FLASH, log.last_fault or log.fault)
        log.last_fault = ""
        if log.memory_short:
            log.memory_short = False
            faults.note(PART_MEMORY, "Out of memory")
        if links is not None:
            faults.note(PART_RADIO, links.radio.fault)
        elif self._guard.bare:
            faults.note(0, "Only recording runs, after repeated failures")
        if self._brief > 1:
            faults.note(PART_USB, "The cable has a loose contact: check its plug")
            self._brief = 0
        faults.note(0, config.fault)
        if marks.broken:
            faults.note(PART_NVS, "The chip's storage (NVS) rejects writes")
        if not attempt(PART_BATTERY, board.battery_works):
            faults.note(PART_BATTERY, "Impossible cell voltage: check the divider")
        sleep.note()
        attempt(PART_MEMORY, memory.look_at_idf)
        memory.look()
        gc.collect()
        self._log(
            STATUS,
            (
                now_us // 1000000,
                gc.mem_free(),
                log.waiting(),
                battery_mv,
                log.segments.used_bytes >> 10,
                log.segments.most_bytes >> 10,
                0 if links is None else min(65535, links.faults),
                self._guard.reset_cause,
                SENSOR_ABSENT if self._sensor.fault else SENSOR_WORKING,
                flags,
                sleep.awake_permille(now_us),
                sleep.early,
                sleep.dropped,
                marks.get("radio_failures") if links is None else min(65535, links.radio.failures),
                marks.get("panics"),
                marks.get("brown_outs"),
                marks.get("watchdogs"),
                marks.get("exceptions"),
                marks.get("power_ons"),
                memory.lowest,
                memory.idf_free,
                memory.idf_largest,
                memory.idf_lowest,
                memory.idf_largest_lowest,
                faults.parts,
            ),
            faults.words.encode()[:_FAULT_BYTES],
        )
        for room in (faults, memory):
            room.reported()
        sleep.reported(now_us)

    def _battery_mv(self) -> int:
        cell_mv = self._faults.attempt(PART_BATTERY, board.battery_mv)
        return battery.NOT_MEASURED_MV if cell_mv is None else cell_mv

    def _show(self, live: bool) -> None:
        # To everybody in reach, so nothing that tells of the wearer.
        cell_mv = self._battery_mv()
        log = self.log
        urgent = self.recorder.urgent_seq >= log.acked_seq
        state = advertisement.waiting(log.next_seq - log.acked_seq, urgent)
        if live:
            state |= advertisement.ADVERTISES_LIVE
        if self._sensor.fault:
            state |= advertisement.ADVERTISES_FAULT
        if cell_mv < self.settings["low_battery_mv"]:
            state |= advertisement.ADVERTISES_BATTERY_LOW
        self._links.radio.show(state, battery.percent(cell_mv))

    def _unsynced(self, now_us: int) -> bool:
        # Records have waited longer than the wearer wants to let them.
        log = self.log
        if log.acked_seq != self._synced_seq:
            self._synced_seq = log.acked_seq
            self._synced_us = now_us
        limit_h = self.settings["unsynced_h"]
        return 0 < limit_h <= (now_us - self._synced_us) // _HOUR_US and log.next_seq > log.acked_seq

    def _log(self, kind: int, body: tuple, tail: bytes = b"") -> None:  # type: ignore[type-arg]
        self.log.append(kind, DEVICE.now_us(), body, tail)

    def _log_settings(self) -> None:
        self._log(SETTINGS, (DEVICE_SETTINGS, SETTINGS_VERSION), json.dumps(self.settings).encode())
        values = self.recorder.detector.parameters
        text = "{" + ",".join([f'"{NAMES[i]}":{values[i]}' for i in range(len(NAMES))]) + "}"
        self._log(SETTINGS, (DETECTOR_PARAMETERS, DETECTOR_VERSION), text.encode())

    def _close(self, now_us: int) -> None:
        # The radio takes most: it goes off first. Once all is on flash, the host is called a last time.
        self._closing = True
        links = self._links
        if links is not None:
            self._faults.attempt(PART_RADIO, links.meeting.end)
        self._drain(now_us)
        self.finish()
        if links is not None:
            links.meeting.call(now_us)

    def finish(self) -> None:
        """Close the open minute, and write everything to flash."""
        self._faults.attempt(PART_MEMORY, self.recorder.close)
        self.recorder.detector.lose(0)
        self.log.close()

    def _give_back(self, now_us: int) -> None:
        # Only a restart takes the radio's memory from Python's heap; what is in RAM alone would be lost.
        links = self._links
        if links is None or not links.radio.starved or self.log.fault or self._closing or now_us < _HOUR_US:
            return
        self.finish()
        if not self.log.fault:
            self._guard.restart()

    def _switch_off(self) -> None:
        self.finish()
        self._faults.attempt(PART_SENSOR, self._sensor.imu.power_down)
        self._guard.switch_off()
