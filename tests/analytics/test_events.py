"""Detecting intervals that stand out from an account's own history, and only those."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from dashboard.analytics import events, intervals
from dashboard.analytics.frequency import frequency
from dashboard.analytics.intervals import Interval
from dashboard.charts.plotlyjs import figures
from dashboard.charts.spec.bars import BarChart
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.charts.vega import images
from dashboard.core import post_selection
from dashboard.core.posts import Timeline
from dashboard.reports import builder, posts_page
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from tests.support.builders import build_query, build_spans, build_timeline, parse_utc
from tests.support.fault_suite import ONLY_IN_FAULTS

FIRST = parse_utc("2026-01-05")  # a Monday


def build_counts(*counts: int, account: str = "nasa", width: Interval = "day", part: tuple[int, ...] = ()) -> pl.DataFrame:
    """Return a table of posts per day, hour or week; `part` has the positions of partially known intervals."""
    step = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}[width]
    starts = pl.Series("start", [FIRST + step * place for place in range(len(counts))], dtype=pl.Datetime("us", "UTC"))
    known = pl.Series("part", [place in part for place in range(len(counts))], dtype=pl.Boolean)
    columns = [pl.Series("account", [account] * len(counts), dtype=pl.String), starts, pl.Series("posts", counts, dtype=pl.Int64), known]
    table = pl.DataFrame(columns)
    return table if width == "hour" else table.with_columns(pl.col("start").dt.date())


def detect_post_events(table: pl.DataFrame, width: Interval) -> pl.DataFrame:
    """Return the events in the number of posts."""
    return events.detect_post_events(events.expect_posts(table, width))


def find_plain_peaks(table: pl.DataFrame) -> pl.DataFrame:
    """Return the busiest day of each account that isn't an event."""
    return events.find_plain_peaks(events.expect_posts(table, "day"), detect_post_events(table, "day"))


def places(*counts: int, width: Interval = "day", **args: Any) -> list[tuple[int, float]]:
    """Return the positions of the events among such posts, with the expected values, in order of time."""
    table = build_counts(*counts, width=width, **args)
    detected_events = detect_post_events(table, width).sort("start")
    at_start = {start: place for place, start in enumerate(table["start"])}
    return [(at_start[start], expected) for start, expected in detected_events.select("start", "expected").iter_rows()]


def build_daily_timeline(*texts_a_day: list[str], account: str = "file:ab/c") -> Any:
    """Return the timeline of an account that posted these texts day by day, and once on the day after."""
    rows = [
        {"text": text, "created_at": FIRST + timedelta(days=day, hours=9)}
        for day, texts in enumerate([*texts_a_day, ["end"]])
        for text in texts
    ]
    return build_timeline(*rows, account=account)


def answer(kind: str, *texts_a_day: list[str], users: str = "file:ab/c", **args: str) -> Report:
    """Return a chart of such an account."""
    return builder.build_report(
        kind, build_query(users, interval="day", **args), Fetched([build_daily_timeline(*texts_a_day, account=users)])
    )


def tag_language(read: Timeline, lang: pl.Expr) -> Timeline:
    """Return the timeline with the network's language tag set on every post."""
    return replace(read, posts=read.posts.with_columns(lang=lang))


QUIET = [["a day like all", "some boats came"], ["boats", "fog and boats", "rain"]] * 8
STORM = ["storm harbour"] * 20
MOODS = [["good boats", "bad fog", "hm", "boats", "fog", "rain"]] * 12


def test_a_burst_of_posts_stands_out() -> None:
    """Thirty posts stand out where five are usual."""
    assert places(5, 4, 6, 5, 5, 4, 6, 5, 30, 5, 6, 4) == [(8, 5.0)]


def test_silence_stands_out_where_posts_are_usual() -> None:
    """No posts stand out where fifty are usual."""
    assert places(*[50, 48, 52] * 4, 0) == [(12, 50.0)]


@pytest.mark.parametrize("counts", [[5] * 20, [0] * 20, [0, 1] * 10, [4, 5, 6, 7, 3] * 4, [0] * 19 + [2], [1, 0, 0, 3, 0, 0, 0, 2, 1, 0]])
def test_random_variation_does_not_stand_out(counts: list[int]) -> None:
    """This holds even if most intervals are equal, so that the deviation is zero."""
    assert places(*counts) == []


