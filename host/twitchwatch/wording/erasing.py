"""What will be erased and what was, in words."""

from __future__ import annotations

from twitchwatch.views.erasing import ErasedView
from twitchwatch.wording.units import plural

_AGAIN = {
    "nights": "The sensor is not asked for these records again.",
    "sensors": (
        "A sensor that still has records sends them again at the next sync: `twitchwatch flash --erase` "
        "empties it, `twitchwatch sensors forget NAME` deletes its key."
    ),
    "everything": "The keys of sensors, the settings of alerts, and log files stay.",
    "backups": "The database itself was not changed.",
}


def question_words(scope: str, nights: int, names: str) -> str:
    """What would be erased, before it is; nights: of backups, how many."""
    if scope == "backups":
        return f"This deletes {plural(nights, 'copy')} of the database. It cannot be undone."
    if scope == "everything":
        return "This erases every record, the journal and all findings. It cannot be undone."
    what = plural(nights, "night")
    about = f" of {names}" if names else ""
    whole = " with its records, annotations and findings" if scope == "sensors" else ""
    return f"This erases {what}{about}{whole}. It cannot be undone."


def erased_words(view: ErasedView) -> list[str]:
    """What was erased, what still contains it, and what a sensor may send again: sentences."""
    if view.scope in ("everything", "backups"):
        sentences = [f"Deleted {', '.join(view.files) or 'nothing'}."]
    elif view.scope == "traces":
        sentences = ["The file was rewritten, so that no trace of what was erased before is left in it."]
        if view.files:
            sentences.append(f"Deleted {plural(len(view.files), 'copy')} of the database.")
    else:
        parts = [plural(view.nights, "night"), plural(view.records, "record")]
        parts += [plural(view.annotations, "annotation")] if view.annotations else []
        parts += [plural(view.journal_entries, "journal entry")] if view.journal_entries else []
        sentences = [
            f"Erased {', '.join(parts)}. The file was rewritten, so that no trace of them is left in it."
        ]
        if view.files:
            sentences.append(f"Deleted {plural(len(view.files), 'copy')} of the database.")
    if view.scope in _AGAIN:
        sentences.append(_AGAIN[view.scope])
    if view.copies:
        sentences.append(
            f"{plural(len(view.copies), 'copy')} of the database may still contain it: "
            f"{', '.join(view.copies)}. `twitchwatch erase --backups` deletes all copies."
        )
    return sentences
