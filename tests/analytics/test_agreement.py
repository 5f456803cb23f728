"""Comparing all methods on the same posts: verdicts, intervals, agreement, and the comparison without a model."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import polars as pl
import pytest
from flask import Flask

from dashboard.analytics import agreement as rooms
from dashboard.analytics import sentiment
from dashboard.app import create_app
from dashboard.charts.definitions.method_comparison import describe_sampling
from dashboard.charts.plotlyjs import figures
from dashboard.charts.spec.bars import BarChart
from dashboard.charts.vega import images
from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.protocols import LABELS, Explanation, Label, Model, ModelCard
from dashboard.prediction.serving.labeller import Labeller
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from tests.support.builders import build_posts, build_query, build_timeline

AIR = "demo:aster-air"
NAMES = ["bing", "afinn", "vader", "model"]  # in the order in which methods are compared


class Gloomy:
    """A custom model that finds every text negative."""

    kind: Literal["text"] = "text"
    card = ModelCard("gloomy", "1", "0" * 64, LABELS)

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        return [[0.8, 0.1, 0.1] for _ in texts]

    def explain(self, text: str) -> Explanation | None:
        return None


class Numbers:
    """A custom model for rows of numbers."""

    kind: Literal["tabular"] = "tabular"
    card = ModelCard("iris", "1", "0" * 64, (0.0, 1.0))

    def predict(self, rows: Sequence[Sequence[float]]) -> list[tuple[Label, float | None]]:
        return [(0.0, 0.97) for _ in rows]


def raise_unavailable() -> Model:
    raise ModelUnavailable("The model's file is cut short.", "Copy it again.")


def verdicts(*rows: tuple[int, int, int, int], account: str = "nasa") -> pl.DataFrame:
    """Return rated posts with these verdicts of the word list, AFINN, VADER and the model."""
    frame = pl.DataFrame(rows, schema=dict.fromkeys(NAMES, pl.Int8), orient="row")
    return frame.with_columns(account=pl.lit(account))


def build(*texts: str, model: bool = True, **args: str) -> Report:
    """Return the methods chart of @nasa, which posted these texts."""
    labeller = Labeller(Gloomy()) if model else None
    return builder.build_report("methods", build_query(**args), Fetched([build_timeline(*texts)], labeller=labeller))


def replace_model(app: Flask, make_model: Callable[[], Model]) -> None:
    """Replace the application's model."""
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=make_model)


def test_each_method_has_a_verdict_and_a_score() -> None:
    """The verdict is the sign of its counts; scores are on each method's own scale."""
    judged = rooms.rate_posts(build_posts("superb", "bad bad good", "moon"), Labeller(Gloomy()))
    assert judged.select(NAMES).rows() == [(1, 1, 1, -1), (-1, -1, -1, -1), (0, 0, 0, -1)]
    assert judged.select("bing_score", "afinn_score", "model_score").rows() == [
        (1.0, 5.0, pytest.approx(-0.7)),
        (-1.0, -3.0, pytest.approx(-0.7)),
        (0.0, 0.0, pytest.approx(-0.7)),
    ]


def test_disagreement_is_the_mean_difference_of_two_verdicts() -> None:
    """With three against one, three of six pairs are opposite; a neutral verdict counts half."""
    judged = rooms.rate_posts(build_posts("superb", "bad bad", "moon"), Labeller(Gloomy()))
    assert judged["disagreement"].to_list() == [0.5, 0.0, 0.25]


def test_scores_can_be_looked_up() -> None:
    """The scores that the sentiment chart has already computed give the same result."""
    frame = build_posts("good", "bad bad", "moon", "good")
    known = {name: sentiment.score_posts(frame, name) for name in ("bing", "afinn", "vader")}
    assert rooms.rate_posts(frame, None, lambda posts, name: known[name]).equals(rooms.rate_posts(frame))


