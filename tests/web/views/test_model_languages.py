"""`/model` says of each language how often it is misread, and draws how sure the model is against how often it is right."""

import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.prediction.multilingual.languages import LANGUAGE_NAMES
from dashboard.web.presenters import reliability_images
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.html_pages import HtmlPage

NAMES = reliability_images.IMAGE_NAMES
IMAGE = "/model/reliability/light-wide.svg"


def open_page(client: FlaskClient, language: str = "en") -> str:
    """Return the page as a browser gets it, checked."""
    response = client.get("/model", headers={"Accept": "text/html", "Accept-Language": language})
    HtmlPage(response.text, response.status_code).assert_valid()
    return response.text


def read_rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the body of the first table after a heading."""
    body = page.partition(f'<h3 id="{heading}">')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("</tr>") if row]


def test_every_language_has_a_row_for_each_data_set(demo_client: FlaskClient) -> None:
    """A language that was measured on reviews and on posts has two."""
    rows = read_rows(open_page(demo_client), "language-scores")
    assert {row[0] for row in rows} == set(LANGUAGE_NAMES.values())
    assert [(row[1], row[-1]) for row in rows if row[0] == "Indonesian"] == [("IDSA", "posts on X"), ("SmSA", "reviews and comments")]


def test_a_row_has_what_was_measured(demo_client: FlaskClient) -> None:
    """Its numbers are those of the JSON."""
    (measured,) = demo_client.get("/model.json").get_json()["language_datasets"]["de"]
    (row,) = [row for row in read_rows(open_page(demo_client), "language-scores") if row[0] == "German"]
    low, high = measured["macro_recall_interval"]
    assert row[2:5] == [str(measured["posts"]), f"{measured['error_rate']:.0%}", f"{measured['opposite_rate']:.0%}"]
    assert row[6:8] == [f"{measured['shown_change']:.0%}", f"{measured['macro_recall']:.3f} ({low:.3f}–{high:.3f})"]
    assert row[8:10] == [f"{measured['ece']:.3f}", measured["grade"]]


def test_the_rows_are_in_the_order_of_the_alphabet(demo_client: FlaskClient) -> None:
    """Spanish calls Arabic “árabe”, which comes first."""
    rows = read_rows(open_page(demo_client, "es"), "language-scores")
    assert [row[0] for row in rows][:3] == ["alemán", "árabe", "árabe"]


def test_the_json_has_the_scores_of_the_worst_data_set_and_of_all(demo_client: FlaskClient) -> None:
    """What programs have read so far stays as it was."""
    details = demo_client.get("/model.json").get_json()
    assert set(details["language_datasets"]) == set(details["languages"])
    worst = min(details["language_datasets"]["id"], key=lambda scores: scores["macro_recall"])
    assert details["languages"]["id"] == worst


def test_the_table_of_a_diagram_has_all_posts(demo_client: FlaskClient) -> None:
    """Each post is in one row of its language and data set."""
    measured = demo_client.get("/model.json").get_json()["language_datasets"]["pt"]
    rows = [row for row in read_rows(open_page(demo_client), "reliability") if row[0] == "Portuguese"]
    assert sum(int(row[3]) for row in rows) == sum(scores["posts"] for scores in measured)
    assert rows[0][2] == "30–40%"


@pytest.mark.parametrize("name", [NAMES[0], *(pytest.param(name, marks=ONLY_IN_FAULTS) for name in NAMES[1:])])
def test_the_diagrams_are_images_of_a_panel_each(demo_client: FlaskClient, name: str) -> None:
    """They have a theme and a size."""
    response = demo_client.get(f"/model/reliability/{name}.svg")
    assert response.mimetype == "image/svg+xml"
    assert response.text.count("UMSAB</text>") == 6
    assert f'width="{reliability_images.WIDTHS[name.partition("-")[2]]}"' in response.text


@pytest.mark.slow
def test_the_page_links_to_the_diagrams_of_its_language(demo_client: FlaskClient) -> None:
    """Browsers may keep them, because their addresses have the version of the model."""
    urls = [unescape(url) for url in re.findall(r'(?:src|srcset)="(/model/reliability/[^"]+)"', open_page(demo_client, "de"))]
    assert len(urls) == 4
    response = demo_client.get(urls[1])
    assert "Deutsch · UMSAB" in response.text
    assert response.cache_control.max_age == 24 * 3600
    assert "model=" in urls[1]


def test_a_diagram_follows_only_its_address(demo_client: FlaskClient) -> None:
    """Other languages that a browser prefers don't change it."""
    assert "German · UMSAB" in demo_client.get(IMAGE, headers={"Accept-Language": "de"}).text


@pytest.mark.parametrize("name", ["light", "blue-wide", "light-wide-2"])
def test_there_is_no_other_diagram(demo_client: FlaskClient, name: str) -> None:
    """Names are a closed list."""
    assert demo_client.get(f"/model/reliability/{name}.svg").status_code == 404


def test_a_model_of_somebodys_own_has_no_diagrams(app: Flask) -> None:
    """Nobody knows which languages that one reads."""
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_language_models=None)
    client = app.test_client()
    assert "/model/reliability/" not in open_page(client)
    assert client.get(IMAGE).status_code == 404
