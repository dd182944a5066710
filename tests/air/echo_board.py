"""A board's program for the tests of the air: it does what is written to it.

echo ... notifies the rest back; burst N notifies N numbered values; the other orders are below.
"""

import errno
import sys

sys.path.insert(0, sys.argv[1])

import air
import bluetooth

SERVICE = bluetooth.UUID("7c0e0001-2f5a-4b1e-9d6b-6f1f2a3b4c5d")
ORDERS = (
    bluetooth.UUID("7c0e0002-2f5a-4b1e-9d6b-6f1f2a3b4c5d"),
    bluetooth.FLAG_WRITE | bluetooth.FLAG_WRITE_NO_RESPONSE,
)
ANSWERS = (
    bluetooth.UUID("7c0e0003-2f5a-4b1e-9d6b-6f1f2a3b4c5d"),
    bluetooth.FLAG_READ | bluetooth.FLAG_NOTIFY | bluetooth.FLAG_INDICATE,
)
SMALL = (bluetooth.UUID("7c0e0004-2f5a-4b1e-9d6b-6f1f2a3b4c5d"), bluetooth.FLAG_READ | bluetooth.FLAG_WRITE)

ble = bluetooth.BLE()
inbox = []
seen = {}
kept = None


def on_event(event, data):
    global kept
    seen[event] = tuple(data)
    if event == 1:
        kept = data[2]
        air.report({"connected": data[0], "peer": bytes(data[2]).hex()})
    elif event == 2:
        air.report({"disconnected": data[0]})
        advertise()
    elif event == 3:
        handle = data[1]
        value = ble.gatts_read(handle)
        if value == b"raise":
            raise ValueError("a handler that does not catch")
        inbox.append((data[0], handle, value))
    elif event == 4 and denied:
        return 0x80
    elif event == 20:
        air.report({"status": data[2]})
    elif event != 4:
        air.report({"event": event, "data": list(data)})
    return None


def advertise():
    payload = b"\x02\x01\x06" + bytes([17, 7]) + bytes(SERVICE)
    ble.gap_advertise(20000, adv_data=payload, resp_data=b"\x05\x09ECHO", connectable=True)


def start():
    global orders, answers, small
    ble.active(True)
    ble.config(gap_name="ECHO", mtu=247)
    ble.irq(on_event)
    ((orders, answers, small),) = ble.gatts_register_services(((SERVICE, (ORDERS, ANSWERS, SMALL)),))
    ble.gatts_set_buffer(orders, 244)
    ble.gatts_write(answers, b"hello")
    advertise()


def notify(connection, value):
    """Notify, waiting while the buffers are full; returns how often it had to wait."""
    waits = 0
    while True:
        try:
            ble.gatts_notify(connection, answers, value)
            return waits
        except OSError as error:
            if error.errno != errno.ENOMEM:
                raise
            waits += 1
            bluetooth.pump(2)


def error_of(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except OSError as error:
        return error.errno
    return 0


def obey(connection, handle, value):
    global denied
    order, _, rest = value.partition(b" ")
    if handle == small:
        air.report({"small": value.decode()})
    elif order == b"echo":
        notify(connection, rest)
    elif order == b"burst":
        count, size = [int(x) for x in rest.split()]
        filling = bytes(size - 4)
        waits = 0
        for number in range(count):
            waits += notify(connection, number.to_bytes(4, "little") + filling)
        air.report({"waits": waits})
    elif order == b"indicate":
        ble.gatts_indicate(connection, answers, rest)
    elif order == b"deny":
        denied = True
    elif order == b"cycle":
        for _ in range(int(rest)):
            ble.active(False)
            start()
        air.report({"cycled": int(rest)})
    elif order == b"errors":
        air.report(
            {
                "gone": error_of(ble.gatts_notify, connection + 1, answers, b"x"),
                "handle": error_of(ble.gatts_read, 999),
                "frozen": error_of(ble.gatts_register_services, ()),
                "long": error_of(ble.gap_advertise, 100000, adv_data=bytes(32)),
                "address": bytes(kept).hex(),
                "name": ble.config("gap_name").decode(),
                "mac": ble.config("mac")[1].hex(),
            }
        )
    elif order == b"append":
        ble.gatts_set_buffer(small, 8, True)
    elif order == b"off":
        ble.active(False)
        air.report({"off": error_of(ble.gatts_notify, connection, answers, b"x"), "on": bluetooth.radio_on()})
        start()


denied = False
start()
while True:
    bluetooth.pump(1000)
    while inbox:
        obey(*inbox.pop(0))
