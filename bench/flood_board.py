"""Run by MicroPython: a board that notifies as fast as the air takes it, as soon as it is written to.

The measure of what a link can carry at all: the same radio, the same wire to it, and nothing else to do.
"""

import errno
import sys

_HERE = __file__.rsplit("/", 1)[0]
_FIRMWARE = _HERE + "/../firmware"
sys.path[:] = [_FIRMWARE + "/boards/sim", _FIRMWARE, _FIRMWARE + "/..", ".frozen"]

import bluetooth  # noqa: E402

from shared.protocol.service import RX_UUID, SERVICE_UUID, TX_UUID  # noqa: E402

PIECES = int(sys.argv[1])
PIECE = bytes(range(244))

ble = bluetooth.BLE()
asked = []


def on_event(event, data):
    if event == 3:
        asked.append(data[0])


ble.active(True)
ble.config(gap_name="flood", mtu=247)
ble.irq(on_event)
rx = (bluetooth.UUID(RX_UUID), bluetooth.FLAG_WRITE)
tx = (bluetooth.UUID(TX_UUID), bluetooth.FLAG_NOTIFY)
((_, handle),) = ble.gatts_register_services(((bluetooth.UUID(SERVICE_UUID), (rx, tx)),))
uuid = bytes(bluetooth.UUID(SERVICE_UUID))
ble.gap_advertise(20000, adv_data=b"\x02\x01\x06" + bytes((len(uuid) + 1, 0x07)) + uuid)
while not asked:
    bluetooth.pump(100)
left = PIECES
while left:
    try:
        ble.gatts_notify(asked[0], handle, PIECE)
        left -= 1
    except OSError as error:
        if error.errno != errno.ENOMEM:
            raise
        bluetooth.pump(2)
while True:
    bluetooth.pump(1000)
