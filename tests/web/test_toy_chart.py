"""A chart registered from outside works everywhere at once: no file of Chorus knows it, and one entry describes it."""

import csv
import io
import runpy
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.core.charts import CHARTS
from tests.support.html_pages import PageReader
from tests.support.paths import ROOT
from tests.support.toy_chart import TOY

ASKED = "users=demo:aster-air,demo:small-clocks&n=20"


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    """A program that asks a Chorus that has one chart more."""
    with CHARTS.registered(TOY):
        yield create_app({}).test_client()


@pytest.mark.parametrize(("path", "mime_type"), [("/toy", "image/png"), ("/toy.png", "image/png"), ("/toy.svg", "image/svg+xml")])
def test_the_toy_is_drawn_as_an_image(client: FlaskClient, path: str, mime_type: str) -> None:
    """Routes of images ask the registry."""
    response = client.get(f"{path}?{ASKED}")
    assert response.status_code == 200
    assert response.mimetype == mime_type
    assert client.get(f"/kept/card/toy.png?{ASKED}").status_code == 200


@pytest.mark.slow
def test_the_toy_is_drawn_as_a_slide(client: FlaskClient) -> None:
    """The title is the chart's, because nothing claims anything about it, and the source is below it."""
    response = client.get(f"/toy.svg?{ASKED}&frame=slide")
    assert response.status_code == 200
    assert "Letters written" in response.text
    assert "posts each by Aster Air and Museum of Small Clocks" in response.text


def test_the_toy_is_exported_as_csv(client: FlaskClient) -> None:
    """Its rows carry their account's coverage, as those of every chart do."""
    rows = list(csv.DictReader(io.StringIO(client.get(f"/toy.csv?{ASKED}").text)))
    assert list(rows[0]) == ["account", "posts", "letters", "asked", "fetched", "first", "last", "cut_by", "name"]
    assert [(row["account"], row["posts"]) for row in rows] == [("demo:aster-air", "20"), ("demo:small-clocks", "20")]


def test_the_toy_is_exported_as_json(client: FlaskClient) -> None:
    """The document has its rows and its remarks."""
    document = client.get(f"/toy.json?{ASKED}").get_json()
    assert [row["posts"] for row in document["data"]] == [20, 20]
    assert "Letters are counted as Unicode characters." in document["notes"]


def test_the_toy_has_a_page_of_its_own(client: FlaskClient) -> None:
    """The page has its title, its table and its links to posts."""
    page = PageReader(client).open(f"/html/toy?{ASKED}").text
    assert "<h1>Toy\N{NO-BREAK SPACE}– Aster Air" in page
    assert "Letters written" in page
    assert '<th scope="col" class="number">Letters in all posts</th>' in page
    assert "/posts?users=demo:aster-air,demo:small-clocks&amp;n=20&amp;measure=net&amp;account=demo:aster-air" in page


def test_the_toy_has_a_section_in_the_report(client: FlaskClient) -> None:
    """It comes after the charts that were registered before it."""
    page = PageReader(client).open(f"/report?{ASKED}").text
    section = page.split('aria-labelledby="toy-title"')[1].split("</section>")[0]
    assert page.index('aria-labelledby="engagement-title"') < page.index('aria-labelledby="toy-title"')
    assert "Letters written" in section
    assert "A bar for each account" in section
    assert '<th scope="col" class="number">Letters in all posts</th>' in section
    assert "Letters are counted as Unicode characters." in page.split('id="about-notes"')[1]


@pytest.mark.slow
def test_the_toy_is_described_to_programs(client: FlaskClient) -> None:
    """OpenAPI lists its addresses and the columns of its table."""
    document = client.get("/openapi.json").get_json()
    suffixes = [path.removeprefix("/toy") for path in document["paths"] if path.startswith("/toy")]
    assert suffixes == [".json", ".parquet", ".xlsx", ".csv", ".svg", ".png", ""]
    assert list(document["components"]["schemas"]["ToyRow"]["properties"]) == ["account", "posts", "letters"]
    letters = document["components"]["schemas"]["ToyRow"]["properties"]["letters"]
    assert letters["type"] == ["integer", "null"]
    assert letters["description"] == "Unicode characters of the account’s posts."


@pytest.mark.slow
@pytest.mark.usefixtures("client")
def test_the_toy_is_in_the_reference_of_the_manual() -> None:
    """The lists of charts and of columns are generated from its entry."""
    manual = runpy.run_path(str(ROOT / "docs" / "reference.py"))
    assert "| `toy` | How many letters each account's posts have. | `account`, `posts`, `letters` |" in manual["charts"]()
    assert "| Toy | How many letters each account's posts have. |" in manual["chart_questions"]()
    assert "| `letters` | integer or null | characters | Unicode characters of the account’s posts. | toy |" in manual["columns"]()


def test_the_toy_cannot_be_drawn_from_network_counts(client: FlaskClient) -> None:
    """Its entry doesn't say that counts are enough, so such a question is refused at its field."""
    response = client.get("/toy.json?users=nasa&counted=network")
    assert response.status_code == 400
    assert [problem["field"] for problem in response.get_json()["problems"]] == ["counted"]


def test_without_its_entry_the_toy_does_not_exist() -> None:
    """What isn't registered is not found, under any address."""
    client = create_app({}).test_client()
    paths = ["/toy", "/toy.png", "/toy.json", "/html/toy", "/kept/toy.png"]
    assert [client.get(f"{path}?{ASKED}").status_code for path in paths] == [404] * len(paths)
    assert "/toy" not in client.get("/openapi.json").get_json()["paths"]
