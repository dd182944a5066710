"""Fixtures of the tests that run in the guest."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.bluez.collector import Collector
from tests.bluez.orders import Rig
from tests.bluez.stack import LOGS, Stack

if "TWITCHWATCH_GUEST" not in os.environ:
    raise pytest.UsageError("these tests need a kernel with Bluetooth of its own: run `make test-bluez`")

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def stack_of_all() -> Iterator[Stack]:
    stack = Stack()
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def rig_of_all() -> Rig:
    return Rig()


@pytest.fixture
async def stack(stack_of_all: Stack) -> Stack:
    """Bluetooth as it is after a start of the computer."""
    await stack_of_all.restore()
    return stack_of_all


@pytest.fixture
def rig(rig_of_all: Rig, stack: Stack) -> Iterator[Rig]:
    """The rig without faults; boards are powered off at the end."""
    yield rig_of_all
    rig_of_all.clear_away()


@pytest.fixture
def address() -> str:
    """A board's address; no test meets what BlueZ remembers of another's."""
    return f"24:0A:C4:00:00:{next(_numbers):02X}"


@pytest.fixture
def other_address() -> str:
    """A second board's address."""
    return f"24:0A:C4:00:01:{next(_numbers):02X}"


@pytest.fixture
def night(rig: Rig) -> tuple[str, list[str]]:
    """A worn night: the flash that holds it, and its records."""
    worn = rig.night()
    return worn["flash"], json.loads(Path(worn["records"]).read_text())


@pytest.fixture
async def collector(stack: Stack, tmp_path: Path) -> AsyncIterator[Collector]:
    """The daemon, not yet started."""
    collector = Collector(tmp_path / "data" / "t.db")
    collector.database.parent.mkdir()
    yield collector
    await collector.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """With a failure come the last words of bluetoothd, the bus and the daemon."""
    report = yield
    if report.failed:
        logs = list(LOGS.glob("*.log"))
        if "tmp_path" in getattr(item, "funcargs", {}):
            logs += sorted(item.funcargs["tmp_path"].rglob("*.log"))
        for log in logs:
            report.sections.append((str(log), "\n".join(log.read_text(errors="replace").splitlines()[-30:])))
    return report
