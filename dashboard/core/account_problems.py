"""Explains a text that isn't an account: what it looks most like, what to do instead, and which account may be meant.

What accounts look like is each network's business, and parsing them is in `accounts.py`.
"""

import re

from dashboard.core.formatting import excerpt
from dashboard.core.networks import NETWORKS, OTHER_SITES, Network, OtherSite
from dashboard.core.web_addresses import WebAddress, parse_web_address

_PROFILE_FOLDERS = [(name,) for name in ("c", "user", "company", "in", "school", "showcase", "r", "u")]  # of other sites
_TAG_SEGMENTS = {"hashtag", "tags", "tag", "hashtags"}
_WORD = re.compile(r"[a-z0-9_]{1,15}")


def explain_text(text: str) -> str:
    """Return a sentence or two for a text that isn't an account. At most 40 characters of it are quoted."""
    lowered, quoted = text.lower(), f"“{excerpt(text)}”"
    if lowered.startswith(("#", "$")):
        return f"{quoted} is a {'hashtag' if lowered[0] == '#' else 'stock symbol'}. {_TAG_ADVICE}{_suggest_word(lowered[1:])}"
    prefix, _, rest = lowered.partition(":")
    if "://" not in lowered and "/" not in prefix and (site := _find_named_site(prefix if rest else lowered)):
        return _explain_site(quoted, site)
    if "://" in lowered or "/" in lowered:
        return _explain_address(quoted, parse_web_address(lowered))
    return _explain_handle(lowered.removeprefix("@"), quoted)


def find_owner(host: str) -> Network | None:
    """Return the network that a host belongs to."""
    return next((network for network in NETWORKS if network.owns_host(host)), None)


def find_other_site(host: str) -> OtherSite | None:
    """Return the site that Chorus can't read and that a host, or the host at the end of an e-mail address, belongs to."""
    domain = host.rpartition("@")[2]
    return next((site for site in OTHER_SITES if domain in site.hosts or domain.partition(".")[2] in site.hosts), None)


def suggest_on_free_networks(name: str) -> str:
    """Return a question that suggests the account of the same name on the networks that need no key; empty if there can be none."""
    accounts = [account for network in NETWORKS if not network.is_paid and (account := network.suggest_account(name))]
    return format_suggestion(" or ".join(accounts))


def format_suggestion(account: str) -> str:
    """Return a question that suggests an account, or nothing."""
    return f" Did you mean {account}?" if account else ""


_TAG_ADVICE = "Chorus reads accounts: enter one that uses it, or upload a file of posts that you have collected."
_GENERIC_ADVICE = "isn't a profile link. Profile links look like https://x.com/nasa; you can also enter only the handle."


def _find_named_site(text: str) -> OtherSite | None:
    return OTHER_SITES[text] if text in OTHER_SITES else find_other_site(text)


def _explain_site(quoted: str, site: OtherSite) -> str:
    return f"{quoted} is {site.title}. {site.advice}"


def _explain_address(quoted: str, address: WebAddress | None) -> str:
    if address is None:
        return f"{quoted} {_GENERIC_ADVICE}"
    if site := find_other_site(address.site):
        is_profile = address.site.startswith(f"{site.name}.") and (len(address.path) == 1 or address.path[:1] in _PROFILE_FOLDERS)
        return _explain_site(quoted, site) + (_suggest_word(address.path[-1].removeprefix("@")) if is_profile else "")
    if len(address.path) > 1 and address.path[-2] in _TAG_SEGMENTS:
        return f"{quoted} isn't a profile link but one of a hashtag. {_TAG_ADVICE}{_suggest_word(address.path[-1])}"
    owner = find_owner(address.site)
    explanation = owner.explain_address(address) if owner else ""
    return f"{quoted} isn't a profile link. {explanation}" if explanation else f"{quoted} {_GENERIC_ADVICE}"


def _explain_handle(name: str, quoted: str) -> str:
    host = name.rpartition("@")[2]
    if "@" in name and (owner := find_owner(host)):
        suggestion = owner.suggest_account(name.rpartition("@")[0])
        return f"{quoted} is written like a Mastodon account, but {host} is {owner.title}." + format_suggestion(suggestion)
    network = next(network for network in NETWORKS if network.claims_handle(name))
    return network.handle_advice.format(quoted[1:-1]) + format_suggestion(network.suggest_account(name))


def _suggest_word(word: str) -> str:
    """Return a question that suggests the account of the same name on the networks that have short handles."""
    suggestions = [account for network in NETWORKS if _WORD.fullmatch(word) and (account := network.suggest_account(word))]
    return f" Did you mean {' or '.join(suggestions)}?" if suggestions else ""
