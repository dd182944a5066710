"""Both machines of the link over a wire that does to them whatever a wire, a battery or a kill can do.

Time is virtual and chance is a seeded number, so every run can be had again. It runs under CPython and
under MicroPython, and gives the same outcome in both.
"""

import sys

from tests.protocol.chance import (
    CORRUPT,
    DROP,
    DUPLICATE,
    PIECE_FAULTS,
    REBOOT,
    REORDER,
    SILENT_KILL,
    SILENT_REBOOT,
    TRUNCATE,
    Chance,
    Planned,
)
from tests.protocol.ends import FLUSH_AFTER_S, Database, FlashLog, Hosts, require

if sys.implementation.name == "micropython":
    from shared.protocol import actions, records, sync
    from shared.protocol import host_states as states
    from shared.protocol.device_handshake import DeviceHandshake
    from shared.protocol.session import DeviceSession
    from twitchband.cipher import aes_ctr
else:
    from twitchwatch.link.cipher import aes_ctr
    from twitchwatch.shared.protocol import actions, records, sync
    from twitchwatch.shared.protocol import host_states as states
    from twitchwatch.shared.protocol.device_handshake import DeviceHandshake
    from twitchwatch.shared.protocol.session import DeviceSession

HARDWARE_ID = "24ec4a0011aa"
HOST_ID = 7

LATENCY_S = 0.015
LATE_S = 0.06
PIECE_EVERY_S = 0.01
RECONNECT_S = 1.0
# Longer than the engine's patience several times over; a night on a hopeless wire.
RENDEZVOUS_LIMIT_S = 900.0


class CutError(Exception):
    """This connection is over for the host."""


