"""Evaluates the board's self-test: sensor, flash, radio, battery, and taps on the ring."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from twitchwatch.flash.cable import ANSWER_S, Cable
from twitchwatch.flash.package import SELF_TEST, firmware_folder
from twitchwatch.shared.protocol.records import BATTERY_UNKNOWN_MV

# Boot record, `chip`: firmware/twitchband/imu.
_CHIPS = {1: "LSM6DS3TR-C", 2: "LSM6DSOX", 3: "MPU6050", 4: "MPU6886", 5: "LSM6DSO32"}
# Data sheets: sensitivity and zero-g level together are within a tenth of a g, gravity within 0.5 %.
_GRAVITY_G = (0.85, 1.15)
# Data sheets: the rate of the worst chip is 10 % off; one portion more or less falls into the second.
_RATE_OFF = 0.15
# Lying or held still: a hand that waits stays below this.
_STILL_MG = 30.0
_LOW_MV = 3500
# A cell that is charged to its full 4.2 V, and the error of the converter.
_MAX_MV = 4400
TAPS = 3
TAPS_WITHIN_S = 20

_PARTS = ("sensor", "storage", "radio", "battery")
_CALL = "import json\nprint(json.dumps({part}()))\n"
_CALL_TAPS = f"""
import json
for peak_mg in taps({TAPS}, {TAPS_WITHIN_S * 1000}):
    print(json.dumps({{"peak_mg": peak_mg}}))
"""


@dataclass(frozen=True)
class Check:
    """One part: whether it works, what was measured, and what to do if it does not."""

    part: str
    good: bool
    says: str
    remedy: str = ""


def examine(cable: Cable, on_step: Callable[[str], None]) -> list[Check]:
    """Test every part of the board at the cable, its application not running. Raises DeviceError."""
    judges: dict[str, Callable[[Mapping[str, Any]], Check]] = {
        "sensor": sensor,
        "storage": storage,
        "radio": radio,
        "battery": battery,
    }
    checks = []
    for part in _PARTS:
        on_step(f"Testing the {part}")
        checks.append(judges[part](cable.ask(_code(_CALL.format(part=part)))))
    return checks


def tap(cable: Cable, on_tap: Callable[[int], None]) -> Check:
    """Wait for taps on the ring; `on_tap` receives each one's peak in mg. Raises DeviceError."""
    peaks_mg: list[int] = []

    def felt(answer: Mapping[str, Any]) -> None:
        peaks_mg.append(int(answer["peak_mg"]))
        on_tap(peaks_mg[-1])

    # A person may need all of it.
    cable.listen(_code(_CALL_TAPS), felt, TAPS_WITHIN_S + ANSWER_S)
    if len(peaks_mg) >= TAPS:
        return Check("taps", True, f"{TAPS} detected, the strongest {max(peaks_mg)} mg")
    return Check(
        "taps",
        False,
        f"{len(peaks_mg)} of {TAPS} detected in {TAPS_WITHIN_S} s",
        "Tap the ring itself with a fingernail. If no tap is detected, the sensor that was found is not the "
        "one in the ring.",
    )


def _code(call: str) -> str:
    """The self-test with a call: it runs in the board's memory and leaves nothing on its flash."""
    firmware = firmware_folder()
    text = (firmware / "selftest.py").read_text(encoding="utf-8")
    for path in sorted((firmware / "twitchband" / "imu").glob("*" + SELF_TEST)):
        text += f"bring('twitchband.imu.{path.stem}', {path.read_text(encoding='utf-8')!r})\n"
    # Sending and compiling are over; loading the detector and the sensor's own test take seconds more.
    return f"{text}print('.')\n{call}"


def sensor(found: Mapping[str, Any]) -> Check:
    """Judge the IMU: its own test, rate, gravity, noise."""
    if found["fault"]:
        return Check("sensor", False, str(found["fault"]), "hardware/bom.md shows the wiring.")
    name = _CHIPS.get(int(found["chip"]), f"chip {found['chip']}")
    if found["own"] != "passed":
        return Check("sensor", False, f"{name}: its self-test {found['own']}", "Replace the sensor.")
    n = int(found["samples"])
    rate_hz = n * 1000 / max(1, int(found["ms"]))
    wanted_hz = int(found["rate_milli_hz"]) / 1000
    if abs(rate_hz - wanted_hz) > _RATE_OFF * wanted_hz:
        return Check(
            "sensor",
            False,
            f"{name}: {rate_hz:.0f} samples/s instead of {wanted_hz:.0f}",
            "Readings are lost: check its wires, and shorten them.",
        )
    lsb_mg = int(found["lsb_nano_g"]) / 1e6
    means = [float(total) / n for total in found["sums"]]
    gravity_g = math.hypot(*means) * lsb_mg / 1000
    variances = [
        max(0.0, float(square) / n - mean**2) for square, mean in zip(found["squares"], means, strict=True)
    ]
    noise_mg = math.sqrt(sum(variances) / 3) * lsb_mg
    says = f"{name}: {rate_hz:.0f} samples/s, {gravity_g:.2f} g, noise {noise_mg:.1f} mg"
    if noise_mg > _STILL_MG:
        return Check("sensor", False, says, "Lay the ring on the table and run this again.")
    if not _GRAVITY_G[0] <= gravity_g <= _GRAVITY_G[1]:
        return Check("sensor", False, says, "Gravity must be 1 g: the sensor is faulty, replace it.")
    return Check("sensor", True, says)


def storage(found: Mapping[str, Any]) -> Check:
    """Judge the flash: a block that read back as written, and room for the log."""
    if found["error"] or not found["same"]:
        what = f"error {found['error']}" if found["error"] else "a block did not read back as written"
        return Check("flash", False, what, "Erase it: `twitchwatch flash --image FILE --erase`.")
    free_bytes, log_bytes = int(found["free_bytes"]), int(found["log_bytes"])
    most_bytes = int(found["log_most_bytes"])
    says = f"{free_bytes // 1024:,} KiB free, written and read back"
    if free_bytes + log_bytes < most_bytes:
        return Check(
            "flash",
            False,
            says,
            f"The log may grow to {most_bytes // 1024:,} KiB: delete files of your own, or lower log_kib.",
        )
    return Check("flash", True, says)


def radio(found: Mapping[str, Any]) -> Check:
    """Judge the radio: it came on and has an address."""
    if found["error"]:
        return Check(
            "radio",
            False,
            f"error {found['error']}",
            "Disconnect the power for a moment. If that does not help, this MicroPython has no Bluetooth.",
        )
    return Check("radio", True, str(found["address"]))


def battery(found: Mapping[str, Any]) -> Check:
    """Judge the cell's voltage; a board without a divider cannot measure it."""
    battery_mv = int(found["mv"])
    if battery_mv == BATTERY_UNKNOWN_MV:
        return Check(
            "battery", True, "not measured: no divider is wired, so there is no warning of an empty cell"
        )
    says = f"{battery_mv / 1000:.2f} V"
    if battery_mv > _MAX_MV:
        return Check(
            "battery", False, says, "No cell has such a voltage: check the two resistors of the divider."
        )
    if battery_mv < _LOW_MV:
        return Check("battery", False, says, "Charge it before the night.")
    return Check("battery", True, says)
