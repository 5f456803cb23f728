"""The caption of an image: coverage, time of reading, time zone, and accounts that couldn't be read."""

import pytest

from dashboard.core.posts import Timeline
from dashboard.core.query import Query
from dashboard.core.source_errors import AccountNotFound, SourceError
from dashboard.reports.notes import coverage_notes
from tests.support.builders import build_query, build_timeline
from tests.support.reports import build_report

MISSING: dict[str, SourceError] = {"gone": AccountNotFound("gone", "There is no @gone on X.")}


def caption(query: Query, *timelines: Timeline) -> list[str]:
    """Return the lines below the title."""
    return list(build_report(query, *timelines).chart.caption)


def test_the_caption_has_the_coverage() -> None:
    """It has fetched and requested posts, and the period."""
    first, *_ = caption(build_query(n=2), build_timeline("a", "b", cut_by="n"))
    assert first.startswith("@nasa: 2 of up to 2 posts, 1 Mar – 2 Mar 2026")


def test_the_caption_has_the_fetch_time_and_the_zone() -> None:
    """An image found later can be dated."""
    assert caption(build_query(tz="Asia/Kathmandu"), build_timeline("a"))[-1].startswith(
        "Updated 31 Mar 2026, 09:30 UTC · times in Asia/Kathmandu"
    )


@pytest.mark.parametrize(("args", "ending"), [({}, ", all posts"), ({"since": "2026-01-01"}, ", all posts in this period")])
def test_the_caption_says_if_the_whole_timeline_was_read(args: dict[str, str], ending: str) -> None:
    """There are no older posts in that case."""
    assert caption(build_query(**args), build_timeline("a"))[0] == f"@nasa: 1 of up to 400 posts, 2 Mar 2026{ending}"


@pytest.mark.parametrize("cut_by", ["network", "rate_limit", "failure", "deadline", "repeats", "cap"])
def test_the_caption_says_why_a_timeline_was_cut(cut_by: str) -> None:
    """Images are shared without their page, and 1 of 400 posts needs a reason."""
    assert coverage_notes.CUT_DESCRIPTIONS[cut_by] in caption(build_query(), build_timeline("a", cut_by=cut_by))[0]


def test_the_caption_names_an_unreadable_account() -> None:
    """An image of one of two accounts says which one is missing."""
    report = build_report(build_query("nasa,gone"), build_timeline("hi"), failures=MISSING)
    assert "@gone" in " ".join(report.chart.caption)


@pytest.mark.parametrize("users", ["a", "a,b,c,d"])
def test_the_caption_has_local_days(users: str) -> None:
    """This holds for few and for many accounts, as on the axis."""
    asked = build_query(users, tz="Pacific/Kiritimati")
    assert ", 2 Mar – 3 Mar 2026" in caption(asked, *(build_timeline("hi", "ho", account=str(user)) for user in asked.users))[0]


def test_the_caption_of_many_accounts_is_one_line_of_totals() -> None:
    """A line per account would leave no room for the chart."""
    asked = build_query("a,b,c,d")
    assert caption(asked, *(build_timeline("x", "y", account=str(user)) for user in asked.users))[0] == (
        "4 accounts: 8 of up to 1,600 posts, 1 Mar – 2 Mar 2026"
    )
