"""Reads timelines of the fake X, and returns the errors that reading raises."""

from datetime import datetime

import pytest

from dashboard.core.accounts import Account
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import SourceError
from dashboard.sources import fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.x import XCredentials, XSource
from tests.support import fake_networks

BEARER = XCredentials(bearer_token="bearer-s3cret")
FOUR_KEYS = XCredentials(api_key="key-s3cret", api_secret_key="key2-s3cret", access_token="access-s3cret", access_secret="access2-s3cret")


def read_timeline(
    world: fake_networks.World, name: str = "nasa", limit: int = 100, keys: XCredentials = BEARER, **span: datetime
) -> Timeline:
    """Return the timeline of an account on X."""
    return fetch.fetch_timeline(XSource(keys, api_url=world.url), Account("x", name), TimelineRequest(limit, **span))


def catch_error(world: fake_networks.World, keys: XCredentials = BEARER) -> SourceError:
    """Return the error that reading @nasa raises."""
    with pytest.raises(SourceError) as caught:
        read_timeline(world, keys=keys)
    return caught.value
