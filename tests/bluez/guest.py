"""Runs a command in a guest that has Bluetooth, with the rig beside it on the host.

    python -m tests.bluez.guest [--timeout S] [--hours H] COMMAND [ARGUMENT ...]

The guest is a User-Mode Linux kernel, an ordinary process. It sees the host's files, and what it writes is
thrown away. The command's output and exit code are passed on; 124 means that it took too long, 125 that the
guest broke down.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shlex
import signal
import socket
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.bluez import kernel
from tests.bluez.rig import ADAPTERS, Orders, obey

TIMED_OUT = 124
BROKEN = 125
MEMORY_MB = 768
_INIT = Path(__file__).with_name("init.sh")
# Said to the guest's programs, so that tests which need the guest know that they are in it.
MARK = "TWITCHWATCH_GUEST"
_KEPT = ("CI", "COLUMNS", "PATH", "TERM")


async def run(command: Sequence[str], *, timeout_s: float, hours: float) -> int:
    """Boot a guest, run `command` in it, and give its exit code. `hours`: length of the rig's night."""
    binary = await asyncio.to_thread(kernel.built)
    with tempfile.TemporaryDirectory(prefix="twitchwatch-guest-") as name:
        folder = Path(name)
        script = folder / "command"
        script.write_text(_script(command))
        lines = [socket.socketpair() for _ in (*ADAPTERS, "control")]
        orders = Orders(folder, hours)
        await orders.plug_in([ours for ours, _ in lines[:-1]])
        obeying = asyncio.create_task(obey(orders, lines[-1][0]))
        with (folder / "kernel.log").open("w+") as log:
            guest = await _boot(binary, folder, script, [theirs.fileno() for _, theirs in lines], log)
            try:
                async with asyncio.timeout(timeout_s):
                    await guest.wait()
            except TimeoutError:
                print(f"the guest's command took more than {timeout_s:.0f} s", file=sys.stderr)
                return TIMED_OUT
            finally:
                # Its processes of the host are a group of their own.
                with suppress(ProcessLookupError):
                    os.killpg(guest.pid, signal.SIGKILL)
                await guest.wait()
                obeying.cancel()
                await orders.close()
            if orders.exit_code is None:
                log.seek(0)
                print(f"the guest broke down:\n{log.read()[-4000:]}", file=sys.stderr)
                return BROKEN
            return orders.exit_code


async def _boot(
    binary: Path, folder: Path, script: Path, lines: Sequence[int], log: object
) -> asyncio.subprocess.Process:
    serial = [f"ssl{number}=fd:{line},fd:{line}" for number, line in enumerate(lines)]
    output = os.dup(sys.stdout.fileno())
    return await asyncio.create_subprocess_exec(
        binary,
        f"mem={MEMORY_MB}M",
        "root=none",
        "rootfstype=hostfs",
        "rootflags=/",
        "ro",
        "quiet",
        f"init={_INIT}",
        f"GUEST_COMMAND={script}",
        "con=null",
        "con0=null,fd:2",
        f"con1=null,fd:{output}",
        *serial,
        f"uml_dir={folder}/",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=(output, *lines),
        start_new_session=True,
        env={**os.environ, "TMPDIR": _memory_folder()},
    )


def _memory_folder() -> str:
    """Where the guest's memory lies, as a file: in memory if there is room."""
    shm = Path("/dev/shm")
    if shm.is_dir():
        room = os.statvfs(shm)
        if room.f_bavail * room.f_frsize > MEMORY_MB * 1024**2:
            return str(shm)
    return tempfile.gettempdir()


def _script(command: Sequence[str]) -> str:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {MARK: "1", "HOME": "/root", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
    return f"cd {shlex.quote(os.getcwd())}\n{exports}exec {shlex.join(command)}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--timeout", type=float, default=1200.0, help="seconds; default 1200")
    parser.add_argument("--hours", type=float, default=8.0, help="length of the modelled night; default 8")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    return asyncio.run(run(given.command, timeout_s=given.timeout, hours=given.hours))


if __name__ == "__main__":
    sys.exit(main())
