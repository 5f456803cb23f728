"""The keys for X: which are sent, which are missing, and that none of them leaks."""

import base64
import hashlib
import hmac
import logging
import re
import traceback
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest

from dashboard.core.source_errors import (
    SourceNotReady,
)
from dashboard.sources.x import XCredentials, XSource
from tests.support import fake_networks
from tests.support.x_reads import BEARER, FOUR_KEYS, catch_error, read_timeline

# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_bearer_token_is_sent_in_its_header(world: fake_networks.World) -> None:
    """Every request has it."""
    world.x.has("nasa", posts=1)
    read_timeline(world)
    assert [request.headers["Authorization"] for request in world.x.requests] == ["Bearer bearer-s3cret"] * 2


def test_four_keys_sign_the_requested_url(world: fake_networks.World) -> None:
    """The OAuth signature is valid for the loopback URL, which a gateway or a test uses instead of X's."""
    world.x.has("nasa", posts=101)
    read_timeline(world, limit=101, keys=FOUR_KEYS)
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
    read_timeline(world, keys=XCredentials("token", "a", "b", "c", "d"))
    assert world.x.requests[0].headers["Authorization"] == "Bearer token"


def test_keys_are_stripped(world: fake_networks.World) -> None:
    """A pasted line break isn't sent."""
    world.x.has("nasa", posts=1)
    read_timeline(world, keys=XCredentials("  token\r\n"))
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
    assert type(catch_error(world, XCredentials("a b"))) is SourceNotReady
    assert world.x.requests == []


# --- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [BEARER, FOUR_KEYS], ids=["bearer", "four keys"])
@pytest.mark.parametrize("failure", ["wrong key", "rate limit", "hang up", "html", "bad gzip", "redirect", "broken", "no http"])
def test_no_error_contains_a_key(world: fake_networks.World, keys: XCredentials, failure: str) -> None:
    """Neither an error nor its cause nor its traceback has a key or URL."""
    world.x.fails("nasa", with_=failure)
    error = catch_error(world, keys)
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
    read_timeline(world, keys=keys)
    assert re.findall("s3cret|oauth_signature|Authorization", caplog.text) == []


def test_no_repr_contains_a_key() -> None:
    """Printing the credentials or the source shows none."""
    shown = f"{BEARER!r} {FOUR_KEYS!r} {XSource(FOUR_KEYS)!r} {vars(XSource(BEARER))!r} {FOUR_KEYS}"
    assert "s3cret" not in shown
