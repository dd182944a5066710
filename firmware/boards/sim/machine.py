"""MicroPython's `machine` as the ESP32 port has it, as far as a board uses it, on the simulated chip.

Transcribed from ports/esp32/modmachine.c, machine_pin.c, machine_adc.c and machine_wdt.c of v1.27.0; what
differs between releases and chips is in models/esp32_port.json.
"""

import world
from chip import NAME, adc_pins, column, inputs_only, pins, wakes, wired
from faults import fault
from wearable import Bus
from wires import changes_us, divided_uv, drop_usb, frame, level

globals().update(column["reset_cause.numbers"])
# A sleep that is refused, or ends at once, still takes the way in and out.
_REFUSED_US = 1000
# ESP-IDF, soc/reset_reasons.h: as the register of the reset state says it. All others restart by software.
_STATES = {"power_on": 0x01, "deep_sleep": 0x05, "brown_out": 0x0F}
_CPU_SW = 0x0C
_FOR_EVER = 1 << 60
_frequency = 160000000


def unique_id() -> bytes:
    """The chip's own address."""
    return bytes.fromhex(world.config.get("hardware_id", "24:0A:C4:00:00:01").replace(":", ""))


def freq(hz: int = 0) -> int:
    """The processor's clock. Raises ValueError if this chip does not have it."""
    global _frequency
    if hz:
        if hz not in column["freq.allowed"]:
            raise ValueError("frequency must be one of " + str(column["freq.allowed"]))
        _frequency = hz
    return _frequency


def reset_cause() -> int:
    """Why the chip started: one of the constants."""
    return column["reset_cause.numbers"][column["reset_cause." + world.cause]]  # type: ignore[no-any-return]


def reset() -> None:
    """The chip restarts."""
    world.reset("machine_reset")


def lightsleep(ms: int = -1) -> None:
    """Sleep with RAM kept, until the time is over or a pin wakes the chip; at once where one already does."""
    if fault("sleep_returns") is not None or _wakes("lightsleep"):
        world.sleep_us(_REFUSED_US)
        return
    _doze("lightsleep", ms)


def deepsleep(ms: int = 0) -> None:
    """Sleep without RAM; what follows is a start. Raises ValueError if a pin that is to wake it cannot."""
    if fault("deepsleep_refused") is not None:
        raise ValueError("wake-up pin not supported")
    if column["wake_on_gpio.deepsleep_refuses"]:
        for number in wakes["gpio"].pins:
            if number not in column["wake_on_gpio.deepsleep_pins"]:
                raise ValueError("wake-up pin not supported")
    hold = wired.get("hold")
    # The power goes with the pin that holds it; and with the end of the run, if the rig has named none.
    if (hold is not None and not Pin(hold).held) or "until_us" not in world.config:
        world.end("off")
    if not _wakes("deepsleep"):
        _doze("deepsleep", ms or -1)
    world.reset("deep_sleep")


def idle() -> None:
    """Wait for the next interrupt, at most a millisecond."""
    world.sleep_us(1000)


def _wakes(sleep: str) -> bool:
    for source in wakes.values():
        pins = _set(source, sleep)
        calling = [number for number in pins if Pin(number).value() == source.level]
        if calling and (len(calling) == len(pins) or not source.together):
            return True
    return False


def _set(source, sleep: str):  # type: ignore[no-untyped-def]
    # What this source listens to. A pin that has left wake_on_gpio goes on as long as another is there.
    if sleep not in source.sleeps or not source.pins:
        return ()
    if sleep == "lightsleep" and column["wake_on_gpio.dropped_pin_still_wakes"] and source is wakes["gpio"]:
        source.lingering.update(source.pins)
        return source.lingering
    return source.pins


def _doze(sleep: str, ms: int) -> None:
    now_us = world.now_us()
    end_us = now_us + ms * 1000 if ms >= 0 else _FOR_EVER
    _dog.sleep(now_us)
    while now_us < end_us:
        next_us = end_us
        for source in wakes.values():
            for number in _set(source, sleep):
                next_us = changes_us(number, now_us, next_us)
        world.sleep_us(next_us - now_us)
        now_us = world.now_us()
        if now_us < end_us and _wakes(sleep):
            break
    _dog.wake(now_us)
    if column["lightsleep.drops_usb"]:
        drop_usb(now_us)


