"""Log-linear regression of overdispersed counts with exposure: what a rate depends on, and how certainly.

The model is the negative binomial of quadratic variance (NB2): the mean of a count is exposure times
exp(X b), its variance mean + a mean^2 (Hilbe 2011, Negative Binomial Regression, ch. 8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_ROUNDS = 50
_CLOSE = 1e-6
# Twitching varies from night to night by a factor, not by a hundred: beyond that, a fit has diverged.
_MAX_LOG = 12.0
_MAX_OVERDISPERSION = 50.0


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients (logs of ratios), their covariance, a of the variance, and degrees of freedom."""

    coefficients: Floats
    covariance: Floats
    overdispersion: float
    freedom: int


def fit(counts: Floats, exposure: Floats, design: Floats) -> Fit | None:
    """Fit counts (n) with exposure (n, above 0) by the columns of `design` (n, p); None if impossible.

    Coefficients by iterated weighted least squares (McCullagh & Nelder 1989, Generalized Linear Models, 2.5),
    `a` by making Pearson's chi-square equal its freedom (Breslow 1984, J R Stat Soc C 33:38). The
    covariance is robust against a wrong variance, in the form that is accurate in small samples: HC3
    (MacKinnon & White 1985, J Econometrics 29:305).
    """
    n, p = design.shape
    freedom = n - p
    if freedom < 1 or not counts.sum() > 0 or np.linalg.matrix_rank(design) < p:
        return None
    overdispersion = 0.0
    # Starts from the crude rate.
    beta = _least_squares(design, np.log((counts + 0.5) / exposure))
    for _ in range(_ROUNDS):
        solved = _solve(counts, exposure, design, overdispersion, beta)
        if solved is None:
            return None
        beta = solved
        before = overdispersion
        overdispersion = _overdispersion(counts, _mean(exposure, design, beta), freedom)
        if abs(overdispersion - before) <= 1e-6 * (1.0 + before):
            break
    mean = _mean(exposure, design, beta)
    weights = mean / (1.0 + overdispersion * mean)
    bread = np.linalg.pinv(design.T @ (weights[:, None] * design))
    # Share of each night in its own fitted value: one near 1 determines it and carries no information.
    leverage = np.minimum(weights * np.einsum("ij,jk,ik->i", design, bread, design), 0.99)
    residual = weights * (counts - mean) / mean / (1.0 - leverage)
    meat = design.T @ ((residual**2)[:, None] * design)
    covariance = bread @ meat @ bread
    if not np.all(np.isfinite(covariance)):
        return None
    return Fit(beta, covariance, overdispersion, freedom)


def _mean(exposure: Floats, design: Floats, beta: Floats) -> Floats:
    predicted: Floats = exposure * np.exp(np.clip(design @ beta, -_MAX_LOG, _MAX_LOG))
    return predicted


def _solve(
    counts: Floats, exposure: Floats, design: Floats, overdispersion: float, beta: Floats
) -> Floats | None:
    for _ in range(_ROUNDS):
        mean = _mean(exposure, design, beta)
        weights = mean / (1.0 + overdispersion * mean)
        working = design @ beta + (counts - mean) / mean
        root = np.sqrt(weights)
        new = _least_squares(design * root[:, None], working * root)
        if not np.all(np.isfinite(new)):
            return None
        step = float(np.max(np.abs(new - beta)))
        # A full step may diverge if most counts are 0.
        beta = beta + (new - beta) * min(1.0, 3.0 / max(step, 1e-12))
        if step <= _CLOSE:
            return beta
    return None


def _least_squares(design: Floats, target: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(design, target, rcond=None)[0], dtype=np.float64)


def _overdispersion(counts: Floats, mean: Floats, freedom: int) -> float:
    misfit = (counts - mean) ** 2

    def excess(a: float) -> float:
        return float(np.sum(misfit / (mean + a * mean**2))) - freedom

    if excess(0.0) <= 0.0:
        return 0.0
    low, high = 0.0, 1.0
    while excess(high) > 0.0 and high < _MAX_OVERDISPERSION:
        high *= 2.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if excess(middle) > 0.0 else (low, middle)
    return high
