"""A network is one file: a toy that only this file knows is read, charted, exported and listed like the built-in ones."""

from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.core.accounts import Account, InvalidAccount, account_regex, parse_account
from dashboard.core.networks import NETWORKS
from dashboard.core.pricing import Bill
from dashboard.sources.base import Page, ReadableNetwork, Readiness, Source, SourceContext, TimelineRequest
from dashboard.sources.coerce import parse_timestamp
from dashboard.sources.http_errors import FetchContext
from dashboard.sources.http_session import HttpSession
from tests.support.html_pages import PageReader
from tests.support.json_server import serve_json

NEWEST_POST_AT = datetime(2026, 6, 30, 12, tzinfo=UTC)
POSTS = [
    {"id": str(number), "at": (NEWEST_POST_AT - timedelta(days=number)).isoformat(), "text": f"A good day, number {number}"}
    for number in range(5)
]


class ToyNetwork(ReadableNetwork, Source):
    """A network that gives all posts of its only account at once. It needs no settings, so it's its own source."""

    name = "toy"
    title = "Toytown"
    example = "toy:NAME"
    handle_advice = "“{}” is no toy: those look like toy:train."
    handle_pattern = "toy:[a-z]{1,10}"
    profile_url_pattern = "https?://toys\\.example/u/[a-z]{1,10}"
    profile_hosts = frozenset({"toys.example"})
    is_prefix_required = True
    notice = "Toys wrote this."

    def __init__(self, url: str) -> None:
        self.network, self._url = self, url

    def parse_name(self, text: str) -> str | None:
        return text if text.isalpha() and len(text) <= 10 else None

    def parse_profile_path(self, host: str, path: Sequence[str]) -> str | None:
        return path[1] if path[0] == "u" and len(path) > 1 else None

    def build_source(self, context: SourceContext) -> Source:
        return self

    def readiness(self) -> Readiness:
        return Readiness(True, "Toys talk to everybody.")

    def iter_pages(self, account: Account, request: TimelineRequest, deadline: float) -> Generator[Page, None, None]:
        context = FetchContext(self.title, account)
        with HttpSession(deadline) as session:
            posts = context.expect_json(context.send(partial(session.get, f"{self._url}/{account.name}")), list)
        yield Page([self._parse_post(post) for post in posts], is_last=True)

    @staticmethod
    def _parse_post(post: dict[str, str]) -> dict[str, object]:
        url = f"https://toys.example/p/{post['id']}"
        return {"id": post["id"], "created_at": parse_timestamp(post["at"]), "text": post["text"], "kind": "post", "lang": "en", "url": url}


@pytest.fixture
def toy() -> Iterator[ToyNetwork]:
    """Toytown, registered for one test, and its server."""
    with serve_json({"/train": POSTS, "/plane": {"error": "no such toy"}}) as url, NETWORKS.registered(ToyNetwork(url)) as network:
        yield network


@pytest.fixture
def toy_client(toy: ToyNetwork) -> FlaskClient:
    """A client of an application that knows Toytown."""
    return create_app({}).test_client()


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("written", ["toy:train", "TOY:@Train", "https://toys.example/u/train", "www.toys.example/u/train/photos"])
def test_its_accounts_are_parsed(written: str) -> None:
    """A handle with the network in front and a profile address name the same account."""
    account = parse_account(written)
    assert account == Account("toy", "train")
    assert str(account) == "toy:train"
    assert account.label == "toy:train"


@pytest.mark.usefixtures("toy")
def test_a_wrong_handle_gets_its_advice() -> None:
    """The network's own sentence explains what a handle looks like."""
    with pytest.raises(InvalidAccount, match=r"“train2” is no toy: those look like toy:train\."):
        parse_account("toy:train2")


@pytest.mark.usefixtures("toy")
def test_the_documented_forms_include_its_own() -> None:
    """The expression in the API's documentation has the network's handles and addresses."""
    assert ToyNetwork.handle_pattern.replace("a-z", "A-Za-z") in account_regex()
    assert ToyNetwork.profile_url_pattern.replace("a-z", "A-Za-z") in account_regex()


def test_without_it_nothing_is_left_of_it() -> None:
    """A network that isn't registered isn't parsed."""
    with pytest.raises(InvalidAccount):
        parse_account("toy:train")


