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

_BATCH = 256


def posts() -> list[str]:
    """Return the texts of the demo timelines, mixed alike each time."""
    from dashboard.sources.demo import build_timeline, load_organisations

    texts = [str(post["text"]) for each in load_organisations() for post in build_timeline(each.name)]
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
    """Return texts a second of processor time, over all batches."""
    began = time.process_time()
    for at in range(0, len(texts), _BATCH):
        predict(texts[at : at + _BATCH])
    return len(texts) / (time.process_time() - began)


def main() -> None:
    """Print both, and how many times faster ours is: with words never met before, as after a start, and with known ones, as ever after."""
    from dashboard.prediction.classifier.classifier import BUILT_IN_MODEL_PATH, load_classifier

    began = time.perf_counter()
    model = load_classifier(BUILT_IN_MODEL_PATH)
    model.predict_proba(["a first text"])
    loaded = time.perf_counter() - began
    texts = posts()
    peer = pipeline(texts).predict_proba
    new, known, theirs = (singles(predict, texts[:400]) for predict in (model.predict_proba, model.predict_proba, peer))
    fresh = load_classifier(BUILT_IN_MODEL_PATH).predict_proba
    many_new, many_known, theirs_many = (batches(predict, texts) for predict in (fresh, fresh, peer))
    line = "{:<46} {:>12} {:>12} {:>8}\n".format
    sys.stdout.write(line(f"{len(texts):,} demo posts, one core", "Chorus", "scikit-learn", "times"))
    sys.stdout.write(line("load (target 300 ms)", f"{1000 * loaded:.0f} ms", "", ""))
    for name, mine in (("new words", new), ("known words", known)):
        for what, ours, other in zip(("median (target 0.5 ms)", "95 of 100"), mine, theirs, strict=True):
            sys.stdout.write(line(f"one text, {name}, {what}", f"{ours:.2f} ms", f"{other:.2f} ms", f"{other / ours:.1f}"))
    for name, rate in (("new words", many_new), ("known words", many_known)):
        ratio = f"{rate / theirs_many:.1f}"
        sys.stdout.write(line(f"{_BATCH} texts, {name} (target 10,000/s)", f"{rate:,.0f}/s", f"{theirs_many:,.0f}/s", ratio))


if __name__ == "__main__":
    main()
