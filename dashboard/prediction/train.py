"""The classifier, trained with scikit-learn (the `train` extra): `chorus train --data DIR` or `python -m dashboard.prediction.train`.

Same data, same bytes. Only `val` and `devtest2016` are looked at: the calibration is fitted on them.
"""

import argparse
import csv
import gzip
import hashlib
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.prediction import artefact, features, tokens
from dashboard.prediction.classifier import BUILT_IN, Classifier
from dashboard.prediction.features import Array

_SETS = {  # folder/file: weight, licence
    "tweeteval-sentiment/train": (1.0, "Twitter terms; TweetEval adds no restriction"),
    "tse/tse": (0.25, "CC BY 4.0"),
    "emotion/emotion": (0.5, "Twitter terms; TweetEval adds no restriction"),
    "vader-tweets/vader-tweets": (0.5, "MIT"),
}
_POOL = "pseudo/pseudo"
_POOL_WEIGHT = 0.3
_TUNING = ("tweeteval-sentiment/val", "tweeteval-sentiment/devtest2016")
_LIMITS = (
    "English only: a text in another language gets an answer that means little.",
    "Trained on posts of X from 2009 to 2021; irony and sarcasm are mostly missed.",
    "The machine labels of the pool come from a teacher that also saw a set for non-commercial use (airline, CC BY-NC-SA 4.0).",
)


def rows(data: Path, name: str) -> tuple[list[str], Array]:
    """Return texts and labels (0 negative, 1 neutral, 2 positive) of a shared set."""
    with gzip.open(data / f"{name}.tsv.gz", "rt", encoding="utf-8", newline="\n") as lines:
        header, *listed = (line.rstrip("\n").split("\t") for line in lines)
    label, text = header.index("label"), header.index("text")
    return [row[text] for row in listed], np.array([int(row[label]) for row in listed])


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


