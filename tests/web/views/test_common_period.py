"""The suggestion to compare only the common period, where that is useful."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

CLOCKS, NEWS = "demo:small-clocks", "demo:harbour-news"


def offered(client: FlaskClient, address: str) -> list[str]:
    """Return the targets of the page's links to the common period."""
    return [
        unescape(url) for url in re.findall(r'href="([^"]*window=common[^"]*)"[^>]*>Show only the common period', client.get(address).text)
    ]


@pytest.mark.parametrize("path", ["/report", "/html/frequency", "/html/sentiment"])
def test_a_page_suggests_the_same_query_for_the_common_period(demo_client: FlaskClient, path: str) -> None:
    """There is one link to the same page with all other parameters."""
    assert offered(demo_client, f"{path}?users={CLOCKS},{NEWS}&n=90&method=vader") == [
        f"{path}?users={CLOCKS},{NEWS}&n=90&method=vader&window=common"
    ]


@pytest.mark.parametrize("args", [f"users={CLOCKS},{NEWS}&n=90&window=common", f"users={NEWS}&n=90", f"users={NEWS},demo:aster-air&n=400"])
def test_a_page_suggests_nothing_if_it_is_not_useful(client: FlaskClient, args: str) -> None:
    """It is shown already, there is one account, or the accounts share most of their time."""
    assert offered(client, f"/html/frequency?{args}") == []


def test_the_suggestion_names_the_period(demo_client: FlaskClient) -> None:
    """The days of the link are those of the report that it leads to."""
    query_string = f"users={CLOCKS},{NEWS}&n=90"
    (days,) = re.findall(r"Show only the common period \(([^<]+)\)<", demo_client.get(f"/html/frequency?{query_string}").text)
    data = demo_client.get(f"/frequency.json?{query_string}&window=common&interval=day").get_json()["data"]
    assert days.split(" to ")[0].split()[0] == str(int(min(row["start"] for row in data)[-2:]))