def test_rows_and_their_order_are_kept() -> None:
    """Duplicate, empty and missing texts stay in their own rows."""
    frame = build_posts("good", {"text": None}, "good", "")
    judged = rooms.rate_posts(frame, Labeller(Gloomy()))
    assert judged.select(frame.columns).equals(frame)
    assert judged["bing"].to_list() == [1, 0, 1, 0]


def test_posts_are_counted_by_method_and_verdict() -> None:
    """There is a row per account and method, with the average agreement with the other methods."""
    judged = verdicts((1, 1, 1, -1), (1, 1, 0, -1), (-1, -1, -1, -1), (0, 1, 0, 0))
    rows = (
        rooms.summarize_methods(judged, ["nasa"]).select("method", "posts", "positive", "neutral", "negative", "share", "agreement").rows()
    )
    assert rows == [
        ("bing", 4, 2, 1, 1, pytest.approx(2 / 3), pytest.approx((3 + 3 + 2) / 12)),
        ("afinn", 4, 3, 0, 1, 0.75, pytest.approx((3 + 2 + 1) / 12)),
        ("vader", 4, 1, 2, 1, 0.5, pytest.approx((3 + 2 + 2) / 12)),
        ("model", 4, 0, 1, 3, 0.0, pytest.approx((2 + 1 + 2) / 12)),
    ]


def test_the_interval_is_wilsons() -> None:
    """For 8 positive posts of 10, published tables give 49 % to 94 %."""
    judged = verdicts(*[(1, 1, 1, 1)] * 8, *[(-1, -1, -1, -1)] * 2, *[(0, 0, 0, 0)] * 90)
    low, high = rooms.summarize_methods(judged, ["nasa"]).select("low", "high").row(0)
    assert round(low, 4) == 0.4902
    assert round(high, 4) == 0.9433


def test_an_account_without_posts_has_rows_without_shares() -> None:
    """Shares and agreement are unknown without posts."""
    rows = (
        rooms.summarize_methods(verdicts((0, 0, 0, 0)), ["nasa", "silent"]).select("account", "posts", "share", "low", "agreement").rows()
    )
    assert [rows[0], rows[4]] == [("nasa", 1, None, None, 1.0), ("silent", 0, None, None, None)]


def test_agreement_of_two_methods_is_the_share_of_equal_verdicts() -> None:
    """Of 50 posts, the first two agree on 35, the first and the third on all."""
    judged = verdicts(*[(1, 1, 1, 1)] * 20, *[(1, -1, 1, 1)] * 5, *[(-1, 1, -1, 1)] * 10, *[(-1, -1, -1, 1)] * 15)
    pairs = {(row["first"], row["second"]): row["agreement"] for row in rooms.pairwise_agreement(judged).iter_rows(named=True)}
    assert pairs["bing", "afinn"] == 0.7
    assert pairs["bing", "vader"] == 1.0


def test_agreement_of_all_methods_is_krippendorffs_alpha() -> None:
    """Calculated by hand for two posts: of eight verdicts, five are positive and three negative."""
    judged = verdicts((1, 1, 1, 1), (1, -1, -1, -1))
    assert rooms.krippendorff_alpha(judged) == pytest.approx(1 - (3 / 6 / 2) / (1 - (5 * 4 + 3 * 2) / (8 * 7)))


@pytest.mark.parametrize("rows", [[], [(1, 1, 1, 1)] * 3])
def test_alpha_is_unknown_if_no_verdicts_differ(rows: list[tuple[int, int, int, int]]) -> None:
    """This is so without posts, and if all verdicts are the same."""
    assert rooms.krippendorff_alpha(verdicts(*rows)) is None


def test_very_many_posts_are_sampled_evenly() -> None:
    """Every n-th post of each account is compared, so the sample covers its whole timeline."""
    frame = pl.DataFrame({"account": ["a"] * 4_500 + ["b"] * 1_500, "place": range(6_000)})
    sample = rooms.sample_posts(frame)
    assert rooms.sampling_step(frame) == 2
    assert sample.height == 3_000
    assert sample["place"].diff().drop_nulls().unique().to_list() == [2]


