"""Words that made the sentiment: counted, weighed, and compared between accounts, by every method."""

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
from dashboard.charts.spec import BarChart
from dashboard.charts.vega import images
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from tests.support.builders import build_posts, build_query, build_timeline

Row = tuple[str, str, str, int, int, float]


def labels(texts: Sequence[str]) -> list[list[float]]:
    """Label as positive what holds `sun`, as negative what holds `rain`."""
    return [[0.8, 0.1, 0.1] if "rain" in text else [0.1, 0.1, 0.8] if "sun" in text else [0.1, 0.8, 0.1] for text in texts]


def table(*texts: str | dict[str, Any], method: Any = "bing", others: Sequence[str] = ()) -> pl.DataFrame:
    """Return the words of @nasa, who wrote this, and of @esa."""
    written = pl.concat([build_posts(*texts), build_posts(*others, account="esa")])
    return rooms.rank_words(sentiment.score_posts(written, method, labels), method, ["nasa", "esa"])


def counted(*texts: str | dict[str, Any], method: str = "bing") -> list[Row]:
    """Return account, word, polarity, count, posts, contribution of what @nasa wrote."""
    return table(*texts, method=method).select("account", "word", "polarity", "count", "posts", "contribution").rows()


def build(*texts: str, other: Sequence[str] = ("good",), **args: str) -> Report:
    """Return the chart of words of @nasa, who wrote this, and @esa."""
    return builder.build_report(
        "words", build_query("nasa,esa", **args), Fetched([build_timeline(*texts), build_timeline(*other, account="esa")])
    )


def drawn(*texts: str, **args: Any) -> BarChart:
    """Return its picture."""
    chart = build(*texts, **args).chart
    assert isinstance(chart, BarChart)
    return chart


def test_words_of_the_list_are_counted_and_the_posts_they_stand_in() -> None:
    """Twice in one post is twice, in one post; capitals do not matter, and words of no list are no rows."""
    assert counted("Good good day", "bad", "GOOD luck, moon") == [
        ("nasa", "good", "positive", 3, 2, 3.0),
        ("nasa", "bad", "negative", 1, 1, -1.0),
        ("nasa", "luck", "positive", 1, 1, 1.0),
    ]


def test_a_word_on_both_sides_has_a_row_on_each() -> None:
    """Hu and Liu list `enviousness` twice, as in tidytext's inner join."""
    assert counted("enviousness") == [("nasa", "enviousness", "positive", 1, 1, 1.0), ("nasa", "enviousness", "negative", 1, 1, -1.0)]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("superb, superb", ("nasa", "superb", "positive", 2, 1, 10.0)),
        ("I can’t stand it", ("nasa", "can't stand", "negative", 1, 1, -3.0)),
        ("this is some kind of thing", None),
    ],
    ids=["points", "phrase", "no points"],
)
def test_afinn_weighs_words_and_phrases_by_their_points(text: str, row: Row | None) -> None:
    """A phrase is one row; an entry of no points made nothing."""
    assert counted(text, method="afinn") == ([row] if row else [])


def test_vader_weighs_words_by_their_valence() -> None:
    """As its lexicon gives it, without its rules: `not` changes nothing here."""
    valence = dict(vader.load_lexicon().iter_rows())["great"]
    assert counted("not great", "great @great https://great.com", method="vader") == [
        ("nasa", "great", "positive", 2, 2, pytest.approx(2 * valence))
    ]


@pytest.mark.parametrize("method", ["bing", "afinn"])
def test_contributions_add_up_to_the_sentiment(method: Any) -> None:
    """Nothing is counted that the sentiment chart does not count."""
    texts = ["good great bad", "can't stand this awful superb day", "thank you", "enviousness"]
    scored = sentiment.score_posts(build_posts(*texts), method)
    net = scored.select(pl.col("positive").sum() - pl.col("negative").sum()).item()
    assert rooms.rank_words(scored, method, ["nasa"])["contribution"].sum() == net


def test_a_rate_is_of_all_words_of_the_account() -> None:
    """Two of ten are two hundred of a thousand."""
    assert table("good good day " + "moon " * 7)["per_1000_words"].to_list() == [200.0]


def test_an_account_alone_differs_from_nobody() -> None:
    """Its difference is unknown, not zero."""
    assert table("good bad")["difference"].to_list() == [None, None]


def test_accounts_that_say_one_same_word_do_not_differ() -> None:
    """The odds of a word that is all there is are no number; the difference is none."""
    assert table("good", "good", others=["good"])["difference"].to_list() == [0.0, 0.0]


