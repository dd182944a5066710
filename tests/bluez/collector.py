"""`twitchwatch run`, as a process of the guest, and the database that it fills."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.bluez.stack import until
from twitchwatch.link.host_identity import host_id
from twitchwatch.link.keys import Keys, with_host
from twitchwatch.store import Store


class Collector:
    """The daemon; `told` is what it has said, one object per line."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.reported: list[dict[str, Any]] = []
        self._process: asyncio.subprocess.Process | None = None

    def pair(self, sensor: str) -> dict[str, str]:
        """Give the daemon a key for a sensor; what a cable would bring to the sensor."""
        number = host_id(self.database.with_name("host-id"))
        brought: dict[str, str] = json.loads(with_host("", number, Keys.beside(self.database).make(sensor)))
        return brought

    async def start(self) -> None:
        """Start it; a second start goes on with the same database."""
        program = Path(sys.executable).with_name("twitchwatch")
        with self._log("errors.log").open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                program,
                "run",
                "--json",
                "--database",
                self.database,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )
        self._listening = asyncio.create_task(self._listen())

    async def stop(self) -> int:
        """Stop it by SIGTERM; gives its exit code."""
        return await self._end(self._process.terminate)

    async def kill(self) -> None:
        """SIGKILL."""
        await self._end(self._process.kill)

    async def close(self) -> None:
        """See that nothing is left of it."""
        if self.runs:
            await self.kill()

    @property
    def runs(self) -> bool:
        """It has not ended by itself."""
        return self._process is not None and self._process.returncode is None

    def errors(self) -> str:
        """What it wrote to stderr."""
        return self._log("errors.log").read_text()

    def records(self, sensor: str) -> list[str]:
        """A sensor's records in the database, in order of seq, as hex."""
        rows = self._query(
            "SELECT raw FROM record JOIN device ON device.id = device_id WHERE hardware_id = ? ORDER BY seq",
            sensor,
        )
        return [raw.hex() for (raw,) in rows]

    async def has(self, count: int, sensor: str) -> None:
        """Wait until this many records of a sensor are on disk."""
        await until(lambda: self._count("TRUE", sensor) >= count, f"{count} records of {sensor}")

    async def has_type(self, kind: int, sensor: str) -> None:
        """Wait until a record of this type is on disk."""
        await until(lambda: self._count(f"type = {kind}", sensor), f"a record of type {kind}")

    async def has_all(self, sensor: str, records: list[str]) -> None:
        """Wait until these are the first records of a sensor on disk, each once, with nothing lost."""
        await self.has(len(records), sensor)
        kept = self.records(sensor)
        assert [seq for seq, record in enumerate(records) if kept[seq] != record] == []
        with Store.open(self.database) as store:
            for device in store.devices():
                assert not store.missing(device.id)
                assert not store.conflicts(device.id)

    async def has_state(self, state: str, count: int) -> None:
        """Wait until the daemon has reported this state this many times."""
        await until(
            lambda: sum(reported.get("state") == state for reported in self.reported) >= count,
            f"{count} times '{state}'",
        )

    async def has_link_fault(self, reason: str) -> None:
        """Wait until the daemon has reported a link fault for this reason."""
        await until(
            lambda: any(
                reported["kind"] == "fault" and reported["reason"] == reason for reported in self.reported
            ),
            f"the daemon to tell of '{reason}'",
        )

    def _log(self, name: str) -> Path:
        return self.database.with_name(name)

    def _count(self, condition: str, sensor: str) -> int:
        found = self._query(
            "SELECT count(*) FROM record JOIN device ON device.id = device_id"
            f" WHERE hardware_id = ? AND {condition}",
            sensor,
        )
        return int(found[0][0]) if found else 0

    def _query(self, sql: str, sensor: str) -> list[Any]:
        # Asked again and again on a slow computer: a plain connection, and none of the store's checks.
        try:
            with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
                return connection.execute(sql, (sensor,)).fetchall()
        except sqlite3.OperationalError:
            # Not there yet.
            return []

    async def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self._log("told.log").open("ab", buffering=0) as log:
            async for line in self._process.stdout:
                self.reported.append(json.loads(line))
                log.write(b"%.1f " % time.monotonic() + line)

    async def _end(self, by: Any) -> int:
        if self.runs:
            by()
        code = await self._process.wait()
        await self._listening
        return code
