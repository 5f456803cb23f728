"""Findings on the busiest time of accounts without unusual ones."""

from datetime import UTC, datetime, timedelta

from tests.support.builders import build_query, build_timeline
from tests.support.findings import build_daily_timeline, find_all, find_sentences

QUERY = build_query("demo:one", interval="day")
UNEVEN = [1, 6, 2, 5, 1, 6, 2]  # so that 9 posts aren't unusual


def test_the_busiest_day_is_told_with_a_usual_one() -> None:
    """Nine posts, twice as many as the median and more than on any other day."""
    sentences = find_sentences("busiest", QUERY, build_daily_timeline([*UNEVEN, *UNEVEN, 9, *UNEVEN]))
    assert sentences == ["demo:one was busiest on 16 March: 9 posts, against 3 on a usual day."]


def test_the_busiest_of_few_days_is_told_without_a_usual_one() -> None:
    """The report says that nobody knows what is usual of fewer than eight."""
    assert find_sentences("busiest", QUERY, build_daily_timeline([1, 2, 3, 9, 2, 1])) == ["demo:one was busiest on 5 March: 9 posts."]


def test_two_equally_busy_days_are_not_told() -> None:
    """Neither was the busiest."""
    assert find_sentences("busiest", QUERY, build_daily_timeline([*UNEVEN, 9, *UNEVEN, 9, *UNEVEN])) == []


def test_an_account_with_an_unusual_day_has_no_second_sentence_about_its_busiest() -> None:
    """It is the same day."""
    findings = find_all(QUERY, build_daily_timeline([3] * 20 + [30] + [3] * 20))
    assert "busiest" not in {finding.kind for finding in findings}


def test_fewer_than_five_posts_are_no_peak() -> None:
    """Four posts on a day may be chance."""
    assert find_sentences("busiest", QUERY, build_daily_timeline([1, 2] * 6 + [4] + [1, 2] * 6)) == []


def test_the_busiest_week_is_named_by_its_monday() -> None:
    """The week that begins on 30 March has nine posts."""
    starts = [datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(weeks=week) for week in range(16)]
    counts = [1, 5, 2, 4, 9, 4, 1, 5, 2, 4, 1, 5, 2, 4, 3, 1]
    rows = [
        {"created_at": start + timedelta(minutes=number)} for start, count in zip(starts, counts, strict=True) for number in range(count)
    ]
    timeline = build_timeline(*({"id": str(index)} | row for index, row in enumerate(rows[::-1])), account="demo:one")
    sentences = find_sentences("busiest", build_query("demo:one", interval="week"), timeline)
    assert sentences == ["demo:one was busiest in the week of 30 March: 9 posts, against 4 in a usual week."]


def test_the_busiest_of_two_hours_with_the_same_name_is_linked() -> None:
    """When clocks go back in Berlin, 02:00 comes twice, and the first one has the posts."""
    first = datetime(2025, 10, 26, tzinfo=UTC)
    moments = [first + timedelta(hours=hour) for hour in range(-4, 4)] + [first + timedelta(minutes=minute) for minute in range(1, 7)]
    timeline = build_timeline(*({"id": str(index), "created_at": moment} for index, moment in enumerate(moments)), account="demo:one")
    findings = find_all(build_query("demo:one", interval="hour", tz="Europe/Berlin"), timeline)
    (link,) = [finding.target.post_query for finding in findings if finding.kind == "busiest" and finding.target]
    assert dict(link) == {"account": "demo:one", "from": "2025-10-26T02:00:00+02:00", "to": "2025-10-26T02:00:00+01:00"}
