"""A method is a single entry: a toy method that is registered here is offered, used, drawn and documented without changes elsewhere."""

from collections.abc import Iterator
from functools import cache

import polars as pl
import pytest
from flask.testing import FlaskClient

from dashboard.analytics.methods.scorer import WordListScorer
from dashboard.core.errors import InvalidQuery
from dashboard.core.methods import DEFAULT_METHOD, METHODS, Method, WordChartTexts
from tests.support.builders import build_query
from tests.support.html_pages import PageReader

QUESTION = "users=demo:harbour-news&n=60&method=weather"
ATTRIBUTION = "Words from the Toy Weather List, for tests only"
SUNNY = ["new", "today", "first", "open", "good"]
RAINY = ["late", "storm", "closed", "rain", "delay"]


@cache
def load_weather_words() -> pl.DataFrame:
    """Return the toy's ten words."""
    sunny = [1] * len(SUNNY) + [0] * len(RAINY)
    return pl.DataFrame({"word": SUNNY + RAINY, "positive": sunny, "negative": [1 - side for side in sunny]})


SCORER = WordListScorer(load_weather_words)
WEATHER = Method(
    name="weather",
    title="Weather words",
    short_title="Weather",
    label="Weather",
    chart_name="the weather list",
    hint="Weather words counts sun and rain.",
    unit="forecasts",
    mean_title="Forecast per post",
    score_title="sun − rain",
    word_chart=WordChartTexts(title="Words of sun and rain", axis_title="Times forecast", hint="How often each forecast was made"),
    lexicon_name="the weather list",
    attribution=ATTRIBUTION,
    description="Counts ten words.",
    positive_meaning="sunny words",
    mean_meaning="sun − rain per post",
    load_scorer=lambda: SCORER,
)


@pytest.fixture
def weather() -> Iterator[Method]:
    """Register the toy for one test."""
    with METHODS.registered(WEATHER) as method:
        yield method


pytestmark = pytest.mark.usefixtures("weather")


def test_a_query_can_select_it() -> None:
    """The query parses its name, serializes it, and lists it where another name is wrong."""
    assert ("method", "weather") in build_query(method="weather").to_args()
    with pytest.raises(InvalidQuery, match="bing, vader, afinn, model or weather"):
        build_query(method="tarot")


def test_the_form_offers_it(page: PageReader) -> None:
    """It is an option with its title, and its sentence is in the hint."""
    text = page.open(f"/?{QUESTION}").text
    assert '<option value="weather" selected>Weather words</option>' in text
    assert WEATHER.hint in text


@pytest.mark.slow
def test_the_report_describes_it(page: PageReader) -> None:
    """Titles, units and the licence of its list are on the page of all charts."""
    text = page.open(f"/report?{QUESTION}").text
    assert "by the weather list" in text
    assert "Positive forecasts" in text
    assert ATTRIBUTION in text


@pytest.mark.parametrize("kind", ["sentiment", "words", "methods", "compare", "engagement"])
def test_every_chart_of_it_has_a_page(page: PageReader, kind: str) -> None:
    """Each chart that scores posts draws it, with its attribution."""
    assert ATTRIBUTION in page.open(f"/html/{kind}?{QUESTION}").text


@pytest.mark.parametrize("kind", ["sentiment", "words", "methods"])
def test_every_chart_of_it_is_an_image(client: FlaskClient, kind: str) -> None:
    """Each of these charts has a PNG."""
    assert client.get(f"/{kind}.png?{QUESTION}").data.startswith(b"\x89PNG")


def test_its_numbers_are_exported(client: FlaskClient) -> None:
    """CSV and JSON have the sums of its list, and the notes attribute the list."""
    document = client.get(f"/sentiment.json?{QUESTION}").get_json()
    rows = client.get(f"/sentiment.csv?{QUESTION}").text.splitlines()
    assert sum(row["positive"] + row["negative"] for row in document["data"]) > 0
    assert f"{ATTRIBUTION}." in document["notes"]
    assert any("words" in note and "are in the weather list" in note for note in document["notes"])
    assert len(rows) == len(document["data"]) + 1


def test_the_words_chart_has_only_its_words(client: FlaskClient) -> None:
    """Each word links to its posts."""
    rows = client.get(f"/words.json?{QUESTION}").get_json()["data"]
    posts = client.get(f"/posts.json?{QUESTION}&language=english&word={rows[0]['word']}").get_json()["data"]
    assert {row["word"] for row in rows} <= {*SUNNY, *RAINY}
    assert len(posts) == rows[0]["posts"]


def test_it_is_compared_with_the_others(client: FlaskClient) -> None:
    """The table of methods has a row for it, after the fast methods and before the slow ones."""
    rows = client.get(f"/methods.json?{QUESTION}").get_json()["data"]
    assert [row["method"] for row in rows] == ["bing", "afinn", "weather", "vader", "model"]


def test_posts_show_its_score(page: PageReader) -> None:
    """Below each post is its label with a whole number, and its words are marked."""
    text = page.open(f"/posts?{QUESTION}&sort=positive").text
    assert "by the weather list" in text
    assert ">Weather <b>+" in text
    assert '<mark class="up">' in text


@pytest.mark.slow
def test_the_openapi_document_lists_it(client: FlaskClient) -> None:
    """The document lists the method while it is registered."""
    assert client.get("/openapi.json").get_json()["components"]["parameters"]["method"]["schema"]["enum"][-1] == "weather"


def test_the_default_method_has_a_lexicon() -> None:
    """The code that falls back to it relies on words to mark, and on no labeller."""
    default = METHODS[DEFAULT_METHOD]
    assert not default.needs_labeller
    assert default.load_scorer().load_entries() is not None
