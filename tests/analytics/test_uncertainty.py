"""Confidence intervals: they agree with the literature, count a post as one observation, and are null where nothing is known."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from dashboard.analytics import coverage, intervals, sentiment, uncertainty
from dashboard.charts.plotlyjs import figures
from dashboard.charts.vega import images
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from tests.support.builders import build_posts, build_query, build_spans, build_timeline, build_timeline_at

WITHIN = build_spans(("nasa", "2026-03-02T00:00", "2026-03-02T23:00"))


def numbers(*values: float) -> Any:
    """Return each value as an array of one number."""
    return [np.array([value], dtype=float) for value in values]


def ends(interval: uncertainty.ConfidenceInterval) -> tuple[float | None, float | None]:
    """Return low and high of an interval of one row, None where they are unknown."""
    low, high = (uncertainty.to_column(end).item() for end in interval)
    return low, high


def ratio_of_rates(before: float, now: float, dispersion: float = 1.0) -> tuple[float | None, float | None]:
    """Return the interval of the ratio of two counts in equal times."""
    (time,) = numbers(1.0)
    return ends(uncertainty.ratio_of_rates(tuple(numbers(before, now)), (time, time), *numbers(dispersion)))


def table(*texts: str, measure: sentiment.Measure, method: str = "bing") -> dict[str, float | None]:
    """Return the row of a day with these posts."""
    frame = build_posts(*({"text": text, "created_at": "2026-03-02"} for text in texts))
    return sentiment.sentiment(sentiment.score_posts(frame, method), WITHIN, "day", "UTC", measure).row(0, named=True)


@pytest.mark.parametrize(
    ("hits", "size", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_a_wilson_interval_agrees_with_newcombe_1998(hits: int, size: int, low: float, high: float) -> None:
    """Statistics in Medicine 17, 857-872, table I, method 3."""
    assert ends(uncertainty.wilson_interval(*numbers(hits / size, size))) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("hits", "sizes", "low", "high"),
    [((48, 56), (80, 70), 0.0524, 0.3339), ((3, 9), (10, 10), 0.1705, 0.8090), ((0, 10), (10, 10), 0.6075, 1.0)],
)
def test_a_difference_of_shares_agrees_with_newcombe_1998(hits: tuple[int, int], sizes: tuple[int, int], low: float, high: float) -> None:
    """Statistics in Medicine 17, 873-890, table II, method 10."""
    shares = numbers(hits[0] / sizes[0], hits[1] / sizes[1])
    before, now = (uncertainty.wilson_interval(share, size) for share, size in zip(shares, numbers(*sizes), strict=True))
    assert ends(uncertainty.difference_of_shares((shares[0], shares[1]), (before, now))) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(("size", "t"), [(2, 12.706), (3, 4.303), (5, 2.776), (10, 2.262), (31, 2.042), (1001, 1.962)])
def test_a_mean_has_students_interval(size: int, t: float) -> None:
    """The quantiles agree with published tables to one percent."""
    low, high = ends(uncertainty.mean_interval(*numbers(0, size, size)))
    assert high == pytest.approx(t, rel=0.01)
    assert low == pytest.approx(-t, rel=0.01)


def test_a_difference_of_means_is_welchs() -> None:
    """For 27.6 ± 15 of 10 and 24.1 ± 4 of 20 it agrees with R's t.test."""
    low, high = ends(uncertainty.difference_of_means(*(tuple(numbers(*pair)) for pair in ((24.1, 27.6), (16, 225), (20, 10)))))
    # standard error sqrt(0.8 + 22.5) = 4.827, freedom 9.65, t = 2.239
    assert (low, high) == pytest.approx((3.5 - 10.81, 3.5 + 10.81), abs=0.02)


@pytest.mark.parametrize(
    ("hits", "size", "low", "high"),
    [(81, 263, 0.2535, 0.3682), (15, 148, 0.0598, 0.1644), (0, 20, 0.0, 0.2005), (1, 29, 0.0018, 0.1963)],
)
def test_a_corrected_wilson_interval_agrees_with_newcombe_1998(hits: int, size: int, low: float, high: float) -> None:
    """Statistics in Medicine 17, 857-872, table I, method 4."""
    assert ends(uncertainty.corrected_wilson_interval(*numbers(hits / size, size))) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.training
@pytest.mark.parametrize(("hits", "size"), [(0, 4), (4, 4), (0, 6), (5, 6), (1, 8), (60, 100), (999, 1000)])
def test_a_corrected_wilson_interval_agrees_with_scipy(hits: int, size: int) -> None:
    """Scipy calls the method wilsoncc."""
    from scipy import stats  # loads for most of a second

    expected = stats.binomtest(hits, size).proportion_ci(method="wilsoncc")
    interval = ends(uncertainty.corrected_wilson_interval(*numbers(hits / size, size)))
    assert interval == pytest.approx((expected.low, expected.high), abs=1e-6)


