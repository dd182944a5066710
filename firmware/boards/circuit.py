"""What is wired to an ESP32: the part that its boards share. Each board's file states where."""

import os

import esp32
import machine

from shared.protocol.record_types import PIN_NONE, RESET_BROWN_OUT
from twitchband.clock import DEVICE
from twitchband.imu import bus

# Fast mode, which both sensors and every ESP32 can do; a full FIFO takes 0.1 s.
_I2C_HZ = 400000
# The slowest clock at which the radio works.
_CPU_HZ = 80000000
# The converter's readings have spikes while the radio sends.
_BATTERY_READS = 16
# A cell's voltage does not change faster, and a reading keeps the processor awake.
_BATTERY_US = 10000000
# Below the first no board runs, above the second no charger goes: there is no divider, or it is broken. The
# record's largest number then says "not measured".
# Noise of the converter and of a cell under load: a tenth of that.
_DRIFT_UV = 300000
_MIN_MV = 2500
_MAX_MV = 4700
NOT_MEASURED_MV = 65535
# A contact bounces for some milliseconds, and nobody presses twice in half a second.
_DEAD_US = 500000
# A USB host counts frames by the millisecond; writing to flash can keep us away for a tenth of a second.
_USB_US = 500000
# ESP-IDF, soc/reset_reasons.h and soc/rtc_cntl_reg.h: the cause of CPU 0 in bits 5:0.
_RESET_CAUSE = 0x3F
_BROWN_OUT = 0x0F


class Circuit:
    """Pins, by their GPIO numbers, and what the application needs from them.

    `battery`: pin of the ADC behind a divider by `divider`; `button`: pulls its pin to GND, `pull`: it
    needs the chip's pull-up; `watermark`: pin at the sensor's INT1 or INT, which goes low when its FIFO is
    to be read; `light`: (pin, level that lights it); `levels`: (pin, level) to hold: power on, displays dark;
    `usb_frame`: (register, shift, mask) of the counter of USB frames; `reset_state`: the register that keeps
    why the chip was reset.
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
        self._measured_us = -_BATTERY_US
        self._usb_frame = usb_frame
        self._frame = -1
        self._moved_us = -_USB_US
        self._down = False
        self._seen_us = -_DEAD_US
        # GPIO and pull of what wakes the board by a low level. The pull-up keeps a pin without a wire quiet.
        self._button = (button, machine.Pin.PULL_UP if pull else None)
        self._wakes = [self._button]
        if watermark is not None:
            self._wakes.append((watermark, machine.Pin.PULL_UP))
        self._routed = True
        self.button_pin = button
        self.watermark_pin = PIN_NONE if watermark is None else watermark
        self.wake_by_pins(True)

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
        """The sensor's own temperature, which is close to the finger's."""
        return self.imu().temperature_centi_c()

    def battery_mv(self) -> int:
        """The cell's voltage, at most ten seconds old; NOT_MEASURED_MV without a divider that works."""
        now_us = DEVICE.now_us()
        if self._adc is not None and now_us - self._measured_us >= _BATTERY_US:
            self._measured_us = now_us
            self._battery_mv = NOT_MEASURED_MV
            # Corrected by the values that the factory burnt into the chip.
            read_uv = [self._adc.read_uv() for _ in range(_BATTERY_READS)]
            cell_mv = sum(read_uv) * self._divider // (_BATTERY_READS * 1000)
            # A pin to which nothing leads any more drifts.
            steady = max(read_uv) - min(read_uv) < _DRIFT_UV
            if steady and _MIN_MV <= cell_mv <= _MAX_MV:
                self._battery_mv = cell_mv
        return self._battery_mv

    def battery_works(self) -> bool:
        """Whether the measured voltage is one that a cell can have; True if it is not measured."""
        return self._adc is None or self.battery_mv() != NOT_MEASURED_MV

    def usb_powered(self) -> bool:
        """Whether a computer is at the cable. A charger without data is not seen."""
        if self._usb_frame is None:
            return False
        register, shift, mask = self._usb_frame
        frame = machine.mem32[register] >> shift & mask
        now_us = DEVICE.now_us()
        if frame != self._frame:
            if self._frame >= 0:
                self._moved_us = now_us
            self._frame = frame
        return now_us - self._moved_us < _USB_US

    def led(self, on: bool) -> None:
        """Switch the light, if the board has one."""
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
        return self._low(self._button)

    def button_pressed(self) -> bool:
        """Whether the button has been pressed since the last call; once for each press."""
        was_down, self._down = self._down, self._low(self._button)
        if not (was_down or self._down):
            return False
        now_us = DEVICE.now_us()
        alone = now_us - self._seen_us >= _DEAD_US
        self._seen_us = now_us
        return self._down and not was_down and alone

    def wake_by_pins(self, wake: bool, without: int = PIN_NONE) -> None:
        """Let button and watermark wake the board from light sleep, except the pin `without`; or no pin.

        Versions of MicroPython and chips differ in what can wake them, and by which pins. Without the button
        it is seen at the next wake-up, if it is still held; without the watermark the timer wakes the board.
        No interrupt: none comes during sleep. Before deep sleep no pin may be left: since MicroPython 1.27
        machine.deepsleep refuses those of wake_on_gpio where the chip cannot wake by them.
        """
        for name, nothing in (("wake_on_gpio", ()), ("wake_on_ext0", None), ("wake_on_ext1", ())):
            _wake(name, nothing)
        pins = []
        for wake_pin in self._wakes:
            pin = self._pin(wake_pin)
            if wake and wake_pin[0] != without:
                pins.append(pin)
            else:
                # The chip keeps what once was set for a pin; without an interrupt's level it cannot wake.
                pin.irq(handler=None)
        both = tuple(pins)
        self._routed = False
        # The always-on part of a chip that has ext0 keeps its share of wake_on_gpio, so there a pin is taken
        # out by leaving wake_on_gpio altogether.
        if without == PIN_NONE or not hasattr(esp32, "wake_on_ext0"):
            for some in (both, both[:1], both[1:]):
                if some and _wake("wake_on_gpio", some):
                    return
        self._routed = True
        if both:
            _wake("wake_on_ext0", both[0])
            _wake("wake_on_ext1", both[1:])

    def low_pin(self, without: int = PIN_NONE) -> int:
        """The GPIO that would wake the board and is low; of several the sensor's; PIN_NONE if none is."""
        for wake_pin in reversed(self._wakes):
            if wake_pin[0] != without and self._low(wake_pin):
                return wake_pin[0]
        return PIN_NONE

    def _pin(self, wake_pin):  # type: ignore[no-untyped-def]
        number, pull = wake_pin
        return machine.Pin(number, machine.Pin.IN, pull)

    def _low(self, wake_pin) -> bool:  # type: ignore[no-untyped-def]
        # ext0 and ext1 route a pin to the always-on part of the chip; to set it up brings it back.
        pin = self._pin(wake_pin) if self._routed else machine.Pin(wake_pin[0])
        return not pin.value()


def _wake(name: str, pins) -> bool:  # type: ignore[no-untyped-def]
    wake_on = getattr(esp32, name, None)
    if wake_on is None:
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
    """The block device of the file system, which holds everything."""
    return esp32.Partition.find(esp32.Partition.TYPE_DATA, label="vfs")[0]
