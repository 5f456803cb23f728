"""How fast the classifier reads, beside a scikit-learn pipeline of the same kind, in one run and on one core. `make bench` prints it.

The peer is TfidfVectorizer over words and letters with SGDClassifier, fitted here on the demo posts: its predictions are worth
nothing, its time is what such a pipeline takes. Times are of this machine and this minute; the ratios are what to compare.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

_REPEATS = 7
_BATCH = 256


def posts() -> list[str]:
    """Return the texts of the demo timelines, mixed alike each time."""
    from dashboard.sources.demo import organisations, timeline

    texts = [str(post["text"]) for each in organisations() for post in timeline(each.name)]
    return sorted(dict.fromkeys(texts), key=lambda text: text[::-1])


def pipeline(texts: Sequence[str]) -> Any:
    """Return the peer."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline, make_union

    union = make_union(TfidfVectorizer(ngram_range=(1, 3)), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)))
    return make_pipeline(union, SGDClassifier(loss="log_loss", random_state=0)).fit(texts, [len(text) % 3 for text in texts])


def singles(predict: Callable[[list[str]], object], texts: Sequence[str]) -> tuple[float, float]:
    """Return the middle and the 95th of 100 milliseconds of one text after another."""
    took = []
    for text in texts:
        began = time.perf_counter()
        predict([text])
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took), sorted(took)[int(0.95 * len(took))]


def batches(predict: Callable[[list[str]], object], texts: list[str]) -> float:
    """Return texts a second, the best of some batches."""
    best = 9e9
    for at in range(_REPEATS):
        part = texts[at * _BATCH : (at + 1) * _BATCH]
        began = time.perf_counter()
        predict(part)
        best = min(best, (time.perf_counter() - began) / len(part))
    return 1 / best


def main() -> None:
    """Print both, and how many times faster ours is."""
    from dashboard.prediction.classifier import BUILT_IN, load

    began = time.perf_counter()
    model = load(BUILT_IN)
    model.probabilities(["a first text"])
    loaded = time.perf_counter() - began
    texts = posts()
    peer = pipeline(texts)
    ours, theirs = (singles(predict, texts[:400]) for predict in (model.probabilities, peer.predict_proba))
    many, theirs_many = (batches(predict, texts) for predict in (model.probabilities, peer.predict_proba))
    line = "{:<34} {:>12} {:>12} {:>8}\n".format
    sys.stdout.write(line(f"{len(texts):,} demo posts, one core", "Chorus", "scikit-learn", "times"))
    sys.stdout.write(line("load (target 300 ms)", f"{1000 * loaded:.0f} ms", "", ""))
    for name, mine, other in (("one text, median (target 0.5 ms)", ours[0], theirs[0]), ("one text, 95 of 100", ours[1], theirs[1])):
        sys.stdout.write(line(name, f"{mine:.2f} ms", f"{other:.2f} ms", f"{other / mine:.1f}"))
    sys.stdout.write(line(f"{_BATCH} texts (target 10,000/s)", f"{many:,.0f}/s", f"{theirs_many:,.0f}/s", f"{many / theirs_many:.1f}"))


if __name__ == "__main__":
    main()
