"""The arithmetic of a classifier: predicts and explains the sentiment of texts from the parts that its model file gives it.

A linear model over hashed n-grams, word lists and word vectors, and a small convolutional network; a logistic regression and a temperature
turn the scores of both into calibrated probabilities. Files and languages don't belong here: `classifier.py` reads the English model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from dashboard.prediction.classifier import features, model_file, tokenizer
from dashboard.prediction.classifier.cnn import TextCNN
from dashboard.prediction.classifier.softmax import softmax
from dashboard.prediction.classifier.token_lookup import TokenLookup
from dashboard.prediction.classifier.vocabulary import Array, TokenizedTexts, Tokenizer, Vocabulary
from dashboard.prediction.protocols import LABELS, Explanation, ModelCard, TermWeight

MAX_TEXT_CHARACTERS = 25_000  # the rest of a longer text is ignored
_BATCH_CHARACTERS = 16_000  # bounds the memory of a batch, because each token takes some kilobytes
_FULL_SCALE_FAMILIARITY = 0.6  # the share of familiar words from which logits are not scaled down
_MIN_LOGIT_SCALE = 0.2


class NgramTables(Protocol):
    """The weights of hashed n-grams, each as four numbers: the weights for the three labels times idf, and idf squared."""

    def word_rows(self, texts: TokenizedTexts, vocabulary: Vocabulary, /) -> Array:
        """Return the numbers of the word n-gram of each length that begins at each token: lengths × tokens × 4, zero if there is none."""

    def char_sums(self, tokens: Sequence[str], /) -> Array:
        """Return the sums over the character n-grams of each token: tokens × 4."""


@dataclass(frozen=True)
class Parts:
    """What a model file gives a classifier. `arrays` has at least dense_mean, dense_std, dense_weights, vectors and the calibration's.

    `max_kept_products` is the number of tokens whose products with the network's filters are kept, 2 KB each.
    """

    card: ModelCard
    arrays: model_file.Arrays
    temperature: float
    lookup: TokenLookup
    ngrams: NgramTables
    cnn: TextCNN | None
    tokenizer: Tokenizer = tokenizer
    max_kept_products: int = 0


class TextClassifier:
    """A classifier made of its parts."""

    kind: Literal["text"] = "text"

    def __init__(self, parts: Parts) -> None:
        self.card, self.arrays, self.temperature = parts.card, parts.arrays, parts.temperature
        self._lookup, self._ngrams, self._cnn, self._tokenizer = parts.lookup, parts.ngrams, parts.cnn, parts.tokenizer
        self._max_kept_products = parts.max_kept_products
        self._vocabulary = self._new_vocabulary()

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the probabilities of negative, neutral and positive for each text, in order. Any text has a result."""
        return [row for batch in _split_into_batches(texts) for row in self._predict_batch(batch).tolist()]

    def encode(self, texts: Sequence[str]) -> tuple[TokenizedTexts, Vocabulary]:
        """Return texts as token IDs, and the vocabulary that they refer to."""
        self._reset_full_vocabulary()
        vocabulary = self._vocabulary
        return vocabulary.encode([text[:MAX_TEXT_CHARACTERS] for text in texts]), vocabulary

    def decision_function(self, texts: TokenizedTexts, vocabulary: Vocabulary, totals: Array | None = None) -> Array:
        """Return the linear model's scores before calibration: texts × labels. `totals`: what `features.sum_tokens` returns, if known."""
        scores = self.arrays["intercept"] + self._standardized_features(texts, vocabulary, totals) @ self.arrays["dense_weights"]
        for token_sums in self._ngram_sums(texts, vocabulary):
            text_sums = np.add.reduceat(token_sums, texts.offsets, axis=0)
            scores += text_sums[:, :3] / _l2_norm(text_sums[:, 3:])
        return np.asarray(scores)

    def calibration_inputs(self, texts: TokenizedTexts, vocabulary: Vocabulary, totals: Array | None = None) -> Array:
        """Return the inputs of the calibration, texts × 3 or 6: the linear model's scores, then the network's, if there is one."""
        decisions = self.decision_function(texts, vocabulary, totals)
        return np.concatenate([decisions, self._cnn.log_probabilities(texts, vocabulary)], axis=1) if self._cnn else decisions

    def logits(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the calibrated logits, texts × labels; their softmax is the probabilities. Few familiar words make them smaller."""
        totals = features.sum_tokens(texts, vocabulary)
        calibrated = self.calibration_inputs(texts, vocabulary, totals) @ self.arrays["logistic"].T + self.arrays["logistic_bias"]
        return np.asarray(calibrated * _logit_scale(totals)[:, None] / self.temperature)

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

    def _standardized_features(self, texts: TokenizedTexts, vocabulary: Vocabulary, totals: Array | None = None) -> Array:
        return features.standardize(features.build_dense_features(texts, vocabulary, self.arrays["vectors"], totals), self.arrays)

    def logit_scale(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the factor of each text's logits, 0.2 … 1: the fewer of its words occur in the training data, the smaller."""
        return _logit_scale(features.sum_tokens(texts, vocabulary))

    def _ngram_sums(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> tuple[Array, Array]:
        """Return sums over the word n-grams that begin at each token, and over its character n-grams.

        Each is tokens × 4: the weights for each label times idf, and idf squared.
        """
        word_sums = np.add.reduce(self._ngrams.word_rows(texts, vocabulary), axis=0, dtype=np.float64)
        return word_sums, vocabulary.column("letters").take(texts.token_ids, axis=0)

    def _attribute_ngrams(self, texts: TokenizedTexts, vocabulary: Vocabulary, label_contrast: Array) -> Array:
        """Return the weight of each token of a single text, END_OF_TEXT included; a word n-gram is shared equally by its tokens."""
        char_sums = vocabulary.column("letters")[texts.token_ids]
        word_ngrams = self._ngrams.word_rows(texts, vocabulary).astype(np.float64)
        weights = char_sums[:, :3] @ label_contrast / _l2_norm(char_sums[:, 3].sum())
        ngram_weights = word_ngrams[:, :, :3] @ label_contrast / _l2_norm(word_ngrams[:, :, 3].sum())
        for size in range(features.MAX_WORDS_PER_NGRAM):
            for offset in range(size + 1):
                weights[offset:] += ngram_weights[size, : len(weights) - offset] / (size + 1)
        return np.asarray(weights)

    def _reset_full_vocabulary(self) -> None:
        """Replace the vocabulary if it has grown too large to keep."""
        if self._vocabulary.is_full:
            self._vocabulary = self._new_vocabulary()

    def _new_vocabulary(self) -> Vocabulary:
        return Vocabulary(self._lookup, self._ngrams.char_sums, self._tokenizer, self._max_kept_products)


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


def _logit_scale(totals: Array) -> Array:
    return np.minimum(np.maximum(features.familiar_word_share(totals) / _FULL_SCALE_FAMILIARITY, _MIN_LOGIT_SCALE), 1)


def _l2_norm(squared_norm: Any) -> Any:
    return np.sqrt(np.maximum(squared_norm, 1e-12))


def _rank_terms(words: Sequence[str], weights: Array, other_weights: dict[str, float]) -> tuple[TermWeight, ...]:
    """Return terms as they were written, with the weights of equal ones added up, heaviest first."""
    sums: dict[str, float] = {}
    for word, weight in zip(words, weights[: len(words)].tolist(), strict=True):
        sums[word] = sums.get(word, 0.0) + weight
    ranked = sorted((sums | other_weights).items(), key=lambda item: -abs(item[1]))
    return tuple(TermWeight(term, float(weight)) for term, weight in ranked)
