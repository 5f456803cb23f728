"""Reports: a query and its timelines become a table, a chart and notes."""

import csv
import io
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from dashboard.charts.palette import PALETTE
from dashboard.core.charts import CHARTS
from dashboard.core.errors import InvalidQuery
from dashboard.core.posts import Timeline
from dashboard.core.query import Query
from dashboard.core.source_errors import AccountNotFound, RateLimited, SourceError
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.interval_tables import MAX_TABLE_ROWS
from dashboard.reports.notes import coverage_notes
from dashboard.reports.report import Report
from tests.support.builders import FETCHED_AT, NEWEST_POST_AT, build_posts, build_query, build_timeline, build_timeline_at

KINDS = ["frequency", "sentiment", "rhythm"]
MISSING: dict[str, SourceError] = {"gone": AccountNotFound("gone", "There is no @gone on X.")}
COLUMNS = {
    "frequency": ["account", "start", "posts"],
    "sentiment": ["account", "start", "posts", "words", "matched", "positive", "negative", "value"],
    "rhythm": ["account", "weekday", "hour", "posts", "share"],
}
COVERAGE = ["account", "asked", "fetched", "first", "last", "cut_by", "name"]
DEMO = "Demo data – these organisations and posts are made up."


def build(query: Query, *timelines: Timeline, kind: str = "frequency", failures: dict[str, SourceError] | None = None) -> Report:
    """Return the report."""
    return builder.build_report(kind, query, Fetched(timelines, failures=failures or {}))


def build_notes(query: Query, *timelines: Timeline, kind: str = "frequency") -> list[str]:
    """Return the notes of a report."""
    return build(query, *timelines, kind=kind).notes


def list_colours(report: Report) -> list[tuple[str, str]]:
    """Return the accounts of a chart with their colours, in its order."""
    chart: Any = report.chart
    return [(panel.account, panel.style.color) for panel in (chart.series if hasattr(chart, "series") else chart.panels)]


def cells(report: Report) -> list[dict[str, str]]:
    """Return the rows of a report's CSV."""
    return list(csv.DictReader(io.StringIO(report.to_csv(), newline="")))


def leaves(value: Any) -> list[Any]:
    """Return the plain values inside lists and dicts."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return [value] if inside is None else [leaf for part in inside for leaf in leaves(part)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_has_the_columns_of_the_contract(kind: str) -> None:
    """Programs rely on their names and order."""
    assert build(build_query(), build_timeline("good"), kind=kind).table.columns == COLUMNS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_plain_values_with_times_as_text(kind: str) -> None:
    """JSON can represent them directly."""
    report = build(build_query(tz="Europe/Berlin"), build_timeline("good", "bad"), kind=kind)
    assert {type(leaf) for leaf in leaves([report.to_rows(), report.describe()["coverage"]])} <= {str, int, float, type(None)}
    assert json.loads(json.dumps(report.to_rows(), allow_nan=False)) == report.to_rows()


@pytest.mark.parametrize(
    ("interval", "tz", "start"),
    [
        ("hour", "Asia/Kathmandu", "2026-03-02T17:00:00+05:45"),
        ("day", "Asia/Kathmandu", "2026-03-02"),
        ("week", "UTC", "2026-03-02"),
        ("month", "UTC", "2026-03-01"),
    ],
)
def test_the_start_of_an_interval_is_in_iso_8601(interval: str, tz: str, start: str) -> None:
    """Hours have their offset; longer intervals are dates."""
    assert build(build_query(interval=interval, tz=tz), build_timeline("hi")).to_rows()[0]["start"] == start


def test_coverage_has_the_keys_of_the_contract() -> None:
    """There is one row per timeline."""
    assert build(build_query(n=1), build_timeline("hi", cut_by="n")).describe()["coverage"] == [
        {
            "account": "nasa",
            "asked": 1,
            "fetched": 1,
            "first": NEWEST_POST_AT.isoformat(),
            "last": NEWEST_POST_AT.isoformat(),
            "cut_by": "n",
            "name": None,
        }
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("interval", ["auto", "hour", "day", "week", "month"])
def test_accounts_are_in_the_requested_order(kind: str, interval: str) -> None:
    """This holds for table, chart and coverage, for any interval."""
    report = build(
        build_query("zeta,alpha", interval=interval),
        build_timeline("good", account="zeta"),
        build_timeline("good", account="alpha"),
        kind=kind,
    )
    tabled = list(dict.fromkeys(row["account"] for row in report.to_rows()))
    assert tabled == ["zeta", "alpha"]
    assert [account for account, _ in list_colours(report)] == ["zeta", "alpha"]


@pytest.mark.parametrize("kind", KINDS)
def test_colours_follow_the_order_of_the_query(kind: str) -> None:
    """The first account has the first colour, whatever the alphabet says."""
    report = build(build_query("zeta,alpha"), build_timeline("good", account="zeta"), build_timeline("good", account="alpha"), kind=kind)
    assert dict(list_colours(report)) == {"zeta": PALETTE[0], "alpha": PALETTE[1]}


def test_an_unreadable_account_does_not_change_the_other_colours() -> None:
    """A reload after a failure doesn't recolour the chart."""
    report = build(build_query("gone,nasa"), build_timeline("good"), failures=MISSING)
    assert [line.style.color for line in report.chart.series] == [PALETTE[1]]


