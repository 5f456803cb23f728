"""The classifier that Chorus trains and ships, applied: a linear model over hashed n-grams, word lists and vectors, then calibrated.

Needs NumPy and its own file, no scikit-learn. `train.py` makes the file; `features.py` and `tokens.py` are shared by both.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dashboard.errors import ModelUnavailable
from dashboard.prediction import artefact, features, tokens
from dashboard.prediction.features import Array, Grams
from dashboard.prediction.models import LABELS, Card, Explanation, Term

BUILT_IN = Path(__file__).with_name("sentiment.chorus")
MOST_LETTERS = 25_000  # of a text; what is longer is read to here
_BATCH = 256


class Classifier:
    """A classifier read from its file."""

    kind: Literal["text"] = "text"

    def __init__(self, facts: dict[str, Any], arrays: artefact.Arrays, digest: str) -> None:
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
        self.arrays = {name: array.astype(np.float64) if name in _EXACT else array for name, array in arrays.items()}
        self.temperature = float(facts["temperature"])

    @cached_property
    def _terms(self) -> dict[str, int]:
        return _places(self.arrays["terms"])

    @cached_property
    def _words(self) -> dict[str, int]:
        return _places(self.arrays["words"])

    def probabilities(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a row a text, in order: the probability of negative, neutral and positive. Any text has an answer."""
        rows = [self._batch(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
        return [list(row) for part in rows for row in part.tolist()]

    def explain(self, text: str) -> Explanation:
        """Return what carried the decision: n-grams count for the tokens they span, word lists for the words they list.

        What can't be given to a word stands in parentheses: the company of words (their vectors), the look of the text, and what
        the classifier says of any text.
        """
        read = tokens.read([text[:MOST_LETTERS]])
        logits = self._calibrated(self.decisions(read))[0]
        second, first = np.argsort(logits, kind="stable")[-2:]
        toward = (self.arrays["logistic"][first] - self.arrays["logistic"][second]) / self.temperature
        weights = self._token_weights(read, toward)
        listed, rest = self._dense_weights(read, toward)
        shares = np.abs(self.polarity(read.vocabulary)[read.ids]).sum(axis=1)
        if shares.sum() > 0:
            weights = weights + listed * shares / shares.sum()
        else:
            rest["(look of the text)"] += listed
        bias = (self.arrays["logistic_bias"][first] - self.arrays["logistic_bias"][second]) / self.temperature
        rest["(any text)"] = float(self.arrays["intercept"] @ toward + bias)
        return Explanation(LABELS[first], LABELS[second], float(logits[first] - logits[second]), _ranked(read, weights, rest))

    def decisions(self, read: tokens.Texts) -> Array:
        """Return the linear model's three scores a text, before the calibration."""
        rows = len(read.lengths)
        scores = np.tile(self.arrays["intercept"], (rows, 1))
        for name, found in zip(("word", "letter"), features.grams(read), strict=True):
            text, place, values, _ = features.weighed(found, self.arrays[f"{name}_idf"], rows)
            carried = self.arrays[f"{name}_weights"][place] * values[:, None]
            for label, scale in enumerate(self.arrays[f"{name}_scale"]):
                scores[:, label] += scale * np.bincount(text, weights=carried[:, label], minlength=rows)
        for name, given in zip(("listed", "pooled"), self._dense(read), strict=True):
            scores += given @ self.arrays[f"{name}_weights"]
        return scores

    def _dense(self, read: tokens.Texts) -> tuple[Array, Array]:
        listed, pooled = features.dense(read, self.polarity(read.vocabulary), self.vectors(read.vocabulary))
        return self._standard("listed", listed), self._standard("pooled", pooled)

    def _standard(self, name: str, values: Array) -> Array:
        scaled = (values - self.arrays[f"{name}_mean"]) / self.arrays[f"{name}_std"]
        return np.clip(scaled, -features.CLIP, features.CLIP)

    def _batch(self, texts: Sequence[str]) -> Array:
        logits = self._calibrated(self.decisions(tokens.read([text[:MOST_LETTERS] for text in texts])))
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    def _calibrated(self, decisions: Array) -> Array:
        return np.asarray(decisions @ self.arrays["logistic"].T + self.arrays["logistic_bias"]) / self.temperature

    def polarity(self, vocabulary: Sequence[str]) -> Array:
        """Return what each word list says of each token, 0 where it is silent."""
        found = [_first(self._terms, _forms(token)) for token in vocabulary]
        return np.asarray(self.arrays["polarity"][np.array(found, dtype=np.int64)])

    def vectors(self, vocabulary: Sequence[str]) -> Array:
        """Return the vector of each token, 0 where it has none."""
        found = [_first(self._words, (token, token.removeprefix("#"), token.removesuffix("'s"))) for token in vocabulary]
        return np.asarray(self.arrays["vectors"][np.array(found, dtype=np.int64)] / 127.0)

    def _token_weights(self, read: tokens.Texts, toward: Array) -> Array:
        """Return what the n-grams of each token weigh, each n-gram shared among the tokens it spans."""
        weights = np.zeros(len(read.ids) + features.WORDS)
        for name, found in zip(("word", "letter"), features.grams(read), strict=True):
            share = self._gram_weights(name, found, toward) / np.maximum(found.length, 1)
            for offset in range(features.WORDS):
                spans = found.length > offset
                weights += np.bincount(found.at[spans] + offset, weights=share[spans], minlength=len(weights))
        return weights[: len(read.ids)]

    def _gram_weights(self, name: str, found: Grams, toward: Array) -> Array:
        _, place, values, part = features.weighed(found, self.arrays[f"{name}_idf"], 1)
        whole = (self.arrays[f"{name}_weights"][place] * values[:, None] * self.arrays[f"{name}_scale"]) @ toward
        return np.asarray((whole / np.maximum(np.bincount(part, minlength=len(whole)), 1))[part])

    def _dense_weights(self, read: tokens.Texts, toward: Array) -> tuple[float, dict[str, float]]:
        listed, pooled = self._dense(read)
        by_column = listed[0] * (self.arrays["listed_weights"] @ toward)
        said = by_column[: -self._surface].sum()
        rest = {"(company of words)": float(pooled[0] @ self.arrays["pooled_weights"] @ toward)}
        return float(said), rest | {"(look of the text)": float(by_column[-self._surface :].sum())}

    _surface = 20  # the last columns of what word lists say are about the look of the text


_EXACT = {"intercept", "logistic", "logistic_bias", "listed_weights", "pooled_weights", "word_scale", "letter_scale"}


def load(path: Path) -> Classifier:
    """Return the classifier of a file. Raises ModelUnavailable, with the reason."""
    facts, arrays, digest = artefact.read(path)
    try:
        made = Classifier(facts, arrays, digest)
        made.probabilities(["a first text"])
    except (KeyError, TypeError, ValueError, IndexError):
        raise ModelUnavailable(f"{path.name} holds no classifier that this Chorus understands.", "Train it anew.") from None
    return made


def built_in() -> Classifier:
    """Return the classifier that Chorus ships. Raises ModelUnavailable if its file is missing or damaged."""
    return load(BUILT_IN)


def _places(joined: Array) -> dict[str, int]:
    """Return the row of each line of a text; row 0 is for what is not listed."""
    return {line: place + 1 for place, line in enumerate(joined.tobytes().decode().split("\n"))}


def _forms(token: str) -> tuple[str, ...]:
    """Return how a token may stand in a word list: as it is, without possessive or doubled last letter, an emoji without its tone."""
    shorter = token[:-1] if len(token) > 3 and token[-1] == token[-2] else token
    return (token, token.removesuffix("'s"), shorter, token[:1] if token[:1] > "\u2000" else token)


def _first(places: dict[str, int], forms: Sequence[str]) -> int:
    return next((places[form] for form in forms if form in places), 0)


def _ranked(read: tokens.Texts, weights: Array, rest: dict[str, float]) -> tuple[Term, ...]:
    """Return terms as they were written, equal ones added up, heaviest first."""
    sums: dict[str, float] = {}
    for written, weight in zip(read.written, weights.tolist(), strict=True):
        sums[written] = sums.get(written, 0.0) + weight
    return tuple(Term(term, weight) for term, weight in sorted((sums | rest).items(), key=lambda item: -abs(item[1])))
