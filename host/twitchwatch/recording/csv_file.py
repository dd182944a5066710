"""Recordings written as CSV: `t_s,ax_g,ay_g,az_g`, and `gx_dps,gy_dps,gz_dps` if there is a gyroscope."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

REQUIRED = ("t_s", "ax_g", "ay_g", "az_g")
GYRO = ("gx_dps", "gy_dps", "gz_dps")


def write_csv(
    path: str | Path,
    t_s: NDArray[np.floating],
    acc_g: NDArray[np.floating],
    gyro_dps: NDArray[np.floating] | None = None,
) -> None:
    """Write t_s (n,) in s, acc_g (n, 3) in g and gyro_dps (n, 3) to a microsecond, 1 ug and 0.1 mdps.

    A name that ends in .gz is compressed. Raises OSError if the file cannot be written.
    """
    columns = (
        [np.asarray(t_s)[:, None], acc_g] if gyro_dps is None else [np.asarray(t_s)[:, None], acc_g, gyro_dps]
    )
    names = REQUIRED if gyro_dps is None else REQUIRED + GYRO
    formats = ["%.6f"] * 4 + ["%.4f"] * (len(names) - 4)
    np.savetxt(path, np.hstack(columns), fmt=formats, delimiter=",", header=",".join(names), comments="")
