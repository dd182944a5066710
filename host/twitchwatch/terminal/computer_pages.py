"""What collects and reports on this computer, in a terminal: its checks, its service, the alerts it sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from twitchwatch.alerts.channels import channels_of, deliver
from twitchwatch.alerts.digest import digest
from twitchwatch.alerts.settings import path_beside, read
from twitchwatch.alerts.threads import run
from twitchwatch.archive.findings import derive
from twitchwatch.archive.morning import worn_by_you
from twitchwatch.archive.nights import Archive
from twitchwatch.clock.dates import moment
from twitchwatch.clock.zone import LOCAL, local
from twitchwatch.service import systems
from twitchwatch.service.checks import Check, Health
from twitchwatch.service.upkeep import Keeping
from twitchwatch.store import DEMO_HARDWARE_ID, AlertRow, Store, is_worn
from twitchwatch.terminal.page import Page
from twitchwatch.wording.alerts import alert_words
from twitchwatch.wording.morning import sealed_words
from twitchwatch.wording.units import MODELLED, plural

_STYLES = {Health.WELL: "", Health.UNKNOWN: "dim", Health.WARNING: "yellow", Health.BAD: "bold red"}


def show_checks(page: Page, checks: Sequence[Check]) -> None:
    """Print the result of each check, and then the remedies."""
    amiss = [one for one in checks if one.health in (Health.WARNING, Health.BAD)]
    page.table(
        ("", "", ""),
        [(one.health.value, one.name, one.reported) for one in checks],
        styles=[_STYLES[one.health] for one in checks],
        titles=2,
    )
    page.gap()
    if not amiss:
        page.say("Everything is in order.")
    for one in amiss:
        page.say(one.remedy, label=one.name)
    if amiss:
        page.gap()
        page.say(f"{plural(len(amiss), 'check')} {'needs' if len(amiss) == 1 else 'need'} attention.")


def install_service(page: Page, database: Path, log: Path, keeping: Keeping) -> None:
    """Install and start the service, and print what was created. Raises ConfigurationError."""
    system = systems.this_system(log)
    for path in system.install(systems.commands(database, log, keeping)):
        page.say(f"Created {path}")
    page.say(f"The service is running. Records go to {database}, and its log to {log}.")
    if system.note:
        page.say(system.note)
    if systems.lingers() is False:
        page.say("It runs while you are logged in. To start it at boot: `sudo loginctl enable-linger $USER`.")


def show_service(page: Page, state: systems.ServiceState, pid: int | None, log: Path) -> None:
    """Print the state of the service, and which process is collecting."""
    page.say(f"Service: {state.reported}")
    page.say(f"Collecting now: {'no process' if pid is None else f'process {pid}'}")
    page.say(f"Log: {log}")


def try_alerts(page: Page, database: Path) -> bool:
    """Send a test message through every channel, and print which took it; returns whether all did.

    Raises ConfigurationError.
    """
    path = path_beside(database)
    channels = channels_of(read(path))
    if not channels:
        page.say(f"No channel is set up in {path}. `twitchwatch alerts init` creates a file to fill in.")
        return False
    title, text = "Twitchwatch: a test", "If you can read this, alerts reach you."
    took, failed = run(deliver(channels, title, text, "finding", unanswered=True))
    for name in took:
        page.say(f"good  {name}", indent=2)
    for what in failed:
        page.say(f"BAD   {what}", indent=2)
    return not failed


def show_digest(page: Page, database: Path, now_utc_us: int) -> None:
    """Print the digest as it would be sent now; if no sensor is worn, that of the demo or of recordings.

    Raises ConfigurationError, and the store's errors.
    """
    with Store.open_existing(database) as store:
        archive = Archive(store, LOCAL)
        shown = worn_by_you(archive.sensors())
        found = derive(store, LOCAL, now_utc_us, archive=archive)
    own = {sensor.device.hardware_id for sensor in shown if not sensor.device.worn}
    flags = [flag for flag in found if flag.identity in own or (not own and is_worn(flag.hardware_id))]
    week = digest(shown, flags, local(now_utc_us).date())
    page.heading(week.title)
    page.say(week.text)
    if own:
        if DEMO_HARDWARE_ID in own:
            page.say(MODELLED)
        page.say("Not sent: alerts and the digest are only about a sensor that you wear.")
        return
    if read(path_beside(database)).digest is None:
        page.say('Not sent: set `digest = "sunday 10:00"` in alerts.toml, and it is sent every week.')


def show_alerts(
    page: Page,
    rows: Sequence[AlertRow],
    snoozes: Mapping[str | None, int],
    sealed_until_utc_us: int | None,
    now_utc_us: int,
) -> None:
    """Print the alerts that were sent, what is snoozed, and until when everything is sealed, or None."""
    if sealed_until_utc_us is not None:
        page.say(sealed_words(sealed_until_utc_us))
    for key, until in snoozes.items():
        if until > now_utc_us:
            page.say(f"Snoozed until {moment(until)}: {key or 'everything'}.")
    if not rows:
        page.say("No alert has been sent yet.")
        return
    page.table(
        ("Sent", "Through", ""),
        [(moment(row.sent_utc_us), row.channels, alert_words(row)) for row in rows],
    )
