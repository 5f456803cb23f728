"""Every setting: its name in the environment, its default and its meaning. A wrong value fails at start, with a sentence.

Nothing else reads the environment. Values of secret settings never enter a message or a repr.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dashboard.errors import InvalidSetting

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_OAUTH = ("API_KEY", "API_SECRET_KEY", "ACCESS_TOKEN", "ACCESS_SECRET")


@dataclass(frozen=True)
class Settings:
    """What the operator decided.

    `x_bearer` or the four `x_keys` open X; `x_api_url` is the root that `/2/…` is added to, X's own if empty;
    `cache_url` is where timelines are kept: in memory if empty, `file:///…` a folder, `redis://…` or `rediss://…` a server.
    """

    x_bearer: str = field(default="", repr=False)
    x_keys: tuple[str, str, str, str] | None = field(default=None, repr=False)
    x_api_url: str = ""
    cache_url: str = field(default="", repr=False)


def read(environment: Mapping[str, str]) -> Settings:
    """Return the settings that an environment holds. Raises InvalidSetting, which names the setting and what it wants."""
    return Settings(
        x_bearer=_secret(environment, "X_BEARER_TOKEN"),
        x_keys=_oauth(environment),
        x_api_url=_address(environment, "CHORUS_X_API_URL"),
        cache_url=_cache(environment),
    )


def _secret(environment: Mapping[str, str], name: str) -> str:
    """Return a key without the blanks and line ends that pasting adds; what an HTTP header can't hold is refused."""
    value = environment.get(name, "").strip()
    if not re.fullmatch(r"[!-~]*", value):
        raise InvalidSetting(f"{name} holds characters that no key has, such as blanks or line ends inside it. Paste it again.")
    return value


def _oauth(environment: Mapping[str, str]) -> tuple[str, str, str, str] | None:
    key, secret, token, token_secret = (_secret(environment, name) for name in _OAUTH)
    keys = (key, secret, token, token_secret)
    if any(keys) and not all(keys):
        missing = [name for name, value in zip(_OAUTH, keys, strict=True) if not value]
        raise InvalidSetting(f"{', '.join(_OAUTH)} belong together, and {', '.join(missing)} is missing.")
    return keys if all(keys) else None


def _address(environment: Mapping[str, str], name: str) -> str:
    """Return the root of a gateway without its last slash: https anywhere, http on this machine only."""
    value = environment.get(name, "").strip().rstrip("/")
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        fine = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        fine = (
            fine
            and bool(parts.hostname)
            and not (parts.username or parts.query or parts.fragment)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        fine = False
    if not fine:
        raise InvalidSetting(f"{name} is an address such as https://gateway.example, or http://127.0.0.1:8900 on this machine.")
    return value


def _cache(environment: Mapping[str, str]) -> str:
    value = environment.get("CHORUS_CACHE_URL", "").strip()
    if value and not re.match(r"(file:///.|rediss?://.)", value):
        raise InvalidSetting("CHORUS_CACHE_URL is empty (in memory), file:///folder, or redis://host:port/number.")
    return value
