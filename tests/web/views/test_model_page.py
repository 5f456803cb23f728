"""`/model`: a page for people in a browser, and the JSON of the contract for everything else."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.prediction.protocols import LABELS, ModelCard
from tests.support.fake_models import FakeTabularModel, NeutralModel
from tests.support.html_pages import HtmlPage

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


SCORES = {"posts": {"accuracy": 0.75, "rows": 8, "ece": 0.5}, "oops": "<b>", "overall": 0.9, "odd": {"accuracy": "high"}}


class ScoredModel(NeutralModel):
    """A text model whose card has scores of every shape."""

    card = ModelCard("neutral", "1", "0" * 64, LABELS, scores=SCORES, training={"data": ["unknown"]}, limits=("<i>Only tests</i>",))


def open_model_page(client: FlaskClient) -> HtmlPage:
    """Return the page as a browser gets it, checked."""
    response = client.get("/model", headers={"Accept": BROWSER})
    assert response.content_type == "text/html; charset=utf-8"
    html_page = HtmlPage(response.text, response.status_code)
    html_page.assert_valid()
    return html_page


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/json, text/html;q=0.5", "text/*", ""])
def test_programs_get_the_json_of_the_contract(demo_client: FlaskClient, accept: str | None) -> None:
    """Only a client that asks for text/html by name gets the page."""
    response = demo_client.get("/model", headers={} if accept is None else {"Accept": accept})
    assert response.content_type == "application/json"
    assert response.get_json() == demo_client.get("/model.json").get_json()
    assert "Accept" in response.vary


def test_the_address_with_a_suffix_is_json_in_a_browser_too(demo_client: FlaskClient) -> None:
    """It is what the page links to."""
    assert demo_client.get("/model.json", headers={"Accept": BROWSER}).get_json()["name"] == "chorus-sentiment"


def test_the_json_is_english_whatever_the_client_prefers(demo_client: FlaskClient) -> None:
    """Only the page has the reader's language."""
    response = demo_client.get("/model", headers={"Accept-Language": "de"})
    assert response.data == demo_client.get("/model.json").data


def test_the_page_is_in_the_language_of_the_reader(demo_client: FlaskClient) -> None:
    """Labels and numbers within sentences are translated, too."""
    page = demo_client.get("/model", headers={"Accept": BROWSER, "Accept-Language": "fr"}).text
    assert "<h1>À propos du modèle d’IA</h1>" in page
    assert "négatif, neutre ou positif" in page
    assert "sur 100</span>." in page


def test_a_browser_gets_a_page_in_plain_words(demo_client: FlaskClient) -> None:
    """Each sentence has its metric in a tooltip."""
    scores = demo_client.get("/model").get_json()["scores"]["tweeteval-sentiment/val"]
    text = open_model_page(demo_client).text
    assert f'It is right about <span class="explained" title="Accuracy {scores["accuracy"]:.3f}">' in text
    assert f"{round(100 * scores['accuracy'])} of 100</span> texts." in text
    assert "It learned from posts on X from 2009 to 2021" in text


def test_the_page_says_how_well_other_languages_are_read(demo_client: FlaskClient) -> None:
    """Each language that the second model reads has its error rate."""
    page = demo_client.get("/model", headers={"Accept": BROWSER}).text
    assert "A second model reads posts in Arabic, French, German, Indonesian, Italian, Portuguese and Spanish." in page
    assert "About one German post in three is misread" in page
    assert "It reads only English" not in page


def test_the_page_shows_the_version_and_the_digest(demo_client: FlaskClient) -> None:
    """A result can be traced to the file of the model."""
    details = demo_client.get("/model").get_json()
    text = open_model_page(demo_client).text
    assert f"version {details['version']}" in text
    assert details["digest"] in text


def test_scores_of_any_shape_are_shown_as_far_as_they_are_known(app: Flask) -> None:
    """A mounted model's file comes from its author, and its texts are escaped."""
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=ScoredModel)
    text = open_model_page(app.test_client()).text
    assert 'title="Accuracy 0.750">75 of 100</span> texts.' in text
    assert 'title="Expected calibration error (ECE) 0.500">50 points</span> on average.' in text
    assert "&lt;i&gt;Only tests&lt;/i&gt;" in text
    assert "oops" not in text


def test_a_model_of_numbers_has_a_page_that_says_so(app: Flask) -> None:
    """Nobody is invited to check a text with it."""
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=FakeTabularModel)
    text = open_model_page(app.test_client()).text
    assert "It reads rows of 4 numbers" in text
    assert "Check a text" not in text.partition("<main")[2]


@pytest.mark.parametrize("path", ["/classify?text=Good", "/html/sentiment?users=demo:small-clocks&n=20&method=model"])
def test_pages_that_name_the_model_link_to_its_page(demo_client: FlaskClient, path: str) -> None:
    """The link is where the model is named."""
    assert 'href="/model"' in demo_client.get(path).text
