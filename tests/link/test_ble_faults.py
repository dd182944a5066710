"""Every failure that bleak is known to raise has its reason, and its remedy in words."""

from __future__ import annotations

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
)
from bleak_retry_connector import BleakNotFoundError

from twitchwatch.errors import DeviceReason, Exit
from twitchwatch.link.ble_faults import device_error, reason_of


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BleakDBusError("org.bluez.Error.InProgress", ["Operation already in progress"]), DeviceReason.BUSY),
        (BleakDBusError("org.bluez.Error.NotReady", ["Resource Not Ready"]), DeviceReason.ADAPTER_OFF),
        (BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", [""]), DeviceReason.SERVICE_DOWN),
        (BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", [""]), DeviceReason.NOT_ALLOWED),
        (BleakDBusError("org.freedesktop.DBus.Error.UnknownObject", [""]), DeviceReason.OUT_OF_REACH),
        (BleakError("adapter 'hci3' not found"), DeviceReason.NO_ADAPTER),
        (BleakError("failed to discover services, device disconnected"), DeviceReason.LINK_LOST),
        (BleakDeviceNotFoundError("AA", "Device with address AA was not found."), DeviceReason.OUT_OF_REACH),
        (BleakCharacteristicNotFoundError("7c0e"), DeviceReason.STALE),
        (caused(BleakNotFoundError("Failed to connect"), TimeoutError()), DeviceReason.NO_ANSWER),
        (
            caused(BleakError("failed"), BleakDBusError("org.bluez.Error.InProgress", [""])),
            DeviceReason.BUSY,
        ),
        (TimeoutError(), DeviceReason.NO_ANSWER),
        (FileNotFoundError("/run/dbus/system_bus_socket"), DeviceReason.SERVICE_DOWN),
        (EOFError(), DeviceReason.SERVICE_DOWN),
        (BleakError("br-connection-unknown"), DeviceReason.OTHER),
        *(
            (BleakBluetoothNotAvailableError("No.", reason), expected)
            for reason, expected in (
                (BleakBluetoothNotAvailableReason.NO_BLUETOOTH, DeviceReason.NO_ADAPTER),
                (BleakBluetoothNotAvailableReason.POWERED_OFF, DeviceReason.ADAPTER_OFF),
                (BleakBluetoothNotAvailableReason.DENIED_BY_USER, DeviceReason.NOT_ALLOWED),
            )
        ),
    ],
)
def test_the_reason_is_reported(error: Exception, reason: DeviceReason) -> None:
    assert reason_of(error) is reason
    ours = device_error("Could not connect to ring", error)
    assert ours.reason is reason
    assert ours.exit_code is Exit.DEVICE
    message = str(ours)
    assert message.startswith("Could not connect to ring: ")
    assert message.endswith(".")
    assert ".." not in message
    assert "(" not in message.removeprefix("Could not connect to ring: ")[:1]


def test_every_reason_of_unavailability_is_known() -> None:
    for reason in BleakBluetoothNotAvailableReason:
        reason_of(BleakBluetoothNotAvailableError("No.", reason))
