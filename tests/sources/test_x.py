"""Reading X: its keys, its two spellings of fields, its limits, its prices and its many errors."""

import base64
import hashlib
import hmac
import json
import logging
import re
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest

from dashboard.core.accounts import Account
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import (
    AccountNotFound,
    AccountProtected,
    CredentialsRejected,
    PlanUpgradeRequired,
    RateLimited,
    SourceError,
    SourceNotReady,
    SourceUnavailable,
    UsageCapReached,
)
from dashboard.sources import fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.x import XCredentials, XSource
from tests.support import fake_networks

BEARER = XCredentials(bearer_token="bearer-s3cret")
FOUR_KEYS = XCredentials(api_key="key-s3cret", api_secret_key="key2-s3cret", access_token="access-s3cret", access_secret="access2-s3cret")
CASES = sorted(Path(__file__).with_name("cases").glob("x_*.payload.json"))


def read(world: fake_networks.World, name: str = "nasa", limit: int = 100, keys: XCredentials = BEARER, **span: datetime) -> Timeline:
    return fetch.fetch_timeline(XSource(keys, api_url=world.url), Account("x", name), TimelineRequest(limit, **span))


def refusal(world: fake_networks.World, keys: XCredentials = BEARER) -> SourceError:
    """Return the error that reading @nasa raises."""
    with pytest.raises(SourceError) as caught:
        read(world, keys=keys)
    return caught.value


def single_post(timeline: Timeline) -> dict[str, Any]:
    """Return the one post of a timeline."""
    (row,) = timeline.posts.to_dicts()
    return row


# --- posts as X writes them, and the rows they become -----------------------------------------------------------------


@pytest.mark.parametrize("payload", CASES, ids=lambda path: path.name.removesuffix(".payload.json"))
def test_a_page_becomes_rows(world: fake_networks.World, payload: Path) -> None:
    """Each pair of files is a page of X and the rows that it becomes."""
    expected = json.loads(Path(str(payload).replace(".payload.", ".posts.")).read_text(encoding="utf-8"))
    world.x.has("nasa", username="NASA")
    world.x.returns_pages("nasa", json.loads(payload.read_text(encoding="utf-8")))
    frame = read(world).posts.drop("account", "date_only")
    actual = [row | {"created_at": row["created_at"] and row["created_at"].isoformat()} for row in frame.to_dicts()]
    assert expected == actual


def test_there_are_cases() -> None:
    """The glob above finds its files."""
    assert len(CASES) >= 5


