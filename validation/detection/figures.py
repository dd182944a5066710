"""The pictures of the page; drawn only if matplotlib is installed (extra `bench`)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from validation.detection import peer
from validation.detection.by_family import ENERGY, PEAK, SNRS
from validation.detection.entrants import OURS
from validation.detection.families import PUBLISHED
from validation.detection.twitches import BOUND_FALSE_PER_HOUR, ENERGY_FALSE_PER_HOUR

FIRST = "detection_first.svg"
FIRST_CAPTION = "Left: brief motions found by form and size. Right: the rate against the true one"
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
    if "families" in curves and "counts" in curves:
        drawn.append((_first(curves, folder), FIRST_CAPTION))
    if "families" in curves:
        drawn.append((_energy(curves["families"], folder), "Brief motions found against energy SNR, by form"))
    if "twitch" in curves:
        drawn.append((_twitches(curves["twitch"], folder), "Twitch F1 and sensitivity against size"))
    if "tremor_mg" in curves:
        drawn.append((_tremor(curves, folder), f"Tremor found against size, beside {peer.name()}"))
    return drawn


def _first(curves: dict[str, Any], folder: Path) -> str:
    """The first page's picture: what is found by form and size, and the rate."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.6))
    _by_form(left, curves["families"], PEAK, "peak over noise of an axis")
    counts = curves["counts"]
    true = [each.per_minute for each in counts]
    right.plot(true, true, color=_BOUND, linewidth=0.8, label="true")
    right.plot(
        true,
        [each.per_minute * each.twitch for each in counts],
        color=_PLAIN,
        marker=".",
        label="reported as twitch",
    )
    stated = [(each.per_minute, each.per_minute * each.low) for each in counts if each.low is not None]
    if stated:
        right.plot(
            *zip(*stated, strict=True), color=_OURS, marker="o", markersize=4, label="rate stated (low)"
        )
    right.set_xscale("log")
    right.set_yscale("log")
    right.set_xticks(true, [str(each) for each in true])
    right.set_yticks(true, [str(each) for each in true])
    right.minorticks_off()
    right.set_ylim(2, 600)
    right.set_xlabel("true twitches a minute")
    right.set_ylabel("a minute")
    right.grid(alpha=0.3)
    right.legend(frameon=False, fontsize=7.5, loc="upper left")
    for side in ("top", "right"):
        right.spines[side].set_visible(False)
    return _save(figure, folder, FIRST)


def _by_form(axes: Any, curves: list[Any], by: str, words: str) -> None:
    """What ours finds of each family; grey beyond the bound of the family with the lowest one."""
    import matplotlib.pyplot as plt

    those = [curve for curve in curves if curve.by == by]
    shades = plt.get_cmap("plasma")
    for at, curve in enumerate(those):
        published = curve.family is PUBLISHED
        axes.plot(
            SNRS[by],
            [each.sensitivity for each in curve.brief[OURS.name]],
            color="black" if published else shades(0.85 * at / max(1, len(those) - 1)),
            linestyle="-" if curve.family.tunable else "--",
            linewidth=2 if published else 1.2,
            label=curve.family.name,
        )
    axes.fill_between(
        SNRS[by], np.min([c.bound for c in those], axis=0), 1, color="#cccccc", alpha=0.5, linewidth=0
    )
    axes.set_xscale("log")
    axes.set_xticks(SNRS[by], [str(snr) for snr in SNRS[by]])
    axes.minorticks_off()
    _finish(axes, words, "share found (twitch + unlike)")
    axes.legend(frameon=False, fontsize=6, loc="lower right")


def _energy(curves: list[Any], folder: Path) -> str:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5.2, 3.4))
    _by_form(axes, curves, ENERGY, "energy SNR")
    return _save(figure, folder, "detection_energy.svg")


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
