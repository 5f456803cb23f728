"""Accounts that post in several languages have a row per language, and a language is only compared with itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.core.post_selection import parse_query_and_selection
from dashboard.core.posts import Timeline
from dashboard.prediction.serving.labeller import Labeller
from dashboard.reports import builder, posts_page
from dashboard.reports.analysis import Analysis
from dashboard.reports.fetched import Fetched
from dashboard.reports.findings.candidates import Candidates, collect_findings
from dashboard.reports.scorecard import build_scorecard
from tests.support.builders import build_query, build_timeline, deterministic
from tests.support.fault_suite import reduce_examples
from tests.support.language_models import build_multilingual_labeller

GLAD_GERMAN = "Wir freuen uns sehr, das war ein wunderbarer und glücklicher Abend"
SAD_ENGLISH = "This is terrible news and we are very sorry for the awful delay"
PORTUGUESE = "Que dia maravilhoso, obrigado a todos os que vieram à nossa festa"
END = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def labeller() -> Labeller:
    """The built-in models for all languages."""
    return build_multilingual_labeller()


def build_days(languages_by_day: list[dict[str, int]], account: str = "nasa") -> Timeline:
    """Return a timeline with so many posts of each language on each day, the newest day last."""
    texts = {"de": GLAD_GERMAN, "en": SAD_ENGLISH, "pt": PORTUGUESE}
    rows = [
        {"text": f"{texts[language]} {day}.{index}", "created_at": END - timedelta(days=len(languages_by_day) - day, minutes=index)}
        for day, counts in enumerate(languages_by_day)
        for language, count in counts.items()
        for index in range(count)
    ]
    return build_timeline(
        *({"id": str(index)} | row for index, row in enumerate(sorted(rows, key=lambda row: row["created_at"], reverse=True))),
        account=account,
    )  # type: ignore[arg-type, return-value]


def analyze(timeline: Timeline, labeller: Labeller, **parameters: Any) -> Analysis:
    """Return the analysis of a timeline by the AI model, by day."""
    return Analysis(
        build_query(timeline.account, **{"method": "model", "interval": "day", "n": 3200, **parameters}),
        Fetched([timeline], labeller=labeller),
    )


def test_each_language_has_a_row(labeller: Labeller) -> None:
    """Its numbers are those of the language alone, and its links lead to its posts."""
    timeline = build_days([{"de": 8, "en": 5}] * 8)
    query = build_query(method="model", interval="day", measure="mean")
    report = builder.build_report("sentiment", query, Fetched([timeline], labeller=labeller))
    assert [line.label for line in report.chart.series] == ["@nasa · German", "@nasa · English"]  # type: ignore[attr-defined]
    assert report.table.columns[:3] == ["account", "language", "start"]
    for code, count in (("de", 8), ("en", 5)):
        alone = builder.build_report("sentiment", query.model_copy(update={"language": (code,)}), Fetched([timeline], labeller=labeller))
        rows = report.table.filter(language=code).drop("language")
        assert rows.drop("low", "high").equals(alone.table.drop("low", "high"))
        where = [args for args, row in zip(report.post_queries, report.table["language"], strict=True) if row == code]
        asked, selection = parse_query_and_selection({"users": ["nasa"], "method": ["model"]} | {name: [text] for name, text in where[0]})
        assert posts_page.build_posts_page(asked, selection, Fetched([timeline], labeller=labeller)).total_posts == count


def test_the_methods_are_compared_per_language(labeller: Labeller) -> None:
    """A method that doesn't read a language has no dot in its row."""
    report = builder.build_report("methods", build_query(), Fetched([build_days([{"de": 8, "en": 5}] * 8)], labeller=labeller))
    rows = report.table.select("language", "method", "posts").rows()
    assert rows == [("de", "model", 64), ("en", "bing", 40), ("en", "afinn", 40), ("en", "vader", 40), ("en", "model", 40)]


def test_an_account_in_one_language_has_one_row_and_no_column(labeller: Labeller) -> None:
    """A few posts in another language don't change that."""
    report = builder.build_report(
        "sentiment", build_query(method="model", interval="day"), Fetched([build_days([{"de": 8, "en": 1}] * 8)], labeller=labeller)
    )
    assert "language" not in report.table.columns
    assert report.table["posts"].sum() == 72


