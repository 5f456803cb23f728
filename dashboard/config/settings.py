"""Every setting with its environment variable, default and meaning. An invalid value stops the process at startup with a message.

Nothing else reads the environment. Values of secret settings never appear in a message or a repr.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dashboard.core.access_keys import AccessKey, parse_access_key
from dashboard.core.errors import InvalidSetting
from dashboard.core.pricing import X_PRICES, PriceList

_LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1"}
_OAUTH_VARIABLES = ("API_KEY", "API_SECRET_KEY", "ACCESS_TOKEN", "ACCESS_SECRET")
_MAX_ACCESS_KEYS = 100
_MAX_CORS_ORIGINS = 50
_MAX_ALLOWED_HOSTS = 50
_HOST_PATTERN = r"(?=.{1,253}(?::|$))[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_-]{1,63})*|\[[0-9a-f:.]{2,45}\]"


@dataclass(frozen=True)
class Variable:
    """An environment variable as the documentation explains it: its name, what applies without it, and what it means (Markdown)."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable("PORT", "`8080`", "The port to listen on."),
    Variable("X_BEARER_TOKEN", "none", "X's app-only key. Without it, or the four keys below, accounts on X can't be read."),
    Variable(
        "API_KEY",
        "none",
        "The first of the four OAuth 1.0a keys for X that can be used instead of `X_BEARER_TOKEN`. All four are required.",
    ),
    Variable("API_SECRET_KEY", "none", "The second of the four."),
    Variable("ACCESS_TOKEN", "none", "The third of the four."),
    Variable("ACCESS_SECRET", "none", "The fourth."),
    Variable("CHORUS_X_BUDGET", "`5`", "The most that may be spent on X per day (UTC), in US dollars. `0` spends nothing."),
    Variable("CHORUS_X_PRICES", "prices of August 2026", "X's prices if they have changed, such as `post=0.005,user=0.010`."),
    Variable(
        "CHORUS_X_API_URL",
        "X's own",
        "The root URL of a gateway, proxy or stand-in for X's API, to which `/2/…` is added. It must use https, or http on this machine.",
    ),
    Variable("CHORUS_BLUESKY_API_URL", "Bluesky's own", "The same for Bluesky; `/xrpc/…` is added."),
    Variable(
        "CHORUS_MASTODON_API_URL",
        "each account's server",
        "The same for Mastodon; `/api/v1/…` is added. It replaces every Mastodon server.",
    ),
    Variable(
        "CHORUS_MASTODON_INSTANCES",
        "any public server",
        "The only Mastodon servers that may be contacted, such as `mastodon.social, fosstodon.org`.",
    ),
    Variable(
        "CHORUS_DATASETS",
        "none; `make run` sets `datasets`",
        "The folder where imported files are stored. Without it, files can't be imported.",
    ),
    Variable(
        "CHORUS_CACHE_URL",
        "in memory",
        "Where timelines are stored: `file:///folder`, or `redis://host:port/0` (`rediss://` with TLS). "
        "Processes that share a Redis also share the budget and locks, unless `CHORUS_LEDGER` is set.",
    ),
    Variable(
        "CHORUS_LEDGER",
        "the cache's Redis; else `ledger.sqlite3` in `CHORUS_DATASETS` or next to the cache's folder; "
        "else `~/.local/state/chorus/ledger.sqlite3`",
        "Where today's spending on X, and everything that was paid for, is stored: `file:///folder/ledger.sqlite3`, "
        "or `redis://host:port/0` (`rediss://` with TLS). Unlike the cache, it never drops anything early. "
        "If none of the default places can be written, it's in memory, and a restart starts a new budget.",
    ),
    Variable(
        "XDG_STATE_HOME", "`~/.local/state`", "The folder for what programs keep between runs, by default in `HOME`. See `CHORUS_LEDGER`."
    ),
    Variable("HOME", "none", "The home folder, which contains `XDG_STATE_HOME` by default."),
    Variable("CHORUS_MODEL", "the built-in model", "A model file to serve instead of the built-in classifier."),
    Variable(
        "CHORUS_MODEL_TRUSTED",
        "`0`",
        "`1` allows a pickle or joblib file to run the code it contains. Such files are refused otherwise.",
    ),
    Variable(
        "CHORUS_ACCESS_KEYS",
        "none",
        "Up to 100 keys of 16 to 200 printable ASCII characters, separated by commas or spaces. A key may have a name, as in "
        "`marketing:KEY`, and be given as its digest, as in `marketing:sha256:DIGEST`; `chorus key marketing` makes one. "
        "When set, `POST /predict`, `/classify`, `/metrics` and reads that cost money require one.",
    ),
    Variable(
        "CHORUS_CORS_ORIGINS",
        "none",
        "Up to 50 origins whose pages may read data and images, such as `https://app.example, http://localhost:3000`, or `*` for any.",
    ),
    Variable(
        "CHORUS_PUBLIC_URL",
        "the host that each visitor uses",
        "The address that people use, such as `https://chorus.example`, without a path. Link previews, the Share box, the API's "
        "documentation and canonical links use it, and forms from there are accepted.",
    ),
    Variable(
        "CHORUS_ALLOWED_HOSTS",
        "any",
        "Up to 50 hosts that are answered, such as `chorus.example, *.run.app`, besides that of `CHORUS_PUBLIC_URL`. Requests for "
        "other hosts get 421, except to `/health` and `/ready`.",
    ),
    Variable(
        "CHORUS_RATE_LIMIT",
        "`30 per minute`",
        "How many large requests one client (an access key or an address) may send, such as `30 per minute, 300 per hour`, or `off`. "
        "[Limits](limits.md) says which requests are large.",
    ),
    Variable("CHORUS_ROBOTS", "`deny`", "`allow` lets search engines read and list the pages. Link previews work either way."),
    Variable(
        "CHORUS_CLIENT_SECONDS",
        "`20`",
        "How many seconds a client may take to send the start of a request, and to send or receive each further 32 KiB. "
        "A slower one gets 408, or is disconnected.",
    ),
    Variable(
        "CHORUS_TRUSTED_PROXIES",
        "`*` on Cloud Run, otherwise `127.0.0.1, ::1`",
        "The proxies in front of Chorus, as addresses or networks such as `10.0.0.0/8`. `X-Forwarded-For` and "
        "`X-Forwarded-Proto` are trusted only from them. `*` trusts every client, for servers that only a proxy can reach.",
    ),
    Variable("CHORUS_LOG_FORMAT", "`json` on Cloud Run and Vertex AI, otherwise `text`", "How log lines are written: `json` or `text`."),
    Variable("GOOGLE_CLOUD_PROJECT", "none", "The project that traces in the log belong to. Without it, a log line has the bare trace ID."),
    Variable("K_SERVICE", "none", "The service named in error reports. Cloud Run sets it."),
    Variable("K_REVISION", "none", "The revision named in error reports. Cloud Run sets it."),
    Variable("AIP_HTTP_PORT", "none", "The port to listen on instead of `PORT`. Vertex AI sets it."),
    Variable("AIP_HEALTH_ROUTE", "none", "A second path for `/ready`. Vertex AI sets it."),
    Variable("AIP_PREDICT_ROUTE", "none", "A second path for `/predict`. Vertex AI sets it."),
)


