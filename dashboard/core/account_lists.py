"""Finds the accounts in what a person typed or pasted into one field: links become their addresses, and marks between accounts are dropped.

How one account is written is in `accounts.py`. Every pattern takes linear time, because a form may be full of anything.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from urllib.parse import unquote_plus

from dashboard.core.account_problems import has_title
from dashboard.core.networks import NETWORKS, OTHER_SITES

_MAX_WORDS_OF_NAME = 6
_SEPARATORS = ",;，、､﹐；﹔،؛"
_NAME_WORD = re.compile(r"(?:[^\W\d_]['’])?[^\W\d_]{2,}(?:['’-][^\W\d_]+)*")
_SMALL_WORD = re.compile(r"[^\W\d_]\.?|[A-Z]{2,}|(?:Dr|Mr|Mrs|Ms|Prof|St)\.|of|the|and|for|de|la|le|du|des|der|den|von|van|da|di|y|e|&")
_TITLE_WITH_HANDLE = re.compile(
    r"(?<![^,;，、\r\n\t])[^\S\r\n\t]*[^\Wa-z\d_][^,;，、\r\n\t()@]*\((@[\w.@-]+)\)(?:\s*(?:[/|•·–—-]\s*[A-Za-z]+)?(?![^,;，、\r\n\t\s]))?"
)
_OWN_PARAMETER = re.compile(r"(?:^|[?&])users=([^&#]+)")
_HTML_LINK = re.compile(r"<a\s([^<>]{1,4000}+)>[^<]{0,300}</a>", re.IGNORECASE)  # with its attributes
_HREF = re.compile(r"(?<!\S)href\s*=\s*[\"']?([^\"'<>\s]+)", re.IGNORECASE)
_LINKS = [  # other ones, each with its address
    re.compile(r"!?\[[^\[\]]{0,300}\]\(\s*<?([^\s()<>]+://[^\s()<>]+)>?(?:\s+[\"“][^\"”]{0,300}[\"”])?\s*\)"),
    re.compile(r"<(https?://[^|<>\s]+)\|[^<>]{0,300}>"),  # Slack's
    re.compile(r"https://urldefense\.com/v3/__(\S{1,2000}?)__;\S*"),  # in messages that a company's filter has rewritten
]
_GLUED_ADDRESS = re.compile(r"(?<=[A-Za-z0-9])(?=https?://)")
_ITEM_NUMBER = re.compile(r"(?<!\S)\d{1,3}[.)](?=\s+\S)")
_CONJUNCTION = re.compile(r"(?<=[^\S\r\n])(?:and|or|vs\.?|und|oder|et|ou|[yoe](?=\s+@)|[&+])(?=\s)", re.IGNORECASE)
_NAME_AT_SERVER = re.compile(rf"(?<![^\s{_SEPARATORS}])@?([\w.-]{{1,64}})[^\S\r\n]+at[^\S\r\n]+((?:[\w-]+\.)+[\w-]+)")


def split_accounts(text: str) -> list[str]:
    """Split what a person typed into handles, at commas, semicolons and white space of any kind.

    Of a name with its handle in parentheses, as the title of a profile page has it, only the handle is kept: `NASA (@NASA) / X`. Links
    become their addresses, the address of a report its accounts, and `Bluesky: a.example` or `a.example (Bluesky)` the account with its
    prefix. Bullets, numbers of items, emoji and words such as “and” between accounts are dropped.
    """
    parts = re.split(rf"[\s{_SEPARATORS}]+", _unwrap(text))
    handles = [part for part in parts if part.strip("@ ") and not _is_mark(part)]
    return handles or [part for part in parts if part.strip("@ \"'“”‘’")]


def find_personal_name(text: str) -> str:
    """Return the first part of what a person typed that looks like a name with spaces, such as `Jane Smith`; empty if none does.

    A name is two to six words with nothing but a space between them. At least two have a capital and small letters; the others are small
    words (`of`, `van`), initials or acronyms. `nasa esa` and `NASA ESA` aren't names. The title of a demo account is one in any case.
    """
    pattern = _account_with_network()
    parts = (part.split() for part in re.split(rf"[{_SEPARATORS}\r\n\t]+", _TITLE_WITH_HANDLE.sub("", text)))
    return next((" ".join(words) for words in parts if _is_name(words) or _is_name(pattern.sub(r"\1", " ".join(words)).split())), "")


def _is_name(words: Sequence[str]) -> bool:
    if not 2 <= len(words) <= _MAX_WORDS_OF_NAME:
        return False
    if has_title(" ".join(words)):
        return True
    is_possible = all(_NAME_WORD.fullmatch(word) or _SMALL_WORD.fullmatch(word) for word in words)
    return is_possible and sum(bool(_NAME_WORD.fullmatch(word)) and word.istitle() for word in words) >= min(2, len(words))


def _is_mark(part: str) -> bool:
    """Return whether a part has nothing that a handle could consist of: a bullet, a dash, an emoji. Signs of tags don't count as such."""
    return not re.search(r"[\w#$]", unicodedata.normalize("NFKC", part))


def _unwrap(text: str) -> str:
    """Return the text with every account as `parse_account` reads it, and white space or separators between accounts."""
    lines = "\n".join(line for line in text.splitlines() if line and not line.isspace())
    text = _TITLE_WITH_HANDLE.sub(r" \1 ", lines)
    if "users=" in text:
        text = "".join(map(_read_own_address, re.split(r"(\s+)", text)))
    text = _HTML_LINK.sub(_read_html_link, text)
    for pattern in _LINKS:
        text = pattern.sub(r" \1 ", text)
    text = _GLUED_ADDRESS.sub(" ", text)
    text = _label_before_account().sub(r"\1:", text)
    text = _account_with_network().sub(lambda match: f"{_network_names()[(match[2] or match[3]).lower()]}:{match[1]}", text)
    text = _NAME_AT_SERVER.sub(r"\1@\2", text)
    return _CONJUNCTION.sub(" ", _ITEM_NUMBER.sub(" ", text))


def _read_html_link(link: re.Match[str]) -> str:
    """Return the address that an HTML link leads to, or the link itself if it has none."""
    href = _HREF.search(link[1])
    return f" {href[1]} " if href else link[0]


def _read_own_address(word: str) -> str:
    """Return the accounts in the address of a report, or the word itself."""
    match = _OWN_PARAMETER.search(word)
    return unquote_plus(match[1]) if match else word


@cache
def _network_names() -> dict[str, str]:
    """Return the prefix of each network by every name that people write for it, in lower case."""
    return {name: network.name for network in NETWORKS for name in (network.name, network.title.lower(), *network.other_prefixes)}


@cache
def _label_before_account() -> re.Pattern[str]:
    """Return a pattern for a network or site, a colon and white space before an account."""
    names = "|".join(map(re.escape, [*_network_names(), *(site.name for site in OTHER_SITES)]))
    return re.compile(rf"(?<![^\s{_SEPARATORS}(])({names})[^\S\r\n]*[:：]\s+(?=[^\s{_SEPARATORS}])", re.IGNORECASE)


@cache
def _account_with_network() -> re.Pattern[str]:
    """Return a pattern for an account and its network: `nasa (X)`, `nasa on X`."""
    titles = "|".join(re.escape(name) for name, network in _network_names().items() if not NETWORKS[network].is_prefix_required)
    network = rf"\(({titles})\)|(?:on|auf|sur|en|em|no)[^\S\r\n]+({titles})(?![\w.@/-])"
    return re.compile(rf"(?<![^\s{_SEPARATORS}])([\w.@-]{{1,300}})[^\S\r\n]+(?:{network})", re.IGNORECASE)
