"""Keeps requests to hosts that visitors name on the public internet: decides which hosts may be contacted, and opens the connections.

A name is resolved once per connection. All of its addresses are checked, and the connection goes to a checked address, so a DNS answer
that changes in between has no effect. TLS and the Host header still use the name. Nothing in here knows what is requested.
"""

import re
import socket
import ssl
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter

from dashboard.sources.bounded_connections import BoundedAdapter, BoundedHTTPSConnection
from dashboard.sources.domain_names import DOMAIN_NAME
from dashboard.sources.http_session import CONNECT_TIMEOUT_SECONDS, ServerNotTried
from dashboard.sources.name_lookups import LookupsBusy, NameLookups

HTTPS_PORT = 443
MAX_CONNECTION_ATTEMPTS = 3  # addresses of one host that are tried

_PRIVATE_HOST_PATTERN = re.compile(
    r".*\.(localhost|localdomain|local|internal|intranet|private|corp|home|lan|arpa|onion)"
)  # suffixes that public servers never have
_HOST_NOT_FOUND_ERRNOS = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))

# The IANA special-purpose registries and multicast, written out because `is_global` differs between Python's releases.
_BLOCKED_IPV4_NETWORKS = [
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"),
        *("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        "168.63.129.16/32",  # looks public, but is Azure's own platform service on each of its machines
    )
]
_PUBLIC_IPV6_NETWORK, _NAT64_NETWORK = ip_network("2000::/3"), ip_network("64:ff9b::/96")
_BLOCKED_IPV6_NETWORKS = [
    ip_network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]  # Teredo, examples, 6to4


class HostNotPublic(Exception):
    """The host isn't a public server that may be contacted. Nothing was sent to it."""


def is_public_address(address: str) -> bool:
    """Return whether an address belongs to the public internet: neither private nor reserved, nor an IPv6 form of such an address."""
    try:
        parsed_address = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed_address, IPv4Address):
        return not any(parsed_address in network for network in _BLOCKED_IPV4_NETWORKS)
    if parsed_address in _NAT64_NETWORK:  # IPv4 addresses as an IPv6-only network writes them
        return is_public_address(str(IPv4Address(parsed_address.packed[-4:])))
    return (
        not parsed_address.scope_id
        and parsed_address in _PUBLIC_IPV6_NETWORK
        and not any(parsed_address in network for network in _BLOCKED_IPV6_NETWORKS)
    )


class SsrfGuard:
    """Decides which hosts may be contacted: exactly those of `allowed_hosts`, or any public host if it is empty.

    `resolve` has the signature of socket.getaddrinfo, `create_connection` that of socket.create_connection. `ssl_context` replaces the
    default one.
    """

    def __init__(
        self,
        allowed_hosts: frozenset[str] = frozenset(),
        *,
        resolve: Callable[..., Any] = socket.getaddrinfo,
        create_connection: Callable[..., socket.socket] = socket.create_connection,
        ssl_context: ssl.SSLContext | None = None,
        lookups: NameLookups | None = None,
    ) -> None:
        self.allowed_hosts, self.ssl_context = frozenset(name.strip().lower() for name in allowed_hosts), ssl_context
        self._resolve, self._create_connection, self._lookups = resolve, create_connection, lookups or NameLookups()

    def is_allowed(self, host: str) -> bool:
        """Return whether a host may be contacted: a public domain name rather than an address, and on the allow-list if there is one."""
        return (
            bool(DOMAIN_NAME.fullmatch(host))
            and not _PRIVATE_HOST_PATTERN.fullmatch(host)
            and (not self.allowed_hosts or host in self.allowed_hosts)
        )

    def build_adapter(self) -> HTTPAdapter:
        """Return an adapter for a session whose connections are all opened by this guard."""
        return _GuardedAdapter(self)

    def connect(self, host: str, port: int, timeout_seconds: float) -> socket.socket:
        """Return a connection to a checked address of a host.

        Raises HostNotPublic before anything is sent, or OSError if no address can be reached.
        """
        deadline = time.monotonic() + timeout_seconds
        if port != HTTPS_PORT or not self.is_allowed(host):
            raise HostNotPublic
        last_error = OSError("no address can be reached")
        for address in self._resolve_public_addresses(host, deadline)[:MAX_CONNECTION_ATTEMPTS]:
            try:
                return self._connect_to_address(address, deadline)
            except OSError as error:
                last_error = error
        raise last_error

    def _resolve_public_addresses(self, host: str, deadline: float) -> list[str]:
        """Return the addresses of a host. Raises HostNotPublic if there are none, or if any of them isn't public."""
        try:
            entries = self._lookups.run(lambda: self._resolve(f"{host}.", HTTPS_PORT, type=socket.SOCK_STREAM), deadline)
        except socket.gaierror as error:
            if error.errno not in _HOST_NOT_FOUND_ERRNOS:
                raise
            entries = []
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
        if not addresses or not all(map(is_public_address, addresses)):
            raise HostNotPublic
        return addresses

    def _connect_to_address(self, address: str, deadline: float) -> socket.socket:
        """Connect to an address, and verify that the peer has it."""
        remaining_seconds = deadline - time.monotonic()
        if remaining_seconds <= 0:
            raise TimeoutError("the deadline has passed")
        sock = self._create_connection((address, HTTPS_PORT), timeout=remaining_seconds)
        if _peer_address(sock) != ip_address(address):
            sock.close()
            raise HostNotPublic
        return sock


def _peer_address(sock: socket.socket) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(sock.getpeername()[0])
    except (OSError, ValueError):
        return None


class _GuardedAdapter(BoundedAdapter):
    def __init__(self, guard: SsrfGuard) -> None:
        self._ssl_context, pool = guard.ssl_context, _build_pool_class(guard)
        super().__init__({"http": pool, "https": pool})  # the guard refuses plain HTTP because of its port

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Use the guard's TLS context if it has one."""
        super().init_poolmanager(*args, **options, **({"ssl_context": self._ssl_context} if self._ssl_context else {}))


def _build_pool_class(guard: SsrfGuard) -> type[urllib3.HTTPSConnectionPool]:
    """Return a urllib3 pool whose connections are opened only by the guard."""

    class Connection(BoundedHTTPSConnection):
        _guarded = False

        def _new_conn(self) -> socket.socket:
            seconds = self.timeout if isinstance(self.timeout, (int, float)) else CONNECT_TIMEOUT_SECONDS
            try:
                sock = guard.connect(self.host, self.port or HTTPS_PORT, seconds)
            except LookupsBusy:
                raise ServerNotTried(self, "too many names are being looked up") from None
            except TimeoutError:
                raise urllib3.exceptions.ConnectTimeoutError(self, "connecting took too long") from None
            except OSError:
                raise urllib3.exceptions.NewConnectionError(self, "the host can't be reached") from None
            self._guarded = True
            return sock

        def connect(self) -> None:
            """Connect, and refuse to continue if a future urllib3 bypasses `_new_conn`."""
            super().connect()
            if not self._guarded:
                self.close()
                raise HostNotPublic

    class Pool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Connection

    return Pool
