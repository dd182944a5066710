"""What is wired to an ESP32: the part that its boards share. A board's file says where."""

import os
import time

import esp32
import machine

from shared.protocol.kinds import RESET_BROWN_OUT
from twitchband.imu import bus

# Fast mode, which both sensors and every ESP32 can do; a full FIFO takes 0.1 s.
_I2C_HZ = 400000
# The slowest clock at which the radio works.
_CPU_HZ = 80000000
# The converter's readings have spikes while the radio sends.
_BATTERY_READS = 16
# A cell's voltage does not change faster, and a reading keeps the processor awake.
_BATTERY_MS = 10000
# Below this no board runs: there is no divider. The record's largest number then says "not measured".
_IMPLAUSIBLE_MV = 2500
NOT_MEASURED_MV = 65535
# A contact bounces for some milliseconds, and nobody presses twice in half a second.
_DEAD_MS = 500
# A USB host counts frames by the millisecond; writing to flash can keep us away for a tenth of a second.
_USB_MS = 500
# ESP-IDF, soc/reset_reasons.h and soc/rtc_cntl_reg.h: the cause of CPU 0 in bits 5:0.
_RESET_CAUSE = 0x3F
_BROWN_OUT = 0x0F


class Circuit:
    """Pins, by their GPIO numbers, and what the application asks of them.

    `battery`: pin of the ADC behind a divider by `divider`; `button`: pulls its pin to GND, `pull`: it
    needs the chip's pull-up; `watermark`: pin at the sensor's INT1 or INT, which goes low when its FIFO is
    to be read; `light`: (pin, level that lights it); `levels`: (pin, level) of what shall stay so: power
    held, displays dark; `usb_frame`: (register, shift, mask) of the counter of USB frames; `reset_state`:
    the register that keeps why the chip was reset.
    """

    def __init__(  # type: ignore[no-untyped-def]
        self,
        *,
        scl,
        sda,
        button,
        pull=True,
        watermark=None,
        battery=None,
        divider=2,
        light=None,
        levels=(),
        usb_frame=None,
        reset_state=None,
    ):
        for pin, level in levels:
            machine.Pin(pin, machine.Pin.OUT, value=level)
        machine.freq(_CPU_HZ)
        self._light = None
        if light is not None:
            pin, self._lit = light
            self._light = machine.Pin(pin, machine.Pin.OUT, value=1 - self._lit)
        self._reset_state = reset_state
        self._scl = scl
        self._sda = sda
        self._sensor = None
        self._divider = divider
        self._adc = None
        if battery is not None:
            self._adc = machine.ADC(machine.Pin(battery), atten=machine.ADC.ATTN_11DB)
        self._battery_mv = NOT_MEASURED_MV
        self._measured_ms = time.ticks_add(time.ticks_ms(), -_BATTERY_MS)
        self._usb_frame = usb_frame
        self._frame = -1
        self._moved_ms = time.ticks_add(time.ticks_ms(), -_USB_MS)
        self._down = False
        self._seen_ms = time.ticks_add(time.ticks_ms(), -_DEAD_MS)
        self._button = machine.Pin(button, machine.Pin.IN, machine.Pin.PULL_UP if pull else None)
        # Where nothing is wired there, the pull-up keeps it quiet.
        self._watermark = None
        if watermark is not None:
            self._watermark = machine.Pin(watermark, machine.Pin.IN, machine.Pin.PULL_UP)
        self._wake_by_pins()

    def imu(self, gyro: bool = False):  # type: ignore[no-untyped-def]
        """The sensor, not yet started, with its gyroscope or without. Raises SensorFault: what to look at."""
        if self._sensor is None:
            self._sensor = bus.find(self._connect, gyro=gyro)
        return self._sensor

    def _connect(self):  # type: ignore[no-untyped-def]
        scl, sda = [
            machine.Pin(number, machine.Pin.OPEN_DRAIN, machine.Pin.PULL_UP, value=1)
            for number in (self._scl, self._sda)
        ]
        bus.free(scl, sda)
        return machine.I2C(0, scl=scl, sda=sda, freq=_I2C_HZ)

    def temperature_centi_c(self) -> int:
        """The sensor's own temperature: it lies on the finger."""
        return self.imu().temperature_centi_c()

    def battery_mv(self) -> int:
        """The cell's voltage, at most ten seconds old; NOT_MEASURED_MV without a divider."""
        now_ms = time.ticks_ms()
        if self._adc is not None and time.ticks_diff(now_ms, self._measured_ms) >= _BATTERY_MS:
            self._measured_ms = now_ms
            total_uv = 0
            for _ in range(_BATTERY_READS):
                # Corrected by the values that the factory burnt into the chip.
                total_uv += self._adc.read_uv()
            cell_mv = total_uv * self._divider // (_BATTERY_READS * 1000)
            self._battery_mv = cell_mv if cell_mv >= _IMPLAUSIBLE_MV else NOT_MEASURED_MV
        return self._battery_mv

    def usb_powered(self) -> bool:
        """Whether a computer is at the cable. A charger without data is not seen."""
        if self._usb_frame is None:
            return False
        register, shift, mask = self._usb_frame
        frame = machine.mem32[register] >> shift & mask
        now_ms = time.ticks_ms()
        if frame != self._frame:
            if self._frame >= 0:
                self._moved_ms = now_ms
            self._frame = frame
        return time.ticks_diff(now_ms, self._moved_ms) < _USB_MS

    def led(self, on: bool) -> None:
        """Switch the light, where there is one."""
        if self._light is not None:
            self._light.value(self._lit if on else 1 - self._lit)

    def reset_cause(self) -> int:
        """Why the board started: a RESET of the records. MicroPython takes a brown-out for the watchdog."""
        state = self._reset_state
        if state is not None and machine.mem32[state] & _RESET_CAUSE == _BROWN_OUT:
            return RESET_BROWN_OUT
        return machine.reset_cause()

    def button_held(self) -> bool:
        """Whether the button is down now."""
        return not self._button.value()

    def button_pressed(self) -> bool:
        """Whether the button has been pressed since the last call; once for each press."""
        was_down, self._down = self._down, not self._button.value()
        if not (was_down or self._down):
            return False
        now_ms = time.ticks_ms()
        alone = time.ticks_diff(now_ms, self._seen_ms) >= _DEAD_MS
        self._seen_ms = now_ms
        return self._down and not was_down and alone

    def _wake_by_pins(self) -> None:
        # Versions of MicroPython and chips differ in what can wake them, and by which pins. Without the
        # button it is seen at the next wake-up, if it is still held; without the watermark the timer wakes
        # the board. No interrupt: none comes during sleep.
        both = tuple([pin for pin in (self._button, self._watermark) if pin is not None])
        for pins in (both, both[:1], both[1:]):
            if _wake("wake_on_gpio", pins):
                return
        _wake("wake_on_ext0", self._button)
        _wake("wake_on_ext1", both[1:])


def _wake(name: str, pins) -> bool:  # type: ignore[no-untyped-def]
    wake_on = getattr(esp32, name, None)
    if wake_on is None or not pins:
        return False
    try:
        wake_on(pins, esp32.WAKEUP_ALL_LOW)
    except ValueError:
        return False
    return True


def hardware_id() -> str:
    """The chip's own number, as its Bluetooth address is written."""
    return ":".join([f"{byte:02X}" for byte in machine.unique_id()])


def random_u32() -> int:
    """Thirty-two random bits."""
    return int.from_bytes(os.urandom(4), "little")


def flash():  # type: ignore[no-untyped-def]
    """The block device of the file system, on which everything lies."""
    return esp32.Partition.find(esp32.Partition.TYPE_DATA, label="vfs")[0]
