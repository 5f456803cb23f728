"""Comparing two periods: equally long by the calendar, and changes no more certain than the number of posts allows."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.analytics import compare, coverage
from dashboard.charts.spec.bars import BarChart
from dashboard.core import post_selection
from dashboard.core.posts import Timeline
from dashboard.reports import builder, posts_page
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from tests.support.builders import build_query, build_timeline, build_timeline_at, parse_utc
from tests.support.html_pages import PageReader

AIR = "demo:aster-air"


def days(first: str, count: int, *texts: str) -> list[dict[str, Any]]:
    """Return posts with these texts, at noon of `count` days in a row."""
    start = parse_utc(f"{first}T12:00")
    return [{"text": text, "created_at": start.replace(day=start.day + number)} for number in range(count) for text in texts]


def halves(*moments: str, tz: str = "UTC", cut_by: str | None = "n", until: str | None = None) -> list[str]:
    """Return since, cut and until of a file's account with these newest posts; a file ends with its last post."""
    read = build_timeline_at(*moments, account="file:ab/c", cut_by=cut_by)
    spans = coverage.covered_spans(coverage.coverage([read], 400), None)
    periods = compare.build_periods(spans, coverage.known_spans([read], (None, None), None), (None, None), tz)
    return [moment.isoformat()[:16] for row in periods.select("since", "cut", "until").rows() for moment in row]


def answer(*rows: dict[str, Any], account: str = "file:ab/c", failures: Any = None, **args: str) -> Report:
    """Return the comparison for an account that posted these texts."""
    return builder.build_report(
        "compare", build_query(account, **args), Fetched([build_timeline(*rows, account=account)], failures=failures or {})
    )


def row(expected: Report, measure: str) -> dict[str, Any]:
    """Return the row of a measure."""
    return next(row for row in expected.to_rows() if row["measure"] == measure)


# The two periods


def test_halves_have_whole_days_and_whole_weeks() -> None:
    """Of 33 days, two times 14 are compared, and the incomplete last day is in neither."""
    assert halves("2026-03-01T00:00", "2026-04-03T08:00") == ["2026-03-06T00:00", "2026-03-20T00:00", "2026-04-03T00:00"]


def test_a_few_days_are_halved_in_days() -> None:
    """The day in which the oldest post falls isn't complete."""
    assert halves("2026-03-01T09:00", "2026-03-08T08:00") == ["2026-03-02T00:00", "2026-03-05T00:00", "2026-03-08T00:00"]


def test_less_than_two_days_are_halved_by_time() -> None:
    """There are no two complete days to compare."""
    assert halves("2026-03-01T09:00", "2026-03-01T19:00") == ["2026-03-01T09:00", "2026-03-01T14:00", "2026-03-01T19:00"]


def test_days_are_those_of_the_time_zone() -> None:
    """Berlin changed its clocks on 29 March; both periods start and end at its midnight."""
    shown = halves("2026-03-24T00:00", "2026-04-03T08:00", tz="Europe/Berlin")
    assert shown == ["2026-03-25T23:00", "2026-03-29T22:00", "2026-04-02T22:00"]


@pytest.mark.parametrize("moments", [(), ("2026-03-01T09:00",)])
def test_an_empty_history_has_no_halves(moments: tuple[str, ...]) -> None:
    """This is so without posts, and for a single moment."""
    assert len(halves(*moments)) in (0, 3)


def test_a_requested_period_is_compared_with_as_many_days_before() -> None:
    """March is compared with the 31 days before it."""
    report = answer(*days("2026-03-01", 20, "good"), since="2026-03-01", until="2026-04-01")
    assert report.chart.caption[0] == "1 Mar – 31 Mar 2026, compared with 29 Jan – 28 Feb 2026"


def test_the_previous_period_is_read_too(demo_client: FlaskClient) -> None:
    """Otherwise there would be nothing to compare with."""
    document = demo_client.get(f"/compare.json?users={AIR}&since=2026-09-01&until=2026-10-01&n=1000").get_json()
    assert document["coverage"][0]["first"][:10] == "2026-08-02"
    assert all(row["posts_before"] > 100 for row in document["data"])


@pytest.mark.parametrize(("account", "costs"), [("nasa", " On X, reading it costs money."), ("nasa.bsky.social", "")])
def test_a_page_that_did_not_read_the_previous_period_says_so(account: str, costs: str) -> None:
    """The report reads only the requested period, so this chart has no numbers there."""
    asked = build_query(account, since="2026-03-01", until="2026-03-11")
    dashboard = builder.build_dashboard(asked, Fetched([build_timeline(*days("2026-03-01", 9, "good"), account=account)]))
    (comparison,) = [report for report in dashboard.reports if report.kind == "compare"]
    assert comparison.chart.empty_message == (f"Compare with 19 Feb – 28 Feb 2026? Those posts haven’t been read yet.{costs}")
    assert comparison.needs_more_posts is True
    assert comparison.to_rows() == []
    assert comparison.remarks == ()


