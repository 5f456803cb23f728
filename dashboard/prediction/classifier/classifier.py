"""The built-in classifier: predicts and explains the sentiment of texts, and loads itself from a model file.

A linear model over hashed n-grams, word lists and word vectors, and a small convolutional network; a logistic regression and a temperature
turn the scores of both into calibrated probabilities. It needs NumPy and its model file only: training, and with it scikit-learn, belongs
in `prediction/training`.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.cnn import TextCNN
from dashboard.prediction.classifier.softmax import softmax
from dashboard.prediction.classifier.vocabulary import Array, LookupTables, TokenizedTexts, Vocabulary
from dashboard.prediction.protocols import LABELS, Explanation, ModelCard, TermWeight

BUILT_IN_MODEL_PATH = Path(__file__).with_name("sentiment.chorus")
MAX_TEXT_CHARACTERS = 25_000  # the rest of a longer text is ignored
_BATCH_CHARACTERS = 16_000  # bounds the memory of a batch, because each token takes some kilobytes
_METADATA_TYPES = {"name": str, "version": str, "training": dict, "scores": dict, "limits": list, "temperature": int | float}
_WORD_LIST_ARRAYS = ("terms", "words", "met", "felt")  # arrays that contain one word per line
_PROBABILITY_SUM_TOLERANCE = 1e-6
_FULL_SCALE_FAMILIARITY = 0.6  # the share of familiar words from which logits are not scaled down
_MIN_LOGIT_SCALE = 0.2


class Classifier:
    """A classifier read from its file."""

    kind: Literal["text"] = "text"

    def __init__(self, metadata: dict[str, Any], arrays: model_file.Arrays, digest: str) -> None:
        """Take what `model_file.read` returns."""
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
        self.lookup_tables = build_lookup_tables(self.arrays)
        self._word_ngram_table, self._char_ngram_table = self._build_ngram_table("word"), self._build_ngram_table("letter")
        self._vocabulary = self._new_vocabulary()

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the probabilities of negative, neutral and positive for each text, in order. Any text has a result."""
        return [row for batch in _split_into_batches(texts) for row in self._predict_batch(batch).tolist()]

    def encode(self, texts: Sequence[str]) -> tuple[TokenizedTexts, Vocabulary]:
        """Return texts as token IDs, and the vocabulary that they refer to."""
        self._reset_full_vocabulary()
        vocabulary = self._vocabulary
        return vocabulary.encode([text[:MAX_TEXT_CHARACTERS] for text in texts]), vocabulary

    def decision_function(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the linear model's scores before calibration: texts × labels."""
        scores = self.arrays["intercept"] + self._standardized_features(texts, vocabulary) @ self.arrays["dense_weights"]
        for token_sums in self._ngram_sums(texts, vocabulary):
            text_sums = np.add.reduceat(token_sums, texts.offsets, axis=0)
            scores += text_sums[:, :3] / _l2_norm(text_sums[:, 3:])
        return np.asarray(scores)

    def calibration_inputs(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the inputs of the calibration, texts × 3 or 6: the linear model's scores, then the network's, if there is one."""
        decisions = self.decision_function(texts, vocabulary)
        return np.hstack([decisions, self._cnn.log_probabilities(texts, vocabulary)]) if self._cnn else decisions

    def logits(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the calibrated logits, texts × labels; their softmax is the probabilities. Few familiar words make them smaller."""
        calibrated = self.calibration_inputs(texts, vocabulary) @ self.arrays["logistic"].T + self.arrays["logistic_bias"]
        return np.asarray(calibrated * self.logit_scale(texts, vocabulary)[:, None] / self.temperature)

    def explain(self, text: str) -> Explanation:
        """Explain the decision by the weight of each word: an n-gram counts for the tokens it spans, word lists for the listed words.

        What can't be attributed to a word is listed in parentheses: the word vectors (company of words), how the text is written (look of
        the text) and the intercepts (any text).
        """
        texts, vocabulary = self.encode([text])
        logits = self.logits(texts, vocabulary)[0]
        runner_up, best = np.argsort(logits, kind="stable")[-2:]
        scale = self.logit_scale(texts, vocabulary)[0] / self.temperature
        contrast = (self.arrays["logistic"][best] - self.arrays["logistic"][runner_up]) * scale
        linear_contrast, cnn_contrast = np.split(contrast, [len(LABELS)])
        weights, other_weights = self._attribute_linear_model(texts, vocabulary, linear_contrast)
        bias = (self.arrays["logistic_bias"][best] - self.arrays["logistic_bias"][runner_up]) * scale
        other_weights["(any text)"] = self.arrays["intercept"] @ linear_contrast + bias
        if self._cnn:
            cnn_weights = self._cnn.attribute_tokens(texts, vocabulary, cnn_contrast)
            weights = weights + cnn_weights
            other_weights["(any text)"] += self._cnn.log_probabilities(texts, vocabulary)[0] @ cnn_contrast - cnn_weights[:-1].sum()
        words = [vocabulary.surface_forms[token_id // 2] for token_id in texts.token_ids[:-1]]
        margin = float(logits[best] - logits[runner_up])
        return Explanation(LABELS[best], LABELS[runner_up], margin, _rank_terms(words, weights, other_weights))

    def _attribute_linear_model(
        self, texts: TokenizedTexts, vocabulary: Vocabulary, label_contrast: Array
    ) -> tuple[Array, dict[str, float]]:
        """Return the weight of each token of a single text in the linear model, and of what belongs to no token."""
        weights = self._attribute_ngrams(texts, vocabulary, label_contrast)
        feature_weights = self._standardized_features(texts, vocabulary)[0] * (self.arrays["dense_weights"] @ label_contrast)
        surface_start = features.LEXICON_FEATURE_COUNT - features.SURFACE_FEATURE_COUNT
        polarity, surface, vectors = np.split(feature_weights, [surface_start, features.LEXICON_FEATURE_COUNT])
        other_weights = {"(company of words)": vectors.sum(), "(look of the text)": surface.sum() + weights[-1]}
        strengths = np.abs(vocabulary.column("value")[texts.token_ids]).sum(axis=1)
        if strengths.sum() > 0:
            weights = weights + polarity.sum() * strengths / strengths.sum()
        else:
            other_weights["(look of the text)"] += polarity.sum()
        return weights, other_weights

    def _predict_batch(self, texts: Sequence[str]) -> Array:
        logits = self.logits(*self.encode(texts))
        self._reset_full_vocabulary()
        return softmax(logits)

    def _standardized_features(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        return features.standardize(features.build_dense_features(texts, vocabulary, self.arrays["vectors"]), self.arrays)

    def logit_scale(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the factor of each text's logits, 0.2 … 1: the fewer of its words occur in the training data, the smaller."""
        return np.clip(features.familiar_word_share(texts, vocabulary) / _FULL_SCALE_FAMILIARITY, _MIN_LOGIT_SCALE, 1)

    def _ngram_sums(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> tuple[Array, Array]:
        """Return sums over the word n-grams that begin at each token, and over its character n-grams.

        Each is tokens × 4: the weights for each label times idf, and idf squared.
        """
        word_sums = self._word_ngram_table[features.hash_word_ngrams(texts, vocabulary)].sum(axis=0, dtype=np.float64)
        return word_sums, vocabulary.column("letters")[texts.token_ids]

    def _attribute_ngrams(self, texts: TokenizedTexts, vocabulary: Vocabulary, label_contrast: Array) -> Array:
        """Return the weight of each token of a single text, END_OF_TEXT included; a word n-gram is shared equally by its tokens."""
        char_sums = vocabulary.column("letters")[texts.token_ids]
        word_ngrams = self._word_ngram_table[features.hash_word_ngrams(texts, vocabulary)].astype(np.float64)
        weights = char_sums[:, :3] @ label_contrast / _l2_norm(char_sums[:, 3].sum())
        ngram_weights = word_ngrams[:, :, :3] @ label_contrast / _l2_norm(word_ngrams[:, :, 3].sum())
        for size in range(features.MAX_WORDS_PER_NGRAM):
            for offset in range(size + 1):
                weights[offset:] += ngram_weights[size, : len(weights) - offset] / (size + 1)
        return np.asarray(weights)

    def _build_ngram_table(self, ngram_kind: str) -> Array:
        """Return the weights for each label times idf, and idf squared, per bucket: buckets × 4, and a row of zeros for NO_BUCKET.

        The table is float32 to save memory; its rows are added up as float64.
        """
        idf = self.arrays[f"{ngram_kind}_idf"].astype(np.float64)
        table = np.zeros((features.BUCKET_COUNT + 1, 4), dtype=np.float32)
        table[:-1, :3] = dequantize_ngram_weights(self.arrays, ngram_kind) * idf[:, None]
        table[:-1, 3] = idf**2
        return table

    def _reset_full_vocabulary(self) -> None:
        """Replace the vocabulary if it has grown too large to keep."""
        if self._vocabulary.is_full:
            self._vocabulary = self._new_vocabulary()

    def _new_vocabulary(self) -> Vocabulary:
        return Vocabulary(self.lookup_tables, self._char_ngram_sums)

    def _char_ngram_sums(self, tokens: Sequence[str]) -> Array:
        buckets, starts = features.hash_char_ngrams(tokens)
        return np.add.reduceat(self._char_ngram_table[buckets].sum(axis=0, dtype=np.float64), starts, axis=0)


def load_classifier(path: Path) -> Classifier:
    """Return the classifier of a file, after a test prediction. Raises ModelUnavailable with the reason."""
    metadata, arrays, digest = model_file.read(path)
    try:
        _validate_metadata(metadata)
        classifier = Classifier(metadata, arrays, digest)
        _check_can_predict(classifier)
        _validate_shapes(arrays, classifier.lookup_tables)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise ModelUnavailable(
            f"{path.name} doesn't contain a classifier that this version of Chorus can use.", "Train it again with `chorus train`."
        ) from None
    return classifier


def _validate_metadata(metadata: Any) -> None:
    """Raise ValueError, or an error of Python's own, if metadata lacks what a model card needs or the temperature isn't positive."""
    if not all(isinstance(metadata[name], kind) for name, kind in _METADATA_TYPES.items()):
        raise ValueError("metadata of unexpected types")
    if not all(isinstance(limit, str) for limit in metadata["limits"]):
        raise ValueError("limits that aren't strings")
    if not all(isinstance(scores, dict) for scores in metadata["scores"].values()):
        raise ValueError("scores that aren't objects")
    if not metadata["temperature"] > 0:
        raise ValueError("temperature that isn't positive")


def _check_can_predict(classifier: Classifier) -> None:
    with np.errstate(all="ignore"):
        probabilities = classifier.predict_proba(["a first text"])[0]
    if not abs(sum(probabilities) - 1) < _PROBABILITY_SUM_TOLERANCE:
        raise ValueError("probabilities that don't add up to 1")


def _validate_shapes(arrays: model_file.Arrays, tables: LookupTables) -> None:
    """Raise ValueError if an array has fewer rows than its word list has words, or n-gram arrays don't have one row per bucket."""
    rows_by_array = {"polarity": tables.polarity_rows, "vectors": tables.vector_rows}
    if tables.embedding_rows:
        rows_by_array["own"] = tables.embedding_rows
    if not all(len(rows) < len(arrays[name]) for name, rows in rows_by_array.items()):
        raise ValueError("fewer rows than words")
    names = ("word_weights", "word_idf", "letter_weights", "letter_idf")
    if not all(arrays[name].shape[:1] == (features.BUCKET_COUNT,) for name in names):
        raise ValueError("n-gram arrays of another size")


@cache
def load_built_in_classifier() -> Classifier:
    """Return the classifier that Chorus ships, loaded once per process. Raises ModelUnavailable if its file is missing or damaged."""
    return load_classifier(BUILT_IN_MODEL_PATH)


def build_lookup_tables(arrays: model_file.Arrays) -> LookupTables:
    """Return the word lists and vector rows that a classifier's arrays contain."""
    interned: dict[str, str] = {}  # saves memory, because most words are in several lists
    words = {name: [interned.setdefault(word, word) for word in _split_lines(arrays[name])] for name in _WORD_LIST_ARRAYS if name in arrays}
    return LookupTables(
        _number_rows(words["terms"]),
        arrays["polarity"].astype(np.float32),
        _number_rows(words["words"]),
        frozenset(words["met"]),
        _number_rows(words.get("felt", [])),
    )


def dequantize_ngram_weights(arrays: model_file.Arrays, ngram_kind: str) -> Array:
    """Return the weights of n-grams, buckets × labels.

    They are stored as int8 of their signed square roots, because most weights are small and need the finer steps.
    """
    roots = arrays[f"{ngram_kind}_weights"].astype(np.float64)
    return np.asarray(roots * np.abs(roots) * arrays[f"{ngram_kind}_scale"])


def _split_into_batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield batches of at most _BATCH_CHARACTERS, or of a single text that is longer."""
    batch, batch_characters = list[str](), 0
    for text in texts:
        characters = min(len(text), MAX_TEXT_CHARACTERS)
        if batch and batch_characters + characters > _BATCH_CHARACTERS:
            yield batch
            batch, batch_characters = [], 0
        batch.append(text)
        batch_characters += characters
    if batch:
        yield batch


def _number_rows(lines: Sequence[str]) -> dict[str, int]:
    """Return the row of each line, from 1 on; row 0 is for unlisted words."""
    return {line: row for row, line in enumerate(lines, start=1)}


def _split_lines(encoded_lines: Array) -> list[str]:
    return encoded_lines.tobytes().decode().split("\n")


def _to_float64(array: Array) -> Array:
    """Return float arrays as float64, except for those with one row per bucket, which stay small."""
    return array.astype(np.float64) if array.dtype.kind == "f" and len(array) < features.BUCKET_COUNT else array


def _l2_norm(squared_norm: Any) -> Any:
    return np.sqrt(np.maximum(squared_norm, 1e-12))


def _rank_terms(words: Sequence[str], weights: Array, other_weights: dict[str, float]) -> tuple[TermWeight, ...]:
    """Return terms as they were written, with the weights of equal ones added up, heaviest first."""
    sums: dict[str, float] = {}
    for word, weight in zip(words, weights[: len(words)].tolist(), strict=True):
        sums[word] = sums.get(word, 0.0) + weight
    ranked = sorted((sums | other_weights).items(), key=lambda item: -abs(item[1]))
    return tuple(TermWeight(term, float(weight)) for term, weight in ranked)
