"""The channels: each delivers a title and a text, or reports why it could not."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Protocol

from twitchwatch.alerts.policy import Urgency
from twitchwatch.alerts.settings import AlertSettings, AppriseChannel
from twitchwatch.alerts.threads import Busy, Lane
from twitchwatch.errors import ConfigurationError, MissingExtraError
from twitchwatch.foreign import harmless, one_line

# A service that has not answered by then never will.
PATIENCE_S = 30.0


class Undelivered(Exception):
    """The message was not delivered; the text says why, and what to do."""


class Channel(Protocol):
    """A way to reach someone. `only_unanswered`: only for messages that have not been acknowledged."""

    name: str
    only_unanswered: bool

    async def send(self, title: str, text: str, urgency: Urgency) -> None:
        """Deliver it. Raises Undelivered."""
        ...


class Apprise:
    """Any of the services that Apprise supports."""

    def __init__(self, channel: AppriseChannel) -> None:
        # The address may contain a password: only its scheme is ever shown.
        self.name = channel.url.split("://", 1)[0]
        self.only_unanswered = channel.only_unanswered
        self._url = channel.url
        self._lane = Lane()

    async def send(self, title: str, text: str, urgency: Urgency) -> None:
        """Pass it to the service. Raises Undelivered."""
        try:
            import apprise
        except ImportError:
            raise Undelivered(str(MissingExtraError("Apprise is", "alerts"))) from None
        # Not its own dispatch, whose few threads are shared by all services and waited for at the end.
        service = apprise.Apprise.instantiate(self._url)
        if service is None:
            raise Undelivered(f"Apprise does not accept the address of {self.name}: see its documentation.")
        kind = {"fault": apprise.NotifyType.WARNING, "doctor": apprise.NotifyType.WARNING,
                "at_once": apprise.NotifyType.FAILURE}.get(urgency, apprise.NotifyType.INFO)  # fmt: skip
        try:
            # Its services block, some for as long as a server sends a byte now and then.
            sent = await self._lane.call(
                lambda: service.notify(body=text, title=title, notify_type=kind), PATIENCE_S
            )
        except Busy:
            raise Undelivered(f"{self.name} has not answered the last message yet.") from None
        except TimeoutError:
            raise Undelivered(f"{self.name} did not answer within {PATIENCE_S:.0f} s.") from None
        except Exception as error:
            # Its plugins raise whatever their services make them raise.
            raise Undelivered(f"{self.name} failed ({type(error).__name__}: {error}).") from error
        if not sent:
            raise Undelivered(f"{self.name} did not accept it: check its address and the network.")


class Desktop:
    """A notification on this computer's desktop, through its session bus (Desktop Notifications 1.3)."""

    name = "desktop"
    only_unanswered = False

    async def send(self, title: str, text: str, urgency: Urgency) -> None:
        """Show it. Raises Undelivered if there is no desktop."""
        try:
            from dbus_fast import BusType, DBusError, Message, MessageType, Variant
            from dbus_fast.aio import MessageBus
        except ImportError:
            raise Undelivered(
                "Desktop notifications need D-Bus, which only Linux has. Set an address for Apprise instead."
            ) from None

        # Low, normal, critical; a critical one stays until it is clicked.
        level = 2 if urgency in ("doctor", "at_once") else 1
        try:
            async with asyncio.timeout(PATIENCE_S):
                bus = await MessageBus(bus_type=BusType.SESSION).connect()
                try:
                    answer = await bus.call(
                        Message(
                            destination="org.freedesktop.Notifications",
                            path="/org/freedesktop/Notifications",
                            interface="org.freedesktop.Notifications",
                            member="Notify",
                            signature="susssasa{sv}i",
                            body=[
                                "Twitchwatch",
                                0,
                                "",
                                title,
                                text,
                                [],
                                {"urgency": Variant("y", level)},
                                -1,
                            ],
                        )
                    )
                finally:
                    bus.disconnect()
        except TimeoutError:
            raise Undelivered(f"The desktop session did not answer within {PATIENCE_S:.0f} s.") from None
        except (OSError, DBusError, ValueError, KeyError, EOFError) as error:
            raise Undelivered(
                f"There is no desktop session to show it on ({type(error).__name__}: {error})."
            ) from error
        if answer is None or answer.message_type is MessageType.ERROR:
            said = "" if answer is None else f" ({answer.error_name})"
            raise Undelivered(f"The desktop shows no notifications{said}.")


def channels_of(settings: AlertSettings) -> list[Channel]:
    """The channels in the settings. Raises ConfigurationError if one of them cannot be used."""
    found: list[Channel] = []
    if settings.desktop and sys.platform == "linux":
        found.append(Desktop())
    elif settings.desktop:
        # The names of the system's own notifications there; untested on either.
        found.append(Apprise(AppriseChannel("macosx://" if sys.platform == "darwin" else "windows://")))
    found += [Apprise(channel) for channel in settings.apprise]
    return found


async def deliver(
    channels: Sequence[Channel], title: str, text: str, urgency: Urgency, *, unanswered: bool = False
) -> tuple[list[str], list[str]]:
    """Send through every channel meant for it; returns those that accepted it, and the others' errors."""
    title, text = one_line(title), harmless(text)
    meant = [channel for channel in channels if unanswered or not channel.only_unanswered]
    reported = await asyncio.gather(
        *(channel.send(title, text, urgency) for channel in meant), return_exceptions=True
    )
    took, failed = [], []
    for channel, outcome in zip(meant, reported, strict=True):
        if outcome is None:
            took.append(channel.name)
        elif isinstance(outcome, Undelivered | ConfigurationError):
            failed.append(f"{channel.name}: {outcome}")
        else:
            raise outcome
    return took, failed
