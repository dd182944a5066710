"""The faults: what is broken, which part the status must name for it, and what the night must achieve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twitchwatch.shared.detector import parameters
from twitchwatch.shared.protocol import records
from twitchwatch.shared.protocol import settings as device

MINUTE_US = 60_000_000
BROKEN_US = 120 * MINUTE_US
"""Every fault has healed by then: after two hours."""
BEGINS_US = 20 * MINUTE_US
"""One that comes in the night; the others are there from power-on."""

XIAO = ("xiao_esp32c3", "xiao_esp32s3")
BOARDS = {
    "xiao_esp32c3": "ESP32C3",
    "xiao_esp32s3": "ESP32S3",
    "generic_esp32": "ESP32",
    "m5stickc_plus2": "ESP32",
}
SLEEPS = ("wake_on", "lightsleep")
RADIO = ("ble", "reset_cause")
_MPU = ("generic_esp32", "m5stickc_plus2")


@dataclass(frozen=True)
class Fault:
    """One row of the table.

    `plan`: the simulator's faults (docs/testing.md), without their times; `config`: more of its plan.
    `part`, `words`: a PART of the status record, and what its words say; 0 if the ring has nothing to name.
    `facts`: which of the port's facts it touches (their names begin so). `sensed`: the minutes must hold
    samples; else they are reported as lost. `late`, `early`: only in the night, or only at power-on. `kind`:
    of several of a kind only one is in the pairs. `hidden_by`: kinds beside which it cannot be seen. `flag`:
    what the status must say besides. `forgotten`: the flash is as after sixty days without a host.
    """

    name: str
    plan: tuple[Mapping[str, Any], ...] = ()
    part: int = 0
    words: str = ""
    facts: tuple[str, ...] = ()
    boards: tuple[str, ...] = tuple(BOARDS)
    sensed: bool = True
    late: bool = False
    early: bool = False
    kind: str = ""
    hidden_by: tuple[str, ...] = ()
    flag: int = 0
    forgotten: bool = False
    config: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    """Instead of `plan` on this board."""

    def faults(self, board: str, from_us: int) -> list[dict[str, Any]]:
        """The simulator's faults, with their times; one that says its own minutes keeps them."""
        dated = []
        for one in self.own.get(board, self.plan):
            timed = {"from_us": from_us, "until_us": BROKEN_US, **one}
            if "minute" in timed:
                timed["from_us"] = timed.pop("minute") * MINUTE_US
            dated.append(timed)
        return dated


def _one(fault: str, **more: Any) -> tuple[Mapping[str, Any], ...]:
    return ({"fault": fault, **more},)


def _flips(register: int, value: int) -> tuple[Mapping[str, Any], ...]:
    return tuple(
        {"fault": "register", "register": register, "value": value, "minute": m} for m in (25, 60, 100)
    )


def _extremes(place: int) -> dict[str, int]:
    # The gyroscope is no extreme of a number: it has a run of its own.
    return {row[0]: row[place] for row in device.TABLE if row[0] != "gyroscope"}


def _parameters(place: int) -> dict[str, int]:
    # How long an epoch is decides what there is to count.
    return {row[0]: row[place] for row in parameters.TABLE if row[0] != "epoch"}


# Where memory runs out: in every room that the application asks for something. The first ones are the
# recording itself, where only a shortage that passes leaves anything to be asked; each call fails so often.
_PASSING = (
    ("twitchband.recorder:Recorder.drain", 5),
    ("twitchband.recorder:Recorder._keep_words", 3),
    ("twitchband.recorder:Recorder._look", 3),
    ("twitchband.thinning:Thinning.epoch", 3),
    ("twitchband.log:FlashLog._keep", 6),
    ("twitchband.log:FlashLog._flush_batch", 20),
)
_LASTING = (
    "twitchband.log:FlashLog._write",
    "twitchband.marks:Marks._write",
    "twitchband.links:Links.__init__",
    "twitchband.radio:Radio._switch_on",
    "twitchband.rendezvous:Rendezvous.begin",
    "twitchband.cable:Cable.poll",
    "twitchband.battery:is_empty",
    "twitchband.memory:Memory.look_at_idf",
    "twitchband.sleep:Sleep.sleep",
)
_SENSOR = ("sensor", "bus")

