"""The guest's kernel: User-Mode Linux with Bluetooth, built once from Debian's kernel source.

    python -m tests.bluez.kernel            # builds it if needed, and prints where it is

Debian's own package `user-mode-linux` has no Bluetooth. The build takes some minutes, and is kept outside of
the project: in $XDG_CACHE_HOME/twitchwatch, under the version of the source and a digest of what it is built
by.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIG = Path(__file__).with_name("kernel.config")
SOURCES = Path("/usr/src")
# Three quarters of the source are drivers and boards that no User-Mode Linux can have.
_LEFT_PACKED = (
    "*.dts*",
    "*/Documentation/*.rst",
    "*/drivers/gpu/*.[ch]",
    "*/drivers/media/*.[ch]",
    "*/drivers/net/*/*.[ch]",
    "*/sound/*.[ch]",
    "*/tools/testing/*",
)
# Linux 6.1.192 frees a connection's channel when the connection goes (`hci_chan_list_flush`), and once more
# when the last user of its L2CAP side lets go (`l2cap_conn_free`): a panic. Here it is freed as mainline does
# since ab4eedb790ca (6.14), in `l2cap_conn_del`. docs/upstream.md has the whole.
_MENDED = "net/bluetooth/l2cap_core.c"
_DEL = "\n\thcon->l2cap_data = NULL;\n\tl2cap_conn_put(conn);\n}"
_FREE = "{0}hci_chan_del(conn->hchan);\n\thci_conn_put(conn->hcon);\n\tkfree(conn);\n}}"
_MENDS = (
    (_DEL, "\n\thci_chan_del(conn->hchan);\n\tconn->hchan = NULL;" + _DEL),
    (_FREE.format("\n\t"), _FREE.format("\n\tif (conn->hchan)\n\t\t")),
)


class BuildError(Exception):
    """The kernel cannot be built; the message says what to do."""


def built() -> Path:
    """The kernel, an executable file; built first where it is not in the cache. Raises BuildError."""
    source = _source()
    built_by = (CONFIG.read_text(), *_LEFT_PACKED, *(text for mend in _MENDS for text in mend))
    digest = hashlib.sha256("\0".join(built_by).encode()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "twitchwatch"
    kernel = cache / f"guest-kernel-{_version(source)}-{digest}"
    if kernel.exists():
        return kernel
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "guest-kernel.lock").open("w") as lock:
        # Two at once would build twice as long; the second finds it done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kernel.exists():
            began_s = time.monotonic()
            print(f"building the guest's kernel from {source}: once, some minutes", file=sys.stderr)
            with tempfile.TemporaryDirectory(prefix="guest-kernel-", dir=cache) as folder:
                _build(source, Path(folder)).rename(kernel)
            print(f"built in {time.monotonic() - began_s:.0f} s: {kernel}", file=sys.stderr)
    return kernel


def _source() -> Path:
    """Debian's newest kernel source that is installed."""
    found = sorted(SOURCES.glob("linux-source-*.tar.xz"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise BuildError(f"There is no kernel source in {SOURCES}: run `make test-deps`.")
    return found[-1]


def _version(source: Path) -> str:
    """The version of the package that owns the source."""
    owner = _output("dpkg-query", "--search", str(source)).partition(":")[0]
    return _output("dpkg-query", "--show", "--showformat=${Version}", owner)


def _build(source: Path, folder: Path) -> Path:
    tree, objects, kernel = folder / "source", folder / "objects", folder / "kernel"
    tree.mkdir()
    objects.mkdir()
    excluded = [f"--exclude={pattern}" for pattern in _LEFT_PACKED]
    _run(
        folder, "tar", "--extract", "--file", str(source), "--strip-components=1", "-C", str(tree), *excluded
    )
    _mend(tree / _MENDED)
    making = ("make", "-s", "ARCH=um", f"O={objects}", "-C", str(tree))
    _run(folder, *making, f"KCONFIG_ALLCONFIG={CONFIG}", "allnoconfig")
    _check((objects / ".config").read_text())
    _run(folder, *making, f"-j{os.cpu_count()}", "linux")
    _run(folder, "strip", "-o", str(kernel), str(objects / "linux"))
    return kernel


def _mend(file: Path) -> None:
    """A source that lacks one of the places has the fault no longer, or another: it is left as it is."""
    text = file.read_text()
    if all(text.count(old) == 1 for old, _ in _MENDS):
        for old, new in _MENDS:
            text = text.replace(old, new)
        file.write_text(text)


def _check(config: str) -> None:
    """Kconfig drops in silence what it does not know or cannot have."""
    taken = set(config.splitlines())
    dropped = [
        line for line in CONFIG.read_text().splitlines() if line.startswith("CONFIG_") and line not in taken
    ]
    if dropped:
        raise BuildError(f"this kernel does not take {', '.join(dropped)}: change {CONFIG}")


def _run(folder: Path, *command: str) -> None:
    log = folder / "log"
    with log.open("a") as output:
        done = subprocess.run(
            ("nice", *command), stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )
    if done.returncode:
        raise BuildError(f"{' '.join(command)} failed with {done.returncode}:\n{log.read_text()[-3000:]}")


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    try:
        print(built())
    except BuildError as error:
        sys.exit(str(error))
