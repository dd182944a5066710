"""A board's program: our service as a firmware might have had it, with other handles than today's.

older_firmware.py FOLDER_OF_THE_BLUETOOTH_MODULE
"""

import sys

sys.path.insert(0, sys.argv[1])

import bluetooth

from shared.protocol.service import RX_UUID, SERVICE_UUID, TX_UUID

BATTERY = (bluetooth.UUID(0x180F), ((bluetooth.UUID(0x2A19), bluetooth.FLAG_READ),))
OTHER = (bluetooth.UUID("7c0e0009-2f5a-4b1e-9d6b-6f1f2a3b4c5d"), bluetooth.FLAG_READ)
OURS = (
    bluetooth.UUID(SERVICE_UUID),
    (
        OTHER,
        (bluetooth.UUID(TX_UUID), bluetooth.FLAG_NOTIFY),
        (bluetooth.UUID(RX_UUID), bluetooth.FLAG_WRITE),
    ),
)

ble = bluetooth.BLE()
ble.active(True)
ble.gatts_register_services((BATTERY, OURS))
ble.gap_advertise(100000, adv_data=b"\x02\x01\x06\x11\x07" + bytes(bluetooth.UUID(SERVICE_UUID)))
while True:
    bluetooth.pump(1000)
