"""Frequency by a network's own counts: requests to X, prices, notes, and agreement with the posts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.core.accounts import Account
from dashboard.core.counts import HourlyCounts
from dashboard.core.errors import InvalidQuery
from dashboard.core.query import Query
from dashboard.core.source_errors import (
    AccountNotFound,
    AccountProtected,
    AccountSuspended,
    PlanUpgradeRequired,
    RateLimited,
    SourceError,
    SourceNotReady,
    SourceUnavailable,
)
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from dashboard.sources import fetch
from dashboard.sources.base import ProgressListener, TimelineRequest, TimeSpan
from dashboard.sources.fetch import count_posts
from dashboard.sources.x import XCredentials, XSource
from dashboard.timelines import hourly_counts, serialization
from tests.support import fake_networks
from tests.support.builders import FETCHED_AT, build_query, build_timeline, parse_utc
from tests.support.html_pages import PageReader

BEARER = XCredentials(bearer_token="bearer-s3cret")
FOUR_KEYS = XCredentials(api_key="key", api_secret_key="key2", access_token="access", access_secret="access2")
NASA = Account("x", "nasa")
WINTER = "since=2025-10-01&until=2026-02-01"  # 123 days: four pages
FOUR_KEYS_SET = {"API_KEY": "a", "API_SECRET_KEY": "b", "ACCESS_TOKEN": "c", "ACCESS_SECRET": "d"}


def read(
    world: fake_networks.World, since: str = "2025-10-01", until: str = "2026-02-01", keys: XCredentials = BEARER, **options: Any
) -> HourlyCounts:
    return count_posts(XSource(keys, api_url=world.url), NASA, TimeSpan(parse_utc(since), parse_utc(until)), **options)


def refusal(world: fake_networks.World, keys: XCredentials = BEARER, **span: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(world, keys=keys, **span)
    return caught.value


def get_json(client: FlaskClient, url: str, status: int = 200) -> dict[str, Any]:
    """Return the JSON at an address."""
    answer = client.get(url)
    assert answer.status_code == status, answer.text[:1000]
    return dict(answer.get_json())


def spent(client: FlaskClient) -> float:
    """Return how much of today's five dollars was spent."""
    return round(5 - float(get_json(client, "/cost?users=demo:small-clocks")["left"]), 4)


def midnight(days: int) -> datetime:
    """Return the midnight `days` before today's."""
    return datetime.combine(datetime.now(UTC).date(), time(), UTC) - timedelta(days=days)


# --- requests to X, and their pages ----------------------------------------------------------------------------------


def test_pages_have_31_days_newest_first(world: fake_networks.World) -> None:
    """Each request has the token of the previous page and the same span by the hour."""
    world.x.has("nasa", posts=5)
    read(world)
    parameters = [request.params for request in world.x.counts_requests()]
    assert [params.get("next_token") for params in parameters] == [None, *(f"c{int(parse_utc(day).timestamp())}" for day in _page_starts())]
    assert {params["query"] + params["granularity"] + params["start_time"] + params["end_time"] for params in parameters} == {
        "from:nasahour2025-10-01T00:00:00Z2026-02-01T00:00:00Z"
    }


def _page_starts() -> list[str]:
    return ["2026-01-01", "2025-12-01", "2025-10-31"]


@pytest.mark.parametrize("spelling", ["tweet_count", "post_count"])
def test_either_spelling_is_read(world: fake_networks.World, spelling: str) -> None:
    """X renames its fields; the counts are the same."""
    world.x.has("nasa", posts=30)
    world.x.count_field = spelling
    assert read(world).total_posts == 30
    assert max(read(world).posts_by_hour) == fake_networks.NEWEST_POST_AT


def test_pages_are_merged_in_chronological_order(world: fake_networks.World) -> None:
    """The hours of all pages add up to the number of posts."""
    world.x.has("nasa", posts=2000)
    frame = read(world, since="2025-10-01").to_frame()
    assert frame["posts"].sum() == 2000
    assert frame["created_at"].is_sorted()
    assert frame["created_at"].max() == fake_networks.NEWEST_POST_AT


