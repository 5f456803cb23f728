"""Measures the speed of the classifier against a similar scikit-learn pipeline, in one run and on one core. Part of `make bench`.

The pipeline is TfidfVectorizer over words and characters with SGDClassifier, fitted on the demo posts: its predictions are worthless, but
it takes as long as a useful one. Times depend on the machine; compare the ratios.
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


def load_texts() -> list[str]:
    """Return the texts of the demo timelines, in the same mixed order every time."""
    from dashboard.sources.demo import build_timeline, load_organisations

    texts = [str(post["text"]) for organisation in load_organisations() for post in build_timeline(organisation.name)]
    return sorted(dict.fromkeys(texts), key=lambda text: text[::-1])


def build_pipeline(texts: Sequence[str]) -> Any:
    """Return the scikit-learn pipeline to compare with, fitted."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline, make_union

    union = make_union(TfidfVectorizer(ngram_range=(1, 3)), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)))
    return make_pipeline(union, SGDClassifier(loss="log_loss", random_state=0)).fit(texts, [len(text) % 3 for text in texts])


def measure_single_texts(predict: Callable[[list[str]], object], texts: Sequence[str]) -> tuple[float, float]:
    """Return the median and the 95th percentile of the milliseconds per text, for one text at a time."""
    milliseconds = []
    for text in texts:
        started_at = time.perf_counter()
        predict([text])
        milliseconds.append(1000 * (time.perf_counter() - started_at))
    return statistics.median(milliseconds), sorted(milliseconds)[int(0.95 * len(milliseconds))]


def measure_batches(predict: Callable[[list[str]], object], texts: list[str]) -> float:
    """Return texts per second of CPU time, for batches of _BATCH texts."""
    started_at = time.process_time()
    for start in range(0, len(texts), _BATCH):
        predict(texts[start : start + _BATCH])
    return len(texts) / (time.process_time() - started_at)


def main() -> None:
    """Print the speed of both and their ratio, for new words (as after a start) and for words in the cache (as later on)."""
    from dashboard.prediction.classifier.classifier import BUILT_IN_MODEL_PATH, load_classifier

    load_started_at = time.perf_counter()
    model = load_classifier(BUILT_IN_MODEL_PATH)
    model.predict_proba(["a first text"])
    load_seconds = time.perf_counter() - load_started_at
    texts = load_texts()
    reference = build_pipeline(texts).predict_proba
    new_words, known_words, reference_times = (
        measure_single_texts(predict, texts[:400]) for predict in (model.predict_proba, model.predict_proba, reference)
    )
    fresh = load_classifier(BUILT_IN_MODEL_PATH).predict_proba
    new_word_rate, known_word_rate, reference_rate = (measure_batches(predict, texts) for predict in (fresh, fresh, reference))
    line = "{:<46} {:>12} {:>12} {:>8}\n".format
    sys.stdout.write(line(f"{len(texts):,} demo posts, one core", "Chorus", "scikit-learn", "ratio"))
    sys.stdout.write(line("load (target 300 ms)", f"{1000 * load_seconds:.0f} ms", "", ""))
    for name, our_times in (("new words", new_words), ("known words", known_words)):
        for statistic, ours, other in zip(("median (target 0.5 ms)", "95th percentile"), our_times, reference_times, strict=True):
            sys.stdout.write(line(f"one text, {name}, {statistic}", f"{ours:.2f} ms", f"{other:.2f} ms", f"{other / ours:.1f}"))
    for name, rate in (("new words", new_word_rate), ("known words", known_word_rate)):
        ratio = f"{rate / reference_rate:.1f}"
        sys.stdout.write(line(f"{_BATCH} texts, {name} (target 10,000/s)", f"{rate:,.0f}/s", f"{reference_rate:,.0f}/s", ratio))


if __name__ == "__main__":
    main()
