"""What every test may ask for."""

from collections.abc import Iterator

import fakes
import pytest


@pytest.fixture
def world() -> Iterator[fakes.World]:
    """The outside world: the networks' APIs on a loopback port."""
    with fakes.World() as outside:
        yield outside
