"""The demo year ends with the last whole week before the clock: the same posts at the same weekdays and hours."""

import calendar
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard.core.accounts import Account
from dashboard.sources.base import TimelineRequest
from dashboard.sources.demo import DemoSource, load_organisations
from dashboard.sources.demo_world import build_timeline, find_shift
from tests.support.demo_clock import DEMO_NOON
from tests.support.fake_clock import FakeClock

WEEK = timedelta(weeks=1)
NAMES = [organisation.name for organisation in load_organisations()]
MONTHS = list(calendar.month_name)[1:]
WRITTEN_DATE = re.compile(rf"\b(\w+day) (\d+) ({'|'.join(MONTHS)})\b")


@pytest.mark.parametrize(
    ("now", "last_day"),
    [
        (datetime(2026, 11, 2, tzinfo=UTC), date(2026, 10, 31)),
        (datetime(2026, 11, 8, 23, 59, tzinfo=UTC), date(2026, 10, 31)),
        (datetime(2026, 11, 9, tzinfo=UTC), date(2026, 11, 7)),
        (datetime(2026, 11, 1, 23, 59, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2031, 7, 3, 12, tzinfo=UTC), date(2031, 6, 28)),
    ],
)
def test_the_year_ends_with_the_saturday_of_the_last_whole_week(now: datetime, last_day: date) -> None:
    """A week is whole when its Sunday is over (UTC)."""
    assert build_timeline("harbour-news", find_shift(now))[0]["created_at"].date() == last_day


@pytest.mark.parametrize("name", NAMES)
def test_posts_keep_their_weekdays_hours_and_ids(name: str) -> None:
    """Only the week of a post depends on the clock."""
    written, moved = build_timeline(name), build_timeline(name, 9 * WEEK)
    assert [post["created_at"] for post in moved] == [post["created_at"] + 9 * WEEK for post in written]
    assert [post["id"] for post in moved] == [post["id"] for post in written]
    assert [post["likes"] for post in moved] == [post["likes"] for post in written]


@pytest.mark.parametrize("weeks", [-1, 0, 5, 30])
def test_dates_in_texts_are_after_the_post_that_mentions_them(weeks: int) -> None:
    """A date in a text moves with the post, and its weekday is right."""
    mentioned = [
        (post["created_at"].date(), *date_text)
        for post in build_timeline("sablonne-council", weeks * WEEK)
        for date_text in WRITTEN_DATE.findall(post["text"])
    ]
    assert len(mentioned) > 20
    for posted_on, weekday, day, month in mentioned:
        moment = date(posted_on.year + (MONTHS.index(month) + 1 < posted_on.month), MONTHS.index(month) + 1, int(day))
        assert f"{moment:%A}" == weekday
        assert 2 <= (moment - posted_on).days <= 8


def test_the_first_day_of_a_month_is_french_in_a_french_text() -> None:
    """It is written 1er whichever week it falls into."""
    texts = [post["text"] for weeks in range(5) for post in build_timeline("sablonne-council", weeks * WEEK)]
    first_days = {date_text for text in texts for date_text in re.findall(r"\b(?:lundi|mardi|mercredi|jeudi|vendredi) 1(?:er)? \w+", text)}
    assert first_days
    assert [date_text for date_text in first_days if " 1er " not in date_text] == []


def test_texts_without_dates_stay() -> None:
    """The words that charts count are the same in every week."""
    written, moved = build_timeline("aster-air"), build_timeline("aster-air", 9 * WEEK)
    changed = [post["text"] for post, other in zip(written, moved, strict=True) if post["text"] != other["text"]]
    assert changed
    assert [text for text in changed if not any(month in text for month in MONTHS)] == []


def test_a_request_for_dates_gets_the_posts_of_those_dates() -> None:
    """A bookmark with dates keeps its meaning when the year moves."""
    clock = FakeClock(DEMO_NOON + 3 * WEEK)
    request = TimelineRequest(3200, datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 9, tzinfo=UTC))
    frames = [page.frame for page in DemoSource(clock).iter_pages(Account("demo", "harbour-news"), request, 0.0) if page.frame is not None]
    same_week = [post for post in build_timeline("harbour-news") if date(2026, 10, 12) <= post["created_at"].date() < date(2026, 10, 19)]
    assert frames[0]["id"].to_list() == [post["id"] for post in same_week]
    assert frames[0]["created_at"].dt.date().is_between(date(2026, 11, 2), date(2026, 11, 8)).all()