def test_a_chart_without_shown_values_says_why_and_what_shows_some(labeller: Labeller) -> None:
    """Intervals of fewer than 100 posts in a provisional language are hidden; longer ones help if a month has enough."""
    days = [{"pt": 8}] * 16
    fetched = Fetched([build_days(days)], labeller=labeller)
    hidden = builder.build_report("sentiment", build_query(method="model", interval="day", measure="mean"), fetched)
    assert hidden.chart.is_empty
    reason = "shown, because too many single posts are misread."
    assert hidden.chart.empty_message.endswith(f"{reason} Group by a longer interval.")
    assert hidden.table["value"].null_count() == hidden.table.height == 16
    monthly = builder.build_report("sentiment", build_query(method="model", interval="month", measure="mean"), fetched)
    assert not monthly.chart.is_empty
    spread = Fetched([build_days([{"pt": 2} if day % 2 else {} for day in range(110)])], labeller=labeller)
    too_sparse = builder.build_report("sentiment", build_query(method="model", interval="week", measure="mean"), spread)
    assert too_sparse.chart.empty_message.endswith(f"{reason} The scorecard of the report counts all of these posts together.")
    for language, advice in (("pt", "Choose a longer period to get more."), ("de", "Group by a shorter interval to get more.")):
        short = Fetched([build_days([{language: 8}] * 5)], labeller=labeller)
        events = builder.build_report("events", build_query(method="model", interval="day"), short)
        assert [remark.endswith(advice) for remark in events.remarks if remark.startswith("Too few days")] == [True]
    few = builder.build_report(
        "sentiment", build_query(method="model", interval="day", measure="mean"), Fetched([build_days(days[:4])], labeller=labeller)
    )
    assert few.chart.empty_message.endswith(f"{reason} Choose a longer period.")


def test_the_lines_of_the_scorecard_hide_what_charts_hide(labeller: Labeller) -> None:
    """Of the sentiment in a provisional language; posts are only counted, and a language that is read well has all its values."""
    for language, is_hidden in (("pt", True), ("de", False)):
        card = build_scorecard(analyze(build_days([{language: 8}] * 16), labeller))
        for name in ("positive_share", "balance_per_post"):
            tile = card.rows[0].find_tile(name)
            assert tile.value is not None
            assert {value is None for value in tile.trend} == {is_hidden}
        assert None not in card.rows[0].find_tile("posts_per_day").trend


mixes = st.lists(st.tuples(st.integers(2, 14), st.integers(1, 14)), min_size=16, max_size=24)


@pytest.mark.slow
@pytest.mark.faults
@settings(deterministic, max_examples=reduce_examples(60, divisor=10))
@given(mixes)
def test_a_change_in_the_mixture_of_languages_is_no_change_in_sentiment(mix: list[tuple[int, int]]) -> None:
    """The German posts are always equally glad, and the English ones equally sad, whatever their numbers."""
    days = [{"de": german, "en": english} for german, english in mix]
    candidates = Candidates(analyze(build_days(days), _STUB))
    sentiment = [finding for finding in collect_findings(candidates) if "positive" in finding.headline or "negative" in finding.headline]
    assert sentiment == []
    changes = candidates.analysis.period_changes.filter(pl.col("measure") == "net_per_post")["change"].drop_nulls()
    assert all(abs(change) < 1e-9 for change in changes)


class _Constant:
    """A text model that finds German texts positive and all others negative, and the models for other languages."""

    kind = "text"

    def __init__(self) -> None:
        real = build_multilingual_labeller()
        assert real.language_models is not None
        self.card, self.models = real.model.card, real.language_models

    def predict_proba(self, texts: list[str]) -> list[list[float]]:
        """Return certain labels."""
        return [[0.0, 0.0, 1.0] if "freuen" in text else [1.0, 0.0, 0.0] for text in texts]

    def explain(self, text: str) -> None:
        """Return nothing."""

    def find(self, language: str) -> Any:
        """Return itself for every language."""
        return self


_CONSTANT = _Constant()
_STUB = Labeller(
    _CONSTANT, type("Models", (), {"card": property(lambda self: _CONSTANT.models.card), "find": lambda self, language: _CONSTANT})()
)  # type: ignore[arg-type]


