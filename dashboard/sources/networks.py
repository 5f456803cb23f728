"""Registers the networks that Chorus reads, in the order in which the documentation lists them. To add one, add its module to this list.

Nothing in here loads polars, requests or tweepy, because parsing any query needs the networks.
"""

from dashboard.core.networks import NETWORKS, OTHER_SITES, Network
from dashboard.sources import other_sites
from dashboard.sources.base import ReadableNetwork, Source, SourceContext
from dashboard.sources.bluesky_network import BLUESKY
from dashboard.sources.demo import DEMO
from dashboard.sources.files.network import FILES
from dashboard.sources.mastodon_network import MASTODON
from dashboard.sources.x_network import X

for _network in (X, BLUESKY, MASTODON, DEMO, FILES):
    NETWORKS.register(_network)
for _site in other_sites.OTHER_SITES:
    OTHER_SITES.register(_site)


def build_sources(context: SourceContext) -> dict[str, Source]:
    """Return the source of every registered network by the network's name, in the order in which the form lists them."""
    readable = [network for network in NETWORKS if isinstance(network, ReadableNetwork)]
    return {network.name: network.build_source(context) for network in sorted(readable, key=_form_position)}


def _form_position(network: Network) -> tuple[bool, bool, bool]:
    """Return a sort key: free networks come first, then paid ones, then people's own files, then the demo."""
    return bool(network.notice), not network.is_live, network.is_paid