@pytest.mark.parametrize(
    ("raw", "column", "value"),
    [
        ({"id": 9223372036854775807}, "id", "9223372036854775807"),
        ({"id": "9007199254740993"}, "id", "9007199254740993"),
        ({"text": "&amp;lt; &amp; &#39;"}, "text", "&lt; & '"),
        ({"text": fake_networks.OMITTED}, "text", ""),
        ({"text": 7}, "text", ""),
        ({"text": "cut…", "note_tweet": {"text": "whole &amp; long"}}, "text", "whole & long"),
        ({"text": "cut…", "note_post": {"text": "whole"}}, "text", "whole"),
        ({"note_tweet": {"text": None}}, "text", "Hello"),
        ({"note_tweet": "odd"}, "text", "Hello"),
        ({"created_at": fake_networks.OMITTED}, "created_at", None),
        ({"created_at": "yesterday"}, "created_at", None),
        ({"created_at": "2026-01-05T10:00:00"}, "created_at", None),
        ({"created_at": 1767607200}, "created_at", None),
        ({"created_at": "9999-12-31T23:59:59-01:00"}, "created_at", None),
        ({"created_at": "1969-12-31T23:59:59Z"}, "created_at", None),
        ({"created_at": "2026-01-05T10:00:00Z"}, "created_at", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ({"created_at": "2026-01-05T11:00:00+01:00"}, "created_at", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ({"lang": "de"}, "lang", "de"),
        ({"lang": "zh-Hant"}, "lang", "zh-Hant"),
        ({"lang": "qu"}, "lang", "qu"),
        ({"lang": "und"}, "lang", None),
        ({"lang": "zxx"}, "lang", None),
        ({"lang": "qme"}, "lang", None),
        ({"lang": ["en"]}, "lang", None),
        ({"lang": "\ud800"}, "lang", None),
        ({"public_metrics": fake_networks.OMITTED}, "likes", None),
        ({"public_metrics": []}, "likes", None),
        ({"public_metrics": {"like_count": 0}}, "likes", 0),
        ({"public_metrics": {"like_count": True}}, "likes", None),
        ({"public_metrics": {"like_count": "12"}}, "likes", None),
        ({"public_metrics": {"like_count": -1}}, "likes", None),
        ({"public_metrics": {"like_count": 2**63}}, "likes", None),
        ({"public_metrics": {"like_count": 1.5}}, "likes", None),
        ({"public_metrics": {"retweet_count": 5}}, "reposts", 5),
        ({"public_metrics": {"repost_count": 5}}, "reposts", 5),
        ({"public_metrics": {"impression_count": 7}}, "views", 7),
        ({"text": "RT @esa: hello"}, "kind", "repost"),
        ({"text": "RT @esa: hello", "referenced_tweets": [{"type": "quoted"}]}, "kind", "quote"),
        ({"text": "RT this please"}, "kind", "post"),
        ({"referenced_tweets": [{"type": "quoted"}, {"type": "replied_to"}]}, "kind", "reply"),
        ({"referenced_posts": [{"type": "retweeted"}]}, "kind", "repost"),
        ({"referenced_tweets": {"type": "quoted"}}, "kind", "post"),
        ({"referenced_tweets": [None, "quoted", {"type": ["quoted"]}]}, "kind", "post"),
    ],
)
def test_invalid_fields_are_null(world: fake_networks.World, raw: dict[str, Any], column: str, value: Any) -> None:
    """Both spellings are read, and a missing or invalid value loses neither the post nor its page."""
    world.x.post("nasa", **raw)
    assert value == single_post(read(world))[column]


@pytest.mark.parametrize(
    "odd", [{"id": fake_networks.OMITTED}, {"id": None}, {"id": ""}, {"id": ["1"]}, {"id": True}, {"id": "1/../2"}, {"id": "\ud800"}]
)
def test_only_posts_without_an_id_are_left_out(world: fake_networks.World, odd: dict[str, Any]) -> None:
    """The posts around them stay."""
    world.x.post("nasa", "first")
    world.x.post("nasa", "odd", **odd)
    world.x.post("nasa", "last")
    assert read(world).posts["text"].to_list() == ["last", "first"]


def test_anything_but_a_post_is_left_out(world: fake_networks.World) -> None:
    """Numbers, strings and null among the posts harm none of them."""
    good = fake_networks.FakeX.serialize_post(fake_networks.FakePost(1, "good", fake_networks.NEWEST_POST_AT))
    world.x.returns_pages("nasa", {"data": [None, 5, "post", [], {}, good], "meta": {}})
    assert single_post(read(world))["text"] == "good"


def test_a_long_text_is_complete(world: fake_networks.World) -> None:
    """A note of 25,000 characters loses nothing."""
    long = "word " * 4999 + "done."
    world.x.post("nasa", long[:279] + "…", note_tweet={"text": long})
    assert long == single_post(read(world))["text"]


def test_urls_have_the_handle_as_x_spells_it(world: fake_networks.World) -> None:
    """They are the URLs that X itself shows."""
    world.x.has("nasa", username="NASA")
    number = world.x.post("nasa").id
    assert f"https://x.com/NASA/status/{number}" == single_post(read(world))["url"]


def test_urls_ignore_another_handle(world: fake_networks.World) -> None:
    """A lookup that returns another name doesn't get into URLs."""
    world.x.has("nasa", username="evil/../../x")
    number = world.x.post("nasa").id
    assert f"https://x.com/nasa/status/{number}" == single_post(read(world))["url"]


# --- requests to X ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "sizes"),
    [(1, ["5"]), (5, ["5"]), (99, ["99"]), (100, ["100"]), (101, ["100", "5"]), (250, ["100", "100", "50"]), (203, ["100", "100", "5"])],
)
def test_pages_have_100_posts_and_the_last_one_the_rest(world: fake_networks.World, limit: int, sizes: list[str]) -> None:
    """No more posts than needed are paid for, except that X's smallest page has five."""
    world.x.has("nasa", posts=400)
    read(world, limit=limit)
    assert sizes == [request.params["max_results"] for request in world.x.page_requests("nasa")]


def test_it_requests_the_fields_it_reads(world: fake_networks.World) -> None:
    """X returns no others."""
    world.x.has("nasa", posts=1)
    read(world)
    fields = [request.params.get("tweet.fields", request.params.get("user.fields")) for request in world.x.requests]
    assert fields == ["public_metrics,protected", "created_at,lang,public_metrics,entities,referenced_tweets,note_tweet"]


def test_it_requests_the_span_in_whole_seconds(world: fake_networks.World) -> None:
    """Fractions are rounded outwards, because X accepts none, and the reader drops the rest."""
    world.x.has("nasa", posts=1)
    read(world, since=datetime(2026, 1, 1, 0, 0, 0, 500_000, UTC), until=datetime(2026, 1, 31, 12, 0, 0, 1, UTC))
    asked = world.x.page_requests("nasa")[0].params
    assert asked["start_time"] == "2026-01-01T00:00:00Z"
    assert asked["end_time"] == "2026-01-31T12:00:01Z"


def test_the_span_is_the_same_on_every_page(world: fake_networks.World) -> None:
    """A page token belongs to the request it came with."""
    world.x.has("nasa", posts=250)
    read(world, limit=250, until=datetime.now(UTC) - timedelta(seconds=15), since=datetime(2020, 1, 1, tzinfo=UTC))
    spans = {(request.params.get("start_time"), request.params.get("end_time")) for request in world.x.page_requests("nasa")}
    assert len(spans) == 1
    assert len(world.x.page_requests("nasa")) == 3


def test_short_and_empty_pages_do_not_end_a_timeline(world: fake_networks.World) -> None:
    """Only a missing token does."""
    first, second = (
        fake_networks.FakeX.serialize_post(fake_networks.FakePost(number, f"post {number}", fake_networks.NEWEST_POST_AT))
        for number in (1, 2)
    )
    pages = [{"data": [first], "meta": {"next_token": "a"}}, {"meta": {"next_token": "b"}}, {"data": [second], "meta": {}}]
    world.x.returns_pages("nasa", *pages)
    assert read(world).posts["text"].to_list() == ["post 1", "post 2"]


def test_a_repeated_token_ends_the_read(world: fake_networks.World) -> None:
    """There is no third request, and the timeline isn't called complete."""
    world.x.returns_pages("nasa", {"meta": {"next_token": "same"}})
    assert type(refusal(world)) is SourceUnavailable
    assert len(world.x.page_requests("nasa")) == 2


@pytest.mark.parametrize("body", [{}, {"data": "posts"}, {"data": {}}, {"meta": None}, {"errors": [{"title": "?"}]}])
def test_an_invalid_page_is_a_source_error(world: fake_networks.World, body: Any) -> None:
    """An object without posts that doesn't report zero results isn't an empty timeline."""
    world.x.returns_pages("nasa", body)
    assert SourceUnavailable is type(refusal(world))


@pytest.mark.parametrize(
    "body", [{}, {"data": []}, {"data": {"id": "../1"}}, {"data": {"id": ""}}, {"errors": "?"}, {"errors": [None, 5, {"title": 5}]}]
)
def test_an_invalid_lookup_is_a_source_error(world: fake_networks.World, body: Any) -> None:
    """A response without a valid ID doesn't mean that the account is unknown."""
    world.x.fails("nasa", with_=fake_networks.Response(body))
    assert SourceUnavailable is type(refusal(world))


def test_errors_of_quoted_posts_do_not_affect_the_account(world: fake_networks.World) -> None:
    """The account stays readable."""
    hidden = {"section": "includes", "title": "Authorization Error", "type": "https://api.x.com/2/problems/not-authorized-for-resource"}
    world.x.returns_pages("nasa", {"errors": [hidden], "meta": {"result_count": 0}})
    assert read(world).posts.height == 0
    assert read(world).failure is None


def test_a_protected_account_without_posts_is_protected(world: fake_networks.World) -> None:
    """The lookup says so if the timeline is just empty."""
    world.x.has("nasa", protected=True)
    assert AccountProtected is type(refusal(world))


def test_an_account_that_disappears_after_the_lookup_is_not_found(world: fake_networks.World) -> None:
    """The timeline may report that the account doesn't exist."""
    world.x.has("nasa", posts=3)
    gone = {"title": "Not Found Error", "parameter": "id", "type": "https://api.x.com/2/problems/resource-not-found"}
    world.x.returns_pages("nasa", {"errors": [gone]})
    assert AccountNotFound is type(refusal(world))


# --- X's window -------------------------------------------------------------------------------------------------------


def test_a_timeline_cut_by_the_window_says_so(world: fake_networks.World) -> None:
    """X provides only the newest posts of an account."""
    world.x.has("nasa", posts=3300)
    timeline = read(world, limit=5000)
    assert timeline.posts.height == 3200
    assert timeline.cut_by == "network"


@pytest.mark.parametrize("spelling", ["tweet_count", "post_count"])
def test_the_window_is_detected_in_either_spelling(world: fake_networks.World, spelling: str) -> None:
    """Both names of the number of posts are read."""
    world.x.has("nasa", posts=3050, public_metrics={spelling: 90_000})
    assert read(world, limit=5000).cut_by == "network"


def test_a_large_timeline_with_all_posts_is_complete(world: fake_networks.World) -> None:
    """It has as many posts as X reports."""
    world.x.has("nasa", posts=3100)
    assert (timeline := read(world, limit=5000)).posts.height == 3100
    assert timeline.cut_by is None


def test_a_small_timeline_is_complete_whatever_x_counts(world: fake_networks.World) -> None:
    """X's count includes deleted posts."""
    world.x.has("nasa", posts=90, public_metrics={"tweet_count": 2000})
    assert read(world, limit=5000).cut_by is None


def test_a_span_beyond_the_window_is_not_called_silent(world: fake_networks.World) -> None:
    """An old span of a busy account is empty because X provides nothing that old."""
    world.x.has("nasa", posts=3300)
    old = fake_networks.NEWEST_POST_AT - timedelta(hours=3250)
    assert read(world, limit=100, until=old).cut_by == "network"


def test_a_span_within_the_window_is_complete(world: fake_networks.World) -> None:
    """The last days of a busy account are all there."""
    world.x.has("nasa", posts=50, public_metrics={"tweet_count": 90_000})
    timeline = read(
        world, since=fake_networks.NEWEST_POST_AT - timedelta(hours=20), until=fake_networks.NEWEST_POST_AT - timedelta(hours=10)
    )
    assert timeline.posts.height == 10
    assert timeline.cut_by is None


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_bearer_token_is_sent_in_its_header(world: fake_networks.World) -> None:
    """Every request has it."""
    world.x.has("nasa", posts=1)
    read(world)
    assert [request.headers["Authorization"] for request in world.x.requests] == ["Bearer bearer-s3cret"] * 2


def test_four_keys_sign_the_requested_url(world: fake_networks.World) -> None:
    """The OAuth signature is valid for the loopback URL, which a gateway or a test uses instead of X's."""
    world.x.has("nasa", posts=101)
    read(world, limit=101, keys=FOUR_KEYS)
    signed = [(signature(request, FOUR_KEYS), oauth(request)["oauth_signature"]) for request in world.x.requests]
    assert [expected for expected, _ in signed] == [actual for _, actual in signed] and len(signed) == 3


def oauth(request: fake_networks.Request) -> dict[str, str]:
    """Return the OAuth parameters of a request."""
    return {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', request.headers["Authorization"])}


def signature(request: fake_networks.Request, keys: XCredentials) -> str:
    """Sign a request as RFC 5849 (section 3.4) says."""
    parts = urlsplit(request.url)
    pairs = parse_qsl(parts.query) + [(name, value) for name, value in oauth(request).items() if name != "oauth_signature"]
    encoded = sorted((quote(name, "~"), quote(value, "~")) for name, value in pairs)
    address = f"{parts.scheme}://{parts.netloc}{parts.path}"
    base = "&".join(quote(part, "~") for part in ("GET", address, "&".join(f"{name}={value}" for name, value in encoded)))
    digest = hmac.new(f"{keys.api_secret_key}&{keys.access_secret}".encode(), base.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def test_the_bearer_token_takes_precedence_over_four_keys(world: fake_networks.World) -> None:
    """With both kinds of keys, the token is sent."""
    world.x.has("nasa", posts=1)
    read(world, keys=XCredentials("token", "a", "b", "c", "d"))
    assert world.x.requests[0].headers["Authorization"] == "Bearer token"


def test_keys_are_stripped(world: fake_networks.World) -> None:
    """A pasted line break isn't sent."""
    world.x.has("nasa", posts=1)
    read(world, keys=XCredentials("  token\r\n"))
    assert world.x.requests[0].headers["Authorization"] == "Bearer token"


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        (XCredentials(), ["X_BEARER_TOKEN", "API_KEY", "API_SECRET_KEY", "ACCESS_TOKEN", "ACCESS_SECRET"]),
        (XCredentials("   "), ["X_BEARER_TOKEN", "API_KEY"]),
        (XCredentials(api_key="a", api_secret_key="b", access_token="c"), ["ACCESS_SECRET is missing"]),
        (XCredentials(api_key="a"), ["API_SECRET_KEY, ACCESS_TOKEN and ACCESS_SECRET are missing"]),
        (XCredentials("two\nlines-s3cret"), ["X_BEARER_TOKEN can't be"]),
        (XCredentials("schlüssel-s3cret"), ["X_BEARER_TOKEN can't be"]),
        (XCredentials("", "a", "b", "c", "d d-s3cret"), ["ACCESS_SECRET can't be"]),
    ],
)
def test_the_operator_learns_which_settings_are_needed(keys: XCredentials, named: list[str]) -> None:
    """Keys that can't be used name their settings for the log, and visitors only who can connect X."""
    problem = keys.describe_problem()
    assert [text for text in named if text not in problem] == []
    assert "s3cret" not in problem
    assert XSource(keys).readiness().ready is False
    assert XSource(keys).readiness().message == "Your administrator can connect X. X charges for each post."


def test_no_keys_at_all_are_no_connection() -> None:
    """A source that was given nothing isn't ready."""
    assert XSource(None).readiness().ready is False


def test_it_is_ready_with_either_kind_of_keys() -> None:
    """One token or four keys are enough."""
    assert XSource(BEARER).readiness().ready is True
    assert XSource(FOUR_KEYS).readiness().ready is True


def test_without_keys_nothing_is_requested(world: fake_networks.World) -> None:
    """The error says that the network isn't set up."""
    assert type(refusal(world, XCredentials("a b"))) is SourceNotReady
    assert world.x.requests == []


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "noun", "expected_text"),
    [
        ("wrong key", CredentialsRejected, "can check the key for X"),
        ("no plan", PlanUpgradeRequired, "no X plan yet"),
        ("wrong kind of key", PlanUpgradeRequired, "another kind of key"),
        ("forbidden", PlanUpgradeRequired, "plan doesn't include"),
        ("spend cap", UsageCapReached, "used up"),
        ("no credits", UsageCapReached, "used up"),
        ("usage cap", UsageCapReached, "Waiting won't help"),
        ("rate limit", RateLimited, "doesn't let us read"),
        ("overloaded", SourceUnavailable, "overloaded"),
        ("no such route", SourceUnavailable, "not your fault"),
        ("bad request", AccountNotFound, "There's no"),
    ],
)
def test_each_error_has_its_own_message(world: fake_networks.World, failure: str, noun: type[SourceError], expected_text: str) -> None:
    """Prices, plans, keys and rate limits differ, and the message has the handle."""
    world.x.fails("nasa", with_=failure)
    error = refusal(world)
    assert type(error) is noun
    assert expected_text in error.message
    assert "@nasa" in error.detail
    assert error.advice != ""