@pytest.mark.parametrize("size", [0.05, 0.5, 2.5])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_fraction_of_an_observation_has_an_interval(size: float, share: float) -> None:
    """Overdispersed counts are worth less than their number, even less than one."""
    low, high = ends(uncertainty.corrected_wilson_interval(*numbers(share, size)))
    assert low is not None
    assert high is not None
    assert 0 <= low <= share <= high <= 1


def test_no_observations_have_no_interval() -> None:
    """There's no share either."""
    assert ends(uncertainty.corrected_wilson_interval(*numbers(float("nan"), 0))) == (None, None)


@pytest.mark.training
@pytest.mark.parametrize("posts", [(0, 4), (4, 0), (0, 5), (0, 6), (6, 0), (1, 8), (1, 9), (2, 10), (7, 20), (40, 60), (100, 140)])
def test_a_change_is_clear_if_the_exact_test_says_so(posts: tuple[int, int]) -> None:
    """In equal times, the interval excludes 1 if the two-sided binomial p-value is below 0.05."""
    from scipy import stats  # loads for most of a second

    low, high = ratio_of_rates(*posts)
    is_clear = (low is not None and low > 1) or (high is not None and high < 1)
    assert is_clear == (stats.binomtest(posts[1], sum(posts)).pvalue < 0.05)


def test_a_ratio_to_no_posts_has_no_upper_end() -> None:
    """It is infinite, but its lower end is known."""
    low, high = ratio_of_rates(0, 4)
    assert low == pytest.approx(0.3958 / 0.6042, rel=1e-3)
    assert high is None


def test_a_ratio_of_rates_is_binomial_given_the_sum() -> None:
    """For 60 and 40 posts in equal times it is the corrected Wilson interval of 60 %, as odds."""
    low, high = ratio_of_rates(40, 60)
    assert (low, high) == pytest.approx((0.4970 / 0.5030, 0.6952 / 0.3048), rel=1e-3)


def test_overdispersed_counts_widen_the_interval_of_a_ratio() -> None:
    """Bursts aren't independent evidence."""
    (low, high), (wide_low, wide_high) = ratio_of_rates(40, 60), ratio_of_rates(40, 60, dispersion=4)
    assert wide_low < low < high < wide_high  # type: ignore[operator]


# In the table of sentiment


def test_a_share_with_one_word_per_post_has_wilsons_interval() -> None:
    """In that case, words and posts are the same."""
    row = table(*["good"] * 3, *["bad"] * 7, "hm", measure="share")
    assert (row["low"], row["high"]) == pytest.approx((0.1078, 0.6032), abs=1e-4)


def test_many_words_in_a_post_are_no_more_evidence_than_the_post() -> None:
    """Repeating each word five times doesn't narrow the interval."""
    once, often = (table(*["good " * n] * 3, *["bad " * n] * 7, measure="share") for n in (1, 5))
    assert (often["low"], often["high"]) == pytest.approx((once["low"], once["high"]))


@pytest.mark.parametrize(
    ("texts", "measure"),
    [(["hm", "hm"], "share"), (["good"], "mean"), (["good", "good"], "mean")],
)
def test_an_interval_without_enough_data_is_null(texts: list[str], measure: sentiment.Measure) -> None:
    """This is so without opinions, for a single post, and for posts that are all alike."""
    row = table(*texts, measure=measure)
    assert row["low"] is None
    assert row["high"] is None


def test_the_value_lies_in_its_interval() -> None:
    """This holds at both ends of a share, too."""
    for texts in (["good"] * 4, ["bad"] * 4, ["good bad"] * 4, ["good", "bad bad", "great"]):
        row = table(*texts, measure="share")
        assert 0 <= row["low"] <= row["value"] <= row["high"] <= 1  # type: ignore[operator]


@pytest.mark.parametrize("measure", ["mean", "share"])
def test_95_percent_of_intervals_contain_the_true_value(measure: sentiment.Measure) -> None:
    """For posts of 0 to 3 words of one polarity, 92 to 98 % of 400 intervals contain the value of all posts."""
    chance = random.Random(1)

    def written() -> str:
        return " ".join([("good", "bad")[chance.random() < 0.4]] * chance.choice([0, 1, 1, 2, 3]))

    drawn = [build_posts(*({"text": written()} for _ in range(40)), account=f"a{number}") for number in range(400)]
    sums = sentiment.sum_scores(sentiment.score_posts(pl.concat(drawn), "bing"), "account")
    table = sentiment.add_confidence_interval(sentiment.add_measure(sums, measure), measure)
    truth = {"share": 0.6, "mean": 0.2 * 1.4}[measure]
    assert 0.92 <= table.select(((pl.col("low") <= truth) & (pl.col("high") >= truth)).mean()).item() <= 0.98


