"""Which serial port the board is at."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from twitchwatch.errors import DeviceError, DeviceReason, UsageError

# (USB vendor, product or None for all of the vendor's): what it is. From the USB ID repository
# (linux-usb.org) and the makers' data sheets.
KNOWN = {
    (0x303A, None): "Espressif",
    (0x2886, None): "Seeed Studio",
    (0x10C4, 0xEA60): "Silicon Labs CP210x",
    (0x1A86, 0x7523): "WCH CH340",
    (0x1A86, 0x55D3): "WCH CH343",
    (0x1A86, 0x55D4): "WCH CH9102",
    (0x0403, 0x6001): "FTDI FT232",
    (0x0403, 0x6015): "FTDI FT231X",
}


class SerialPort(Protocol):
    """What pyserial reports about a port."""

    device: str
    vid: int | None
    pid: int | None


def listed() -> Sequence[SerialPort]:
    """The ports of this computer."""
    from serial.tools.list_ports import comports

    return comports()


def choose_port(
    wanted: str | None,
    *,
    wait_s: float = 0.0,
    list_ports: Callable[[], Iterable[SerialPort]] = listed,
    clock_s: Callable[[], float],
    sleep_s: Callable[[float], None],
) -> str:
    """The port `wanted`, or the only one at which a board can be; waits up to `wait_s` for it to appear.

    Raises DeviceError if there is none or it may not be opened, UsageError if there are several.
    """
    until_s = clock_s() + wait_s
    while True:
        found = candidates(wanted, list_ports)
        if found or clock_s() >= until_s:
            break
        # A board that has just been reset announces itself within a second.
        sleep_s(0.2)
    if not found:
        raise DeviceError(_missing(wanted, list_ports))
    if len(found) > 1:
        ports = "\n".join(f"  --port {device}   ({title})" for device, title in found)
        raise UsageError(f"Several boards are connected. Choose one:\n{ports}")
    device = found[0][0]
    _check_access(device)
    return device


def candidates(
    wanted: str | None, list_ports: Callable[[], Iterable[SerialPort]] = listed
) -> list[tuple[str, str]]:
    """The ports at which a board can be, each with what is known about it; only `wanted` if it is given."""
    if wanted is not None and os.name == "posix":
        return [(wanted, wanted)] if Path(wanted).exists() else []
    found = []
    for port in list_ports():
        title = KNOWN.get((port.vid or 0, port.pid)) or KNOWN.get((port.vid or 0, None))
        if wanted is not None:
            if port.device == wanted:
                found.append((port.device, wanted))
        elif title is not None:
            found.append((port.device, title))
    return sorted(found)


def _missing(wanted: str | None, list_ports: Callable[[], Iterable[SerialPort]]) -> str:
    sleeps = "it may be asleep: press its reset button and run this again within 4 s"
    if wanted is None:
        return (
            "No board at any USB port. Connect it with a cable that carries data (many only charge); if it "
            f"is connected, {sleeps}."
        )
    there = candidates(None, list_ports)
    ports = "".join(f"\n  --port {device}   ({title})" for device, title in there)
    here = f"The ports of boards are{ports}" if there else "There is no board at any other port either."
    return f"There is no port {wanted}. {here}\nIf the board is connected, {sleeps}, or wait with --wait 30."


def _check_access(device: str) -> None:
    if os.name != "posix" or os.access(device, os.R_OK | os.W_OK):
        return
    raise DeviceError(f"You may not open {device}. {_how_to_be_let_in(device)}", DeviceReason.NOT_ALLOWED)


def _how_to_be_let_in(device: str) -> str:
    import grp

    found = Path(device).stat()
    may_open = stat.S_IRGRP | stat.S_IWGRP
    # Root's own group lets in far more than a port; and a group without the rights helps nobody.
    if found.st_gid != 0 and found.st_mode & may_open == may_open:
        try:
            group = grp.getgrgid(found.st_gid).gr_name
        except KeyError:
            return f"Its group, number {found.st_gid}, has no name here: ask this computer's administrator."
        return f"Join the group with access: `sudo usermod -aG {group} $USER`, then log out and in again."
    return (
        "No group has access: this system has no rule for serial ports. Until the board is unplugged, `sudo "
        "chmod a+rw {device}` gives everybody access. To make it permanent, install your system's udev "
        "rules."
    )