def test_the_difference_is_monroes_weighted_log_odds() -> None:
    """@nasa says `good` 2 times in 4 words, @esa 1 time in 6; the prior is worth 500 words as both together use them."""
    prior = 500 * 3 / 10
    odds = log((2 + prior) / (4 + 500 - 2 - prior)) - log((1 + prior) / (6 + 500 - 1 - prior))
    z = odds / sqrt(1 / (2 + prior) + 1 / (1 + prior))
    rows = table("good good sun moon", others=["good day sun moon sky sea"])
    assert rows.select("account", "difference").rows() == [("nasa", pytest.approx(z)), ("esa", pytest.approx(-z))]


def test_a_word_that_the_others_never_use_sets_apart() -> None:
    """Forty times beside never is far beyond chance; what both use alike is not."""
    rows = table(*["good bad"] * 40, others=["good day"] * 40)
    told = {word: z > rooms.SIGNIFICANT_Z for word, z in rows.filter(account="nasa").select("word", "difference").iter_rows()}
    assert told == {"good": False, "bad": True}


def test_a_models_words_are_those_that_tell_its_labels_apart() -> None:
    """`sun` stands in positive posts alone, `rain` in negative ones; `day` in both, and 2026 is no word."""
    rows = table(*["sun day 2026", "rain day 2026"] * 30, *["moon day"] * 30, method="model")
    assert [(row["word"], row["polarity"], row["count"], row["contribution"] > 0) for row in rows.iter_rows(named=True)] == [
        ("rain", "negative", 30, False),
        ("sun", "positive", 30, True),
    ]


@pytest.mark.parametrize("texts", [[], ["sun"] * 50, ["moon"] * 50, [{"text": None}]], ids=["none", "one side", "neutral", "no text"])
def test_a_model_that_sees_one_side_only_tells_nothing(texts: list[Any]) -> None:
    """There is nothing to compare with."""
    assert table(*texts, method="model").is_empty()


@pytest.mark.parametrize("method", ["bing", "afinn", "vader", "model"])
def test_nothing_is_made_of_nothing(method: str) -> None:
    """An empty timeline has a table without rows, of the same columns."""
    empty = table(method=method)
    assert empty.height == 0
    assert empty.columns == table("good").columns


def test_a_table_is_bounded() -> None:
    """Whatever is posted, an account has its strongest words only."""
    single = bing.load_lexicon().filter(pl.col("word").str.contains("^[a-z]+$"), positive=1, negative=0)["word"].sort()
    rows = table(" ".join(single.head(rooms.MAX_WORDS + 100)), "good good")
    assert rows.height == rooms.MAX_WORDS
    assert rows["word"][0] == "good"


def test_the_table_is_the_same_every_time() -> None:
    """Also where many words of one strength compete for its last rows."""
    listed = bing.load_lexicon()["word"].sort().to_list()
    texts = [" ".join(listed[(7 * place) % len(listed) :: 997]) for place in range(700)]
    assert len({table(*texts, others=texts[::3]).write_csv() for _ in range(4)}) == 1


def test_a_models_words_are_none_of_grammar() -> None:
    """Whichever posts they stand in; a negation is meant."""
    rows = table(*["we said you don't like this rain", "the sun is for us and it"] * 30, method="model")
    assert {row["word"] for row in rows.iter_rows(named=True)} == {"said", "don't", "rain", "sun"}


@pytest.mark.parametrize("method", ["bing", "afinn", "vader"])
def test_the_starred_words_are_those_that_are_spoken_of(method: str) -> None:
    """In the sentence beneath the picture and in that for the blind; a word that is not drawn is not named."""
    common = ["love love love great great superb", "bad awful hate"] * 20
    answer = build(*common, *["nice"] * 3, *["envy"] * 2, other=["good moon"] * 30, method=method)
    assert isinstance(answer.chart, BarChart)
    starred = {bar.label.removesuffix(" *") for bar in answer.chart.panels[0].bars if bar.label.endswith(" *")}
    (told,) = [remark for remark in answer.remarks if remark.startswith("Typical of @nasa:")]
    assert starred != set()
    assert set(re.findall("“(.*?)”", told)) <= starred
    assert len(starred) <= 4 or f"and {len(starred) - 3} more" in told
    assert told in answer.chart.alt


