"""Which commands print which objects: listed in docs/cli.md, and compared with the output by the tests."""

from __future__ import annotations

from twitchwatch.views import (
    annotating,
    board,
    collecting,
    erasing,
    events,
    exports,
    findings,
    journal,
    live,
    morning,
    nights,
    profile,
    recordings,
    sensors,
    study,
)
from twitchwatch.views.shape import View, kinds, meanings

VIEWS: dict[str, tuple[type[View], ...]] = {
    "detect": (
        recordings.DetectedBurst,
        recordings.DetectedMovement,
        recordings.DetectedBout,
        recordings.DetectedGap,
        recordings.DetectedCandidate,
        recordings.Summary,
        recordings.RateRange,
        recordings.RefusedView,
    ),
    "import": (recordings.ImportedView, recordings.RefusedView),
    "flash": (collecting.FlashView, collecting.FlashCheckView),
    "run, sync": (
        collecting.SyncView,
        collecting.LinkFaultView,
        collecting.WellView,
        collecting.StateView,
        collecting.AlertingView,
    ),
    "doctor": (collecting.CheckView,),
    "service status": (collecting.ServiceView,),
    "alerts": (collecting.AlertView,),
    "journal": (journal.JournalView,),
    "triggers": (journal.TriggerView,),
    "plan": (journal.PlanView,),
    "experiment": (journal.ExperimentView,),
    "events": (
        events.PlacedBurst,
        events.PlacedMovement,
        events.PlacedBout,
        events.PlacedUncounted,
        events.PlacedMark,
        events.PlacedGap,
        nights.MissingNights,
    ),
    "annotate": (annotating.AnnotationView, annotating.PrecisionView),
    "morning": (morning.MorningView,),
    "report": (profile.ProfileView,),
    "nights": (nights.NightView, nights.MissingNights),
    "flags": (findings.FlagView,),
    "reanalyse": (findings.ChangeView,),
    "sensors": (sensors.KnownDevice,),
    "settings show": (sensors.SettingView,),
    "study pull": (study.PulledView,),
    "study run": (study.RunView,),
    "study withdraw": (study.WithdrawnView,),
    "erase": (erasing.ErasedView,),
    "export": (exports.ExportView,),
    "capture": (recordings.CaptureView,),
    "status": (sensors.DatabaseView, sensors.StoredDevice, board.BoardView),
    "status --watch": (live.LiveView, live.LiveSensorView, live.LiveEventView, live.LiveTapView),
}

# Objects within a line, with their names in the reference.
NESTED: dict[type[View], str] = {board.BoardView: "board", recordings.RateRange: "rate_per_h"}


def names_of(view: type[View]) -> tuple[str, ...]:
    """The possible values of a view's `kind`; for an object within a line, its name."""
    return kinds(view) or (NESTED[view],)


def shapes() -> dict[str, dict[str, dict[str, str]]]:
    """By command: each kind of object with its keys in order and their meanings."""
    return {
        command: {name: meanings(view) for view in views for name in names_of(view)}
        for command, views in VIEWS.items()
    }
