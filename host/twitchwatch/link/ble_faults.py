"""Errors of bleak and the underlying systems, as a reason and as a message with a remedy."""

from __future__ import annotations

import sys

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
)
from bleak_retry_connector import BleakNotFoundError, BleakOutOfConnectionSlotsError

from twitchwatch.errors import DeviceError, DeviceReason

# Everything that a call into bleak may raise because of a fault: besides its own errors those of the
# bus below (a socket that is closed: OSError, EOFError) and, while bluetoothd takes its objects away under a
# call in progress, KeyError and AttributeError (bleak-retry-connector retries the same ones).
FAILURES = (BleakError, OSError, EOFError, TimeoutError, KeyError, AttributeError)

_NOT_AVAILABLE = {
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: DeviceReason.NO_ADAPTER,
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: DeviceReason.NO_ADAPTER,
    BleakBluetoothNotAvailableReason.POWERED_OFF: DeviceReason.ADAPTER_OFF,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: DeviceReason.NOT_ALLOWED,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: DeviceReason.NOT_ALLOWED,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: DeviceReason.NOT_ALLOWED,
    BleakBluetoothNotAvailableReason.UNKNOWN: DeviceReason.NO_ADAPTER,
}

# Names of D-Bus errors: BlueZ's own (doc/org.bluez.Adapter.rst, org.bluez.Device.rst) and the bus' (D-Bus
# specification, dbus-protocol.h).
_DBUS = {
    "org.bluez.Error.InProgress": DeviceReason.BUSY,
    "org.bluez.Error.NotReady": DeviceReason.ADAPTER_OFF,
    "org.bluez.Error.NotAuthorized": DeviceReason.NOT_ALLOWED,
    "org.bluez.Error.NotPermitted": DeviceReason.NOT_ALLOWED,
    "org.bluez.Error.NotConnected": DeviceReason.LINK_LOST,
    "org.bluez.Error.DoesNotExist": DeviceReason.OUT_OF_REACH,
    "org.bluez.Error.ConnectionAttemptFailed": DeviceReason.NO_ANSWER,
    "org.freedesktop.DBus.Error.UnknownObject": DeviceReason.OUT_OF_REACH,
    "org.freedesktop.DBus.Error.AccessDenied": DeviceReason.NOT_ALLOWED,
    "org.freedesktop.DBus.Error.ServiceUnknown": DeviceReason.SERVICE_DOWN,
    "org.freedesktop.DBus.Error.NameHasNoOwner": DeviceReason.SERVICE_DOWN,
    "org.freedesktop.DBus.Error.NoReply": DeviceReason.SERVICE_DOWN,
    "org.freedesktop.DBus.Error.Disconnected": DeviceReason.SERVICE_DOWN,
}

# Words of errors that have no type of their own, from bleak's and BlueZ's sources; the first that fits.
_WORDS = (
    ("inprogress", DeviceReason.BUSY),
    ("already in progress", DeviceReason.BUSY),
    ("adapter '", DeviceReason.NO_ADAPTER),
    ("turned off", DeviceReason.ADAPTER_OFF),
    ("not connected", DeviceReason.LINK_LOST),
    ("disconnected", DeviceReason.LINK_LOST),
    ("not found", DeviceReason.OUT_OF_REACH),
)

_LINUX = {
    DeviceReason.NO_ADAPTER: "Plug in a Bluetooth adapter; `rfkill list` shows whether one is switched off.",
    DeviceReason.ADAPTER_OFF: "Switch it on: `bluetoothctl power on` (after `rfkill unblock bluetooth`).",
    DeviceReason.SERVICE_DOWN: "Start the Bluetooth service: `sudo systemctl start bluetooth`.",
    DeviceReason.NOT_ALLOWED: "Join the group with access: `sudo usermod -aG bluetooth $USER`; log in again.",
}
_ELSEWHERE = {
    DeviceReason.NO_ADAPTER: "Plug in a Bluetooth adapter, or enable it in the system's device settings.",
    DeviceReason.ADAPTER_OFF: "Switch Bluetooth on in the system's settings.",
    DeviceReason.SERVICE_DOWN: "Switch Bluetooth off and on in the system's settings.",
    DeviceReason.NOT_ALLOWED: "Allow this program (or its terminal) Bluetooth in the privacy settings.",
}
_EVERYWHERE = {
    DeviceReason.BUSY: "Another connection is being set up. This one is tried again.",
    DeviceReason.OUT_OF_REACH: "Bring the sensor nearer. It is tried again as soon as it advertises.",
    DeviceReason.NO_ANSWER: "Bring the sensor nearer. The connection is tried again.",
    DeviceReason.LINK_LOST: "The connection is tried again as soon as the sensor advertises.",
    DeviceReason.STALE: "The system's cached data of the sensor is deleted; the connection is tried again.",
    DeviceReason.OTHER: "It is tried again.",
}


def reason_of(error: BaseException) -> DeviceReason:
    """Why a call into bleak failed: the most informative of the error and its causes."""
    reported: BaseException | None = error
    while reported is not None:
        reason = _reason(reported)
        if reason is not DeviceReason.OTHER:
            return reason
        reported = reported.__cause__
    return DeviceReason.OTHER


def device_error(what: str, error: BaseException) -> DeviceError:
    """Our own error for a failure of `what` with this error, with its reason and a remedy."""
    reason = reason_of(error)
    remedies = _EVERYWHERE | (_LINUX if sys.platform == "linux" else _ELSEWHERE)
    return DeviceError(f"{what}: {_reported(error)}. {remedies[reason]}", reason)


def _reason(error: BaseException) -> DeviceReason:
    if isinstance(error, BleakBluetoothNotAvailableError):
        return _NOT_AVAILABLE[error.reason]
    if isinstance(error, BleakDBusError) and error.dbus_error in _DBUS:
        return _DBUS[error.dbus_error]
    if isinstance(error, BleakCharacteristicNotFoundError):
        return DeviceReason.STALE
    if isinstance(error, BleakOutOfConnectionSlotsError):
        return DeviceReason.BUSY
    if isinstance(error, BleakDeviceNotFoundError):
        return DeviceReason.OUT_OF_REACH
    if isinstance(error, TimeoutError):
        return DeviceReason.NO_ANSWER
    # No socket of the system bus, no service behind it, or one that closes: no D-Bus here, or it restarts.
    if isinstance(error, FileNotFoundError | ConnectionRefusedError | ConnectionResetError | EOFError):
        return DeviceReason.SERVICE_DOWN
    if isinstance(error, BleakError):
        words = str(error).lower()
        for part, reason in _WORDS:
            if part in words:
                # bleak-retry-connector's own error also says "not found" for a time-out; its cause is
                # precise.
                if isinstance(error, BleakNotFoundError) and isinstance(error.__cause__, TimeoutError):
                    return DeviceReason.NO_ANSWER
                return reason
    return DeviceReason.OTHER


def _reported(error: BaseException) -> str:
    # A bleak error of several arguments prints as a tuple; its words come first or, behind a code, last.
    words = next((part for part in getattr(error, "args", ()) if isinstance(part, str) and part), "")
    if isinstance(error, BleakDBusError):
        words = str(error)
    return (words or type(error).__name__).rstrip(". ")