class _Dog:
    """The task watchdog."""

    def __init__(self) -> None:
        self._patience_us = self._fed_us = self._slept_us = 0
        self._asleep = False

    def set(self, patience_us: int) -> None:
        self._patience_us = patience_us
        self._fed_us = world.now_us()

    def sleep(self, now_us: int) -> None:
        self._asleep = bool(column["lightsleep.stops_task_wdt"])
        self._slept_us = now_us

    def wake(self, now_us: int) -> None:
        if self._asleep:
            self._fed_us += now_us - self._slept_us
            self._asleep = False

    def bite(self, now_us: int) -> None:
        if self._patience_us and not self._asleep and now_us - self._fed_us > self._patience_us:
            world.reset("watchdog")


_dog = _Dog()
world.alarms.append(_dog.bite)


class WDT:
    """The task watchdog. Raises ValueError if the time is none."""

    def __init__(self, id: int = 0, timeout: int = 5000) -> None:
        if id != 0 or timeout <= 0:
            raise ValueError("WDT timeout too short")
        self._timeout_us = timeout * 1000
        self.feed()

    def feed(self) -> None:
        """Not yet."""
        _dog.set(self._timeout_us)


class Pin:
    """One of the chip's pins; there is one object for each. Raises ValueError if there is no such pin."""

    IN, OUT, OPEN_DRAIN = 1, 3, 7
    PULL_DOWN, PULL_UP = 1, 2
    _all = {}  # noqa: RUF012
    _IS_OUTPUT, _IS_OPEN_DRAIN = 2, 4

    def __new__(cls, number, mode=-1, pull=-1, **more):  # type: ignore[no-untyped-def]
        if isinstance(number, Pin):
            number = number.number
        if number not in pins:
            raise ValueError("invalid pin")
        pin = cls._all.get(number)
        if pin is None:
            pin = cls._all[number] = super().__new__(cls)
            pin.number = number
            pin._mode, pin._pull, pin._level, pin.held = cls.IN, 0, 0, False
        return pin

    def __init__(self, number, mode=-1, pull=-1, *, value=None, drive=None, hold=None):  # type: ignore[no-untyped-def]
        if value is not None:
            self._level = 1 if value else 0
        if mode != -1 and mode is not None:
            if mode & self._IS_OUTPUT and self.number in inputs_only:
                raise ValueError("pin can only be input")
            self._mode = mode
        if pull != -1:
            # A pull that a pin does not have is left out without a word.
            self._pull = 0 if pull is None or self.number in inputs_only else pull
        if hold is not None:
            self.held = bool(hold)

    def value(self, to=None):  # type: ignore[no-untyped-def]
        """The level at the pin; with a number, drive it."""
        if to is not None:
            self._level = 1 if to else 0
            if wired.get("light") == (self.number, self._level):
                world.light()
            return None
        if self._mode & self._IS_OUTPUT and not (self._mode & self._IS_OPEN_DRAIN and self._level):
            return self._level
        outside = level(self.number)
        if outside is not None:
            return outside
        return 1 if self._pull & self.PULL_UP else 0

    __call__ = value

    def irq(self, handler=None, trigger=3, *, wake=None):  # type: ignore[no-untyped-def]
        """No interrupt comes; to take one away also keeps the pin from waking the chip."""
        if handler is None and NAME == "ESP32C3":
            # The other chips have set a second one in their always-on part.
            wakes["gpio"].lingering.discard(self.number)


class ADC:
    """A pin's voltage, corrected by what the factory burnt into the chip."""

    ATTN_0DB, ATTN_2_5DB, ATTN_6DB, ATTN_11DB = 0, 1, 2, 3

    def __init__(self, pin, *, atten=ATTN_0DB) -> None:  # type: ignore[no-untyped-def]
        self._number = Pin(pin).number
        if self._number not in adc_pins:
            raise ValueError("invalid pin")

    def read_uv(self) -> int:
        """Microvolts."""
        return divided_uv(self._number)


def I2C(id, *, scl, sda, freq=400000, timeout=50000):  # type: ignore[no-untyped-def]  # noqa: N802
    """The bus, with the sensor on it where these are its pins."""
    return Bus((scl.number, sda.number) == (wired["scl"], wired["sda"]))


class _Registers:
    """The two that the boards read."""

    def __getitem__(self, address: int) -> int:
        if address == wired["reset_state"]:
            return _STATES.get(world.cause, _CPU_SW)
        counter, shift = wired.get("frame", (None, 0))
        if address != counter:
            raise ValueError(f"no register 0x{address:08X} is simulated")
        return frame() << shift


mem32 = _Registers()
