"""Reads timelines of the fake Bluesky, and returns the errors that reading raises."""

from datetime import datetime

import pytest

from dashboard.core.accounts import Account
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import SourceError
from dashboard.sources import fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.bluesky import BlueskySource
from tests.support import fake_networks

NASA = Account("bluesky", "nasa.bsky.social")


def read_timeline(world: fake_networks.World, limit: int = 100, **span: datetime) -> Timeline:
    """Return the timeline of nasa.bsky.social."""
    return fetch.fetch_timeline(BlueskySource(world.url), NASA, TimelineRequest(limit, **span), timeout_seconds=10)


def catch_error(world: fake_networks.World) -> SourceError:
    """Return the error that reading nasa.bsky.social raises."""
    with pytest.raises(SourceError) as caught:
        read_timeline(world)
    return caught.value
