"""The SSRF guard: no request reaches an address outside the public internet, whatever its name; tested with real connections."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.core.accounts import Account
from dashboard.core.source_errors import AccountNotFound, SourceError, SourceUnavailable
from dashboard.sources import fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.http_session import HttpSession
from dashboard.sources.mastodon import MastodonSource
from dashboard.sources.ssrf_guard import HostNotPublic, SsrfGuard, is_public_address
from tests.support import fake_networks

pytestmark = pytest.mark.faults
HOST = "mastodon.example"

SHUT = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1"),
    *("172.31.255.255", "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.9"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::ffff:93.184.215.14"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:5db8:d70e::1"),
    *(
        "2001::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd00::",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fe80::1%eth0",
    ),
    *("fec0::1", "ff02::1", "100::1", "5f00::1", "2606:2800:21f::1%eth0", "", "localhost", "0x7f.1", "2130706433", "017700000001"),
]


@pytest.fixture
def secure() -> Iterator[fake_networks.World]:
    """The fake networks behind TLS."""
    with fake_networks.World(tls=True) as outside:
        yield outside


def guard(names: fake_networks.FakeDns, *allowed: str) -> SsrfGuard:
    return SsrfGuard(
        frozenset(allowed),
        resolve=names.resolve,
        create_connection=names.dial,
        ssl_context=ssl.create_default_context(cafile=fake_networks.CERTIFICATE_PATH),
    )


def get(names: fake_networks.FakeDns, url: str = f"https://{HOST}/api/v1/accounts/lookup?acct=nasa", *allowed: str) -> Any:
    with HttpSession(time.monotonic() + 5, guard(names, *allowed).build_adapter()) as session:
        return session.get(url)


def read(names: fake_networks.FakeDns, name: str = f"nasa@{HOST}", seconds: float = 5, **span: Any) -> Any:
    return fetch.fetch_timeline(MastodonSource(guard=guard(names)), Account("mastodon", name), TimelineRequest(10), timeout_seconds=seconds)


def refusal(names: fake_networks.FakeDns, name: str = f"nasa@{HOST}", seconds: float = 5) -> SourceError:
    """Return the error that reading an account raises."""
    with pytest.raises(SourceError) as caught:
        read(names, name, seconds)
    return caught.value


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", SHUT)
def test_a_private_or_special_address_is_not_public(address: str) -> None:
    """Neither are loopback, link-local, shared, embedded and invalid addresses."""
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "address", [fake_networks.PUBLIC_IP_ADDRESS, "1.1.1.1", "172.32.0.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"]
)
def test_a_public_address_is_public(address: str) -> None:
    """This includes addresses mapped by NAT64."""
    assert is_public_address(address)


def test_nothing_is_public_that_python_calls_private() -> None:
    """Our list excludes at least what the standard library excludes."""
    probes = [f"{a}.{b}.0.1" for a in range(256) for b in (0, 16, 18, 64, 88, 168, 254)]
    assert [probe for probe in probes if is_public_address(probe) and not ipaddress.ip_address(probe).is_global] == []


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("localhost", "localhost.", "mastodon", "mastodon.example.", ".mastodon.example", "mastodon..example", "", "."),
        *("127.0.0.1", "[::1]", "::1", "0x7f.0.0.1", "2130706433", "1.2.3.4.", "metadata.google.internal", "metadata.google.internal."),
        *("printer.local", "foo.localhost", "db.corp", "router.lan", "wiki.home.arpa", "hidden.onion", "x.localdomain"),
        *("MASTODON.example", "mästodon.example", "mastodon.example:443", "mastodon.example/x", "a@mastodon.example"),
        *(
            "mastodon.example\n",
            "-mastodon.example",
            "mastodon.-example",
            "mastodon.1xample",
            "a" * 64 + ".example",
            "a." * 126 + "example",
            "mastodon\u3002example",
        ),
    ],
)
def test_a_name_that_no_public_server_has_is_not_resolved(name: str) -> None:
    """IP addresses, single labels, internal names and misplaced dots are refused first."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS])
    with pytest.raises(HostNotPublic):
        guard(names).connect(name, 443, 1)
    assert not guard(names).is_allowed(name)
    assert names.resolved_names == []
    assert names.dialed_addresses == []


@pytest.mark.parametrize("port", [80, 8443, 22, 6379, 0, -1])
def test_only_the_https_port_is_contacted(port: int) -> None:
    """Other services of a server aren't reachable."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS])
    with pytest.raises(HostNotPublic):
        guard(names).connect(HOST, port, 1)
    assert names.dialed_addresses == []


def test_an_allow_list_excludes_other_names() -> None:
    """With a list, only exactly its names are resolved."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS])
    listed = guard(names, "Mastodon.Example ")
    tried = [HOST, "social.example", f"sub.{HOST}", f"evil{HOST}", "example"]
    assert [name for name in tried if listed.is_allowed(name)] == [HOST]