@pytest.mark.parametrize(
    ("since", "until", "pages"),
    [
        ("2026-01-01", "2026-02-01", 1),
        ("2026-01-01", "2026-02-01T00:00:01", 2),
        ("2025-12-31T23:00", "2026-02-01", 2),
        ("2026-01-31T10:00", "2026-01-31T11:00", 1),
        ("2025-02-01", "2026-02-01", 12),
    ],
)
def test_there_are_never_more_pages_than_quoted(world: fake_networks.World, since: str, until: str, pages: int) -> None:
    """X splits its pages at midnight."""
    world.x.has("nasa", posts=2)
    read(world, since=since, until=until)
    most = XSource(BEARER).max_count_bill(NASA, TimeSpan(parse_utc(since), parse_utc(until)))
    assert len(world.x.counts_requests()) == pages
    assert most == {"counts": pages, "user": 1}


def test_a_page_without_hours_does_not_end_the_counts(world: fake_networks.World) -> None:
    """An empty page without a token in the middle is skipped, because older posts may follow."""
    newest = {"data": [_bucket("2026-01-01", 3)], "meta": {"total_tweet_count": 3}}
    oldest = {"data": [_bucket("2025-10-31", 4)], "meta": {"total_tweet_count": 4}}
    end = {"data": [_bucket("2025-10-01", 5)], "meta": {"total_tweet_count": 5}}
    world.x.returns_counts(newest, {"meta": {"total_tweet_count": 0}}, oldest, end)
    counts = read(world)
    assert counts.total_posts == 12
    assert counts.since == parse_utc("2025-10-01")
    assert counts.cut_by is None
    ends = [request.params["end_time"] for request in world.x.counts_requests()]
    assert ends == ["2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z", "2025-12-01T00:00:00Z", "2025-10-31T00:00:00Z"]


def _bucket(start: str, posts: Any) -> dict[str, Any]:
    return {"start": f"{start}T00:00:00.000Z", "end": f"{start}T01:00:00.000Z", "tweet_count": posts}


def test_the_first_and_last_hour_are_limited_to_the_span(world: fake_networks.World) -> None:
    """A span that starts at half past counts half an hour."""
    for minute in (10, 40, 50):
        world.x.post("nasa", at=parse_utc(f"2026-01-05T10:{minute}"))
    counts = read(world, since="2026-01-05T10:30", until="2026-01-05T10:45")
    assert dict(counts.posts_by_hour) == {parse_utc("2026-01-05T10:30"): 1}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": []},
        {"data": "?"},
        {"meta": {}},
        {"data": [_bucket("2026-01-01", None)], "meta": {}},
        {"data": [_bucket("2026-01-01", 1), _bucket("2026-01-02", -1)], "meta": {}},
        {"data": [_bucket("2026-01-01", True)], "meta": {}},
        {"data": [None], "meta": {}},
        {"data": [{"start": "yesterday", "tweet_count": 1}], "meta": {}},
    ],
)
def test_invalid_hours_are_not_zero(world: fake_networks.World, body: Any) -> None:
    """A page with a gap is refused, because the gap would look like silence."""
    world.x.returns_counts(body)
    assert type(refusal(world)) is SourceUnavailable


@pytest.mark.parametrize("token", ["same", None])
def test_repeated_pages_end_the_counts(world: fake_networks.World, token: str | None) -> None:
    """What was counted so far is kept."""
    world.x.returns_counts({"data": [_bucket("2026-01-20", 1)], "meta": {"next_token": token} if token else {}})
    counts = read(world)
    assert type(counts.failure) is SourceUnavailable
    assert counts.cut_by == "failure"
    assert counts.total_posts == 1
    assert len(world.x.counts_requests()) == 2