class World:
    """A device with a log, hosts with a database each, and the wire between the device and one of them."""

    def __init__(
        self,
        faults=None,
        backlog=40,
        capacity=0,
        piece_bytes=244,
        later=(),
        spoiled=(),
        boots_apart=0,
        hosts=1,
        changes=(),
    ):
        self.now = 1000.0
        self.faults = faults or Planned({})
        self.steps = 0
        self.connections = 0
        self.ends = []
        self.piece_every_s = PIECE_EVERY_S
        self._piece_bytes = piece_bytes
        self._later = list(later)
        self._to_host = []
        self._to_device = []
        self._radio_free_s = 0.0
        self._live = False
        self.log = FlashLog(lambda: self.now, capacity, boots_apart)
        for i in range(backlog):
            self._log_something(i, FLUSH_AFTER_S)
        for index in spoiled:
            self.log.spoil(index)
        self.host_ids = [HOST_ID + i for i in range(hosts)]
        self.databases = {host_id: Database(lambda: self.now) for host_id in self.host_ids}
        self.host_id = HOST_ID
        self.let_go = {host_id: set() for host_id in self.host_ids}
        self.log.committed = self._committed
        self.hosts = Hosts(self.log, lambda: self.now, self.host_ids)
        self._chance = Chance(99)
        self._changes = list(changes)
        self.settings = {}
        self.engine = None
        self._power_up()

    def _log_something(self, i, age_s):
        if i % 5 == 0:
            body = (i, i * 40, 104000, 122000, 32, 1)
            self.log.append(records.SNIPPET, body, Chance(i).take(102), age_s)
        elif i % 5 == 1:
            self.log.append(
                records.EVENT, (records.TWITCH, 2, 0, 0, i * 40, 61, 9100, 420, 77, 0, 255), b"", age_s
            )
        elif i % 5 == 2:
            self.log.append(records.TREMOR, (i * 40, 8000, 4500, 300, 21000, 40000, 36, 0, 0), b"", age_s)
        elif i % 5 == 3:
            body = (
                i,
                58000,
                2000,
                0,
                0,
                410,
                0,
                3,
                0,
                0,
                1,
                -3,
                12,
                998,
                3900,
                3120,
                records.WORN,
                0,
                0,
                3,
                1,
                0,
                0,
                0,
                2,
                161,
                52000,
            )
            self.log.append(records.EPOCH, body, b"", age_s)
        else:
            self.log.append(records.MARK, (1,), b"", age_s)

    @property
    def database(self):
        """Of the host whose turn it is."""
        return self.databases[self.host_id]

    def _committed(self):
        reached = [database.next_seq for database in self.databases.values()]
        waited_for = [self.databases[host_id].next_seq for host_id in self.waited_for()]
        return min(waited_for or reached), max(reached)

    def waited_for(self):
        """Hosts for whom the log is kept."""
        return [host_id for host_id, mark in self.hosts.marks.marks.items() if mark[1] >= 0]

    def _power_up(self):
        boot_s = self.now - 5.0
        self.session = DeviceSession(
            self.log,
            (HARDWARE_ID, "ring"),
            self.log.boot_id,
            lambda: int((self.now - boot_s) * 1e6),
            DeviceHandshake(self.hosts, HARDWARE_ID.encode(), aes_ctr, self._chance.take),
            self,
        )
        self.session.live = self._live

    # what the session asks of the application

    def keep_anchor(self, time_us, utc_us, uncertainty_us, zone):
        self.log.append(records.ANCHOR, (utc_us, uncertainty_us), zone, time_us=time_us)

    def acknowledge(self, host_id, upto_seq):
        before = self.log.held_seqs()
        self.hosts.acknowledge(host_id, upto_seq)
        gone = before.difference(self.log.held_seqs())
        waited_for = self.waited_for()
        for other, database in self.databases.items():
            if other not in waited_for:
                self.let_go[other].update([seq for seq in gone if seq >= database.next_seq])

    def change(self, text):
        name, value = text.decode().split("=")
        self.settings[name] = value
        return 0, ""

    # faults

    def _step(self, on_wire):
        """One more step; what befalls the wire is returned, what befalls an end is done."""
        self.steps += 1
        fault = self.faults.at(self.steps, on_wire)
        if fault is None or fault in PIECE_FAULTS:
            return fault if on_wire else None
        if fault in (REBOOT, SILENT_REBOOT):
            self.log.power_cut()
            self._power_up()
            self.log.append(records.BOOT, (0, 1, 0, 1, 1, records.LOG_KEPT, 1, 0, 104000, 122000, 90000, 0))
            if fault == SILENT_REBOOT:
                return DROP
        if fault == SILENT_KILL:
            # The cable stays, and all that is on it.
            raise CutError(fault)
        self._to_host = []
        self._to_device = []
        self.session.open()
        raise CutError(fault)

    def _carry(self, wire, data):
        fault = self._step(True)
        data = bytes(data)
        late_s = LATENCY_S
        if fault == DROP:
            return
        if fault == REORDER:
            late_s = LATE_S
        elif fault == CORRUPT:
            at = self.steps * 31 % len(data)
            data = data[:at] + bytes([data[at] ^ 1 << self.steps % 8]) + data[at + 1 :]
        elif fault == TRUNCATE:
            data = data[: self.steps * 17 % len(data)]
        elif fault == DUPLICATE:
            wire.append((self.now + late_s, self.steps, data))
        wire.append((self.now + late_s, self.steps, data))
        wire.sort()

    # the host's driver

    def _perform(self, asked):
        todo = list(asked)
        while todo:
            action = todo.pop(0)
            if isinstance(action, actions.Send):
                self._carry(self._to_device, action.data)
            elif isinstance(action, actions.Identify):
                self._step(False)
                todo.extend(self.engine.resume(self.database.from_seq(action.first_seq), self.now))
                todo.extend(self.engine.change(list(self._changes), self.now))
            elif isinstance(action, actions.Changed):
                self._changes.pop(0)
            elif isinstance(action, actions.Commit):
                self._step(False)
                self.database.commit(action)
                self._step(False)
                todo.extend(self.engine.committed(action.upto_seq, action.upto_seq, self.now))
            elif isinstance(action, actions.Timed):
                utc_us = int(action.at_s * 1e6)
                todo.extend(self.engine.anchor(action.time_us, utc_us, action.uncertainty_us, self.now))

    # time

    def _next_event(self, until_s):
        """Whatever comes first: a piece arrives, a piece leaves, something is logged, a timer ends."""
        due = [(until_s, 9)]
        if self._to_device:
            due.append((self._to_device[0][0], 0))
        if self._to_host:
            due.append((self._to_host[0][0], 1))
        piece = self.session.next_piece(self._piece_bytes)
        if piece is not None:
            due.append((max(self.now, self._radio_free_s), 2))
        if self._later:
            due.append((self._later[0], 3))
        due.append((self.engine.deadline_s(), 4))
        at_s, what = min(due)
        self.now = max(self.now, at_s)
        if what == 0:
            self.session.receive(self._to_device.pop(0)[2])
        elif what == 1:
            self._perform(self.engine.receive(self._to_host.pop(0)[2], self.now))
        elif what == 2:
            self._radio_free_s = self.now + self.piece_every_s
            data = bytes(piece)
            self.session.sent(len(data))
            self._carry(self._to_host, data)
        elif what == 3:
            self._later.pop(0)
            self._log_something(self.log.next_seq, 0.0)
        elif what == 4:
            todo = self.engine.tick(self.now)
            self._perform(todo)
            if self.engine.state not in (states.DONE, states.FAILED):
                require(todo or self.engine.deadline_s() > self.now, "the timer spins")

    def _connect(self):
        self.connections += 1
        keys = {HARDWARE_ID: [self.hosts.key(self.host_id)]}
        self.engine = sync.SyncEngine(self.host_id, keys, aes_ctr, self._chance.take(16))
        self._perform(self.engine.start(self.now))

    def rendezvous(self):
        """One connection of the next host to its end: done, failed, or the fault that cut it."""
        if self.connections:
            turn = self.host_ids.index(self.host_id) + 1
            self.host_id = self.host_ids[turn % len(self.host_ids)]
        began_s = self.now
        silent = False
        try:
            self._connect()
            while self.engine.state not in (states.DONE, states.FAILED):
                self._next_event(began_s + RENDEZVOUS_LIMIT_S + 1)
                require(self.now - began_s <= RENDEZVOUS_LIMIT_S, "a rendezvous without end")
            end = self.engine.state
        except CutError as cut:
            end = cut.args[0]
            silent = end == SILENT_KILL
        if not silent:
            for _, _, data in self._to_device:
                self.session.receive(data)
            self._to_device = []
            self._to_host = []
            self.session.open()
        self.ends.append(end)
        self.now += RECONNECT_S
        return end

    def live(self, seconds):
        """A connection that stays for so long; made again whenever it fails."""
        end_s = self.now + seconds
        self._live = self.session.live = True
        while self.now < end_s:
            try:
                self._connect()
                while self.now < end_s and self.engine.state != states.FAILED:
                    require(self.engine.state != states.DONE, "a live link ended itself")
                    self._next_event(end_s)
                self.ends.append(self.engine.state)
            except CutError as cut:
                self.ends.append(cut.args[0])
                if cut.args[0] == SILENT_KILL:
                    continue
            self._to_host = []
            self._to_device = []
            self.session.open()
            self.now += RECONNECT_S
        self._live = self.session.live = False

    def cuts(self):
        """Every (step, fault) that this world could have met, in order."""
        return [(step, fault) for step, choices in self.faults.cuts for fault in choices]

    def finish(self, most=12):
        """Meet until all is over, then once more on a quiet wire, and check what must hold."""
        for _ in range(most):
            if self.rendezvous() == states.DONE and not self._later:
                break
        self.faults = Planned({})
        ends = [self.rendezvous() for _ in self.host_ids]
        if states.FAILED in ends:
            # Bytes of a killed host were still under way: one meeting may pay for them.
            ends = [self.rendezvous() for _ in self.host_ids]
        require(ends == [states.DONE] * len(ends), "a quiet wire did not suffice")
        require(not self._changes, "a change of settings was not delivered")
        for host_id in self.host_ids:
            self.host_id = host_id
            self.check()
        return self

    def check(self):
        """Nothing lost, nothing wrong, nothing twice, and the device free to forget."""
        log, kept = self.log, self.database.kept
        let_go = self.let_go[self.host_id]
        # The last anchor is logged by the meeting's very end.
        unsent = {seq for seq in log.truth if seq >= self.database.next_seq}
        require(len(unsent) <= 2 * len(self.host_ids), "records that the last meeting left behind")
        for seq, raw in log.truth.items():
            if seq in kept:
                require(kept[seq] == raw, "a record is not what was logged")
            else:
                gone = seq in log.excused or seq in log.dropped or seq in let_go
                require(gone or seq in unsent, f"record {seq} is lost")
        require(not [seq for seq in kept if seq not in log.truth], "a record that was never logged")
        reported = 0
        for raw in kept.values():
            record = records.decode(raw)
            reported += record.body.count if record.type == records.GAP else 0
        if not let_go:
            require(
                len(log.dropped.difference(kept)) <= reported, "records went for room, and no gap tells it"
            )
            require(log.first_seq <= self.database.next_seq, "acknowledged beyond what is committed")

    def outcome(self):
        """What can be compared between two interpreters."""
        return (
            self.steps,
            self.connections,
            int(self.now * 1000),
            [sorted(database.kept) for database in self.databases.values()],
            [database.damaged for database in self.databases.values()],
            self.ends,
        )