def test_one_event_does_not_hide_another() -> None:
    """A larger event would distort a mean and a standard deviation."""
    assert [place for place, _ in places(5, 4, 6, 5, 900, 5, 4, 6, 30, 5, 6, 4)] == [4, 8]


@pytest.mark.parametrize(("counts", "expected"), [([5] * 7 + [90], 0), ([5] * 8 + [90], 1), ([90], 0), ([], 0)])
def test_a_short_history_has_no_events(counts: list[int], expected: int) -> None:
    """At least eight complete intervals after the first are needed."""
    assert len(places(*counts)) == expected


def test_partial_intervals_are_neither_judged_nor_history() -> None:
    """An incomplete day isn't a quiet day."""
    assert places(0, *[50, 48, 52] * 4, 0, part=(0, 13)) == []


def test_the_first_interval_of_an_account_is_not_judged() -> None:
    """The account may have started in the middle of it."""
    assert places(1, *[50, 48, 52] * 4) == []


def test_the_words_of_an_event_are_not_stopwords() -> None:
    """A busy day has more of them than a quiet day, too."""
    table = answer("events", *QUIET, ["we're without a storm warning, and it’s because they are without power"] * 20, *QUIET).table
    assert table["words"].to_list() == ["power, storm, warning"]


def test_the_strongest_of_neighbouring_intervals_represents_them() -> None:
    """A storm of three days is one event."""
    assert [place for place, _ in places(5, 4, 6, 5, 5, 4, 6, 20, 60, 30, 5, 6, 4)] == [8]


def test_an_account_has_at_most_five_events() -> None:
    """They are the strongest ones."""
    peaks = [(5, 5, 4, 6, 100 + place) for place in range(8)]
    assert len(places(*(count for peak in peaks for count in peak))) == events.MAX_EVENTS


def test_each_account_is_compared_with_its_own_history() -> None:
    """What is usual for one account can stand out for another."""
    table = pl.concat([build_counts(*[5] * 10, 50, account="a"), build_counts(*[50] * 10, 50, account="b")])
    assert detect_post_events(table, "day")["account"].to_list() == ["a"]


def test_a_weekly_pattern_is_usual_and_a_break_of_it_stands_out() -> None:
    """Twenty posts are usual on workdays and unusual on a Sunday."""
    week = [20, 21, 19, 20, 22, 1, 1]
    assert places(*week * 10) == []
    assert places(*week * 9, 20, 21, 19, 20, 22, 1, 20) == [(69, 1.0)]


def test_a_daily_pattern_is_usual_too() -> None:
    """This holds for intervals of an hour."""
    day = [0] * 8 + [9, 10, 11, 10] * 3 + [0] * 4
    assert places(*day * 9, width="hour") == []


@pytest.mark.parametrize("width", ["hour", "day", "week"])
def test_an_empty_table_has_no_events(width: Interval) -> None:
    """The result has the same columns."""
    assert detect_post_events(build_counts(width=width), width).columns == [
        "account",
        "start",
        "measure",
        "value",
        "expected",
        "z",
        "posts",
    ]


def test_z_is_that_of_iglewicz_and_hoaglin() -> None:
    """It is 0.6745 times the distance from the median, divided by the median absolute deviation, of log(1 + posts)."""
    counts = [100, 150, 220, 330, 490, 730, 1090, 1630, 900_000]
    (z,) = detect_post_events(build_counts(7, *counts), "day")["z"]
    logs = pl.Series(counts).log1p()
    deviation = (logs - logs.median()).abs().median()
    assert z == pytest.approx(0.6745 * (logs[-1] - logs.median()) / deviation, rel=1e-3)  # type: ignore[operator]


# Sentiment, words, and the chart


def test_a_day_with_unusual_sentiment_stands_out() -> None:
    """The mean of its posts decides, and the event has the words behind it."""
    report = answer("events", *MOODS, ["awful terrible delays"] * 8)
    rows = [row for row in report.to_rows() if row["measure"] == "sentiment"]
    assert [(row["start"], row["value"], row["expected"], row["posts"]) for row in rows] == [("2026-01-17", -3.0, 0.0, 8)]
    assert {"awful", "terrible", "delays"} <= set(rows[0]["words"].split(", "))


