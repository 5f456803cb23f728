"""Measures the table of sentiment per account and day alone: `python bench/table.py CSV ROUNDS`. Prints rows, CPU seconds and memory.

The posts are in memory before the clock starts. Scores aren't kept between the rounds.
"""

import json
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))


def main() -> None:
    """Compute the table several times and print what it took, as JSON."""
    import polars as pl

    from dashboard.analytics import sentiment
    from dashboard.analytics.methods import registry  # noqa: F401  # registers the methods

    path, rounds = sys.argv[1], int(sys.argv[2])
    posts = pl.read_csv(path, schema_overrides={"id": pl.String}).select(
        account=pl.col("screen_name"), created_at=pl.col("created_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC"), text="text"
    )
    seconds, rows = [], 0
    for _ in range(rounds):
        started_at = time.process_time()
        scored = sentiment.score_posts(posts, "bing").filter(pl.col("matched") > 0)
        rows = sentiment.sum_scores(scored, "account", pl.col("created_at").dt.date().alias("day")).height
        seconds.append(time.process_time() - started_at)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({"rows": rows, "seconds": seconds, "peak_mb": peak_mb}))


if __name__ == "__main__":
    main()
