"""Compute 95 % confidence intervals of shares, means, rates and their changes, from arrays of sums. No posts and no texts here.

Unknown numbers are NaN, and null in tables. The formulas are NumPy's because most tables have a few rows, for which each step of an
expression of polars takes as long as hundreds of numbers.

A post is the unit of observation throughout: the words of one post aren't independent, so they never count as more evidence than the
post they are in.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

Z_95 = 1.959964  # the normal distribution's quantile for 95 %
_T_95_DF1, _T_95_DF2 = 12.7062, 4.3027
_MIN_VARIANCE = 1e-12  # smaller variances are rounding errors

Numbers = npt.NDArray[np.float64]
ConfidenceInterval = tuple[Numbers, Numbers]
_is_quiet_on_zeros = np.errstate(divide="ignore", invalid="ignore")  # what can't be computed becomes NaN


def read_numbers(table: pl.DataFrame, *names: str) -> list[Numbers]:
    """Return columns of a table as arrays."""
    return [table[name].cast(pl.Float64).to_numpy() for name in names]


def to_column(numbers: Numbers) -> pl.Series:
    """Return an array as a column of a table."""
    return pl.Series(numbers, dtype=pl.Float64, nan_to_null=True)


@_is_quiet_on_zeros
def divide(dividend: Numbers, divisor: Numbers) -> Numbers:
    """Return quotients, which are unknown or infinite for a divisor of 0."""
    return dividend / divisor


@_is_quiet_on_zeros
def wilson_interval(share: Numbers, sample_size: Numbers, z: Numbers | float = Z_95) -> ConfidenceInterval:
    """Return the interval of a share of `sample_size` independent observations, which needn't be an integer.

    `z` is the normal distribution's quantile for another confidence than 95 %. The interval is unknown if the share is, or if there are no
    observations. Source: Wilson 1927, JASA 22, 209-212.
    """
    half_width = z * np.sqrt(share * (1 - share) / sample_size + z**2 / (4 * sample_size**2))
    low, high = ((share + z**2 / (2 * sample_size) + side * half_width) / (1 + z**2 / sample_size) for side in (-1, 1))
    known = sample_size > 0
    return np.where(known, np.clip(low, 0, share), np.nan), np.where(known, np.clip(high, share, 1), np.nan)


@_is_quiet_on_zeros
def corrected_wilson_interval(share: Numbers, sample_size: Numbers) -> ConfidenceInterval:
    """Return Wilson's interval of a share with continuity correction.

    It is about as wide as the exact binomial interval, also for shares of 0 and 1, where Wilson's own is too narrow.
    `sample_size` needn't be an integer. Unknown as in `wilson_interval`. Source: Newcombe 1998, Statistics in Medicine 17, 857-872,
    method 4.
    """
    z2, rest = Z_95**2, 1 - share
    center, width = 2 * sample_size * share + z2, 2 * (sample_size + z2)
    low_root, high_root = (
        np.sqrt(np.maximum(z2 - side * (2 - 4 * share) - 1 / sample_size + 4 * sample_size * share * rest, 0)) for side in (1, -1)
    )
    low, high = (center - 1 - Z_95 * low_root) / width, (center + 1 + Z_95 * high_root) / width
    low, high = np.where(share > 0, low, 0.0), np.where(rest > 0, high, 1.0)
    known = (sample_size > 0) & np.isfinite(share)
    return np.where(known, np.clip(low, 0, share), np.nan), np.where(known, np.clip(high, share, 1), np.nan)


@_is_quiet_on_zeros
def effective_sample_size(
    positive: Numbers, total: Numbers, square_sums: tuple[Numbers, Numbers, Numbers], opinionated_posts: Numbers
) -> Numbers:
    """Return the number of independent posts that a share of units (words, points or posts) is worth, for `wilson_interval`.

    The share positive ÷ total is a ratio of sums over posts. Its variance is that of the linearized ratio estimator (Cochran 1977, ch. 6),
    and p (1 − p) ÷ variance is the effective sample size (Kish 1965; with Wilson's interval: Franco et al. 2019, JSSAM 7). It is at most
    `opinionated_posts`, the number of posts with any unit, so if each post is one unit the interval is exactly Wilson's. `square_sums` are
    the sums of positive², positive · total and total² over posts.
    """
    share = positive / total
    variance = (square_sums[0] - 2 * share * square_sums[1] + share**2 * square_sums[2]) / total**2
    effective_size = np.where(variance > _MIN_VARIANCE, share * (1 - share) / variance, np.nan)
    return np.fmin(effective_size, opinionated_posts)


@_is_quiet_on_zeros
def variance_from_sums(total: Numbers, square_sum: Numbers, sample_size: Numbers) -> Numbers:
    """Return the sample variance from the sum and the sum of squares; unknown for fewer than two values, and if all are equal."""
    variance = (square_sum - total**2 / sample_size) / (sample_size - 1)
    return np.where((sample_size > 1) & (variance > _MIN_VARIANCE), variance, np.nan)


@_is_quiet_on_zeros
def mean_interval(sample_mean: Numbers, sample_variance: Numbers, sample_size: Numbers) -> ConfidenceInterval:
    """Return the interval of a mean by Student's t (Student 1908); unknown where the variance is unknown."""
    half_width = _student_t(sample_size - 1) * np.sqrt(sample_variance / sample_size)
    return sample_mean - half_width, sample_mean + half_width


@_is_quiet_on_zeros
def difference_of_means(
    means: tuple[Numbers, Numbers], variances: tuple[Numbers, Numbers], sample_sizes: tuple[Numbers, Numbers]
) -> ConfidenceInterval:
    """Return the interval of the second mean minus the first, for unequal variances (Welch 1947, Biometrika 34, 28-35)."""
    first, second = (variance / size for variance, size in zip(variances, sample_sizes, strict=True))
    degrees_of_freedom = (first + second) ** 2 / (first**2 / (sample_sizes[0] - 1) + second**2 / (sample_sizes[1] - 1))
    change, half_width = means[1] - means[0], _student_t(degrees_of_freedom) * np.sqrt(first + second)
    return change - half_width, change + half_width


@_is_quiet_on_zeros
def difference_of_shares(shares: tuple[Numbers, Numbers], intervals: tuple[ConfidenceInterval, ConfidenceInterval]) -> ConfidenceInterval:
    """Return the interval of the second share minus the first, from the Wilson intervals of both (Newcombe 1998, method 10)."""
    (before, now), ((low, high), (low_now, high_now)) = shares, intervals
    change = now - before
    return (
        change - np.sqrt((now - low_now) ** 2 + (high - before) ** 2),
        change + np.sqrt((high_now - now) ** 2 + (before - low) ** 2),
    )


@_is_quiet_on_zeros
def ratio_of_rates(counts: tuple[Numbers, Numbers], durations: tuple[Numbers, Numbers], dispersion: Numbers) -> ConfidenceInterval:
    """Return the interval of the second rate ÷ the first.

    Given the total count, the second count is binomial, so the ratio's interval is that of its share as odds (Przyborowski and Wilenski
    1940). The continuity correction keeps few posts from looking certain: without it, 0 posts after 4 would be a clear change, although
    the exact test says p = 0.125. The interval is widened where counts vary more than by chance: `dispersion`, at least 1, divides the
    total (quasi-Poisson; McCullagh and Nelder 1989). The upper bound is unknown where it is infinite: if the first count is 0.
    """
    total = counts[0] + counts[1]
    low, high = corrected_wilson_interval(counts[1] / total, total / dispersion)
    duration_ratio = durations[0] / durations[1]
    return low / (1 - low) * duration_ratio, np.where(high < 1, high / (1 - high) * duration_ratio, np.nan)


@_is_quiet_on_zeros
def _student_t(degrees_of_freedom: Numbers) -> Numbers:
    """Return Student's t for 95 % (Abramowitz and Stegun 26.7.5): exact for one degree of freedom, within 1 % from two on."""
    terms = (
        (Z_95**3 + Z_95) / 4,
        (5 * Z_95**5 + 16 * Z_95**3 + 3 * Z_95) / 96,
        (3 * Z_95**7 + 19 * Z_95**5 + 17 * Z_95**3 - 15 * Z_95) / 384,
        (79 * Z_95**9 + 776 * Z_95**7 + 1482 * Z_95**5 - 1920 * Z_95**3 - 945 * Z_95) / 92160,
    )
    series = Z_95 + sum(term / degrees_of_freedom ** (power + 1) for power, term in enumerate(terms))
    return np.where(degrees_of_freedom < 2, _T_95_DF2 + (_T_95_DF1 - _T_95_DF2) * (2 / degrees_of_freedom - 1), series)
