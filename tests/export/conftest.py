"""Nights that were exported once, in each format."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import database, invoke
from twitchwatch.recording import write_csv

__all__ = ["database", "invoke"]


@pytest.fixture(scope="session")
def exported(tmp_path_factory, database):
    """What a format becomes, by the program itself, in Berlin."""
    made: dict[str, Path] = {}

    def export(kind: str, *more: str | Path) -> Path:
        if kind not in made:
            made[kind] = folder = tmp_path_factory.mktemp(kind) / "out"
            program = Path(sys.executable).with_name("twitchwatch")
            subprocess.run(
                [program, "export", "--format", kind, "--database", database, *more, folder],
                env={**os.environ, "TZ": "Europe/Berlin"},
                check=True,
                capture_output=True,
            )
        return made[kind]

    return export


@pytest.fixture(scope="session")
def capture(tmp_path_factory) -> Path:
    """Ten seconds with a gyroscope; half a second of samples was dropped."""
    path = tmp_path_factory.mktemp("capture") / "hand.csv.gz"
    t_s = np.arange(1040) / 104
    kept = (t_s < 4) | (t_s > 4.5)
    random = np.random.default_rng(5)
    acc_g = random.normal(0, 0.001, (1040, 3)) + np.array([0, 0, 1])
    write_csv(path, t_s[kept], acc_g[kept], random.normal(0, 0.1, (1040, 3))[kept])
    return path
