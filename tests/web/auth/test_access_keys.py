"""Access keys: names, digests and revocation, and how guessing is slowed down for the address that guesses."""

import hashlib
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.cli import chorus
from dashboard.config.settings import load_settings
from dashboard.core.access_keys import UNNAMED
from dashboard.core.errors import InvalidSetting
from dashboard.web.auth.access_keys import MAX_WRONG_KEYS_PER_MINUTE
from tests.support import fake_networks
from tests.support.fake_clock import FakeClock
from tests.support.redis_server import run_redis

KEY, OTHER = "secret-0123456789-abcdef", "secret-zyxwvutsrqponm-2"
DIGEST = hashlib.sha256(KEY.encode()).hexdigest()
BODY = {"text": "Fine"}


def build_app(keys: str, cache_url: str = "", clock: FakeClock | None = None, **settings: str) -> Flask:
    """Return an application with this list of access keys."""
    return create_app({"CHORUS_ACCESS_KEYS": keys, "CHORUS_CACHE_URL": cache_url} | settings, clock or FakeClock())


def predict(client: FlaskClient, key: str, address: str = "203.0.113.7") -> int:
    """Return the status of a prediction with a key from an address."""
    response = client.post("/predict", json=BODY, headers={"Authorization": f"Bearer {key}"}, environ_base={"REMOTE_ADDR": address})
    return response.status_code


def guess(client: FlaskClient, count: int, address: str = "203.0.113.7") -> list[int]:
    """Return the statuses of so many different wrong keys."""
    return [predict(client, f"wrong-guess-{number}-of-many", address) for number in range(count)]


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        (KEY, UNNAMED),
        (f"marketing:{KEY}", "marketing"),
        (f"sha256:{DIGEST}", UNNAMED),
        (f"Team_2.a-b:sha256:{DIGEST.upper()}", "Team_2.a-b"),
    ],
)
def test_a_key_has_a_name_and_may_be_a_digest(entry: str, name: str) -> None:
    """However it is written, the same key is accepted."""
    assert [key.name for key in load_settings({"CHORUS_ACCESS_KEYS": entry}).access_keys] == [name]
    client = build_app(entry).test_client()
    assert predict(client, KEY) == 200
    assert predict(client, OTHER) == 401


@pytest.mark.parametrize("key", ["team:secret-with-a-colon", "ab:0123456789abcd", "https://chorus.example/secret"])
def test_a_plain_key_with_a_colon_is_still_accepted(key: str) -> None:
    """Settings from before keys had names stay valid."""
    assert predict(build_app(key).test_client(), key) == 200


@pytest.mark.parametrize("entry", [f"marketing:sha256:{DIGEST}", f"sha256:{DIGEST}"])
def test_a_digest_is_not_accepted_as_a_key(entry: str) -> None:
    """Whoever reads the setting can't use what is there."""
    client = build_app(entry).test_client()
    assert [predict(client, text) for text in (entry, DIGEST, f"sha256:{DIGEST}")] == [401, 401, 401]


@pytest.mark.parametrize("entry", ["marketing:sha256:1234", f"sha256:{DIGEST}0", f"marketing:sha256:{DIGEST[:-1]}g", "marketing:sha256:"])
def test_a_damaged_digest_stops_the_start(entry: str) -> None:
    """A digest that was cut off isn't taken for a key."""
    with pytest.raises(InvalidSetting, match="NAME:sha256:DIGEST") as caught:
        build_app(entry)
    assert DIGEST[:20] not in caught.value.message


def test_settings_show_neither_keys_nor_digests() -> None:
    """A printed setting has the name at most."""
    settings = load_settings({"CHORUS_ACCESS_KEYS": f"marketing:{KEY}, sales:sha256:{DIGEST}"})
    text = repr(settings) + repr(settings.access_keys)
    assert "secret" not in text
    assert DIGEST[:16] not in text
    assert repr(bytes.fromhex(DIGEST))[2:12] not in text


def test_the_command_makes_a_key() -> None:
    """Its entry accepts the key that it prints, and doesn't contain it."""
    result = CliRunner().invoke(chorus, ["key", "marketing"])
    key, entry = (line.split()[1] for line in result.output.splitlines())
    assert entry.startswith("marketing:sha256:")
    assert key not in entry
    assert predict(build_app(entry).test_client(), key) == 200


@pytest.mark.parametrize("name", ["", "a:b", "a b", "1st", "sha256", "x" * 41])
def test_the_command_refuses_other_names(name: str) -> None:
    """A name that the setting couldn't hold is refused."""
    assert CliRunner().invoke(chorus, ["key", name]).exit_code == 1


