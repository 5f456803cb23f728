"""The time that a report covers: common windows, intervals, and how many rows they may have."""

from datetime import timedelta

import pytest

from dashboard.core.charts import CHARTS
from dashboard.core.errors import InvalidQuery
from dashboard.reports.interval_tables import MAX_TABLE_ROWS
from tests.support.builders import NEWEST_POST_AT, build_query, build_timeline, build_timeline_at
from tests.support.reports import build_report


def test_the_common_window_shows_only_the_time_that_all_accounts_cover() -> None:
    """Both ends are included, and a note says how many posts are left out."""
    report = build_report(
        build_query("a,b", window="common", interval="day"),
        build_timeline_at("2026-03-01", "2026-03-03", "2026-03-05", account="a"),
        build_timeline_at("2026-03-03", "2026-03-09", account="b"),
    )
    assert [(row["account"], row["start"][-2:], row["posts"]) for row in report.to_rows()] == [
        ("a", "03", 1),
        ("a", "04", 0),
        ("a", "05", 1),
        ("b", "03", 1),
        ("b", "04", 0),
        ("b", "05", 0),
    ]
    assert report.notes == ["2 of 5 posts don’t match the period or the post types you chose."]


def test_accounts_without_common_time_have_a_warning() -> None:
    """Nothing is drawn, and the warning says what to request instead."""
    report = build_report(
        build_query("a,b", window="common"), build_timeline_at("2026-03-01", account="a"), build_timeline_at("2026-01-01", account="b")
    )
    assert report.to_rows() == []
    assert report.chart.is_empty is True
    assert "No period is covered by all accounts." in report.notes[0]


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (["2026-01-01", "2026-01-02"], "These accounts’ posts don’t overlap in time."),
        (["2026-01-01", "2026-03-02"], "Only 1 Mar – 2 Mar 2026 is covered by all accounts."),
    ],
)
def test_accounts_with_little_common_time_have_a_note(days: list[str], sentence: str) -> None:
    """Lines next to each other look comparable, so the note says where they aren't."""
    report = build_report(
        build_query("a,b"), build_timeline_at("2026-03-01", "2026-03-05", account="a"), build_timeline_at(*days, account="b")
    )
    assert [note for note in report.notes if note.startswith(sentence)] == report.notes


@pytest.mark.parametrize(
    ("cut_by", "advice"),
    [
        ("n", "Read more posts per account to compare them."),
        (None, "There are no older posts to read."),
        ("cap", "No older posts can be read."),
    ],
)
def test_more_posts_are_advised_only_where_there_are_more(cut_by: str | None, advice: str) -> None:
    """The account whose posts begin later decides, because the other one reaches further back already."""
    newer = build_timeline_at("2026-03-01", account="a", cut_by=cut_by)
    report = build_report(build_query("a,b"), newer, build_timeline_at("2026-01-01", account="b", cut_by="n"))
    assert report.notes == [f"These accounts’ posts don’t overlap in time. {advice}"]


def test_accounts_without_posts_do_not_count_as_having_no_common_time() -> None:
    """Another window would show nothing either."""
    report = build_report(build_query("a,b", window="common"), build_timeline(account="a"), build_timeline(account="b"))
    assert report.notes == ["@a has no posts.", "@b has no posts."]


def test_a_common_window_of_one_account_is_its_own_time() -> None:
    """No other account limits it."""
    alone = build_timeline_at("2026-03-01", "2026-03-03")
    assert build_report(build_query(window="common"), alone).to_rows() == build_report(build_query(), alone).to_rows()


@pytest.mark.parametrize(("days", "width"), [(1, "hour"), (30, "day"), (400, "week"), (2000, "month")])
def test_the_automatic_interval_is_part_of_the_report(days: int, width: str) -> None:
    """`auto` becomes an interval that suits the span."""
    report = build_report(build_query(), build_timeline_at("2026-03-01", (NEWEST_POST_AT - timedelta(days=days)).isoformat()))
    assert report.interval == width
    assert report.chart.title == f"Posts per {width}"


@pytest.mark.parametrize(("interval", "width"), [("auto", "day"), ("hour", "hour")])
def test_a_report_without_posts_has_an_interval(interval: str, width: str) -> None:
    """There is no span to derive it from."""
    assert build_report(build_query(interval=interval), build_timeline()).interval == width


@pytest.mark.parametrize("kind", [chart.name for chart in CHARTS if chart.has_intervals])
def test_too_many_rows_are_refused_at_the_field_interval(kind: str) -> None:
    """They are refused before they are computed, with the limit and advice."""
    with pytest.raises(InvalidQuery) as refused:
        build_report(build_query(interval="hour"), build_timeline_at("2007-01-01", "2026-01-01"), kind=kind)
    ((field, message),) = refused.value.problems
    assert field == "interval"
    assert f"the limit is {MAX_TABLE_ROWS:,}" in message
    assert "Group by a longer interval" in message


def test_the_rows_of_all_accounts_count_together() -> None:
    """Twenty accounts with a year each are too many by the hour, one account isn't."""
    asked = build_query(",".join(f"a{number}" for number in range(20)), interval="hour")
    with pytest.raises(InvalidQuery):
        build_report(asked, *(build_timeline_at("2025-01-01", "2026-01-01", account=str(user)) for user in asked.users))
