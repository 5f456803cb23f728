"""What decides, from the head of a request, whether its body is received: how large it may be, whose it is, and where it fits."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dashboard.server.body_room import BodyRoom
from dashboard.web.auth.access_keys import group_addresses
from dashboard.web.lanes import INSTANT, RouteTable
from dashboard.web.middleware.trusted_proxies import TrustedProxies

_CLIENT_SHARE = 2  # one client may occupy this fraction of a room: half of it


@dataclass(frozen=True)
class BodyRules:
    """The rules for bodies. Paths are as in the request; headers are named in capitals, as in `CONTENT_LENGTH`."""

    max_bytes: Callable[[str], int]  # of the body of a path
    find_room: Callable[[str], BodyRoom]  # that the bodies of a path share
    identify_client: Callable[[str, Mapping[str, str]], str]  # from the peer's address and the headers
    is_unread: Callable[[str, Mapping[str, str]], bool]  # whether the application answers a request without reading its body


def build_rules(routes: RouteTable, trusted_proxies: Iterable[str]) -> BodyRules:
    """Return the rules of an application: a room per lane, and clients as its proxies name them."""
    rooms = {lane: BodyRoom(lane.max_unread_bytes, lane.max_unread_bytes // _CLIENT_SHARE) for lane in (INSTANT, *routes.lanes)}
    proxies = TrustedProxies(list(trusted_proxies))

    def identify_client(peer: str, headers: Mapping[str, str]) -> str:
        return group_addresses(proxies.client_address(peer, headers.get("X_FORWARDED_FOR", "")))

    return BodyRules(routes.max_body_bytes, lambda path: rooms[routes.choose_lane(path)], identify_client, routes.is_answered_unread)