@pytest.mark.parametrize("kind", KINDS)
def test_unselected_kinds_are_not_counted(kind: str) -> None:
    """A note says how many posts are left out."""
    report = build(build_query(kinds="reply"), build_timeline("good", {"text": "good", "kind": "reply"}), kind=kind)
    assert sum(row["posts"] for row in report.to_rows()) == 1
    assert "1 of 2 posts doesn't match the period or the post types you chose." in report.notes


# Notes


def test_an_ordinary_report_has_no_extra_notes() -> None:
    """Notes are for what a reader wouldn't expect."""
    assert build_notes(build_query(), build_timeline("hi")) == []


def test_requesting_more_posts_than_the_cap_is_noted() -> None:
    """The report has as many as the cap allows."""
    assert build_notes(build_query(n=5000), build_timeline("hi")) == ["You asked for 5,000 posts per account; Chorus reads up to 3,200."]


def test_a_failed_account_is_a_note_and_the_others_are_drawn() -> None:
    """The note says what happened and what to do next."""
    report = build(build_query("nasa,gone"), build_timeline("hi"), failures=MISSING)
    assert [line.account for line in report.chart.series] == ["nasa"]
    assert report.notes == ["There is no @gone on X. Check the spelling – accounts are sometimes renamed."]


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_with_only_failures_is_empty_but_complete(kind: str) -> None:
    """It has the reasons, but nothing to draw or sum."""
    report = build(build_query("gone"), kind=kind, failures=MISSING)
    assert report.to_rows() == []
    assert report.chart.is_empty is True
    assert report.fetched_at is None
    assert len(report.notes) == 1


def test_an_interrupted_timeline_says_how_much_is_shown_and_why() -> None:
    """Partial posts are shown as such."""
    limited = RateLimited("nasa", "X asks us to wait.", "Try again at 10:00 UTC.")
    assert build_notes(build_query(), build_timeline("a", "b", cut_by="rate_limit", failure=limited)) == [
        "@nasa: only 2 posts read so far. X asks us to wait. Try again at 10:00 UTC."
    ]


@pytest.mark.parametrize(
    ("cut_by", "why"),
    [("deadline", "stopped early: the network was too slow"), ("repeats", "stopped early: the network sent the same posts again")],
)
def test_a_timeline_that_was_cut_says_so(cut_by: str, why: str) -> None:
    """This holds without a failure of the network, too."""
    assert build_notes(build_query(), build_timeline("a", cut_by=cut_by)) == [
        f"@nasa: only 1 post read so far. Reading {why}. Reload to continue."
    ]


@pytest.mark.parametrize(
    ("args", "sentence"), [({}, "@silent has no posts."), ({"since": "2026-01-01"}, "@silent has no posts in this period.")]
)
def test_an_account_without_posts_is_named(args: dict[str, str], sentence: str) -> None:
    """The others are drawn."""
    report = build(build_query("nasa,silent", **args), build_timeline("hi"), build_timeline(account="silent"))
    assert report.notes == [sentence]
    assert sum(row["posts"] for row in report.to_rows()) == 1


def test_an_account_without_posts_of_the_selected_kinds_is_named() -> None:
    """Its chart has zeros, and a note says why."""
    assert build_notes(build_query(kinds="quote"), build_timeline("hi", "ho")) == [
        "@nasa has no posts of these types in this period.",
        "2 of 2 posts don't match the period or the post types you chose.",
    ]


