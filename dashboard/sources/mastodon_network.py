"""Mastodon as a network: accounts, addresses on any server and in any interface. Nothing in here sends a request; `mastodon.py` does."""

import re
from collections.abc import Sequence

from dashboard.core.messages import translatable
from dashboard.core.web_addresses import WebAddress, parse_web_address
from dashboard.sources.base import ReadableNetwork, Source, SourceContext
from dashboard.sources.domain_names import DOCUMENTED_PATTERN, DOMAIN_NAME, encode_domain_name

_LARGEST_SERVER = "mastodon.social"
_LOCAL_NAME_PATTERN = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,62}[a-z0-9_])?")
_ACCOUNT_PARAMETERS = ("uri", "acct", "resource", "q")  # of buttons to follow an account, lookups and searches
_FEED_SUFFIX = re.compile(r"\.(rss|atom|json)$")


class MastodonNetwork(ReadableNetwork):
    """Mastodon and other software with its API: accounts are a name and a server, such as `Mastodon@mastodon.social`."""

    name = "mastodon"
    title = "Mastodon"
    example = "mastodon@mastodon.social (Mastodon)"
    sample_report = ("Mastodon", "mastodon@mastodon.social")
    other_prefixes = frozenset({"acct", "fediverse"})
    handle_advice = translatable("“{}” isn’t a valid Mastodon account. Accounts look like Mastodon@mastodon.social.")
    handle_pattern = rf"(mastodon:)?@?{_LOCAL_NAME_PATTERN.pattern}@{DOCUMENTED_PATTERN}"
    profile_url_pattern = rf"https?://{DOCUMENTED_PATTERN}/@{_LOCAL_NAME_PATTERN.pattern}"

    def parse_name(self, text: str) -> str | None:
        """Return the account if it's a local name and a server."""
        local_name, _, domain = text.removesuffix(":443").partition("@")
        host = encode_domain_name(domain)
        return f"{local_name}@{host}" if _LOCAL_NAME_PATTERN.fullmatch(local_name) and DOMAIN_NAME.fullmatch(host) else None

    def claims_handle(self, text: str) -> bool:
        """Return whether the handle contains an `@`."""
        return "@" in text

    def claims_address(self, address: WebAddress) -> bool:
        """Return whether the address looks like a profile or a button to follow one, on any server and in any of its interfaces."""
        return self.parse_profile_address(address) is not None

    def parse_profile_address(self, address: WebAddress) -> str | None:
        """Return the account on this server, or the account of another server that this one displays."""
        host, path = _skip_interface(address.host, address.path)
        name = _find_local_name(host, path) or self._find_parameter(address)
        return name if name is None or "@" in name else f"{name}@{host}"

    def _find_parameter(self, address: WebAddress) -> str | None:
        """Return the account in a parameter: `acct:name@server`, `@name@server`, a profile's address, or, of a lookup, a local name."""
        account = next((account for name in _ACCOUNT_PARAMETERS if (account := address.parameters.get(name, ""))), "")
        if "://" in account:
            target = parse_web_address(account)
            return self.parse_profile_address(target) if target else None
        name = account.removeprefix("acct:").removeprefix("@")
        return name if self.parse_name(name) or address.path[-1:] == ("lookup",) else None

    def suggest_account(self, text: str) -> str:
        """Return the account of this name on the largest server."""
        name = f"{text}@{_LARGEST_SERVER}"
        return name if self.parse_name(name) and "." not in text else ""

    def build_source(self, context: SourceContext) -> Source:
        """Return the source that the settings configure. Loading it loads requests."""
        from dashboard.sources.mastodon import MastodonSource

        settings = context.settings
        return MastodonSource(settings.mastodon_api_url, settings.mastodon_instances, clock=context.clock, breakers=context.breakers)


MASTODON = MastodonNetwork()


def _skip_interface(host: str, path: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the server and the rest of the path, without what only names an interface: `/web`, `/deck`, or another site's `/SERVER`."""
    if path and path[0] in ("web", "deck"):
        return host, path[1:]
    return (path[0], path[1:]) if len(path) > 1 and path[1].startswith("@") and DOMAIN_NAME.fullmatch(path[0]) else (host, path)


def _find_local_name(host: str, path: Sequence[str]) -> str | None:
    """Return the name in a path such as `/@name`, `/users/name` or, as Friendica and Pixelfed have it, `/profile/name` or `/name`."""
    if not path:
        return None
    is_below_folder = path[0] in ("users", "profile") and len(path) > 1
    name = path[1] if is_below_folder else path[0]
    if not (is_below_folder or name.startswith("@") or (host.startswith("pixelfed.") and len(path) == 1)):
        return None
    return None if is_below_folder and name.isdigit() else _FEED_SUFFIX.sub("", name.removeprefix("@"))
