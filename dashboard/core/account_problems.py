"""Explains a text that isn't an account: what it looks most like, what to do instead, and which account may be meant.

What accounts look like is each network's business, and parsing them is in `accounts.py`.
"""

import itertools
import re
from collections.abc import Iterable

from dashboard.core.formatting.texts import excerpt, quote
from dashboard.core.messages import gettext, translatable, translate
from dashboard.core.networks import NETWORKS, OTHER_SITES, Network, OtherSite
from dashboard.core.suggestions import Correction, Suggestion
from dashboard.core.web_addresses import WebAddress, parse_web_address

_PROFILE_FOLDERS = [(name,) for name in ("c", "user", "company", "in", "school", "showcase", "r", "u")]  # of other sites
_TAG_SEGMENTS = {"hashtag", "tags", "tag", "hashtags"}
_NUMBERED_FOLDERS = {"users", "accounts", "profile", "statuses", "interact"}
_WORD = re.compile(r"[a-z0-9_]{1,15}")
_FILE_NAME = re.compile(r"(?:.*[\\/])?[^\\/@]+\.(?:csv|tsv|json|jsonl|ndjson|js|txt|xls|xlsx|xlsm|ods|parquet|gz)|[a-z]:\\.*")
_TAG_ADVICE = translatable("Chorus reads accounts: enter one that uses it, or upload a file of posts that you have collected.")
_FILE_ADVICE = translatable("Enter an account, or upload the file on the first page.")
_NO_HANDLE_ADVICE = translatable("It doesn’t contain the account’s handle: open the profile in a browser, and copy its address.")
_NO_PROFILE = translatable("%(text)s isn’t a profile link.")
_GENERIC_ADVICE = translatable("Profile links look like https://x.com/nasa; you can also enter only the handle.")


def explain_text(text: str) -> Correction:
    """Return a sentence or two for a text that isn't an account, and what may be meant. At most 40 characters of it are quoted."""
    lowered, quoted = text.lower(), quote(excerpt(text))
    if lowered.startswith(("#", "$")):
        is_tag = lowered[0] == "#"
        statement = gettext("%(text)s is a hashtag.", text=quoted) if is_tag else gettext("%(text)s is a stock symbol.", text=quoted)
        sentence = f"{statement} {gettext(_TAG_ADVICE)}"
        return Correction(sentence, text, suggest_by_name(lowered[1:]))
    if is_file_name(lowered):
        statement = gettext("%(text)s is the name of a file.", text=quoted)
        return Correction(f"{statement} {gettext(_FILE_ADVICE)}", text)
    prefix, _, rest = lowered.partition(":")
    if "://" not in lowered and "/" not in prefix and (site := _find_named_site(prefix if rest else lowered)):
        return Correction(_explain_site(quoted, site), text)
    if "://" in lowered or "/" in lowered:
        return _explain_address(text, quoted, parse_web_address(lowered))
    return _explain_handle(text, lowered.removeprefix("@"), quoted)


def explain_personal_name(name: str) -> Correction:
    """Return a sentence for a name with spaces, such as `Jane Goodall`, and the accounts that may be meant.

    The words of the name as accounts of their own are the last suggestion, because somebody may have forgotten a comma.
    """
    words = name.lower().split()
    titled = [Suggestion(network.format_label(account), network.format_account(account)) for network, account in _find_titled(name)]
    several = Suggestion(" and ".join(f"@{word}" for word in words), ", ".join(f"@{word}" for word in words))
    suggestions = titled or [*suggest_by_name("".join(re.findall(r"[a-z0-9]+", name.lower()))), several]
    return Correction(gettext("%(text)s looks like a name, not a handle.", text=quote(excerpt(name))), name, tuple(suggestions))


def has_title(name: str) -> bool:
    """Return whether a network has an account with this title."""
    return bool(_find_titled(name))


def is_file_name(text: str) -> bool:
    """Return whether a text in lower case is the name of a file of posts, with or without its folder. None of the endings is a domain."""
    return "://" not in text and bool(_FILE_NAME.fullmatch(text))


def explain_missing_handle() -> str:
    """Return what to do instead of using an address that stands for an account or a post by a number."""
    return gettext(_NO_HANDLE_ADVICE)


def find_owner(host: str) -> Network | None:
    """Return the network that a host belongs to."""
    return next((network for network in NETWORKS if network.owns_host(host)), None)


def find_other_site(host: str) -> OtherSite | None:
    """Return the site that Chorus can't read and that a host, or the host at the end of an e-mail address, belongs to."""
    domain = host.rpartition("@")[2]
    return next((site for site in OTHER_SITES if domain in site.hosts or domain.partition(".")[2] in site.hosts), None)


