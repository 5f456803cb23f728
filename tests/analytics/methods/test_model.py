"""Sentiment by a model: how labels become scores, what reports say about the model, and what happens without one."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import polars as pl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics.methods import bing
from dashboard.analytics.methods import model as model_method
from dashboard.app import create_app
from dashboard.charts.plotlyjs import figures
from dashboard.core.errors import InvalidQuery, ModelUnavailable
from dashboard.prediction.classifier.classifier import load_built_in_classifier
from dashboard.prediction.protocols import LABELS, Explanation, Label, Model, ModelCard, TermWeight
from dashboard.prediction.serving.labeller import BATCH_SIZE, Labeller, build_labeller
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from tests.support import fake_networks
from tests.support.builders import build_posts, build_query, build_timeline, deterministic
from tests.support.fake_clock import FakeClock
from tests.support.fake_models import FakeTabularModel
from tests.support.html_pages import PageReader

AIR = "demo:aster-air"
ROWS = {"up": [0.1, 0.2, 0.7], "down": [0.6, 0.3, 0.1], "flat": [0.2, 0.5, 0.3]}  # in the order of LABELS


class Words:
    """A custom model that knows three words. It has the given labels and version, and `heard` lists the texts it received."""

    kind: Literal["text"] = "text"

    def __init__(self, version: str = "1", labels: tuple[Label, ...] = LABELS) -> None:
        self.card = ModelCard("three-words", version, "0" * 64, labels)
        self.heard: list[list[str]] = []

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        self.heard.append(list(texts))
        rows = [dict(zip(LABELS, ROWS.get(text.split()[0], ROWS["flat"]), strict=True)) for text in texts]
        return [[row.get(str(label), 0.0) for label in self.card.labels] for row in rows]

    def explain(self, text: str) -> Explanation | None:
        return Explanation("neutral", "positive", 1.0, (TermWeight("three", 1.0),))


def raise_unavailable() -> Model:
    raise ModelUnavailable("The model's file is cut short.", "Copy it again.")


def scored(*texts: str | None, model: Words | None = None) -> pl.DataFrame:
    """Return posts with these texts, scored by a model."""
    return model_method.score(build_posts(*({"text": text} for text in texts)), Labeller(model or Words()))


def build(*texts: str | dict[str, Any], kind: str = "sentiment", **args: str) -> Report:
    """Return the report on an account that posted these texts on one day."""
    written = build_timeline(*texts, created_at="2026-03-02")
    return builder.build_report(kind, build_query(method="model", interval="day", **args), Fetched([written], labeller=Labeller(Words())))


def serve_with_model(app: Flask, make_model: Callable[[], Model]) -> FlaskClient:
    """Return a client of an application with another model."""
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=make_model)
    return app.test_client()


# Posts


@pytest.mark.parametrize(("text", "sides"), [("up", (1, 0)), ("down", (0, 1)), ("flat", (0, 0))])
def test_a_post_counts_for_its_likeliest_label(text: str, sides: tuple[int, int]) -> None:
    """A post is one unit of the likeliest side; a neutral post is of neither."""
    assert scored(text).select("positive", "negative").row(0) == sides


@pytest.mark.parametrize(("text", "score"), [("up", 0.6), ("down", -0.5), ("flat", 0.1)])
def test_the_score_is_p_positive_minus_p_negative(text: str, score: float) -> None:
    """It goes from −1 to 1, and a neutral post can lean to one side."""
    assert scored(text)["score"].item() == pytest.approx(score)


@pytest.mark.parametrize(
    ("row", "sides"), [([0.4, 0.4, 0.2], (0, 1)), ([0.2, 0.4, 0.4], (0, 0)), ([0.4, 0.2, 0.4], (0, 1)), ([1 / 3] * 3, (0, 1))]
)
def test_a_tie_goes_to_the_first_label(row: list[float], sides: tuple[int, int]) -> None:
    """`/predict` and `/classify` decide in the same way."""
    assert model_method.score(build_posts("x"), lambda texts: [row for _ in texts]).select("positive", "negative").row(0) == sides


def test_words_are_counted_and_matched_is_unknown() -> None:
    """A model has no list to match words with."""
    assert scored("up and away", None).select("words", "matched").rows() == [(3, None), (0, None)]


def test_rows_and_their_order_are_kept() -> None:
    """Duplicates, nulls and empty texts stay posts, each in its own row."""
    frame = build_posts("up", {"text": None}, "down", "up", "", "flat ")
    table = model_method.score(frame, Labeller(Words()))
    assert table["id"].to_list() == frame["id"].to_list()
    assert table["score"].round(3).to_list() == [0.6, 0.0, -0.5, 0.6, 0.0, 0.1]


def test_each_distinct_text_is_labelled_once_and_unchanged() -> None:
    """The model itself decides how to treat URLs, mentions, capitals and spaces."""
    model = Words()
    scored("up @nasa", "UP https://t.co/x", "up @nasa", "flat\n", model=model)
    assert model.heard == [["up @nasa", "UP https://t.co/x", "flat\n"]]


@pytest.mark.parametrize("text", [None, "", " ", "\n\t "])
def test_a_post_without_text_is_neutral_and_not_labelled(text: str | None) -> None:
    """A picture alone has nothing that a text model could read."""
    model = Words()
    assert scored(text, model=model).select("positive", "negative", "score").row(0) == (0, 0, 0.0)
    assert model.heard == []


def test_many_texts_are_labelled_in_batches() -> None:
    """No call of the model has more texts than `/predict` accepts."""
    model = Words()
    scored(*(f"up {number}" for number in range(2 * BATCH_SIZE + 3)), model=model)
    assert list(map(len, model.heard)) == [BATCH_SIZE, BATCH_SIZE, 3]


def test_the_columns_are_those_of_the_other_methods() -> None:
    """The columns are those of the word list and the confidence, even for an empty frame."""
    schemas = [scored().schema, scored("up").schema, bing.SCORER.score(build_posts("good")).schema | {"confidence": pl.Float64()}]
    assert schemas[0] == schemas[1]
    assert dict(schemas[1]) == dict(schemas[2])


def test_scoring_without_a_model_is_an_error() -> None:
    """In a notebook, the caller has to pass a model, and the error says so."""
    with pytest.raises(ModelUnavailable, match="no model to label"):
        builder.build_report("sentiment", build_query(method="model"), Fetched([build_timeline("up")]))


@pytest.mark.parametrize(("text", "side"), [("I love this, it is great", "positive"), ("I hate this, it is awful", "negative")])
def test_the_built_in_model_labels_posts(text: str, side: str) -> None:
    """Obvious posts get the obvious label."""
    assert model_method.score(build_posts(text), build_labeller(load_built_in_classifier()))[side].item() == 1


# Usable models


@pytest.mark.parametrize("labels", [("positive", "negative", "neutral"), ("neutral", "negative", "positive")])
def test_labels_can_be_in_any_order(labels: tuple[str, ...]) -> None:
    """Probabilities are looked up by label, not by position."""
    assert build_labeller(Words(labels=labels))(["up", "down"]) == [ROWS["up"], ROWS["down"]]


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (FakeTabularModel(), "takes rows of numbers, so it can’t label posts"),
        (Words(labels=("joy", "anger")), "labels texts as joy and anger, not as negative, neutral and positive"),
        (Words(labels=tuple("abcde")), "labels texts as a, b, c and 2 more, not as"),
        (Words(labels=(*LABELS, "mixed")), "labels texts as negative, neutral, positive and 1 more, not as"),
        (Words(labels=(0, 1)), "labels texts as 0 and 1, not as"),
        (Words(labels=("x" * 99,)), f"labels texts as {'x' * 39}…, not as"),
    ],
)
def test_a_model_without_sentiment_labels_is_refused_at_the_field_method(model: Model, why: str) -> None:
    """The message gives the reason and what to do next."""
    with pytest.raises(InvalidQuery) as refused:
        build_labeller(model)
    ((field, message),) = refused.value.problems
    assert field == "method"
    assert why in message
    assert message.endswith("Choose another sentiment method.")


# The chart


@pytest.mark.parametrize(
    ("measure", "value", "axis"),
    [
        (
            "net",
            "+1",
            "Total balance: positive − negative posts, by the AI model. Dark: the balance. Light: positive and negative posts",
        ),
        (
            "mean",
            "+0.20 (−0.63 to +1.03 with 95% confidence)",
            "Balance per post: chance of positive − chance of negative (−1 to 1), by the AI model. "
            "Thin lines: margin of error (95%), which goes on where they reach the edge",
        ),
        (
            "share",
            "67% (21% to 94% with 95% confidence)",
            "Positive share: positive posts ÷ (positive + negative posts), by the AI model. Thin lines: margin of error (95%)",
        ),
    ],
)
def test_the_chart_names_posts_as_its_unit(measure: str, value: str, axis: str) -> None:
    """Tooltips and axis say what is counted."""
    chart = build("up", "up 2", "down", "flat", measure=measure).chart
    assert chart.series[0].tooltips[0].split("\n") == [value, "2 positive, 1 negative posts", "4 posts", "on 2 Mar 2026"]
    assert chart.hint == axis


def test_table_figure_and_image_show_the_same_numbers() -> None:
    """There is one row per day, matched is unknown, and pale bars show positive and negative posts."""
    report = build("up", "up 2", "down", "flat")
    (row,) = report.to_rows()
    drawn = [trace["y"] for trace in figures.build_figure(report.chart)["data"]]
    assert [row[name] for name in ("posts", "words", "matched", "positive", "negative", "value")] == [4, 5, None, 2, 1, 1.0]
    assert drawn == [[2], [-1], [1.0]]


def test_an_interval_without_posts_is_a_row_of_zeros() -> None:
    """Without posts, the number of matched words is known to be zero."""
    written = build_timeline({"text": "up", "created_at": "2026-03-01"}, {"text": "down", "created_at": "2026-03-03"})
    report = builder.build_report("sentiment", build_query(method="model", interval="day"), Fetched([written], labeller=Labeller(Words())))
    assert [[row[name] for name in ("posts", "matched", "value")] for row in report.to_rows()] == [
        [1, None, 1.0],
        [0, 0, 0.0],
        [1, None, -1.0],
    ]


def test_an_unknown_value_is_an_empty_csv_cell() -> None:
    """It is never 0."""
    assert build("up").to_csv().splitlines()[1].startswith("nasa,2026-03-02,1,1,,1,0,1.0,")


def test_the_title_is_the_same_by_the_model() -> None:
    """The chart's hint names the method."""
    dashboard = builder.build_dashboard(
        build_query(method="model", interval="day"), Fetched([build_timeline("up")], labeller=Labeller(Words()))
    )
    assert dashboard.reports[1].chart.title == "Sentiment per day"


