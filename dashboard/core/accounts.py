"""How accounts are written: one canonical form for each, whatever a person typed or pasted.

The grammar is the public contract's. Whether an account exists is a source's business, not this room's.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import unquote, urlsplit

from dashboard.core.formatting import excerpt

Network = Literal["x", "bluesky", "mastodon", "demo", "file"]
MAX_ACCOUNT_CHARS = 253 + 65  # a domain name, a local name and an @

_X_NAME_PATTERN = re.compile(r"[a-z0-9_]{1,15}")
_LOCAL_NAME_PATTERN = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,62}[a-z0-9_])?")
_DNS_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN_REGEX = rf"({_DNS_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]"
_DOMAIN_PATTERN = re.compile(rf"(?=.{{4,253}}$)({_DNS_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?")
_DEMO_NAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_FILE_NAME_PATTERN = re.compile(r"[a-z0-9_-]{1,64}(/[^/\s,]{1,100})?")
_ACCOUNT_FORMS = (
    rf"(x:)?@?{_X_NAME_PATTERN.pattern}",
    rf"(bluesky:)?@?{_DOMAIN_REGEX}",
    rf"(mastodon:)?@?{_LOCAL_NAME_PATTERN.pattern}@{_DOMAIN_REGEX}",
    rf"demo:{_DEMO_NAME_PATTERN.pattern}",
    r"file:[a-z0-9_-]{1,64}(/[a-z0-9_.@:+À-ɏͰ-ԯぁ-ヿ一-鿿가-힣-]{1,100})?",
    rf"https?://(x|twitter)\.com/{_X_NAME_PATTERN.pattern}",
    rf"https?://bsky\.app/profile/{_DOMAIN_REGEX}",
    rf"https?://{_DOMAIN_REGEX}/@{_LOCAL_NAME_PATTERN.pattern}",
)
ACCOUNT_REGEX = f"^({'|'.join(_ACCOUNT_FORMS)})$".replace("a-z", "A-Za-z")  # every documented way, as one expression; `parse` forgives more
_X_HOSTS = {"x.com", "twitter.com", "mobile.twitter.com", "mobile.x.com"}
_SURROUNDING_CHARACTERS = " \t\r\n“”‘’\"'().…"  # what stands around a handle in a sentence
_X_RESERVED_PATHS = {
    "login",
    "logout",
    "signup",
    "compose",
    "tos",
    "privacy",
    "jobs",
    "home",
    "i",
    "search",
    "explore",
    "settings",
    "hashtag",
    "intent",
    "share",
    "messages",
    "notifications",
}


@dataclass(frozen=True, order=True)
class Account:
    """One account: its network, and its name there in lower case (no `@` in front, no scheme)."""

    network: Network
    name: str

    def __str__(self) -> str:
        """Return the canonical written form, which `parse` reads back."""
        return f"{self.network}:{self.name}" if self.network in ("demo", "file") else self.name

    @property
    def label(self) -> str:
        """Return the form people know it by: X names with their `@`, those of a file with the file's first letters, the rest as written."""
        if self.network == "file" and "/" in self.name:
            identity, _, name = self.name.partition("/")
            return f"{name} (file {identity[:4]})"
        return f"@{self.name}" if self.network == "x" else str(self)


class InvalidAccount(ValueError):
    """The text names no account; the message is a sentence for the person who typed it."""


def parse_account(text: str) -> Account:
    """Read one account from a handle, a prefixed handle or a profile address.

    Raises UnreadableAccount with a sentence that quotes at most 40 characters of the text, made printable.
    """
    written = text.strip(_SURROUNDING_CHARACTERS)
    if len(written) > MAX_ACCOUNT_CHARS:
        raise InvalidAccount(f"“{excerpt(written)}” is too long for an account: {len(written)} characters, {MAX_ACCOUNT_CHARS} at most.")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs") for letter in written):
        raise InvalidAccount(f"“{excerpt(written)}” has invisible characters in it. Please type the handle instead of pasting it.")
    lowered = written.lower()
    account = (
        _parse_profile_url(lowered)
        if "://" in lowered or "/" in lowered.split(":")[0]
        else _parse_prefixed_handle(lowered) or _parse_handle(lowered)
    )
    if account is None:
        raise InvalidAccount(_describe_problem(written))
    return account


def split_accounts(text: str) -> list[str]:
    """Cut what a person typed into handles, at commas, semicolons and white space of any kind."""
    return [part for part in re.split(r"[\s,;，、]+", text) if part.strip("@ ")]


def _parse_prefixed_handle(text: str) -> Account | None:
    network, colon, name = text.partition(":")
    if not colon or network not in get_args(Network):
        return None
    account = _build_account(network, name.strip().removeprefix("@"))  # type: ignore[arg-type]
    if account is None:
        raise InvalidAccount(_FORMAT_ADVICE[network].format(excerpt(name)))
    return account


def _parse_handle(text: str) -> Account | None:
    name = text.removeprefix("@")
    if "@" in name:
        return _build_account("mastodon", name)
    return _build_account("bluesky", name) if "." in name else _build_account("x", name)


def _parse_profile_url(text: str) -> Account | None:
    """Read a profile address; a handle with a path behind it, such as `x.com/nasa`, is one too."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = [unquote(step) for step in parts.path.split("/") if step]
    if parts.scheme not in ("http", "https") or not path:
        return None
    if host in _X_HOSTS:
        return _build_account("x", path[0].removeprefix("@")) if path[0] not in _X_RESERVED_PATHS else None
    if host == "bsky.app":
        return _build_account("bluesky", path[1]) if path[0] == "profile" and len(path) > 1 else None
    if path[0].startswith("@"):
        name = path[0][1:]
        return _build_account("mastodon", name if "@" in name else f"{name}@{host}")
    return None


def _build_account(network: Network, name: str) -> Account | None:
    """Return the account if the name is one that the network could have."""
    if network == "mastodon":
        local, _, host = name.partition("@")
        fits = bool(_LOCAL_NAME_PATTERN.fullmatch(local) and _DOMAIN_PATTERN.fullmatch(host))
    else:
        fits = bool(
            {"x": _X_NAME_PATTERN, "bluesky": _DOMAIN_PATTERN, "demo": _DEMO_NAME_PATTERN, "file": _FILE_NAME_PATTERN}[network].fullmatch(
                name
            )
        )
    return Account(network, name) if fits else None


_FORMAT_ADVICE = {
    "x": "“{}” is no X handle: those have 1 to 15 letters, digits or underscores, such as nasa.",
    "bluesky": "“{}” is no Bluesky handle: those are domain names, such as nasa.bsky.social.",
    "mastodon": "“{}” is no Mastodon account: those look like Mastodon@mastodon.social.",
    "demo": "“{}” is no name of a demo timeline: those look like demo:aster-air.",
    "file": "“{}” is no imported file: those look like file:ID or file:ID/NAME.",
}


def _describe_problem(text: str) -> str:
    """Say what is wrong with a text that is no account, by what it most looks like."""
    if "://" in text or "/" in text:
        return f"“{excerpt(text)}” is no profile address. Profile addresses look like https://x.com/nasa, or type the handle alone."
    if "@" in text.removeprefix("@"):
        return _FORMAT_ADVICE["mastodon"].format(excerpt(text))
    if "." in text:
        return _FORMAT_ADVICE["bluesky"].format(excerpt(text))
    return _FORMAT_ADVICE["x"].format(excerpt(text))