def test_accounts_in_different_languages_are_not_ranked() -> None:
    """Errors differ by language, and with them the levels."""
    german, english = build_days([{"de": 9}] * 8, account="nasa"), build_days([{"en": 9}] * 8, account="esa")
    analysis = Analysis(build_query("nasa,esa", method="model", interval="day"), Fetched([german, english], labeller=_STUB))
    assert Candidates(analysis).most_positive == []
    both_german = Analysis(
        build_query("nasa,esa", method="model"), Fetched([german, build_days([{"de": 9}] * 8, account="esa")], labeller=_STUB)
    )
    assert both_german.main_languages == {"esa": "de", "nasa": "de"}


def test_a_provisional_language_has_no_values_of_few_posts(labeller: Labeller) -> None:
    """Days of eight posts have none, and the automatic interval is long enough for a hundred."""
    timeline = build_days([{"pt": 8}] * 40)
    by_day = builder.build_report(
        "sentiment", build_query(method="model", interval="day", measure="mean"), Fetched([timeline], labeller=labeller)
    )
    assert by_day.table["value"].null_count() == by_day.table.height
    assert "Values of fewer than 100 posts in Portuguese aren’t shown, because too many single posts are misread." in by_day.notes
    by_month = builder.build_report("sentiment", build_query(method="model", measure="mean"), Fetched([timeline], labeller=labeller))
    assert by_month.interval == "month"
    assert by_month.table.filter(pl.col("posts") >= 100)["value"].null_count() == 0
    (row,) = builder.build_dashboard(build_query(method="model"), Fetched([timeline], labeller=labeller)).scorecard.rows
    assert row.find_tile("positive_share").text != "–"


def test_the_notes_say_what_is_compared(labeller: Labeller) -> None:
    """Nobody takes the row of a language for the account."""
    notes = builder.build_report(
        "sentiment",
        build_query(method="model", interval="day"),
        Fetched([build_days([{"de": 8, "en": 5, "pt": 1}] * 8)], labeller=labeller),
    ).notes
    assert (
        "There is a row per language (2 rows), because errors differ by language: compare a language with itself. "
        "8 posts in other languages are too few for a row."
    ) in notes
    assert "Unusual periods, changes and the scorecard compare posts in the commonest language of each account only." in notes


def test_the_scorecard_and_the_unusual_days_say_which_language_they_are_about(labeller: Labeller) -> None:
    """Both leave out the English posts of an account that mostly posts in German."""
    timeline = build_days([{"de": 8, "en": 5}] * 8)
    page = builder.build_dashboard(build_query(method="model", interval="day"), Fetched([timeline], labeller=labeller))
    sentence = "Sentiment of @nasa: only posts in German count here."
    assert page.scorecard.notes == (sentence,)
    assert page.unusual_note.endswith(sentence)


def test_an_account_in_one_language_needs_no_such_note() -> None:
    """There is nothing left out."""
    page = builder.build_dashboard(build_query(interval="day"), Fetched([build_days([{"en": 5}] * 8)]))
    assert page.scorecard.notes == ()


def test_the_words_of_an_event_are_no_words_of_grammar_in_other_languages_either() -> None:
    """They say what it was about."""
    flood = "Leider ist der Keller nass und die Ausstellung ist bei uns geschlossen, es tut uns sehr leid"
    rows = build_days([{"de": 45 if day == 10 else 6 + day % 3} for day in range(20)]).posts.to_dicts()
    texts = [row | {"text": f"{flood} {index}"} if row["created_at"].day == 20 else row for index, row in enumerate(rows)]
    (words,) = analyze(build_timeline(*texts), _STUB).posting_events["words"].str.split(", ")
    assert "keller" in words
    assert set(words).isdisjoint({"ist", "der", "und", "bei", "uns", "es", "sehr"})


def test_a_finding_on_sentiment_names_its_language_if_there_are_several() -> None:
    """It isn't about the other posts."""
    sad = "Leider sind wir alle sehr traurig, das ist ein furchtbarer Tag für unser Haus"
    glad, later = build_days([{"de": 6, "en": 3}] * 20).posts.to_dicts(), datetime(2026, 2, 20, tzinfo=UTC)
    rows = [
        row | {"text": f"{sad} {index}"} if row["created_at"] > later and "freuen" in row["text"] else row for index, row in enumerate(glad)
    ]
    query = build_query(method="model", since="2026-02-20", until="2026-03-02")
    analysis = Analysis(query, Fetched([build_timeline(*rows)], labeller=_STUB), query.required_span("compare"))
    (change,) = [finding for finding in Candidates(analysis).changes if "positive" in finding.headline]
    assert change.detail.endswith("Only posts in German count here.")
    assert analysis.compared_languages == {"nasa": "de"}
