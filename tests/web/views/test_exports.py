"""Charts as images and data, and errors for programs."""

import re
import struct
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support import fake_networks
from tests.support.client_requests import parse_csv

AIR, NEWS = "demo:aster-air", "demo:harbour-news"
COLUMNS = {
    "frequency": ["account", "start", "posts"],
    "sentiment": ["account", "start", "posts", "words", "matched", "positive", "negative", "value"],
}
COVERAGE = ["asked", "fetched", "first", "last", "cut_by", "name"]


def size(png: bytes) -> tuple[int, int]:
    """Return width and height from the header of a PNG."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


@pytest.mark.slow
@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize(
    ("suffix", "content_type"),
    [("", "image/png"), (".png", "image/png"), (".svg", "image/svg+xml"), (".csv", "text/csv"), (".json", "application/json")],
)
def test_each_format_has_its_content_type(client: FlaskClient, kind: str, suffix: str, content_type: str) -> None:
    """Without a suffix, it is PNG."""
    response = client.get(f"/{kind}{suffix}?users={AIR}&n=50")
    assert response.status_code == 200
    assert response.content_type.split(";")[0] == content_type


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize(
    ("asked", "expected"),
    [("&width=500&height=300&scale=1", (500, 300)), ("&width=640&height=360&scale=3&theme=dark", (1920, 1080))],
)
@pytest.mark.slow
def test_an_image_has_the_requested_size(demo_client: FlaskClient, kind: str, asked: str, expected: tuple[int, int]) -> None:
    """Width, height and scale are exact."""
    assert size(demo_client.get(f"/{kind}?users={AIR},{NEWS}&n=50{asked}").data) == expected


@pytest.mark.parametrize(("kind", "users"), [("frequency", f"{AIR},{NEWS}"), ("sentiment", AIR)])
@pytest.mark.slow
def test_an_image_has_a_default_size(demo_client: FlaskClient, kind: str, users: str) -> None:
    """A single plot has 900 × 420 pixels, doubled by the default scale."""
    assert size(demo_client.get(f"/{kind}?users={users}&n=50").data) == (1800, 840)


@pytest.mark.slow
def test_an_image_of_several_rows_grows_from_its_default_height(demo_client: FlaskClient) -> None:
    """Each account has a row, high enough for the labels of its peaks; the width stays."""
    width, height = size(demo_client.get(f"/sentiment?users={AIR},{NEWS}&n=50").data)
    assert width == 1800
    assert height > 840


@pytest.mark.parametrize("kind", COLUMNS)
def test_the_json_document_is_that_of_the_contract(demo_client: FlaskClient, kind: str) -> None:
    """This includes the order of its keys."""
    document = demo_client.get(f"/{kind}.json?users={AIR}&n=50").get_json()
    assert list(document) == ["query", "coverage", "notes", "fetched_at", "data"]
    assert list(document["coverage"][0]) == ["account", *COVERAGE]
    assert list(document["data"][0]) == COLUMNS[kind]


def test_coverage_has_fetched_and_requested_posts(demo_client: FlaskClient) -> None:
    """It also has the dates and the cut."""
    covered = demo_client.get(f"/frequency.json?users={AIR},demo:small-clocks&n=100").get_json()["coverage"]
    assert [(row["account"], row["asked"], row["fetched"], row["cut_by"]) for row in covered] == [
        (AIR, 100, 100, "n"),
        ("demo:small-clocks", 100, 90, None),
    ]


@pytest.mark.parametrize("kind", COLUMNS)
def test_csv_has_the_rows_of_json_and_their_coverage(demo_client: FlaskClient, kind: str) -> None:
    """The numbers are the same."""
    address = f"{kind}.{{}}?users={AIR},{NEWS}&n=60"
    table = parse_csv(demo_client.get("/" + address.format("csv")).text)
    data = demo_client.get("/" + address.format("json")).get_json()["data"]
    assert list(table[0]) == COLUMNS[kind] + COVERAGE
    assert [[row[name] for name in COLUMNS[kind]] for row in table] == [
        ["" if value is None else str(value) for value in row.values()] for row in data
    ]


def test_csv_lines_end_as_rfc_4180_requires(demo_client: FlaskClient) -> None:
    """Every line ends with CR LF."""
    text = demo_client.get(f"/frequency.csv?users={AIR}&n=20").data
    assert text.count(b"\n") == text.count(b"\r\n") > 1


@pytest.mark.slow
def test_frequency_adds_up_to_the_fetched_posts(demo_client: FlaskClient) -> None:
    """This holds for any interval and zone."""
    totals = {
        (interval, zone): sum(
            row["posts"] for row in demo_client.get(f"/frequency.json?users={AIR}&n=300&interval={interval}&tz={zone}").get_json()["data"]
        )
        for interval in ("hour", "day", "week", "month")
        for zone in ("UTC", "Asia/Kolkata")
    }
    assert totals == dict.fromkeys(totals, 300)


def test_demo_data_is_labelled_in_exports(demo_client: FlaskClient) -> None:
    """It is in the notes of the JSON and in the accounts of the CSV."""
    assert demo_client.get(f"/frequency.json?users={AIR}&n=20").get_json()["notes"][0].startswith("Demo data")
    assert {row["account"] for row in parse_csv(demo_client.get(f"/frequency.csv?users={AIR}&n=20").text)} == {AIR}


def test_demo_data_is_labelled_in_the_image(demo_client: FlaskClient) -> None:
    """Copies of the image have the label, too."""
    assert "Demo data" in demo_client.get(f"/frequency.svg?users={AIR}&n=20").text


def test_an_export_names_its_canonical_url(demo_client: FlaskClient) -> None:
    """The spelling of the query doesn't matter."""
    response = demo_client.get(f"/frequency.json?n=400&users={AIR.upper()}%0A{NEWS}")
    assert response.headers["Content-Location"] == f"/frequency.json?users={AIR},{NEWS}"


