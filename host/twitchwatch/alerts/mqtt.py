"""The MQTT link: publishes retained messages, reconnects by itself, and leaves a will in case it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from twitchwatch.alerts.home_assistant import OFFLINE, ONLINE, STATUS_TOPIC, Retained
from twitchwatch.alerts.settings import Broker
from twitchwatch.errors import MissingExtraError

if TYPE_CHECKING:
    import aiomqtt

# A broker that restarts is back in seconds; one that is gone is not tried more often than once a minute.
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
# The broker publishes our will after one and a half of these (MQTT 3.1.1, 3.1.2.10).
KEEP_ALIVE_S = 30
# Resolving its name, connecting and being greeted.
CONNECT_S = 20.0
# For our last message, and again for the end of the connection: a stop takes three seconds in all. A broker
# that is slower publishes our will.
GOODBYE_S = 0.7


class MqttLink:
    """Keeps a broker's retained messages up to date. `tell` receives each problem once."""

    def __init__(self, broker: Broker, tell: Callable[[str], None]) -> None:
        self._broker = broker
        self._tell = tell
        self._wanted: dict[str, str] = {}
        self._changed = asyncio.Event()

    def publish(self, messages: Sequence[Retained]) -> None:
        """Publish these as retained, now or when the broker is back; the newest for each topic wins."""
        for message in messages:
            if self._wanted.get(message.topic) != message.payload:
                self._wanted[message.topic] = message.payload
                self._changed.set()

    async def run(self) -> None:
        """Run until cancelled, then publish that the daemon is offline."""
        try:
            import aiomqtt
        except ImportError:
            self._tell(str(MissingExtraError("aiomqtt, which connects to MQTT brokers, is", "alerts")))
            return
        broker = self._broker
        pause_s = FIRST_PAUSE_S
        faulty = False
        while True:
            client = aiomqtt.Client(
                broker.host,
                broker.port,
                username=broker.username,
                password=broker.password,
                identifier="twitchwatch",
                will=aiomqtt.Will(STATUS_TOPIC, OFFLINE, qos=1, retain=True),
                tls_params=aiomqtt.TLSParameters() if broker.tls else None,
                keepalive=KEEP_ALIVE_S,
            )
            try:
                async with AsyncExitStack() as connection:
                    async with asyncio.timeout(CONNECT_S):
                        await connection.enter_async_context(client)
                    pause_s = FIRST_PAUSE_S
                    if faulty:
                        self._tell(f"The MQTT broker {broker.host} is back.")
                        faulty = False
                    try:
                        await self._serve(client)
                    finally:
                        # After a goodbye the broker does not publish the will, so we publish it ourselves.
                        client.timeout = GOODBYE_S
                        await client.publish(STATUS_TOPIC, OFFLINE, qos=1, retain=True)
            except (aiomqtt.MqttError, TimeoutError) as error:
                # A goodbye that fails takes the place of the cancellation that it was for.
                _end_if_cancelled()
                if not faulty:
                    why = str(error) or f"no answer within {CONNECT_S:.0f} s"
                    self._tell(f"The MQTT broker {broker.host}:{broker.port} cannot be reached: {why}.")
                    faulty = True
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _serve(self, client: aiomqtt.Client) -> None:
        await _publish(client, STATUS_TOPIC, ONLINE)
        sent: dict[str, str] = {}
        lost = asyncio.ensure_future(_until_lost(client))
        try:
            while True:
                self._changed.clear()
                for topic, payload in list(self._wanted.items()):
                    if sent.get(topic) != payload:
                        await _publish(client, topic, payload)
                        sent[topic] = payload
                changed = asyncio.ensure_future(self._changed.wait())
                try:
                    await asyncio.wait({changed, lost}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    changed.cancel()
                if lost.done():
                    lost.result()
        finally:
            lost.cancel()


async def _publish(client: aiomqtt.Client, topic: str, payload: str) -> None:
    await client.publish(topic, payload, qos=1, retain=True)
    # Before Python 3.12 `wait_for`, which that uses, loses a cancellation that comes with the answer.
    _end_if_cancelled()


def _end_if_cancelled() -> None:
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _until_lost(client: aiomqtt.Client) -> None:
    """Nothing is subscribed, so this waits until the connection is lost, and then raises MqttError."""
    async for _ in client.messages:
        pass