def test_the_page_of_the_comparison_reads_the_period_before(demo_page: PageReader) -> None:
    """The page and the data give the same result."""
    asked = f"users={AIR}&n=1000&since=2026-09-01&until=2026-10-01"
    there, data = demo_page.open(f"/html/compare?{asked}").text, demo_page.client.get(f"/compare.json?{asked}").get_json()["data"]
    assert len(data) == 3
    assert min(row["posts_now"] for row in data) > 100
    assert [row["posts_now"] for row in data if f"{row['posts_now']:,} posts now" not in there] == []


@pytest.mark.parametrize(
    "args", ["", *(pytest.param(args, marks=pytest.mark.slow) for args in ("&since=2026-09-01", "&until=2026-10-01", "&window=common"))]
)
def test_the_page_and_the_files_have_the_same_comparison(demo_client: FlaskClient, args: str) -> None:
    """This is so if nothing beyond the requested period has to be read."""
    asked = f"users={AIR}&n=1000{args}"
    document = demo_client.get(f"/compare.json?{asked}").get_json()
    text = demo_client.get(f"/html/compare?{asked}").text
    drawn = json.loads(re.findall(r'id="compare-figure">(.*?)</script>', text, re.S)[0])
    shown = {value for trace in drawn["data"] for value in trace.get("x", ()) if value}
    farthest = [max(abs(row[name]) for name in ("change", "low", "high")) for row in document["data"]]
    changes = [row["change"] / end for row, end in zip(document["data"], farthest, strict=True)]
    assert {round(change, 6) for change in changes} <= {round(value, 6) for value in shown}


def test_a_partly_known_previous_period_is_counted_partly_with_a_note() -> None:
    """Thirty posts in the six known days are five per day."""
    rows = days("2026-03-05", 6, *["good"] * 5) + days("2026-03-11", 10, *["good"] * 5)
    read = Timeline("nasa", build_timeline(*rows, account="nasa").posts, "n", parse_utc("2026-03-31"))
    report = builder.build_report("compare", build_query("nasa", since="2026-03-11", until="2026-03-21"), Fetched([read]))
    assert row(report, "posts_per_day")["before"] == pytest.approx(5, rel=0.2)
    assert "The earlier period of @nasa starts only on 5 Mar 2026." in report.notes


def test_three_days_of_ten_are_too_few_to_compare_with() -> None:
    """They may lack a weekend, and a reader would take them for the whole period."""
    rows = days("2026-03-08", 3, *["good"] * 9) + days("2026-03-11", 10, *["bad"] * 2)
    read = Timeline("nasa", build_timeline(*rows, account="nasa").posts, "n", parse_utc("2026-03-31"))
    report = builder.build_report("compare", build_query("nasa", since="2026-03-11", until="2026-03-21"), Fetched([read]))
    assert [(row["before"], row["change"], row["clear"], row["posts_before"]) for row in report.to_rows()] == [(None, None, None, 0)] * 3
    expected = "Posts of @nasa reach back only to 8 Mar 2026: too few of 1 Mar – 10 Mar 2026 for a comparison."
    assert [note for note in report.notes if "reach back" in note] == [expected]


def test_of_twenty_changes_one_that_may_be_chance_is_not_clear() -> None:
    """Eight posts after one are clear in a report of one account, but not beside nineteen accounts that posted as before."""
    busier = [*days("2026-03-01", 1, "x"), *days("2026-03-11", 8, "x")]
    names = [f"a{number}.bsky.social" for number in range(20)]
    steady = [*days("2026-03-01", 5, "x"), *days("2026-03-11", 5, "x")]
    timelines = [build_timeline(*(busier if name == names[0] else steady), account=name) for name in names]
    alone, together = (
        builder.build_report("compare", build_query(",".join(names[:count]), **REQUESTED), Fetched(timelines[:count])) for count in (1, 20)
    )
    first, second = (row(report, "posts_per_day") for report in (alone, together))
    assert (second["low"], second["high"]) == (first["low"], first["high"])
    assert first["low"] > 0
    assert first["clear"] is True
    assert second["clear"] is False


