"""The battery's level, from its voltage."""

import board

# One LiPo cell under a small load at room temperature, in mV for 0, 10, .. 100 %: rounded, as cells differ by
# ten per cent anyway. Its end is where the board switches itself off.
_CURVE_MV = (3300, 3610, 3690, 3730, 3770, 3800, 3840, 3900, 3970, 4060, 4160)
UNKNOWN = 255
NOT_MEASURED_MV = 65535


def percent(cell_mv: int) -> int:
    """0 to 100, or UNKNOWN if the voltage is not measured."""
    if cell_mv == NOT_MEASURED_MV:
        return UNKNOWN
    if cell_mv <= _CURVE_MV[0]:
        return 0
    for i in range(10):
        low_mv, high_mv = _CURVE_MV[i], _CURVE_MV[i + 1]
        if cell_mv < high_mv:
            return 10 * i + 10 * (cell_mv - low_mv) // (high_mv - low_mv)
    return 100


def is_empty(settings: dict) -> bool:  # type: ignore[type-arg]
    """Whether the board must switch itself off."""
    return board.battery_mv() < settings["low_battery_mv"] and not board.usb_powered()
