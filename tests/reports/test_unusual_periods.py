"""The dated list of unusual intervals: which are listed, in which order, and in what words."""

from datetime import datetime, timedelta

from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.core.posts import Timeline
from dashboard.reports.analysis import Analysis
from dashboard.reports.builder import build_dashboard, build_report
from dashboard.reports.fetched import Fetched
from dashboard.reports.unusual_periods import MAX_LISTED_PERIODS, UnusualPeriod, list_unusual_periods
from tests.support.builders import build_query, build_timeline
from tests.support.findings import build_daily_timeline, find_sentences

FIRST_DAY = datetime(2026, 3, 2, 12)  # a Monday


def build_days(counts: dict[int, int], *, account: str = "nasa", days: int = 24, text: str = "a plain text") -> Timeline:
    """Return a timeline with one post per day, and on some days, counted from the first, as many as `counts` says."""
    moments = [FIRST_DAY + timedelta(days=day, minutes=post) for day in range(days) for post in range(counts.get(day, 1))]
    return build_timeline(*({"created_at": f"{moment.isoformat()}", "text": text} for moment in reversed(moments)), account=account)


def list_periods(*timelines: Timeline, users: str = "nasa", **parameters: str) -> list[UnusualPeriod]:
    """Return the unusual intervals of timelines."""
    return list_unusual_periods(Analysis(build_query(users, interval="day", **parameters), Fetched(timelines)))


def test_a_day_with_far_more_posts_is_listed_with_its_usual_number() -> None:
    """It names the weekday and the day, and links to the posts of that day."""
    period = list_periods(build_days({10: 30}))[0]
    assert period.when == "Thu 12 Mar"
    assert period.description == "far more posts"
    assert period.posts == 30
    assert period.usual == "usually 1"
    assert period.post_query == (("account", "nasa"), ("from", "2026-03-12"), ("to", "2026-03-13"))


def test_the_newest_day_comes_first() -> None:
    """The strongest days are chosen, but the list is dated."""
    assert [period.start.day for period in list_periods(build_days({5: 40, 10: 20, 15: 30}))] == [17, 12, 7]


def test_a_day_that_is_unusual_in_two_ways_is_listed_once() -> None:
    """Its posts are shown with the most negative first."""
    quiet = build_days(dict.fromkeys(range(24), 6), text="good and bad")
    terrible = build_timeline(
        *({"created_at": f"2026-03-12T13:{minute:02}:00", "text": "terrible awful broken"} for minute in range(50)), account="nasa"
    )
    timeline = Timeline("nasa", quiet.posts.vstack(terrible.posts), None, quiet.fetched_at, None)
    periods = list_periods(timeline)
    assert [period.description for period in periods] == ["much more negative, far more posts"]
    assert periods[0].words[:1] == ("awful",)
    assert periods[0].post_query[-1] == ("sort", "negative")


def test_an_account_without_events_contributes_its_busiest_day() -> None:
    """A peak that isn't unusual by the robust rule is still the one that a reader sees first."""
    varied = {day: 2 + day % 5 for day in range(24)} | {14: 9}
    periods = list_periods(build_days(varied))
    assert [(period.description, period.posts) for period in periods] == [("busiest day", 9)]
    assert periods[0].usual == "usually 4"
    assert periods[0].is_unusual is False


def test_the_busiest_day_of_too_few_is_compared_with_nothing() -> None:
    """A note beside the list says that nobody knows what is usual."""
    dashboard = build_dashboard(build_query("demo:one", interval="day"), Fetched([build_daily_timeline([1, 2, 3, 9, 2, 1])]))
    (period,) = dashboard.unusual_periods
    assert period.description == "busiest day"
    assert period.usual == ""
    assert dashboard.unusual_note.startswith("Too few days to tell what’s usual for demo:one (4)")


def test_all_parts_of_a_report_name_the_same_busiest_day() -> None:
    """The last day isn't over, but already has more posts than any other."""
    varied = {day: 2 + day % 5 for day in range(23)} | {14: 9, 23: 10}
    query, timeline = build_query("nasa", interval="day"), build_days(varied)
    chart = build_report("frequency", query, Fetched([timeline])).chart
    assert isinstance(chart, TimeSeriesChart)
    assert [peak.value for peak in chart.series[0].peaks] == ["10"]
    assert [(period.when, period.posts) for period in list_periods(timeline)] == [("Wed 25 Mar", 10)]
    assert find_sentences("busiest", query, timeline) == ["@nasa was busiest on 25 March: 10 posts, against 4 on a usual day."]


