"""How accounts are written: one canonical form for each, whatever a person typed or pasted.

How handles look on a network is the network's business, and whether an account exists is its source's. Nothing of either belongs here.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from dashboard.core.formatting import excerpt
from dashboard.core.networks import NETWORKS, Network

MAX_ACCOUNT_CHARS = 253 + 65  # a domain name, a local name and an @
_SURROUNDING_CHARACTERS = " \t\r\n“”‘’\"'().…"  # what surrounds a handle in a sentence
_MAX_WORDS_OF_NAME = 3
_NAME_WORD = re.compile(r"(?:[^\W\d_]['’])?[^\W\d_]{2,}(?:['’-][^\W\d_]+)*")


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
        """Return the form that people know the account by."""
        return NETWORKS[self.network].format_label(self.name)

    def includes(self, other: "Account") -> bool:
        """Return whether this account's posts include the other's: it's the same account, or a file that the other is a part of."""
        return self.network == other.network and NETWORKS[self.network].includes(self.name, other.name)


class InvalidAccount(ValueError):
    """The text isn't an account. The message is a sentence for the person who typed it."""


def parse_account(text: str) -> Account:
    """Parse a handle, a handle with its network in front, or a profile address.

    Raises InvalidAccount with a sentence that quotes at most 40 characters of the text, made printable.
    """
    written = text.strip(_SURROUNDING_CHARACTERS)
    if len(written) > MAX_ACCOUNT_CHARS:
        raise InvalidAccount(
            f"“{excerpt(written)}” is too long for an account: it has {len(written):,} characters, and the limit is {MAX_ACCOUNT_CHARS}."
        )
    if any(unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") for character in written):
        raise InvalidAccount(f"“{excerpt(written)}” contains invisible characters. Please type the handle instead of pasting it.")
    lowered = written.lower()
    is_url = "://" in lowered or "/" in lowered.split(":")[0]
    account = _parse_profile_url(lowered) if is_url else _parse_prefixed_handle(lowered) or _parse_handle(lowered)
    if account is None:
        raise InvalidAccount(_describe_problem(written))
    return account


def network_title(canonical_account: str) -> str:
    """Return the title of the network of an account in its canonical form."""
    return NETWORKS[parse_account(canonical_account).network].title


def split_accounts(text: str) -> list[str]:
    """Split what a person typed into handles, at commas, semicolons and white space of any kind."""
    return [part for part in re.split(r"[\s,;，、]+", text) if part.strip("@ ")]


def find_personal_name(text: str) -> str:
    """Return the first part of what a person typed that looks like a name with spaces, such as `Jane Smith`; empty if none does.

    A name is two or three words with nothing but a space between them, each a capital and small letters. `nasa esa` and `NASA ESA` aren't.
    """
    parts = (part.split() for part in re.split(r"[,;，、\r\n\t]+", text))
    return next((" ".join(words) for words in parts if 2 <= len(words) <= _MAX_WORDS_OF_NAME and all(map(_is_capitalized, words))), "")


def _is_capitalized(word: str) -> bool:
    return bool(_NAME_WORD.fullmatch(word)) and word.istitle()


def account_regex() -> str:
    """Return every documented way to write an account as one regular expression. `parse_account` accepts more than these."""
    patterns = [
        *(network.handle_pattern for network in NETWORKS),
        *(network.profile_url_pattern for network in NETWORKS if network.profile_url_pattern),
    ]
    return f"^({'|'.join(patterns)})$".replace("a-z", "A-Za-z")


def _parse_prefixed_handle(text: str) -> Account | None:
    prefix, colon, name = text.partition(":")
    if not colon or prefix not in NETWORKS:
        return None
    network = NETWORKS[prefix]
    account = _build_account(network, name.strip().removeprefix("@"))
    if account is None:
        raise InvalidAccount(network.handle_advice.format(excerpt(name)))
    return account


def _parse_handle(text: str) -> Account | None:
    name = text.removeprefix("@")
    return _build_account(_find_handle_network(name), name)


def _parse_profile_url(text: str) -> Account | None:
    """Parse the address of a profile or of a page below one. The scheme may be missing, as in `x.com/nasa`."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = [unquote(segment) for segment in parts.path.split("/") if segment]
    if parts.scheme not in ("http", "https") or not path:
        return None
    network = _find_url_network(host, path)
    return _build_account(network, network.parse_profile_path(host, path)) if network else None


def _find_handle_network(name: str) -> Network:
    """Return the network whose handles look like this one. One of the built-in networks claims each text."""
    return next(network for network in NETWORKS if network.claims_handle(name))


def _find_url_network(host: str, path: list[str]) -> Network | None:
    """Return the network of a profile address: the one whose own host it is, or else the first that claims the path."""
    owner = next((network for network in NETWORKS if host in network.profile_hosts), None)
    return owner or next((network for network in NETWORKS if network.claims_profile_path(path)), None)


def _build_account(network: Network, name: str | None) -> Account | None:
    """Return the account if it's one that the network could have."""
    canonical_name = network.parse_name(name) if name is not None else None
    return Account(network.name, canonical_name) if canonical_name else None


def _describe_problem(text: str) -> str:
    """Explain what is wrong with a text that isn't an account, by what it looks most like."""
    if "://" in text or "/" in text:
        return f"“{excerpt(text)}” isn't a profile link. Profile links look like https://x.com/nasa; you can also enter only the handle."
    return _find_handle_network(text.removeprefix("@")).handle_advice.format(excerpt(text))
