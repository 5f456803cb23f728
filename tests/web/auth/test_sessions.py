"""Sign-ins: they end on the server, last twelve hours, and count wherever the store is shared. A lost store ends all of them."""

import contextlib
import hashlib
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from dashboard.app import create_app
from dashboard.web.auth.sessions import SIGN_IN_SECONDS
from dashboard.web.auth.store import AccessStore
from tests.support.access_keys import KEY, OTHER_KEY, SIGN_IN_COOKIE, bearer, sign_in, sign_in_token
from tests.support.fake_clock import FakeClock
from tests.support.redis_server import run_redis, run_redis_server

THIRD_KEY = "geheim-third-and-last-one"
FULL_FOLDER_COUNT = 2_000  # timelines in a folder; the next one drops others


@pytest.fixture(params=["memory", "folder", "redis"])
def cache_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Each kind of cache."""
    with contextlib.ExitStack() as stack:
        yield {
            "memory": lambda: "",
            "folder": lambda: f"file://{tmp_path}/cache",
            "redis": lambda: stack.enter_context(run_redis()),
        }[request.param]()


@pytest.fixture
def folder_url(tmp_path: Path) -> str:
    """A cache in a folder, which several instances share."""
    return f"file://{tmp_path}/cache"


def build_app(cache_url: str = "", *keys: str, clock: FakeClock | None = None) -> Flask:
    """Return an application with these access keys."""
    return create_app({"CHORUS_ACCESS_KEYS": ",".join(keys or (KEY,)), "CHORUS_CACHE_URL": cache_url}, clock or FakeClock())


def is_signed_in(app: Flask, token: str) -> bool:
    """Return whether an application believes a cookie."""
    client = app.test_client()
    client.set_cookie(SIGN_IN_COOKIE, token)
    return client.post("/predict", json={"text": "Fine"}).status_code == 200


def test_signing_out_ends_the_session_on_the_server(cache_url: str) -> None:
    """A copy of the cookie is worth nothing after signing out, whatever the cache is."""
    app = build_app(cache_url)
    client = sign_in(app)
    token = sign_in_token(client)
    assert is_signed_in(app, token)
    client.post("/signout")
    assert not is_signed_in(app, token)


def test_signing_out_ends_one_session(cache_url: str) -> None:
    """Other browsers with the same key stay signed in."""
    app = build_app(cache_url)
    first, second = sign_in(app), sign_in(app)
    first.post("/signout")
    assert sign_in_token(second) not in ("", sign_in_token(sign_in(app)))
    assert is_signed_in(app, sign_in_token(second))


def test_signing_out_at_one_instance_ends_the_session_at_all(folder_url: str) -> None:
    """Instances that share a cache share the sign-ins, and their ends."""
    first, second = build_app(folder_url), build_app(folder_url)
    client = sign_in(first)
    token = sign_in_token(client)
    assert is_signed_in(second, token)
    client.post("/signout")
    assert not is_signed_in(second, token)


def test_a_lost_folder_ends_every_session(folder_url: str, tmp_path: Path) -> None:
    """Nobody comes back to life with an empty store."""
    token = sign_in_token(sign_in(build_app(folder_url)))
    shutil.rmtree(tmp_path / "cache.access")
    assert not is_signed_in(build_app(folder_url), token)


def test_a_restart_without_a_cache_ends_every_session() -> None:
    """In memory, a sign-in lasts as long as the process."""
    assert not is_signed_in(build_app(), sign_in_token(sign_in(build_app())))


def test_the_store_holds_no_token(folder_url: str, tmp_path: Path) -> None:
    """Whoever reads the folder can't sign in with what is there."""
    token = sign_in_token(sign_in(build_app(folder_url)))
    stored = b"".join(path.read_bytes() for path in (tmp_path / "cache.access").iterdir())
    assert stored != b""
    assert token.encode() not in stored
    assert KEY.encode() not in stored


def test_while_the_store_is_gone_keys_still_work() -> None:
    """Without Redis nobody is signed in or can sign in or out, and everybody is told why; a key in the request works."""
    with run_redis() as url:
        app = build_app(url)
        client = sign_in(app)
        token = sign_in_token(client)
    assert not is_signed_in(app, token)
    assert client.get("/").status_code == 200
    signing_in, signing_out = client.post("/signin", data={"key": KEY}), client.post("/signout")
    assert signing_in.status_code == 503
    assert "sign you in right now" in signing_in.text
    assert signing_out.status_code == 503
    assert "sign you out right now" in signing_out.text
    assert sign_in_token(client) == token
    assert client.post("/predict", json={"text": "Fine"}, headers=bearer(KEY)).status_code == 200


