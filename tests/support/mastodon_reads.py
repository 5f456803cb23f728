"""Reads timelines of the fake Mastodon, and returns the errors that reading raises."""

import ssl
from datetime import datetime

import pytest

from dashboard.core.accounts import Account
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import SourceError
from dashboard.sources import fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.mastodon import MastodonSource
from dashboard.sources.ssrf_guard import SsrfGuard
from tests.support import fake_networks


def build_guard(world: fake_networks.World, *allowed: str) -> SsrfGuard:
    """Return a guard that resolves every name to a public address and connects to the fake networks."""
    names = fake_networks.FakeDns([fake_networks.PUBLIC_IP_ADDRESS], port=world.port)
    return SsrfGuard(
        frozenset(allowed),
        resolve=names.resolve,
        create_connection=names.dial,
        ssl_context=ssl.create_default_context(cafile=fake_networks.CERTIFICATE_PATH),
    )


def read_timeline(world: fake_networks.World, name: str = "nasa@mastodon.example", limit: int = 100, **span: datetime) -> Timeline:
    """Return the timeline of an account on Mastodon, read from a gateway."""
    return fetch.fetch_timeline(MastodonSource(world.url), Account("mastodon", name), TimelineRequest(limit, **span), timeout_seconds=10)


def catch_error(world: fake_networks.World) -> SourceError:
    """Return the error that reading nasa@mastodon.example raises."""
    with pytest.raises(SourceError) as caught:
        read_timeline(world)
    return caught.value
