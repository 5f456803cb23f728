"""The time that accounts share: where it is worth comparing, a page offers it with one click."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

CLOCKS, NEWS = "demo:small-clocks", "demo:harbour-news"


def offered(client: FlaskClient, address: str) -> list[str]:
    """Return where the page's offers to compare only the common time lead."""
    return [
        unescape(url) for url in re.findall(r'href="([^"]*window=common[^"]*)"[^>]*>Show only the common period', client.get(address).text)
    ]


@pytest.mark.parametrize("path", ["/report", "/html/frequency", "/html/sentiment"])
def test_a_page_offers_the_same_question_of_the_common_time(client: FlaskClient, path: str) -> None:
    """Once, on the same page, with everything else as it was asked."""
    assert offered(client, f"{path}?users={CLOCKS},{NEWS}&n=90&method=vader") == [
        f"{path}?users={CLOCKS},{NEWS}&n=90&method=vader&window=common"
    ]


@pytest.mark.parametrize("args", [f"users={CLOCKS},{NEWS}&n=90&window=common", f"users={NEWS}&n=90", f"users={NEWS},demo:aster-air&n=400"])
def test_a_page_offers_nothing_where_there_is_nothing_to_gain(client: FlaskClient, args: str) -> None:
    """It is what is shown, there is one account, or they share most of their time."""
    assert offered(client, f"/html/frequency?{args}") == []


def test_the_offer_says_which_time_it_is_and_keeps_it(client: FlaskClient) -> None:
    """The days of the link are those of the answer behind it."""
    asked = f"users={CLOCKS},{NEWS}&n=90"
    (days,) = re.findall(r"Show only the common period \(([^<]+)\)<", client.get(f"/html/frequency?{asked}").text)
    data = client.get(f"/frequency.json?{asked}&window=common&interval=day").get_json()["data"]
    assert days.split(" to ")[0].split()[0] == str(int(min(row["start"] for row in data)[-2:]))
