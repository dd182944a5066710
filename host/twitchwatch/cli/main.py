"""`twitchwatch`: the program's commands, none of which is loaded before it is chosen."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from twitchwatch import __version__
from twitchwatch.cli.output import ReaderGone, write_message
from twitchwatch.errors import Exit, TwitchwatchError

# name: its one line in the overview. Each lies in a module of its name here, as `command`.
COMMANDS = {
    "demo": "A virtual ring wears a night, syncs, and tells it.",
    "run": "Collect the records of your sensors as they come, until stopped.",
    "doctor": "What may be wrong here, and what to do about it.",
    "service": "Let the system run the daemon for you.",
    "sync": "Meet one sensor once, over Bluetooth or the cable.",
    "detect": "Find twitches, tremor and movement in a recording (CSV).",
    "nights": "Each night: rest, twitches an hour, tremor.",
    "events": "Each twitch, tremor, jerk, spasm and movement, with its time.",
    "flags": "What stands out, with its evidence, in plain words.",
    "reanalyse": "Derive everything again from the records; show what changed.",
    "journal": "Note what was drunk, done and felt on an evening.",
    "triggers": "What of the journal goes with more twitches, or fewer.",
    "plan": "Guided weeks, and whether the twitching changed.",
    "experiment": "Lots decide of each evening, to find a cause.",
    "alerts": "Messages to your desktop, telephone, house; and a test of them.",
    "deadman": "Look from outside whether the daemon works, and alarm if not.",
    "sensors": "The sensors known here; forget one, or renew its key.",
    "settings": "What can be set on a sensor, and to set it.",
    "capture": "Raw samples of a sensor into a file.",
    "status": "What is stored, when it came, and what is missing.",
    "flash": "Put the firmware on a connected board.",
    "completion": "Print the set-up of your shell's completion.",
}

# What a command was called before: the suggestion for it is what it is called now.
RENAMED = {"devices": "sensors"}

# What a shell reports of a program that was stopped by Ctrl-C, or whose reader went away.
INTERRUPTED = 130
READER_GONE = 141


class Program(click.Group):
    """A group that lists its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a first use."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for a name that is not ours, suggest those like it."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            name = RENAMED.get(error.command_name, error.command_name)
            raise click.exceptions.NoSuchCommand(
                name, error.message, possibilities=[*COMMANDS], ctx=ctx
            ) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the chosen command; None for a name that is not ours."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"twitchwatch.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def program() -> None:
    """Find finger twitches in sleep, keep every one, and say which are rhythmic (tremor) or becoming
    more frequent.

    Twitchwatch is not a medical device and makes no diagnosis.
    """


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; give its exit code. Messages go to stderr, each with a remedy."""
    try:
        result = program.main(list(arguments), prog_name="twitchwatch", standalone_mode=False)
        sys.stdout.flush()
    except TwitchwatchError as error:
        write_message(f"twitchwatch: {error}")
        return int(error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return int(Exit.USAGE)
    except click.ClickException as error:
        write_message(f"twitchwatch: {_usage(error)}")
        return int(Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (ReaderGone, BrokenPipeError):
        # The interpreter flushes once more at its end; that must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except Exception:  # noqa: BLE001 - the last line of defence: whatever it is, say whose fault it is
        _tell_bug()
        return int(Exit.BUG)
    return result if isinstance(result, int) else int(Exit.OK)


def main() -> None:
    """Entry point of the installed program."""
    sys.exit(run(sys.argv[1:]))


def _usage(error: click.ClickException) -> str:
    """What click refuses, and where the command explains itself."""
    message = error.format_message().strip()
    if isinstance(error, click.exceptions.NoSuchCommand | click.NoSuchOption):
        message = error.message
        if error.possibilities:
            message += f" Did you mean {' or '.join(error.possibilities)}?"
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context is not None else "twitchwatch"
    end = "" if message.endswith((".", "?")) else "."
    return f"{message}{end} `{path} --help` explains it."


def _tell_bug() -> None:
    import platform
    import traceback

    traceback.print_exc()
    write_message(
        f"twitchwatch: this is a bug in twitchwatch {__version__} (Python {platform.python_version()}, "
        f"{platform.system()}). Nothing that was stored is lost. Please report it with the lines above."
    )