def test_the_notes_name_the_model_and_count_its_labels() -> None:
    """Name and version distinguish numbers by different versions."""
    assert build("up", "up 2", "down", "flat").notes == [
        "The AI model (three-words 1) rated 2 of 4 posts positive, 1 negative and 1 neutral."
    ]


def test_a_page_names_the_model_in_its_notes_without_its_version() -> None:
    """The version is for data files and images."""
    report = build("up", "up 2", "down", "flat")
    assert report.page_remarks == ["The AI model (three-words) rated 2 of 4 posts positive, 1 negative and 1 neutral."]
    assert report.page_caption[-1] == "Rated by the AI model"


def test_the_caption_of_an_image_names_the_model() -> None:
    """An image is often shared without its page."""
    assert build("up").chart.caption[-1] == "Rated by the AI model (three-words 1)"


def test_posts_in_other_languages_are_counted_in_a_note() -> None:
    """A model labels any text, and it may be wrong about these."""
    report = build({"text": "hoch", "lang": "de"}, {"text": "up 2", "lang": "en"})
    assert report.notes[-1].startswith("1 of 2 posts isn’t in English (German), so the AI model may be wrong about them. ")
    assert report.table["posts"].sum() == 2


def test_without_posts_no_note_mentions_labels() -> None:
    """There is nothing that the model could have labelled."""
    assert [note for note in build({"text": "up", "kind": "reply"}, kinds="post").notes if "Labelled" in note] == []


