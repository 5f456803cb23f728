"""Real posts, which can't be published: they are next to the repository on some machines, and their tests are skipped elsewhere."""

import gzip
import json
from datetime import datetime
from functools import cache

import polars as pl
import pytest

from dashboard.core.posts import build_frame
from tests.support.paths import SHARED_DATA

TIMELINES = SHARED_DATA / "timelines"

needs_timelines = pytest.mark.skipif(not TIMELINES.is_dir(), reason=f"no real timelines in {TIMELINES}")
needs_labelled_sets = pytest.mark.skipif(not (SHARED_DATA / "tse").is_dir(), reason=f"no labelled sets in {SHARED_DATA}")
needs_archive = pytest.mark.skipif(not (SHARED_DATA / "x-archive").is_dir(), reason=f"no archive of X in {SHARED_DATA}")


@cache
def load_real_posts() -> pl.DataFrame:
    """Return the posts of all real timelines."""
    with gzip.open(TIMELINES / "timelines.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return build_frame({**row, "created_at": datetime.fromisoformat(row["created_at"]), "kind": "post"} for row in rows)