def test_a_later_failure_keeps_the_newer_pages(world: fake_networks.World) -> None:
    """Two pages of four are shown with the reason."""
    world.x.has("nasa", posts=2000)
    world.x.fails_to_count("rate limit", after_pages=2)
    counts = read(world)
    assert type(counts.failure) is RateLimited
    assert counts.cut_by == "rate_limit"
    assert counts.since == parse_utc("2025-12-01")
    assert dict(counts.bill) == {"counts": 2}


def test_a_cancelled_count_ends_at_the_next_page(world: fake_networks.World) -> None:
    """The reader has closed the page."""
    world.x.has("nasa", posts=2000)
    counts = read(world, listener=ProgressListener(is_cancelled=lambda: True))
    assert len(world.x.counts_requests()) == 1
    assert counts.cut_by == "stopped"


# --- silence, absence and refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "noun", "pages"),
    [("unknown", AccountNotFound, 1), ("suspended", AccountSuspended, 1), ("protected", AccountProtected, 4)],
)
def test_an_account_without_counts_is_looked_up(world: fake_networks.World, state: str, noun: type[SourceError], pages: int) -> None:
    """It may not exist or be protected, which the lookup tells."""
    world.x.has("nasa", posts=5)
    world.x.fails("nasa", with_=state)
    assert type(refusal(world)) is noun
    assert len(world.x.counts_requests()) == pages


def test_a_missing_account_costs_one_page(world: fake_networks.World) -> None:
    """The first empty page leads to the lookup."""
    error = refusal(world)
    assert type(error) is AccountNotFound
    assert dict(error.bill) == {"counts": 1}


def test_an_existing_account_without_posts_has_counts_of_zero(world: fake_networks.World) -> None:
    """Its lookup is on the bill."""
    world.x.has("nasa")
    counts = read(world)
    assert counts.total_posts == 0
    assert counts.since == parse_utc("2025-10-01")
    assert dict(counts.bill) == {"counts": 4, "user": 1}


@pytest.mark.parametrize("how", ["forbidden", "no plan", "wrong kind of key"])
def test_a_plan_without_counts_has_advice(world: fake_networks.World, how: str) -> None:
    """The posts can still be read."""
    world.x.has("nasa", posts=5)
    world.x.fails_to_count(how)
    error = refusal(world)
    assert type(error) is PlanUpgradeRequired
    assert "counted=posts" in error.message
    assert dict(error.bill) == {}


@pytest.mark.parametrize(("keys", "needs"), [(FOUR_KEYS, "only with another kind of key"), (XCredentials(), "X isn't connected")])
def test_counts_require_the_bearer_token(world: fake_networks.World, keys: XCredentials, needs: str) -> None:
    """With other keys, X isn't contacted."""
    error = refusal(world, keys)
    assert type(error) is SourceNotReady
    assert needs in error.message
    assert world.x.requests == []


def test_user_keys_are_not_sent(world: fake_networks.World) -> None:
    """With a bearer token and four keys, X gets only the token, and no unknown parameter."""
    world.x.has("nasa", posts=5)
    read(world, keys=XCredentials("b", "key", "key2", "access", "access2"))
    assert {request.headers["Authorization"] for request in world.x.counts_requests()} == {"Bearer b"}


def test_an_unavailable_count_is_a_503(client: FlaskClient, world: fake_networks.World) -> None:
    """The message says what to do, and posts aren't bought instead."""
    world.x.has("nasa", posts=5)
    world.x.fails_to_count("forbidden")
    document = get_json(client, f"/frequency.json?users=nasa&counted=network&{WINTER}", 503)
    assert "counted=posts" in document["detail"]
    assert world.x.page_requests("nasa") == []
    assert spent(client) == 0


def test_four_keys_alone_are_refused(world: fake_networks.World, caplog: pytest.LogCaptureFixture) -> None:
    """The message names the missing setting."""
    client = create_app(FOUR_KEYS_SET | {"CHORUS_X_API_URL": world.url}).test_client()
    assert "Your administrator can add it." in get_json(client, "/frequency.json?users=nasa&counted=network", 503)["detail"]
    assert "X counts posts only with X_BEARER_TOKEN, which isn't set." in caplog.messages


