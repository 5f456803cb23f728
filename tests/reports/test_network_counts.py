"""Reports of frequency by a network's own counts: their notes, totals and spans."""

import pytest

from dashboard.core.errors import InvalidQuery
from dashboard.core.source_errors import (
    RateLimited,
)
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_counts, build_query, build_timeline
from tests.support.reports import build_report


def test_a_dashboard_of_counts_is_refused_in_a_notebook() -> None:
    """The domain has the same rule."""
    with pytest.raises(InvalidQuery):
        builder.build_dashboard(build_query("nasa", counted="network"), Fetched([build_counts("2026-01-01", "2026-02-01")]))


def test_the_caption_has_separate_totals_for_posts_and_counts() -> None:
    """It has totals for four accounts or more."""
    ends = ("2026-01-01", "2026-02-01", ("2026-01-05T10:00", 7))
    answers = [build_counts(*ends, account=name) for name in ("a", "b", "c")] + [build_timeline("hi", account="demo:d")]
    caption = build_report(build_query("a,b,c,demo:d", counted="network"), *answers).chart.caption
    assert "4 accounts: 1 of up to 400 posts and 21 posts counted by X" in caption[1]


def test_a_note_explains_hours_in_zones_with_half_hours() -> None:
    """Days in Kolkata start in the middle of an hour of X's, and no post is lost."""
    answer = build_report(
        build_query("nasa", counted="network", tz="Asia/Kolkata", interval="day"),
        build_counts("2026-01-01", "2026-01-03", ("2026-01-01T18:00", 4)),
    )
    assert any("Asia/Kolkata" in note for note in answer.notes)
    assert answer.table["posts"].sum() == 4


def test_the_common_span_limits_counts_too() -> None:
    """Only the time that all accounts cover is drawn."""
    busy = build_counts("2026-01-01", "2026-02-01", ("2026-01-05T10:00", 7), ("2026-01-20T10:00", 2), account="a")
    late = build_counts("2026-01-10", "2026-02-01", account="b")
    table = build_report(build_query("a,b", counted="network", window="common", interval="month"), busy, late).table
    assert table["posts"].to_list() == [2, 0]


def test_a_partial_count_is_a_warning() -> None:
    """What was counted is shown with the reason."""
    failure = RateLimited("nasa", "X allows no more reads of @nasa for now.", "Try again.")
    answer = build_report(
        build_query("nasa", counted="network"),
        build_counts("2026-01-01", "2026-02-01", ("2026-01-05T10:00", 7), cut_by="rate_limit", failure=failure),
    )
    assert answer.warnings == ("@nasa: only 7 posts counted so far. X allows no more reads of @nasa for now. Try again.",)
