"""Reports: a query and its timelines become a table, a chart and notes."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from dashboard.charts.palette import PALETTE
from dashboard.core.charts import CHARTS
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import AccountNotFound, RateLimited, SourceError
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from tests.support.builders import FETCHED_AT, NEWEST_POST_AT, build_posts, build_query, build_timeline
from tests.support.reports import COLUMNS, KINDS, build_notes, build_report

MISSING: dict[str, SourceError] = {"gone": AccountNotFound("gone", "There is no @gone on X.")}
DEMO = "Demo data – these organisations and posts are made up."


def list_colours(report: Report) -> list[tuple[str, str]]:
    """Return the accounts of a chart with their colours, in its order."""
    chart: Any = report.chart
    return [(panel.account, panel.style.color) for panel in (chart.series if hasattr(chart, "series") else chart.panels)]


def leaves(value: Any) -> list[Any]:
    """Return the plain values inside lists and dicts."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return [value] if inside is None else [leaf for part in inside for leaf in leaves(part)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_has_the_columns_of_the_contract(kind: str) -> None:
    """Programs rely on their names and order."""
    assert build_report(build_query(), build_timeline("good"), kind=kind).table.columns == COLUMNS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_plain_values_with_times_as_text(kind: str) -> None:
    """JSON can represent them directly."""
    report = build_report(build_query(tz="Europe/Berlin"), build_timeline("good", "bad"), kind=kind)
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
    assert build_report(build_query(interval=interval, tz=tz), build_timeline("hi")).to_rows()[0]["start"] == start


def test_coverage_has_the_keys_of_the_contract() -> None:
    """There is one row per timeline."""
    assert build_report(build_query(n=1), build_timeline("hi", cut_by="n")).describe()["coverage"] == [
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
    report = build_report(
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
    report = build_report(
        build_query("zeta,alpha"), build_timeline("good", account="zeta"), build_timeline("good", account="alpha"), kind=kind
    )
    assert dict(list_colours(report)) == {"zeta": PALETTE[0], "alpha": PALETTE[1]}


def test_an_unreadable_account_does_not_change_the_other_colours() -> None:
    """A reload after a failure doesn't recolour the chart."""
    report = build_report(build_query("gone,nasa"), build_timeline("good"), failures=MISSING)
    assert [line.style.color for line in report.chart.series] == [PALETTE[1]]


@pytest.mark.parametrize("kind", KINDS)
def test_unselected_kinds_are_not_counted(kind: str) -> None:
    """A note says how many posts are left out."""
    report = build_report(build_query(kinds="reply"), build_timeline("good", {"text": "good", "kind": "reply"}), kind=kind)
    assert sum(row["posts"] for row in report.to_rows()) == 1
    assert "1 of 2 posts doesn’t match the period or the post types you chose." in report.notes


def test_an_ordinary_report_has_no_extra_notes() -> None:
    """Notes are for what a reader wouldn't expect."""
    assert build_notes(build_query(), build_timeline("hi")) == []


def test_requesting_more_posts_than_the_cap_is_noted() -> None:
    """The report has as many as the cap allows."""
    assert build_notes(build_query(n=5000), build_timeline("hi")) == ["You asked for 5,000 posts per account; Chorus reads up to 3,200."]


def test_a_failed_account_is_a_note_and_the_others_are_drawn() -> None:
    """The note says what happened and what to do next."""
    report = build_report(build_query("nasa,gone"), build_timeline("hi"), failures=MISSING)
    assert [line.account for line in report.chart.series] == ["nasa"]
    assert report.notes == ["There is no @gone on X. Check the spelling – accounts are sometimes renamed."]


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_with_only_failures_is_empty_but_complete(kind: str) -> None:
    """It has the reasons, but nothing to draw or sum."""
    report = build_report(build_query("gone"), kind=kind, failures=MISSING)
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
    report = build_report(build_query("nasa,silent", **args), build_timeline("hi"), build_timeline(account="silent"))
    assert report.notes == [sentence]
    assert sum(row["posts"] for row in report.to_rows()) == 1


def test_an_account_without_posts_of_the_selected_kinds_is_named() -> None:
    """Its chart has zeros, and a note says why."""
    assert build_notes(build_query(kinds="quote"), build_timeline("hi", "ho")) == [
        "@nasa has no posts of these types in this period.",
        "2 of 2 posts don’t match the period or the post types you chose.",
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


WHO_DECIDES = "The words of a post decide; where they leave it open, the network’s language tag and the account’s other posts do."


@pytest.mark.parametrize(("langs", "count"), [(["de", "en"], 1), (["EN", "en-GB", None], 0), (["pt-BR", "hi", "fr"], 3)])
def test_posts_in_other_languages_are_counted(langs: list[str | None], count: int) -> None:
    """The lexicon is English; unknown languages don't count as foreign."""
    report = build_report(build_query(), build_timeline(*({"text": "hm", "lang": lang} for lang in langs)), kind="sentiment")
    are = "isn’t in English (German) and doesn’t" if count == 1 else "aren’t in English (1 Portuguese, 1 Hindi and 1 French) and don’t"
    foreign = f"{count} of {len(langs)} posts {are} count towards sentiment or words. {WHO_DECIDES}"
    assert ([foreign] if count else []) == [note for note in report.notes if "in English" in note]
    assert sum(row["posts"] for row in report.to_rows()) == len(langs) - count


def test_vader_has_its_own_lexicon_in_the_note() -> None:
    """The notes name the selected method."""
    assert "VADER’s lexicon" in build_notes(build_query(method="vader"), build_timeline("good"), kind="sentiment")[0]


@pytest.mark.parametrize(("users", "label"), [("demo:a,nasa", DEMO), ("nasa", "")])
def test_demo_data_is_labelled_in_notes_and_caption(users: str, label: str) -> None:
    """Nobody should mistake invented posts for real ones."""
    report = build_report(build_query(users), *(build_timeline("hi", account=str(user)) for user in build_query(users).users))
    assert report.demo_notice == label
    assert (report.notes[:1] == [DEMO]) == bool(label)
    assert (report.chart.caption[0] == DEMO) == bool(label)


def test_the_fetch_time_is_that_of_the_oldest_timeline() -> None:
    """The oldest part determines how fresh the report is."""
    old = Timeline("esa", build_posts("hi", account="esa"), None, FETCHED_AT - timedelta(hours=1))
    assert build_report(build_query("nasa,esa"), build_timeline("hi"), old).fetched_at == FETCHED_AT - timedelta(hours=1)


def test_a_dashboard_has_every_kind_once() -> None:
    """Each report is the same as on its own, or has the overview of its chart."""
    asked, kept = build_query("nasa,demo:a"), [build_timeline("good"), build_timeline("bad", account="demo:a")]
    dashboard = builder.build_dashboard(asked, Fetched(kept))
    alone = [build_report(asked, *kept, kind=kind) for kind in CHARTS.names()]
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
