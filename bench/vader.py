"""Measures VADER against its authors' package, interleaved on one core, and counts the posts whose scores differ. Part of `make bench`.

Give a JSON-lines file (plain or gzipped) with a `text` per line to use other posts than the demo's. Compare the ratios, not the times.
"""

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import argparse
import gzip
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

_ROUNDS = 9


def load_texts(path: Path | None) -> list[str]:
    """Return the texts of a file of posts, or those of the demo."""
    from dashboard.sources.demo import build_timeline, load_organisations

    if path is None:
        return [str(post["text"]) for organisation in load_organisations() for post in build_timeline(organisation.name)]
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds that one call takes."""
    started_at = time.process_time()
    work()
    return time.process_time() - started_at


def main() -> None:
    """Print posts per second of the package, of our analyzer and of the whole method, the ratios with their spread, and the differences."""
    import polars as pl
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    from dashboard.analytics.methods import vader
    from dashboard.analytics.methods.vader_analyzer import VaderAnalyzer

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    texts = load_texts(parser.parse_args().file)
    posts, package, analyzer = pl.DataFrame({"text": texts}), SentimentIntensityAnalyzer(), VaderAnalyzer()
    works: dict[str, Callable[[], object]] = {
        "package": lambda: [package.polarity_scores(text) for text in texts],
        "analyzer": lambda: [analyzer.compound(text) for text in texts],
        "method, with addresses removed and words counted": lambda: vader.score(posts),
    }
    seconds = {name: [0.0] * _ROUNDS for name in works}
    for turn in range(_ROUNDS):
        for name, work in works.items():
            seconds[name][turn] = cpu_seconds(work)
    for name, times in seconds.items():
        ratios = sorted(theirs / ours for theirs, ours in zip(seconds["package"], times, strict=True))
        ratio = f"{statistics.median(ratios):.2f} × ({ratios[0]:.2f}–{ratios[-1]:.2f})"
        print(f"{name}: {len(texts) / statistics.median(times):,.0f} posts/s, {ratio}")
    differing = sum(package.polarity_scores(text)["compound"] != analyzer.compound(text) for text in texts)
    print(f"{differing} of {len(texts):,} scores differ")


if __name__ == "__main__":
    main()