def test_posts_without_a_time_are_left_out_and_counted() -> None:
    """An unknown time isn't guessed."""
    assert build_notes(build_query(), build_timeline("hi", {"created_at": None})) == [
        "1 of 2 posts has no known date, so every chart, table and list of posts leaves it out."
    ]


def test_an_account_with_only_undated_posts_has_the_right_reason() -> None:
    """The selected kinds aren't mentioned."""
    assert build_notes(build_query(), build_timeline({"created_at": None})) == [
        "1 of 1 posts has no known date, so every chart, table and list of posts leaves it out."
    ]


def test_the_share_of_matched_words_is_stated() -> None:
    """It says how much of the texts the lexicon covers."""
    (note,) = build_notes(build_query(), build_timeline("good day to all"), kind="sentiment")
    assert note.startswith("1 of 4 words (25.0%) ")


def test_an_account_without_matches_is_named() -> None:
    """In that case, zero doesn't mean neutral."""
    assert build_notes(build_query(), build_timeline("hm hm"), kind="sentiment")[-1] == (
        "None of the words of @nasa are in the word list, so its sentiment is unknown."
    )


def test_posts_without_words_have_no_share_of_matched_words() -> None:
    """0 of 0 isn't a percentage."""
    assert [note for note in build_notes(build_query(), build_timeline("😀"), kind="sentiment") if "%" in note] == []


WHO_DECIDES = "The words of a post decide; where they leave it open, the network's language tag and the account's other posts do."


@pytest.mark.parametrize(("langs", "count"), [(["de", "en"], 1), (["EN", "en-GB", None], 0), (["pt-BR", "hi", "fr"], 3)])
def test_posts_in_other_languages_are_counted(langs: list[str | None], count: int) -> None:
    """The lexicon is English; unknown languages don't count as foreign."""
    report = build(build_query(), build_timeline(*({"text": "hm", "lang": lang} for lang in langs)), kind="sentiment")
    are = "isn't in English (German) and doesn't" if count == 1 else "aren't in English (1 Portuguese, 1 Hindi and 1 French) and don't"
    foreign = f"{count} of {len(langs)} posts {are} count towards sentiment or words. {WHO_DECIDES}"
    assert ([foreign] if count else []) == [note for note in report.notes if "in English" in note]
    assert sum(row["posts"] for row in report.to_rows()) == len(langs) - count


def test_vader_has_its_own_lexicon_in_the_note() -> None:
    """The notes name the selected method."""
    assert "VADER's lexicon" in build_notes(build_query(method="vader"), build_timeline("good"), kind="sentiment")[0]


@pytest.mark.parametrize(("users", "label"), [("demo:a,nasa", DEMO), ("nasa", "")])
def test_demo_data_is_labelled_in_notes_and_caption(users: str, label: str) -> None:
    """Nobody should mistake invented posts for real ones."""
    report = build(build_query(users), *(build_timeline("hi", account=str(user)) for user in build_query(users).users))
    assert report.demo_notice == label
    assert (report.notes[:1] == [DEMO]) == bool(label)
    assert (report.chart.caption[0] == DEMO) == bool(label)


# The caption of an image


def caption(query: Query, *timelines: Timeline) -> list[str]:
    """Return the lines below the title."""
    return list(build(query, *timelines).chart.caption)


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
    report = build(build_query("nasa,gone"), build_timeline("hi"), failures=MISSING)
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


def test_the_fetch_time_is_that_of_the_oldest_timeline() -> None:
    """The oldest part determines how fresh the report is."""
    old = Timeline("esa", build_posts("hi", account="esa"), None, FETCHED_AT - timedelta(hours=1))
    assert build(build_query("nasa,esa"), build_timeline("hi"), old).fetched_at == FETCHED_AT - timedelta(hours=1)


# Windows, intervals and limits


