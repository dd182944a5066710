"""What may keep the radio from working: the chip's own failures, as the rig orders them."""

import bluetooth
import world
from chip import column
from faults import fault


def _start() -> None:
    broken = fault("radio_raises")
    if broken is not None:
        # A release that panics where others raise does so; `errno` asks for one that every release raises.
        how = column["ble.active_failure"]
        number = broken.get("errno")
        if number is None and how == "panic":
            world.reset("panic")
        raise OSError(number or int(how.split()[1]))
    if fault("radio_panics") is not None:
        world.reset("panic")
    if fault("radio_browns_out") is not None:
        world.reset("brown_out")


bluetooth.before_start = _start
bluetooth.loses_end = lambda: fault("disconnect_lost") is not None