def test_variation_between_intervals_is_usual() -> None:
    """A hundred posts have a certain mean, but an account that goes up and down daily isn't unusual; calculated by hand."""
    means = [0.5, -0.5] * 10 + [0.9, 6.0]
    days = [FIRST.date() + timedelta(days=place) for place in range(len(means))]
    sums = pl.DataFrame({"account": "nasa", "start": days, "part": False, "posts": 100, "score": [100 * mean for mean in means]})
    sums = sums.with_columns(score_score=pl.col("score") ** 2 / 100 + 99 * 0.25)  # a variance of ¼ within each
    (row,) = events.detect_sentiment_events(sums).to_dicts()
    usual = sorted(means[1:])[10]
    spread = (1.4826 * sorted(abs(mean - usual) for mean in means[1:])[10]) ** 2
    assert row["start"] == days[-1]
    assert row["expected"] == usual
    assert row["z"] == pytest.approx((6.0 - usual) / (0.25 / 100 + spread - 0.25 / 100) ** 0.5)


def test_the_words_of_an_event_are_in_english() -> None:
    """Posts in other languages are left out here as everywhere."""
    german = pl.when(pl.col("text").str.contains("Sturm")).then(pl.lit("de"))
    timelines = [
        build_daily_timeline(*QUIET, ["storm harbour"] * 20),
        tag_language(build_daily_timeline(*QUIET, ["Der Sturm ist heute wieder im Hafen"] * 20), german),
    ]
    reports = [builder.build_report("events", build_query("file:ab/c", interval="day"), Fetched([timeline])) for timeline in timelines]
    assert [[(row["posts"], row["words"]) for row in report.to_rows()] for report in reports] == [[(20, "harbour, storm")], [(20, "")]]
    assert reports[1].notes[-1].startswith("20 of 61 posts aren’t in English (German) and don’t count towards sentiment or words. ")


def test_the_sentiment_of_few_posts_is_not_judged() -> None:
    """Four unhappy posts are below the minimum."""
    report = answer("events", *MOODS, ["awful terrible delays"] * 4)
    assert [row for row in report.to_rows() if row["measure"] == "sentiment"] == []


def test_the_words_of_an_event_are_rare_on_other_days() -> None:
    """Words that are always used aren't included."""
    (row,) = answer("events", *QUIET, STORM).to_rows()
    assert row["start"] == "2026-01-21"
    assert row["measure"] == "posts"
    assert row["posts"] == 20
    words = row["words"].split(", ")
    assert "storm" in words
    assert "harbour" in words
    assert "boats" not in words


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "=cmd()|' /C calc'!A0", "\u202e\x00", "👩‍👩‍👧" * 9, ""])
def test_hostile_posts_make_harmless_events(text: str) -> None:
    """Words consist of letters, and they are escaped where they are shown."""
    report = answer("events", *QUIET, [text] * 20)
    document = images.render_svg(report.chart, width=900, height=420, theme_name="light")
    assert "<img" not in document
    assert "<img" not in str(figures.build_figure(report.chart))
    assert report.table.height == 1


def test_events_are_named_in_page_and_image() -> None:
    """The mark is at the point, and its label has the value and the first words."""
    chart = answer("frequency", *QUIET, STORM).chart
    assert isinstance(chart, TimeSeriesChart)
    (peak,) = chart.series[0].peaks
    mark = figures.build_figure(chart)["data"][-1]
    assert peak.index == 16
    assert re.fullmatch(r"20 posts \(usually \d+; \d+\.\d times the usual difference\)", peak.tooltip.splitlines()[0])
    assert list(mark["x"]) == [chart.series[0].x[16].isoformat()]
    assert list(mark["y"]) == [20]
    assert f">{peak.labels[0]}<" in images.render_svg(chart, width=900, height=420, theme_name="light")