@pytest.mark.slow
def test_equal_queries_have_equal_responses(demo_client: FlaskClient) -> None:
    """The order of parameters and explicit defaults don't change a byte."""
    queries = (f"n=50&users={AIR}", f"users={AIR}&n=50&tz=UTC&interval=auto")
    image, same_image = (demo_client.get(f"/frequency.png?{query}").data for query in queries)
    assert image == same_image


def test_an_unchanged_image_is_not_sent_again(client: FlaskClient) -> None:
    """The response to its ETag is a 304."""
    address = f"/frequency.svg?users={AIR}&n=20"
    assert client.get(address, headers={"If-None-Match": client.get(address).headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/sentiment.png?users=demo:aster-air&n=40", "chorus-sentiment-aster-air.png"),
        ("/sentiment.png?users=demo:aster-air&n=40&measure=share&method=vader", "chorus-sentiment-aster-air-share-vader.png"),
        ("/frequency.png?users=demo:aster-air&n=40&measure=share&method=vader", "chorus-frequency-aster-air.png"),
        ("/sentiment.png?users=demo:aster-air&n=40&frame=slide", "chorus-sentiment-aster-air-slide.png"),
        ("/kept/frequency.svg?users=demo:aster-air,demo:small-clocks&n=40", "chorus-frequency-aster-air-small-clocks.svg"),
    ],
)
def test_a_saved_image_is_named_after_chart_and_accounts(demo_client: FlaskClient, path: str, name: str) -> None:
    """A folder of downloads says what is what."""
    assert demo_client.get(path).headers["Content-Disposition"] == f'inline; filename="{name}"'


def test_tables_of_different_measures_have_different_names(demo_client: FlaskClient) -> None:
    """Somebody who downloads both needn't rename one."""
    names = [demo_client.get(f"/sentiment.csv?users={AIR}&n=20{args}").headers["Content-Disposition"] for args in ("", "&measure=share")]
    assert names == ['attachment; filename="chorus-sentiment-aster-air.csv"', 'attachment; filename="chorus-sentiment-aster-air-share.csv"']