def test_the_picture_has_the_strongest_words_of_each_side() -> None:
    """From the most positive down to the most negative, eight of each, in the tone of its side."""
    ups = ["good", "great", "love", "happy", "best", "wonderful", "nice", "superb", "perfect"]
    chart = drawn(*(" ".join(ups[place:]) for place in range(9)), "bad bad awful")
    bars = [(bar.value, bar.semantic_color) for bar in chart.panels[0].bars]
    assert bars == [(9, "up"), (8, "up"), (7, "up"), (6, "up"), (5, "up"), (4, "up"), (3, "up"), (2, "up"), (-1, "down"), (-2, "down")]


def test_a_bar_leads_to_its_posts_and_says_what_it_rests_on() -> None:
    """Count, posts, rate, and how the account compares."""
    (bar,) = drawn("good good day moon").panels[0].bars
    assert bar.post_query == (("account", "nasa"), ("word", "good"), ("language", "english"))
    assert bar.tooltip.splitlines()[:2] == ["“good”, positive", "2 times in 1 post, 500.0 of 1,000 words"]


def test_a_star_marks_what_an_account_uses_more() -> None:
    """And the hint says so; the words that lead to the posts have none."""
    chart = drawn(*["good awful"] * 40, other=["good day"] * 40)
    assert [bar.label for bar in chart.panels[0].bars] == ["good", "awful *"]
    assert "* typical of this account" in chart.hint
    assert "*" not in drawn("good").hint
    assert "*" not in chart.alt


def test_what_sets_accounts_apart_is_said() -> None:
    """In a sentence an account that has such a word."""
    answer = build(*["good awful"] * 40, other=["good day"] * 40)
    assert [note for note in answer.notes if "Typical of" in note] == ["Typical of @nasa: “awful”."]


def test_every_row_has_its_posts() -> None:
    """In the order of the table."""
    answer = build("good bad", "awful")
    assert [(dict(where)["account"], dict(where)["word"]) for where in answer.post_queries] == answer.table.select("account", "word").rows()


def test_accounts_come_in_the_order_asked_for() -> None:
    """In table and picture, each in its own colour."""
    answer = builder.build_report(
        "words", build_query("zeta,alpha"), Fetched([build_timeline("good", account="zeta"), build_timeline("bad", account="alpha")])
    )
    assert isinstance(answer.chart, BarChart)
    assert ([row["account"] for row in answer.to_rows()], [panel.account for panel in answer.chart.panels]) == (["zeta", "alpha"],) * 2


def test_page_and_image_show_the_numbers_of_the_table() -> None:
    """The same contributions of the same words."""
    answer = build("good good bad", other=["great"])
    tabled = [(row["account"], row["contribution"]) for row in answer.to_rows()]
    page = [(trace["name"].removeprefix("@"), value) for trace in figures.build_figure(answer.chart)["data"] for value in trace["x"]]
    datasets = images.build_spec(answer.chart, width=900, height=420, theme_name="light")["datasets"]
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
def test_the_alternative_text_says_the_words(texts: tuple[str, ...], alt_text: str) -> None:
    """The strongest of each side."""
    assert drawn(*texts).alt == alt_text


def test_no_words_are_said_to_be_none() -> None:
    """A picture of nothing, with a sentence."""
    answer = builder.build_report("words", build_query(), Fetched([build_timeline("moon")]))
    assert answer.to_rows() == []
    assert answer.chart.is_empty is True
    assert answer.chart.alt == "There are no positive or negative words to show."


def test_a_picture_by_afinn_names_its_licence() -> None:
    """Wherever it goes (ODbL, 4.3)."""
    assert [method for method in ("bing", "afinn", "vader") if "ODbL" in " ".join(drawn("good", method=method).caption)] == ["afinn"]


def test_words_in_other_languages_are_not_counted() -> None:
    """`die` is no death in German."""
    answer = builder.build_report(
        "words", build_query(), Fetched([build_timeline({"text": "die Katze", "lang": "de"}, {"text": "good", "lang": "en"})])
    )
    assert [row["word"] for row in answer.to_rows()] == ["good"]


@pytest.mark.parametrize("form", ["png", "svg", "csv", "json"])
def test_the_chart_is_answered_in_every_format(client: FlaskClient, form: str) -> None:
    """At an address of its own."""
    assert client.get(f"/words.{form}?users=demo:aster-air&n=50", follow_redirects=True).status_code == 200


def test_the_data_of_an_address_are_the_table(client: FlaskClient) -> None:
    """With every column by its name."""
    first = json.loads(client.get("/words.json?users=demo:aster-air&n=50").data)["data"][0]
    assert list(first) == ["account", "word", "polarity", "count", "posts", "contribution", "per_1000_words", "difference"]
