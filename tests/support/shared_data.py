"""Real posts, which can't be published: they are next to the repository on some machines, and their tests are skipped elsewhere."""

import pytest

from tests.support.paths import SHARED_DATA

TIMELINES = SHARED_DATA / "timelines"

needs_timelines = pytest.mark.skipif(not TIMELINES.is_dir(), reason=f"no real timelines in {TIMELINES}")
needs_labelled_sets = pytest.mark.skipif(not (SHARED_DATA / "tse").is_dir(), reason=f"no labelled sets in {SHARED_DATA}")
needs_archive = pytest.mark.skipif(not (SHARED_DATA / "x-archive").is_dir(), reason=f"no archive of X in {SHARED_DATA}")