def test_a_report_labels_each_post_once() -> None:
    """Summary, table and notes use the same pass over the posts of all accounts."""
    model = Words()
    accounts = [build_timeline("up", "down", account="a"), build_timeline("up", account="b")]
    builder.build_dashboard(build_query("a,b", method="model"), Fetched(accounts, labeller=Labeller(model)))
    assert model.heard == [["up", "down"]]


_rows = st.lists(st.sampled_from(["up", "down", "flat", "up 2", "", "😀", None]), max_size=30)


@deterministic
@given(_rows)
def test_the_intervals_add_up_to_the_posts(texts: list[str | None]) -> None:
    """For any texts, the sums of the table are the counts of the labels."""
    table = build(*({"text": text} for text in texts)).table
    expected = (len(texts), sum((text or "").startswith("up") for text in texts), texts.count("down"))
    assert table.select(pl.col("posts", "positive", "negative").sum()).row(0) == expected


# Routes


@pytest.mark.parametrize("form", [pytest.param("", marks=pytest.mark.slow), ".png", ".svg", ".csv", ".json"])
def test_every_format_is_served(app: Flask, form: str) -> None:
    """The model has the same formats as any other method."""
    assert serve_with_model(app, Words).get(f"/sentiment{form}?users={AIR}&n=50&method=model").status_code == 200