@pytest.mark.parametrize(("every", "word"), [(2, "second"), (3, "third"), (11, "11th"), (21, "21st"), (22, "22nd"), (112, "112th")])
def test_a_note_says_if_a_sample_is_compared(every: int, word: str) -> None:
    """It names the step as an ordinal number; there is no note if all posts are compared."""
    assert describe_sampling(every, 3_200, 64_000) == [f"Based on every {word} post (3,200 of 64,000)."]
    assert describe_sampling(1, 10, 10) == []


def test_a_sample_has_no_links_to_posts() -> None:
    """No page shows only every second post."""
    report = builder.build_report("methods", build_query("nasa", n=3200), Fetched([build_timeline(*["good"] * 3_100)]))
    assert set(report.post_queries) == {()}  # type: ignore[attr-defined]
    assert {bar.post_query for bar in report.chart.panels[0].bars} == {()}  # type: ignore[attr-defined]
    assert report.link_column == ""  # type: ignore[attr-defined]


def test_without_a_model_the_other_methods_are_compared() -> None:
    """This holds for table, image and notes."""
    report = build("good", "bad", model=False)
    assert isinstance(report.chart, BarChart)
    assert [row["method"] for row in report.to_rows()] == ["bing", "afinn", "vader"]
    assert [bar.label for bar in report.chart.panels[0].bars] == ["Word list", "Weighted words", "Rules"]
    assert "three methods" in report.chart.alt


def test_a_query_by_model_is_compared_without_a_model() -> None:
    """The comparison doesn't need the query's own method."""
    assert [row["method"] for row in build("good", model=False, method="model").to_rows()] == ["bing", "afinn", "vader"]


@pytest.mark.parametrize("method", ["bing", "vader", "afinn", "model"])
def test_the_comparison_does_not_depend_on_the_method_of_the_query(method: str) -> None:
    """Reusing known scores doesn't change the result."""
    assert build("good", "bad bad", "moon", method=method).to_rows() == build("good", "bad bad", "moon").to_rows()


def test_page_and_image_show_the_numbers_of_the_table() -> None:
    """Shares and intervals have the account's colour."""
    report = build("good", "bad", "love it", "moon")
    tabled = [(row["share"], row["low"], row["high"]) for row in report.to_rows()]
    (trace,) = figures.build_figure(report.chart)["data"]
    (rows,) = images.build_spec(report.chart, width=900, height=420, theme_name="light")["datasets"].values()
    around = zip(trace["x"], trace["error_x"]["arrayminus"], trace["error_x"]["array"], strict=True)
    assert [(row["value"], row["low"], row["high"]) for row in rows] == tabled
    assert [(value, value - down, value + up) for value, down, up in around] == [tuple(map(pytest.approx, row)) for row in tabled]


def test_a_dot_links_to_the_disputed_posts() -> None:
    """The most disputed posts come first, and the rows of the table have the same links. A model of somebody's own reads every language."""
    report = build("good", "bad")
    where = (("account", "nasa"), ("language", "english"), ("sort", "disagreement"))
    assert isinstance(report.chart, BarChart)
    assert {bar.post_query for bar in report.chart.panels[0].bars} == {where, (where[0], where[2])}
    assert set(report.post_queries) == {where, (where[0], where[2])}
    assert len(report.post_queries) == 4


def test_the_tooltip_of_a_dot_has_its_basis() -> None:
    """It has the posts per verdict, the share with its interval, and the agreement."""
    chart = build("good", "bad", "moon").chart
    assert isinstance(chart, BarChart)
    assert chart.panels[0].bars[0].tooltip.replace("\N{NO-BREAK SPACE}", " ").splitlines() == [
        "Word list",
        "1 positive, 1 neutral, 1 negative posts",
        "50% positive share (9% to 91%)",
        "agrees with the other methods on 78% of posts",
    ]


