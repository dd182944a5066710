"""The GATT services: their layout is frozen; a new layout gets a new UUID.

MicroPython sends no Service Changed indication, and hosts cache what they have discovered. Ours comes first,
so that its handles do not depend on the standard ones (numbers: Bluetooth SIG, Assigned Numbers, 3.4, 3.8).
"""

SERVICE_UUID = "7c9e0001-5d1f-4b63-9a1e-52f0c3a8e4d1"
# Host to device: write, with or without response.
RX_UUID = "7c9e0002-5d1f-4b63-9a1e-52f0c3a8e4d1"
# Device to host: notify.
TX_UUID = "7c9e0003-5d1f-4b63-9a1e-52f0c3a8e4d1"

DEVICE_INFORMATION = 0x180A
MANUFACTURER_NAME = 0x2A29
MODEL_NUMBER = 0x2A24
SERIAL_NUMBER = 0x2A25
FIRMWARE_REVISION = 0x2A26
HARDWARE_REVISION = 0x2A27

BATTERY = 0x180F
BATTERY_LEVEL = 0x2A19