# --- the query -------------------------------------------------------------------------------------------------------


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


def test_a_dashboard_of_counts_is_refused_in_a_notebook() -> None:
    """The domain has the same rule."""
    with pytest.raises(InvalidQuery):
        builder.build_dashboard(build_query("nasa", counted="network"), Fetched([counts_of("2026-01-01", "2026-02-01")]))


# --- the two agree ---------------------------------------------------------------------------------------------------


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


# --- notes -----------------------------------------------------------------------------------------------------------


def counts_of(since: str, until: str, *hours: tuple[str, int], account: str = "nasa", **fields: Any) -> HourlyCounts:
    return HourlyCounts(
        account,
        {parse_utc(start): posts for start, posts in hours},
        parse_utc(since),
        parse_utc(until),
        fields.pop("cut_by", None),
        FETCHED_AT,
        **fields,
    )


def build(query: Query, *answers: Any) -> Report:
    return builder.build_report("frequency", query, Fetched(answers))


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
        "X's counts may include posts that have since been deleted.",
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


def test_the_caption_has_separate_totals_for_posts_and_counts() -> None:
    """It has totals for four accounts or more."""
    ends = ("2026-01-01", "2026-02-01", ("2026-01-05T10:00", 7))
    answers = [counts_of(*ends, account=name) for name in ("a", "b", "c")] + [build_timeline("hi", account="demo:d")]
    caption = build(build_query("a,b,c,demo:d", counted="network"), *answers).chart.caption
    assert "4 accounts: 1 of up to 400 posts and 21 posts counted by X" in caption[1]


def test_a_note_explains_hours_in_zones_with_half_hours() -> None:
    """Days in Kolkata start in the middle of an hour of X's, and no post is lost."""
    answer = build(
        build_query("nasa", counted="network", tz="Asia/Kolkata", interval="day"),
        counts_of("2026-01-01", "2026-01-03", ("2026-01-01T18:00", 4)),
    )
    assert any("Asia/Kolkata" in note for note in answer.notes)
    assert answer.table["posts"].sum() == 4


def test_the_common_span_limits_counts_too() -> None:
    """Only the time that all accounts cover is drawn."""
    busy = counts_of("2026-01-01", "2026-02-01", ("2026-01-05T10:00", 7), ("2026-01-20T10:00", 2), account="a")
    late = counts_of("2026-01-10", "2026-02-01", account="b")
    table = build(build_query("a,b", counted="network", window="common", interval="month"), busy, late).table
    assert table["posts"].to_list() == [2, 0]


def test_a_partial_count_is_a_warning() -> None:
    """What was counted is shown with the reason."""
    failure = RateLimited("nasa", "X allows no more reads of @nasa for now.", "Try again.")
    answer = build(
        build_query("nasa", counted="network"),
        counts_of("2026-01-01", "2026-02-01", ("2026-01-05T10:00", 7), cut_by="rate_limit", failure=failure),
    )
    assert answer.warnings == ("@nasa: only 7 posts counted so far. X allows no more reads of @nasa for now. Try again.",)


def test_a_future_period_is_not_requested(client: FlaskClient, world: fake_networks.World) -> None:
    """Nothing is counted or paid for, and a note says why."""
    document = get_json(client, "/frequency.json?users=nasa&counted=network&since=2090-01-01")
    assert document["data"] == []
    assert document["coverage"][0]["first"] is None
    assert world.x.requests == []
    assert "X counted no posts by @nasa: that period hasn't started yet." in document["notes"]


# --- what it costs, and what is kept ---------------------------------------------------------------------------------


