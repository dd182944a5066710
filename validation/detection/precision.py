"""The cost of whole numbers: the kernels compared with the same algorithm in float64, on the same samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twitchwatch.shared.detector.parameters import TABLE
from twitchwatch.shared.protocol.records import TWITCH
from validation.detection import reference
from validation.detection.matching import match, score
from validation.detection.scenes import Scene, twitch_bank, with_twitches
from validation.detection.sizes import Sizes
from validation.detection.twitches import backgrounds
from validation.tables import BOTH, MODELLED, Bar, Results, Table

SNRS = (4, 5, 6)
_OWN = 5000
_UNTROUBLED = ("LSM6DS3TR-C", "MPU6050", "worn still, LSM6DS3TR-C", "mpu6050_static")
# Beyond this loss of F1 a filter or a table would need more bits; and the two are the same algorithm only if
# they agree on almost every twitch.
_FOLLOWS = 0.98


def _by_kernels(scene: Scene) -> NDArray[np.int64]:
    """Onsets of twitches; none is attributed to a pulse, because the reference does not follow those."""
    most = next(greatest for name, _, _, greatest in TABLE if name == "pulse_sway")
    return np.array(
        [e.sample for e in scene.detect({"pulse_sway": most}).events if e.kind == TWITCH], np.int64
    )


def tell(sizes: Sizes) -> Results:
    """F1 of both, and how many of all that either reports both report."""
    bank = twitch_bank(np.random.default_rng(sizes.seed + _OWN), sizes.twitches)
    rows = []
    losses = []
    shared = reported = 0
    for number, background in enumerate(each for each in backgrounds() if each.name in _UNTROUBLED):
        for snr in SNRS:
            rng = np.random.default_rng([sizes.seed + _OWN + 1, number, snr])
            scene, _ = with_twitches(rng, background, bank, snr * background.noise_mg)
            fixed, floating = _by_kernels(scene), reference.twitches(scene.samples)
            both = len(match(fixed, floating))
            shared, reported = shared + both, reported + max(len(fixed), len(floating))
            ours = score(scene.onsets, fixed, scene.seconds).f1
            theirs = score(scene.onsets, floating, scene.seconds).f1
            losses.append(theirs - ours)
            basis = "real" if background.real else "modelled"
            rows.append(
                (
                    f"{background.name} ({basis})",
                    str(snr),
                    f"{ours:.4f}",
                    f"{theirs:.4f}",
                    f"{theirs - ours:+.4f}",
                    f"{both} of {len(fixed)} / {len(floating)}",
                )
            )
    agreement = shared / max(reported, 1)
    measured = f"at most {max(losses):+.4f}, mean {np.mean(losses):+.4f}; {100 * agreement:.1f} % alike"
    follows = agreement >= _FOLLOWS
    if not follows:
        measured += " (too few: the reference does not follow the kernels any more)"
    findings = Results()
    findings.bars.append(
        Bar(
            "fixed point against float64: loss of F1",
            "<= 0.01",
            measured,
            bool(max(losses) <= 0.01) if follows else None,
            MODELLED,
        )
    )
    head = ("background", "SNR", "fixed", "float64", "loss", "both report")
    findings.tables.append(
        Table("Integers compared with float64: F1", f"{MODELLED}, {BOTH}", head, tuple(rows))
    )
    return findings
