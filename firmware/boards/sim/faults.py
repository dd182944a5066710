"""What is broken in this run: a list of the rig's, {"fault": NAME, "from_us": .., "until_us": .., ...}.

Both times may be missing. What each name does, and what more it takes, is in docs/testing.md.
"""

import world

_NAMES = (
    "radio_raises",
    "radio_panics",
    "radio_browns_out",
    "disconnect_lost",
    "nvs_refuses",
    "nvs_corrupt",
    "nvs_full",
    "flash_fails",
    "flash_full",
    "int1_low",
    "int1_high",
    "sleep_returns",
    "deepsleep_refused",
    "button_stuck",
    "i2c_low",
    "sensor_silent",
    "sensor_away",
    "sensor_rate",
    "register",
    "memory",
    "heap",
    "usb_half",
    "battery",
)
_FOR_EVER = 1 << 62


def _sorted() -> dict:  # type: ignore[type-arg]
    found = {}
    for fault in world.config.get("faults", []):
        name = fault["fault"]
        if name not in _NAMES:
            raise ValueError(f"no fault is called {name}")
        found.setdefault(name, []).append(fault)
    return found


_faults = _sorted()


def fault(name: str) -> "dict | None":  # type: ignore[type-arg]
    """The fault of this name that is active now, if any. Allocates nothing."""
    if name in _faults:
        for one in _faults[name]:
            if is_now(one):
                return one
    return None


def is_now(one: dict) -> bool:  # type: ignore[type-arg]
    """Whether this fault is active now."""
    return one.get("from_us", 0) <= world.now_us() < one.get("until_us", _FOR_EVER)


def all_of(name: str) -> list:  # type: ignore[type-arg]
    """Every fault of this name, whenever."""
    return _faults.get(name, [])  # type: ignore[no-any-return]


def changes(name: str, after_us: int, before_us: int) -> int:
    """The first moment between the two at which a fault of this name begins or ends; else `before_us`."""
    for one in all_of(name):
        for at_us in (one.get("from_us", 0), one.get("until_us", _FOR_EVER)):
            if after_us < at_us < before_us:
                before_us = at_us
    return before_us
