"""Compare: a time against the one before it, equally long by the calendar, and a change no surer than its posts make it."""

from typing import Any

import pytest
from builders import at, question, timeline, times
from flask.testing import FlaskClient

from dashboard import report
from dashboard.analytics import compare, coverage
from dashboard.charts.spec import Bars
from dashboard.posts import Timeline
from dashboard.report import Report

AIR = "demo:aster-air"


def days(first: str, count: int, *texts: str) -> list[dict[str, Any]]:
    """Return posts with these texts at noon of each of so many days."""
    start = at(f"{first}T12:00")
    return [{"text": text, "created_at": start.replace(day=start.day + number)} for number in range(count) for text in texts]


def halves(*moments: str, tz: str = "UTC", cut_by: str | None = "n", until: str | None = None) -> list[str]:
    """Return since, cut and until of an account whose newest posts are these, a file's, so that it ends with the last of them."""
    read = times(*moments, account="file:ab/c", cut_by=cut_by)
    spans = coverage.spans(coverage.coverage([read], 400), None)
    found = compare.periods(spans, coverage.known([read], (None, None), None), (None, None), tz)
    return [moment.isoformat()[:16] for row in found.select("since", "cut", "until").rows() for moment in row]


def answer(*rows: dict[str, Any], account: str = "file:ab/c", failures: Any = None, **args: str) -> Report:
    """Return the comparison of an account that posted so."""
    return report.build("compare", question(account, **args), [timeline(*rows, account=account)], failures or {})


def row(told: Report, measure: str) -> dict[str, Any]:
    """Return the row of a measure."""
    return next(each for each in told.rows() if each["measure"] == measure)


# The two times


def test_halves_are_of_whole_days_and_whole_weeks() -> None:
    """Of 33 days two times 14 are compared, and the begun last day is in neither."""
    assert halves("2026-03-01T00:00", "2026-04-03T08:00") == ["2026-03-06T00:00", "2026-03-20T00:00", "2026-04-03T00:00"]


def test_a_few_days_are_halved_in_days() -> None:
    """The day that the oldest post begins inside is not whole."""
    assert halves("2026-03-01T09:00", "2026-03-08T08:00") == ["2026-03-02T00:00", "2026-03-05T00:00", "2026-03-08T00:00"]


def test_hours_are_halved_as_they_are() -> None:
    """Where no two days are whole."""
    assert halves("2026-03-01T09:00", "2026-03-01T19:00") == ["2026-03-01T09:00", "2026-03-01T14:00", "2026-03-01T19:00"]


def test_days_are_those_of_the_views_zone_whatever_its_clocks_do() -> None:
    """Berlin changed its clocks on 29 March: both times begin and end at its midnight."""
    shown = halves("2026-03-24T00:00", "2026-04-03T08:00", tz="Europe/Berlin")
    assert shown == ["2026-03-25T23:00", "2026-03-29T22:00", "2026-04-02T22:00"]


@pytest.mark.parametrize("moments", [(), ("2026-03-01T09:00",)])
def test_no_time_has_no_halves(moments: tuple[str, ...]) -> None:
    """Nothing, or a single moment."""
    assert len(halves(*moments)) in (0, 3)


def test_a_time_that_is_asked_for_is_compared_with_as_many_days_before() -> None:
    """March against the 31 days before it."""
    told = answer(*days("2026-03-01", 20, "good"), since="2026-03-01", until="2026-04-01")
    assert told.chart.caption[0] == "1 Mar 2026 to 31 Mar 2026, compared with 29 Jan 2026 to 28 Feb 2026"


def test_the_time_before_is_read_too(client: FlaskClient) -> None:
    """Else there was nothing to compare with."""
    document = client.get(f"/compare.json?users={AIR}&since=2026-09-01&until=2026-10-01&n=1000").get_json()
    assert document["coverage"][0]["first"][:10] == "2026-08-02"
    assert all(each["posts_before"] > 100 for each in document["data"])


def test_a_page_that_did_not_read_the_time_before_says_so() -> None:
    """The whole report reads what was asked for and no more."""
    asked = question("nasa", since="2026-03-01", until="2026-03-11")
    whole = report.dashboard(asked, [timeline(*days("2026-03-01", 9, "good"))], {})
    (said,) = [each.remarks for each in whole.reports if each.kind == "compare"]
    assert "The posts of @nasa from 19 Feb 2026 to 28 Feb 2026 are not among those read, so there is nothing to compare with." in said


def test_a_time_before_that_is_known_in_part_is_counted_in_part_and_said_so() -> None:
    """Twenty posts in the four days that are known are five a day."""
    rows = days("2026-03-07", 4, *["good"] * 5) + days("2026-03-11", 10, *["good"] * 5)
    read = Timeline("nasa", timeline(*rows, account="nasa").posts, "n", at("2026-03-31"))
    told = report.build("compare", question("nasa", since="2026-03-11", until="2026-03-21"), [read], {})
    assert row(told, "posts_per_day")["before"] == pytest.approx(5, rel=0.2)
    assert "Of the time before, the posts of @nasa are known only from 7 Mar 2026 on." in told.notes


