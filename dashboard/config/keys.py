"""How the keys of networks and of people are read from the environment. No message contains one."""

import re
from collections.abc import Mapping

from dashboard.config.choices import split_list
from dashboard.core.access_keys import AccessKey, parse_access_key
from dashboard.core.errors import InvalidSetting

_OAUTH_VARIABLES = ("API_KEY", "API_SECRET_KEY", "ACCESS_TOKEN", "ACCESS_SECRET")
_MAX_ACCESS_KEYS = 100


def parse_secret(environment: Mapping[str, str], name: str) -> str:
    """Return a key without surrounding white space. Raises InvalidSetting for characters that an HTTP header can't contain."""
    value = environment.get(name, "").strip()
    if not re.fullmatch(r"[!-~]*", value):
        raise InvalidSetting(f"{name} contains characters that no key has, such as spaces or line breaks. Paste it again.")
    return value


def parse_oauth_keys(environment: Mapping[str, str], name: str) -> tuple[str, str, str, str] | None:
    """Return the four OAuth keys of X, None without any. Raises InvalidSetting if only some of them are set."""
    key, secret, token, token_secret = (parse_secret(environment, variable) for variable in _OAUTH_VARIABLES)
    keys = (key, secret, token, token_secret)
    if any(keys) and not all(keys):
        missing = [variable for variable, value in zip(_OAUTH_VARIABLES, keys, strict=True) if not value]
        raise InvalidSetting(f"{', '.join(_OAUTH_VARIABLES)} belong together, and {', '.join(missing)} is missing.")
    return keys if all(keys) else None


def parse_access_keys(environment: Mapping[str, str], name: str) -> tuple[AccessKey, ...]:
    """Return the keys without duplicates. Messages refer to a key by its position and never contain it."""
    texts = tuple(dict.fromkeys(split_list(environment, name)))
    keys = [parse_access_key(text) for text in texts]
    invalid_positions = [number for number, key in enumerate(keys, 1) if key is None]
    if invalid_positions or len(keys) > _MAX_ACCESS_KEYS:
        problem = f"Key {invalid_positions[0]} isn't valid" if invalid_positions else f"There are {len(keys):,}"
        form = (
            "each of 16 to 200 printable ASCII characters, also as NAME:KEY or NAME:sha256:DIGEST (64 hexadecimal digits), "
            "separated by commas or spaces"
        )
        raise InvalidSetting(f"{name} is a list of at most {_MAX_ACCESS_KEYS} keys, {form}. {problem}.")
    return tuple(key for key in keys if key)