def test_the_form_says_whether_it_can_be_read(toy_client: FlaskClient) -> None:
    """The list of networks on the form has it, with its own sentence."""
    page = PageReader(toy_client).open("/")
    assert "Toytown" in page.text
    assert "Toys talk to everybody." in page.text


@pytest.mark.slow
def test_its_report_is_a_page(toy_client: FlaskClient) -> None:
    """The report names the account and says what the network requires."""
    page = PageReader(toy_client).open("/report?users=toy:train&n=5")
    assert page.status == 200
    assert "toy:train" in page.text
    assert "Toys wrote this." in page.text


def test_its_posts_are_counted_in_csv(toy_client: FlaskClient) -> None:
    """A data file holds the posts of each interval."""
    rows = toy_client.get("/frequency.csv?users=toy:train&n=5&interval=month").text.splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("toy:train,")


def test_its_data_has_notes_and_coverage(toy_client: FlaskClient) -> None:
    """The JSON document says what was read, and what the network requires."""
    document = toy_client.get("/frequency.json?users=toy:train&n=9").get_json()
    assert document["coverage"][0]["account"] == "toy:train"
    assert document["coverage"][0]["fetched"] == 5
    assert document["coverage"][0]["cut_by"] is None
    assert "Toys wrote this." in document["notes"]
    assert sum(row["posts"] for row in document["data"]) == 5


def test_its_posts_link_to_where_they_are(toy_client: FlaskClient) -> None:
    """Each post on the page of posts leads to its address on the network."""
    page = PageReader(toy_client).open("/posts?users=toy:train&n=5")
    assert "https://toys.example/p/0" in page.link_urls


def test_an_unreadable_answer_is_explained(toy_client: FlaskClient) -> None:
    """The message has the wording that every network shares."""
    response = toy_client.get("/frequency.json?users=toy:plane")
    assert response.status_code == 503
    assert "Toytown" in response.get_json()["detail"]


class PaidToyNetwork(ToyNetwork):
    """The same network if it charged for posts, and counted them too."""

    is_paid = True
    counts_posts = True
    counting_note = "a month costs a penny"

    def max_bill(self, account: Account, post_count: int) -> Bill:
        return {"post": post_count}


@pytest.fixture
def paid_toy() -> Iterator[PaidToyNetwork]:
    """Toytown as a paid network, registered for one test."""
    with NETWORKS.registered(PaidToyNetwork("http://127.0.0.1:9")) as network:
        yield network


@pytest.mark.usefixtures("paid_toy")
def test_what_it_costs_names_it() -> None:
    """The cost of a report is stated in its name."""
    cost = create_app({}).test_client().get("/cost?users=toy:train&n=10").get_json()
    assert cost["at_most"] == 0.05
    assert "(Toytown prices, August 2026)" in cost["sentence"]


@pytest.mark.usefixtures("paid_toy")
def test_a_refusal_of_the_budget_names_it() -> None:
    """A read that the budget doesn't allow says whose posts cost that much."""
    response = create_app({"CHORUS_X_BUDGET": "0"}).test_client().get("/frequency.json?users=toy:train&n=10")
    assert response.status_code == 402
    assert response.get_json()["detail"].startswith(
        "Reading toy:train from Toytown could cost $0.05, more than the whole daily budget of $0.00"
    )


@pytest.mark.usefixtures("paid_toy")
def test_texts_about_counts_name_both_networks_that_count() -> None:
    """The form's choice, its hint and its refusal come from the registry."""
    client = create_app({}).test_client()
    form = unescape(client.get("/").text)
    refused = client.get("/frequency.json?users=nasa&counted=network&kinds=reply").get_json()
    assert "X and Toytown’s own post counts (activity only, much cheaper)" in form
    assert "Toytown can return counts without the posts: a month costs a penny." in form
    assert refused["detail"].startswith("X and Toytown’s own post counts don’t distinguish types of posts.")


@pytest.mark.usefixtures("paid_toy")
def test_the_sign_in_page_names_both_paid_networks() -> None:
    """An access key opens all of them."""
    page = PageReader(create_app({"CHORUS_ACCESS_KEYS": "k" * 20}).test_client()).open("/signin")
    assert "You need an access key to read X and Toytown" in page.text
