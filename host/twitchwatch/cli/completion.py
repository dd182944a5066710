"""`twitchwatch completion`: command completion for the shell."""

from __future__ import annotations

import click

from twitchwatch.cli.options import Choice
from twitchwatch.terminal.output import write_line


@click.command("completion")
@click.argument("shell", metavar="SHELL", type=Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that makes SHELL complete commands and options.

    \b
    bash, in ~/.bashrc:                   eval "$(twitchwatch completion bash)"
    zsh, in ~/.zshrc:                     eval "$(twitchwatch completion zsh)"
    fish, in ~/.config/fish/config.fish:  twitchwatch completion fish | source
    """  # noqa: D301 - click takes a real backspace for "leave these lines alone"
    from click.shell_completion import get_completion_class

    from twitchwatch.cli.main import program

    completer = get_completion_class(shell)
    assert completer is not None
    write_line(completer(program, {}, "twitchwatch", "_TWITCHWATCH_COMPLETE").source())