def test_the_price_is_quoted(client: FlaskClient, world: fake_networks.World) -> None:
    """A year has twelve pages, and a lookup if X counts nothing; the quote sends no request."""
    document = get_json(client, "/cost?users=nasa&counted=network&since=2025-02-01&until=2026-02-01")
    assert document["at_most"] == 0.13
    assert world.x.requests == []


def test_the_actual_price_is_settled(client: FlaskClient, world: fake_networks.World) -> None:
    """Four pages cost four cents, far less than the posts."""
    world.x.has("nasa", posts=2000)
    get_json(client, f"/frequency.json?users=nasa&counted=network&{WINTER}")
    assert spent(client) == 0.04


def test_an_exhausted_budget_buys_nothing(world: fake_networks.World) -> None:
    """The response is a 402 that suggests a shorter period."""
    client = create_app({"X_BEARER_TOKEN": "t", "CHORUS_X_API_URL": world.url, "CHORUS_X_BUDGET": "0.03"}).test_client()
    document = get_json(client, f"/frequency.json?users=nasa&counted=network&{WINTER}", 402)
    assert "A shorter period costs less: 31 days cost $0.01." in document["detail"]
    assert world.x.requests == []


@pytest.fixture(scope="module")
def counted() -> Iterator[tuple[FlaskClient, fake_networks.FakeX]]:
    """A client of an application that has counted an account's posts, and the network that it asked."""
    with fake_networks.World() as outside:
        outside.x.has("nasa", posts=20)
        client = create_app({"X_BEARER_TOKEN": "a-bearer-token", "CHORUS_X_API_URL": outside.url}).test_client()
        get_json(client, "/frequency.json?users=nasa&counted=network&since=2025-10-01")
        yield client, outside.x


@pytest.mark.parametrize(
    "extra_parameters", ["&interval=hour&since=2026-01-01", "&tz=Asia/Tokyo&since=2025-12-01&until=2026-02-01", "&n=5", "&interval=month"]
)
def test_counts_are_reused(counted: tuple[FlaskClient, fake_networks.FakeX], extra_parameters: str) -> None:
    """Other intervals, zones and numbers, and a span inside the stored one, need no request."""
    client, network = counted
    before = len(network.requests)
    since = "" if "since" in extra_parameters else "&since=2025-10-01"
    assert get_json(client, f"/frequency.json?users=nasa&counted=network{since}{extra_parameters}")["coverage"][0]["fetched"] > 0
    assert len(network.requests) == before
    assert before > 0


def test_a_closed_span_is_stored(client: FlaskClient, world: fake_networks.World) -> None:
    """The past isn't counted twice."""
    world.x.has("nasa", posts=20)
    for _ in range(2):
        get_json(client, f"/frequency.json?users=nasa&counted=network&{WINTER}")
    assert len(world.x.counts_requests()) == 4
    assert get_json(client, f"/cost?users=nasa&counted=network&{WINTER}")["at_most"] == 0


def test_an_earlier_start_counts_only_older_posts(client: FlaskClient, world: fake_networks.World) -> None:
    """The stored span grows at its old end."""
    for days in range(80):
        world.x.post("nasa", at=midnight(81 - days) + timedelta(hours=5))
    totals = [
        get_json(client, f"/frequency.json?users=nasa&counted=network&since={midnight(days):%Y-%m-%d}")["coverage"][0]["fetched"]
        for days in (20, 50)
    ]
    spans = [(request.params["start_time"], request.params["end_time"]) for request in world.x.counts_requests()]
    assert totals == [19, 49]
    assert spans[1] == (f"{midnight(50):%FT%TZ}", f"{midnight(20):%FT%TZ}")
    assert len(spans) == 2


