"""Machine code that Numba keeps is used again, and made again if any module of the detector has changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from twitchwatch.shared.detector import cpython

LOOP = """
from .cpython import micropython
from .kernel import kernel

def loop(count):
    total = 0
    for i in range(count):
        total += kernel(i)
    return total

loop = micropython.native(loop)
"""
KERNEL = """
from .cpython import micropython

@micropython.viper
def kernel(x: int) -> int:
    return x + {more}
"""
RUN = """
from detector.loop import loop
from detector.cpython import is_kept
print(int(is_kept()), loop(10), sum(loop.stats.cache_hits.values()))
"""


def test_kept_code_is_that_of_the_present_source(tmp_path: Path) -> None:
    package = tmp_path / "detector"
    package.mkdir()
    (package / "__init__.py").touch()
    for name in ("cpython.py", "direct.py", "pointers.py", "vectors.py"):
        shutil.copy(Path(cpython.__file__).with_name(name), package / name)
    (package / "loop.py").write_text(LOOP)

    def write(more: int) -> None:
        (package / "kernel.py").write_text(KERNEL.format(more=more))

    def run() -> list[int]:
        command = [sys.executable, "-B", "-c", RUN]
        done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
        return [int(word) for word in done.stdout.split()]

    write(more=1)
    assert run() == [0, 55, 0]
    assert run() == [1, 55, 1]
    write(more=200)
    assert run() == [0, 2045, 0]
