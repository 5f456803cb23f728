"""Fixtures of the tests of stored timelines."""

import pytest

from tests.support import fake_networks
from tests.support.timeline_stores import RecordingX, StoreHarness, record_charges


@pytest.fixture
def x(world: fake_networks.World) -> RecordingX:
    """X, which records what it charged for."""
    return record_charges(world)


@pytest.fixture
def desk(world: fake_networks.World, x: RecordingX) -> StoreHarness:
    """A store without stored timelines."""
    return StoreHarness(world)
