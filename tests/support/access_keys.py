"""Access keys of tests, and how programs and browsers use them."""

from flask import Flask
from flask.testing import FlaskClient

from tests.support import fake_networks

KEY, OTHER_KEY = "geheim-0123456789-abcdef", "geheim-zyxwvutsrqponm-2"
WRONG_KEY = "geheim-but-not-a-key-of-ours"
SIGN_IN_COOKIE = "chorus-signed-in"


def build_settings(world: fake_networks.World, *keys: str) -> dict[str, str]:
    """Return the settings of a server that reads the fake X, with access keys."""
    return {"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url, "CHORUS_ACCESS_KEYS": ", ".join(keys)}


def bearer(key: str) -> dict[str, str]:
    """Return the header by which a program sends a key."""
    return {"Authorization": f"Bearer {key}"}


def sign_in(app: Flask, key: str = KEY) -> FlaskClient:
    """Return a browser that signed in."""
    client = app.test_client()
    assert client.post("/signin", data={"key": key}).status_code == 303
    assert sign_in_token(client) != ""
    return client


def sign_in_token(client: FlaskClient) -> str:
    """Return what a browser's sign-in cookie contains, "" without one."""
    cookie = client.get_cookie(SIGN_IN_COOKIE)
    return cookie.value if cookie else ""
