"""The words behind the sentiment: counted, weighted, and compared between accounts, for every method."""

import json
import re
from collections.abc import Sequence
from math import log, sqrt
from typing import Any

import polars as pl
import pytest
from flask.testing import FlaskClient

from dashboard.analytics import sentiment
from dashboard.analytics import words as rooms
from dashboard.analytics.methods import bing, vader
from dashboard.charts.plotlyjs import figures
from dashboard.charts.spec.bars import BarChart
from dashboard.charts.vega import images
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from tests.support.builders import build_posts, build_query, build_timeline

Row = tuple[str, str, str, int, int, float]


def labels(texts: Sequence[str]) -> list[list[float]]:
    """Label texts with `sun` as positive and texts with `rain` as negative."""
    return [[0.8, 0.1, 0.1] if "rain" in text else [0.1, 0.1, 0.8] if "sun" in text else [0.1, 0.8, 0.1] for text in texts]


def table(*texts: str | dict[str, Any], method: Any = "bing", others: Sequence[str] = ()) -> pl.DataFrame:
    """Return the words of @nasa, which posted these texts, and of @esa."""
    written = pl.concat([build_posts(*texts), build_posts(*others, account="esa")])
    return rooms.rank_words(sentiment.score_posts(written, method, labels), method, ["nasa", "esa"])


def count_words(*texts: str | dict[str, Any], method: str = "bing") -> list[Row]:
    """Return account, word, polarity, count, posts and contribution of what @nasa posted."""
    return table(*texts, method=method).select("account", "word", "polarity", "count", "posts", "contribution").rows()


def build(*texts: str, other: Sequence[str] = ("good",), **args: str) -> Report:
    """Return the words chart of @nasa, which posted these texts, and @esa."""
    return builder.build_report(
        "words", build_query("nasa,esa", **args), Fetched([build_timeline(*texts), build_timeline(*other, account="esa")])
    )


def build_chart(*texts: str, **args: Any) -> BarChart:
    """Return the chart of such a report."""
    chart = build(*texts, **args).chart
    assert isinstance(chart, BarChart)
    return chart


def test_listed_words_and_their_posts_are_counted() -> None:
    """Two occurrences in a post count as two in one post; case doesn't matter, and other words have no rows."""
    assert count_words("Good good day", "bad", "GOOD luck, moon") == [
        ("nasa", "good", "positive", 3, 2, 3.0),
        ("nasa", "bad", "negative", 1, 1, -1.0),
        ("nasa", "luck", "positive", 1, 1, 1.0),
    ]


def test_a_word_on_both_sides_has_a_row_on_each() -> None:
    """Hu and Liu list `enviousness` twice, as in tidytext's inner join."""
    assert count_words("enviousness") == [("nasa", "enviousness", "positive", 1, 1, 1.0), ("nasa", "enviousness", "negative", 1, 1, -1.0)]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("superb, superb", ("nasa", "superb", "positive", 2, 1, 10.0)),
        ("I can’t stand it", ("nasa", "can't stand", "negative", 1, 1, -3.0)),
        ("this is some kind of thing", None),
    ],
    ids=["points", "phrase", "no points"],
)
def test_afinn_weights_words_and_phrases_by_their_points(text: str, row: Row | None) -> None:
    """A phrase is one row; an entry with zero points has none."""
    assert count_words(text, method="afinn") == ([row] if row else [])


def test_vader_weights_words_by_their_valence() -> None:
    """Its rules don't apply, so `not` changes nothing here."""
    valence = dict(vader.load_lexicon().iter_rows())["great"]
    assert count_words("not great", "great @great https://great.com", method="vader") == [
        ("nasa", "great", "positive", 2, 2, pytest.approx(2 * valence))
    ]


