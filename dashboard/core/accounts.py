"""How accounts are written: one canonical form for each, whatever a person typed or pasted.

How handles look on a network is the network's business, and whether an account exists is its source's. Nothing of either belongs here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from dashboard.core.account_problems import explain_prefixed_handle, explain_text, find_other_site, find_owner, is_file_name
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import excerpt
from dashboard.core.messages import gettext, translatable
from dashboard.core.networks import NETWORKS, Network
from dashboard.core.pasted_text import clean_pasted_text, has_invisible_characters, strip_quotes
from dashboard.core.suggestions import CorrectableError, Correction
from dashboard.core.web_addresses import WebAddress, parse_web_address

MAX_ACCOUNT_CHARS = 253 + 65  # a domain name, a local name and an @
_MAX_ADDRESS_CHARS = 2000  # of what mail filters and redirects make of an address
_ENCODED_HANDLE = re.compile(r"(?:%40|[a-z]+%3a|[\w.@-]+%40)")


@dataclass(frozen=True, order=True)
class Account:
    """One account: the name of its network, and its own name there in lower case (no `@` in front, no scheme)."""

    network: str
    name: str

    def __str__(self) -> str:
        """Return the canonical form, which `parse_account` reads back."""
        return NETWORKS[self.network].format_account(self.name)

    @property
    def label(self) -> str:
        """Return the best name that is known without reading the account, which is its handle unless its network knows a better one."""
        return NETWORKS[self.network].format_label(self.name)

    @property
    def author_label(self) -> str:
        """Return its label as the author of a post in a series of several accounts."""
        return NETWORKS[self.network].format_author(self.name)

    @property
    def handle(self) -> str:
        """Return what identifies the account on its network, as people write it there."""
        return NETWORKS[self.network].format_handle(self.name)

    def includes(self, other: "Account") -> bool:
        """Return whether this account's posts include the other's: it's the same account, or a file that the other is a part of."""
        return self.network == other.network and NETWORKS[self.network].includes(self.name, other.name)


class InvalidAccount(CorrectableError):
    """The text isn't an account. The message is a sentence for the person who typed it, with what may have been meant."""


def parse_account(text: str) -> Account:
    """Parse a handle, a handle with its network in front, or a profile address, with whatever people paste around it.

    Raises InvalidAccount with a sentence that quotes at most 40 characters of the text, made printable.
    """
    written = strip_quotes(text)
    if len(written) > (_MAX_ADDRESS_CHARS if written.lower().startswith(("http://", "https://")) else MAX_ACCOUNT_CHARS):
        too_long = translatable("“%(text)s” is too long for an account: it has %(count)s characters, and the limit is %(limit)s.")
        sentence = gettext(too_long, text=excerpt(written), count=format_number(len(written)), limit=MAX_ACCOUNT_CHARS)
        raise InvalidAccount(Correction(sentence))
    if not _is_exact(written):
        written = clean_pasted_text(written) or written
    if has_invisible_characters(written):
        invisible = translatable("“%(text)s” contains invisible characters. Please type the handle instead of pasting it.")
        raise InvalidAccount(Correction(gettext(invisible, text=excerpt(written))))
    lowered = _decode_percent(written.lower())
    account = _parse_prefixed_handle(lowered) or (_parse_profile_url(lowered) if _is_url(lowered) else _parse_handle(lowered))
    if account is None:
        raise InvalidAccount(explain_text(written))
    return account


def source_notice(accounts: Iterable[Account]) -> str:
    """Return the notices that these accounts' networks require, such as that demo data is made up; "" if there are none."""
    return " ".join(dict.fromkeys(gettext(notice) for account in accounts if (notice := NETWORKS[account.network].notice)))


def network_title(canonical_account: str) -> str:
    """Return the title of the network of an account in its canonical form."""
    return gettext(NETWORKS[parse_account(canonical_account).network].title)


def account_regex() -> str:
    """Return every documented way to write an account as one regular expression. `parse_account` accepts more than these."""
    patterns = [
        *(network.handle_pattern for network in NETWORKS),
        *(network.profile_url_pattern for network in NETWORKS if network.profile_url_pattern),
    ]
    return f"^({'|'.join(patterns)})$".replace("a-z", "A-Za-z")


def _is_exact(text: str) -> bool:
    """Return whether a text begins with a prefix after which every character may belong to a name, such as `file:`."""
    prefix, colon, _ = text.lower().partition(":")
    return bool(colon) and prefix in NETWORKS and NETWORKS[prefix].is_prefix_required


def _is_url(text: str) -> bool:
    return "://" in text or "/" in text.split(":")[0] or text.startswith(("http:", "https:"))


def _decode_percent(text: str) -> str:
    return unquote(text) if _ENCODED_HANDLE.match(text) else text


def _parse_prefixed_handle(text: str) -> Account | None:
    prefix, colon, rest = text.partition(":")
    network = next((network for network in NETWORKS if prefix == network.name or prefix in network.other_prefixes), None)
    if not colon or network is None:
        return None
    if "/" in rest.lstrip("/") and not network.is_prefix_required and (found := _parse_profile_url(rest)) and found.network == network.name:
        return found
    name = _parse_app_link(network, rest) if rest.startswith("//") else rest.strip()
    account = _build_account(network, name.removeprefix("@"))
    if account is None:
        raise InvalidAccount(explain_prefixed_handle(text, name, network))
    return account


def _parse_app_link(network: Network, rest: str) -> str:
    """Return the name in what follows the scheme of an app's link, all of it if there is none."""
    path, _, query = rest.partition("#")[0].partition("?")
    segments = [segment for segment in path.split("/") if segment]
    parameters = {name: values[0] for name, values in parse_qs(query).items()}
    return (network.parse_app_link(segments, parameters) if segments else None) or rest


def _parse_handle(text: str) -> Account | None:
    name = text.removeprefix("@")
    return None if _is_at_other_site(name) or is_file_name(name) else _build_account(_find_handle_network(name), name)


def _parse_profile_url(text: str) -> Account | None:
    """Parse the address of a profile or of a page below one. The scheme may be missing, as in `x.com/nasa`."""
    address = parse_web_address(text)
    network = _find_url_network(address) if address else None
    if not address or not network or find_other_site(address.site):
        return None
    name = network.parse_profile_address(address)
    if name is not None and _is_at_other_site(name):
        raise InvalidAccount(explain_text(name))
    return _build_account(network, name)


def _is_at_other_site(name: str) -> bool:
    """Return whether a name ends in `@` and a site that isn't a Mastodon server, as people also write accounts of X: `@nasa@x.com`."""
    local_name, _, host = name.rpartition("@")
    return bool(local_name) and (find_other_site(host) is not None or find_owner(host) is not None)


def _find_handle_network(name: str) -> Network:
    """Return the network whose handles look like this one. One of the built-in networks claims each text."""
    return next(network for network in NETWORKS if network.claims_handle(name))


def _find_url_network(address: WebAddress) -> Network | None:
    """Return the network of a profile address: the one whose own host it is, or else the first that claims the address."""
    return find_owner(address.site) or next((network for network in NETWORKS if network.claims_address(address)), None)


def _build_account(network: Network, name: str | None) -> Account | None:
    """Return the account if it's one that the network could have."""
    canonical_name = network.parse_name(name) if name is not None else None
    return Account(network.name, canonical_name) if canonical_name else None