# --- revoking ---------------------------------------------------------------------------------------------------------


def test_a_key_is_revoked_by_itself(tmp_path: Path) -> None:
    """Without its entry a key isn't accepted and its sign-ins end, while those of other keys go on."""
    cache_url = f"file://{tmp_path}/cache"
    before = build_app(f"marketing:{KEY}, sales:{OTHER}", cache_url)
    browsers = {key: before.test_client() for key in (KEY, OTHER)}
    tokens = {}
    for key, browser in browsers.items():
        browser.post("/signin", data={"key": key})
        cookie = browser.get_cookie("chorus-signed-in")
        tokens[key] = cookie.value if cookie else ""
    after = build_app(f"sales:{OTHER}", cache_url)
    for key, status in ((KEY, 401), (OTHER, 200)):
        client = after.test_client()
        assert predict(client, key) == status
        client.set_cookie("chorus-signed-in", tokens[key])
        assert client.post("/predict", json=BODY).status_code == status


def test_a_key_may_become_a_digest_without_signing_anybody_out(tmp_path: Path) -> None:
    """Replacing a key by its digest, or naming it, keeps the sign-ins that were made with it."""
    cache_url = f"file://{tmp_path}/cache"
    browser = build_app(KEY, cache_url).test_client()
    browser.post("/signin", data={"key": KEY})
    cookie = browser.get_cookie("chorus-signed-in")
    assert cookie is not None
    for entry in (f"marketing:{KEY}", f"marketing:sha256:{DIGEST}"):
        client = build_app(entry, cache_url).test_client()
        client.set_cookie("chorus-signed-in", cookie.value)
        assert client.post("/predict", json=BODY).status_code == 200


# --- guessing ---------------------------------------------------------------------------------------------------------


def test_guessing_is_slow() -> None:
    """After twenty different wrong keys within a minute, further ones aren't looked at until the minute is over."""
    clock = FakeClock()
    client = build_app(KEY, clock=clock).test_client()
    assert guess(client, MAX_WRONG_KEYS_PER_MINUTE + 2) == [401] * MAX_WRONG_KEYS_PER_MINUTE + [429] * 2
    response = client.post(
        "/predict", json=BODY, headers={"Authorization": "Bearer another-wrong-one"}, environ_base={"REMOTE_ADDR": "203.0.113.7"}
    )
    clock.advance(timedelta(seconds=int(response.headers["Retry-After"])))
    assert guess(client, 1) == [401]


def test_a_valid_key_is_always_accepted() -> None:
    """Nobody can lock out others behind the same address."""
    client = build_app(f"{KEY}, {OTHER}").test_client()
    guess(client, MAX_WRONG_KEYS_PER_MINUTE + 1)
    assert predict(client, KEY) == 200
    assert predict(client, OTHER) == 200


def test_the_same_wrong_key_counts_once() -> None:
    """A program that keeps sending one wrong key doesn't use up the attempts of its address."""
    client = build_app(KEY).test_client()
    assert [predict(client, OTHER) for _ in range(3 * MAX_WRONG_KEYS_PER_MINUTE)] == [401] * 3 * MAX_WRONG_KEYS_PER_MINUTE


@pytest.mark.parametrize(
    ("other_address", "status"),
    [("203.0.113.8", 401), ("2001:db8:0:1::1", 401), ("203.0.113.7", 429)],
)
def test_only_the_address_that_guesses_has_to_wait(other_address: str, status: int) -> None:
    """A wrong key from another address still gets a 401."""
    client = build_app(KEY).test_client()
    guess(client, MAX_WRONG_KEYS_PER_MINUTE)
    assert predict(client, "a-typing-mistake-of-mine", other_address) == status


def test_the_addresses_of_one_customer_count_together() -> None:
    """With IPv6, changing the address within the network of one customer doesn't help."""
    client = build_app(KEY).test_client()
    guess(client, MAX_WRONG_KEYS_PER_MINUTE, "2001:db8::1")
    assert predict(client, "wrong-from-next-door", "2001:db8::ffff:2") == 429
    assert predict(client, "wrong-from-elsewhere", "2001:db8:0:1::2") == 401


