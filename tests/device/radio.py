"""Run by MicroPython: the radio and its rendezvous over a Bluetooth stack that fails in every way it can.

    micropython radio.py SCENARIO

Time passes in steps of a second. Nothing may raise. Prints a line of JSON for each case.
"""

import json
import sys

import micropython


class Stack:
    """Stands for `bluetooth.BLE`: extmod/modbluetooth.c and extmod/nimble/modbluetooth_nimble.c, v1.28.0.

    `broken`: method -> what it raises, or what it returns. While inactive all raise OSError, except
    `gatts_read`, whose error is not looked at there: it gives b"".
    """

    broken = None
    powered = False
    advertising = False
    handler = None
    # Of the fuzz: any method may fail any time.
    dice = None
    written = b""
    # Set anew by every `Ring`.
    notified = switched_on = marked = None

    def _check(self, name):
        if Stack.dice is not None and Stack.dice.below(60) == 0:
            raise (OSError(5), OSError(-128), MemoryError(), ValueError("x"))[Stack.dice.below(4)]
        if name in Stack.broken:
            what = Stack.broken[name]
            if isinstance(what, Exception):
                raise what
            return what
        if not Stack.powered and name not in ("active(True)", "active(False)", "irq", "gatts_read"):
            raise OSError(19)
        return None

    def active(self, on):
        if on:
            # Switched off first if it was on.
            Stack.powered = Stack.advertising = False
            Stack.switched_on.append(now_us // 1000000)
            Stack.marked = (marks.get("radio"), marks.get("radio_failures"))
            self._check("active(True)")
            Stack.powered = True
        else:
            self._check("active(False)")
            Stack.powered = Stack.advertising = False
        return Stack.powered

    def config(self, **values):
        self._check("config")

    def irq(self, handler):
        self._check("irq")
        Stack.handler = handler

    def gatts_register_services(self, services):
        self._check("gatts_register_services")
        return ((16, 18), (21, 23, 25, 27, 29), (32,))

    def gatts_set_buffer(self, handle, length, append):
        self._check("gatts_set_buffer")

    def gatts_write(self, handle, data, send_update=False):
        self._check("gatts_write")
        return len(data)

    def gatts_read(self, handle):
        self._check("gatts_read")
        data, Stack.written = Stack.written, b""
        return data

    def gatts_notify(self, connection, handle, data):
        self._check("gatts_notify")
        Stack.notified.append(bytes(data))

    def gap_advertise(self, interval_us, adv_data=None, resp_data=None):
        self._check("gap_advertise")
        Stack.advertising = True

    def gap_disconnect(self, connection):
        return self._check("gap_disconnect")


class _Bluetooth:
    BLE = Stack
    FLAG_READ, FLAG_WRITE_NO_RESPONSE, FLAG_WRITE, FLAG_NOTIFY = 2, 4, 8, 16

    @staticmethod
    def UUID(value):  # noqa: N802
        return bytes(16)


class Chip:
    """Stands for `esp32`: ports/esp32/modesp32.c, v1.28.0. One region, of which the radio takes a part."""

    HEAP_DATA = 4
    RADIO_BYTES = 32560
    free = largest = 60000

    @staticmethod
    def idf_heap_info(capabilities):
        taken = Chip.RADIO_BYTES if Stack.powered else 0
        return [(150000, Chip.free - taken, Chip.largest - taken, 0)]


sys.modules["bluetooth"] = _Bluetooth
sys.modules["esp32"] = Chip

from dice import Dice  # noqa: E402

from shared.protocol.device_handshake import DeviceHandshake  # noqa: E402
from shared.protocol.framing import FrameReader, encode_frame  # noqa: E402
from shared.protocol.messages import HELLO, PROTOCOL, REFUSED, pack  # noqa: E402
from shared.protocol.session import DeviceSession  # noqa: E402
from twitchband.memory import Memory  # noqa: E402
from twitchband.radio import Radio  # noqa: E402
from twitchband.rendezvous import Rendezvous  # noqa: E402

CONNECT, DISCONNECT, WRITE, MTU = 1, 2, 3, 21
STEP_US = 1000000
ERRORS = (
    OSError(5),
    OSError(116),
    OSError(12),
    OSError(-128),
    ValueError("x"),
    TypeError("x"),
    MemoryError("none left"),
)
STARTING = (
    "active(True)",
    "config",
    "irq",
    "gatts_register_services",
    "gatts_set_buffer",
    "gatts_write",
    "gap_advertise",
)
now_us = 0


class Marks:
    """NVS, in memory."""

    def __init__(self, **known):
        self._known = known

    def get(self, name):
        return self._known.get(name, 0)

    def set(self, name, value):
        self._known[name] = value


class Nobody:
    """No host is paired."""

    def key(self, host_id):
        return None


marks = Marks()


class Ring:
    """Radio, session and rendezvous, turned as `app.py` turns them."""

    def __init__(self, **known):
        global marks, now_us
        marks = Marks(**known)
        now_us = 0
        Stack.broken = {}
        Stack.dice = None
        Stack.powered = Stack.advertising = False
        Stack.switched_on, Stack.notified = [], []
        handshake = DeviceHandshake(Nobody(), b"id", None, bytes)
        self.session = DeviceSession(None, ("id", "ring"), 1, lambda: now_us, handshake, None)
        self.radio = Radio(self.session, "ring", ("id", "1", "sim"), marks, Memory())
        self.meeting = Rendezvous(self.radio, self.session, {"rendezvous_s": 600, "listen_s": 15})

    def turn(self, live=False):
        global now_us
        now_us += STEP_US
        meeting = self.meeting
        if meeting.open:
            meeting.go_on(now_us, live)
        elif meeting.is_due(now_us, live, False):
            meeting.begin(now_us, live)

    def until(self, second, live=False):
        while now_us < second * 1000000:
            self.turn(live)

    def answers(self):
        """Whether an unpaired computer that connects now is refused, which takes all of the radio."""
        if not Stack.advertising:
            return False
        Stack.handler(CONNECT, (64, 0, b"\0" * 6))
        Stack.handler(MTU, (64, 247))
        self.turn(True)
        Stack.written = encode_frame(HELLO, pack(HELLO, PROTOCOL, 7) + bytes(16))
        Stack.handler(WRITE, (64, 16))
        Stack.notified = []
        for _ in range(40):
            self.turn(True)
        frames = FrameReader().feed(b"".join(Stack.notified))
        Stack.handler(DISCONNECT, (64, 0, b"\0" * 6))
        self.turn(True)
        return [kind for kind, _ in frames] == [REFUSED]


def starts():
    """Each call of the start fails in each way, for five hours; then the radio heals."""
    for name in STARTING:
        for error in ERRORS:
            ring = Ring()
            Stack.broken = {name: error}
            ring.until(5 * 3600)
            reported = {
                "what": f"{name} {error!r}",
                "tried": [at - Stack.switched_on[0] for at in Stack.switched_on],
                "failures": ring.radio.failures,
                "fault": ring.radio.fault,
                "off": not (ring.radio.on or Stack.powered),
                "marks": [marks.get("radio"), Stack.marked],
            }
            Stack.broken = {}
            ring.until(6 * 3600 + 60)
            ring.until(6 * 3600 + 1300, True)
            reported["healed"] = [ring.radio.fault, ring.answers()]
            print(json.dumps(reported))


def meetings():
    """A call fails in the middle of a live session; once it heals the ring is there again."""
    for name in ("gatts_read", "gatts_notify", "gap_advertise", "gatts_write"):
        for error in ERRORS:
            ring = Ring()
            ring.until(5, True)
            assert ring.answers()
            Stack.broken = {name: error}
            ring.answers()
            ring.until(100, True)
            failed = ring.radio.failures
            Stack.broken = {}
            ring.until(400, True)
            print(json.dumps({"what": f"{name} {error!r}", "failed": failed, "healed": ring.answers()}))


def endings():
    """A host stops sending, and whatever the stack reports of its link, no event marks its end."""
    for said in (True, False) + ERRORS:  # noqa: RUF005
        ring = Ring()
        ring.until(5, True)
        Stack.broken = {"gap_disconnect": said}
        Stack.handler(CONNECT, (64, 0, b"\0" * 6))
        Stack.advertising = False
        began_s = now_us // 1000000
        while len(Stack.switched_on) == 1 and now_us < 300000000:
            ring.turn(True)
        reported = {"what": repr(said), "after_s": now_us // 1000000 - began_s, "fault": ring.radio.fault}
        Stack.broken = {}
        reported["healed"] = [ring.answers(), ring.radio.fault]
        print(json.dumps(reported))


def stops():
    """The radio cannot be switched off; the next rendezvous begins all the same."""
    for error in ERRORS:
        ring = Ring()
        # Once it has been seen how much memory the radio takes.
        ring.until(100)
        Stack.switched_on = []
        ring.until(605)
        Stack.broken = {"active(False)": error}
        ring.until(900)
        reported = {"what": repr(error), "on": ring.radio.on, "fault": ring.radio.fault}
        Stack.broken = {}
        ring.until(1205)
        reported["begun_s"] = Stack.switched_on
        reported["fault then"] = ring.radio.fault
        print(json.dumps(reported))


def starved():
    """Python's heap takes what the radio needs, in sum or in one piece, for an hour."""
    for free, largest in ((60000, 60000), (32559, 32559), (0, 0), (60000, 7679), (32560, 32560)):
        Chip.free = Chip.largest = 60000
        ring = Ring()
        ring.until(900)
        Stack.switched_on = []
        Chip.free, Chip.largest = free, largest
        ring.until(4500)
        reported = {
            "free": free,
            "largest": largest,
            "met": len(Stack.switched_on),
            "fault": ring.radio.fault,
        }
        reported["starved"], reported["failures"] = ring.radio.starved, ring.radio.failures
        Chip.free = Chip.largest = 60000
        ring.until(5110)
        reported["healed"] = [Stack.switched_on[-1] > 4500, ring.radio.fault, ring.radio.starved]
        print(json.dumps(reported))


def killed():
    """The chip fell over while the radio started, this many times in a row: when it is tried again."""
    for times in (1, 2, 3, 4, 4000000000):
        ring = Ring(radio_failures=times)
        fault = ring.radio.fault
        ring.until(2 * 3600)
        left = marks.get("radio_failures")
        print(
            json.dumps(
                {
                    "times": times,
                    "tried": Stack.switched_on[0],
                    "left": left,
                    "faults": [fault, ring.radio.fault],
                }
            )
        )


def events():
    """Each event with whatever may come with it; those that a stack sends, while nothing can be allocated."""
    ring = Ring()
    ring.until(5, True)
    caught = []
    for number in range(40):
        for data in ((), (1,), None, 7, (1, 2, 3, 4, 5), ("x", b"y")):
            before = ring.radio.faults
            Stack.handler(number, data)
            if ring.radio.faults > before:
                caught.append([number, repr(data)])
    ring = Ring()
    ring.until(5, True)
    sent = (CONNECT, (64, 0, bytes(6))), (MTU, (64, 247)), (WRITE, (64, 16)), (DISCONNECT, (64, 0, bytes(6)))
    micropython.heap_lock()
    try:
        for number, data in sent:
            Stack.handler(number, data)
    finally:
        micropython.heap_unlock()
    print(json.dumps({"caught": caught, "locked": ring.radio.faults, "healed": ring.answers()}))


def hostile():
    """Any event with anything in it, any failure, at any time."""
    dice = Dice(7)
    ring = Ring()
    meetings = 0
    for _ in range(40000):
        Stack.switched_on, Stack.notified = [], []
        Stack.dice = dice if dice.below(3) else None
        if Stack.handler is not None and dice.below(2):
            event = dice.below(32)
            data = ((), None, (-1,), (0xFFFF, 0), (64, dice.below(300) - 5, b""), ("x", "y"), 7)[
                dice.below(7)
            ]
            Stack.handler(event, data)
        if dice.below(3) == 0:
            Stack.written = bytes([dice.below(256) for _ in range(dice.below(80))])
        ring.radio.show(dice.below(256), dice.below(101))
        was = ring.meeting.open
        ring.turn(dice.below(4) == 0)
        meetings += ring.meeting.open and not was
    Stack.dice = None
    ring.until(now_us // 1000000 + 3700, True)
    print(
        json.dumps(
            {
                "meetings": meetings,
                "failures": ring.radio.failures,
                "caught": ring.radio.faults,
                "healed": ring.answers(),
            }
        )
    )


{
    "starts": starts,
    "meetings": meetings,
    "endings": endings,
    "stops": stops,
    "starved": starved,
    "killed": killed,
    "events": events,
    "hostile": hostile,
}[sys.argv[1]]()