def test_a_name_is_resolved_as_absolute(secure: fake_networks.World) -> None:
    """The final dot prevents the machine's search domains, and so its internal names, from being used."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], port=secure.port)
    get(names)
    assert names.resolved_names == [f"{HOST}."]


# --- what a name resolves to ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", SHUT)
def test_a_name_with_a_private_address_is_not_contacted(address: str) -> None:
    """It is refused before a connection is opened."""
    names = fake_networks.FakeDns([address])
    assert type(refusal(names)) is AccountNotFound
    assert names.dialed_addresses == []


@pytest.mark.parametrize(
    "addresses",
    [
        [fake_networks.PUBLIC_IP_ADDRESS, "127.0.0.1"],
        ["10.0.0.1", fake_networks.PUBLIC_IP_ADDRESS],
        [fake_networks.PUBLIC_IP_ADDRESS, "::1"],
        [],
    ],
)
def test_one_private_address_is_enough_to_refuse_a_name(addresses: list[str]) -> None:
    """So is a name without any address."""
    names = fake_networks.FakeDns(addresses)
    assert type(refusal(names)) is AccountNotFound
    assert names.dialed_addresses == []


def test_private_and_missing_names_have_the_same_error() -> None:
    """Nobody learns which internal names exist."""
    missing, private = fake_networks.FakeDns(socket.gaierror(socket.EAI_NONAME, "no")), fake_networks.FakeDns(["10.0.0.1"])
    assert refusal(missing).message == refusal(private).message


def test_a_failing_resolver_does_not_mean_a_missing_name() -> None:
    """The name may be resolved later."""
    assert SourceUnavailable is type(refusal(fake_networks.FakeDns(socket.gaierror(socket.EAI_AGAIN, "later"))))


def test_a_hanging_resolver_ends_at_the_deadline() -> None:
    """The system's resolver has no timeout of its own."""
    released = threading.Event()
    hanging = SsrfGuard(resolve=lambda *_, **__: released.wait(600) and [])
    with pytest.raises(SourceUnavailable):
        fetch.fetch_timeline(MastodonSource(guard=hanging), Account("mastodon", f"nasa@{HOST}"), TimelineRequest(1), timeout_seconds=0.2)
    released.set()


def test_the_checked_address_is_the_contacted_one(secure: fake_networks.World) -> None:
    """A name is resolved once, so a changing answer has no effect."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], ["127.0.0.1"], port=secure.port)
    secure.mastodon.has("nasa")
    assert get(names).status_code == 200
    assert names.resolved_names == [f"{HOST}."]
    assert names.dialed_addresses == [(fake_networks.PUBLIC_IP_ADDRESS, 443)]


def test_each_connection_is_checked_again(secure: fake_networks.World) -> None:
    """A later connection can't be directed to a private address."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], ["127.0.0.1"], port=secure.port)
    secure.mastodon.has("nasa", posts=3)
    secure.mastodon.fails("nasa", with_="hang up", after_pages=1)
    read(names)
    assert type(refusal(names)) is AccountNotFound
    assert names.dialed_addresses == [(fake_networks.PUBLIC_IP_ADDRESS, 443)]


def test_a_retry_is_checked_again(secure: fake_networks.World) -> None:
    """A server that closes the connection can't redirect the retry."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], ["169.254.169.254"], port=secure.port)
    secure.mastodon.fails("nasa", with_="hang up", times=1)
    assert type(refusal(names)) is AccountNotFound
    assert names.dialed_addresses == [(fake_networks.PUBLIC_IP_ADDRESS, 443)]


def test_a_connection_to_another_address_is_closed(world: fake_networks.World) -> None:
    """A connection that ends at loopback is closed unused."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS])
    elsewhere = SsrfGuard(
        resolve=names.resolve, create_connection=lambda _, timeout: socket.create_connection(("127.0.0.1", world.port), timeout)
    )
    with pytest.raises(AccountNotFound):
        fetch.fetch_timeline(MastodonSource(guard=elsewhere), Account("mastodon", f"nasa@{HOST}"), TimelineRequest(1), timeout_seconds=5)
    assert world.mastodon.requests == []