@pytest.mark.parametrize("method", ["bing", "afinn"])
def test_contributions_add_up_to_the_sentiment(method: Any) -> None:
    """They count exactly what the sentiment chart counts."""
    texts = ["good great bad", "can't stand this awful superb day", "thank you", "enviousness"]
    scored = sentiment.score_posts(build_posts(*texts), method)
    net = scored.select(pl.col("positive").sum() - pl.col("negative").sum()).item()
    assert rooms.rank_words(scored, method, ["nasa"])["contribution"].sum() == net


def test_a_rate_is_per_1000_words_of_the_account() -> None:
    """Two of ten are two hundred per thousand."""
    assert table("good good day " + "moon " * 7)["per_1000_words"].to_list() == [200.0]


def test_a_single_account_has_no_difference() -> None:
    """The difference is unknown, not zero."""
    assert table("good bad")["difference"].to_list() == [None, None]


def test_accounts_that_use_only_the_same_word_do_not_differ() -> None:
    """The odds of the only word aren't finite, so the difference is zero."""
    assert table("good", "good", others=["good"])["difference"].to_list() == [0.0, 0.0]


def test_the_difference_is_monroes_weighted_log_odds() -> None:
    """@nasa uses `good` 2 times in 4 words, @esa 1 time in 6; the prior is worth 500 words of both together."""
    prior = 500 * 3 / 10
    odds = log((2 + prior) / (4 + 500 - 2 - prior)) - log((1 + prior) / (6 + 500 - 1 - prior))
    z = odds / sqrt(1 / (2 + prior) + 1 / (1 + prior))
    rows = table("good good sun moon", others=["good day sun moon sky sea"])
    assert rows.select("account", "difference").rows() == [("nasa", pytest.approx(z)), ("esa", pytest.approx(-z))]


def test_a_word_that_the_others_never_use_is_distinctive() -> None:
    """Forty times against never is far beyond chance; a word that both use equally isn't distinctive."""
    rows = table(*["good bad"] * 40, others=["good day"] * 40)
    is_distinctive = {word: z > rooms.SIGNIFICANT_Z for word, z in rows.filter(account="nasa").select("word", "difference").iter_rows()}
    assert is_distinctive == {"good": False, "bad": True}


def test_the_words_of_a_model_distinguish_its_labels() -> None:
    """`sun` is only in positive posts and `rain` only in negative ones; `day` is in both, and 2026 isn't a word."""
    rows = table(*["sun day 2026", "rain day 2026"] * 30, *["moon day"] * 30, method="model")
    assert [(row["word"], row["polarity"], row["count"], row["contribution"] > 0) for row in rows.iter_rows(named=True)] == [
        ("rain", "negative", 30, False),
        ("sun", "positive", 30, True),
    ]


@pytest.mark.parametrize("texts", [[], ["sun"] * 50, ["moon"] * 50, [{"text": None}]], ids=["none", "one side", "neutral", "no text"])
def test_a_model_with_one_label_has_no_words(texts: list[Any]) -> None:
    """There is nothing to compare with."""
    assert table(*texts, method="model").is_empty()


@pytest.mark.parametrize("method", ["bing", "afinn", "vader", "model"])
def test_an_empty_timeline_has_an_empty_table(method: str) -> None:
    """It has the same columns."""
    empty = table(method=method)
    assert empty.height == 0
    assert empty.columns == table("good").columns


def test_a_table_has_a_limited_number_of_words() -> None:
    """An account has only its strongest words."""
    single = bing.load_lexicon().filter(pl.col("word").str.contains("^[a-z]+$"), positive=1, negative=0)["word"].sort()
    rows = table(" ".join(single.head(rooms.MAX_WORDS + 100)), "good good")
    assert rows.height == rooms.MAX_WORDS
    assert rows["word"][0] == "good"


def test_the_table_is_the_same_every_time() -> None:
    """This holds even if many words of equal strength compete for the last rows."""
    listed = bing.load_lexicon()["word"].sort().to_list()
    texts = [" ".join(listed[(7 * place) % len(listed) :: 997]) for place in range(700)]
    assert len({table(*texts, others=texts[::3]).write_csv() for _ in range(4)}) == 1


