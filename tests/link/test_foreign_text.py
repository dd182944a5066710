"""A ring that sends hostile text: through the daemon's session and a database to all that is shown."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import os
import tempfile
import unicodedata
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.board.made import status_body
from tests.link.test_sync_session import Clock, Log, Pipe
from tests.protocol.peers import HARDWARE_ID, HOST_ID, KEY
from twitchwatch.alerts.channels import deliver
from twitchwatch.alerts.home_assistant import Ring, discovery, states
from twitchwatch.cli.main import run
from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.foreign import MAX_CHARACTERS, MAX_TEXT_CHARACTERS, harmless, lines, one_line
from twitchwatch.link.cipher import aes_ctr
from twitchwatch.link.keys import Keys
from twitchwatch.link.link_faults import LinkFaults
from twitchwatch.link.sync_session import SyncSession
from twitchwatch.service.logfile import begin_log
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.device_handshake import DeviceHandshake
from twitchwatch.shared.protocol.session import DeviceSession
from twitchwatch.store import Store
from twitchwatch.terminal.page import Page
from twitchwatch.terminal.reporter import TerminalReporter

FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
HOSTILE = "\x1b]0;owned\x07\x1b[2J\r\nFAKE: all is well\x00\x9b31m\u202egnp.exe\u2066\u2028"
FORBIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))

texts = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("\x1b\x9b\x07\r\n\t\x00\u202e\u2066\u200d\u200b\u2028\ufeff\U000e0041"),
    ),
    max_size=60,
)


def bad(text: str, *, ends: str = "\n\t") -> list[str]:
    """What a terminal or a reader could be fooled with."""
    return [
        character
        for character in text
        if unicodedata.category(character) in FORBIDDEN and character not in ends + "\u200d\u200c"
    ]


class HostileRing(Pipe):
    """It is paired, and calls itself what it wants."""

    def __init__(self, log: Log, name: str) -> None:
        super().__init__(log)
        handshake = DeviceHandshake(self.hosts, HARDWARE_ID.encode(), aes_ctr, os.urandom)
        self.session = DeviceSession(log, (HARDWARE_ID, name), 1, lambda: self.time_us, handshake, self)


class Heard:
    """A channel that keeps what it was given."""

    name, only_unanswered = "heard", False

    def __init__(self) -> None:
        self.said: list[str] = []

    async def send(self, title: str, text: str, urgency: object) -> None:
        self.said += [title, text]


@settings(max_examples=40, deadline=None)
@given(name=texts, crash=texts, fault=texts)
@example(name=HOSTILE, crash=HOSTILE, fault=HOSTILE)
@example(name="Bluetooth", crash="", fault="")
@example(name="{", crash="", fault="")
def test_a_hostile_ring_reaches_no_exit(name: str, crash: str, fault: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_through(Path(folder), name.encode()[:40].decode(errors="ignore"), crash, fault))


async def _through(folder: Path, name: str, crash: str, fault: str) -> None:
    path = folder / "data" / "t.db"
    path.parent.mkdir(mode=0o700)
    (folder / "data" / "keys.json").write_text(json.dumps({HARDWARE_ID: [KEY.hex()]}))
    keys = Keys(path.with_name("keys.json"))
    words = crash.encode()[:200]
    broken = status_body(broken=protocol.PART_SENSOR)
    records = [
        protocol.encode(protocol.MARK, 0, 1, 1000, (1,)),
        protocol.encode(protocol.CRASH, 1, 1, 2000, (1,), words),
        protocol.encode(protocol.STATUS, 2, 1, 3000, broken, fault.encode()[:200]),
    ]
    pipe = HostileRing(Log(records), name)
    out, objects, errors = io.StringIO(), io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        logger = begin_log(folder / "t.log")
        reporter = TerminalReporter(Page())
        with Store.open(path) as store:
            report = await SyncSession(pipe, store, Clock(), HOST_ID, keys, kind="test").run()
            assert report.stored >= len(records)
            reporter.report_meeting(report)
            faults = LinkFaults(store, Clock(), reporter.report_link_fault, reporter.report_well)
            error = DeviceError(f"{fault}: it failed.", DeviceReason.NO_ANSWER)
            faults.tell_sensor(HARDWARE_ID, name, error, paired=True)
            while not faults._notes.empty():
                faults._notes.get_nowait()()
            devices = store.devices()
        logger.error("It failed: %s", fault)
        for handler in list(logging.getLogger().handlers):
            if getattr(handler, "baseFilename", "") == str(folder / "t.log"):
                logging.getLogger().removeHandler(handler)
                handler.close()
        channel = Heard()
        await deliver([channel], f"{devices[0].name} is silent", f"{fault}\nLook at it.", "fault")
        for command in (["status"], ["status", "--json"], ["sensors"], ["sensors", "--json"]):
            with contextlib.redirect_stdout(objects if "--json" in command else out):
                await asyncio.to_thread(run, [*command, "--database", str(path)])
    log = (folder / "t.log").read_text("utf-8")
    rings = [Ring(one.name, one.hardware_id, None, (), None) for one in devices]
    published = [*discovery(rings, "homeassistant"), *states(rings)]
    shown = [out.getvalue(), objects.getvalue(), errors.getvalue(), log, channel.said[1]]
    assert [bad(text) for text in shown] == [[]] * len(shown)
    # One message, one line: each begins with its date.
    assert all(line[:2] == "20" for line in log.splitlines())
    assert not bad(channel.said[0], ends="")
    for message in published:
        assert message.topic.isascii()
        assert not bad(message.topic + message.payload, ends="")
        assert not bad(json.dumps(json.loads(message.payload), ensure_ascii=False), ends="")
    # A page's line may begin with a name that begins as an object does.
    for line in objects.getvalue().splitlines():
        assert not bad(json.dumps(json.loads(line), ensure_ascii=False).replace("\\n", ""), ends="")
    assert HARDWARE_ID in out.getvalue()


async def test_what_an_unpaired_device_calls_itself_is_cleaned(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({HARDWARE_ID: [KEY.hex()]}))
    pipe = Pipe(Log([]))
    handshake = DeviceHandshake(pipe.hosts, HOSTILE.encode()[:40], aes_ctr, os.urandom)
    pipe.session = DeviceSession(pipe.log, (HOSTILE, "ring"), 1, lambda: 1, handshake, pipe)
    with Store.open(tmp_path / "t.db") as store:
        keys = Keys(tmp_path / "keys.json")
        report = await SyncSession(pipe, store, Clock(), HOST_ID, keys, kind="test").run()
    assert report.unpaired
    assert not bad(report.outcome, ends="")


def test_a_database_of_an_older_version_is_cleaned_as_it_is_read(tmp_path: Path) -> None:
    with Store.open(tmp_path / "t.db") as store:
        device = store.register(HARDWARE_ID, 7, HOSTILE, 1)
        store.link_faults.begin(HOSTILE, "no answer", HOSTILE, 1)
        store.changes.ask(HARDWARE_ID, "listen_s", "20", 1)
        store.changes.answer(1, f"refused: {HOSTILE}", 2)
        anchor = protocol.encode(protocol.ANCHOR, 0, 1, 1, (1, 1), b"Europe/Berlin\x1b[2J")
        store.commit(device.id, [anchor], 0, 1, 0, 1)
        (fault,), (change,) = store.link_faults.all(), store.changes.of(HARDWARE_ID)
        assert not store.zones.all()
    read = [device.name, fault.subject, fault.message, str(change.outcome)]
    assert [bad(text, ends="") for text in read] == [[]] * len(read)


@given(texts)
@example(HOSTILE)
def test_what_is_cleaned_is_harmless_bounded_and_stays_as_it_is(text: str) -> None:
    assert not bad(harmless(text))
    assert harmless(harmless(text)) == harmless(text)
    assert not bad(one_line(text), ends="")
    assert not bad(lines(text.encode(errors="replace")))
    assert len(one_line(text * 100)) <= MAX_CHARACTERS
    assert len(lines(text * 1000)) <= MAX_TEXT_CHARACTERS


def test_emoji_joiners_and_marks_stay() -> None:
    # A family, a flag, a new emoji, a decomposed letter, a Persian word with a non-joiner, a keycap.
    for text in (
        FAMILY,
        "\U0001f1e9\U0001f1ea",
        "\U0001fae9",
        "e\u0301",
        "\u0645\u06cc\u200c\u062e",
        "1\ufe0f\u20e3",
    ):
        assert one_line(text) == text


def test_a_joiner_hides_nothing_in_plain_words() -> None:
    assert one_line("pay\u200dpal") == "pay\ufffdpal"
    assert one_line("\u200d") == "\ufffd"
