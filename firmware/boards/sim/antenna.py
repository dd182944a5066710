"""What can keep the radio from working: the chip's own failures, as requested by the rig."""

import bluetooth
import memory
import world
from chip import column
from faults import fault


def _start() -> None:
    broken = fault("radio_raises")
    if broken is not None:
        if "errno" in broken:
            raise OSError(broken["errno"])
        _fail()
    if fault("radio_panics") is not None:
        world.reset("panic")
    if fault("radio_browns_out") is not None:
        world.reset("brown_out")
    if not memory.radio(True):
        _fail()


def _fail() -> None:
    how = column["ble.active_failure"]
    if how == "panic":
        world.reset("panic")
    raise OSError(int(how.split()[1]))


bluetooth.before_start = _start
bluetooth.after_stop = lambda: memory.radio(False)
bluetooth.loses_end = lambda: fault("disconnect_lost") is not None
