"""Real timelines that may not be republished: they lie beside the repository on some machines, and their tests are skipped elsewhere."""

import pytest

from tests.support.paths import SHARED_DATA

TIMELINES = SHARED_DATA / "timelines"

needs_timelines = pytest.mark.skipif(not TIMELINES.is_dir(), reason=f"no real timelines in {TIMELINES}")
