"""The classifier that Chorus trains and ships, applied: a linear model over hashed n-grams, word lists and vectors, then calibrated.

Needs NumPy and its own file, no scikit-learn. `train.py` makes the file; `features.py` and `tokens.py` are shared by both.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.cnn import Convolution
from dashboard.prediction.classifier.vocabulary import Array, Lists, Texts, Vocabulary
from dashboard.prediction.protocols import LABELS, Card, Explanation, Term

BUILT_IN = Path(__file__).with_name("sentiment.chorus")
MOST_LETTERS = 25_000  # of a text; what is longer is read to here
_BATCH = 16_000  # characters, and so tokens, that are looked at together: what a token needs in between are some kilobytes
_FACTS = {"name": str, "version": str, "training": dict, "scores": dict, "limits": list, "temperature": int | float}
_LISTED = ("terms", "words", "met", "felt")  # arrays that are lists of words
_ROUNDED = 1e-6  # by which probabilities may add up to something else than 1
_FAMILIAR, _LEAST = 0.6, 0.2  # share of familiar words from which a text is trusted wholly; and the least trust


class Classifier:
    """A classifier read from its file."""

    kind: Literal["text"] = "text"

    def __init__(self, facts: dict[str, Any], arrays: model_file.Arrays, digest: str) -> None:
        """Take what `artefact.read` returns."""
        self.card = Card(
            facts["name"],
            facts["version"],
            digest,
            LABELS,
            training=facts["training"],
            scores=facts["scores"],
            limits=tuple(facts["limits"]),
        )
        self.arrays = {name: _exact(array) for name, array in arrays.items()}
        self.temperature = float(facts["temperature"])
        self._convolution = Convolution(arrays) if "filters" in arrays else None
        self._lists = lists(self.arrays)
        self._words, self._letters = self._weighed("word"), self._weighed("letter")
        self._vocabulary = self._fresh()

    def probabilities(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a row a text, in order: the probability of negative, neutral and positive. Any text has an answer."""
        return [row for some in _batches(texts) for row in self._batch(some).tolist()]

    def read(self, texts: Sequence[str]) -> tuple[Texts, Vocabulary]:
        """Return texts as rows of a vocabulary, and the vocabulary."""
        self._forget()
        vocabulary = self._vocabulary
        return vocabulary.read([text[:MOST_LETTERS] for text in texts]), vocabulary

    def decisions(self, texts: Texts, vocabulary: Vocabulary) -> Array:
        """Return the linear model's three scores a text, before the calibration."""
        scores = self.arrays["intercept"] + self._standard(texts, vocabulary) @ self.arrays["dense_weights"]
        for sums in self._grams(texts, vocabulary):
            whole = np.add.reduceat(sums, texts.starts, axis=0)
            scores += whole[:, :3] / _length(whole[:, 3:])
        return np.asarray(scores)

    def evidence(self, texts: Texts, vocabulary: Vocabulary) -> Array:
        """Return what the calibration sees of each text: the linear model's three scores, then those of the convolution, if it has one."""
        decisions = self.decisions(texts, vocabulary)
        return np.hstack([decisions, self._convolution.scores(texts, vocabulary)]) if self._convolution else decisions

    def logits(self, texts: Texts, vocabulary: Vocabulary) -> Array:
        """Return the calibrated scores, whose softmax are the probabilities; smaller, the fewer of a text's words are familiar."""
        calibrated = self.evidence(texts, vocabulary) @ self.arrays["logistic"].T + self.arrays["logistic_bias"]
        return np.asarray(calibrated * self.trust(texts, vocabulary)[:, None] / self.temperature)

    def explain(self, text: str) -> Explanation:
        """Return what carried the decision: n-grams count for the tokens they span, word lists for the words they list.

        What can't be given to a word stands in parentheses: the company of words (their vectors), the look of the text, and what
        the classifier says of any text.
        """
        texts, vocabulary = self.read([text])
        logits = self.logits(texts, vocabulary)[0]
        second, first = np.argsort(logits, kind="stable")[-2:]
        scale = self.trust(texts, vocabulary)[0] / self.temperature
        toward, beyond = np.split((self.arrays["logistic"][first] - self.arrays["logistic"][second]) * scale, [len(LABELS)])
        weights = self._gram_weights(texts, vocabulary, toward)
        by_column = self._standard(texts, vocabulary)[0] * (self.arrays["dense_weights"] @ toward)
        said, looks, company = np.split(by_column, [features.LISTED - features.LOOKS, features.LISTED])
        shares = np.abs(vocabulary.column("value")[texts.ids]).sum(axis=1)
        rest = {"(company of words)": company.sum(), "(look of the text)": looks.sum() + weights[-1]}
        if shares.sum() > 0:
            weights = weights + said.sum() * shares / shares.sum()
        else:
            rest["(look of the text)"] += said.sum()
        bias = (self.arrays["logistic_bias"][first] - self.arrays["logistic_bias"][second]) * scale
        rest["(any text)"] = self.arrays["intercept"] @ toward + bias
        if self._convolution:
            carried = self._convolution.weights(texts, vocabulary, beyond)
            weights = weights + carried
            rest["(any text)"] += self._convolution.scores(texts, vocabulary)[0] @ beyond - carried[:-1].sum()
        words = [vocabulary.written[row // 2] for row in texts.ids[:-1]]
        return Explanation(LABELS[first], LABELS[second], float(logits[first] - logits[second]), _ranked(words, weights, rest))

    def _batch(self, texts: Sequence[str]) -> Array:
        logits = self.logits(*self.read(texts))
        self._forget()
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    def _standard(self, texts: Texts, vocabulary: Vocabulary) -> Array:
        return features.standard(features.dense(texts, vocabulary, self.arrays["vectors"]), self.arrays)

    def trust(self, texts: Texts, vocabulary: Vocabulary) -> Array:
        """Return how far each text is trusted, 0.2 … 1, by how many of its words training met: its logits are multiplied by it."""
        return np.clip(features.familiarity(texts, vocabulary) / _FAMILIAR, _LEAST, 1)

    def _grams(self, texts: Texts, vocabulary: Vocabulary) -> tuple[Array, Array]:
        """Return four sums a token, of n-grams of words that begin there and of letters in it: three scores, and squares of idf."""
        return self._words[features.words(texts, vocabulary)].sum(axis=0, dtype=np.float64), vocabulary.column("letters")[texts.ids]

    def _gram_weights(self, texts: Texts, vocabulary: Vocabulary, toward: Array) -> Array:
        """Return what the n-grams of each token of one text weigh, each n-gram shared among the tokens it spans; END has the last's."""
        letters = vocabulary.column("letters")[texts.ids]
        words = self._words[features.words(texts, vocabulary)].astype(np.float64)
        weights = letters[:, :3] @ toward / _length(letters[:, 3].sum())
        shares = words[:, :, :3] @ toward / _length(words[:, :, 3].sum())
        for size in range(features.LONGEST):
            for offset in range(size + 1):
                weights[offset:] += shares[size, : len(weights) - offset] / (size + 1)
        return np.asarray(weights)

    def _weighed(self, name: str) -> Array:
        """Return a row a place: idf times the three weights, and the square of idf; 0 for NOWHERE. Kept in float32, added up in float64."""
        idf, found = self.arrays[f"{name}_idf"].astype(np.float64), np.zeros((features.SIZE + 1, 4), dtype=np.float32)
        found[:-1, :3], found[:-1, 3] = unpacked(self.arrays, name) * idf[:, None], idf**2
        return found

    def _forget(self) -> None:
        """Start a vocabulary anew that holds more than is good to keep."""
        if self._vocabulary.full:
            self._vocabulary = self._fresh()

    def _fresh(self) -> Vocabulary:
        return Vocabulary(self._lists, self._of_letters)

    def _of_letters(self, said: Sequence[str]) -> Array:
        places, starts = features.letters(said)
        return np.add.reduceat(self._letters[places].sum(axis=0, dtype=np.float64), starts, axis=0)


def load(path: Path) -> Classifier:
    """Return the classifier of a file. Raises ModelUnavailable, with the reason."""
    facts, arrays, digest = model_file.read(path)
    try:
        _check(facts)
        made = Classifier(facts, arrays, digest)
        with np.errstate(all="ignore"):
            first = made.probabilities(["a first text"])[0]
        if not abs(sum(first) - 1) < _ROUNDED or not _fit(arrays):
            raise ValueError("no probabilities")
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise ModelUnavailable(f"{path.name} holds no classifier that this Chorus understands.", "Train it anew.") from None
    return made


def _check(facts: Any) -> None:
    """Raise ValueError if facts are not of the types that a card has, or the temperature is none."""
    fine = all(isinstance(facts[name], kind) for name, kind in _FACTS.items())
    fine = (
        fine and all(isinstance(each, str) for each in facts["limits"]) and all(isinstance(each, dict) for each in facts["scores"].values())
    )
    if not fine or not facts["temperature"] > 0:
        raise ValueError("other facts")


def _fit(arrays: model_file.Arrays) -> bool:
    """Say whether what is listed has its rows."""
    found = lists(arrays)
    rows = [(found.terms, "polarity"), (found.words, "vectors"), *[(found.own, "own")] * bool(found.own)]
    shapes = [arrays[f"{name}_{part}"].shape[:1] for name in ("word", "letter") for part in ("weights", "idf")]
    return all(len(listed) < len(arrays[name]) for listed, name in rows) and {*shapes} == {(features.SIZE,)}


def built_in() -> Classifier:
    """Return the classifier that Chorus ships. Raises ModelUnavailable if its file is missing or damaged."""
    return load(BUILT_IN)


def lists(arrays: model_file.Arrays) -> Lists:
    """Return what a classifier's arrays hold of word lists and vectors."""
    same: dict[str, str] = {}  # most words stand in several lists
    listed = {name: [same.setdefault(line, line) for line in _lines(arrays[name])] for name in _LISTED if name in arrays}
    terms, words, own = (_places(each) for each in (listed["terms"], listed["words"], listed.get("felt", [])))
    return Lists(terms, arrays["polarity"].astype(np.float32), words, frozenset(listed["met"]), own)


def unpacked(arrays: model_file.Arrays, name: str) -> Array:
    """Return weights of n-grams: int8 holds their signed roots, for most weights are small, and their steps should be too."""
    roots = arrays[f"{name}_weights"].astype(np.float64)
    return np.asarray(roots * np.abs(roots) * arrays[f"{name}_scale"])


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield texts a batch, of _BATCH characters or of one text that is longer."""
    batch, left = list[str](), _BATCH
    for text in texts:
        left -= len(text[:MOST_LETTERS])
        if batch and left < 0:
            yield batch
            batch, left = [], _BATCH - len(text[:MOST_LETTERS])
        batch.append(text)
    if batch:
        yield batch


def _places(lines: Sequence[str]) -> dict[str, int]:
    """Return the row of each line; row 0 is for what is not listed."""
    return {line: place + 1 for place, line in enumerate(lines)}


def _lines(joined: Array) -> list[str]:
    return joined.tobytes().decode().split("\n")


def _exact(array: Array) -> Array:
    """Return what is computed with as float64; what has a row a place stays as small as it came."""
    return array.astype(np.float64) if array.dtype.kind == "f" and len(array) < features.SIZE else array


def _length(squares: Any) -> Any:
    return np.sqrt(np.maximum(squares, 1e-12))


def _ranked(words: Sequence[str], weights: Array, rest: dict[str, float]) -> tuple[Term, ...]:
    """Return terms as they were written, equal ones added up, heaviest first."""
    sums: dict[str, float] = {}
    for written, weight in zip(words, weights[: len(words)].tolist(), strict=True):
        sums[written] = sums.get(written, 0.0) + weight
    return tuple(Term(term, float(weight)) for term, weight in sorted((sums | rest).items(), key=lambda item: -abs(item[1])))
