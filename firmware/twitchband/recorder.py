"""From the sensor to the log: samples, the detector's output, losses, and waveforms."""

import board

from shared.detector.detector import Detector
from shared.detector.parameters import SAMPLE_RATE_HZ
from shared.detector.words import (
    WORD_INTS,
    duration_ms,
    epoch_body,
    event_body,
    tremor_body,
    unusable,
)
from shared.protocol.record_types import CHIP_ABSENT, EPOCH, EVENT, GAP, INPUT_RATE, SAMPLES, SNIPPET, TREMOR
from shared.protocol.snippets import BEFORE, BOUT_COUNT, BOUT_STEP, COUNT, pack_waveform
from twitchband.battery import NOT_MEASURED_MV
from twitchband.clock import SampleClock
from twitchband.sampler import Sampler
from twitchband.thinning import Thinning
from twitchband.watch import MINUTE_US, Watch

_WORDS = {1: (EVENT, event_body), 2: (TREMOR, tremor_body), 3: (EPOCH, epoch_body)}
_WAITING_SNIPPETS = 8
_MINUTE = 60 * SAMPLE_RATE_HZ


class Recorder:
    """Drains the sensor `imu` into `log`; `clock` gives device time, `parameters` are the detector's.

    `listener`: a session that may want raw samples. `urgent`: a tremor was logged since the last session;
    `urgent_seq`: the last such record, or -1.
    """

    def __init__(self, imu, log, clock, parameters) -> None:  # type: ignore[no-untyped-def]
        self._imu = imu
        self._log = log
        self._clock = clock
        self.detector = Detector(parameters, gyro=imu.gyro is not None)
        self.sampler = Sampler(imu, self.detector)
        self._times = SampleClock(imu.rate_milli_hz)
        self._times.tie(0, clock.now_us())
        self._thinning = Thinning(log)
        self._watch = Watch(imu)
        # Minutes that are over: logged once the sensor was found as it should be.
        self._minutes: list[tuple[int, tuple[int, ...]]] = []
        # A sensor that stays silent loses some samples at each drain: one gap a minute, after the first one.
        self._gap_first = self._gap_count = self._gap_cause = 0
        self._gap_upto = -1
        # Samples that are missing by the clock, and that the sensor has not told of as lost yet.
        self._missing = 0
        self._snippets: list[tuple[int, int, int, int]] = []
        self.urgent = False
        self.urgent_seq = -1
        self.listener = None

    def drain(self) -> bool:
        """Drain the FIFO and log what the detector finds. Returns whether the sensor sent anything.

        A minute without samples is logged too, by the clock.
        """
        imu = self._imu
        watch = self._watch
        before = self.detector.index
        # The time is taken before each look at the FIFO: once that finds nothing, no sample came in between.
        now_us = self._clock.now_us()
        came = False
        if watch.blind:
            count = self._skip()
            came = count > 0
        else:
            while True:
                while self.sampler.step():
                    came = True
                    if self.listener is not None and self.listener.capturing and self.sampler.fresh:
                        self._pass_on()
                    if self.detector.words[0]:
                        self._keep_words()
                        # The memory holds ten seconds; a bout is reported late, and a long drain brings more.
                        self._keep_snippets(False)
                    now_us = self._clock.now_us()
                if not imu.lost:
                    break
                self._keep_gap(now_us)
            count = (self.detector.index - before) & 0x3FFFFFFF
            if count and imu.answers:
                self._times.observe(self.detector.index, now_us - imu.delay_us)
        if count:
            watch.took(count, now_us)
            if self._minutes or watch.is_due(now_us):
                self._look(now_us)
        if watch.blind or not count:
            self._keep_silence(now_us)
        self._keep_snippets(False)
        if came:
            self._log_gap(now_us)
        return came

    def forget_waveforms(self) -> None:
        """Memory is short: drop waveforms that wait for their last sample."""
        self._snippets.clear()

    def close(self) -> None:
        """End open waveforms: the board switches off, so no further sample will complete them."""
        self.detector.close()
        self._keep_words()
        self._log_gap(self._clock.now_us())
        self._keep_minutes(0)
        self._keep_epochs(self._thinning.rest())
        self._keep_snippets(True)

    def adjust(self, parameters) -> None:  # type: ignore[no-untyped-def]
        """Continue with other parameters: open events end with the old ones."""
        self.detector.close()
        self._keep_words()
        for i, value in enumerate(parameters):
            self.detector.parameters[i] = value
        self.detector.lose(0)

    def _pass_on(self) -> None:
        # Raw samples are for a current listener; samples that it misses are dropped.
        imu = self._imu
        self.sampler.fresh = 0
        first, samples = self.sampler.newest()
        data = bytes(samples)
        gyro = getattr(imu, "gyro", None)
        axes, lsb_udps = 3, 0
        if gyro is not None:
            axes, lsb_udps = 6, imu.gyro_lsb_udps
            data += bytes(memoryview(gyro)[: len(samples)])
        head = (first, self._times.time_us(first), imu.rate_milli_hz, imu.lsb_nano_g, lsb_udps, axes)
        self.listener.captured(head, data)

    def _keep_words(self) -> None:
        words = self.detector.words
        for i in range(words[0]):
            w = 1 + i * WORD_INTS
            kind, body_of = _WORDS[words[w]]
            onset = words[w + 2]
            if kind == EPOCH:
                warmth = 0 if self._imu.chip == CHIP_ABSENT else _measured(board.temperature_centi_c, 0)
                body = body_of(words, w, _measured(board.battery_mv, NOT_MEASURED_MV), warmth)
                self._minutes.append((self._times.time_us(onset), body))
                continue
            body = body_of(words, w, self._imu.gyro_lsb_udps) if kind == TREMOR else body_of(words, w)
            seq = self._log.append(kind, self._times.time_us(onset), body)
            if kind == TREMOR:
                self.urgent = True
                self.urgent_seq = seq
            if len(self._snippets) < _WAITING_SNIPPETS and self._thinning.wants_waveform(kind, body[0]):
                if kind == EVENT:
                    self._snippets.append((seq, onset - BEFORE, COUNT, 1))
                else:
                    # Its end, as far as the memory goes back: that it is over is known some windows later.
                    last = onset + words[w + 3]
                    count = min(BOUT_COUNT, self.sampler.held(last) // BOUT_STEP)
                    self._snippets.append((seq, last - count * BOUT_STEP, count, BOUT_STEP))
        self.detector.clear()

    def _keep_epochs(self, epochs: "list[tuple[int, tuple[int, ...]]]") -> None:
        for time_us, body in epochs:
            self._log.append(EPOCH, time_us, body)

    def _keep_minutes(self, bits: int) -> None:
        # `bits`: what was wrong in all of them; then nothing in them counts.
        minutes, self._minutes = self._minutes, []
        for time_us, body in minutes:
            self._keep_epochs(self._thinning.epoch(time_us, unusable(body, bits) if bits else body))

    def _look(self, now_us: int) -> None:
        was_blind = self._watch.blind
        bits = self._watch.look(now_us)
        if bits:
            # What is open was sensed since the sensor was last found right.
            self.detector.close()
            self._keep_words()
        self._keep_minutes(bits)
        if was_blind != self._watch.blind:
            # The period is none of this sensor's, or none any more.
            missing_us = now_us - self._times.time_us(self.detector.index)
            if was_blind and missing_us > 0:
                self.detector.lose(missing_us // 1000 * SAMPLE_RATE_HZ // 1000)
            self._missing = 0
            self._times.restart()
            self._times.tie(self.detector.index, now_us - self._imu.delay_us)
        elif bits:
            self.detector.lose(0)

    def _skip(self) -> int:
        # Samples at a wrong rate are counted, to see when it is right again.
        imu = self._imu
        count = 0
        while True:
            n = self.sampler.skip()
            count += n + imu.lost
            if not n and not imu.lost:
                return count
            imu.clear_lost()

    def _keep_silence(self, now_us: int) -> None:
        detector = self.detector
        while now_us - self._times.time_us(detector.index) >= MINUTE_US:
            detector.close()
            self._keep_words()
            self._keep_snippets(False)
            detector.lose(_MINUTE)
            self._missing += _MINUTE
            detector.close()
            self._keep_words()
            self._keep_minutes(INPUT_RATE if self._watch.blind else 0)

    def _keep_gap(self, now_us: int) -> None:
        imu = self._imu
        detector = self.detector
        lost = imu.lost
        goes_on = detector.index == self._gap_upto and imu.lost_cause == self._gap_cause
        if not goes_on or self._gap_count >= _MINUTE:
            detector.close()
            self._keep_words()
            self._keep_snippets(False)
            self._log_gap(now_us)
        if not self._gap_count:
            self._gap_first = (detector.index - self._missing) & 0x3FFFFFFF
        self._gap_count += lost
        self._gap_cause = imu.lost_cause
        if not goes_on:
            self._log_gap(now_us)
        detector.lose(max(0, lost - self._missing))
        self._gap_upto = detector.index
        self._missing = 0
        # How many were lost is known by the nominal rate alone.
        self._times.tie(self.detector.index + imu.held, now_us - imu.delay_us)
        imu.clear_lost()

    def _log_gap(self, now_us: int) -> None:
        count, self._gap_count = self._gap_count, 0
        if count:
            body = (SAMPLES, self._gap_cause, self._gap_first, count, duration_ms(count))
            self._log.append(GAP, now_us, body)

    def _keep_snippets(self, closing: bool) -> None:
        # A snippet waits until its last sample has come.
        while self._snippets:
            seq, first, count, step = self._snippets[0]
            if (self.detector.index - first) & 0x3FFFFFFF < count * step and not closing:
                return
            self._snippets.pop(0)
            first &= 0x3FFFFFFF
            values = self.sampler.waveform(first, count, step)
            if values:
                encoding, tail = pack_waveform(values)
                rate_milli_hz = self._imu.rate_milli_hz // step
                body = (seq, first, rate_milli_hz, self._imu.lsb_nano_g, count, encoding)
                self._log.append(SNIPPET, self._times.time_us(first), body, tail)


def _measured(read, otherwise: int) -> int:  # type: ignore[no-untyped-def]
    # A minute is worth more than what else is measured in it.
    try:
        return read()  # type: ignore[no-any-return]
    except Exception:  # noqa: BLE001
        return otherwise