# The table


HALVES = [
    *days("2026-03-01", 7, "good", "bad", "hm"),
    *days("2026-03-08", 7, "good", "good", "bad", "good", "hm", "hm"),
    *days("2026-03-15", 1, "x"),
]


def test_a_row_is_an_account_and_a_measure() -> None:
    """Values of both sides, and what the row rests on."""
    told = answer(*HALVES)
    shown = [(each["measure"], each["before"], each["now"], each["posts_before"], each["posts_now"]) for each in told.rows()]
    assert shown == [
        ("posts_per_day", 3.0, 6.0, 21, 42),
        ("net_per_post", 0.0, 2 / 6, 21, 42),
        ("positive_share", 0.5, 0.75, 21, 42),
    ]


def test_a_change_is_relative_for_posts_and_a_difference_for_sentiment() -> None:
    """Twice as many posts are 100 % more; from 50 to 75 % are 25 points."""
    assert [each["change"] for each in answer(*HALVES).rows()] == pytest.approx([1.0, 1 / 3, 0.25])


def test_every_interval_holds_its_change() -> None:
    """Low below, high above."""
    assert [each["low"] < each["change"] < each["high"] for each in answer(*HALVES).rows()] == [True] * 3


@pytest.mark.parametrize("rows", [[], [{"text": "good"}], [{"text": None}, {"created_at": None}], days("2026-03-01", 3, "hm")])
def test_whatever_was_posted_the_comparison_is_whole(rows: list[dict[str, Any]]) -> None:
    """Nothing, one post, no text, no time, no sentiment: no traceback, and no number that is none."""
    for account in ("nasa", "file:ab/<img>"):
        told = answer(*rows, account=account)
        known = [value for each in told.rows() for value in each.values() if isinstance(value, float)]
        assert all(abs(value) < 1e9 for value in known)
        assert len(told.where) == len(told.rows())


def test_silence_before_has_no_relative_change() -> None:
    """From nothing to something is no percentage."""
    table = answer(*days("2026-03-11", 5, "good"), since="2026-03-11", until="2026-03-21")
    assert (row(table, "posts_per_day")["before"], row(table, "posts_per_day")["change"]) == (0.0, None)


def test_counts_that_come_in_bursts_are_less_sure() -> None:
    """The same posts a week, once spread evenly and once on one day of it."""
    even = [*days("2026-03-01", 7, *["x"] * 4), *days("2026-03-08", 7, *["x"] * 8), *days("2026-03-15", 1, "x")]
    burst = [*days("2026-03-01", 1, *["x"] * 28), *days("2026-03-08", 1, *["x"] * 56), *days("2026-03-15", 1, "x")]
    first, second = (row(answer(*rows), "posts_per_day") for rows in (even, burst))
    assert (first["change"], second["change"]) == (1.0, 1.0)
    assert first["low"] > 0 > second["low"]


# The picture


def test_a_change_that_may_be_none_is_faint_and_says_so() -> None:
    """Dots beyond doubt are in the account's colour."""
    chart = answer(*HALVES).chart
    assert isinstance(chart, Bars)
    shown = [(bar.label, bar.tone, "no clear change" in bar.detail) for bar in chart.panels[0].bars]
    assert shown == [("Posts: +100 %", "", False), ("Net: +0.33", "faint", True), ("Share: +25 points", "faint", True)]


def test_the_picture_shows_the_numbers_of_the_table_as_hundredths() -> None:
    """Dot and interval."""
    told = answer(*HALVES)
    assert isinstance(told.chart, Bars)
    drawn = [(bar.value, bar.low, bar.high) for bar in told.chart.panels[0].bars]
    assert drawn == [tuple(each[name] * 100 for name in ("change", "low", "high")) for each in told.rows()]


def test_the_alternative_text_is_in_plain_words() -> None:
    """More or less, by how much, how sure."""
    assert answer(*HALVES, account="nasa").chart.alt.startswith("This time against the one before. @nasa ")
    alt = answer(*HALVES).chart.alt
    assert "posted 100 % more (+19 % to +236 %) and shows no clear change in net sentiment and positive share." in alt


def test_the_posts_behind_a_dot_are_those_of_this_time() -> None:
    """Half-open, in the zone of the view; for sentiment only those that were read."""
    told = answer(*HALVES)
    span = ("from", "2026-03-08T00:00:00+00:00"), ("to", "2026-03-15T00:00:00+00:00")
    assert [dict(each) for each in told.where] == [
        {"account": "file:ab/c"} | dict(span),
        *[{"account": "file:ab/c"} | dict(span) | {"language": "english"}] * 2,
    ]
