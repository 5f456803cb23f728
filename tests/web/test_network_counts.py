"""Frequency by a network's own counts: its parameters, pages, files and coverage, and its agreement with the posts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.core.errors import InvalidQuery
from tests.support import fake_networks
from tests.support.builders import build_query, parse_utc
from tests.support.client_requests import get_json
from tests.support.html_pages import PageReader

WINTER = "since=2025-10-01&until=2026-02-01"  # 123 days: four pages
FOUR_KEYS_SET = {"API_KEY": "a", "API_SECRET_KEY": "b", "ACCESS_TOKEN": "c", "ACCESS_SECRET": "d"}


def test_four_keys_alone_are_refused(world: fake_networks.World, caplog: pytest.LogCaptureFixture) -> None:
    """The message names the missing setting."""
    client = create_app(FOUR_KEYS_SET | {"CHORUS_X_API_URL": world.url}).test_client()
    assert "Your administrator can add it." in get_json(client, "/frequency.json?users=nasa&counted=network", 503)["detail"]
    assert "X counts posts only with X_BEARER_TOKEN, which isn't set." in caplog.messages


# --- the query --------------------------------------------------------------------------------------------------------


def test_the_canonical_url_has_counted_only_if_it_is_set() -> None:
    """Older URLs don't change."""
    assert build_query("nasa", counted="posts").to_args() == [("users", "nasa")]
    assert build_query("nasa", counted="network").to_args() == [("users", "nasa"), ("counted", "network")]


@pytest.mark.parametrize("route", ["/sentiment", "/sentiment.csv", "/sentiment.json", "/html/sentiment"])
def test_sentiment_by_counts_is_refused_at_its_field(client: FlaskClient, route: str) -> None:
    """Counts have no words, and the message says what to choose."""
    answer = client.get(f"{route}?users=nasa&counted=network", headers={"Accept": "application/json"})
    problem = answer.get_json()["problems"][0]
    assert answer.status_code == 400
    assert problem["field"] == "counted"
    assert "counted=posts" in problem["message"]


def test_kinds_cannot_be_combined_with_counts() -> None:
    """X's counts don't distinguish replies from posts."""
    with pytest.raises(InvalidQuery) as caught:
        build_query("nasa", counted="network", kinds="reply")
    assert [field for field, _ in caught.value.problems] == ["counted"]


def test_the_report_redirects_to_the_only_chart_of_counts(page: PageReader, world: fake_networks.World) -> None:
    """The form links to it and stays filled in."""
    world.x.has("nasa", posts=5)
    opened = page.open(f"/report?users=nasa&counted=network&{WINTER}")
    assert opened.url.startswith("/html/frequency?users=nasa")
    assert "/report?users=nasa&since=2025-10-01&until=2026-02-01" in opened.link_urls
    assert "counted by X" in opened.text
    assert page.open(next(link for link in opened.link_urls if link.startswith("/?users="))).fields["counted"] == "network"


# --- the two agree ----------------------------------------------------------------------------------------------------


def per_day(client: FlaskClient, users: str, counted: str, extra_parameters: str = "") -> dict[tuple[str, str], int]:
    document = get_json(client, f"/frequency.json?users={users}&interval=day&n=3200&counted={counted}&{WINTER}{extra_parameters}")
    return {(row["account"], row["start"]): row["posts"] for row in document["data"]}


@pytest.fixture(scope="module")
def well_read_client() -> Iterator[FlaskClient]:
    """A client of an application that reads a busy, a quiet and an irregular account once, for all time zones."""
    with fake_networks.World() as outside:
        outside.x.has("busy", posts=2000)
        outside.x.has("quiet", posts=3)
        for day in range(60):
            for post in range(day % 7):
                outside.x.post("ragged", at=parse_utc("2025-11-01T00:30") + timedelta(days=day, hours=3 * post, minutes=7 * post))
        yield create_app({"X_BEARER_TOKEN": "t", "CHORUS_X_API_URL": outside.url, "CHORUS_X_BUDGET": "100"}).test_client()


@pytest.mark.parametrize("tz", ["UTC", "Asia/Tokyo", "America/New_York", "Australia/Sydney"])
@pytest.mark.slow
def test_counts_and_posts_agree_day_by_day(well_read_client: FlaskClient, tz: str) -> None:
    """This holds for every complete day, for busy, quiet and irregular accounts, across a clock change."""
    users = "busy,quiet,ragged"
    posts, counts = (per_day(well_read_client, users, kind, f"&tz={tz}") for kind in ("posts", "network"))
    edges = {end for account in users.split(",") for end in _ends(posts, account)}
    inside = {key: number for key, number in posts.items() if key not in edges}
    assert len(inside) > 100
    assert inside == {key: counts[key] for key in inside}
    assert sum(posts.values()) == sum(counts.values())


