"""The application: one turn after another, it drains, finds, logs, sleeps, and meets the host."""

import gc
import time

import board
import machine

from shared.detector.detector import Detector
from shared.detector.parameters import VERSION as DETECTOR_VERSION
from shared.detector.parameters import checksum
from shared.detector.words import (
    WORD_INTS,
    duration_ms,
    epoch_body,
    event_body,
    tremor_body,
)
from shared.protocol.records import (
    ANCHOR,
    BOOT,
    EPOCH,
    EVENT,
    GAP,
    MARK,
    MOVEMENT,
    SAMPLES,
    SNIPPET,
    TREMOR,
)
from shared.protocol.session import DeviceSession
from shared.protocol.snippets import AFTER, BEFORE, COUNT, pack_waveform
from twitchband import VERSION
from twitchband.clock import Clock, SampleClock
from twitchband.config import load
from twitchband.log import FlashLog
from twitchband.radio import Radio
from twitchband.sampler import Sampler

# Four of the FIFO's six and a half seconds: a flash write and a slow wake-up fit into the rest.
_NIGHT_SLEEP_MS = 4000
# In live mode an event reaches the host within a second.
_LIVE_DRAIN_US = 250000
_RADIO_SLEEP_MS = 5
_FLUSH_US = 5000000
# A rendezvous that hangs must not empty the battery.
_MEETING_US = 60000000
# Urgent news may call again after this long.
_URGENT_US = 60000000
_WORDS = {1: (EVENT, event_body), 2: (TREMOR, tremor_body), 3: (EPOCH, epoch_body)}
_WAITING_SNIPPETS = 8


