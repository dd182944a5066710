"""The pictures of the page; drawn only where matplotlib is (extra `bench`)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from validation.detection import peer
from validation.detection.twitches import BOUND_FALSE_PER_HOUR, ENERGY_FALSE_PER_HOUR

FOLDER = Path(__file__).parents[2] / "docs" / "figures"
MISSING = "matplotlib is NOT installed: no pictures. Install it by: pip install -e '.[bench]'"

_OURS, _REAL, _PEER, _BOUND, _PLAIN = "#1b6ca8", "#2e8b57", "#c8553d", "#444444", "#999999"


def present() -> bool:
    """Whether pictures can be drawn."""
    return find_spec("matplotlib") is not None


def draw(curves: dict[str, Any], folder: Path = FOLDER) -> list[tuple[str, str]]:
    """Draw what there are curves for; return file names with their captions."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "twitchwatch"
    matplotlib.rcParams["svg.fonttype"] = "none"
    matplotlib.rcParams["font.size"] = 9
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    if "twitch" in curves:
        drawn.append((_twitches(curves["twitch"], folder), "Twitch F1 and sensitivity against size"))
    if "tremor_mg" in curves:
        drawn.append((_tremor(curves, folder), f"Tremor found against size, beside {peer.name()}"))
    return drawn


def _save(figure: Any, folder: Path, name: str) -> str:
    import matplotlib.pyplot as plt

    figure.tight_layout()
    figure.savefig(folder / name, metadata={"Date": None})
    plt.close(figure)
    return name


def _finish(axes: Any, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=7.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _twitches(points: list[Any], folder: Path) -> str:
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.4))
    names = list(dict.fromkeys(p.background.name for p in points))
    chosen = (
        "LSM6DS3TR-C",
        "worn still, LSM6DS3TR-C",
        "night, disturbed",
        "mpu6050_static",
        "CTRL hands",
    )
    styles = iter(("-", "--", "-.", ":", (0, (1, 3))))
    for name in (each for each in chosen if each in names):
        group = [p for p in points if p.background.name == name]
        snrs = [p.snr for p in group]
        label = f"{name} ({'real' if group[0].background.real else 'modelled'})"
        style = next(styles)
        colour = _REAL if group[0].background.real else _OURS
        left.plot(snrs, [p.ours.f1 for p in group], color=colour, linestyle=style)
        right.plot(snrs, [p.ours.sensitivity for p in group], color=colour, linestyle=style, label=label)
        if name == "LSM6DS3TR-C":
            low, high = zip(*(p.ours.f1_interval() for p in group), strict=True)
            left.fill_between(snrs, low, high, color=_OURS, alpha=0.15)
            bound = f"known template, {BOUND_FALSE_PER_HOUR:g} false/h"
            left.plot(snrs, [p.bound for p in group], color=_BOUND, label=bound)
            left.plot(
                snrs,
                [p.bank.f1 for p in group],
                color=_BOUND,
                linestyle="--",
                label="bank of shapes, 0.25 false/h",
            )
            plain = f"plain energy, {ENERGY_FALSE_PER_HOUR:g} false/h"
            left.plot(snrs, [p.plain.f1 for p in group], color=_PLAIN, label=plain)
    left.plot([4, 5, 6], [0.80, 0.93, 0.98], "k^", markersize=5, label="bar")
    _finish(left, "peak over noise of an axis", "F1")
    _finish(right, "peak over noise of an axis", "sensitivity")
    return _save(figure, folder, "detection_twitches.svg")


def _tremor(curves: dict[str, Any], folder: Path) -> str:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(8.2, 3.2))
    for ax, (key, unit, bar) in zip(
        axes, (("tremor_mg", "mg rms", 10), ("tremor_dps", "deg/s rms", 2)), strict=True
    ):
        curve = curves[key]
        for label, colour, style in (
            ("ours", _OURS, "-"),
            ("ours, 3-7 Hz", _OURS, "--"),
            ("ParaDigMa", _PEER, "-"),
            ("ParaDigMa, 3-7 Hz", _PEER, "--"),
        ):
            ax.plot(curve["size"], curve[label], color=colour, linestyle=style, marker=".", label=label)
        ax.axvline(bar, color="k", linewidth=0.6)
        ax.set_xscale("log")
        ax.set_xticks(curve["size"], [f"{size:g}" for size in curve["size"]])
        ax.minorticks_off()
        _finish(ax, unit, "windows found, 3-12 Hz")
    return _save(figure, folder, "detection_tremor.svg")