def test_the_name_of_an_image_of_many_accounts_is_bounded(demo_client: FlaskClient) -> None:
    """It's ASCII, and short enough for every file system."""
    users = ",".join(f"demo:{name}" for name in ("aster-air", "harbour-news", "small-clocks", "museum-am-faehrkai", "pennywren"))
    name = demo_client.get(f"/kept/frequency.png?users={users}&n=20").headers["Content-Disposition"]
    assert re.fullmatch(r'inline; filename="[a-z0-9.-]{1,120}\.png"', name) is not None


def test_two_months_have_more_than_one_date_in_a_narrow_image(demo_client: FlaskClient) -> None:
    """The first day of a month alone doesn't say how far apart two points are."""
    svg = demo_client.get(f"/kept/bare/frequency.svg?users={AIR}&interval=day&width=400").text
    assert len(re.findall(r">\d{1,2} [A-Z][a-z]{2}<", svg)) >= 3


@pytest.mark.parametrize("form", ["", ".png", ".svg", ".csv", ".json"])
def test_an_invalid_query_is_a_problem_document(client: FlaskClient, form: str) -> None:
    """Every export follows RFC 9457, with each problem at its field."""
    response = client.get(f"/frequency{form}?users=&n=abc")
    document: dict[str, Any] = response.get_json()
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert set(document) == {"title", "status", "detail", "problems"}
    assert [problem["field"] for problem in document["problems"]] == ["users", "n"]


def test_an_unknown_account_is_404_for_programs(client: FlaskClient, world: fake_networks.World) -> None:
    """The problem is at users."""
    response = client.get("/sentiment.json?users=nobody_here")
    assert response.status_code == 404
    assert response.get_json()["problems"][0]["field"] == "users"


def test_a_rate_limit_is_429_for_programs(client: FlaskClient, world: fake_networks.World) -> None:
    """The problem document comes with Retry-After."""
    world.x.has("nasa", posts=5)
    world.x.fails("nasa", with_="rate limit")
    response = client.get("/sentiment.csv?users=nasa")
    assert response.status_code == 429
    assert response.content_type == "application/problem+json"
    assert "Retry-After" in response.headers


def test_an_image_that_is_too_large_is_refused(demo_client: FlaskClient) -> None:
    """The limit is on pixels after scaling."""
    response = demo_client.get(f"/frequency.png?users={AIR}&width=3000&height=3000&scale=3")
    assert "smaller width, height or scale" in response.get_json()["detail"]


@pytest.mark.parametrize("method", ["vader", "afinn", "model"])
def test_every_method_counts_the_same_posts(demo_client: FlaskClient, method: str) -> None:
    """Posts and words per interval are equal."""
    urls = [f"/sentiment.json?users={AIR}&n=100&method={name}" for name in ("bing", method)]
    tables = [demo_client.get(url).get_json()["data"] for url in urls]
    row_values = [[(row["start"], row["posts"], row["words"]) for row in table] for table in tables]
    assert row_values[0] == row_values[1]


@pytest.mark.slow
def test_an_image_grows_with_its_accounts(demo_client: FlaskClient) -> None:
    """A requested height is kept."""
    pair, four = f"{NEWS},{AIR}", f"{NEWS},{AIR},demo:tarnside-rovers,demo:sablonne-council"
    short, tall, requested = (
        size(demo_client.get(f"/sentiment?users={users}&n=50&scale=1").data)[1] for users in (pair, four, f"{four}&height=430")
    )
    assert tall > short
    assert requested == 430


@pytest.mark.parametrize("path", ["/kept/frequency.svg", "/kept/card/frequency.png", "/kept/bare/words.svg"])
def test_a_stored_image_names_its_url(demo_client: FlaskClient, path: str) -> None:
    """Following it buys nothing, either."""
    response = demo_client.get(f"{path}?users={AIR}&n=20")
    url = f"{path}?users={AIR}&n=20"
    assert response.headers["Content-Location"] == url
    assert response.headers["Link"] == f'<{url}>; rel="canonical"'