def test_the_words_of_a_model_are_not_stopwords() -> None:
    """Negations are kept, because they carry sentiment."""
    rows = table(*["we said you don't like this rain", "the sun is for us and it"] * 30, method="model")
    assert {row["word"] for row in rows.iter_rows(named=True)} == {"said", "don't", "rain", "sun"}


@pytest.mark.parametrize("method", ["bing", "afinn", "vader"])
def test_sentences_name_the_bold_words(method: str) -> None:
    """The caption and the alternative text don't name words that aren't drawn."""
    common = ["love love love great great superb", "bad awful hate"] * 20
    report = build(*common, *["nice"] * 3, *["envy"] * 2, other=["good moon"] * 30, method=method)
    assert isinstance(report.chart, BarChart)
    bold = {bar.label for bar in report.chart.panels[0].bars if bar.is_emphasized}
    (notes,) = [remark for remark in report.remarks if remark.startswith("Typical of @nasa:")]
    assert bold != set()
    assert set(re.findall("“(.*?)”", notes)) <= bold
    assert len(bold) <= 4 or f"and {len(bold) - 3} more" in notes
    assert notes in report.chart.alt


def test_the_chart_has_the_strongest_words_of_each_side() -> None:
    """They go from the most positive to the most negative, eight per side, in the colour of the side."""
    ups = ["good", "great", "love", "happy", "best", "wonderful", "nice", "superb", "perfect"]
    chart = build_chart(*(" ".join(ups[place:]) for place in range(9)), "bad bad awful")
    bars = [(bar.value, bar.semantic_color) for bar in chart.panels[0].bars]
    assert bars == [(9, "up"), (8, "up"), (7, "up"), (6, "up"), (5, "up"), (4, "up"), (3, "up"), (2, "up"), (-1, "down"), (-2, "down")]


def test_a_bar_links_to_its_posts_and_has_a_tooltip() -> None:
    """It has the count, posts, rate, and how the account compares."""
    (bar,) = build_chart("good good day moon").panels[0].bars
    assert bar.post_query == (("account", "nasa"), ("word", "good"), ("language", "english"))
    assert bar.tooltip.splitlines()[:2] == ["“good”, positive", "2 times in 1 post, 500.0 of 1,000 words"]


def test_words_that_an_account_uses_more_are_bold() -> None:
    """The hint explains it."""
    chart = build_chart(*["good awful"] * 40, other=["good day"] * 40)
    assert [(bar.label, bar.is_emphasized) for bar in chart.panels[0].bars] == [("good", False), ("awful", True)]
    assert chart.hint.endswith("Bold: typical of this account")
    assert "Bold" not in build_chart("good").hint


def test_distinctive_words_are_named_in_a_sentence() -> None:
    """There is one sentence per account with such words."""
    report = build(*["good awful"] * 40, other=["good day"] * 40)
    assert [note for note in report.notes if "Typical of" in note] == ["Typical of @nasa: “awful”."]


def test_every_row_links_to_its_posts() -> None:
    """The links are in the order of the table."""
    report = build("good bad", "awful")
    assert [(dict(where)["account"], dict(where)["word"]) for where in report.post_queries] == report.table.select("account", "word").rows()


def test_accounts_are_in_the_requested_order() -> None:
    """This holds for table and chart, each account with its colour."""
    report = builder.build_report(
        "words", build_query("zeta,alpha"), Fetched([build_timeline("good", account="zeta"), build_timeline("bad", account="alpha")])
    )
    assert isinstance(report.chart, BarChart)
    assert ([row["account"] for row in report.to_rows()], [panel.account for panel in report.chart.panels]) == (["zeta", "alpha"],) * 2


def test_page_and_image_show_the_numbers_of_the_table() -> None:
    """They show the same contributions of the same words."""
    report = build("good good bad", other=["great"])
    tabled = [(row["account"], row["contribution"]) for row in report.to_rows()]
    page = [(trace["name"].removeprefix("@"), value) for trace in figures.build_figure(report.chart)["data"] for value in trace["x"]]
    datasets = images.build_spec(report.chart, width=900, height=420, theme_name="light")["datasets"]
    assert page == tabled == [(row["account"].removeprefix("@"), row["value"]) for rows in datasets.values() for row in rows]