@dataclass(frozen=True)
class Settings:
    """The settings of this server; `VARIABLES` explains each of them.

    An empty `…_api_url` means the network's own API, an empty `mastodon_instances` any public server, an empty `cache_url` a cache in
    memory, an empty `ledger_url` the default place of the ledger, an empty `datasets_folder` no uploads, an empty `model_path` the built-in
    model, and empty `access_keys` no sign-in. `state_folder` is empty if the user has no home.
    `x_daily_budget_dollars` are US dollars per UTC day; `client_seconds` are what a client may take. An empty `rate_limit` allows any
    amount.
    """

    x_bearer_token: str = field(default="", repr=False)
    x_oauth_keys: tuple[str, str, str, str] | None = field(default=None, repr=False)
    x_api_url: str = ""
    cache_url: str = field(default="", repr=False)
    ledger_url: str = field(default="", repr=False)
    state_folder: str = ""
    datasets_folder: str = ""
    bluesky_api_url: str = ""
    mastodon_api_url: str = ""
    mastodon_instances: frozenset[str] = frozenset()
    x_daily_budget_dollars: float = 5.0
    x_prices: PriceList = X_PRICES
    model_path: str = ""
    is_model_trusted: bool = False
    access_keys: tuple[AccessKey, ...] = field(default=(), repr=False)
    cors_origins: frozenset[str] = frozenset()
    public_url: str = ""
    allowed_hosts: frozenset[str] = frozenset()
    are_robots_allowed: bool = False
    client_seconds: float = 20.0
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    rate_limit: str = "30 per minute"
    port: int = 8080
    log_format: str = "text"
    google_cloud_project: str = ""
    service_name: str = ""
    revision_name: str = ""
    health_route: str = ""
    predict_route: str = ""


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings in an environment. Raises InvalidSetting, which names the variable and its valid values."""
    return Settings(
        x_bearer_token=_parse_secret(environment, "X_BEARER_TOKEN"),
        x_oauth_keys=_parse_oauth_keys(environment),
        x_api_url=_parse_api_url(environment, "CHORUS_X_API_URL"),
        cache_url=_parse_cache_url(environment),
        ledger_url=_parse_ledger_url(environment),
        state_folder=_parse_state_folder(environment),
        datasets_folder=environment.get("CHORUS_DATASETS", "").strip(),
        bluesky_api_url=_parse_api_url(environment, "CHORUS_BLUESKY_API_URL"),
        mastodon_api_url=_parse_api_url(environment, "CHORUS_MASTODON_API_URL"),
        mastodon_instances=_parse_hosts(environment, "CHORUS_MASTODON_INSTANCES"),
        x_daily_budget_dollars=_parse_dollars(environment, "CHORUS_X_BUDGET", "5"),
        x_prices=_parse_prices(environment),
        model_path=environment.get("CHORUS_MODEL", "").strip(),
        is_model_trusted=_parse_switch(environment, "CHORUS_MODEL_TRUSTED"),
        access_keys=_parse_access_keys(environment, "CHORUS_ACCESS_KEYS"),
        cors_origins=_parse_origins(environment, "CHORUS_CORS_ORIGINS"),
        public_url=_parse_public_url(environment),
        allowed_hosts=_parse_allowed_hosts(environment),
        are_robots_allowed=_parse_robots(environment),
        trusted_proxies=_parse_proxies(environment),
        client_seconds=_parse_seconds(environment, "CHORUS_CLIENT_SECONDS", "20"),
        rate_limit=_parse_rate_limit(environment),
        port=_parse_port(environment, "AIP_HTTP_PORT") or _parse_port(environment, "PORT") or 8080,
        log_format=_parse_log_format(environment),
        google_cloud_project=_parse_platform_name(environment, "GOOGLE_CLOUD_PROJECT"),
        service_name=_parse_platform_name(environment, "K_SERVICE"),
        revision_name=_parse_platform_name(environment, "K_REVISION"),
        health_route=_parse_route(environment, "AIP_HEALTH_ROUTE"),
        predict_route=_parse_route(environment, "AIP_PREDICT_ROUTE"),
    )


def _parse_secret(environment: Mapping[str, str], name: str) -> str:
    """Return a key without surrounding white space. Raises InvalidSetting for characters that an HTTP header can't contain."""
    value = environment.get(name, "").strip()
    if not re.fullmatch(r"[!-~]*", value):
        raise InvalidSetting(f"{name} contains characters that no key has, such as spaces or line breaks. Paste it again.")
    return value