class App:
    """Composes the rooms. `turn` is called for ever."""

    def __init__(self) -> None:
        self.settings = load(board.CONFIG_PATH)
        self._clock = Clock()
        self.log = FlashLog(board.LOG_ROOT, self.settings["log_kib"] * 1024, board.random_u32)
        self._imu = board.imu()
        self.detector = Detector()
        self.sampler = Sampler(self._imu, self.detector)
        self._times = SampleClock(self._imu.rate_milli_hz)
        name = self.settings["name"]
        self.session = DeviceSession(
            self.log, (board.hardware_id(), name), self.log.boot_id, self._clock.now_us, self._anchor
        )
        self.radio = Radio(self.session, name)
        self._snippets: list[tuple[int, int]] = []
        self._drained_us = 0
        self._flushed_us = 0
        self._meet_us = 0
        self._met_us = -_URGENT_US
        self._ends_us = 0
        self._urgent = False
        self._closing = False
        gc.collect()
        self._log(
            BOOT,
            VERSION
            + (
                machine.reset_cause(),
                DETECTOR_VERSION,
                self.log.state,
                self._imu.chip,
                checksum(self.detector.parameters),
                self._imu.rate_milli_hz,
                self._imu.lsb_nano_g,
                gc.mem_free(),
                self.log.waiting(),
            ),
        )
        self._imu.start()

    def turn(self) -> None:
        """Do what is due now, then sleep until something may be."""
        now_us = self._clock.now_us()
        live = board.usb_powered() or self.session.live_asked
        if not self.radio.on or now_us - self._drained_us >= _LIVE_DRAIN_US:
            self._drain(now_us)
            if self._batch_due(now_us, live):
                self.log.flush()
                self._flushed_us = now_us
        if board.button_pressed():
            self._log(MARK, (0,))
            self._meet_us = now_us
        low = board.battery_mv() < self.settings["low_battery_mv"]
        if low and not board.usb_powered() and not self._closing:
            self._drain(now_us)
            self._closing = True
            self._finish()
            self._meet_us = now_us
        if self.radio.on:
            self._meeting(now_us, live)
        elif live or now_us >= self._meet_us or self._news(now_us):
            self._begin_meeting(now_us, live)
        elif self._closing:
            self._finish()
            self.log.close()
            machine.deepsleep()
        else:
            machine.lightsleep(min(_NIGHT_SLEEP_MS, max(1, (self._meet_us - now_us) // 1000)))

    def _drain(self, now_us: int) -> None:
        while True:
            while self.sampler.step():
                if self.detector.words[0]:
                    self._keep_words()
            if not self._imu.lost:
                break
            self._keep_gap()
        self._drained_us = now_us
        # Draining takes time in which samples come: it is now that the FIFO is empty.
        self._times.observe(self.detector.index, self._clock.now_us())
        self._keep_snippets()

    def _keep_words(self) -> None:
        words = self.detector.words
        for i in range(words[0]):
            w = 1 + i * WORD_INTS
            kind, body_of = _WORDS[words[w]]
            if kind == EPOCH:
                body = body_of(words, w, board.battery_mv(), board.temperature_centi_c())
            else:
                body = body_of(words, w)
            onset = words[w + 2]
            seq = self.log.append(kind, self._times.time_us(onset), body)
            if kind == TREMOR:
                self._urgent = True
            if kind == EVENT and body[0] != MOVEMENT and len(self._snippets) < _WAITING_SNIPPETS:
                self._snippets.append((seq, onset))
        self.detector.clear()

    def _keep_gap(self) -> None:
        self.detector.close()
        self._keep_words()
        self._keep_snippets()
        lost = self._imu.lost
        first = self.detector.index
        self._log(GAP, (SAMPLES, self._imu.lost_cause, first, lost, duration_ms(lost)))
        self.detector.lose(lost)
        self._imu.clear_lost()

    def _keep_snippets(self) -> None:
        # A snippet waits until its last sample has come.
        while self._snippets:
            seq, onset = self._snippets[0]
            if (self.detector.index - onset) & 0x3FFFFFFF < AFTER and not self._closing:
                return
            self._snippets.pop(0)
            first = (onset - BEFORE) & 0x3FFFFFFF
            values = self.sampler.waveform(first, COUNT)
            if values:
                encoding, tail = pack_waveform(values)
                body = (seq, first, self._imu.rate_milli_hz, self._imu.lsb_nano_g, COUNT, encoding)
                self.log.append(SNIPPET, self._times.time_us(first), body, tail)

    def _log(self, kind: int, body: tuple) -> None:  # type: ignore[type-arg]
        self.log.append(kind, self._clock.now_us(), body)

    def _anchor(self, time_us: int, utc_us: int, uncertainty_us: int) -> None:
        self.log.append(ANCHOR, time_us, (utc_us, uncertainty_us))

    def _batch_due(self, now_us: int, live: bool) -> bool:
        return live or now_us - self._flushed_us >= _FLUSH_US

    def _news(self, now_us: int) -> bool:
        # A tremor is told as soon as its record is there, but not every second.
        return self._urgent and now_us - self._met_us >= _URGENT_US

    def _begin_meeting(self, now_us: int, live: bool) -> None:
        self._met_us = now_us
        self._urgent = False
        self._meet_us = now_us + self.settings["rendezvous_s"] * 1000000
        self._ends_us = now_us + self.settings["listen_s"] * 1000000
        self.log.flush()
        self.session.live = live
        self.session.open()
        self.radio.start()

    def _meeting(self, now_us: int, live: bool) -> None:
        busy = self.radio.poll()
        if busy:
            self._ends_us = max(self._ends_us, now_us + self.settings["listen_s"] * 1000000)
        over = not live and now_us >= min(self._ends_us, self._met_us + _MEETING_US)
        # A host that has said goodbye may come again: where there is power, at once.
        if over or self.session.finished:
            self.radio.stop()
            return
        if not busy:
            time.sleep_ms(_RADIO_SLEEP_MS)

    def _finish(self) -> None:
        # The battery is low: everything to flash before the last meeting, and what came during it after.
        self.detector.close()
        self._keep_words()
        self._keep_snippets()
        self.log.flush()
