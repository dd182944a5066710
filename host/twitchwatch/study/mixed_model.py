"""A mixed model of counts: negative binomial within a wearer, log-normal between wearers.

For night j of wearer i with n twitches in h hours of rest:

    n | u ~ negative binomial, mean h exp(x b + u), variance mean + mean^2 / k      (NB2)
    u ~ normal, mean 0, standard deviation s

The likelihood integrates u by adaptive Gauss-Hermite quadrature around each wearer's mode (Pinheiro and Bates
1995, J Comput Graph Stat 4:12), and is maximised over b, log k and log s. Nights differ and twitches cluster:
a Poisson model would take both for effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln
from scipy.stats import t as student

from twitchwatch.errors import UsageError

NODES = 15
_NEWTON = 12
_LEAST_WEARERS = 5
# Beyond these a likelihood is flat: no overdispersion, no difference between wearers.
_LOG_K = (-4.0, 12.0)
_LOG_S = (-7.0, 3.0)
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effect:
    """A term of the model: the ratio of rates for one unit more, with a 95 % interval."""

    name: str
    ratio: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model.

    effects: without the intercept. per_hour: of a typical wearer at the mean of all terms, with its interval.
    between: standard deviation of log rates between wearers; night_cv: of true rates within one.
    """

    effects: tuple[Effect, ...]
    per_hour: Effect
    between: float
    night_cv: float
    wearers: int
    nights: int


def fit(counts: NDArray[np.int64], hours: Array, wearer: Sequence[str], terms: dict[str, Array]) -> Fit:
    """Fit the model to nights (n,), with terms (n,) by name; terms without variation are left out.

    Intervals rest on t with (wearers - terms - 1) degrees of freedom: what differs between wearers is known
    from as many as there are. Raises UsageError with fewer than five wearers, or without a twitch.
    """
    groups, index = np.unique(np.asarray(wearer), return_inverse=True)
    if len(groups) < _LEAST_WEARERS:
        raise UsageError(
            f"A model needs {_LEAST_WEARERS} wearers with usable nights; there are {len(groups)}."
        )
    if counts.sum() == 0:
        raise UsageError("There is no twitch in these nights, so there is nothing to compare.")
    varying = {name: values - values.mean() for name, values in terms.items() if np.ptp(values) > 0}
    design = np.column_stack([np.ones(len(counts)), *varying.values()])
    problem = _Problem(counts.astype(float), np.log(hours), design, index, len(groups))
    start = np.zeros(design.shape[1] + 2)
    start[0] = np.log(counts.sum() / hours.sum())
    start[-2:] = 1.0, -0.5
    bounds = [(None, None)] * design.shape[1] + [_LOG_K, _LOG_S]
    found = minimize(problem.loss, start, method="L-BFGS-B", bounds=bounds)
    spread = _standard_errors(problem, found.x)
    quantile = student.ppf(0.975, max(1, len(groups) - design.shape[1]))
    freedom = max(1, len(groups) - design.shape[1])

    def effect(name: str, at: int) -> Effect:
        value, error = found.x[at], spread[at]
        low, high = np.exp(np.clip((value - quantile * error, value + quantile * error), -700, 700))
        p_value = float(2 * student.sf(abs(value / error), freedom))
        return Effect(name, float(np.exp(value)), float(low), float(high), p_value)

    return Fit(
        tuple(effect(name, at) for at, name in enumerate(varying, 1)),
        effect("twitches per hour", 0),
        float(np.exp(found.x[-1])),
        float(np.exp(-found.x[-2] / 2)),
        len(groups),
        len(counts),
    )


class _Problem:
    """Minus the log-likelihood of b, log k, log s."""

    def __init__(self, counts: Array, offset: Array, design: Array, index: NDArray[np.intp], groups: int):
        self._counts, self._offset, self._design = counts, offset, design
        self._index, self._groups = index, groups
        nodes, weights = np.polynomial.hermite.hermgauss(NODES)
        self._nodes, self._log_weights = nodes, np.log(weights) + nodes**2

    def loss(self, parameters: Array) -> float:
        b, k, s = parameters[:-2], np.exp(parameters[-2]), np.exp(parameters[-1])
        eta = self._offset + self._design @ b
        mode, scale = self._modes(eta, k, s)
        total = np.full((self._groups, NODES), 0.0)
        u = mode[:, None] + np.sqrt(2) * scale[:, None] * self._nodes
        log_mean = eta[:, None] + u[self._index]
        terms = self._log_density(self._counts[:, None], log_mean, k)
        np.add.at(total, self._index, terms)
        total += -0.5 * (u / s) ** 2 - np.log(s) + np.log(scale)[:, None] + self._log_weights
        top = total.max(axis=1, keepdims=True)
        value = float(-(top[:, 0] + np.log(np.exp(total - top).sum(axis=1))).sum())
        return value if np.isfinite(value) else 1e300

    def _modes(self, eta: Array, k: float, s: float) -> tuple[Array, Array]:
        """Each wearer's most likely u, by Newton's method on a concave function, and its width."""
        u: Array = np.zeros(self._groups)
        curve: Array = np.ones(self._groups)
        for _ in range(_NEWTON):
            mean = np.exp(np.minimum(eta + u[self._index], 50.0))
            slope = k * (self._counts - mean) / (k + mean)
            bend = k * mean * (k + self._counts) / (k + mean) ** 2
            gradient = np.bincount(self._index, slope, self._groups) - u / s**2
            curve = np.asarray(np.bincount(self._index, bend, self._groups) + 1 / s**2)
            u = u + np.clip(gradient / curve, -2.0, 2.0)
        return u, 1 / np.sqrt(curve)

    @staticmethod
    def _log_density(n: Array, log_mean: Array, k: float) -> Array:
        """Of the negative binomial: k log(k / (k + m)) + n log(m / (k + m)), and what depends on n and k."""
        log_k = np.log(k)
        both = np.logaddexp(log_k, log_mean)
        constant = gammaln(n + k) - gammaln(k) - gammaln(n + 1)
        return np.asarray(constant + k * (log_k - both) + n * (log_mean - both))


def _standard_errors(problem: _Problem, at: Array) -> Array:
    """From the curvature of the likelihood, by central differences."""
    size = len(at)
    step = 1e-3 * np.maximum(1.0, np.abs(at))
    curve = np.empty((size, size))
    for i in range(size):
        for j in range(i, size):
            ends = []
            for one, other in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moved = at.copy()
                moved[i] += one * step[i]
                moved[j] += other * step[j]
                ends.append(problem.loss(moved))
            value = (ends[0] - ends[1] - ends[2] + ends[3]) / (4 * step[i] * step[j])
            curve[i, j] = curve[j, i] = value
    variance = np.diag(np.linalg.pinv(curve))
    return np.sqrt(np.where(variance > 0, variance, np.inf))
