"""What every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Real recordings; they lie beside the project and are never copied into it."""
    if not DATA.is_dir():
        reason = "the real recordings (../shared/data, beside the project) are not here"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return DATA
