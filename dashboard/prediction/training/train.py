"""The classifier, trained with scikit-learn (the `train` extra): `chorus train --data DIR` or `python -m dashboard.prediction.train`.

Same data, same bytes. Only `val` and `devtest2016` are looked at: the calibration is fitted on them.
"""

import argparse
import csv
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.core.errors import InvalidSetting
from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.classifier import BUILT_IN, MOST_LETTERS, Classifier, lists
from dashboard.prediction.classifier.tokenizer import MOST
from dashboard.prediction.classifier.vocabulary import WORDS, Array, Texts, Vocabulary
from dashboard.prediction.training import cnn, feature_matrix, labelled_data, metrics, model_card, provenance, quantization

_SETS = {"tweeteval-sentiment/train": 1.0, "tse/tse": 0.25, "emotion/emotion": 0.5, "vader-tweets/vader-tweets": 0.5}  # and their weights
_POOL = "pseudo/pseudo"
_POOL_WEIGHT, _TAUGHT = 0.3, 1.0  # the weight of the pool's labels, and that of its teacher's probabilities for the convolution
LEXICON_SCALE, VECTOR_SCALE = 0.1, 0.03
_TUNING = ("tweeteval-sentiment/val", "tweeteval-sentiment/devtest2016")
_WITHOUT_POOL = {
    "tweeteval-sentiment/val": 0.721,
    "tweeteval-sentiment/devtest2016": 0.599,
}  # macro recall, cross-validated, in November 2026
_LIMITS = (
    "English only: a text in another language gets an answer that means little.",
    "Trained on posts of X from 2009 to 2021; irony and sarcasm are mostly missed.",
    f"Of a text, the first {MOST_LETTERS:,} characters and {MOST:,} words and marks are read.",
    "The machine labels of the pool come from a teacher that also saw a set for non-commercial use (airline, CC BY-NC-SA 4.0).",
)


def rows(data: Path, name: str) -> tuple[list[str], Array]:
    """Return texts and labels (0 negative, 1 neutral, 2 positive) of a shared set."""
    examples = labelled_data.read(data / f"{name}.tsv.gz")
    return examples.texts, examples.labels


def lexicons(folder: Path) -> tuple[list[str], Array]:
    """Return terms and what Bing, VADER, AFINN and the Emoji Sentiment Ranking say of them, about −2 … 2; rows begin with a silent one."""
    found: list[dict[str, float]] = [{}, {}, {}, {}]
    with (folder / "bing.csv").open(newline="") as file:
        for word, side in list(csv.reader(file))[1:]:
            found[0][word] = found[0].get(word, 0) + (1 if side == "positive" else -1)
    for line in (folder / "vader.txt").read_text("utf-8").splitlines():
        token, mean, *_ = line.split("\t")
        found[1][token.lower() if len(token) > 3 else token] = float(mean) / 2
    for line in (folder / "afinn.txt").read_text("utf-8").splitlines():
        token, points = line.split("\t")
        found[2][token] = float(points) / 2.5
    with (folder / "emoji.csv").open(newline="", encoding="utf-8") as file:
        for row in list(csv.reader(file))[1:]:
            negative, neutral, positive = map(float, row[4:7])
            found[3][row[0]] = (positive - negative) / (negative + neutral + positive)
    terms = sorted(set().union(*found) - {""})
    return terms, np.array([[0.0] * 4, *([each.get(term, 0) for each in found] for term in terms)], dtype=np.float32)