@pytest.mark.parametrize("path", ["/report", "/html/sentiment"])
def test_a_page_names_the_model(app: Flask, path: str) -> None:
    """Its notes do, so that nobody takes an own model for the built-in one."""
    page = PageReader(serve_with_model(app, Words)).open(f"{path}?users={AIR}&n=50&method=model")
    report, _, credits = page.text.partition("About these numbers")
    assert "The AI model (three-words) rated" in page.text
    assert "three-words 1" not in report
    assert ("three-words 1" in credits) is (path == "/report")
    assert "by the AI model" in page.text


@pytest.mark.parametrize("form", ["png", "svg", "json"])
def test_another_version_of_the_model_has_another_etag(form: str) -> None:
    """A response by version 1 isn't valid for version 2, even if all labels agree."""
    app = create_app({}, FakeClock())  # JSON documents say when the posts were read
    address = f"/sentiment.{form}?users={AIR}&n=50&method=model"
    first = serve_with_model(app, Words).get(address).headers["ETag"]
    again = serve_with_model(app, Words).get(address, headers={"If-None-Match": first}).status_code
    other = serve_with_model(app, lambda: Words("2")).get(address, headers={"If-None-Match": first}).status_code
    assert again == 304
    assert other == 200


def test_a_model_with_other_labels_is_refused_with_the_form_filled(app: Flask) -> None:
    """The message is at the field, in an open part of the form."""
    page = PageReader(serve_with_model(app, FakeTabularModel)).open(f"/report?users={AIR}&method=model", status=400)
    assert "rows of numbers" in page.problems["method"]
    assert page.fields["method"] == "model"
    assert page.fields["users"] == AIR


def test_a_model_with_other_labels_is_a_problem_document_for_programs(app: Flask) -> None:
    """The problem is at the field `method`."""
    response = serve_with_model(app, lambda: Words(labels=("joy", "anger"))).get(f"/sentiment.json?users={AIR}&method=model")
    assert response.status_code == 400
    assert [problem["field"] for problem in response.get_json()["problems"]] == ["method"]


def test_a_model_that_cannot_be_loaded_is_explained_with_the_form_filled(app: Flask) -> None:
    """The page gives the reason, what to do, and says that other methods work."""
    page = PageReader(serve_with_model(app, raise_unavailable)).open(f"/report?users={AIR}&method=model", status=503)
    text = re.sub(r"\s+", " ", page.text)
    sentence = "file is cut short. Copy it again. All other sentiment methods work without it."
    assert sentence in text
    assert page.fields["method"] == "model"
    assert page.fields["users"] == AIR


@pytest.mark.parametrize("form", ["png", "csv", "json"])
def test_a_model_that_cannot_be_loaded_is_503_for_programs(app: Flask, form: str) -> None:
    """The response is a problem document with the reason."""
    response = serve_with_model(app, raise_unavailable).get(f"/sentiment.{form}?users={AIR}&method=model")
    assert response.status_code == 503
    assert "cut short" in json.loads(response.data)["detail"]


@pytest.mark.parametrize("make_model", [raise_unavailable, FakeTabularModel], ids=["missing", "tabular"])
@pytest.mark.parametrize(
    "address",
    [
        *(f"/report?n=50&method={method}" for method in ("bing", "vader", "afinn")),
        "/html/frequency?method=model",
        "/frequency.json?method=model",
    ],
)
def test_everything_else_works_without_a_model(app: Flask, make_model: Callable[[], Model], address: str) -> None:
    """That includes other methods, and charts without sentiment."""
    assert serve_with_model(app, make_model).get(f"{address}&users={AIR}", follow_redirects=True).status_code == 200


def test_nothing_is_bought_if_the_model_is_unavailable(app: Flask, world: fake_networks.World) -> None:
    """The model is loaded before the network is contacted."""
    world.x.has("nasa", posts=5)
    response = serve_with_model(app, raise_unavailable).get("/sentiment.json?users=nasa&method=model")
    assert response.status_code == 503
    assert world.x.requests == []


def test_the_model_is_loaded_only_if_it_is_needed() -> None:
    """A request for another method never waits for it."""
    made: list[Model] = []

    def make() -> Model:
        made.append(Words())
        return made[-1]

    client = serve_with_model(create_app({}), make)
    for address in ("/words.json?method=bing", "/sentiment.json?method=afinn", "/frequency.png?method=model"):
        client.get(f"{address}&users={AIR}&n=20", follow_redirects=True)
    before = len(made)
    client.get(f"/sentiment.json?users={AIR}&n=20&method=model")
    assert before == 0
    assert len(made) == 1