def train(data: Path, *, pool: bool = True) -> tuple[dict[str, Any], artefact.Arrays]:
    """Return the facts and arrays of a classifier trained on the sets in `data`. Peaks at some gigabytes with the pool."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    sets = {name: (*rows(data, name), weight) for name, (weight, _) in _SETS.items()}
    if pool:
        sets[_POOL] = (*rows(data, _POOL), _POOL_WEIGHT)
    arrays = _listed_and_vectors(data)
    labels = np.concatenate([truth for _, truth, _ in sets.values()])
    matrix = _fitted(tokens.read([text for texts, _, _ in sets.values() for text in texts]), arrays)
    weights = np.concatenate([weight * _balanced(truth) for _, truth, weight in sets.values()])
    linear = LinearSVC(C=0.1, random_state=0).fit(matrix, labels, sample_weight=weights)
    _quantise(arrays, linear.coef_.T, linear.intercept_)
    tuning = {name: rows(data, name) for name in _TUNING}
    facts = _facts(data, [*sets, *_TUNING], sets, pool=pool)
    decisions, truth = _tuned(facts, arrays, tuning)
    logistic = LogisticRegression(C=10, class_weight="balanced").fit(decisions, truth)
    arrays["logistic"], arrays["logistic_bias"] = logistic.coef_, logistic.intercept_
    facts["temperature"] = _temperature(decisions @ logistic.coef_.T + logistic.intercept_, truth)
    facts["scores"] = {name: _scores(Classifier(facts, arrays, ""), *given) for name, given in tuning.items()}
    facts["version"] = hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()[:12]
    return facts, arrays


def _listed_and_vectors(data: Path) -> artefact.Arrays:
    terms, polarity = lexicons(data / "lexicons")
    with np.load(data / "vectors" / "glove100-30k-int8.npz") as given:
        words, vectors = str(given["words"]), given["vectors"]
    text = [np.frombuffer(joined.encode(), dtype=np.uint8) for joined in ("\n".join(terms), words)]
    silent = np.zeros((1, vectors.shape[1]), dtype=np.int8)
    return {"terms": text[0], "polarity": polarity, "words": text[1], "vectors": np.vstack([silent, vectors])}


def _fitted(read: tokens.Texts, arrays: artefact.Arrays) -> Any:
    """Return the training matrix, and put the idf and the standardisation that it needs into `arrays`."""
    from scipy import sparse

    count, parts = len(read.lengths), []
    for name, found in zip(("word", "letter"), features.grams(read), strict=True):
        once = np.unique(found.text * features.SIZE + found.place) % features.SIZE
        idf = np.log((1 + count) / (1 + np.bincount(once, minlength=features.SIZE))) + 1
        arrays[f"{name}_idf"] = idf.astype(np.float16)
        text, place, values, _ = features.weighed(found, arrays[f"{name}_idf"], count)
        parts.append(sparse.csr_matrix((values.astype(np.float32), (text, place)), shape=(count, features.SIZE)))
    blank = _Blank(arrays)
    for name, scale, values in zip(("listed", "pooled"), _SCALES, _dense(blank, read), strict=True):
        arrays[f"{name}_mean"] = values.mean(axis=0).astype(np.float32)
        arrays[f"{name}_std"] = (values.std(axis=0) + 1e-6).astype(np.float32)
        parts.append(sparse.csr_matrix((scale * blank._standard(name, values)).astype(np.float32)))
    return sparse.hstack(parts, format="csr")


_SCALES = (features.LEXICON_SCALE, features.VECTOR_SCALE)
_PIECE = 4096  # texts whose vectors are held at once


class _Blank(Classifier):
    """A classifier that knows its word lists and vectors, and nothing yet of weights."""

    def __init__(self, arrays: artefact.Arrays) -> None:
        self.arrays = arrays


def _dense(blank: Classifier, read: tokens.Texts) -> tuple[Array, Array]:
    """Return the dense features of many texts, a piece at a time."""
    polarity, vectors = blank.polarity(read.vocabulary), blank.vectors(read.vocabulary).astype(np.float32)
    ends = np.cumsum(read.lengths)
    found = []
    for at in range(0, len(read.lengths), _PIECE):
        lengths = read.lengths[at : at + _PIECE]
        some = slice(int(ends[at] - read.lengths[at]), int(ends[at + len(lengths) - 1]))
        part = tokens.Texts(
            read.vocabulary, read.ids[some], read.flags[some], read.text[some] - at, read.place[some], lengths, read.written[some]
        )
        found.append([each.astype(np.float32) for each in features.dense(part, polarity, vectors)])
    listed, pooled = (np.vstack(parts) for parts in zip(*found, strict=True))
    return listed, pooled


def _balanced(truth: Array) -> Array:
    """Return a weight a row that makes the labels of a set count alike."""
    counts = np.bincount(truth, minlength=3)
    return np.asarray((len(truth) / ((counts > 0).sum() * np.maximum(counts, 1)))[truth])


def _quantise(arrays: artefact.Arrays, weights: Array, intercept: Array) -> None:
    """Put the weights into `arrays`, those of n-grams as int8 with a scale a label."""
    for at, name in enumerate(("word", "letter")):
        part = weights[at * features.SIZE : (at + 1) * features.SIZE]
        scale = np.abs(part).max(axis=0) / 127
        arrays[f"{name}_weights"], arrays[f"{name}_scale"] = np.round(part / scale).astype(np.int8), scale
    rest, columns = weights[2 * features.SIZE :], len(arrays["listed_mean"])
    arrays["listed_weights"], arrays["pooled_weights"] = rest[:columns] * _SCALES[0], rest[columns:] * _SCALES[1]
    arrays["intercept"] = intercept


def _tuned(facts: dict[str, Any], arrays: artefact.Arrays, tuning: dict[str, tuple[list[str], Array]]) -> tuple[Array, Array]:
    model = Classifier(facts | {"temperature": 1}, arrays, "")
    decisions = [model.decisions(tokens.read(texts)) for texts, _ in tuning.values()]
    return np.vstack(decisions), np.concatenate([truth for _, truth in tuning.values()])


def _temperature(logits: Array, truth: Array) -> float:
    """Return the temperature (Guo et al. 2017) with the least log loss."""
    grid = np.round(np.arange(0.5, 2.5, 0.02), 2)
    losses = []
    for temperature in grid:
        scaled = logits / temperature
        losses.append(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(truth)), truth]))
    return float(grid[int(np.argmin(losses))])


def _scores(model: Classifier, texts: list[str], truth: Array) -> dict[str, float]:
    """Return macro recall, accuracy and the expected calibration error in ten bins."""
    probabilities = np.array(model.probabilities(texts))
    said, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right = said == truth
    recall = float(np.mean([right[truth == label].mean() for label in np.unique(truth)]))
    bins = np.minimum((sure * 10).astype(int), 9)
    ece = sum(abs(right[bins == each].mean() - sure[bins == each].mean()) * np.mean(bins == each) for each in np.unique(bins))
    return {"rows": len(truth), "macro_recall": round(recall, 4), "accuracy": round(float(right.mean()), 4), "ece": round(float(ece), 4)}


def _facts(data: Path, names: Sequence[str], sets: dict[str, tuple[list[str], Array, float]], *, pool: bool) -> dict[str, Any]:
    licences = {name: licence for name, (_, licence) in _SETS.items()} | {_POOL: "as its sources: research use"}
    listed = {
        name: {
            "sha256": hashlib.sha256((data / f"{name}.tsv.gz").read_bytes()).hexdigest(),
            "licence": licences.get(name, "Twitter terms; TweetEval adds no restriction"),
            "use": "training" if name in sets else "calibration",
            **({"labels": np.bincount(sets[name][1], minlength=3).tolist()} if name in sets else {}),
        }
        for name in names
    }
    versions = {name: version(name) for name in ("scikit-learn", "numpy")}
    training = {"data": listed, "versions": versions, "teacher": "machine labels" if pool else "none"}
    limits = _LIMITS if pool else _LIMITS[:-1]
    return {"name": "chorus-sentiment", "version": "", "training": training, "scores": {}, "limits": list(limits), "temperature": 1.0}


def main(argv: Sequence[str] | None = None) -> int:
    """Train, and write the artefact."""
    parser = argparse.ArgumentParser(prog="chorus train", description="Train the classifier.")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of labelled sets, lexicons and vectors")
    parser.add_argument("--without-pool", action="store_true", help="leave the machine-labelled pool out")
    parser.add_argument("--out", type=Path, default=BUILT_IN, metavar="FILE")
    options = parser.parse_args(argv)
    facts, arrays = train(options.data, pool=not options.without_pool)
    artefact.write(options.out, facts, arrays)
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    sys.stdout.write(f"{options.out}: {options.out.stat().st_size:,} bytes, {facts['name']} {facts['version']}, {day}\n")
    for name, scores in facts["scores"].items():
        sys.stdout.write(f"  {name}: {scores}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