def test_the_common_window_shows_only_the_time_that_all_accounts_cover() -> None:
    """Both ends are included, and a note says how many posts are left out."""
    report = build(
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
    assert report.notes == ["2 of 5 posts don't match the period or the post types you chose."]


def test_accounts_without_common_time_have_a_warning() -> None:
    """Nothing is drawn, and the warning says what to request instead."""
    report = build(
        build_query("a,b", window="common"), build_timeline_at("2026-03-01", account="a"), build_timeline_at("2026-01-01", account="b")
    )
    assert report.to_rows() == []
    assert report.chart.is_empty is True
    assert "No period is covered by all accounts." in report.notes[0]


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (["2026-01-01", "2026-01-02"], "These accounts' posts don't overlap in time."),
        (["2026-01-01", "2026-03-02"], "Only 1 Mar – 2 Mar 2026 is covered by all accounts."),
    ],
)
def test_accounts_with_little_common_time_have_a_note(days: list[str], sentence: str) -> None:
    """Lines next to each other look comparable, so the note says where they aren't."""
    report = build(build_query("a,b"), build_timeline_at("2026-03-01", "2026-03-05", account="a"), build_timeline_at(*days, account="b"))
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
    report = build(build_query("a,b"), newer, build_timeline_at("2026-01-01", account="b", cut_by="n"))
    assert report.notes == [f"These accounts' posts don't overlap in time. {advice}"]


def test_accounts_without_posts_do_not_count_as_having_no_common_time() -> None:
    """Another window would show nothing either."""
    report = build(build_query("a,b", window="common"), build_timeline(account="a"), build_timeline(account="b"))
    assert report.notes == ["@a has no posts.", "@b has no posts."]


def test_a_common_window_of_one_account_is_its_own_time() -> None:
    """No other account limits it."""
    alone = build_timeline_at("2026-03-01", "2026-03-03")
    assert build(build_query(window="common"), alone).to_rows() == build(build_query(), alone).to_rows()


@pytest.mark.parametrize(("days", "width"), [(1, "hour"), (30, "day"), (400, "week"), (2000, "month")])
def test_the_automatic_interval_is_part_of_the_report(days: int, width: str) -> None:
    """`auto` becomes an interval that suits the span."""
    report = build(build_query(), build_timeline_at("2026-03-01", (NEWEST_POST_AT - timedelta(days=days)).isoformat()))
    assert report.interval == width
    assert report.chart.title == f"Posts per {width}"


@pytest.mark.parametrize(("interval", "width"), [("auto", "day"), ("hour", "hour")])
def test_a_report_without_posts_has_an_interval(interval: str, width: str) -> None:
    """There is no span to derive it from."""
    assert build(build_query(interval=interval), build_timeline()).interval == width


@pytest.mark.parametrize("kind", [chart.name for chart in CHARTS if chart.has_intervals])
def test_too_many_rows_are_refused_at_the_field_interval(kind: str) -> None:
    """They are refused before they are computed, with the limit and advice."""
    with pytest.raises(InvalidQuery) as refused:
        build(build_query(interval="hour"), build_timeline_at("2007-01-01", "2026-01-01"), kind=kind)
    ((field, message),) = refused.value.problems
    assert field == "interval"
    assert f"the limit is {MAX_TABLE_ROWS:,}" in message
    assert "Group by a longer interval" in message


def test_the_rows_of_all_accounts_count_together() -> None:
    """Twenty accounts with a year each are too many by the hour, one account isn't."""
    asked = build_query(",".join(f"a{number}" for number in range(20)), interval="hour")
    with pytest.raises(InvalidQuery):
        build(asked, *(build_timeline_at("2025-01-01", "2026-01-01", account=str(user)) for user in asked.users))


# CSV