@pytest.mark.parametrize("failure", ["wrong key", "wrong kind of key"])
def test_a_refused_key_is_named_in_the_log_only(world: fake_networks.World, caplog: pytest.LogCaptureFixture, failure: str) -> None:
    """Operators read which setting to check; visitors don't."""
    world.x.fails("nasa", with_=failure)
    assert "X_BEARER_TOKEN" not in refusal(world).message
    assert [line for line in caplog.messages if "X_BEARER_TOKEN" in line] != []


def test_a_rejected_signature_mentions_the_clock(world: fake_networks.World) -> None:
    """With four keys, a wrong clock looks like a wrong key."""
    world.x.fails("nasa", with_="wrong key")
    assert "clock" in refusal(world, FOUR_KEYS).advice


def test_a_rejected_request_is_not_blamed_on_the_reader(world: fake_networks.World) -> None:
    """A 400 for a page is our mistake, and isn't retried."""
    world.x.has("nasa", posts=1)
    world.x.returns_pages("nasa", {"data": [], "meta": {"next_token": "on"}})
    world.x.fails("nasa", with_="bad request", after_pages=1)
    error = refusal(world)
    assert type(error) is SourceUnavailable
    assert "not your fault" in error.detail
    assert len(world.x.page_requests("nasa")) == 2


