"""`twitchwatch`: the program's commands, each imported only when it is called."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from twitchwatch import __version__
from twitchwatch.errors import Exit, OutputError, ReaderGone, TwitchwatchError
from twitchwatch.start import finish, give_up, stopped_by
from twitchwatch.terminal.help_pages import Context, paged
from twitchwatch.terminal.output import write_message

# name: its one line in the overview. Each lies in a module of its name here, as `command`.
COMMANDS = {
    "setup": "Set everything up, from the box to the first night.",
    "demo": "Simulate one night: a virtual ring records and syncs it.",
    "run": "Collect the records of your sensors until stopped.",
    "doctor": "Check this computer, and suggest fixes.",
    "service": "Install the daemon as a system service.",
    "sync": "Sync one sensor once, over Bluetooth or the cable.",
    "detect": "Find twitches, tremor and movement in a recording (CSV).",
    "import": "Add recordings to the nights, apart from those of a ring.",
    "morning": "Compare last night with your usual ones; show what to do.",
    "dashboard": "Show nights, trend, findings and journal in the browser.",
    "report": "Put the last weeks on one page for a doctor (PDF, HTML).",
    "nights": "List the nights: rest, twitches an hour, tremor.",
    "events": "List twitches, tremor, jerks, spasms and movements.",
    "annotate": "Correct events, leave stretches out, note moments.",
    "flags": "Show what stands out, with its evidence, in plain words.",
    "reanalyse": "Derive everything again from the records; show what changed.",
    "journal": "Keep an evening journal: caffeine, stress, sleep, symptoms.",
    "triggers": "Find journal entries associated with more or fewer twitches.",
    "plan": "Follow guided weeks, and see whether the twitching changes.",
    "experiment": "Run a randomised experiment to find a cause.",
    "alerts": "Set up and test messages to desktop, phone, home automation.",
    "deadman": "Check that the daemon is alive; send an alert if it is not.",
    "export": "Write nights for other programs: CSV, Parquet, EDF+, FHIR, BIDS.",
    "study": "Run a study: many wearers, pseudonyms, SQL, Python, a report.",
    "erase": "Delete nights, a sensor, demo data or everything.",
    "sensors": "List the sensors; forget one, or renew its key.",
    "settings": "Show and change the settings of a sensor.",
    "capture": "Record raw samples of a sensor to a file.",
    "status": "Show what is stored, and what is missing or damaged.",
    "backup": "Copy the database, and verify the copy.",
    "restore": "Replace the database with a backup.",
    "salvage": "Save the readable part of a damaged database.",
    "flash": "Put the firmware on a connected board.",
    "completion": "Print the set-up for command completion in your shell.",
}

# Commands whose name cannot be that of a module.
_MODULES = {"import": "importing"}

# Former names of commands, and the present ones that are suggested instead.
RENAMED = {"devices": "sensors"}

# The exit code that shells report if a program's reader exits.
READER_GONE = 141


class Program(click.Group):
    """A group that lists its commands without importing them."""

    context_class = Context

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order in which a new user needs them."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for an unknown name, suggest similar ones."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            name = RENAMED.get(error.command_name, error.command_name)
            raise click.exceptions.NoSuchCommand(
                name, error.message, possibilities=[*COMMANDS], ctx=ctx
            ) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the chosen command; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        return paged(import_module(f"twitchwatch.cli.{_MODULES.get(cmd_name, cmd_name)}").command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def program() -> None:
    """Detect finger twitches during sleep, keep every one, and show which are rhythmic (tremor) or becoming
    more frequent.

    Twitchwatch is not a medical device and makes no diagnosis.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code. Messages go to stderr, each with a remedy."""
    if damage := sys.modules.get("twitchwatch.store.damage"):
        damage.forget()
    try:
        # By default, click formats help for at least 50 columns.
        width = min(shutil.get_terminal_size().columns, 80) - 2
        result = program.main(
            list(arguments), prog_name="twitchwatch", standalone_mode=False, terminal_width=width
        )
        sys.stdout.flush()
    except ReaderGone:
        return _reader_gone()
    except TwitchwatchError as error:
        if isinstance(error, OutputError):
            give_up(1)
        write_message(f"twitchwatch: {error}")
        return int(error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return int(Exit.USAGE)
    except click.ClickException as error:
        write_message(f"twitchwatch: {_usage(error)}")
        return int(Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        return stopped_by(signal.SIGINT)
    except BrokenPipeError:
        return _reader_gone()
    except Exception:  # noqa: BLE001 - the last line of defence: report any exception as a bug
        if _says_damage(cannot_answer=True):
            return int(Exit.INTEGRITY)
        _report_bug()
        return int(Exit.BUG)
    code = result if isinstance(result, int) else int(Exit.OK)
    return int(Exit.INTEGRITY) if code == Exit.OK and _says_damage() else code


def main() -> None:
    """Entry point of the installed program."""
    sys.exit(finish(run(sys.argv[1:])))


def _reader_gone() -> int:
    give_up(1)
    return READER_GONE


def _usage(error: click.ClickException) -> str:
    """The error of click, and where to find help on the command."""
    message = error.format_message().strip()
    if isinstance(error, click.exceptions.NoSuchCommand | click.NoSuchOption):
        message = error.message
        if error.possibilities:
            message += f" Did you mean {' or '.join(error.possibilities)}?"
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context is not None else "twitchwatch"
    end = "" if message.endswith((".", "?")) else "."
    return f"{message}{end} `{path} --help` explains it."


def _says_damage(*, cannot_answer: bool = False) -> bool:
    """Report damage found in the database, if anything was lost."""
    damage = sys.modules.get("twitchwatch.store.damage")
    if damage is None or not damage.met():
        return False
    from twitchwatch.wording.damage import left_out

    words = left_out(damage.met(), answered=not cannot_answer)
    if words:
        write_message(f"twitchwatch: {words}")
    return bool(words)


def _report_bug() -> None:
    import platform
    import traceback

    traceback.print_exc()
    write_message(
        f"twitchwatch: this is a bug in twitchwatch {__version__} (Python {platform.python_version()}, "
        f"{platform.system()}). Nothing that was stored is lost. Please report it with the lines above."
    )