@pytest.mark.parametrize(
    ("measure", "value", "label"),
    [("net", "−24", "−24 · awful, delays"), ("mean", "−3.00", "−3.00 · awful, delays"), ("share", "0%", "0%")],
    ids=["net", "mean", "share"],
)
def test_sentiment_events_are_named_for_each_measure(measure: str, value: str, label: str) -> None:
    """The label has the value of the bar, here of eight posts with three negative words, and words too if they cover no other bar."""
    chart = answer("sentiment", *MOODS, ["awful terrible delays"] * 8, measure=measure).chart
    assert isinstance(chart, TimeSeriesChart)
    (peak,) = chart.series[0].peaks
    image = images.render_svg(chart, width=900, height=420, theme_name="dark")
    texts = re.findall(r">([^<>]+)</text>", image)
    assert peak.index == 12
    assert peak.value == value
    assert label in peak.labels
    assert label in texts


def test_the_busiest_day_is_a_peak_even_if_it_is_not_unusual() -> None:
    """It has twice the usual posts, and no strength, because it isn't an event."""
    table = build_counts(3, 4, 2, 5, 3, 4, 8, 2, 3, 4)
    detected = detect_post_events(table, "day")
    (peak,) = find_plain_peaks(table).to_dicts()
    assert detected.is_empty()
    assert (peak["posts"], peak["expected"], peak["z"]) == (8, 4.0, None)


def test_a_partly_known_day_can_be_the_busiest() -> None:
    """The last day has at least twelve posts, more than any other; the first has nine."""
    assert find_plain_peaks(build_counts(9, 4, 2, 5, 3, 8, 12, part=(0, 6)))["posts"].to_list() == [12]


def test_of_two_equally_busy_days_neither_is_the_busiest() -> None:
    """Another account's day with as many posts doesn't matter."""
    table = pl.concat([build_counts(3, 4, 9, 5, 3, 9, 2, account="a"), build_counts(3, 4, 9, 5, 3, 4, 2, account="b")])
    assert find_plain_peaks(table)["account"].to_list() == ["b"]


def test_the_busiest_day_is_compared_with_the_same_weekday() -> None:
    """Twelve posts are many for an account that is mostly silent, but not on its busy Mondays."""
    mondays = [7, 8, 6, 9, 7, 6, 8, 12, 7, 6]
    table = build_counts(*(count for monday in mondays for count in (monday, 0, 1, 0, 1, 0, 0)))
    assert find_plain_peaks(table).height == 0


@pytest.mark.parametrize("counts", [[3, 4, 3, 5, 3], [1, 1, 4, 1], []])
def test_an_ordinary_day_is_no_peak(counts: list[int]) -> None:
    """Less than twice the usual posts, or fewer than five posts, aren't worth naming."""
    table = build_counts(*counts)
    assert find_plain_peaks(table).height == 0


def test_the_chart_has_a_bar_per_row_in_the_same_order() -> None:
    """A bar shows z and links to its posts."""
    report = answer("events", *MOODS, ["awful terrible delays"] * 30)
    assert isinstance(report.chart, BarChart)
    bars = report.chart.panels[0].bars
    assert [bar.value for bar in bars] == [row["z"] for row in report.to_rows()]
    assert [bar.post_query for bar in bars] == list(report.post_queries)
    assert dict(report.post_queries[0]) | {"language": ""} == {
        "account": "file:ab/c",
        "from": "2026-01-17",
        "to": "2026-01-18",
        "language": "",
    }


def test_the_strongest_events_come_first() -> None:
    """The order doesn't depend on the measure."""
    strengths = [abs(row["z"]) for row in answer("events", *MOODS, ["awful terrible delays"] * 30).to_rows()]
    assert strengths == sorted(strengths, reverse=True)


@pytest.mark.parametrize(
    ("days", "sentences"),
    [
        (QUIET, ["No unusual days."]),
        (
            QUIET[:3],
            [
                "No unusual days.",
                "Too few days to tell what’s usual for c (file ab) (2); 8 complete days are needed. "
                "Group by a shorter interval to get more.",
            ],
        ),
    ],
)
def test_a_note_says_if_nothing_stands_out(days: list[list[str]], sentences: list[str]) -> None:
    """It also says whether there was enough history."""
    report = answer("events", *days)
    assert report.notes == sentences
    assert report.chart.is_empty is True
    assert report.chart.alt == "There are no unusual days."


