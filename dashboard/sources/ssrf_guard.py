"""Keeps requests to hosts that a visitor names on the open internet: which names may be asked, and the connections that see to it.

A name is resolved once a connection, every address it has is judged, and a judged address is dialled, so a DNS answer that
changes in between changes nothing; TLS and the Host header keep the name. What is asked for there does not enter here.
"""

import re
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter

from dashboard.sources.domain_names import DOMAIN_NAME
from dashboard.sources.http_session import CONNECT_TIMEOUT_SECONDS, BoundedAdapter, BoundedHTTPSConnection

HTTPS_PORT = 443
MAX_CONNECTION_ATTEMPTS = 3  # addresses of one host, before giving up

_PRIVATE_HOST_PATTERN = re.compile(
    r".*\.(localhost|localdomain|local|internal|intranet|private|corp|home|lan|arpa|onion)"
)  # names of no public server
_HOST_NOT_FOUND_ERRNOS = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))

# Written out, for `is_global` differs between Python's releases: the IANA special-purpose registries, and multicast.
_BLOCKED_IPV4_NETWORKS = [
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"),
        *("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        "168.63.129.16/32",  # looks public, but is the platform itself on every machine of Azure
    )
]
_PUBLIC_IPV6_NETWORK, _NAT64_NETWORK = ip_network("2000::/3"), ip_network("64:ff9b::/96")
_BLOCKED_IPV6_NETWORKS = [
    ip_network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]  # Teredo, examples, 6to4


class HostNotPublic(Exception):
    """The host is no public server that may be asked. Nothing was sent to it."""


def is_public_address(address: str) -> bool:
    """Say whether an address is of the open internet: neither private nor special, nor wrapping one that is."""
    try:
        judged = ip_address(address)
    except ValueError:
        return False
    if isinstance(judged, IPv4Address):
        return not any(judged in network for network in _BLOCKED_IPV4_NETWORKS)
    if judged in _NAT64_NETWORK:  # how a network without IPv4 writes IPv4 addresses
        return is_public_address(str(IPv4Address(judged.packed[-4:])))
    return not judged.scope_id and judged in _PUBLIC_IPV6_NETWORK and not any(judged in network for network in _BLOCKED_IPV6_NETWORKS)


class SsrfGuard:
    """Which hosts may be asked: those of `allowed`, exactly as named, or any public one if it is empty.

    `resolve` answers like socket.getaddrinfo, `dial` like socket.create_connection; `tls` is what servers are trusted by.
    """

    def __init__(
        self,
        allowed_hosts: frozenset[str] = frozenset(),
        *,
        resolve: Callable[..., Any] = socket.getaddrinfo,
        create_connection: Callable[..., socket.socket] = socket.create_connection,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self.allowed_hosts, self.ssl_context = frozenset(name.strip().lower() for name in allowed_hosts), ssl_context
        self._resolve, self._create_connection = resolve, create_connection

    def is_allowed(self, host: str) -> bool:
        """Say whether the name is one that may be asked: no address, no inner name, and on the list if there is one."""
        return (
            bool(DOMAIN_NAME.fullmatch(host))
            and not _PRIVATE_HOST_PATTERN.fullmatch(host)
            and (not self.allowed_hosts or host in self.allowed_hosts)
        )

    def build_adapter(self) -> HTTPAdapter:
        """Return an adapter for a session whose every connection is made by this guard."""
        return _GuardedAdapter(self)

    def connect(self, host: str, port: int, timeout_seconds: float) -> socket.socket:
        """Return a connection to a judged address of a host. Raises NotPublic before anything is sent; OSError."""
        end = time.monotonic() + timeout_seconds
        if port != HTTPS_PORT or not self.is_allowed(host):
            raise HostNotPublic
        trouble = OSError("no address answers")
        for address in self._resolve_public_addresses(host, end)[:MAX_CONNECTION_ATTEMPTS]:
            try:
                return self._connect_to_address(address, end)
            except OSError as problem:
                trouble = problem
        raise trouble

    def _resolve_public_addresses(self, host: str, deadline: float) -> list[str]:
        """Return the addresses of a host, none if one of them is not public; the last dot keeps search lists out of it."""
        try:
            found = _run_until_deadline(lambda: self._resolve(f"{host}.", HTTPS_PORT, type=socket.SOCK_STREAM), deadline)
        except socket.gaierror as problem:
            if problem.errno not in _HOST_NOT_FOUND_ERRNOS:
                raise
            found = []
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not addresses or not all(map(is_public_address, addresses)):
            raise HostNotPublic
        return addresses

    def _connect_to_address(self, address: str, deadline: float) -> socket.socket:
        """Connect to an address, and make sure that it is the one at the other end."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no time is left")
        sock = self._create_connection((address, HTTPS_PORT), timeout=left)
        if _peer_address(sock) != ip_address(address):
            sock.close()
            raise HostNotPublic
        return sock


def _peer_address(sock: socket.socket) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(sock.getpeername()[0])
    except (OSError, ValueError):
        return None


def _run_until_deadline(call: Callable[[], Any], deadline: float) -> Any:
    """Return what a call brings; raise TimeoutError when it takes too long, for the system's resolver knows no such bound."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(call).result(max(0, deadline - time.monotonic()))
    finally:
        pool.shutdown(wait=False)


class _GuardedAdapter(BoundedAdapter):
    def __init__(self, guard: SsrfGuard) -> None:
        self._ssl_context, pool = guard.ssl_context, _build_pool_class(guard)
        super().__init__({"http": pool, "https": pool})  # plain HTTP ends at the guard: its port is another

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Trust the guard's authorities as well, if it names any."""
        super().init_poolmanager(*args, **options, **({"ssl_context": self._ssl_context} if self._ssl_context else {}))


def _build_pool_class(guard: SsrfGuard) -> type[urllib3.HTTPSConnectionPool]:
    """Return urllib3's way to make connections, by the guard alone."""

    class Connection(BoundedHTTPSConnection):
        _guarded = False

        def _new_conn(self) -> socket.socket:
            seconds = self.timeout if isinstance(self.timeout, (int, float)) else CONNECT_TIMEOUT_SECONDS
            try:
                sock = guard.connect(self.host, self.port or HTTPS_PORT, seconds)
            except TimeoutError:
                raise urllib3.exceptions.ConnectTimeoutError(self, "too slow") from None
            except OSError:
                raise urllib3.exceptions.NewConnectionError(self, "not reached") from None
            self._guarded = True
            return sock

        def connect(self) -> None:
            """Connect and greet, and go no further if a urllib3 to come should find another way than `_new_conn`."""
            super().connect()
            if not self._guarded:
                self.close()
                raise HostNotPublic

    class Pool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Connection

    return Pool
