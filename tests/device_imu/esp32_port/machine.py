"""The ESP32's `machine`, as far as a board's file uses it."""

frequency = 0
levels = {}
# The column of the port's table that the board runs on.
facts = {}
# Pins whose interrupt, and with it the level that wakes the chip, was taken away.
quiet = set()
# An ESP32's pins 34 to 39.
input_only = False


def freq(hz):
    global frequency
    frequency = hz


def unique_id():
    return b"\x24\x0a\xc4\x00\x00\x01"


class Pin:
    IN, OUT, OPEN_DRAIN, PULL_UP = 1, 3, 7, 2

    def __init__(self, number, mode=-1, pull=-1, *, value=None):
        assert number < 34 or not input_only or pull in (None, -1), "pins 34 to 39 have no pull-up"
        self.number = number
        if value is not None:
            levels[number] = value

    def irq(self, handler):
        assert handler is None
        quiet.add(self.number)

    def value(self, level=None):
        if level is not None:
            levels[self.number] = level
        return levels.get(self.number, 1)


def deepsleep(ms):
    """As machine_sleep_helper of ports/esp32/modmachine.c: refuses pins that cannot wake the chip."""
    import esp32

    strange = [number for number in esp32.gpio if number not in facts["wake_on_gpio.deepsleep_pins"]]
    if strange and facts["wake_on_gpio.deepsleep_refuses"]:
        raise ValueError("wake-up pin not supported")


class ADC:
    ATTN_11DB = 3
    microvolts = {}  # noqa: RUF012

    def __init__(self, pin, *, atten):
        assert atten == self.ATTN_11DB
        self._pin = pin

    def read_uv(self):
        return self.microvolts[self._pin.number]


class I2C:
    chip = None
    wired = None

    def __new__(cls, number, *, scl, sda, freq):
        cls.wired = (scl.number, sda.number, freq)
        return cls.chip


class _Memory:
    value = 0

    def __getitem__(self, address):
        assert address in (0x60043024, 0x60080808)
        return self.value


mem32 = _Memory()