FAULTS = (
    Fault("nothing"),
    Fault(
        "radio: start raises",
        _one("radio_raises"),
        records.PART_RADIO,
        "Bluetooth",
        RADIO,
        kind="radio raises",
    ),
    Fault(
        "radio: start raises, one of the controller's errors",
        _one("radio_raises", errno=116),
        records.PART_RADIO,
        "Bluetooth",
        RADIO,
    ),
    Fault(
        "radio: start panics",
        _one("radio_panics"),
        records.PART_RADIO,
        "reset the chip",
        RADIO,
        kind="radio panics",
    ),
    Fault(
        "radio: start browns out",
        _one("radio_browns_out"),
        records.PART_RADIO,
        "reset the chip",
        RADIO,
        kind="radio browns out",
    ),
    Fault("NVS refuses", _one("nvs_refuses"), records.PART_NVS, "NVS", ("nvs",), kind="NVS refuses"),
    Fault("NVS full", _one("nvs_full"), records.PART_NVS, "NVS", ("nvs",), late=True),
    Fault("NVS corrupt", _one("nvs_corrupt"), records.PART_NVS, "NVS", ("nvs",), kind="NVS corrupt"),
    Fault("flash: one write fails", _one("flash_fails", times=1), records.PART_FLASH, "flash", late=True),
    Fault(
        "flash: every write fails",
        _one("flash_fails"),
        records.PART_FLASH,
        "flash",
        late=True,
        kind="flash fails",
    ),
    Fault(
        "flash full",
        _one("flash_full", blocks=0),
        records.PART_FLASH,
        "flash",
        late=True,
        kind="flash full",
    ),
    Fault(
        "INT1 stuck low",
        _one("int1_low"),
        records.PART_WATERMARK,
        "INT1",
        SLEEPS,
        XIAO,
        kind="INT1 low",
        hidden_by=("sleep returns",),
    ),
    Fault(
        "INT1 stuck high",
        _one("int1_high"),
        records.PART_WATERMARK,
        "INT1",
        SLEEPS,
        XIAO,
        kind="INT1 high",
        hidden_by=(*_SENSOR, "sleep returns"),
    ),
    Fault(
        "light sleep returns at once",
        _one("sleep_returns"),
        records.PART_SLEEP,
        "ight sleep",
        SLEEPS,
        kind="sleep returns",
    ),
    Fault("button stuck", _one("button_stuck"), records.PART_BUTTON, "button", SLEEPS, kind="button stuck"),
    # At power-on its words are about SDA, later about the sensor.
    Fault("I2C held low", _one("i2c_low"), records.PART_SENSOR, "", ("i2c",), sensed=False, kind="bus"),
    Fault("sensor without power", _one("sensor_away"), records.PART_SENSOR, "ensor", ("i2c",), sensed=False),
    Fault(
        "sensor silent",
        _one("sensor_silent"),
        records.PART_SENSOR,
        "ensor",
        sensed=False,
        kind="sensor",
        # While the bus is held low, no sensor can be asked.
        hidden_by=("bus",),
    ),
    Fault(
        "sensor at half rate",
        _one("sensor_rate", permille=500),
        records.PART_SENSOR,
        "samples a second",
        sensed=False,
    ),
    Fault(
        "sensor at double rate",
        _one("sensor_rate", permille=2000),
        records.PART_SENSOR,
        "samples a second",
        sensed=False,
        kind="rate",
        hidden_by=_SENSOR,
    ),
    Fault(
        "sensor: another range after set-up",
        _flips(0x10, 0x44),
        records.PART_SENSOR,
        "Register",
        late=True,
        kind="range",
        hidden_by=(*_SENSOR, "rate"),
        own=dict.fromkeys(_MPU, _flips(0x1C, 0x18)),
    ),
    *[
        Fault(
            f"memory: `{call.split(':')[1]}`, {calls} times",
            _one("memory", call=call, calls=calls),
            records.PART_FLASH if "_flush_batch" in call else records.PART_MEMORY,
            "emory",
            late=True,
        )
        for call, calls in _PASSING
    ],
    *[
        Fault(
            f"memory: `{call.split(':')[1]}`, always",
            _one("memory", call=call),
            {
                "FlashLog._write": records.PART_FLASH,
                "Marks._write": records.PART_NVS,
                "Radio._switch_on": records.PART_RADIO,
            }.get(call.split(":")[1], records.PART_MEMORY),
            "",
            early="Links" in call,
            kind="memory" if "Rendezvous" in call else "",
        )
        for call in _LASTING
    ],
    Fault(
        "memory: Python's heap takes the radio's",
        _one("heap", bytes=16384),
        records.PART_RADIO,
        "too little memory",
        RADIO,
        _MPU,
    ),
    Fault(
        "USB half attached",
        _one("usb_half"),
        records.PART_USB,
        "",
        boards=XIAO,
        kind="USB",
        # Light sleep cuts the cable off: it is seen while the board is awake to meet.
        hidden_by=("radio raises", "radio panics", "radio browns out", "flash fails", "flash full", "memory"),
    ),
    *[
        Fault(
            f"battery divider: {what}",
            _one("battery", what=what),
            records.PART_BATTERY,
            "",
            boards=(*XIAO, "m5stickc_plus2"),
            kind="battery" if what == "noise" else "",
        )
        for what in ("zero", "noise", "error")
    ],
    Fault(
        "no host for 60 days",
        flag=records.STATUS_UNSYNCED,
        forgotten=True,
        config={"settings": {"unsynced_h": 1}},
        boards=("xiao_esp32c3",),
    ),
    Fault("settings: each at its minimum", config={"settings": _extremes(2)}),
    Fault("settings: each at its maximum", config={"settings": _extremes(3)}),
    Fault("detector: each at its minimum", config={"settings": _parameters(2)}),
    Fault("detector: each at its maximum", config={"settings": _parameters(3)}),
)