@pytest.mark.parametrize("status", [201, 204, 304, 401, 402, 403, 404, 418, 429, 500])
def test_any_error_body_becomes_a_source_error(world: fake_networks.World, subtests: pytest.Subtests, status: int) -> None:
    """This holds for every status and body."""
    for body in [b"", b"[]", b'{"errors": [5, null]}', b'{"errors": 5, "title": [1], "type": 7}', b"<html>", b"[" * 100_000]:
        with subtests.test(body=body[:40]):
            world.x.accounts.clear()
            world.x.fails("nasa", with_=fake_networks.Response(body, status))
            assert isinstance(refusal(world), SourceError)


def test_a_rate_limit_has_its_reset_time(world: fake_networks.World) -> None:
    """It is UTC in the error's data, and rounded up to a minute in its message."""
    header = fake_networks.epoch_in_minutes(14)
    world.x.fails("nasa", with_="rate limit", headers={"x-rate-limit-reset": header})
    error = refusal(world)
    resets_at = datetime.fromtimestamp(int(header), UTC)
    shown = (resets_at + timedelta(seconds=59)).strftime("until %H:%M UTC")
    assert error.resets_at == resets_at  # type: ignore[attr-defined]
    assert shown in error.detail  # type: ignore[attr-defined]


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "0", "1e9", "99999999999", "9" * 5000, "\xb9\xb2", "0x10", "1577836800"])
def test_an_invalid_reset_time_is_ignored(world: fake_networks.World, header: str | None) -> None:
    """It may be missing, nonsense, past or far in the future; the message still has advice."""
    world.x.fails("nasa", with_="rate limit", headers={} if header is None else {"x-rate-limit-reset": header})
    error = refusal(world)
    assert type(error) is RateLimited  # type: ignore[attr-defined]
    assert error.resets_at is None  # type: ignore[attr-defined]
    assert "quarter of an hour" in error.advice  # type: ignore[attr-defined]


