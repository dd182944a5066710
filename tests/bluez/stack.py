"""The guest's Bluetooth, as Debian ships it: system bus, bluetoothd, adapters on serial lines."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from dbus_fast import BusType, Message, Variant
from dbus_fast.aio import MessageBus

BUS = Path("/run/dbus/system_bus_socket")
BLUETOOTHD = "/usr/libexec/bluetooth/bluetoothd"
LOGS = Path("/run/twitchwatch")
# What takes a second on a computer may take many in a guest that shares two processors with a test run.
PATIENCE_S = 90.0
ASK_AGAIN_S = 0.2


async def until(condition: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S) -> Any:
    """Wait until `condition` gives something true, and return that; it may be a coroutine function."""
    end_s = time.monotonic() + timeout_s
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        if time.monotonic() > end_s:
            raise AssertionError(f"waited {timeout_s:.0f} s in vain for {what}")
        await asyncio.sleep(ASK_AGAIN_S)


class Stack:
    """Starts, stops and breaks the parts; `adapters` are numbers of serial lines."""

    def __init__(self) -> None:
        LOGS.mkdir(exist_ok=True)
        self._bus: subprocess.Popen[bytes] | None = None
        self._bluetoothd: subprocess.Popen[bytes] | None = None
        self._attached: dict[int, subprocess.Popen[bytes]] = {}

    async def restore(self) -> None:
        """Everything runs, adapter 0 is there and on, adapter 1 is not."""
        if self._bus is None:
            BUS.parent.mkdir(exist_ok=True)
            self._bus = _start("dbus-daemon", "--system", "--nofork", "--nopidfile")
            await until(BUS.exists, "the system bus")
        self.attach(0)
        self.detach(1)
        if self._bluetoothd is None:
            self.start_bluetoothd()
        await until(lambda: self.switch_on("hci0"), "adapter hci0 to be on")

    def stop(self) -> None:
        """Stop everything."""
        for part in (*self._attached.values(), self._bluetoothd, self._bus):
            if part is not None:
                part.kill()
                part.wait()

    def start_bluetoothd(self) -> None:
        """Start it, as systemd would."""
        self._bluetoothd = _start(BLUETOOTHD, "--nodetach")

    def kill_bluetoothd(self) -> None:
        """Kill it, as a fault would."""
        assert self._bluetoothd is not None
        self._bluetoothd.kill()
        self._bluetoothd.wait()
        self._bluetoothd = None

    def attach(self, adapter: int) -> None:
        """Let the kernel see an adapter."""
        if adapter not in self._attached:
            line = f"/dev/ttyS{adapter}"
            self._attached[adapter] = _start("btattach", "--bredr", line, "--protocol", "h4", "--noflowctl")

    def detach(self, adapter: int) -> None:
        """Take an adapter from the kernel, as pulling it out does."""
        if attached := self._attached.pop(adapter, None):
            attached.send_signal(signal.SIGKILL)
            attached.wait()

    async def adapters(self) -> dict[str, dict[str, Any]]:
        """Properties of each adapter that bluetoothd knows, by name."""
        objects = await self.objects()
        return {
            path.rpartition("/")[2]: interfaces["org.bluez.Adapter1"]
            for path, interfaces in objects.items()
            if "org.bluez.Adapter1" in interfaces
        }

    async def is_powered(self, adapter: str) -> bool:
        """Whether the adapter is there and on."""
        return bool((await self.adapters()).get(adapter, {}).get("Powered"))

    async def switch_on(self, adapter: str) -> bool:
        """Switch an adapter on if it is there and off; whether it is on."""
        state = (await self.adapters()).get(adapter)
        if state is not None and not state["Powered"]:
            # Busy with something else is no answer yet: `until` asks again.
            with suppress(LookupError):
                await self.set_powered(adapter, True)
        return state is not None and bool(state["Powered"])

    async def set_powered(self, adapter: str, on: bool) -> None:
        """What `bluetoothctl power on|off` does."""
        await self.call(
            f"/org/bluez/{adapter}",
            "org.freedesktop.DBus.Properties.Set",
            "ssv",
            ["org.bluez.Adapter1", "Powered", Variant("b", on)],
        )

    async def objects(self) -> dict[str, dict[str, dict[str, Any]]]:
        """All that bluetoothd tells of, empty while it does not answer."""
        try:
            (found,) = await self.call("/", "org.freedesktop.DBus.ObjectManager.GetManagedObjects")
        except (OSError, EOFError, LookupError):
            return {}
        return {
            path: {
                name: {key: variant.value for key, variant in properties.items()}
                for name, properties in interfaces.items()
            }
            for path, interfaces in found.items()
        }

    async def call(self, path: str, method: str, signature: str = "", body: Any = ()) -> list[Any]:
        """Call a method of bluetoothd. Raises LookupError if it answers with an error."""
        interface, _, member = method.rpartition(".")
        bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        try:
            answer = await bus.call(
                Message(
                    destination="org.bluez",
                    path=path,
                    interface=interface,
                    member=member,
                    signature=signature,
                    body=list(body),
                )
            )
        finally:
            bus.disconnect()
            await bus.wait_for_disconnect()
        if answer is None or answer.error_name:
            raise LookupError(f"{method}: {answer and answer.error_name} {answer and answer.body}")
        return answer.body


def _start(*command: str) -> subprocess.Popen[bytes]:
    with (LOGS / f"{Path(command[0]).name}.log").open("ab") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