def of_two(**args: str) -> tuple[Any, list[Timeline]]:
    """Return a query for two accounts that cover different parts of the requested period, and what was fetched for it."""
    first = days("2026-03-07", 14, "good", "bad", "a day")
    second = [*days("2026-03-08", 2, "good"), *days("2026-03-15", 4, "good", "fog")]
    asked = build_query("nasa.bsky.social,file:ab/c", since="2026-03-11", until="2026-03-21", **args)
    return asked, [build_timeline(*first, account="nasa.bsky.social"), build_timeline(*second, account="file:ab/c")]


@pytest.mark.parametrize("window", ["all", "common"])
def test_a_row_links_to_the_posts_that_it_counts(window: str) -> None:
    """With window=common, only the shared part of the requested period counts, although the previous period was read too."""
    asked, read = of_two(window=window)
    report = builder.build_report("compare", asked, Fetched(read))
    inside = coverage.filter_by_time(read, *asked.span)
    chosen = [
        post_selection.parse_query_and_selection({name: [value] for name, value in [*asked.to_args(), *where]})
        for where in report.post_queries
    ]
    assert [posts_page.build_posts_page(*post, Fetched(inside)).total_posts for post in chosen] == report.table["posts_now"].to_list()


def test_only_the_common_period_is_compared_with_an_equally_long_one() -> None:
    """Both accounts cover 15 to 18 March of 11 to 20, so the earlier days are 5 to 8; the first is known from the 6th on."""
    asked, (_, read_file) = of_two(window="common")
    read = [build_timeline(*days("2026-03-06", 15, "good", "bad", "a day"), account="nasa.bsky.social"), read_file]
    report = builder.build_report("compare", asked, Fetched([replace(timeline, cut_by="n") for timeline in read]))
    shown = {
        (row["account"], row["posts_before"], row["posts_now"]): row["now"] for row in report.to_rows() if row["measure"] == "posts_per_day"
    }
    assert list(shown) == [("nasa.bsky.social", 9, 12), ("file:ab/c", 0, 8)]
    assert list(shown.values()) == pytest.approx([12 / 3, 8 / 3], rel=1e-6)
    assert report.chart.caption[0] == "15 Mar – 18 Mar 2026, compared with 5 Mar – 8 Mar 2026"


def test_an_account_without_current_posts_has_no_link() -> None:
    """There is no post in the current period, so there is no page of them."""
    report = answer(*days("2026-03-01", 9, "good"), since="2026-03-11", until="2026-03-21")
    assert [row["posts_now"] for row in report.to_rows()] == [0, 0, 0]
    assert report.post_queries == [()] * 3
    assert report.link_column == ""


def test_two_halves_of_one_day_are_described_by_their_hours() -> None:
    """The day alone wouldn't distinguish them."""
    posts = [
        {"text": "x", "created_at": f"2026-03-0{day}T{hour:02}:00"} for day, hours in ((2, range(3)), (1, range(20, 24))) for hour in hours
    ]
    shown = answer(*posts[::-1], account="file:ab/c").chart.caption[0]
    assert shown == "1 Mar 2026 23:00 – 2 Mar 2026 02:00, compared with 1 Mar 2026 20:00 – 1 Mar 2026 23:00"


def test_an_account_without_posts_is_known_to_have_posted_nothing() -> None:
    """Its whole timeline is known up to the time it was read."""
    (row,) = coverage.known_spans([build_timeline()], (None, None), None).rows()
    assert row == ("nasa", None, build_timeline().fetched_at)


# The table


HALVES = [
    *days("2026-03-01", 7, "good", "bad", "hm"),
    *days("2026-03-08", 7, "good", "good", "bad", "good", "hm", "hm"),
    *days("2026-03-15", 1, "x"),
]


def test_there_is_a_row_per_account_and_measure() -> None:
    """A row has the values of both periods and the numbers of posts."""
    report = answer(*HALVES)
    shown = [(row["measure"], row["before"], row["now"], row["posts_before"], row["posts_now"]) for row in report.to_rows()]
    assert shown == [
        ("posts_per_day", 3.0, 6.0, 21, 42),
        ("net_per_post", 0.0, 2 / 6, 21, 42),
        ("positive_share", 0.5, 0.75, 21, 42),
    ]


def test_a_change_is_relative_for_posts_and_a_difference_for_sentiment() -> None:
    """Twice as many posts are +100 %; from 50 % to 75 % is +25 points."""
    assert [row["change"] for row in answer(*HALVES).to_rows()] == pytest.approx([1.0, 1 / 3, 0.25])


def test_every_interval_contains_its_change() -> None:
    """The lower end is below it, the upper end above."""
    rows = answer(*HALVES).to_rows()
    assert len(rows) == 3
    assert [row for row in rows if not row["low"] < row["change"] < row["high"]] == []


