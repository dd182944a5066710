"""From the sensor to the log: samples, what the detector says of them, what was lost, and waveforms."""

import board

from shared.detector.detector import Detector
from shared.detector.words import (
    WORD_INTS,
    duration_ms,
    epoch_body,
    event_body,
    tremor_body,
)
from shared.protocol.kinds import EPOCH, EVENT, GAP, SAMPLES, SNIPPET, TREMOR
from shared.protocol.snippets import BEFORE, BOUT_COUNT, BOUT_STEP, COUNT, pack_waveform
from twitchband.clock import SampleClock
from twitchband.sampler import Sampler
from twitchband.thinning import Thinning

_WORDS = {1: (EVENT, event_body), 2: (TREMOR, tremor_body), 3: (EPOCH, epoch_body)}
_WAITING_SNIPPETS = 8


class Recorder:
    """Drains the sensor `imu` into `log`; `clock` gives device time, `parameters` are the detector's.

    `listener`: a session that may want raw samples. `urgent`: a tremor has been told since the host was last
    met; `urgent_seq`: the last such record, or -1.
    """

    def __init__(self, imu, log, clock, parameters) -> None:  # type: ignore[no-untyped-def]
        self._imu = imu
        self._log = log
        self._clock = clock
        self.detector = Detector(parameters, gyro=imu.gyro is not None)
        self.sampler = Sampler(imu, self.detector)
        self._times = SampleClock(imu.rate_milli_hz)
        self._thinning = Thinning(log)
        self._snippets: list[tuple[int, int, int, int]] = []
        self.urgent = False
        self.urgent_seq = -1
        self.listener = None

    def drain(self) -> bool:
        """Take what the FIFO holds; log what the detector finds in it. Whether the sensor gave anything."""
        before = self.detector.index
        while True:
            while self.sampler.step():
                if self.listener is not None and self.listener.capturing and self.sampler.fresh:
                    self._pass_on()
                if self.detector.words[0]:
                    self._keep_words()
            if not self._imu.lost:
                break
            self._keep_gap()
        # Draining takes time in which samples come: it is now that the FIFO is empty.
        self._times.observe(self.detector.index, self._clock.now_us() - self._imu.delay_us)
        self._keep_snippets(False)
        return self.detector.index != before

    def close(self) -> None:
        """End what is open: the board goes off, and no further sample will complete it."""
        self.detector.close()
        self._keep_words()
        self._keep_epochs(self._thinning.rest())
        self._keep_snippets(True)

    def adjust(self, parameters) -> None:  # type: ignore[no-untyped-def]
        """Go on with other parameters: what is open ends under the old ones."""
        self.detector.close()
        self._keep_words()
        for i, value in enumerate(parameters):
            self.detector.parameters[i] = value
        self.detector.lose(0)

    def _pass_on(self) -> None:
        # Raw samples are for whoever listens now; what he misses is lost.
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
                body = body_of(words, w, board.battery_mv(), board.temperature_centi_c())
                self._keep_epochs(self._thinning.epoch(self._times.time_us(onset), body))
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
                    # Its end: what came before is forgotten where it lasted longer than the memory.
                    last = onset + words[w + 3]
                    self._snippets.append((seq, last - BOUT_COUNT * BOUT_STEP, BOUT_COUNT, BOUT_STEP))
        self.detector.clear()

    def _keep_epochs(self, epochs: "list[tuple[int, tuple[int, ...]]]") -> None:
        for time_us, body in epochs:
            self._log.append(EPOCH, time_us, body)

    def _keep_gap(self) -> None:
        self.detector.close()
        self._keep_words()
        self._keep_snippets(False)
        lost = self._imu.lost
        first = self.detector.index
        body = (SAMPLES, self._imu.lost_cause, first, lost, duration_ms(lost))
        self._log.append(GAP, self._clock.now_us(), body)
        self.detector.lose(lost)
        self._imu.clear_lost()

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
