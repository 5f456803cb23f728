"""X-Forwarded-For and X-Forwarded-Proto are believed only from configured proxies."""

import pytest

from dashboard.app import create_app
from dashboard.config.settings import load_settings
from dashboard.core.errors import InvalidSetting
from dashboard.web.middleware.trusted_proxies import TrustedProxies


def resolve(proxies: list[str], peer: str, **headers: str) -> tuple[str, str, list[str]]:
    """Return the client's address, its scheme, and the headers that are left."""
    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http"} | {f"HTTP_X_FORWARDED_{name}": value for name, value in headers.items()}
    TrustedProxies(proxies).apply(environ)
    return environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], [name for name in environ if "FORWARDED" in name]


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded_for", "client"),
    [
        (["127.0.0.1"], "127.0.0.1", "203.0.113.7", "203.0.113.7"),
        (["127.0.0.1"], "127.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        (["127.0.0.1"], "127.0.0.1", "", "127.0.0.1"),
        (["127.0.0.1"], "127.0.0.1", "nonsense", "127.0.0.1"),
        (["127.0.0.1"], "127.0.0.1", "6.6.6.6, <script>", "127.0.0.1"),
        (["127.0.0.1"], "10.1.2.3", "203.0.113.7", "10.1.2.3"),
        (["10.0.0.0/8"], "10.1.2.3", "203.0.113.7", "203.0.113.7"),
        (["10.0.0.0/8"], "10.1.2.3", "6.6.6.6, 203.0.113.7, 10.9.9.9", "203.0.113.7"),
        (["10.0.0.0/8"], "10.1.2.3", "10.9.9.9, 10.8.8.8", "10.9.9.9"),
        (["*"], "169.254.1.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        (["*", "35.191.0.0/16"], "169.254.1.1", "6.6.6.6, 203.0.113.7, 35.191.4.4", "203.0.113.7"),
        (["::1"], "::1", "2001:db8::7", "2001:db8::7"),
        (["127.0.0.1"], "", "203.0.113.7", ""),
    ],
)
def test_the_client_is_the_last_address_that_is_not_a_proxys(proxies: list[str], peer: str, forwarded_for: str, client: str) -> None:
    """What comes before that address, anybody could have written; what comes from elsewhere too."""
    assert resolve(proxies, peer, FOR=forwarded_for)[0] == client


@pytest.mark.parametrize(
    ("peer", "forwarded_scheme", "scheme"),
    [
        ("127.0.0.1", "https", "https"),
        ("127.0.0.1", "HTTPS, http", "https"),
        ("127.0.0.1", "javascript", "http"),
        ("192.0.2.1", "https", "http"),
    ],
)
def test_the_scheme_is_what_a_trusted_proxy_says(peer: str, forwarded_scheme: str, scheme: str) -> None:
    """Only http and https are schemes."""
    assert resolve(["127.0.0.1"], peer, PROTO=forwarded_scheme)[1] == scheme


@pytest.mark.parametrize("peer", ["127.0.0.1", "192.0.2.1"])
def test_nothing_below_sees_the_headers(peer: str) -> None:
    """No other code can trust them by mistake."""
    assert resolve(["127.0.0.1"], peer, FOR="203.0.113.7", PROTO="https", HOST="evil.example", PORT="1", PREFIX="/x")[2] == []


@pytest.mark.parametrize(
    ("environment", "proxies"),
    [
        ({}, ("127.0.0.1", "::1")),
        ({"K_SERVICE": "chorus"}, ("*",)),
        ({"CHORUS_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1"}, ("10.0.0.0/8", "192.0.2.1")),
        ({"K_SERVICE": "chorus", "CHORUS_TRUSTED_PROXIES": "*,35.191.0.0/16"}, ("*", "35.191.0.0/16")),
    ],
)
def test_the_setting_names_proxies(environment: dict[str, str], proxies: tuple[str, ...]) -> None:
    """Without it, a proxy on the same machine is trusted, and Cloud Run's front end on Cloud Run."""
    assert load_settings(environment).trusted_proxies == proxies


@pytest.mark.parametrize("value", ["proxy.example", "10.0.0.1/8", "300.1.1.1", "**", "127.0.0.1; ::1"])
def test_a_wrong_setting_is_refused(value: str) -> None:
    """A typo must not turn into trust."""
    with pytest.raises(InvalidSetting, match="CHORUS_TRUSTED_PROXIES"):
        load_settings({"CHORUS_TRUSTED_PROXIES": value})


def test_a_stranger_cannot_claim_https() -> None:
    """The addresses on a page keep the scheme of the connection."""
    client = create_app({}).test_client()
    page = client.get("/", headers={"X-Forwarded-Proto": "https"}, environ_base={"REMOTE_ADDR": "192.0.2.1"}).text
    assert "https://localhost" not in page
    assert "http://localhost" in page