@pytest.mark.parametrize("kind", ["events", "compare", "frequency", "sentiment"])
@pytest.mark.parametrize("interval", ["auto", *(pytest.param(name, marks=ONLY_IN_FAULTS) for name in ("hour", "day", "week", "month"))])
@pytest.mark.parametrize("rows", [[], [{"text": "good"}], [{"text": None}], [{"created_at": None}]])
def test_tiny_timelines_do_not_fail(kind: str, interval: str, rows: list[dict[str, Any]]) -> None:
    """No post, one post, no text or no time still give a table, a chart and sentences."""
    report = builder.build_report(kind, build_query(interval=interval, measure="share"), Fetched([build_timeline(*rows)]))
    assert images.build_spec(report.chart, width=300, height=200, theme_name="light")["config"]
    assert bool(report.chart.alt)
    assert len(report.post_queries) == report.table.height
    assert figures.build_figure(report.chart)["layout"]


@pytest.mark.parametrize("kind", ["events", "compare", "frequency", "sentiment"])
@pytest.mark.parametrize(("interval", "rows"), [("auto", []), ("hour", [{"text": "good"}]), ("week", [{"created_at": None}])])
def test_tiny_timelines_are_drawn(kind: str, interval: str, rows: list[dict[str, Any]]) -> None:
    """No post, one post and no time give an image."""
    report = builder.build_report(kind, build_query(interval=interval, measure="share"), Fetched([build_timeline(*rows)]))
    assert "<svg" in images.render_svg(report.chart, width=300, height=200, theme_name="light")


def test_repeated_hours_are_two_intervals() -> None:
    """Both have their own position."""
    within = build_spans(("nasa", "2026-10-24T12:00", "2026-10-25T12:00"))
    nothing = build_timeline().posts
    table = frequency(nothing, within, "hour", "Europe/Berlin")
    known = pl.DataFrame(schema={"account": pl.String, "known_from": pl.Datetime("us", "UTC"), "known_to": pl.Datetime("us", "UTC")})
    assert detect_post_events(intervals.flag_partial(table, known, "hour", "Europe/Berlin"), "hour").height == 0


@pytest.mark.parametrize("hour", ["2026-10-25T00", "2026-10-25T01"])
@pytest.mark.parametrize("kind", ["frequency", "events"])
def test_an_event_in_a_repeated_hour_is_marked_in_the_right_one(kind: str, hour: str) -> None:
    """In Berlin, 02:00 comes twice on 25 October; mark and posts belong to the busy one."""
    calm = [parse_utc("2026-10-24T12:00") + timedelta(hours=place) for place in range(36)]
    burst = [parse_utc(f"{hour}:10") + timedelta(seconds=place) for place in range(40)]
    read = build_timeline(*({"created_at": moment} for moment in sorted([*calm, *burst], reverse=True)), account="file:ab/c")
    asked = build_query("file:ab/c", tz="Europe/Berlin", interval="hour")
    report = builder.build_report(kind, asked, Fetched([read]))
    if isinstance(report.chart, TimeSeriesChart):
        place = report.chart.series[0].peaks[0].index
        assert report.chart.series[0].y[place] == 41
        where = report.post_queries[place]
    else:
        (where,) = report.post_queries
    chosen = post_selection.parse_query_and_selection({name: [value] for name, value in [*asked.to_args(), *where]})
    assert posts_page.build_posts_page(*chosen, Fetched([read])).total_posts == 41


def test_accounts_without_events_are_named_next_to_those_with_events() -> None:
    """If no account has events, the chart says so instead."""
    loud, quiet = (
        build_daily_timeline(*[["a plane"]] * 20, ["a plane"] * 30, account="file:ab/loud"),
        build_daily_timeline(*[["a plane"]] * 21, account="file:ab/quiet"),
    )
    caption = builder.build_report(
        "events", build_query("file:ab/loud,file:ab/quiet", interval="day"), Fetched([loud, quiet])
    ).chart.caption
    assert [line for line in caption if "no unusual days" in line] == ["quiet (file ab): no unusual days."]
    alone = builder.build_report("events", build_query("file:ab/quiet", interval="day"), Fetched([quiet])).chart
    assert alone.is_empty is True
    assert [line for line in alone.caption if "no unusual days" in line] == []
