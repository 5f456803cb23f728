"""P-values agree with the intervals that they belong to and with scipy, and the clear ones are those of Benjamini and Hochberg."""

from typing import Any

import numpy as np
import pytest

from dashboard.analytics import engagement, significance, uncertainty

RANDOM = np.random.default_rng(20261130)
_PUBLISHED = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]


def both(draw: Any) -> Any:
    """Return two arrays of five hundred numbers."""
    return draw(500), draw(500)


def test_the_example_of_benjamini_and_hochberg_1995_has_four_discoveries() -> None:
    """Fifteen comparisons of two treatments, section 3.2; 0.0095 is below 4 ÷ 15 × 0.05, while Bonferroni's rule keeps three."""
    assert significance.select_discoveries(np.array(_PUBLISHED)).tolist() == [True] * 4 + [False] * 11


def test_a_p_value_below_a_larger_one_that_passes_counts_too() -> None:
    """0.03 is above 1 ÷ 2 × 0.05, but 0.04 is below 0.05, and both are selected."""
    assert significance.select_discoveries(np.array([0.03, 0.04])).tolist() == [True, True]


def test_unknown_p_values_are_no_comparisons() -> None:
    """They are neither selected nor counted."""
    p_values = np.array([np.nan, 0.04, np.nan])
    assert significance.select_discoveries(p_values).tolist() == [False, True, False]


@pytest.mark.parametrize("p_values", [[], [np.nan]])
def test_nothing_is_selected_of_nothing(p_values: list[float]) -> None:
    """A report may have no accounts with two periods."""
    assert not significance.select_discoveries(np.array(p_values)).any()


@pytest.mark.training
def test_the_selection_agrees_with_scipy() -> None:
    """Scipy adjusts p-values instead, in families of different sizes."""
    from scipy import stats  # loads for most of a second

    for size in range(1, 60):
        p_values = RANDOM.random(size) ** 3
        assert (significance.select_discoveries(p_values) == (stats.false_discovery_control(p_values) <= 0.05)).all()


def test_rates_differ_exactly_where_the_interval_of_their_ratio_excludes_one() -> None:
    """This is so for any counts, durations and dispersions."""
    counts, durations = both(lambda size: RANDOM.integers(0, 40, size).astype(float)), both(lambda size: 1 + 29 * RANDOM.random(size))
    dispersion = 1 + RANDOM.random(500)
    low, high = uncertainty.ratio_of_rates(counts, durations, dispersion)
    p_values = significance.p_of_rates(counts, durations, dispersion)
    assert ((p_values < 0.05) == ((low > 1) | (high < 1))).all()


def test_shares_differ_exactly_where_the_interval_of_their_difference_excludes_zero() -> None:
    """This is so for fractions of a post, and for shares of 0 and 1."""
    shares, sizes = both(RANDOM.random), both(lambda size: 0.5 + 80 * RANDOM.random(size))
    shares[0][:50], shares[1][25:75] = 0, 1
    wilson = [uncertainty.wilson_interval(share, size) for share, size in zip(shares, sizes, strict=True)]
    low, high = uncertainty.difference_of_shares(shares, (wilson[0], wilson[1]))
    p_values = significance.p_of_shares(shares, sizes)
    assert ((p_values < 0.05) == ((low > 0) | (high < 0))).all()


def test_equal_shares_have_a_p_value_of_one() -> None:
    """The change is zero, which no interval excludes."""
    half, ten = np.array([0.5]), np.array([10.0])
    assert significance.p_of_shares((half, half), (ten, ten)) == pytest.approx([1.0], abs=1e-5)


def test_an_unknown_share_has_no_p_value() -> None:
    """Without positive or negative words there is none."""
    half, ten = np.array([0.5]), np.array([10.0])
    assert np.isnan(significance.p_of_shares((np.array([np.nan]), half), (np.array([0.0]), ten))).all()


@pytest.mark.parametrize(("t", "degrees", "p_value"), [(2.262, 9, 0.05), (3.250, 9, 0.01), (2.776, 4, 0.05), (8.610, 4, 0.001)])
def test_means_have_the_p_values_of_printed_tables(t: float, degrees: int, p_value: float) -> None:
    """With one sample that doesn't vary, Welch's degrees of freedom are those of the other."""
    zero, one, size = np.zeros(1), np.ones(1), np.array([degrees + 1.0])
    means = (zero, t * np.sqrt(one / size))
    assert significance.p_of_means(means, (zero, one), (size, size)) == pytest.approx([p_value], rel=5e-3)


@pytest.mark.training
def test_means_have_the_p_values_of_scipy() -> None:
    """With fewer than three degrees of freedom, the p-value is never too small."""
    from scipy import stats  # loads for most of a second

    means, variances = both(lambda size: RANDOM.normal(size=size)), both(lambda size: 4 * RANDOM.random(size))
    sizes = both(lambda size: RANDOM.integers(2, 60, size).astype(float))
    deviations = [np.sqrt(variance) for variance in variances]
    expected = stats.ttest_ind_from_stats(means[0], deviations[0], sizes[0], means[1], deviations[1], sizes[1], equal_var=False).pvalue
    p_values = significance.p_of_means(means, variances, sizes)
    has_enough = (np.minimum(*sizes) > 4) & (expected > 1e-3)
    assert p_values[has_enough] == pytest.approx(expected[has_enough], rel=1e-2)
    assert (p_values[expected > 1e-3] > 0.99 * expected[expected > 1e-3]).all()


def test_medians_differ_exactly_where_their_intervals_do_not_overlap() -> None:
    """This is so with ties, and with samples that are too small for an interval."""
    for first_size, second_size in RANDOM.integers(0, 40, (200, 2)):
        first, second = RANDOM.integers(0, 30, first_size).astype(float), RANDOM.integers(0, 30, second_size) + 6.0
        ranks = [engagement.median_bound_rank(sample.size) for sample in (first, second)]
        expected = False
        if ranks[0] and ranks[1]:
            low, high = np.sort(first), np.sort(second)
            expected = bool(high[ranks[1] - 1] > low[-ranks[0]] or low[ranks[0] - 1] > high[-ranks[1]])
        assert (significance.p_of_medians(first, second) <= 0.05) is expected
