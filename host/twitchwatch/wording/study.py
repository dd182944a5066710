"""What the commands of a study did, in words."""

from __future__ import annotations

from collections.abc import Mapping

from twitchwatch.foreign import one_line
from twitchwatch.views.study import PulledView, RunView, WithdrawnView
from twitchwatch.wording.units import plural


def pulled_words(view: PulledView) -> str:
    """How many nights were pulled."""
    return f"Pulled {plural(view.written, 'night')}; {view.unchanged} had not changed."


def run_words(view: RunView) -> str:
    """How many nights were analysed."""
    words = f"{view.analysis}: analysed {plural(view.computed, 'night')}; {view.before} already had a result."
    if view.withdrawn:
        words += f" {plural(view.withdrawn, 'night')} of wearers who withdrew meanwhile left no result."
    return words


def withdrawn_words(view: WithdrawnView) -> str:
    """What was removed."""
    return (
        f"{view.wearer} has withdrawn: {plural(view.files, 'file')} were removed, and the label from your key"
        " file. You must clean backups of the study and of the key yourself."
    )


def failed_words(failed: Mapping[str, str]) -> list[str]:
    """A line for each that was left out, with the reason."""
    return [f"{one_line(what)}: {one_line(why, 400)}" for what, why in sorted(failed.items())]