@pytest.mark.parametrize("rows", [[], [{"text": "good"}], [{"text": None}, {"created_at": None}], days("2026-03-01", 3, "hm")])
def test_any_posts_can_be_compared(rows: list[dict[str, Any]]) -> None:
    """No post, one post, no text, no time or no sentiment raise nothing, and every number is finite."""
    for account in ("nasa", "file:ab/<img>"):
        report = answer(*rows, account=account)
        known = [value for row in report.to_rows() for value in row.values() if isinstance(value, float)]
        assert all(abs(value) < 1e9 for value in known)
        assert len(report.post_queries) == len(report.to_rows())


def test_silence_before_has_no_relative_change() -> None:
    """A change from zero isn't a percentage."""
    table = answer(*days("2026-03-11", 5, "good"), since="2026-03-11", until="2026-03-21")
    assert row(table, "posts_per_day")["before"] == 0.0
    assert row(table, "posts_per_day")["change"] is None


FOUR_AND_NONE = [*days("2026-03-01", 4, "good"), *days("2026-03-25", 1, "x")]
REQUESTED = {"since": "2026-03-11", "until": "2026-03-21"}


def test_no_posts_after_four_are_no_clear_change() -> None:
    """The exact test of 0 against 4 gives p = 0.125, so the interval reaches from none to more than before."""
    posts = row(answer(*FOUR_AND_NONE, **REQUESTED), "posts_per_day")
    assert (posts["posts_before"], posts["posts_now"]) == (4, 0)
    assert posts["change"] == -1.0
    assert posts["low"] == -1.0
    assert posts["high"] == pytest.approx(0.6042 / 0.3958 - 1, rel=1e-3)
    assert posts["clear"] is False


def test_no_posts_after_ten_are_a_clear_change() -> None:
    """Ten posts are enough to be sure."""
    posts = row(answer(*days("2026-03-01", 10, "good"), *days("2026-03-25", 1, "x"), **REQUESTED), "posts_per_day")
    assert posts["change"] == -1.0
    assert posts["high"] < 0
    assert posts["clear"] is True


@pytest.mark.parametrize(("count", "is_clear"), [(4, False), (10, True)])
def test_a_change_from_no_posts_has_a_lower_end(count: int, is_clear: bool) -> None:
    """Its size is unknown, its upper end is infinite, and few posts aren't a clear change."""
    posts = row(answer(*days("2026-03-11", count, "good"), account="nasa", **REQUESTED), "posts_per_day")
    assert posts["change"] is None
    assert posts["high"] is None
    assert (posts["low"] > 0) is is_clear
    assert posts["clear"] is is_clear


def test_bursts_of_posts_have_wider_intervals() -> None:
    """The same posts per week are once spread evenly and once on a single day."""
    even = [*days("2026-03-01", 7, *["x"] * 4), *days("2026-03-08", 7, *["x"] * 8), *days("2026-03-15", 1, "x")]
    burst = [*days("2026-03-01", 1, *["x"] * 28), *days("2026-03-08", 1, *["x"] * 56), *days("2026-03-15", 1, "x")]
    first, second = (row(answer(*rows), "posts_per_day") for rows in (even, burst))
    assert first["change"] == 1.0
    assert second["change"] == 1.0
    assert first["low"] > 0 > second["low"]


# The chart


def test_an_unclear_change_is_faint_and_says_so() -> None:
    """Clear changes have the account's colour."""
    chart = answer(*HALVES).chart
    assert isinstance(chart, BarChart)
    shown = [(bar.label, bar.semantic_color, "no clear change" in bar.tooltip) for bar in chart.panels[0].bars]
    assert shown == [("Posts: +100%", "", False), ("Balance: +0.33", "faint", True), ("Share: +25\N{NO-BREAK SPACE}points", "faint", True)]


def test_no_posts_after_four_are_drawn_as_uncertain() -> None:
    """The dot is grey and has its interval, and tooltip, sentence and table say that the change isn't clear."""
    report = answer(*FOUR_AND_NONE, account="nasa", **REQUESTED)
    assert isinstance(report.chart, BarChart)
    posts = report.chart.panels[0].bars[0]
    assert posts.label == "Posts: −100%"
    assert posts.semantic_color == "faint"
    assert (posts.low, posts.high) == pytest.approx((-1, 0.527), abs=0.001)
    assert "(−100% to +53% with 95% confidence)\nno clear change" in posts.tooltip
    assert "@nasa shows no clear change in posts" in report.chart.alt
    assert report.format_columns(1)["clear"] == ["no clear change"]


