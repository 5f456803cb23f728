"""What a network is: how its accounts are written, what it's called, and what may be done with its posts. NETWORKS holds all of them.

Each network describes itself in its own file in `sources/`. Nothing in here knows a particular one, or how posts are read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext
from dashboard.core.registry import Registry
from dashboard.core.web_addresses import WebAddress


class Network:
    """One network. A subclass sets the attributes and overrides how handles and profile addresses are read where that differs.

    Texts reach these methods in lower case, without surrounding blanks. Nothing here contacts anybody.
    """

    name: str  # in canonical accounts, cache keys and metrics; also the prefix that always works, as in `x:nasa`
    title: str  # as the network spells it
    name_in_list: str = ""  # what a list of networks calls it, `title` if empty
    title_in_notes: str = ""  # what a sentence about its posts calls it, `title` if empty
    example: str  # an account, as the documentation writes it
    handle_advice: str  # the sentence for a text that isn't a handle; `{}` is the text
    handle_pattern: str  # every documented way to write a handle, as a regular expression that JavaScript understands too
    profile_url_pattern: str = ""  # the same for profile addresses; empty if there are none
    profile_hosts: frozenset[str] = frozenset()  # the hosts of its profile addresses, without `www.`
    other_prefixes: frozenset[str] = frozenset()  # schemes and names that mean the network in front of an account, as in `at://`
    is_prefix_required: bool = False  # whether the canonical form of an account begins with the network's name
    is_live: bool = True  # whether the newest post is known to be the newest; False if nobody knows what came after it
    is_paid: bool = False  # whether reading costs money
    counts_posts: bool = False  # whether it can count posts without providing them
    counting_note: str = ""  # what the form says about the price of counts, as a part of a sentence
    max_shared_posts: int | None = None  # if set, a data file may hold only the accounts and IDs of at most this many of its posts
    sample_report: tuple[str, str] = ("", "")  # what the form suggests to try: a title and an account, if reading is free
    notice: str = ""  # what every page and picture of its posts must say

    def parse_name(self, text: str) -> str | None:
        """Return the canonical name of an account written without `@` in front, or None if no account can have this name."""
        raise NotImplementedError

    def claims_handle(self, text: str) -> bool:
        """Return whether a handle without a prefix looks like one of this network's, valid or not. At most one network may claim it."""
        return False

    def owns_host(self, host: str) -> bool:
        """Return whether every address on this host belongs to the network."""
        return host in self.profile_hosts

    def claims_profile_path(self, path: Sequence[str]) -> bool:
        """Return whether an address on a host that no network calls its own looks like a profile of this network. `path` isn't empty."""
        return False

    def claims_address(self, address: WebAddress) -> bool:
        """Return the same for a whole address, for networks that need more than its path."""
        return bool(address.path) and self.claims_profile_path(address.path)

    def parse_profile_address(self, address: WebAddress) -> str | None:
        """Return the name in an address that the network owns or claims, not yet validated; None if it stands for something else."""
        return self.parse_profile_path(address.host, address.path) if address.path else None

    def parse_app_link(self, path: Sequence[str], parameters: Mapping[str, str]) -> str | None:
        """Return the name in a link with the network's own scheme, such as `at://name`, not yet validated. `path` isn't empty."""
        return path[0]

    def explain_address(self, address: WebAddress) -> str:
        """Return what to do instead of using an address that isn't a profile's, in whole sentences; empty for the usual ones."""
        return ""

    def find_name_in_address(self, address: WebAddress) -> str:
        """Return a text in an address that isn't a profile's which may be part of an account; empty if there is none."""
        return ""

    def find_account_by_title(self, title: str) -> str:
        """Return the name of the account with a title in any case, if that's known without asking anybody; empty if there is none."""
        return ""

    def suggest_account(self, text: str) -> str:
        """Return an account, as people write it, that a text which isn't one may mean; empty if none is close."""
        return ""

    def parse_profile_path(self, host: str, path: Sequence[str]) -> str | None:
        """Return the name in a profile address, not yet validated, or None if it's the address of something else. `path` isn't empty."""
        return None

    def format_label(self, name: str) -> str:
        """Return the best name of an account that is known without reading it: its handle, unless the network knows a better one."""
        return self.format_handle(name)

    def format_handle(self, name: str) -> str:
        """Return what identifies an account on this network, as people write it there."""
        return self.format_account(name)

    def format_account(self, name: str) -> str:
        """Return the canonical form of an account."""
        return f"{self.name}:{name}" if self.is_prefix_required else name

    def format_author(self, name: str) -> str:
        """Return the label of the author of a post in a series of several accounts, where it's clear which series that is."""
        return self.format_label(name)

    def includes(self, name: str, other_name: str) -> bool:
        """Return whether the posts of one account include those of another."""
        return name == other_name


@dataclass(frozen=True)
class OtherSite:
    """A site whose accounts people enter although Chorus can't read them. `advice` says, in whole sentences, what to do instead."""

    name: str  # also a prefix that people write, as in `instagram:nasa`
    title: str  # as in “This is an Instagram address”
    hosts: frozenset[str]
    advice: str


NETWORKS: Registry[Network] = Registry("network", filled_by="dashboard.sources.networks")
OTHER_SITES: Registry[OtherSite] = Registry("site", filled_by="dashboard.sources.networks")


def is_live(canonical_account: str) -> bool:
    """Return whether the newest post of an account is known to be the newest."""
    return not any(canonical_account.startswith(network.format_account("")) for network in NETWORKS if not network.is_live)


def paid_titles() -> str:
    """Return the titles of the networks that cost money."""
    return join_titles(network for network in NETWORKS if network.is_paid)


def counting_titles() -> str:
    """Return the titles of the networks that can count posts without providing them."""
    return join_titles(network for network in NETWORKS if network.counts_posts)


def describe_counting() -> str:
    """Return a sentence for each network that can count posts without providing them: what that costs."""
    counting = [network for network in NETWORKS if network.counts_posts]
    return " ".join(map(_describe_counting, counting))


def _describe_counting(network: Network) -> str:
    if not network.counting_note:
        return gettext("%(network)s can return counts without the posts.", network=network.title)
    note = gettext(network.counting_note)
    return gettext("%(network)s can return counts without the posts: %(note)s.", network=network.title, note=note)


def join_titles(networks: Iterable[Network]) -> str:
    """Return the titles of networks, such as “X and Bluesky”, each once."""
    return format_list(list(dict.fromkeys(gettext(network.title) for network in networks)))