def test_only_a_few_of_many_addresses_are_tried() -> None:
    """A name with a hundred addresses doesn't delay a fetch."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    names = fake_networks.FakeDns([f"93.184.215.{last}" for last in range(1, 101)], port=closed)
    with pytest.raises(OSError):
        guard(names).connect(HOST, 443, 1)
    assert len(names.dialed_addresses) == 3


# --- connections -----------------------------------------------------------------------------------------------------


def test_tls_and_host_header_use_the_name(secure: fake_networks.World) -> None:
    """The server sees its name and presents a certificate for it."""
    secure.mastodon.has("nasa", posts=2)
    timeline = read(fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], port=secure.port))
    assert timeline.posts.height == 2
    assert {request.headers["Host"] for request in secure.mastodon.requests} == {HOST}


@pytest.mark.slow
def test_a_certificate_for_another_name_is_refused(secure: fake_networks.World) -> None:
    """The server must be the one that was requested."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], port=secure.port)
    assert type(refusal(names, "nasa@impostor.example")) is SourceUnavailable
    assert secure.mastodon.requests == []


@pytest.mark.slow
def test_an_untrusted_certificate_is_refused(secure: fake_networks.World) -> None:
    """Without our test authority, the same server isn't trusted."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], port=secure.port)
    doubting = MastodonSource(guard=SsrfGuard(resolve=names.resolve, create_connection=names.dial))
    with pytest.raises(SourceUnavailable):
        fetch.fetch_timeline(doubting, Account("mastodon", f"nasa@{HOST}"), TimelineRequest(1), timeout_seconds=5)
    assert secure.mastodon.requests == []


def test_plain_http_is_refused() -> None:
    """The guard accepts only HTTPS."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS])
    with pytest.raises(HostNotPublic):
        get(names, f"http://{HOST}/")
    assert names.dialed_addresses == []


def test_an_ip_address_instead_of_a_name_is_refused() -> None:
    """This holds for URLs."""
    for address in ("https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/", "https://2130706433/"):
        with pytest.raises(HostNotPublic):
            get(fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS]), address)


@pytest.mark.parametrize(
    "location",
    [
        *("https://127.0.0.1/.well-known/webfinger", "http://169.254.169.254/latest/meta-data/", "https://localhost/.well-known/webfinger"),
        *(
            "https://metadata.google.internal/.well-known/webfinger",
            "//10.0.0.1/.well-known/webfinger",
            "/api/v1/accounts/lookup?acct=nasa",
        ),
        *("https://social.example:8443/.well-known/webfinger", "file:///etc/passwd", "https://[::1/.well-known/webfinger"),
    ],
)
def test_a_redirect_is_not_followed(secure: fake_networks.World, location: str) -> None:
    """Only the server's own name is resolved and contacted."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], port=secure.port)
    secure.mastodon.has("nasa", posts=1)
    secure.mastodon.fails("nasa", with_=fake_networks.Response(b"", 302, {"Location": location}))
    secure.mastodon.is_hosted_elsewhere("domain.example", fake_networks.Response(b"", 302, {"Location": location}))
    for name in (f"nasa@{HOST}", "nasa@domain.example"):
        refusal(names, name)
    assert {f"{HOST}.", "domain.example."} == set(names.resolved_names)
    assert {(fake_networks.PUBLIC_IP_ADDRESS, 443)} == set(names.dialed_addresses)


def test_a_server_named_by_a_domain_is_checked_too(secure: fake_networks.World) -> None:
    """A public name with a private address is refused."""
    described = {"subject": "acct:nasa@domain.example", "links": [{"rel": "self", "href": "https://social.example/users/nasa"}]}
    secure.mastodon.is_hosted_elsewhere("domain.example", fake_networks.Response(described))
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], ["10.0.0.1"], port=secure.port)
    error = refusal(names, "nasa@domain.example")
    assert type(error) is AccountNotFound
    assert "social.example" in error.detail
    assert names.dialed_addresses == [(fake_networks.PUBLIC_IP_ADDRESS, 443)]


def test_proxies_of_the_machine_are_ignored(secure: fake_networks.World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve the name itself."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    secure.mastodon.has("nasa", posts=1)
    assert read(fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], port=secure.port)).posts.height == 1


@pytest.mark.slow
def test_a_missing_tls_handshake_ends_at_the_deadline() -> None:
    """A server that accepts the connection and sends nothing doesn't delay a fetch."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = refusal(fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], port=silent.getsockname()[1]), seconds=0.3)
    assert type(error) is SourceUnavailable


def test_no_error_contains_an_address_or_a_cause() -> None:
    """It reveals neither what a name resolved to nor the original exception."""
    error = refusal(fake_networks.FakeDns(["10.1.2.3"]))
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "10.1.2.3" not in repr(vars(error))