def test_days_of_silence_are_one_stretch_with_the_usual_number_of_its_days() -> None:
    """The account never posts at weekends: sixty posts are usual on 13 days from Thursday to Tuesday."""
    counts = {day: (8, 6, 4, 6, 8, 0, 0)[day % 7] for day in range(84)}
    timeline = build_days(counts | dict.fromkeys(range(45, 58), 0), days=84)
    (period,) = list_periods(timeline)
    assert (period.when, period.posts, period.usual) == ("Thu 16 Apr – Tue 28 Apr", 0, "usually 5 a day")
    assert find_sentences("unusual", build_query("nasa", interval="day"), timeline) == [
        "@nasa posted nothing from 16 to 28 April (usually 5 a day)."
    ]


def test_a_silent_weekday_is_compared_with_the_same_weekday_everywhere() -> None:
    """The median of all days would be six, because of the weekends."""
    counts = {day: (8, 6, 4, 6, 8, 0, 0)[day % 7] for day in range(84)} | {49: 0}
    timeline = build_days(counts, days=84)
    (period,) = list_periods(timeline)
    assert (period.when, period.usual) == ("Mon 20 Apr", "usually 8")
    assert find_sentences("unusual", build_query("nasa", interval="day"), timeline) == [
        "@nasa posted nothing on 20 April (usually 8 on Mondays)."
    ]


def test_a_list_of_busiest_days_alone_is_called_that() -> None:
    """The chart of unusual days would say that there are none, so it isn't offered, and the note says the same."""
    varied = {day: 2 + day % 5 for day in range(24)} | {14: 9}
    dashboard = build_dashboard(build_query("nasa", interval="day"), Fetched([build_days(varied)]))
    assert dashboard.unusual_title == "Busiest days"
    assert dashboard.has_unusual_periods is False
    assert dashboard.unusual_note == "No unusual days."


def test_a_list_of_both_is_called_that() -> None:
    """One account's day is unusual, another's only the busiest; its line doesn't say what it isn't."""
    varied = {day: 2 + day % 5 for day in range(24)} | {14: 9}
    report = build_dashboard(build_query("nasa,esa", interval="day"), Fetched([build_days(varied), build_days({10: 30}, account="esa")]))
    assert report.unusual_title == "Busiest and unusual days"
    assert [period.description for period in report.unusual_periods] == ["busiest day", "far more posts"]


def test_steady_accounts_have_no_unusual_days() -> None:
    """One post per day is nothing to list."""
    assert list_periods(build_days({})) == []


def test_at_most_five_days_are_listed_and_every_account_has_one() -> None:
    """The strongest of each account comes before the second strongest of another."""
    spiky = build_days({5: 90, 8: 80, 11: 70, 14: 60, 17: 50})
    calm = build_days({10: 12}, account="esa")
    periods = list_periods(spiky, calm, users="nasa,esa")
    assert len(periods) == MAX_LISTED_PERIODS
    assert "@esa" in {period.label for period in periods}


def test_weeks_and_hours_are_named_as_such() -> None:
    """An hour has its time, a week its first day."""
    query = build_query("nasa", interval="hour")
    hours = [FIRST_DAY + timedelta(hours=hour, minutes=post) for hour in range(40) for post in range(30 if hour == 20 else 1)]
    timeline = build_timeline(*({"created_at": moment.isoformat()} for moment in reversed(hours)))
    assert [period.when for period in list_unusual_periods(Analysis(query, Fetched([timeline])))] == ["Tue 3 Mar, 08:00"]
    weekly = Analysis(build_query("nasa", interval="week"), Fetched([build_days({75: 90}, days=100)]))
    assert [period.when for period in list_unusual_periods(weekly)] == ["Week of 11 May"]


def test_without_posts_there_is_nothing_to_list() -> None:
    """An empty timeline isn't an error."""
    assert list_periods(build_timeline()) == []


def test_the_year_is_named_where_a_day_could_be_of_two() -> None:
    """A list of more than a year needs it."""
    assert list_periods(build_days({300: 40}, days=400))[0].when == "Sun 27 Dec 2026"
