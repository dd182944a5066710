"""How each system runs the daemon: systemd units, launchd property lists, Task Scheduler XML.

The systemd units are checked by `systemd-analyze verify` in the tests. The other two are written according to
their documentation (launchd.plist(5); Task Scheduler schema, [MS-TSCH]), read back by a parser, and untested
on those systems.
"""

from __future__ import annotations

import plistlib
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from twitchwatch.alerts.channels import PATIENCE_S
from twitchwatch.errors import Exit

NAME = "twitchwatch"
# The guard: checks regularly whether the daemon still writes its sign of life.
GUARD = "twitchwatch-deadman"
LABEL = "org.twitchwatch.run"
GUARD_LABEL = "org.twitchwatch.deadman"
# The daemon's event loop gives a sign of life every 15 s; a commit to a slow disk takes a second or two.
WATCHDOG_S = 30
RESTART_S = 5
# The daemon stops within three seconds; a process that does not is hanging.
STOP_S = 10
# systemd has one limit for that and for the guard after it (systemd.service(5), TimeoutStopSec). All channels
# of the guard have PATIENCE_S at the same time; the rest is for Python to start, and to note what was sent.
STOP_AND_ALERT_S = STOP_S + int(PATIENCE_S)
GUARD_EVERY_S = 240
# Restarting does not help: a wrong command line, a database that is damaged or too new.
HOPELESS = (Exit.USAGE, Exit.INTEGRITY)

_SERVICE = """\
# Made by `twitchwatch service install`, which overwrites it; `systemctl --user edit {name}` keeps changes.
[Unit]
Description=Twitchwatch: collects the records of twitch sensors
# No limit to restarts: a sensor may advertise again in ten minutes.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={run}
ExecStopPost=-{guard} --service-result ${{SERVICE_RESULT}}
Restart=on-failure
RestartSec={restart_s}
RestartPreventExitStatus={hopeless}
WatchdogSec={watchdog_s}
TimeoutStopSec={stop_s}
UMask=0077
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""
_GUARD = """\
# Made by `twitchwatch service install`, which overwrites it.
[Unit]
Description=Twitchwatch: sends an alert if its daemon has stopped

[Service]
Type=oneshot
ExecStart={guard}
UMask=0077
NoNewPrivileges=yes
# It reports that the daemon has stopped, which is not a failure of its own.
SuccessExitStatus={attention}
"""
_TIMER = """\
# Made by `twitchwatch service install`, which overwrites it.
[Unit]
Description=Twitchwatch: checks every few minutes that its daemon is alive

[Timer]
OnStartupSec={every_s}
OnUnitActiveSec={every_s}
AccuracySec=30

[Install]
WantedBy=timers.target
"""
_TASK = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>{description}</Description></RegistrationInfo>
  <Triggers><LogonTrigger><Enabled>true</Enabled>{repetition}</LogonTrigger></Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>255</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec><Command>{command}</Command><Arguments>{arguments}</Arguments></Exec>
  </Actions>
</Task>
"""


@dataclass(frozen=True, slots=True)
class Commands:
    """The command lines that a service runs: the daemon, and its guard."""

    run: Sequence[str]
    guard: Sequence[str]


def systemd_units(commands: Commands) -> dict[str, str]:
    """File name and content of each unit."""
    values = {
        "name": NAME,
        "run": _systemd_line(commands.run),
        "guard": _systemd_line(commands.guard),
        "restart_s": RESTART_S,
        "hopeless": " ".join(str(int(code)) for code in HOPELESS),
        "watchdog_s": WATCHDOG_S,
        "stop_s": STOP_AND_ALERT_S,
        "every_s": GUARD_EVERY_S,
        "attention": int(Exit.ATTENTION),
    }
    return {
        f"{NAME}.service": _SERVICE.format(**values),
        f"{GUARD}.service": _GUARD.format(**values),
        f"{GUARD}.timer": _TIMER.format(**values),
    }


def launchd_agents(commands: Commands, log: Path) -> dict[str, bytes]:
    """File name and content of each agent; the daemon's output outside of its log goes to files beside it."""
    beside = str(log.with_suffix(".launchd.log"))
    run = {
        "Label": LABEL,
        "ProgramArguments": list(commands.run),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": RESTART_S,
        "ExitTimeOut": STOP_S,
        "ProcessType": "Background",
        "Umask": 0o077,
        "StandardErrorPath": beside,
    }
    guard = {
        "Label": GUARD_LABEL,
        "ProgramArguments": list(commands.guard),
        "StartInterval": GUARD_EVERY_S,
        "Umask": 0o077,
        "StandardErrorPath": beside,
    }
    return {f"{LABEL}.plist": plistlib.dumps(run), f"{GUARD_LABEL}.plist": plistlib.dumps(guard)}


def windows_tasks(commands: Commands) -> dict[str, str]:
    """Name and content of each task."""
    often = f"<Repetition><Interval>PT{GUARD_EVERY_S // 60}M</Interval></Repetition>"
    return {
        "Twitchwatch": _task(commands.run, "Collects the records of twitch sensors", ""),
        "Twitchwatch deadman": _task(commands.guard, "Sends an alert if Twitchwatch stops working", often),
    }


def _task(command: Sequence[str], description: str, repetition: str) -> str:
    return _TASK.format(
        description=escape(description),
        repetition=repetition,
        command=escape(command[0]),
        arguments=escape(subprocess.list2cmdline(command[1:])),
    )


def _systemd_line(command: Sequence[str]) -> str:
    """As systemd.service(5) reads it: quoted, with its specifiers and variables escaped."""
    return " ".join(_systemd_word(word) for word in command)


def _systemd_word(word: str) -> str:
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{word}"' if not word or any(c in " \t'\"\\;" for c in word) else word
