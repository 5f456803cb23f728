"""How accounts are written: one canonical form for each, whatever a person typed or pasted.

The grammar is the public contract's. Whether an account exists is a source's business, not this room's.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import unquote, urlsplit

Network = Literal["x", "bluesky", "mastodon", "demo", "file"]
LONGEST_ACCOUNT = 253 + 65  # a domain name, a local name and an @

_X_NAME = re.compile(r"[a-z0-9_]{1,15}")
_LOCAL_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,62}[a-z0-9_])?")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN_NAME = rf"({_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]"
_DOMAIN = re.compile(rf"(?=.{{4,253}}$)({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?")
_DEMO_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_FILE_NAME = re.compile(r"[a-z0-9_-]{1,64}(/[^/\s,]{1,100})?")
_WAYS = (
    rf"(x:)?@?{_X_NAME.pattern}",
    rf"(bluesky:)?@?{_DOMAIN_NAME}",
    rf"(mastodon:)?@?{_LOCAL_NAME.pattern}@{_DOMAIN_NAME}",
    rf"demo:{_DEMO_NAME.pattern}",
    r"file:[a-z0-9_-]{1,64}(/[a-z0-9_.@:+À-ɏͰ-ԯぁ-ヿ一-鿿가-힣-]{1,100})?",
    rf"https?://(x|twitter)\.com/{_X_NAME.pattern}",
    rf"https?://bsky\.app/profile/{_DOMAIN_NAME}",
    rf"https?://{_DOMAIN_NAME}/@{_LOCAL_NAME.pattern}",
)
WRITTEN = f"^({'|'.join(_WAYS)})$".replace("a-z", "A-Za-z")  # every documented way, as one expression; `parse` forgives more
_X_HOSTS = {"x.com", "twitter.com", "mobile.twitter.com", "mobile.x.com"}
_AROUND = " \t\r\n“”‘’\"'().…"  # what stands around a handle in a sentence
_X_PAGES = {
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


class UnreadableAccount(ValueError):
    """The text names no account; the message is a sentence for the person who typed it."""


def parse(text: str) -> Account:
    """Read one account from a handle, a prefixed handle or a profile address.

    Raises UnreadableAccount with a sentence that quotes at most 40 characters of the text, made printable.
    """
    written = text.strip(_AROUND)
    if len(written) > LONGEST_ACCOUNT:
        raise UnreadableAccount(f"“{_quote(written)}” is too long for an account: {len(written)} characters, {LONGEST_ACCOUNT} at most.")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs") for letter in written):
        raise UnreadableAccount(f"“{_quote(written)}” has invisible characters in it. Please type the handle instead of pasting it.")
    lowered = written.lower()
    account = _from_address(lowered) if "://" in lowered or "/" in lowered.split(":")[0] else _from_prefix(lowered) or _from_handle(lowered)
    if account is None:
        raise UnreadableAccount(_advice(written))
    return account


def split(text: str) -> list[str]:
    """Cut what a person typed into handles, at commas, semicolons and white space of any kind."""
    return [part for part in re.split(r"[\s,;，、]+", text) if part.strip("@ ")]


def _from_prefix(written: str) -> Account | None:
    network, colon, name = written.partition(":")
    if not colon or network not in get_args(Network):
        return None
    account = _on(network, name.strip().removeprefix("@"))  # type: ignore[arg-type]
    if account is None:
        raise UnreadableAccount(_ADVICE[network].format(_quote(name)))
    return account


def _from_handle(written: str) -> Account | None:
    name = written.removeprefix("@")
    if "@" in name:
        return _on("mastodon", name)
    return _on("bluesky", name) if "." in name else _on("x", name)


def _from_address(written: str) -> Account | None:
    """Read a profile address; a handle with a path behind it, such as `x.com/nasa`, is one too."""
    try:
        parts = urlsplit(written if "://" in written else f"https://{written}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = [unquote(step) for step in parts.path.split("/") if step]
    if parts.scheme not in ("http", "https") or not path:
        return None
    if host in _X_HOSTS:
        return _on("x", path[0].removeprefix("@")) if path[0] not in _X_PAGES else None
    if host == "bsky.app":
        return _on("bluesky", path[1]) if path[0] == "profile" and len(path) > 1 else None
    if path[0].startswith("@"):
        name = path[0][1:]
        return _on("mastodon", name if "@" in name else f"{name}@{host}")
    return None


def _on(network: Network, name: str) -> Account | None:
    """Return the account if the name is one that the network could have."""
    if network == "mastodon":
        local, _, host = name.partition("@")
        fits = bool(_LOCAL_NAME.fullmatch(local) and _DOMAIN.fullmatch(host))
    else:
        fits = bool({"x": _X_NAME, "bluesky": _DOMAIN, "demo": _DEMO_NAME, "file": _FILE_NAME}[network].fullmatch(name))
    return Account(network, name) if fits else None


_ADVICE = {
    "x": "“{}” is no X handle: those have 1 to 15 letters, digits or underscores, such as nasa.",
    "bluesky": "“{}” is no Bluesky handle: those are domain names, such as nasa.bsky.social.",
    "mastodon": "“{}” is no Mastodon account: those look like Mastodon@mastodon.social.",
    "demo": "“{}” is no name of a demo timeline: those look like demo:aster-air.",
    "file": "“{}” is no imported file: those look like file:ID or file:ID/NAME.",
}


def _advice(written: str) -> str:
    """Say what is wrong with a text that is no account, by what it most looks like."""
    if "://" in written or "/" in written:
        return f"“{_quote(written)}” is no profile address. Profile addresses look like https://x.com/nasa, or type the handle alone."
    if "@" in written.removeprefix("@"):
        return _ADVICE["mastodon"].format(_quote(written))
    if "." in written:
        return _ADVICE["bluesky"].format(_quote(written))
    return _ADVICE["x"].format(_quote(written))


def _quote(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else "�" for letter in text)
    return printable if len(printable) <= 40 else printable[:39] + "…"
