"""The classifier that Chorus trains and ships, applied: a linear model over hashed n-grams, word lists and vectors, then calibrated.

Needs NumPy and its own file, no scikit-learn. `train.py` makes the file; `features.py` and `tokens.py` are shared by both.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.cnn import TextCNN
from dashboard.prediction.classifier.vocabulary import Array, LookupTables, TokenizedTexts, Vocabulary
from dashboard.prediction.protocols import LABELS, Explanation, ModelCard, TermWeight

BUILT_IN_MODEL_PATH = Path(__file__).with_name("sentiment.chorus")
MAX_TEXT_CHARACTERS = 25_000  # of a text; what is longer is read to here
_BATCH_CHARACTERS = 16_000  # characters, and so tokens, that are looked at together: what a token needs in between are some kilobytes
_METADATA_TYPES = {"name": str, "version": str, "training": dict, "scores": dict, "limits": list, "temperature": int | float}
_WORD_LIST_ARRAYS = ("terms", "words", "met", "felt")  # arrays that are lists of words
_PROBABILITY_SUM_TOLERANCE = 1e-6  # by which probabilities may add up to something else than 1
_FULL_TRUST_FAMILIARITY, _MIN_LOGIT_SCALE = 0.6, 0.2  # share of familiar words from which a text is trusted wholly; and the least trust


class Classifier:
    """A classifier read from its file."""

    kind: Literal["text"] = "text"

    def __init__(self, metadata: dict[str, Any], arrays: model_file.Arrays, digest: str) -> None:
        """Take what `artefact.read` returns."""
        self.card = ModelCard(
            metadata["name"],
            metadata["version"],
            digest,
            LABELS,
            training=metadata["training"],
            scores=metadata["scores"],
            limits=tuple(metadata["limits"]),
        )
        self.arrays = {name: _to_float64(array) for name, array in arrays.items()}
        self.temperature = float(metadata["temperature"])
        self._cnn = TextCNN(arrays) if "filters" in arrays else None
        self._lookup_tables = build_lookup_tables(self.arrays)
        self._word_ngram_table, self._char_ngram_table = self._build_ngram_table("word"), self._build_ngram_table("letter")
        self._vocabulary = self._new_vocabulary()

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a row a text, in order: the probability of negative, neutral and positive. Any text has an answer."""
        return [row for some in _split_into_batches(texts) for row in self._predict_batch(some).tolist()]

    def encode(self, texts: Sequence[str]) -> tuple[TokenizedTexts, Vocabulary]:
        """Return texts as rows of a vocabulary, and the vocabulary."""
        self._reset_full_vocabulary()
        vocabulary = self._vocabulary
        return vocabulary.encode([text[:MAX_TEXT_CHARACTERS] for text in texts]), vocabulary

    def decision_function(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the linear model's three scores a text, before the calibration."""
        scores = self.arrays["intercept"] + self._standardized_features(texts, vocabulary) @ self.arrays["dense_weights"]
        for sums in self._ngram_sums(texts, vocabulary):
            whole = np.add.reduceat(sums, texts.offsets, axis=0)
            scores += whole[:, :3] / _l2_norm(whole[:, 3:])
        return np.asarray(scores)

    def calibration_inputs(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return what the calibration sees of each text: the linear model's three scores, then those of the convolution, if it has one."""
        decisions = self.decision_function(texts, vocabulary)
        return np.hstack([decisions, self._cnn.log_probabilities(texts, vocabulary)]) if self._cnn else decisions

    def logits(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the calibrated scores, whose softmax are the probabilities; smaller, the fewer of a text's words are familiar."""
        calibrated = self.calibration_inputs(texts, vocabulary) @ self.arrays["logistic"].T + self.arrays["logistic_bias"]
        return np.asarray(calibrated * self.logit_scale(texts, vocabulary)[:, None] / self.temperature)

    def explain(self, text: str) -> Explanation:
        """Return what carried the decision: n-grams count for the tokens they span, word lists for the words they list.

        What can't be given to a word stands in parentheses: the company of words (their vectors), the look of the text, and what
        the classifier says of any text.
        """
        texts, vocabulary = self.encode([text])
        logits = self.logits(texts, vocabulary)[0]
        second, first = np.argsort(logits, kind="stable")[-2:]
        scale = self.logit_scale(texts, vocabulary)[0] / self.temperature
        toward, beyond = np.split((self.arrays["logistic"][first] - self.arrays["logistic"][second]) * scale, [len(LABELS)])
        weights = self._attribute_ngrams(texts, vocabulary, toward)
        by_column = self._standardized_features(texts, vocabulary)[0] * (self.arrays["dense_weights"] @ toward)
        said, looks, company = np.split(
            by_column, [features.LEXICON_FEATURE_COUNT - features.SURFACE_FEATURE_COUNT, features.LEXICON_FEATURE_COUNT]
        )
        shares = np.abs(vocabulary.column("value")[texts.token_ids]).sum(axis=1)
        rest = {"(company of words)": company.sum(), "(look of the text)": looks.sum() + weights[-1]}
        if shares.sum() > 0:
            weights = weights + said.sum() * shares / shares.sum()
        else:
            rest["(look of the text)"] += said.sum()
        bias = (self.arrays["logistic_bias"][first] - self.arrays["logistic_bias"][second]) * scale
        rest["(any text)"] = self.arrays["intercept"] @ toward + bias
        if self._cnn:
            carried = self._cnn.attribute_tokens(texts, vocabulary, beyond)
            weights = weights + carried
            rest["(any text)"] += self._cnn.log_probabilities(texts, vocabulary)[0] @ beyond - carried[:-1].sum()
        words = [vocabulary.surface_forms[row // 2] for row in texts.token_ids[:-1]]
        return Explanation(LABELS[first], LABELS[second], float(logits[first] - logits[second]), _rank_terms(words, weights, rest))

    def _predict_batch(self, texts: Sequence[str]) -> Array:
        logits = self.logits(*self.encode(texts))
        self._reset_full_vocabulary()
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))

    def _standardized_features(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        return features.standardize(features.build_dense_features(texts, vocabulary, self.arrays["vectors"]), self.arrays)

    def logit_scale(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return how far each text is trusted, 0.2 … 1, by how many of its words training met: its logits are multiplied by it."""
        return np.clip(features.familiar_word_share(texts, vocabulary) / _FULL_TRUST_FAMILIARITY, _MIN_LOGIT_SCALE, 1)

    def _ngram_sums(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> tuple[Array, Array]:
        """Return four sums a token, of n-grams of words that begin there and of letters in it: three scores, and squares of idf."""
        return self._word_ngram_table[features.hash_word_ngrams(texts, vocabulary)].sum(axis=0, dtype=np.float64), vocabulary.column(
            "letters"
        )[texts.token_ids]

    def _attribute_ngrams(self, texts: TokenizedTexts, vocabulary: Vocabulary, label_contrast: Array) -> Array:
        """Return what the n-grams of each token of one text weigh, each n-gram shared among the tokens it spans; END has the last's."""
        letters = vocabulary.column("letters")[texts.token_ids]
        words = self._word_ngram_table[features.hash_word_ngrams(texts, vocabulary)].astype(np.float64)
        weights = letters[:, :3] @ label_contrast / _l2_norm(letters[:, 3].sum())
        shares = words[:, :, :3] @ label_contrast / _l2_norm(words[:, :, 3].sum())
        for size in range(features.MAX_WORDS_PER_NGRAM):
            for offset in range(size + 1):
                weights[offset:] += shares[size, : len(weights) - offset] / (size + 1)
        return np.asarray(weights)

    def _build_ngram_table(self, ngram_kind: str) -> Array:
        """Return a row a place: idf times the three weights, and the square of idf; 0 for NOWHERE. Kept in float32, added up in float64."""
        idf, found = self.arrays[f"{ngram_kind}_idf"].astype(np.float64), np.zeros((features.BUCKET_COUNT + 1, 4), dtype=np.float32)
        found[:-1, :3], found[:-1, 3] = dequantize_ngram_weights(self.arrays, ngram_kind) * idf[:, None], idf**2
        return found

    def _reset_full_vocabulary(self) -> None:
        """Start a vocabulary anew that holds more than is good to keep."""
        if self._vocabulary.is_full:
            self._vocabulary = self._new_vocabulary()

    def _new_vocabulary(self) -> Vocabulary:
        return Vocabulary(self._lookup_tables, self._char_ngram_sums)

    def _char_ngram_sums(self, tokens: Sequence[str]) -> Array:
        places, starts = features.hash_char_ngrams(tokens)
        return np.add.reduceat(self._char_ngram_table[places].sum(axis=0, dtype=np.float64), starts, axis=0)


def load_classifier(path: Path) -> Classifier:
    """Return the classifier of a file. Raises ModelUnavailable, with the reason."""
    facts, arrays, digest = model_file.read(path)
    try:
        _validate_metadata(facts)
        made = Classifier(facts, arrays, digest)
        with np.errstate(all="ignore"):
            first = made.predict_proba(["a first text"])[0]
        if not abs(sum(first) - 1) < _PROBABILITY_SUM_TOLERANCE or not _has_consistent_shapes(arrays):
            raise ValueError("no probabilities")
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise ModelUnavailable(f"{path.name} holds no classifier that this Chorus understands.", "Train it anew.") from None
    return made


def _validate_metadata(metadata: Any) -> None:
    """Raise ValueError if facts are not of the types that a card has, or the temperature is none."""
    fine = all(isinstance(metadata[name], kind) for name, kind in _METADATA_TYPES.items())
    fine = (
        fine
        and all(isinstance(each, str) for each in metadata["limits"])
        and all(isinstance(each, dict) for each in metadata["scores"].values())
    )
    if not fine or not metadata["temperature"] > 0:
        raise ValueError("other facts")


def _has_consistent_shapes(arrays: model_file.Arrays) -> bool:
    """Say whether what is listed has its rows."""
    found = build_lookup_tables(arrays)
    rows = [
        (found.polarity_rows, "polarity"),
        (found.vector_rows, "vectors"),
        *[(found.embedding_rows, "own")] * bool(found.embedding_rows),
    ]
    shapes = [arrays[f"{name}_{part}"].shape[:1] for name in ("word", "letter") for part in ("weights", "idf")]
    return all(len(listed) < len(arrays[name]) for listed, name in rows) and {*shapes} == {(features.BUCKET_COUNT,)}


def load_built_in_classifier() -> Classifier:
    """Return the classifier that Chorus ships. Raises ModelUnavailable if its file is missing or damaged."""
    return load_classifier(BUILT_IN_MODEL_PATH)


def build_lookup_tables(arrays: model_file.Arrays) -> LookupTables:
    """Return what a classifier's arrays hold of word lists and vectors."""
    same: dict[str, str] = {}  # most words stand in several lists
    listed = {name: [same.setdefault(line, line) for line in _split_lines(arrays[name])] for name in _WORD_LIST_ARRAYS if name in arrays}
    terms, words, own = (_number_rows(each) for each in (listed["terms"], listed["words"], listed.get("felt", [])))
    return LookupTables(terms, arrays["polarity"].astype(np.float32), words, frozenset(listed["met"]), own)


def dequantize_ngram_weights(arrays: model_file.Arrays, ngram_kind: str) -> Array:
    """Return weights of n-grams: int8 holds their signed roots, for most weights are small, and their steps should be too."""
    roots = arrays[f"{ngram_kind}_weights"].astype(np.float64)
    return np.asarray(roots * np.abs(roots) * arrays[f"{ngram_kind}_scale"])


def _split_into_batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield texts a batch, of _BATCH characters or of one text that is longer."""
    batch, left = list[str](), _BATCH_CHARACTERS
    for text in texts:
        left -= len(text[:MAX_TEXT_CHARACTERS])
        if batch and left < 0:
            yield batch
            batch, left = [], _BATCH_CHARACTERS - len(text[:MAX_TEXT_CHARACTERS])
        batch.append(text)
    if batch:
        yield batch


def _number_rows(lines: Sequence[str]) -> dict[str, int]:
    """Return the row of each line; row 0 is for what is not listed."""
    return {line: place + 1 for place, line in enumerate(lines)}


def _split_lines(encoded_lines: Array) -> list[str]:
    return encoded_lines.tobytes().decode().split("\n")


def _to_float64(array: Array) -> Array:
    """Return what is computed with as float64; what has a row a place stays as small as it came."""
    return array.astype(np.float64) if array.dtype.kind == "f" and len(array) < features.BUCKET_COUNT else array


def _l2_norm(squared_norm: Any) -> Any:
    return np.sqrt(np.maximum(squared_norm, 1e-12))


def _rank_terms(words: Sequence[str], weights: Array, other_weights: dict[str, float]) -> tuple[TermWeight, ...]:
    """Return terms as they were written, equal ones added up, heaviest first."""
    sums: dict[str, float] = {}
    for written, weight in zip(words, weights[: len(words)].tolist(), strict=True):
        sums[written] = sums.get(written, 0.0) + weight
    return tuple(TermWeight(term, float(weight)) for term, weight in sorted((sums | other_weights).items(), key=lambda item: -abs(item[1])))
