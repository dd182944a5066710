"""Home Assistant's view, through Debian's mosquitto: found by itself, kept up to date, told of our end."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable

import aiomqtt
import pytest

from tests.alerts.conftest import RealBroker
from tests.flags.test_flags import night
from twitchwatch.alerts.home_assistant import Ring, discovery, slug, states
from twitchwatch.alerts.mqtt import MqttLink
from twitchwatch.alerts.settings import Broker

RING = Ring("Left ring", "24:0A:C4:00:00:01", None, (), None)


class Listener:
    """A client such as Home Assistant, which hears everything."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.heard: dict[str, str] = {}
        self._news = asyncio.Condition()

    async def listen(self, ready: asyncio.Event) -> None:
        async with aiomqtt.Client("127.0.0.1", self._port, identifier="house") as client:
            await client.subscribe("#", qos=1)
            ready.set()
            async for message in client.messages:
                async with self._news:
                    self.heard[str(message.topic)] = message.payload.decode()
                    self._news.notify_all()

    async def until(self, holds: Callable[[dict[str, str]], bool]) -> None:
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: holds(self.heard))


@pytest.fixture
async def house(broker: RealBroker):
    listener, ready = Listener(broker.port), asyncio.Event()
    task = asyncio.create_task(listener.listen(ready))
    await ready.wait()
    yield listener
    task.cancel()


def link_to(broker: RealBroker, reported: list[str]) -> MqttLink:
    return MqttLink(Broker("127.0.0.1", broker.port), reported.append)


async def test_found_kept_up_to_date_and_gone(broker: RealBroker, house: Listener) -> None:
    reported: list[str] = []
    link = link_to(broker, reported)
    link.publish([*discovery([RING], "homeassistant"), *states([RING])])
    running = asyncio.create_task(link.run())
    mark = slug(RING.hardware_id)
    await house.until(lambda heard: f"twitchwatch/{mark}/state" in heard)
    assert house.heard["twitchwatch/status"] == "online"
    config = json.loads(house.heard[f"homeassistant/sensor/twitchwatch_{mark}/twitches/config"])
    assert config["state_topic"] == f"twitchwatch/{mark}/state"
    assert config["availability_topic"] == "twitchwatch/status"
    assert config["device"]["name"] == "Left ring"
    one = night(counts=(4, 9, 11, 8))
    link.publish(states([Ring("Left ring", RING.hardware_id, one, (), "2026-01-02T06:00:00.000Z")]))
    await house.until(lambda heard: json.loads(heard[f"twitchwatch/{mark}/state"])["twitches"] is not None)
    state = json.loads(house.heard[f"twitchwatch/{mark}/state"])
    assert state["twitches"] == one.twitches
    assert state["no_data"] == "false"
    running.cancel()
    await house.until(lambda heard: heard["twitchwatch/status"] == "offline")
    assert reported == []


async def test_the_will_speaks_when_we_cannot(broker: RealBroker, house: Listener) -> None:
    """A killed daemon sends nothing; the broker does."""
    code = f"""
import asyncio
from twitchwatch.alerts.mqtt import MqttLink
from twitchwatch.alerts.settings import Broker
asyncio.run(MqttLink(Broker("127.0.0.1", {broker.port}), print).run())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    await house.until(lambda heard: heard.get("twitchwatch/status") == "online")
    process.kill()
    await process.wait()
    await house.until(lambda heard: heard["twitchwatch/status"] == "offline")


async def test_a_broker_that_comes_back_hears_everything_again(broker: RealBroker) -> None:
    reported: list[str] = []
    link = link_to(broker, reported)
    link.publish(states([RING]))
    await broker.kill()
    running = asyncio.create_task(link.run())
    async with asyncio.timeout(20):
        while not reported:
            await asyncio.sleep(0)
    assert "cannot be reached" in reported[0]
    await broker.start()
    listener, ready = Listener(broker.port), asyncio.Event()
    listening = asyncio.create_task(listener.listen(ready))
    await listener.until(lambda heard: heard.get("twitchwatch/status") == "online" and len(heard) == 2)
    assert len([what for what in reported if "cannot be reached" in what]) == 1
    assert "is back" in reported[-1]
    running.cancel()
    listening.cancel()


def test_two_rings_never_share_a_topic() -> None:
    rings = [RING, Ring("Left ring", "24:0A:C4:00:00:02", None, (), None)]
    messages = [*discovery(rings, "homeassistant"), *states(rings)]
    assert len({message.topic for message in messages}) == len(messages)
    ids = [json.loads(message.payload)["unique_id"] for message in discovery(rings, "homeassistant")]
    assert len(set(ids)) == len(ids)
