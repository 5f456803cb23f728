"""Settings: what they mean, and that wrong ones fail at start with a sentence and without their value."""

import pytest

from dashboard.app import create_app
from dashboard.config.settings import Settings, load_settings
from dashboard.core.errors import InvalidSetting

WRONG = {
    "X_BEARER_TOKEN": "geheim\u00e4",
    "API_KEY": "geheim",
    "CHORUS_X_API_URL": "http://geheim.example",
    "CHORUS_CACHE_URL": "memcached://geheim",
}


def test_every_setting_has_a_default() -> None:
    """An empty environment is valid."""
    assert load_settings({}) == Settings()


def test_white_space_around_a_key_is_removed() -> None:
    """Pasting often adds spaces and line ends."""
    assert load_settings({"X_BEARER_TOKEN": " abc\r\n"}).x_bearer_token == "abc"


def test_four_keys_belong_together() -> None:
    """All four keys of OAuth 1.0a are taken as one setting."""
    keys = dict(zip(("API_KEY", "API_SECRET_KEY", "ACCESS_TOKEN", "ACCESS_SECRET"), "abcd", strict=True))
    assert load_settings(keys).x_oauth_keys == ("a", "b", "c", "d")


@pytest.mark.parametrize("url", ["https://gateway.example", "https://gateway.example/x/", "http://127.0.0.1:8900", "http://localhost:1"])
def test_a_gateway_is_https_or_on_this_machine(url: str) -> None:
    """Gateways are reached by https, or by http on loopback."""
    assert load_settings({"CHORUS_X_API_URL": url}).x_api_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://gateway.example",
        "ftp://x",
        "gateway.example",
        "https://user:pass@x.example",
        "https://x.example?key=1",
        "http://127.0.0.1.evil.example",
        "https://",
        "https://[::1",
    ],
)
def test_other_gateways_are_refused(url: str) -> None:
    """A gateway in clear text, with a password, or without a host fails at start."""
    with pytest.raises(InvalidSetting, match="CHORUS_X_API_URL"):
        load_settings({"CHORUS_X_API_URL": url})


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_fails_at_start_by_name(name: str) -> None:
    """The message names the setting and never its value."""
    with pytest.raises(InvalidSetting) as caught:
        create_app({name: WRONG[name]})
    assert name in caught.value.message
    assert "geheim" not in caught.value.message


@pytest.mark.parametrize("address", ["s3://posts", "gs://posts/datasets", "file:///srv/posts"])
def test_the_folder_of_datasets_is_not_an_address(address: str) -> None:
    """A bucket would become a folder called `s3:`; the message says to mount it instead."""
    with pytest.raises(InvalidSetting, match="CHORUS_DATASETS is a folder on this machine") as caught:
        create_app({"CHORUS_DATASETS": address})
    assert "Mount the bucket as a folder" in caught.value.message


def test_settings_do_not_show_their_secrets() -> None:
    """A printed Settings holds no key and no password of a cache."""
    settings = load_settings({"X_BEARER_TOKEN": "geheim", "CHORUS_CACHE_URL": "redis://:geheim@127.0.0.1/0"})
    assert "geheim" not in repr(settings)
