"""Fixtures of the tests of stored timelines."""

from collections.abc import Iterator

import pytest
import redis as redis_py

from tests.support import fake_networks
from tests.support.redis_server import run_redis
from tests.support.timeline_stores import RecordingX, StoreHarness, record_charges


@pytest.fixture
def x(world: fake_networks.World) -> RecordingX:
    """X, which records what it charged for."""
    return record_charges(world)


@pytest.fixture
def desk(world: fake_networks.World, x: RecordingX) -> StoreHarness:
    """A store without stored timelines."""
    return StoreHarness(world)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a real Redis."""
    with run_redis() as url:
        yield url


@pytest.fixture
def empty_redis_url(redis_url: str) -> str:
    """The address of a real Redis without any keys."""
    with redis_py.Redis.from_url(redis_url) as client:
        client.flushall()
    return redis_url