def train(data: Path, *, pool: bool = True, day: date | None = None) -> tuple[dict[str, Any], model_file.Arrays]:
    """Return the facts and arrays of a classifier trained on the sets in `data`. Peaks at some gigabytes with the pool.

    `day` is written into the facts; it is told and not looked up, so that the same data give the same bytes.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    sets = {name: (*rows(data, name), weight) for name, weight in _SETS.items()}
    if pool:
        sets[_POOL] = (*rows(data, _POOL), _POOL_WEIGHT)
    arrays = _listed_and_vectors(data)
    labels = np.concatenate([truth for _, truth, _ in sets.values()])
    seen = _fitted([text for texts, _, _ in sets.values() for text in texts], arrays)
    arrays |= _convolution(data, sets, arrays)
    weights = np.concatenate([weight * _balanced(truth) for _, truth, weight in sets.values()])
    linear = LinearSVC(C=0.1, random_state=0).fit(seen, labels, sample_weight=weights)
    _quantise(arrays, linear.coef_.T, linear.intercept_)
    tuning = {name: rows(data, name) for name in _TUNING}
    truths = {name: truth for name, (_, truth, _) in sets.items()}, {name: truth for name, (_, truth) in tuning.items()}
    facts = _facts(provenance.training(data, *truths, day=day, pool=pool), pool=pool)
    decisions, truth = _tuned(facts, arrays, tuning)
    logistic = LogisticRegression(C=10, class_weight="balanced").fit(decisions, truth)
    arrays["logistic"], arrays["logistic_bias"] = logistic.coef_, logistic.intercept_
    facts["temperature"] = _temperature(decisions @ logistic.coef_.T + logistic.intercept_, truth)
    model = Classifier(facts, arrays, "")
    facts["scores"] = {name: _scores(model, *given) for name, given in tuning.items()}
    facts["scores"]["quantisation"] = quantization.costs(model, linear, tuning, _SCALES)
    facts["version"] = hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()[:12]
    return facts, arrays


def _listed_and_vectors(data: Path) -> model_file.Arrays:
    terms, polarity = lexicons(data / "lexicons")
    with np.load(data / "vectors" / "glove100-30k-int8.npz") as given:
        words, vectors = str(given["words"]), given["vectors"]
    silent = np.zeros((1, vectors.shape[1]), dtype=np.int8)
    table = np.vstack([silent, vectors])
    return {"terms": _joined(terms), "polarity": polarity, "words": _joined(words.split("\n")), "vectors": table, "met": _joined([])}


def _fitted(texts: Sequence[str], arrays: model_file.Arrays) -> Any:
    """Return the training matrix, and put what it needs into `arrays`: idf, standardisation, and which words were met."""
    vocabulary = Vocabulary(lists(arrays))
    read = vocabulary.read(texts)
    found, values = feature_matrix.counts(read, vocabulary), feature_matrix.dense(read, vocabulary, arrays["vectors"])
    for name, each in zip(feature_matrix.GRAMS, found, strict=True):
        arrays[f"{name}_idf"] = feature_matrix.idf(each)
    arrays["dense_mean"] = values.mean(axis=0).astype(np.float32)
    arrays["dense_std"] = (values.std(axis=0) + 1e-6).astype(np.float32)
    arrays["met"], arrays["felt"] = _joined(_met(read, vocabulary)), _joined(cnn.felt(read.ids, vocabulary))
    return feature_matrix.whole(found, values, arrays, _SCALES)


def _convolution(data: Path, sets: Mapping[str, tuple[list[str], Array, float]], arrays: model_file.Arrays) -> model_file.Arrays:
    """Return the arrays of the convolution, that learns the labels of the sets and of the pool what its teacher thought."""
    vocabulary = Vocabulary(lists(arrays))
    texts = vocabulary.read([text for texts, _, _ in sets.values() for text in texts])
    targets = [cnn.told(data / f"{name}.tsv.gz", truth) for name, (_, truth, _) in sets.items()]
    weights = [(_TAUGHT if name == _POOL else weight) * _balanced(truth) for name, (_, truth, weight) in sets.items()]
    return cnn.learn(cnn.Lessons(texts, np.concatenate(targets), np.concatenate(weights)), vocabulary, arrays["vectors"])


def _met(read: Texts, vocabulary: Vocabulary) -> list[str]:
    """Return the words that stand in the texts often enough to be familiar."""
    words = vocabulary.column("flags")[read.ids, WORDS]
    different, counts = np.unique(np.array(vocabulary.tokens, dtype=object)[read.ids[words] // 2].astype(str), return_counts=True)
    return [str(word) for word in different[counts >= _OFTEN]]


def _joined(lines: Sequence[str]) -> Array:
    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)


_OFTEN = 10  # times a word is met in training to be familiar
_SCALES = np.repeat(np.array([LEXICON_SCALE, VECTOR_SCALE], dtype=np.float32), [features.LISTED, features.POOLED])


def _balanced(truth: Array) -> Array:
    """Return a weight a row that makes the labels of a set count alike."""
    counts = np.bincount(truth, minlength=3)
    return np.asarray((len(truth) / ((counts > 0).sum() * np.maximum(counts, 1)))[truth])


def _quantise(arrays: model_file.Arrays, weights: Array, intercept: Array) -> None:
    """Put the weights into `arrays`, those of n-grams as int8 of their signed roots, with a scale a label."""
    for at, name in enumerate(("word", "letter")):
        part = weights[at * features.SIZE : (at + 1) * features.SIZE]
        scale = np.abs(part).max(axis=0) / 127**2
        arrays[f"{name}_weights"] = (np.sign(part) * np.round(np.sqrt(np.abs(part) / scale))).astype(np.int8)
        arrays[f"{name}_scale"] = scale
    arrays["dense_weights"] = weights[2 * features.SIZE :] * _SCALES[:, None]
    arrays["intercept"] = intercept


def _tuned(facts: dict[str, Any], arrays: model_file.Arrays, tuning: dict[str, tuple[list[str], Array]]) -> tuple[Array, Array]:
    model = Classifier(facts | {"temperature": 1}, arrays, "")
    decisions = [model.evidence(*model.read(texts)) for texts, _ in tuning.values()]
    return np.vstack(decisions), np.concatenate([truth for _, truth in tuning.values()])


def _temperature(logits: Array, truth: Array) -> float:
    """Return the temperature (Guo et al. 2017) with the least log loss."""
    grid = np.round(np.arange(0.5, 2.5, 0.02), 2)
    losses = []
    for temperature in grid:
        scaled = logits / temperature
        losses.append(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(truth)), truth]))
    return float(grid[int(np.argmin(losses))])


def _scores(model: Classifier, texts: list[str], truth: Array) -> dict[str, Any]:
    """Return every measure to four digits; the table of reliability is what `chorus evaluate` is for."""
    measured = metrics.rounded(metrics.measure(np.array(model.probabilities(texts)), truth))
    return {name: value for name, value in measured.items() if name != "reliability"}


def _facts(training: dict[str, Any], *, pool: bool) -> dict[str, Any]:
    limits = _LIMITS if pool else _LIMITS[:-1]
    training |= {"without_pool": _WITHOUT_POOL} if pool else {}
    return {"name": "chorus-sentiment", "version": "", "training": training, "scores": {}, "limits": list(limits), "temperature": 1.0}


def main(argv: Sequence[str] | None = None) -> int:
    """Train, write the artefact and its card, and print the scores. Raises InvalidExamples, InvalidSetting."""
    parser = argparse.ArgumentParser(prog="chorus train", description="Train the classifier.")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of labelled sets, lexicons and vectors")
    parser.add_argument("--without-pool", action="store_true", help="leave the machine-labelled pool out")
    parser.add_argument("--out", type=Path, default=BUILT_IN, metavar="FILE")
    parser.add_argument("--card", type=Path, metavar="FILE", help="where to write the model card (Markdown)")
    parser.add_argument("--date", metavar="DAY", help="the day to write into it, such as 2026-11-25 (or SOURCE_DATE_EPOCH); none without")
    options = parser.parse_args(argv)
    day = provenance.told_day(options.date)
    try:
        facts, arrays = train(options.data, pool=not options.without_pool, day=day)
        model_file.write(options.out, facts, arrays)
        if options.card:
            options.card.write_text(model_card.markdown(options.out), encoding="utf-8")
    except OSError as problem:
        raise InvalidSetting(f"{problem.filename}: {problem.strerror}.", "Check --data, --out and --card.") from None
    except ModuleNotFoundError as problem:
        raise InvalidSetting(f"Training needs {problem.name}, which is not installed.", "Install Chorus with its extra `train`.") from None
    sys.stdout.write("\n".join(_told(options.out, facts)) + "\n")
    return 0


def _told(out: Path, facts: dict[str, Any]) -> Iterator[str]:
    yield f"{out}: {out.stat().st_size:,} bytes, {facts['name']} {facts['version']}, {facts['training']['date'] or 'no --date told'}"
    for name in _TUNING:
        shown = ", ".join(f"{key} {facts['scores'][name][key]:.4f}" for key in ("macro_recall", "macro_f1", "accuracy", "ece"))
        yield f"  {name}: {shown}"
    for name, each in facts["scores"]["quantisation"].items():
        yield f"  quantisation costs {each['cost']:.3f} points on {name} ({100 * each['agreement']:.2f} % of labels agree)"


if __name__ == "__main__":
    sys.exit(main())
