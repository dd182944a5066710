"""The real recordings, at the sensor's rate; all of them are for reporting."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording import LSB_MG, SAMPLE_RATE_HZ, Recording, recording_from_array

DATA = Path(__file__).parents[3] / "shared" / "data"

_G = 9.80665
_RANGE_G = 4.0


@dataclass(frozen=True, eq=False)
class Real:
    """acc_mg (n, 3) and, if there is a gyroscope, gyro_dps (n, 3), evenly at 104 Hz, without a gap."""

    name: str
    acc_mg: NDArray[np.float64]
    gyro_dps: NDArray[np.float64] | None = None

    @property
    def seconds(self) -> float:
        return len(self.acc_mg) / SAMPLE_RATE_HZ

    def part(self, start_s: float, end_s: float | None = None) -> Real:
        """A stretch of it."""
        cut = slice(round(start_s * SAMPLE_RATE_HZ), None if end_s is None else round(end_s * SAMPLE_RATE_HZ))
        return Real(self.name, self.acc_mg[cut], None if self.gyro_dps is None else self.gyro_dps[cut])


def present() -> bool:
    """Whether the recordings are there."""
    return (DATA / "pd_rest_tremor_100hz.npz").is_file()


def _real(name: str, recording: Recording) -> Real:
    longest = max(recording.segments, key=lambda segment: len(segment.samples))
    gyro = None if longest.gyro_dps is None else longest.gyro_dps.astype(float)
    return Real(name, longest.samples * LSB_MG, gyro)


@cache
def hands(group: str) -> tuple[Real, ...]:
    """Hands at rest of one group, "CTRL" (healthy) or "PD" (Cavanagh et al. 2018)."""
    with np.load(DATA / "pd_rest_tremor_100hz.npz") as archive:
        scale, rate_hz = float(archive["lsb_per_g"]), float(archive["fs"])
        return tuple(
            _real(name, recording_from_array(np.clip(archive[name] / scale, -4, 4), rate_hz=rate_hz))
            for name in archive.files
            if name.startswith(group + "_")
        )


@cache
def yardstick_bouts() -> dict[str, list[dict[str, float]]]:
    """Bouts in hands by a plain spectral rule; not a clinician's label."""
    found: dict[str, list[dict[str, float]]] = json.loads((DATA / "pd_rest_tremor_bouts.json").read_text())
    return found


@cache
def static_mpu6050() -> Real:
    """An MPU-6050 on a table (sunsided/sensor-fusion)."""
    with np.load(DATA / "mpu6050_static.npz") as archive:
        return _real("mpu6050_static", recording_from_array(archive["acc_g"], t_s=archive["t_s"]))


@cache
def pd_wrist() -> Real:
    """Wrist watch of one person with PD, 12 min; daily motion after 460 s (ParaDigMa's test data)."""
    with np.load(DATA / "pd_wrist_100hz.npz") as archive:
        acc_g = archive["raw_i16"][:, :3] * float(archive["scale_acc_ms2"]) / _G
        gyro_dps = archive["raw_i16"][:, 3:] * float(archive["scale_gyr_dps"])
        t_s = archive["t_s"]
        return _real(
            "pd_wrist", recording_from_array(np.clip(acc_g, -_RANGE_G, _RANGE_G), t_s=t_s, gyro_dps=gyro_dps)
        )


@cache
def pd_wrist_labels() -> dict[str, NDArray[np.float64]]:
    """ParaDigMa's own outputs for it, a 4 s window each: start_s, tremor, at_rest, frequency_hz."""
    with np.load(DATA / "pd_wrist_100hz.npz") as archive:
        return {
            "start_s": archive["win_start_s"].astype(float) - float(archive["t_s"][0]),
            "tremor": archive["win_tremor"].astype(float),
            "at_rest": archive["win_arm_at_rest"].astype(float),
            "frequency_hz": archive["win_freq_peak_hz"].astype(float),
        }


@cache
def wrist_non_pd() -> Real:
    """Wrist of somebody who is not a patient, 2 min (NikhilMahadevan/analyze-tremor-bradykinesia-PD)."""
    with gzip.open(DATA / "wrist_non_pd_100hz.csv.gz") as file:
        acc_g = np.loadtxt(file, delimiter=",", skiprows=1, usecols=(1, 2, 3))
    return _real("wrist_non_pd", recording_from_array(np.clip(acc_g, -4, 4), rate_hz=100.0))


@cache
def hand_turning() -> Real:
    """Phone in a hand that turns on request (pdkit)."""
    return _phone("phone_pronation_supination_right")


@cache
def phone_rest(side: str) -> Real:
    """Phone in the hand at rest, PD off medication (pdkit)."""
    return _phone(f"phone_rest_tremor_amplitude_{side}")


def _phone(name: str) -> Real:
    with gzip.open(DATA / f"{name}.csv.gz") as file:
        rows = np.loadtxt(file, delimiter=",")
    t_s = (rows[:, 0] - rows[0, 0]) / 1e9
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(t_s)) > 0])
    acc_g = np.clip(rows[rising, 1:4] / _G, -_RANGE_G, _RANGE_G)
    return _real(name, recording_from_array(acc_g, t_s=t_s[rising]))


ACTIVITIES = {
    "A": "walking", "B": "jogging", "C": "stairs", "D": "sitting", "E": "standing", "F": "typing",
    "G": "tooth-brushing", "H": "eating soup", "I": "eating chips", "J": "eating pasta", "K": "drinking",
    "L": "eating a sandwich", "M": "kicking", "O": "catch", "P": "dribbling", "Q": "writing",
    "R": "clapping", "S": "folding clothes",
}  # fmt: skip


@cache
def activities() -> dict[str, Real]:
    """One person's watch, 18 activities of 3 min at 20 Hz (WISDM, Weiss 2019)."""
    found = {}
    with np.load(DATA / "wisdm_watch_20hz.npz") as archive:
        for letter, name in ACTIVITIES.items():
            rows = archive["accel_label"] == letter
            acc_g = np.clip(archive["accel"][rows] / _G, -_RANGE_G, _RANGE_G)
            gyro_dps = np.degrees(archive["gyro"][archive["gyro_label"] == letter])
            shared = min(len(acc_g), len(gyro_dps))
            found[name] = _real(
                name,
                recording_from_array(
                    acc_g[:shared].astype(float), rate_hz=20.0, gyro_dps=gyro_dps[:shared].astype(float)
                ),
            )
    return found


def each_daily() -> Iterator[Real]:
    """Daily life at the wrist, whatever it is that is done."""
    yield pd_wrist().part(460)
    yield wrist_non_pd()
    yield from activities().values()