# --- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [BEARER, FOUR_KEYS], ids=["bearer", "four keys"])
@pytest.mark.parametrize("failure", ["wrong key", "rate limit", "hang up", "html", "bad gzip", "redirect", "broken", "no http"])
def test_no_error_contains_a_key(world: fake_networks.World, keys: XCredentials, failure: str) -> None:
    """Neither an error nor its cause nor its traceback has a key or URL."""
    world.x.fails("nasa", with_=failure)
    error = refusal(world, keys)
    error_texts = "".join([repr(error), repr(vars(error)), error.message, *traceback.format_exception(error)])
    assert error.__cause__ is None
    assert error.__context__ is None
    assert re.findall("s3cret", error_texts) == []
    assert re.findall("127.0.0.1", error_texts) == []


@pytest.mark.parametrize("keys", [BEARER, FOUR_KEYS], ids=["bearer", "four keys"])
def test_no_log_contains_a_key(world: fake_networks.World, caplog: pytest.LogCaptureFixture, keys: XCredentials) -> None:
    """Even with every logger at DEBUG, no key, header or signature is logged."""
    for name in (
        None,
        "tweepy",
        "tweepy.client",
        "urllib3",
        "oauthlib",
        "oauthlib.oauth1.rfc5849",
        "requests_oauthlib",
        "requests_oauthlib.oauth1_auth",
    ):
        caplog.set_level(logging.DEBUG, logger=name)
    world.x.has("nasa", posts=1)
    read(world, keys=keys)
    assert re.findall("s3cret|oauth_signature|Authorization", caplog.text) == []