@pytest.mark.parametrize(
    ("texts", "expected_texts"),
    [
        (
            ("good", "bad", "moon"),
            [
                "Methods agree on 33–100% of posts (closest: Word list and Weighted words).",
                "1 of 3 posts is positive by one method and negative by another.",
                "All methods together reach 0.51, where 1 is full agreement and 0 is chance.",
            ],
        ),
        (("bad",), ["Any two methods agree on 100% of posts.", "No post is positive by one method and negative by another."]),
        ((), []),
    ],
)
def test_agreement_is_described_in_words(texts: tuple[str, ...], expected_texts: list[str]) -> None:
    """Sentences say which methods agree most and least, and how often they are opposite."""
    assert [
        note.replace("\N{NO-BREAK SPACE}", " ") for note in build(*texts).notes if "method" in note or "agree" in note
    ] == expected_texts


@pytest.mark.parametrize("texts", [(), ("moon",)])
def test_posts_without_a_verdict_make_an_empty_chart(texts: tuple[str, ...]) -> None:
    """The table has nulls, and the chart says that there is nothing to draw."""
    report = build(*texts, model=False)
    assert report.chart.is_empty is True
    assert report.chart.alt == "There are no posts to compare methods by."
    assert {row["share"] for row in report.to_rows()} <= {None}


def test_the_chart_names_the_model_and_afinns_licence() -> None:
    """Without a model, it names none."""
    with_model, without_model = (" ".join(build("good", model=model).chart.caption) for model in (True, False))
    assert "ODbL" in with_model
    assert "Rated by the AI model (gloomy 1)" in with_model
    assert "ODbL" in without_model
    assert "Rated by the AI model (gloomy 1)" not in without_model


@pytest.mark.parametrize(
    ("make_model", "why"), [(raise_unavailable, "cut short"), (lambda: Numbers(), "rows of numbers")], ids=["missing", "tabular"]
)
@pytest.mark.parametrize("form", ["json", "csv", "png", "svg"])
def test_the_chart_is_drawn_without_a_model_in_every_format(make_model: Callable[[], Model], why: str, form: str) -> None:
    """A note says why the model is missing."""
    app = create_app({})
    replace_model(app, make_model)
    response = app.test_client().get(f"/methods.{form}?users={AIR}&n=20", follow_redirects=True)
    assert response.status_code == 200
    if form == "json":
        document = json.loads(response.data)
        assert {row["method"] for row in document["data"]} == {"bing", "afinn", "vader"}
        (note,) = (note for note in document["notes"] if "comparison" in note)
        assert why in note


def test_the_chart_uses_the_model_whatever_the_method() -> None:
    """A query by word list has four methods."""
    app = create_app({})
    replace_model(app, Gloomy)
    data = json.loads(app.test_client().get(f"/methods.json?users={AIR}&n=20").data)["data"]
    assert [(row["method"], row["negative"]) for row in data if row["method"] == "model"] == [("model", 20)]


class Listening(Gloomy):
    """A model that counts the posts it receives."""

    def __init__(self) -> None:
        self.heard = 0

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        self.heard += len(texts)
        return super().predict_proba(texts)


def test_a_model_rates_the_posts_of_a_query_once() -> None:
    """The next image, its data file and the posts behind it use the same numbers."""
    model, read = (
        Listening(),
        [build_timeline(*(f"{account} {place}" for place in range(120)), account=account) for account in ("nasa", "esa")],
    )
    fetched = Fetched(read, labeller=Labeller(model))
    for kind in ("sentiment", "words", "sentiment", "engagement", "compare", "events"):
        builder.build_report(kind, build_query("nasa,esa", method="model"), fetched)
    assert model.heard == 240


def test_only_the_sample_of_very_many_posts_is_rated() -> None:
    """Comparing methods doesn't need more."""
    model = Listening()
    many = build_timeline(*(f"post {place}" for place in range(3_100)), account="nasa")
    builder.build_report("methods", build_query("nasa", n=3200, method="model"), Fetched([many], labeller=Labeller(model)))
    assert model.heard == 1_550