def _ends(days: dict[tuple[str, str], int], account: str) -> tuple[tuple[str, str], tuple[str, str]]:
    own = sorted(key for key in days if key[0] == account)
    return own[0], own[-1]


def test_counts_go_back_further_than_posts(client: FlaskClient, world: fake_networks.World) -> None:
    """Gaps are 0 in the whole counted span, whatever n is."""
    world.x.has("nasa", posts=3)
    document = get_json(client, f"/frequency.json?users=nasa&interval=month&n=1&counted=network&{WINTER}")
    assert [(row["start"], row["posts"]) for row in document["data"]] == [
        ("2025-10-01", 0),
        ("2025-11-01", 0),
        ("2025-12-01", 0),
        ("2026-01-01", 3),
    ]


# --- notes ------------------------------------------------------------------------------------------------------------


def test_the_coverage_of_counts_has_no_requested_number(client: FlaskClient, world: fake_networks.World) -> None:
    """First and last are the ends of the counted span."""
    world.x.has("nasa", posts=5)
    document = get_json(client, f"/frequency.json?users=nasa&counted=network&{WINTER}")
    assert document["coverage"] == [
        {
            "account": "nasa",
            "asked": None,
            "fetched": 5,
            "first": "2025-10-01T00:00:00+00:00",
            "last": "2026-01-31T23:59:59+00:00",
            "cut_by": None,
            "name": None,
        }
    ]
    assert document["notes"] == [
        "X counted 5 posts by @nasa, 1 Oct 2025 – 31 Jan 2026.",
        "X’s counts may include posts that have since been deleted.",
    ]
    assert document["query"]["counted"] == "network"


def test_without_a_start_one_year_is_counted(client: FlaskClient, world: fake_networks.World) -> None:
    """The coverage and a note say that older posts aren't counted."""
    world.x.has("nasa", posts=5)
    document = get_json(client, "/frequency.json?users=nasa&counted=network&until=2026-02-01")
    assert document["coverage"][0]["first"][:10] == "2025-02-01"
    assert document["coverage"][0]["cut_by"] == "time"
    assert "go back one year" in " ".join(document["notes"])


@pytest.mark.slow
def test_at_most_five_years_are_counted(client: FlaskClient, world: fake_networks.World) -> None:
    """A start in 2006 is limited to sixty pages with a note."""
    world.x.has("nasa", posts=5)
    document = get_json(client, "/frequency.json?users=nasa&counted=network&since=2006-01-01&until=2026-02-01")
    assert len(world.x.counts_requests()) == 60
    assert document["coverage"][0]["cut_by"] == "time"


def test_the_chart_says_how_each_account_was_counted(client: FlaskClient, world: fake_networks.World) -> None:
    """Accounts on X and elsewhere are in one chart, distinguished in legend, caption and notes."""
    world.x.has("nasa", posts=5)
    opened = client.get(f"/html/frequency?users=nasa,demo:small-clocks&counted=network&{WINTER}", follow_redirects=True).text
    assert "@nasa (counted by X)" in opened
    assert "Museum of Small Clocks (counted" not in opened
    document = get_json(client, f"/frequency.json?users=nasa,demo:small-clocks&counted=network&{WINTER}")
    assert [row["asked"] for row in document["coverage"]] == [None, 400]
    assert "Counted from posts, because their networks offer no counts: Museum of Small Clocks." in document["notes"]


def test_the_csv_has_an_empty_cell_for_the_requested_number(client: FlaskClient, world: fake_networks.World) -> None:
    """Unknown isn't 0."""
    world.x.has("nasa", posts=5)
    lines = client.get(f"/frequency.csv?users=nasa&interval=month&counted=network&{WINTER}").text.splitlines()
    assert lines[-1] == "nasa,2026-01-01,5,,5,2025-10-01T00:00:00+00:00,2026-01-31T23:59:59+00:00,,"


@pytest.mark.parametrize("form", ["png", "svg"])
def test_images_are_drawn(client: FlaskClient, world: fake_networks.World, form: str) -> None:
    """Counts have every format."""
    world.x.has("nasa", posts=5)
    answer = client.get(f"/frequency.{form}?users=nasa&counted=network&{WINTER}")
    assert answer.status_code == 200
    assert len(answer.data) > 2000


def test_a_future_period_is_not_requested(client: FlaskClient, world: fake_networks.World) -> None:
    """Nothing is counted or paid for, and a note says why."""
    document = get_json(client, "/frequency.json?users=nasa&counted=network&since=2090-01-01")
    assert document["data"] == []
    assert document["coverage"][0]["first"] is None
    assert world.x.requests == []
    assert "X counted no posts by @nasa: that period hasn’t started yet." in document["notes"]