def test_a_hanging_redis_costs_one_timeout(caplog: pytest.LogCaptureFixture) -> None:
    """The sign-ins, the ledger and the cache share a Redis, so after the first failure none of them asks it for a moment."""
    with run_redis_server() as server:
        app = build_app(server.url)
        client = sign_in(app)
        client.get("/")
        app.extensions["chorus"].redis_pause.pause_seconds = 600  # so that it doesn't end on a slow machine
        server.freeze()
        assert client.get("/report?users=demo:small-clocks&n=20").status_code == 200
        assert client.post("/predict", json={"text": "Fine"}).status_code == 401
        assert client.get("/cost?users=nasa").status_code == 200
        server.thaw()
    assert [record.args for record in caplog.records if " failed: %s" in str(record.msg)] == [("TimeoutError",)]


def test_an_unknown_sign_in_is_not_called_missing() -> None:
    """Who is signed in reads that nobody can tell right now; who isn't reads that a key is required."""
    with run_redis_server() as server:
        client = sign_in(app := build_app(server.url))
        app.extensions["chorus"].redis_pause.pause_seconds = 600
        server.kill()
        refused, stranger = (browser.post("/predict", json={"text": "Fine"}) for browser in (client, app.test_client()))
    assert "and we can’t check your sign-in right now." in refused.get_json()["detail"]
    assert "requires an access key." in stranger.get_json()["detail"]


@pytest.mark.parametrize(
    "value", [b"", b"{", b"[]", b"null", b'{"key": 1}', b'{"key": "a", "ends_at": "soon"}', b"[" * 100_000, b"\xff\x00"]
)
def test_a_damaged_sign_in_is_none(folder_url: str, value: bytes) -> None:
    """The browser isn't signed in, and every page is there."""
    app = build_app(folder_url)
    client = sign_in(app)
    token = sign_in_token(client)
    AccessStore(folder_url).save(f"session:{hashlib.sha256(token.encode()).hexdigest()}", value, 60)
    assert client.get("/").status_code == 200
    assert not is_signed_in(app, token)


@pytest.mark.parametrize(
    ("keys", "is_valid"), [((KEY,), True), ((KEY, OTHER_KEY, THIRD_KEY), True), ((OTHER_KEY, KEY), True), ((OTHER_KEY,), False)]
)
def test_removing_a_key_ends_its_sessions_only(folder_url: str, keys: tuple[str, ...], is_valid: bool) -> None:
    """Adding or removing other keys changes nothing for those who signed in with this one."""
    token = sign_in_token(sign_in(build_app(folder_url, KEY, OTHER_KEY)))
    assert is_signed_in(build_app(folder_url, *keys), token) == is_valid


@pytest.mark.parametrize(("hours", "is_valid"), [(0, True), (11.99, True), (12, False)])
def test_a_session_lasts_twelve_hours(hours: float, is_valid: bool) -> None:
    """Not longer, even if the browser keeps the cookie."""
    clock = FakeClock()
    app = build_app(clock=clock)
    token = sign_in_token(sign_in(app))
    clock.advance(timedelta(hours=hours))
    assert is_signed_in(app, token) == is_valid
    assert SIGN_IN_SECONDS == 12 * 3600


@pytest.mark.parametrize("token", ["", "signed-in", "ä", "." * 3_000, KEY])
def test_a_made_up_session_is_none(token: str) -> None:
    """What we didn't hand out isn't believed."""
    app = build_app()
    sign_in(app)
    assert not is_signed_in(app, token)


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.slow
def test_many_timelines_sign_nobody_out(folder_url: str) -> None:
    """A full cache of timelines drops no sign-in, because sign-ins have a place of their own."""
    app = build_app(folder_url)
    token = sign_in_token(sign_in(app))
    with app.app_context():
        cache = app.extensions["chorus"].shared_cache
        for number in range(FULL_FOLDER_COUNT + 5):
            cache.put(f"timeline:{number}", b"x", 3600)
    assert is_signed_in(app, token)


def test_over_https_no_neighbour_can_set_the_cookie() -> None:
    """A cookie that another host of the domain plants isn't the one that we read."""
    cookie = build_app().test_client().post("/signin", data={"key": KEY}, base_url="https://chorus.example").headers["Set-Cookie"]
    assert cookie.startswith("__Host-chorus-signed-in=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