def _parse_oauth_keys(environment: Mapping[str, str]) -> tuple[str, str, str, str] | None:
    key, secret, token, token_secret = (_parse_secret(environment, name) for name in _OAUTH_VARIABLES)
    keys = (key, secret, token, token_secret)
    if any(keys) and not all(keys):
        missing = [name for name, value in zip(_OAUTH_VARIABLES, keys, strict=True) if not value]
        raise InvalidSetting(f"{', '.join(_OAUTH_VARIABLES)} belong together, and {', '.join(missing)} is missing.")
    return keys if all(keys) else None


def _parse_api_url(environment: Mapping[str, str], name: str) -> str:
    """Return the root URL of an API without its trailing slash: https, or http on this machine."""
    value = environment.get(name, "").strip().rstrip("/")
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        is_valid = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK_HOSTS)
        is_valid = (
            is_valid
            and bool(parts.hostname)
            and not (parts.username or parts.query or parts.fragment)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        is_valid = False
    if not is_valid:
        raise InvalidSetting(f"{name} is an address such as https://gateway.example, or http://127.0.0.1:8900 on this machine.")
    return value


def _parse_cache_url(environment: Mapping[str, str]) -> str:
    value = environment.get("CHORUS_CACHE_URL", "").strip()
    if value and not re.match(r"(file:///.|rediss?://.)", value):
        raise InvalidSetting("CHORUS_CACHE_URL is empty (in memory), file:///folder, or redis://host:port/number.")
    return value


def _parse_ledger_url(environment: Mapping[str, str]) -> str:
    value = environment.get("CHORUS_LEDGER", "").strip()
    if value and not re.match(r"(file:///.*[^/]$|rediss?://.)", value):
        raise InvalidSetting("CHORUS_LEDGER is empty (next to the cache), file:///folder/ledger.sqlite3, or redis://host:port/number.")
    return value


def _parse_state_folder(environment: Mapping[str, str]) -> str:
    """Return the folder for state as the XDG Base Directory Specification defines it, or an empty string if there's no home."""
    folder, home = environment.get("XDG_STATE_HOME", ""), environment.get("HOME", "")
    return folder if folder.startswith("/") else f"{home.rstrip('/')}/.local/state" if home.startswith("/") else ""


def _parse_rate_limit(environment: Mapping[str, str]) -> str:
    value = environment.get("CHORUS_RATE_LIMIT", "").strip().lower() or "30 per minute"
    if value == "off":
        return ""
    single = r"[1-9][0-9]{0,5} per (second|minute|hour|day)"
    if not re.fullmatch(rf"{single}(, ?{single})*", value):
        raise InvalidSetting("CHORUS_RATE_LIMIT is off, or a limit such as 30 per minute; separate several with commas.")
    return value


def _parse_dollars(environment: Mapping[str, str], name: str, default: str) -> float:
    value = environment.get(name, "").strip() or default
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", value):
        raise InvalidSetting(f"{name} is an amount of US dollars, such as 5 or 0.50; 0 spends nothing.")
    return float(value)


def _parse_seconds(environment: Mapping[str, str], name: str, default: str) -> float:
    value = environment.get(name, "").strip() or default
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", value) or not float(value):
        raise InvalidSetting(f"{name} is a number of seconds, such as 20 or 0.5.")
    return float(value)


def _parse_proxies(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the trusted proxies: `*`, addresses, and networks."""
    default = "*" if environment.get("K_SERVICE") else "127.0.0.1, ::1"
    names = re.split(r"[\s,]+", (environment.get("CHORUS_TRUSTED_PROXIES", "").strip() or default).strip(","))
    try:
        for name in names:
            if name != "*":
                ipaddress.ip_network(name)
    except ValueError:
        raise InvalidSetting("CHORUS_TRUSTED_PROXIES is a list of addresses or networks such as 127.0.0.1, 10.0.0.0/8, or *.") from None
    return tuple(names)


def _parse_prices(environment: Mapping[str, str]) -> PriceList:
    """Return X's prices; those set here, such as `post=0.005,user=0.010`, replace the built-in ones."""
    value = environment.get("CHORUS_X_PRICES", "").strip()
    if not value:
        return X_PRICES
    prices = dict(re.findall(r"(\w+)=([0-9]{1,4}(?:\.[0-9]{1,6})?)(?:,|$)", value))
    if not prices or set(prices) - set(X_PRICES.dollars_per_item) or ",".join(f"{name}={price}" for name, price in prices.items()) != value:
        raise InvalidSetting(f"CHORUS_X_PRICES is a list such as post=0.005,user=0.010; there are {', '.join(X_PRICES.dollars_per_item)}.")
    return PriceList(dict(X_PRICES.dollars_per_item) | {name: float(price) for name, price in prices.items()}, "as set on this server")


def _parse_switch(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name, "").strip()
    if value not in ("", "0", "1"):
        raise InvalidSetting(f"{name} is 1 for yes, or 0 or empty for no.")
    return value == "1"


def _parse_hosts(environment: Mapping[str, str], name: str) -> frozenset[str]:
    """Return server names separated by commas or spaces."""
    hosts = frozenset(re.split(r"[\s,]+", environment.get(name, "").strip().lower())) - {""}
    if invalid_hosts := sorted(host for host in hosts if not re.fullmatch(r"(?=.{4,253}$)([a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{0,62}", host)):
        raise InvalidSetting(
            f"{name} is a list of server names such as mastodon.social, fosstodon.org. “{invalid_hosts[0][:40]}” isn't one."
        )
    return hosts


def _parse_access_keys(environment: Mapping[str, str], name: str) -> tuple[AccessKey, ...]:
    """Return the keys without duplicates. Messages refer to a key by its position and never contain it."""
    texts = tuple(dict.fromkeys(_split_list(environment, name)))
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


def _parse_origins(environment: Mapping[str, str], name: str) -> frozenset[str]:
    """Return origins as browsers send them: in lower case and without the default port of the scheme."""
    origins = [re.sub(r"^(http:.*):80$|^(https:.*):443$", r"\1\2", origin.lower()) for origin in _split_list(environment, name)]
    if origins == ["*"]:
        return frozenset(origins)
    invalid_origins = [origin for origin in origins if not _is_origin(origin)]
    if invalid_origins or len(origins) > _MAX_CORS_ORIGINS:
        problem = f"“{invalid_origins[0][:60]}” isn't one" if invalid_origins else f"There are {len(origins):,}"
        form = "such as https://app.example, http://localhost:3000, without a path, or * alone for any"
        raise InvalidSetting(f"{name} is a list of at most {_MAX_CORS_ORIGINS} origins, {form}. {problem}.")
    return frozenset(origins)


def _parse_public_url(environment: Mapping[str, str]) -> str:
    value = environment.get("CHORUS_PUBLIC_URL", "").strip().rstrip("/").lower()
    if value and not _is_origin(value):
        raise InvalidSetting("CHORUS_PUBLIC_URL is an address such as https://chorus.example, without a path.")
    return value


def _parse_allowed_hosts(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the hosts that are answered, including that of the public URL; none if all are."""
    hosts = [host.lower() for host in _split_list(environment, "CHORUS_ALLOWED_HOSTS")]
    invalid_hosts = [host for host in hosts if not re.fullmatch(rf"(\*\.)?({_HOST_PATTERN})", host)]
    if invalid_hosts or len(hosts) > _MAX_ALLOWED_HOSTS:
        problem = f"“{invalid_hosts[0][:60]}” isn't one" if invalid_hosts else f"There are {len(hosts):,}"
        form = "such as chorus.example, *.run.app, without scheme and port"
        raise InvalidSetting(f"CHORUS_ALLOWED_HOSTS is a list of at most {_MAX_ALLOWED_HOSTS} hosts, {form}. {problem}.")
    public_host = urlsplit(_parse_public_url(environment)).netloc.partition(":")[0] if hosts else ""
    return frozenset(filter(None, [*hosts, public_host]))


def _parse_robots(environment: Mapping[str, str]) -> bool:
    value = environment.get("CHORUS_ROBOTS", "").strip()
    if value not in ("", "allow", "deny"):
        raise InvalidSetting("CHORUS_ROBOTS is allow or deny; empty is deny.")
    return value == "allow"


def _is_origin(text: str) -> bool:
    match = re.fullmatch(rf"https?://({_HOST_PATTERN})(:(?P<port>[1-9][0-9]{{0,4}}))?", text)
    return match is not None and int(match["port"] or 0) < 65_536


def _parse_port(environment: Mapping[str, str], name: str) -> int:
    value = environment.get(name, "").strip()
    if value and not (re.fullmatch(r"[0-9]{1,5}", value) and 0 < int(value) < 65_536):
        raise InvalidSetting(f"{name} is a number from 1 to 65535, such as 8080.")
    return int(value or 0)


def _parse_log_format(environment: Mapping[str, str]) -> str:
    """Return the log format: the configured one, otherwise JSON on Cloud Run and Vertex AI, which parse it, and text elsewhere."""
    value = environment.get("CHORUS_LOG_FORMAT", "").strip()
    if value not in ("", "json", "text"):
        raise InvalidSetting("CHORUS_LOG_FORMAT is json or text; empty is json on Google's platforms, text elsewhere.")
    return value or ("json" if environment.get("K_SERVICE") or environment.get("AIP_HTTP_PORT") else "text")


def _parse_platform_name(environment: Mapping[str, str], name: str) -> str:
    """Return a name set by the platform, or an empty string if it isn't valid."""
    value = environment.get(name, "").strip()
    return value if re.fullmatch(r"[a-z0-9][a-z0-9.:-]{0,99}", value) else ""


def _parse_route(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if value and not re.fullmatch(r"/[A-Za-z0-9/_.:~-]{1,300}", value):
        raise InvalidSetting(f"{name} is a path such as /v1/endpoints/1/deployedModels/2, of letters, digits and / _ . : ~ - only.")
    return value


def _split_list(environment: Mapping[str, str], name: str) -> list[str]:
    """Return the items of a list separated by commas or white space."""
    return [item for item in re.split(r"[\s,]+", environment.get(name, "")) if item]