# On the chart


def drawn(measure: str = "share", **common: str) -> Report:
    """Return the chart of one day with six posts, one with two, and one without."""
    rows = [{"text": "good" if n % 2 else "bad", "created_at": "2026-03-01"} for n in range(6)]
    rows += [{"text": text, "created_at": "2026-03-03"} for text in ("good", "bad")]
    return builder.build_report("sentiment", build_query(measure=measure, interval="day"), Fetched([build_timeline(*rows, **common)]))


def test_page_and_image_draw_the_same_whiskers() -> None:
    """They go from low to high of the table, and are missing where the value is unknown."""
    report = drawn()
    rows = images.build_spec(report.chart, width=900, height=420, theme_name="light")["datasets"]["0"]
    (bars,) = figures.build_figure(report.chart)["data"]
    bounds = [(row["low"], row["high"]) for row in report.to_rows()]
    assert [(row["low"], row["high"]) for row in rows] == bounds
    lengths = [0 if low is None else high - low for low, high in bounds]
    assert [sum(lengths) for lengths in zip(bars["error_y"]["array"], bars["error_y"]["arrayminus"], strict=True)] == pytest.approx(lengths)


def test_page_and_image_outline_only_the_last_bar_while_it_is_incomplete() -> None:
    """The day with two posts is filled like the others, because whiskers say how uncertain it is."""
    whole = drawn("net").chart
    chart = replace(whole, series=(replace(whole.series[0], is_open=True),))
    rows = images.build_spec(chart, width=900, height=420, theme_name="light")["datasets"]["0"]
    bars = figures.build_figure(chart)["data"][-1]
    clear = [colour == "rgba(0,0,0,0)" for colour in bars["marker"]["color"]]
    assert [row["hollow"] for row in rows] == clear == [False, False, True]


@pytest.mark.parametrize(
    ("cut_by", "args", "incomplete"),
    [
        (None, {}, [False, False, True]),  # all there is, but March is not over
        ("n", {}, [True, False, True]),
        ("n", {"until": "2026-04-01"}, [True, False, True]),
        (None, {"since": "2026-01-15"}, [True, False, True]),
        (None, {"since": "2026-01-01"}, [False, False, True]),
        (None, {"until": "2026-03-15"}, [False, False, True]),
    ],
)
def test_partially_known_intervals_are_marked(cut_by: str | None, args: dict[str, str], incomplete: list[bool]) -> None:
    """Reading was cut, the query starts or ends inside, or the month wasn't over when it was read."""
    read = build_timeline_at("2026-01-20", "2026-02-02", "2026-03-03", cut_by=cut_by)
    chart = builder.build_report("frequency", build_query(interval="month", **args), Fetched([read])).chart
    assert list(chart.series[0].hollow) == incomplete
    assert [("incomplete month" in words) for words in chart.series[0].tooltips] == incomplete


def test_the_last_interval_of_a_file_is_known_until_its_last_post() -> None:
    """It's unknown what came after it."""
    read = build_timeline_at("2026-01-05", "2026-01-20", account="file:ab/c")
    known = coverage.known_spans([read], (None, None), None)
    table = pl.DataFrame({"account": ["file:ab/c"] * 2, "start": ["2026-01-05", "2026-01-19"]}).with_columns(pl.col("start").str.to_date())
    assert intervals.flag_partial(table, known, "week", "UTC")["part"].to_list() == [False, True]


@pytest.mark.parametrize(("tz", "part"), [("UTC", False), ("America/Havana", True), ("Asia/Kathmandu", True)])
def test_an_interval_is_partial_in_local_time(tz: str, part: bool) -> None:
    """What is known from midnight UTC on starts in the middle of another zone's day."""
    known = pl.DataFrame({"account": ["nasa"], "known_from": ["2026-03-02T00:00:00Z"], "known_to": [None]})
    known = known.with_columns(
        pl.col("known_from").str.to_datetime(time_unit="us", time_zone="UTC"), pl.col("known_to").cast(pl.Datetime("us", "UTC"))
    )
    first = intervals.list_intervals(build_spans(("nasa", "2026-03-02T00:00", "2026-03-02T00:00")), "day", tz)
    assert intervals.flag_partial(first, known, "day", tz)["part"].to_list() == [part]