@pytest.mark.parametrize(
    ("texts", "alt_text"),
    [
        (
            ("good good bad",),
            "Bar chart of the words that contribute most to the sentiment, for @nasa and @esa. "
            "@nasa: positive “good”; negative “bad”. @esa: positive “good”; negative none.",
        ),
        ((), "Bar chart of the words that contribute most to the sentiment, for @esa. @esa: positive “good”; negative none."),
    ],
)
def test_the_alternative_text_names_the_words(texts: tuple[str, ...], alt_text: str) -> None:
    """It names the strongest words of each side."""
    assert build_chart(*texts).alt == alt_text


def test_a_chart_without_words_says_so() -> None:
    """An empty chart has a sentence."""
    report = builder.build_report("words", build_query(), Fetched([build_timeline("moon")]))
    assert report.to_rows() == []
    assert report.chart.is_empty is True
    assert report.chart.alt == "There are no positive or negative words to show."


def test_a_chart_by_afinn_names_its_licence() -> None:
    """The ODbL, 4.3, requires it."""
    assert [method for method in ("bing", "afinn", "vader") if "ODbL" in " ".join(build_chart("good", method=method).caption)] == ["afinn"]


def test_words_in_other_languages_are_not_counted() -> None:
    """The German `die` isn't a negative word."""
    report = builder.build_report(
        "words", build_query(), Fetched([build_timeline({"text": "die Katze", "lang": "de"}, {"text": "good", "lang": "en"})])
    )
    assert [row["word"] for row in report.to_rows()] == ["good"]


@pytest.mark.parametrize("form", ["png", "svg", "csv", "json"])
def test_the_chart_is_served_in_every_format(demo_client: FlaskClient, form: str) -> None:
    """Each has its own URL."""
    assert demo_client.get(f"/words.{form}?users=demo:aster-air&n=50", follow_redirects=True).status_code == 200


def test_data_files_have_the_table(demo_client: FlaskClient) -> None:
    """They have every column by its name."""
    first = json.loads(demo_client.get("/words.json?users=demo:aster-air&n=50").data)["data"][0]
    assert list(first) == ["account", "word", "polarity", "count", "posts", "contribution", "per_1000_words", "difference"]


def test_words_are_compared_only_within_a_language() -> None:
    """Every word of the only German account would differ from those of the English ones."""
    written = pl.concat(
        [
            build_posts("terrible delay", "good day", account="nasa"),
            build_posts("good good day", account="esa"),
            build_posts("good morning", "terrible weather", account="dlr"),
        ]
    )
    scored = sentiment.score_posts(written, "bing", labels)
    ranked = rooms.rank_words(scored, "bing", ["nasa", "esa", "dlr"], languages={"nasa": "en", "esa": "en", "dlr": "de"})
    compared = ranked.filter(pl.col("difference").is_not_null())
    assert set(compared["account"]) == {"nasa", "esa"}
    without_german = scored.filter(pl.col("account") != "dlr")
    assert compared.equals(rooms.rank_words(without_german, "bing", ["nasa", "esa"]))


def test_function_words_of_the_language_of_an_account_distinguish_nothing() -> None:
    """“hat” is a word of German grammar, and something to wear in English; “nicht” is never English."""
    texts = [*["hat nicht rain bahnhof"] * 40, *["sun museum"] * 40]
    scored = sentiment.score_posts(build_posts(*texts, account="nasa"), "model", labels)
    english, german = (set(rooms.rank_words(scored, "model", ["nasa"], languages={"nasa": language})["word"]) for language in ("en", "de"))
    assert english == {"hat", "rain", "bahnhof", "sun", "museum"}
    assert german == english - {"hat"}