def suggest_by_name(name: str) -> tuple[Suggestion, ...]:
    """Return the accounts of the same name on the networks that have short handles."""
    return _suggest(name, NETWORKS) if _WORD.fullmatch(name) else ()


def suggest_on_network(name: str, network: Network) -> tuple[Suggestion, ...]:
    """Return what a network suggests for a text that isn't one of its accounts."""
    return _suggest(name, [network])


def suggest_on_free_networks(name: str) -> tuple[Suggestion, ...]:
    """Return the accounts of the same name on the networks that need no key."""
    return _suggest(name, [network for network in NETWORKS if not network.is_paid])


def _find_named_site(text: str) -> OtherSite | None:
    return OTHER_SITES[text] if text in OTHER_SITES else find_other_site(text)


def _explain_site(quoted: str, site: OtherSite) -> str:
    statement = gettext("%(text)s is %(site)s.", text=quoted, site=translate(site.title))
    return f"{statement} {translate(site.advice)}"


def _explain_address(text: str, quoted: str, address: WebAddress | None) -> Correction:
    if address is None:
        return Correction(f"{gettext(_NO_PROFILE, text=quoted)} {gettext(_GENERIC_ADVICE)}", text)
    if site := find_other_site(address.site):
        is_profile = address.site.startswith(f"{site.name}.") and (len(address.path) == 1 or address.path[:1] in _PROFILE_FOLDERS)
        suggestions = suggest_by_name(address.path[-1].removeprefix("@")) if is_profile else ()
        return Correction(_explain_site(quoted, site), text, suggestions)
    if len(address.path) > 1 and address.path[-2] in _TAG_SEGMENTS:
        statement = gettext("%(text)s isn’t a profile link but one of a hashtag.", text=quoted)
        return Correction(f"{statement} {gettext(_TAG_ADVICE)}", text, suggest_by_name(address.path[-1]))
    owner = find_owner(address.site)
    if owner is None:
        explanation, suggestions = explain_missing_handle() if _has_number(address) else "", _suggest_by_domain(address)
    else:
        explanation, suggestions = owner.explain_address(address), suggest_on_network(owner.find_name_in_address(address), owner)
    return Correction(f"{gettext(_NO_PROFILE, text=quoted)} {explanation or gettext(_GENERIC_ADVICE)}", text, suggestions)


def _has_number(address: WebAddress) -> bool:
    """Return whether an address stands for an account or a post by its number, as in `/users/1` and `/web/statuses/1`."""
    return any(folder in _NUMBERED_FOLDERS and name.isdigit() for folder, name in itertools.pairwise(address.path))


def _suggest_by_domain(address: WebAddress) -> tuple[Suggestion, ...]:
    """Return the account whose handle is all that an address has: its domain."""
    if address.path or address.parameters or address.fragment:
        return ()
    return _suggest(
        address.host, [network for network in NETWORKS if network.claims_handle(address.host) and network.parse_name(address.host)]
    )


def _explain_handle(text: str, name: str, quoted: str) -> Correction:
    host = name.rpartition("@")[2]
    if "@" in name and (owner := find_owner(host)):
        written = translatable("%(text)s is written like a Mastodon account, but %(host)s is %(network)s.")
        sentence = gettext(written, text=quoted, host=host, network=owner.title)
        return Correction(sentence, text, _suggest(name.rpartition("@")[0], [owner]))
    network = next(network for network in NETWORKS if network.claims_handle(name))
    return Correction(gettext(network.handle_advice).format(excerpt(text)), text, _suggest(name, [network]))


def explain_prefixed_handle(text: str, name: str, network: Network) -> Correction:
    """Return the correction of a handle that its prefix assigns to a network which can't have it."""
    return Correction(gettext(network.handle_advice).format(excerpt(name or text)), text, _suggest(name, [network]))


def _suggest(name: str, networks: Iterable[Network]) -> tuple[Suggestion, ...]:
    """Return what each network suggests for a text that isn't one of its accounts."""
    suggested = [(network, account) for network in networks if (account := network.suggest_account(name))]
    return tuple(Suggestion(_label(network, account), account) for network, account in suggested)


def _label(network: Network, account: str) -> str:
    name = network.parse_name(account.removeprefix(f"{network.name}:").removeprefix("@"))
    return network.format_label(name) if name else account


def _find_titled(title: str) -> list[tuple[Network, str]]:
    return [(network, account) for network in NETWORKS if (account := network.find_account_by_title(title))]
