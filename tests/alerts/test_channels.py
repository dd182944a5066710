"""Messages arrive: at a real session bus, at a web server through Apprise; or it is said why not."""

from __future__ import annotations

import pytest
from dbus_fast import Message
from dbus_fast.aio import MessageBus

from tests.alerts.conftest import Web
from twitchwatch.alerts import channels
from twitchwatch.alerts.channels import Apprise, Desktop, Undelivered, channels_of, deliver
from twitchwatch.alerts.settings import AlertSettings, AppriseChannel


async def test_the_desktop_shows_it(session_bus: str) -> None:
    bus = await MessageBus(bus_address=session_bus).connect()
    shown: list[tuple[str, str, int]] = []

    def desktop(message: Message) -> Message | None:
        if message.member != "Notify":
            return None
        _, _, _, title, text, _, hints, _ = message.body
        shown.append((title, text, hints["urgency"].value))
        return Message.new_method_return(message, "u", [1])

    bus.add_message_handler(desktop)
    await bus.request_name("org.freedesktop.Notifications")
    await Desktop().send("Tremor", "words", "finding")
    await Desktop().send("Swallowing", "words", "at_once")
    assert shown == [("Tremor", "words", 1), ("Swallowing", "words", 2)]
    bus.disconnect()


async def test_a_session_without_a_desktop(session_bus: str) -> None:
    with pytest.raises(Undelivered, match="shows no notifications"):
        await Desktop().send("Tremor", "words", "finding")


async def test_a_desktop_that_does_not_answer(session_bus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting and showing have one time together: after a stop, systemd gives no more."""
    bus = await MessageBus(bus_address=session_bus).connect()
    bus.add_message_handler(lambda message: message.member == "Notify")
    await bus.request_name("org.freedesktop.Notifications")
    monkeypatch.setattr(channels, "PATIENCE_S", 0.5)
    with pytest.raises(Undelivered, match="did not answer within"):
        await Desktop().send("Tremor", "words", "finding")
    bus.disconnect()


async def test_no_session_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    with pytest.raises(Undelivered, match="no desktop session"):
        await Desktop().send("Tremor", "words", "finding")


async def test_apprise_carries_it(web: Web) -> None:
    channel = Apprise(AppriseChannel(f"json://user:secret@127.0.0.1:{web.port}/ring"))
    await channel.send("Tremor", "words", "doctor")
    assert [(body["title"], body["message"], body["type"]) for body in web.bodies] == [
        ("Tremor", "words", "warning")
    ]
    assert channel.name == "json"


async def test_a_service_that_refuses(web: Web) -> None:
    web.status = 500
    with pytest.raises(Undelivered, match="json did not accept it"):
        await Apprise(AppriseChannel(f"json://127.0.0.1:{web.port}")).send("Tremor", "words", "finding")


async def test_an_address_that_nobody_understands() -> None:
    with pytest.raises(Undelivered, match="does not accept"):
        await Apprise(AppriseChannel("pigeon://loft")).send("Tremor", "words", "finding")


async def test_a_channel_that_fails_keeps_none_back(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    url = f"json://127.0.0.1:{web.port}"
    channels = channels_of(
        AlertSettings(apprise=(AppriseChannel(url), AppriseChannel(f"{url}/second", only_unanswered=True)))
    )
    took, failed = await deliver(channels, "Tremor", "words", "finding")
    assert took == ["json"]
    assert len(failed) == 1
    assert failed[0].startswith("desktop: There is no desktop session")
    assert web.paths == ["/"]
    took, _ = await deliver(channels, "Tremor", "words", "fault", unanswered=True)
    assert took == ["json", "json"]
    assert sorted(web.paths) == ["/", "/", "/second"]
