"""Every setting, in the order of the documentation: its type, how it is read, and its environment variables with their meaning.

An invalid value stops the process at startup with a message. Nothing else reads the environment. Values of secret settings never appear in
a message or a repr.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from dashboard.config.addresses import (
    parse_allowed_hosts,
    parse_api_url,
    parse_hosts,
    parse_origins,
    parse_proxies,
    parse_public_url,
    parse_route,
)
from dashboard.config.amounts import parse_dollars, parse_port, parse_prices, parse_rate_limit, parse_seconds
from dashboard.config.choices import parse_log_format, parse_platform_name, parse_robots, parse_switch, parse_text
from dashboard.config.keys import parse_access_keys, parse_oauth_keys, parse_secret
from dashboard.config.places import parse_cache_url, parse_folder, parse_ledger_url, parse_state_folder
from dashboard.config.variables import Variable, setting
from dashboard.core.access_keys import AccessKey
from dashboard.core.pricing import PriceList


@dataclass(frozen=True)
class Settings:
    """The settings of this server. Without a value, each is what it is in an empty environment.

    An empty `…_api_url` means the network's own API, an empty `mastodon_instances` any public server, an empty `cache_url` a cache in
    memory, an empty `ledger_url` the default place of the ledger, an empty `datasets_folder` no uploads, an empty `model_path` the built-in
    model, and empty `access_keys` no sign-in. `state_folder` is empty if the user has no home.
    `x_daily_budget_dollars` are US dollars per UTC day; `client_seconds` are what a client may take. An empty `rate_limit` allows any
    amount.
    """

    port: int = setting(
        parse_port,
        Variable("PORT", "`8080`", "The port to listen on."),
        Variable("AIP_HTTP_PORT", "none", "The port to listen on instead of `PORT`. Vertex AI sets it."),
    )
    x_bearer_token: str = setting(
        parse_secret,
        Variable("X_BEARER_TOKEN", "none", "X's app-only key. Without it, or the four keys below, accounts on X can't be read."),
        is_secret=True,
    )
    x_oauth_keys: tuple[str, str, str, str] | None = setting(
        parse_oauth_keys,
        Variable(
            "API_KEY",
            "none",
            "The first of the four OAuth 1.0a keys for X that can be used instead of `X_BEARER_TOKEN`. All four are required.",
        ),
        Variable("API_SECRET_KEY", "none", "The second of the four."),
        Variable("ACCESS_TOKEN", "none", "The third of the four."),
        Variable("ACCESS_SECRET", "none", "The fourth."),
        is_secret=True,
    )
    x_daily_budget_dollars: float = setting(
        parse_dollars,
        Variable("CHORUS_X_BUDGET", "`5`", "The most that may be spent on X per day (UTC), in US dollars. `0` spends nothing."),
    )
    x_prices: PriceList = setting(
        parse_prices,
        Variable("CHORUS_X_PRICES", "prices of August 2026", "X's prices if they have changed, such as `post=0.005,user=0.010`."),
    )
    x_api_url: str = setting(
        parse_api_url,
        Variable(
            "CHORUS_X_API_URL",
            "X's own",
            "The root URL of a gateway, proxy or stand-in for X's API, to which `/2/…` is added. "
            "It must use https, or http on this machine.",
        ),
    )
    bluesky_api_url: str = setting(
        parse_api_url, Variable("CHORUS_BLUESKY_API_URL", "Bluesky's own", "The same for Bluesky; `/xrpc/…` is added.")
    )
    mastodon_api_url: str = setting(
        parse_api_url,
        Variable(
            "CHORUS_MASTODON_API_URL",
            "each account's server",
            "The same for Mastodon; `/api/v1/…` is added. It replaces every Mastodon server.",
        ),
    )
    mastodon_instances: frozenset[str] = setting(
        parse_hosts,
        Variable(
            "CHORUS_MASTODON_INSTANCES",
            "any public server",
            "The only Mastodon servers that may be contacted, such as `mastodon.social, fosstodon.org`.",
        ),
    )
    datasets_folder: str = setting(
        parse_folder,
        Variable(
            "CHORUS_DATASETS",
            "none; `make run` sets `datasets`",
            "The folder where imported files are stored. Without it, files can't be imported. A bucket must be mounted as a folder.",
        ),
    )
    cache_url: str = setting(
        parse_cache_url,
        Variable(
            "CHORUS_CACHE_URL",
            "in memory",
            "Where timelines are stored: `file:///folder`, or `redis://host:port/0` (`rediss://` with TLS). "
            "Processes that share a Redis also share the budget and locks, unless `CHORUS_LEDGER` is set.",
        ),
        is_secret=True,
    )
    ledger_url: str = setting(
        parse_ledger_url,
        Variable(
            "CHORUS_LEDGER",
            "the cache's Redis; else `ledger.sqlite3` in `CHORUS_DATASETS` or next to the cache's folder; "
            "else `~/.local/state/chorus/ledger.sqlite3`",
            "Where today's spending on X, and everything that was paid for, is stored: `file:///folder/ledger.sqlite3`, "
            "or `redis://host:port/0` (`rediss://` with TLS). Unlike the cache, it never drops anything early. "
            "If none of the default places can be written, it's in memory, and a restart starts a new budget.",
        ),
        is_secret=True,
    )
    state_folder: str = setting(
        parse_state_folder,
        Variable(
            "XDG_STATE_HOME",
            "`~/.local/state`",
            "The folder for what programs keep between runs, by default in `HOME`. See `CHORUS_LEDGER`.",
        ),
        Variable("HOME", "none", "The home folder, which contains `XDG_STATE_HOME` by default."),
    )
    model_path: str = setting(
        parse_text, Variable("CHORUS_MODEL", "the built-in model", "A model file to serve instead of the built-in classifier.")
    )
    is_model_trusted: bool = setting(
        parse_switch,
        Variable(
            "CHORUS_MODEL_TRUSTED",
            "`0`",
            "`1` allows a pickle or joblib file to run the code it contains. Such files are refused otherwise.",
        ),
    )
    access_keys: tuple[AccessKey, ...] = setting(
        parse_access_keys,
        Variable(
            "CHORUS_ACCESS_KEYS",
            "none",
            "Up to 100 keys of 16 to 200 printable ASCII characters, separated by commas or spaces. A key may have a name, as in "
            "`marketing:KEY`, and be given as its digest, as in `marketing:sha256:DIGEST`; `chorus key marketing` makes one. "
            "When set, `POST /predict`, `/classify`, `/metrics` and reads that cost money require one.",
        ),
        is_secret=True,
    )
    cors_origins: frozenset[str] = setting(
        parse_origins,
        Variable(
            "CHORUS_CORS_ORIGINS",
            "none",
            "Up to 50 origins whose pages may read data and images, such as `https://app.example, http://localhost:3000`, or `*` for any.",
        ),
    )
    public_url: str = setting(
        parse_public_url,
        Variable(
            "CHORUS_PUBLIC_URL",
            "the host that each visitor uses",
            "The address that people use, such as `https://chorus.example`, without a path. Link previews, the Share box, the API's "
            "documentation and canonical links use it, and forms from there are accepted.",
        ),
    )
    allowed_hosts: frozenset[str] = setting(
        parse_allowed_hosts,
        Variable(
            "CHORUS_ALLOWED_HOSTS",
            "any",
            "Up to 50 hosts that are answered, such as `chorus.example, *.run.app`, besides that of `CHORUS_PUBLIC_URL`. Requests for "
            "other hosts get 421, except to `/health` and `/ready`.",
        ),
    )
    rate_limit: str = setting(
        parse_rate_limit,
        Variable(
            "CHORUS_RATE_LIMIT",
            "`30 per minute`",
            "How many large requests one client (an access key or an address) may send, such as `30 per minute, 300 per hour`, or `off`. "
            "[Limits](limits.md) says which requests are large.",
        ),
    )
    are_robots_allowed: bool = setting(
        parse_robots,
        Variable("CHORUS_ROBOTS", "`deny`", "`allow` lets search engines read and list the pages. Link previews work either way."),
    )
    client_seconds: float = setting(
        parse_seconds,
        Variable(
            "CHORUS_CLIENT_SECONDS",
            "`20`",
            "How many seconds a client may take to send the start of a request, and to send or receive each further 32 KiB. "
            "A slower one gets 408, or is disconnected.",
        ),
    )
    trusted_proxies: tuple[str, ...] = setting(
        parse_proxies,
        Variable(
            "CHORUS_TRUSTED_PROXIES",
            "`*` on Cloud Run, otherwise `127.0.0.1, ::1`",
            "The proxies in front of Chorus, as addresses or networks such as `10.0.0.0/8`. `X-Forwarded-For` and "
            "`X-Forwarded-Proto` are trusted only from them. `*` trusts every client, for servers that only a proxy can reach.",
        ),
    )
    log_format: str = setting(
        parse_log_format,
        Variable(
            "CHORUS_LOG_FORMAT", "`json` on Cloud Run and Vertex AI, otherwise `text`", "How log lines are written: `json` or `text`."
        ),
    )
    google_cloud_project: str = setting(
        parse_platform_name,
        Variable(
            "GOOGLE_CLOUD_PROJECT", "none", "The project that traces in the log belong to. Without it, a log line has the bare trace ID."
        ),
    )
    service_name: str = setting(
        parse_platform_name, Variable("K_SERVICE", "none", "The service named in error reports. Cloud Run sets it.")
    )
    revision_name: str = setting(
        parse_platform_name, Variable("K_REVISION", "none", "The revision named in error reports. Cloud Run sets it.")
    )
    health_route: str = setting(parse_route, Variable("AIP_HEALTH_ROUTE", "none", "A second path for `/ready`. Vertex AI sets it."))
    predict_route: str = setting(parse_route, Variable("AIP_PREDICT_ROUTE", "none", "A second path for `/predict`. Vertex AI sets it."))


VARIABLES: tuple[Variable, ...] = tuple(variable for entry in fields(Settings) for variable in entry.metadata["variables"])


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings in an environment. Raises InvalidSetting, which names the variable and its valid values."""
    return Settings(**{entry.name: entry.metadata["read"](environment) for entry in fields(Settings)})