def test_posts_after_none_are_described_without_a_percentage() -> None:
    """Four could be chance, ten couldn't."""
    few, many = (answer(*days("2026-03-11", count, "good"), account="nasa", **REQUESTED).chart for count in (4, 10))
    assert isinstance(few, BarChart)
    assert isinstance(many, BarChart)
    assert few.panels[0].bars[0].label == "Posts: none before"
    assert few.panels[0].bars[0].tooltip.startswith("Posts: none before (−34% or more with 95% confidence)\nno clear change\n")
    assert "@nasa shows no clear change in posts and " in few.alt
    assert many.panels[0].bars[0].semantic_color == ""
    assert "@nasa posted 10 posts after none (+90% or more)" in many.alt


def test_a_very_wide_interval_is_drawn_up_to_300_percent() -> None:
    """One post in either period could be any change; its line would flatten all others, so only the tooltip has its end."""
    report = answer(*days("2026-03-01", 1, "good"), *days("2026-03-11", 1, "good"), account="nasa", **REQUESTED)
    assert isinstance(report.chart, BarChart)
    posts = report.chart.panels[0].bars[0]
    assert row(report, "posts_per_day")["high"] > 10
    assert posts.high == 1  # 300 %, the farthest end that is drawn
    assert posts.semantic_color == "faint"
    assert re.search(r"to \+[\d,]{4,}% with 95% confidence", posts.tooltip)


def test_a_change_without_an_interval_is_not_called_unclear() -> None:
    """If all posts of both periods are alike, the change is shown without a margin of error."""
    report = answer(*days("2026-03-01", 10, "bad"), *days("2026-03-11", 10, "good"), account="nasa", since="2026-03-11", until="2026-03-21")
    assert isinstance(report.chart, BarChart)
    net = report.chart.panels[0].bars[1]
    assert row(report, "net_per_post")["change"] == 2.0
    assert net.low is None
    assert net.high is None
    assert net.semantic_color == "faint"
    assert "too few posts to be sure" in net.tooltip
    assert "no clear change in net" not in report.chart.alt
    assert report.chart.alt.endswith("and rose in balance per post by 2.00 (too few posts to be sure).")


def test_the_chart_shows_the_numbers_of_the_table_on_a_scale_per_measure() -> None:
    """This holds for the dot and its interval, whose farthest end is drawn as 1."""
    report = answer(*HALVES)
    assert isinstance(report.chart, BarChart)
    drawn = [(bar.value, bar.low, bar.high) for bar in report.chart.panels[0].bars]
    numbers = [tuple(row[name] for name in ("change", "low", "high")) for row in report.to_rows()]
    assert drawn == [tuple(number / max(map(abs, row)) for number in row) for row in numbers]


def test_the_hint_gives_the_balance_in_the_unit_of_the_labels() -> None:
    """Labels say how much it changed per post, so the hint doesn't speak of 100 posts."""
    report = answer(*HALVES)
    assert isinstance(report.chart, BarChart)
    assert "Posts are in percent, balance in words per post, positive share in points. Each" in report.chart.hint
    assert "balance in mean score per post, positive share in points. Each" in answer(*HALVES, method="vader").chart.hint
    assert report.chart.panels[0].bars[1].label == "Balance: +0.33"


def test_the_alternative_text_is_in_plain_words() -> None:
    """It says whether there is more or less, by how much, and how certain that is."""
    assert answer(*HALVES, account="nasa").chart.alt.startswith("Change against the previous period. @nasa ")
    alt = answer(*HALVES).chart.alt.replace("\N{NO-BREAK SPACE}", " ")
    assert "posted 100% more (+15% to +249%) and shows no clear change in balance per post and positive share." in alt


def test_a_dot_links_to_the_posts_of_the_current_period() -> None:
    """The span is half-open, in local time; for sentiment, only scored posts are included."""
    report = answer(*HALVES)
    span = ("from", "2026-03-08T00:00:00+00:00"), ("to", "2026-03-15T00:00:00+00:00")
    assert [dict(post_query) for post_query in report.post_queries] == [
        {"account": "file:ab/c"} | dict(span),
        *[{"account": "file:ab/c"} | dict(span) | {"language": "english"}] * 2,
    ]


def test_a_single_post_has_nothing_to_compare() -> None:
    """The message differs from that for no posts."""
    chart = answer({"text": "good", "created_at": "2026-03-01"}).chart
    assert chart.is_empty is True
    assert chart.empty_message == "There’s nothing to compare: one of the two periods has no posts."