def test_no_repr_contains_a_key() -> None:
    """Printing the credentials or the source shows none."""
    shown = f"{BEARER!r} {FOUR_KEYS!r} {XSource(FOUR_KEYS)!r} {vars(XSource(BEARER))!r} {FOUR_KEYS}"
    assert "s3cret" not in shown


# --- the way there ----------------------------------------------------------------------------------------------------


def test_proxies_and_netrc_of_the_machine_are_ignored(world: fake_networks.World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment's proxies and passwords don't reach X."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    world.x.has("nasa", posts=1)
    assert read(world).posts.height == 1
    assert world.x.requests[0].headers["Authorization"] == "Bearer bearer-s3cret"


def test_a_redirect_is_not_followed(world: fake_networks.World) -> None:
    """Nobody can redirect our keys."""
    world.x.has("nasa", posts=1)
    world.x.fails("nasa", with_=fake_networks.Response(b"", 307, {"Location": f"{world.url}/2/users/by/username/other"}))
    assert type(refusal(world)) is SourceUnavailable
    assert len(world.x.requests) == 1


def test_a_refused_connection_is_a_source_error() -> None:
    """The message says that X can't be reached."""
    with fake_networks.World() as gone:
        pass
    assert SourceUnavailable is type(refusal(gone))


def test_an_api_url_may_have_a_path_and_a_final_slash(world: fake_networks.World) -> None:
    """Paths are joined correctly."""
    world.x.has("nasa", posts=1)
    assert fetch.fetch_timeline(XSource(BEARER, api_url=f"{world.url}/"), Account("x", "nasa"), TimelineRequest(5)).posts.height == 1


def test_a_large_valid_page_is_accepted(world: fake_networks.World) -> None:
    """A hundred posts of the maximum length aren't an attack."""
    for _ in range(100):
        world.x.post("nasa", "cut…", note_tweet={"text": "ü" * 10_000})
    assert read(world).posts.height == 100


def test_accounts_can_be_read_concurrently(world: fake_networks.World) -> None:
    """Reads in many threads don't affect each other."""
    names = [f"account_{number}" for number in range(6)]
    for name in names:
        world.x.has(name, posts=230)
    source = XSource(BEARER, api_url=world.url)
    with ThreadPoolExecutor(6) as pool:
        timelines = list(pool.map(lambda name: fetch.fetch_timeline(source, Account("x", name), TimelineRequest(230)), names))
    assert [(name, {f"{name} says"}, 230) for name in names] == [
        (timeline.account, {text.rsplit(" ", 1)[0] for text in timeline.posts["text"]}, timeline.posts.height) for timeline in timelines
    ]


def test_a_failing_account_does_not_affect_others(world: fake_networks.World) -> None:
    """The same source continues to work after an error."""
    world.x.has("nasa", posts=3)
    world.x.has("esa", posts=3)
    world.x.fails("esa", with_="rate limit")
    with pytest.raises(RateLimited):
        read(world, "esa")
    assert read(world).posts.height == 3