def test_after_an_hour_only_newer_posts_are_counted(app: Any, world: fake_networks.World) -> None:
    """The stored span grows at its new end, from the hour that wasn't over."""
    for days in range(10):
        world.x.post("nasa", at=midnight(11 - days) + timedelta(hours=5))
    client = app.test_client()
    url = f"/frequency.json?users=nasa&counted=network&since={midnight(30):%Y-%m-%d}"
    with app.app_context():
        from dashboard.web.extensions import timeline_store

        ends = midnight(3) + timedelta(hours=1, minutes=30)
        before = HourlyCounts("nasa", {midnight(11) + timedelta(hours=5): 1}, midnight(40), ends, None, ends)
        timeline_store().durable_store.put_all({"counts:x:nasa": (serialization.dump_counts(before), 1000)})
    document = get_json(client, url)
    assert [request.params["start_time"] for request in world.x.counts_requests()] == [f"{midnight(3) + timedelta(hours=1):%FT%TZ}"]
    assert document["coverage"][0]["fetched"] == 3
    assert get_json(client, url)["coverage"][0]["fetched"] == len(world.x.counts_requests()) + 2


def test_link_previews_never_buy_counts(client: FlaskClient, world: fake_networks.World) -> None:
    """They get what is stored, or a message."""
    world.x.has("nasa", posts=5)
    url, robot = f"/frequency.json?users=nasa&counted=network&{WINTER}", {"User-Agent": "Slackbot-LinkExpanding 1.0"}
    before = client.get(url, headers=robot)
    assert before.status_code == 402
    assert world.x.requests == []
    get_json(client, url)
    assert client.get(url, headers=robot).status_code == 200


def test_a_failure_is_remembered_for_a_while(client: FlaskClient, world: fake_networks.World) -> None:
    """A missing account isn't requested again immediately."""
    for _ in range(2):
        get_json(client, f"/frequency.json?users=nobody&counted=network&{WINTER}", 404)
    assert len(world.x.requests) == 2
    assert spent(client) == 0.01


def test_stored_counts_are_restored() -> None:
    """This includes failure and ends."""
    failure = RateLimited("nasa", "Wait.", resets_at=FETCHED_AT)
    kept = counts_of("2026-01-01T10:30", "2026-02-01", ("2026-01-01T10:30", 7), cut_by="rate_limit", failure=failure)
    back = serialization.parse_counts(serialization.dump_counts(kept))
    assert back is not None
    assert back.posts_by_hour == kept.posts_by_hour
    assert back.since == kept.since
    assert back.until == kept.until
    assert back.cut_by == "rate_limit"
    assert type(back.failure) is RateLimited


@pytest.mark.parametrize(
    "damaged", [None, b"", b"hello\nworld", b"\n{}", serialization.dump_counts(counts_of("2026-01-01", "2026-01-02"))[:-1]]
)
def test_damaged_counts_are_ignored(damaged: bytes | None) -> None:
    """They are counted again rather than shown wrong."""
    assert serialization.parse_counts(damaged) is None


def test_only_x_counts_posts() -> None:
    """No other network claims that it can."""
    with_all = create_app({})
    with with_all.app_context():
        from dashboard.web.extensions import timeline_store

        able = [network for network in timeline_store().sources if hourly_counts.supports_counts(timeline_store(), Account(network, "a"))]
    assert able == ["x"]
    assert fetch.FETCH_TIMEOUT_SECONDS == 60.0


class RememberedLookups:
    """Where X's lookups are stored."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """Return what was stored."""
        return self.values.get(key)

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Store a value."""
        self.values[key] = value


def test_counts_have_the_name_of_an_account_that_was_looked_up_before(world: fake_networks.World) -> None:
    """A name that isn't known isn't bought for them."""
    world.x.has("nasa", posts=1, name="NASA")
    source, span = XSource(BEARER, world.url, RememberedLookups()), TimeSpan(parse_utc("2026-03-01"), parse_utc("2026-03-03"))
    assert count_posts(source, NASA, span).name == ""
    fetch.fetch_timeline(source, NASA, TimelineRequest(5))
    counts = count_posts(source, NASA, span)
    assert counts.name == "NASA"
    assert serialization.parse_counts(serialization.dump_counts(counts)) == replace(counts, bill={})
