"""ParaDigMa, the published tremor pipeline on gyroscope data, run on the same signals.

Post et al., ParaDigMa (PyPI `paradigma`): windows of 4 s, mel-frequency cepstral coefficients, logistic
regression; a window is rest tremor if the peak is at 3-7 Hz and the power below 3 Hz is small.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 4.0
MISSING = "ParaDigMa is NOT installed: nothing below is beside it. Install it by: pip install -e '.[bench]'"


@dataclass(frozen=True, eq=False)
class Windows:
    """Of each 4 s window: start_s; rest_tremor (with its checks of frequency and rest); any_tremor
    (classifier alone); frequency_hz of the peak. took_s: how long the pipeline ran.
    """

    start_s: NDArray[np.float64]
    rest_tremor: NDArray[np.bool_]
    any_tremor: NDArray[np.bool_]
    frequency_hz: NDArray[np.float64]
    took_s: float


def present() -> bool:
    """Whether the `bench` extra is installed."""
    return find_spec("paradigma") is not None


def name() -> str:
    """Name and version."""
    return f"ParaDigMa {version('paradigma')}" if present() else "ParaDigMa (absent)"


def run(gyro_dps: NDArray[np.float64], rate_hz: float) -> Windows:
    """Its tremor pipeline over gyro_dps (n, 3) in deg/s, sampled evenly at `rate_hz`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas
        from paradigma.pipelines.tremor_pipeline import run_tremor_pipeline

        # Its import turns on everybody's log.
        logging.getLogger().setLevel(logging.ERROR)
        frame = pandas.DataFrame(gyro_dps, columns=["gyroscope_x", "gyroscope_y", "gyroscope_z"])
        frame.insert(0, "time", np.arange(len(gyro_dps)) / rate_hz)
        with TemporaryDirectory() as nowhere:
            begun = perf_counter()
            result = run_tremor_pipeline(
                frame, nowhere, logging_level=logging.ERROR, return_intermediate=["classification"]
            )
            took_s = perf_counter() - begun
    if result.get("_error"):
        raise RuntimeError(f"ParaDigMa: {result['_error']}")
    found = result["classification"]
    return Windows(
        found["time"].to_numpy(float),
        found["pred_tremor_checked"].to_numpy() == 1,
        found["pred_tremor_logreg"].to_numpy() == 1,
        found["freq_peak"].to_numpy(float),
        took_s,
    )
