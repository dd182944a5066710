"""The application: one turn after another, it drains, finds, logs, sleeps, and meets the host."""

import gc
import time

import board
import machine

from shared.detector.parameters import VERSION as DETECTOR_VERSION
from shared.detector.parameters import checksum
from shared.protocol.records import ANCHOR, BOOT, MARK
from shared.protocol.session import DeviceSession
from twitchband import VERSION
from twitchband.clock import Clock
from twitchband.config import load
from twitchband.log import FlashLog
from twitchband.radio import Radio
from twitchband.recorder import Recorder
from twitchband.rendezvous import Rendezvous

# Four of the FIFO's six and a half seconds: a flash write and a slow wake-up fit into the rest.
_NIGHT_SLEEP_MS = 4000
# In live mode an event reaches the host within a second.
_LIVE_DRAIN_US = 250000
_RADIO_SLEEP_MS = 5
_FLUSH_US = 5000000


class App:
    """Composes the rooms. `turn` is called for ever."""

    def __init__(self) -> None:
        self.settings = load(board.CONFIG_PATH)
        self._clock = Clock()
        self.log = FlashLog(board.LOG_ROOT, self.settings["log_kib"] * 1024, board.random_u32)
        imu = board.imu()
        self.recorder = Recorder(imu, self.log, self._clock)
        name = self.settings["name"]
        self.session = DeviceSession(
            self.log, (board.hardware_id(), name), self.log.boot_id, self._clock.now_us, self._anchor
        )
        self._rendezvous = Rendezvous(Radio(self.session, name), self.session, self.settings)
        self._drained_us = 0
        self._flushed_us = 0
        self._closing = False
        gc.collect()
        self._log(
            BOOT,
            VERSION
            + (
                machine.reset_cause(),
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
        imu.start()

    def turn(self) -> None:
        """Do what is due now, then sleep until something may be."""
        now_us = self._clock.now_us()
        live = board.usb_powered() or self.session.live_asked
        meeting = self._rendezvous
        if not meeting.open or now_us - self._drained_us >= _LIVE_DRAIN_US:
            self._drain(now_us)
            if live or now_us - self._flushed_us >= _FLUSH_US:
                self.log.flush()
                self._flushed_us = now_us
        if board.button_pressed():
            self._log(MARK, (0,))
            meeting.call(now_us)
        low = board.battery_mv() < self.settings["low_battery_mv"]
        if low and not board.usb_powered() and not self._closing:
            self._drain(now_us)
            self._closing = True
            self._finish()
            meeting.call(now_us)
        if meeting.open:
            if not meeting.go_on(now_us, live):
                time.sleep_ms(_RADIO_SLEEP_MS)
        elif live or meeting.is_due(now_us, self.recorder.urgent):
            self.recorder.urgent = False
            self.log.flush()
            meeting.begin(now_us, live)
        elif self._closing:
            self._finish()
            self.log.close()
            machine.deepsleep()
        else:
            machine.lightsleep(min(_NIGHT_SLEEP_MS, max(1, (meeting.due_us - now_us) // 1000)))

    def _drain(self, now_us: int) -> None:
        self.recorder.drain()
        self._drained_us = now_us

    def _log(self, kind: int, body: tuple) -> None:  # type: ignore[type-arg]
        self.log.append(kind, self._clock.now_us(), body)

    def _anchor(self, time_us: int, utc_us: int, uncertainty_us: int) -> None:
        self.log.append(ANCHOR, time_us, (utc_us, uncertainty_us))

    def _finish(self) -> None:
        # The battery is low: everything to flash before the last meeting, and what came during it after.
        self.recorder.close()
        self.log.flush()
