"""A new format is one entry of the registry: routes, pages and documents include it without further changes."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.web.formats import FORMATS, DataFormat, Table

AIR = "demo:aster-air"


def write_tab_separated(table: Table) -> str:
    """Return a heading and the rows, with cells separated by tabs."""
    rows = table.to_rows()
    return "".join("\t".join(map(str, cells)) + "\n" for cells in [list(rows[0]), *(row.values() for row in rows)])


TOY = DataFormat(
    name="toy",
    title="Toy text",
    mime_type="text/tab-separated-values; charset=utf-8",
    render=write_tab_separated,
    is_attachment=True,
)


@pytest.fixture
def toy_client() -> Iterator[FlaskClient]:
    """A client of an application with one more format."""
    with FORMATS.registered(TOY):
        yield create_app({}).test_client()


def test_a_chart_is_served_in_a_registered_format(toy_client: FlaskClient) -> None:
    """The rows are those of the JSON document, with the MIME type and the file name of the entry."""
    response = toy_client.get(f"/frequency.toy?users={AIR}&n=30")
    data = toy_client.get(f"/frequency.json?users={AIR}&n=30").get_json()["data"]
    heading, *lines = response.text.splitlines()
    assert response.status_code == 200
    assert response.content_type == "text/tab-separated-values; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="chorus-frequency-aster-air.toy"'
    assert response.headers["Content-Location"].startswith("/frequency.toy?")
    assert heading.split("\t") == ["account", "start", "posts"]
    assert [line.split("\t") for line in lines] == [[str(value) for value in row.values()] for row in data]


def test_posts_are_served_in_a_registered_format(toy_client: FlaskClient) -> None:
    """A data format applies to posts, too."""
    response = toy_client.get(f"/posts.toy?users={AIR}&n=30")
    assert response.mimetype == "text/tab-separated-values"
    assert len(response.text.splitlines()) >= 31


@pytest.mark.parametrize(
    ("path", "links"),
    [
        ("/report", {"/frequency.toy", "/sentiment.toy"}),
        ("/html/frequency", {"/frequency.toy"}),
        ("/posts", {"/posts.toy"}),
    ],
)
def test_pages_link_to_a_registered_format(toy_client: FlaskClient, path: str, links: set[str]) -> None:
    """They show its title wherever they offer formats."""
    html = toy_client.get(f"{path}?users={AIR}&n=30", follow_redirects=True).text
    assert links <= set(re.findall(r'href="([^"?]*\.toy)\?[^"]*"[^>]*>Toy text</a>', html))


@pytest.mark.slow
def test_the_openapi_document_lists_a_registered_format(toy_client: FlaskClient) -> None:
    """Each chart and the posts have an operation for it; JSON stays first, because the documentation shows its example."""
    paths = toy_client.get("/openapi.json").get_json()["paths"]
    content = paths["/frequency.toy"]["get"]["responses"]["200"]["content"]
    assert content == {"text/tab-separated-values": {"schema": {"type": "string"}}}
    assert paths["/posts.toy"]["get"]["summary"] == "Posts as Toy text"
    assert next(path for path in paths if path.startswith("/frequency")) == "/frequency.json"


def test_a_data_format_is_not_an_image_format(toy_client: FlaskClient) -> None:
    """Images for other pages have image formats only."""
    assert toy_client.get(f"/kept/frequency.toy?users={AIR}").status_code == 404


def test_an_unregistered_format_does_not_exist(client: FlaskClient) -> None:
    """The toy is removed after the test that registered it."""
    assert client.get(f"/frequency.toy?users={AIR}").status_code == 404
    assert "/frequency.toy" not in client.get("/openapi.json").get_json()["paths"]