@pytest.mark.parametrize("kind", KINDS)
def test_a_csv_has_the_table_and_its_coverage(kind: str) -> None:
    """The columns of the contract come first, then those of coverage."""
    assert list(cells(build(build_query(), build_timeline("good"), kind=kind))[0]) == [*COLUMNS[kind], *COVERAGE[1:]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_csv_has_the_rows_of_the_json(kind: str) -> None:
    """The numbers agree, and null is an empty cell."""
    report = build(build_query(), build_timeline_at("2026-03-01", "2026-03-04", text="good"), kind=kind)
    rows = [{name: "" if value is None else str(value) for name, value in row.items()} for row in report.to_rows()]
    assert [{name: row[name] for name in COLUMNS[kind]} for row in cells(report)] == rows


def test_each_line_of_a_csv_ends_with_crlf() -> None:
    """RFC 4180 requires it, and this includes the header and the last line."""
    text = build(build_query(), build_timeline("good", "bad")).to_csv()
    assert text.count("\n") == len(text.splitlines())
    assert text.count("\r\n") == len(text.splitlines())
    assert text.endswith("\r\n")


@pytest.mark.parametrize("account", ["=cmd()", "-1", "\n=1", "＝cmd()", " \u200b+1"])
def test_no_cell_of_a_csv_is_a_formula(account: str) -> None:
    """A spreadsheet shows such a text instead of running it."""
    assert [row["account"] for row in cells(build(build_query(), build_timeline("hi", account=account)))] == ["'" + account]


@pytest.mark.parametrize("account", ['a,"b"', "a;b", "a\nb", "<b>"])
def test_a_csv_quotes_special_characters(account: str) -> None:
    """Commas, quotes and line breaks stay inside their cell."""
    rows = cells(build(build_query(), build_timeline("hi", account=account)))
    assert [row["account"] for row in rows] == [account]


def test_a_negative_number_stays_a_number_in_a_csv() -> None:
    """Only texts are escaped."""
    assert cells(build(build_query(), build_timeline("bad"), kind="sentiment"))[0]["value"] == "-1.0"


@pytest.mark.parametrize("kind", KINDS)
def test_the_csv_of_an_empty_table_is_its_header(kind: str) -> None:
    """Programs can parse it."""
    assert build(build_query(), build_timeline(), kind=kind).to_csv() == ",".join([*COLUMNS[kind], *COVERAGE[1:]]) + "\r\n"


# The dashboard


def test_a_dashboard_has_every_kind_once() -> None:
    """Each report is the same as on its own, or has the overview of its chart."""
    asked, kept = build_query("nasa,demo:a"), [build_timeline("good"), build_timeline("bad", account="demo:a")]
    dashboard = builder.build_dashboard(asked, Fetched(kept))
    alone = [build(asked, *kept, kind=kind) for kind in CHARTS.names()]
    assert [(report.kind, report.to_rows(), report.chart) for report in dashboard.reports] == [
        (report.kind, report.to_rows(), report.overview or report.chart) for report in alone
    ]


def test_a_dashboard_has_each_shared_remark_once() -> None:
    """They are notes on all charts, those of one chart stay with it."""
    dashboard = builder.build_dashboard(build_query(n=5000), Fetched([build_timeline("good")]))
    counts = Counter(remark for report in dashboard.reports for remark in report.remarks)
    assert dashboard.remarks == tuple(count for count in counts if counts[count] > 1)
    assert max(counts.values()) == len(dashboard.reports)


@pytest.mark.parametrize("window", ["all", "common"])
def test_a_dashboard_of_accounts_without_posts_is_complete(window: str) -> None:
    """Nothing is divided by zero."""
    dashboard = builder.build_dashboard(
        build_query("a,b", window=window), Fetched([build_timeline(account="a"), build_timeline(account="b")])
    )
    assert [row.posts for row in dashboard.scorecard.rows] == [0, 0]
    assert [[tile.value for tile in row.tiles] for row in dashboard.scorecard.rows] == [[None] * 4] * 2


@pytest.mark.parametrize("measure", ["net", "mean", "share"])
def test_a_report_without_an_english_post_has_no_sentiment(measure: str) -> None:
    """Its posts are counted, and nothing is drawn or said about their sentiment."""
    rows = [{"text": "Der Zug hat heute leider wieder Verspätung", "lang": "de"}] * 12
    dashboard = builder.build_dashboard(build_query(measure=measure), Fetched([build_timeline(*rows)]))
    (row,) = dashboard.scorecard.rows
    assert row.posts == 12
    assert row.find_tile("balance_per_post").text == "–"


def test_a_dashboard_has_its_charts_in_sections() -> None:
    """The registry says which chart belongs to which section; sections come in their order on the page."""
    dashboard = builder.build_dashboard(build_query(), Fetched([build_timeline()]))
    kinds = {section.name: [report.kind for report in section.reports] for section in dashboard.sections}
    assert list(kinds) == ["activity", "sentiment", "why", "audience"]
    assert kinds["activity"] == ["frequency", "rhythm"]
    shown = [kind for reports in kinds.values() for kind in reports]
    assert {report.kind for report in dashboard.reports} - set(shown) == {"compare", "events", "methods"}