def test_ipv4_addresses_that_a_proxy_writes_as_ipv6_count_separately() -> None:
    """`::ffff:192.0.2.1` is one client, not one of 2^32 that belong to the same customer, and the same one as without the prefix."""
    client = build_app(KEY).test_client()
    guess(client, MAX_WRONG_KEYS_PER_MINUTE, "::ffff:203.0.113.7")
    assert predict(client, "a-typing-mistake-of-mine", "::ffff:203.0.113.8") == 401
    assert predict(client, "another-wrong-guess-of-many", "203.0.113.7") == 429


def test_instances_count_together(tmp_path: Path) -> None:
    """Several instances that share a folder give no further attempts."""
    clock = FakeClock()
    clients = [build_app(KEY, f"file://{tmp_path}/cache", clock).test_client() for _ in range(2)]
    statuses = [predict(clients[number % 2], f"wrong-guess-{number}-of-many") for number in range(MAX_WRONG_KEYS_PER_MINUTE + 2)]
    assert statuses == [401] * MAX_WRONG_KEYS_PER_MINUTE + [429] * 2


def test_instances_count_together_in_redis() -> None:
    """The same with Redis."""
    clock = FakeClock()
    with run_redis() as url:
        clients = [build_app(KEY, url, clock).test_client() for _ in range(2)]
        statuses = [predict(clients[number % 2], f"wrong-guess-{number}-of-many") for number in range(MAX_WRONG_KEYS_PER_MINUTE + 2)]
    assert statuses == [401] * MAX_WRONG_KEYS_PER_MINUTE + [429] * 2


def test_without_the_store_a_wrong_key_stays_wrong() -> None:
    """While Redis is gone, a wrong key is refused and a valid one accepted."""
    with run_redis() as url:
        client = build_app(KEY, url).test_client()
    assert guess(client, 1) == [401]
    assert predict(client, KEY) == 200


# --- free pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def guesser(world: fake_networks.World) -> FlaskClient:
    """A client whose address has used up its attempts, where ten posts of @nasa on X are cached."""
    world.x.has("nasa", posts=10)
    client = build_app(KEY, X_BEARER_TOKEN="token", CHORUS_X_API_URL=world.url).test_client()
    client.get("/frequency.json?users=nasa&n=10", headers={"Authorization": f"Bearer {KEY}"})
    guess(client, MAX_WRONG_KEYS_PER_MINUTE, "127.0.0.1")
    return client


@pytest.mark.parametrize(
    "path",
    ["/", "/report?users=demo:pennywren", "/frequency.png?users=demo:pennywren", "/posts.csv?users=demo:pennywren", "/model", "/health"],
)
def test_a_wrong_key_never_affects_free_pages(guesser: FlaskClient, path: str) -> None:
    """Whatever costs nothing is answered, even if a header has yet another wrong key."""
    assert guesser.get(path, headers={"Authorization": "Bearer one-more-wrong-key"}).status_code == 200


def test_a_wrong_key_never_affects_what_is_cached(guesser: FlaskClient) -> None:
    """Posts that were paid for are shown."""
    response = guesser.get("/frequency.json?users=nasa&n=10", headers={"Authorization": "Bearer one-more-wrong-key"})
    assert response.status_code == 200
    assert response.get_json()["notes"] == []


@pytest.mark.parametrize("path", ["/frequency.json?users=esa", "/report?users=esa"])
def test_a_paid_read_says_when_to_come_back(guesser: FlaskClient, path: str) -> None:
    """Only what would cost money is refused, with the time to wait."""
    response = guesser.get(path, headers={"Authorization": "Bearer one-more-wrong-key"})
    assert response.status_code == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert "Too many wrong access keys were tried." in response.text


# --- logs -------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_logs_name_the_key_and_never_show_it(caplog: pytest.LogCaptureFixture) -> None:
    """The line of a request says whose key it used; no key or digest is in a log, a page, a header or a metric."""
    caplog.set_level(logging.DEBUG)
    client = build_app(f"marketing:{KEY}, sales:sha256:{hashlib.sha256(OTHER.encode()).hexdigest()}").test_client()
    responses: list[Any] = [client.post("/predict", json=BODY, headers={"Authorization": f"Bearer {key}"}) for key in (KEY, OTHER)]
    responses += [client.post("/signin", data={"key": KEY}), client.get("/"), client.get("/metrics"), client.get("/openapi.json")]
    text = "".join(response.text + str(response.headers) for response in responses) + caplog.text
    assert "POST /predict 200" in caplog.text
    assert ", key marketing" in caplog.text
    assert ", key sales" in caplog.text
    assert "secret-" not in text
    assert DIGEST[:16] not in text
    assert hashlib.sha256(OTHER.encode()).hexdigest()[:16] not in text
