"""Compute p-values of changes, and select those that are clear among all that are compared together. No posts and no texts here.

Each p-value belongs to an interval of `uncertainty`: it is below 5 % where the 95 % interval excludes no change. Unknown ones are NaN.
"""

import math

import numpy as np
import numpy.typing as npt

from dashboard.analytics.uncertainty import Numbers, difference_of_shares, wilson_interval

FALSE_DISCOVERY_RATE = 0.05
_MAX_Z, _BISECTIONS = 12.0, 22  # p is below 1e-32 there; z is known to 3e-6
_is_quiet_on_zeros = np.errstate(divide="ignore", invalid="ignore")  # what can't be computed becomes NaN


def select_discoveries(p_values: Numbers, rate: float = FALSE_DISCOVERY_RATE) -> npt.NDArray[np.bool_]:
    """Return which p-values are small enough that at most `rate` of all that are selected are expected to be chance.

    With m known p-values, those up to the largest p(k) ≤ rate · k ÷ m are selected, where p(k) is the k-th smallest. Source: Benjamini and
    Hochberg 1995, Journal of the Royal Statistical Society B 57, 289-300; for measures that change together: Benjamini and Yekutieli 2001,
    Annals of Statistics 29, 1165-1188.
    """
    ordered = np.sort(p_values[np.isfinite(p_values)])
    passing = ordered[ordered <= rate * np.arange(1, ordered.size + 1) / max(ordered.size, 1)]
    return p_values <= passing[-1] if passing.size else np.zeros(p_values.shape, dtype=np.bool_)


@_is_quiet_on_zeros
def p_of_rates(counts: tuple[Numbers, Numbers], durations: tuple[Numbers, Numbers], dispersion: Numbers) -> Numbers:
    """Return the p-values of equal rates: the score test, with continuity correction, that uncertainty.ratio_of_rates inverts."""
    total, expected_share = counts[0] + counts[1], durations[1] / (durations[0] + durations[1])
    size = total / dispersion
    distance = np.maximum(np.abs(counts[1] / total - expected_share) - 1 / (2 * size), 0)
    return _p_of_z(distance / np.sqrt(expected_share * (1 - expected_share) / size))


@_is_quiet_on_zeros
def p_of_means(means: tuple[Numbers, Numbers], variances: tuple[Numbers, Numbers], sample_sizes: tuple[Numbers, Numbers]) -> Numbers:
    """Return the p-values of equal means by Welch's test (1947).

    From three degrees of freedom on, t becomes z by Hill's formula (1970, CACM 13, 617-619), which is within 1 % for p-values from 0.001.
    Fewer are rounded down to one or two, where the distribution has an exact formula.
    """
    first, second = (variance / size for variance, size in zip(variances, sample_sizes, strict=True))
    degrees = (first + second) ** 2 / (first**2 / (sample_sizes[0] - 1) + second**2 / (sample_sizes[1] - 1))
    t = np.abs(means[1] - means[0]) / np.sqrt(first + second)
    with_few_degrees = np.where(degrees < 2, 1 - 2 / np.pi * np.arctan(t), 1 - t / np.sqrt(2 + t**2))
    return np.where(degrees < 3, with_few_degrees, _p_of_z(_z_of_t(t, degrees)))


def p_of_shares(shares: tuple[Numbers, Numbers], sample_sizes: tuple[Numbers, Numbers]) -> Numbers:
    """Return the p-values of equal shares, by finding the level at which an end of uncertainty.difference_of_shares is zero."""
    low, high = np.zeros(shares[0].shape), np.full(shares[0].shape, _MAX_Z)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        before, now = (wilson_interval(share, size, middle) for share, size in zip(shares, sample_sizes, strict=True))
        ends = difference_of_shares(shares, (before, now))
        excludes_zero = (ends[0] > 0) | (ends[1] < 0)
        low, high = np.where(excludes_zero, middle, low), np.where(excludes_zero, high, middle)
    is_known = np.isfinite(shares[1] - shares[0]) & (sample_sizes[0] > 0) & (sample_sizes[1] > 0)
    return np.where(is_known, _p_of_z(low), np.nan)


def p_of_medians(first: Numbers, second: Numbers) -> float:
    """Return the least level at which the intervals of two samples' medians don't overlap, NaN if they have none.

    The intervals are those of engagement.median_reactions. The level exceeds the p-value of a test of the difference, because two intervals
    that touch differ by more than chance explains.
    """
    if not (first.size and second.size):
        return math.nan
    samples = [np.sort(sample) for sample in sorted((first, second), key=np.median)]
    tails = [_binomial_tails(sample.size) for sample in samples]
    levels = np.unique(np.concatenate(tails))  # of one side
    lower_ranks, higher_ranks = (np.searchsorted(tail, levels, side="right") for tail in tails)
    has_both = (lower_ranks > 0) & (higher_ranks > 0)
    if not has_both.any():
        return math.nan
    high_of_lower, low_of_higher = samples[0][-lower_ranks[has_both]], samples[1][higher_ranks[has_both] - 1]
    separate = 2 * levels[has_both][low_of_higher > high_of_lower]
    return float(min(separate, default=1.0))


def _binomial_tails(size: int) -> Numbers:
    """Return the probabilities that a binomial(size, ½) variable is 0, at most 1, and so on, below ½."""
    ranks = np.arange(1, size // 2 + 1)
    logarithms = np.concatenate([np.zeros(min(size, 1)), np.cumsum(np.log((size - ranks + 1) / ranks))]) - size * math.log(2)
    tails: Numbers = np.cumsum(np.exp(logarithms))
    return tails[tails < 1 / 2]


@_is_quiet_on_zeros
def _z_of_t(t: Numbers, degrees_of_freedom: Numbers) -> Numbers:
    """Return the normal deviates with the same p-values as Student's t, by Hill's formula."""
    a = degrees_of_freedom - 0.5
    b = 48 * a**2
    z: Numbers = np.sqrt(a * np.log1p(t**2 / degrees_of_freedom))
    return z + (z**3 + 3 * z) / b - (4 * z**7 + 33 * z**5 + 240 * z**3 + 855 * z) / (10 * b * (b + 0.8 * z**4 + 100))


def _p_of_z(z: Numbers) -> Numbers:
    """Return the two-sided p-values of normal deviates."""
    return np.array([math.erfc(value / math.sqrt(2)) for value in z])
