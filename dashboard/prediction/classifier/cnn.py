"""A small convolution (Kim 2014) beside the linear model: filters over two and three tokens, the strongest answer of each kept.

Needs NumPy only; training uses the same code. A token is seen as its GloVe vector, a short vector of its own that training gave it, and
what word lists and its looks say. Arithmetic is float32.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.pooling import pool_rows
from dashboard.prediction.classifier.vocabulary import END_OF_TEXT, TOKEN_FEATURE_COUNT, Array, TokenizedTexts, Vocabulary

FILTER_WIDTHS = (2, 3)  # tokens that a filter spans
GLOVE_SCALE = 2 / 127  # what the int8 of a vector are multiplied by
LAYER_ARRAYS = (
    "filters",
    "filter_bias",
    "verdicts",
    "verdict_bias",
)  # keys in a model file, in the order of the fields of CNNParameters
_STORED_ARRAYS = ("own", "own_scale", *LAYER_ARRAYS)


class CNNParameters(NamedTuple):
    """What is learned: `filters` has a row a column of `inputs` and, for each width, its filters for the first token, the second …"""

    filters: Array
    filter_bias: Array
    output_weights: Array
    output_bias: Array

    @property
    def filters_per_width(self) -> int:
        """How many filters each width has."""
        return int(self.filters.shape[1] // sum(FILTER_WIDTHS))


class TextCNN:
    """A convolution read from a classifier's arrays."""

    def __init__(self, arrays: model_file.Arrays) -> None:
        """Take the arrays of `convolution_train.learn`, and the vectors."""
        own, scale, *layers = (arrays[name] for name in _STORED_ARRAYS)
        self._vectors, self._embeddings = arrays["vectors"], own
        filters, *rest = (np.asarray(each, dtype=np.float32) for each in layers)
        scales = np.concatenate([np.full(self._vectors.shape[1], GLOVE_SCALE), scale, np.ones(TOKEN_FEATURE_COUNT)])
        self.parameters = CNNParameters(filters * scales[:, None].astype(np.float32), *rest)

    def log_probabilities(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the logarithm of the probability of each label for each text."""
        found = max_pool(convolve(self._filter_products(texts, vocabulary), texts.token_ids, self.parameters), texts, self.parameters)
        said = (found @ self.parameters.output_weights + self.parameters.output_bias).astype(np.float64)
        said -= said.max(axis=1, keepdims=True)
        return np.asarray(said - np.log(np.exp(said).sum(axis=1, keepdims=True)))

    def attribute_tokens(self, texts: TokenizedTexts, vocabulary: Vocabulary, label_contrast: Array) -> Array:
        """Return what each token of one text adds to `toward` (a factor a label): its part of the answers that were the strongest."""
        products, many = self._filter_products(texts, vocabulary), self.parameters.filters_per_width
        each = convolve(products, texts.token_ids, self.parameters)
        worth = np.where(max_pool(each, texts, self.parameters)[0] > 0, self.parameters.output_weights @ label_contrast, 0)
        weights, column, filters = np.zeros(len(products) + max(FILTER_WIDTHS)), 0, np.arange(many)
        for at, width in enumerate(FILTER_WIDTHS):
            for offset in range(width):
                place = each[at].argmax(axis=0) + offset
                said = products[np.minimum(place, len(products) - 1), column + filters] * worth[at * many + filters]
                weights += np.bincount(place, said, len(weights))
                column += many
        return np.asarray(weights[1 : len(products)])

    def _filter_products(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the filters' products with the blank before the first token and with each token; equal tokens are multiplied once."""
        rows, places = np.unique(texts.token_ids, return_inverse=True)
        seen = build_inputs(rows, vocabulary, self._vectors, self._embeddings[vocabulary.column("own")[rows]])
        return np.asarray((seen @ self.parameters.filters)[np.concatenate([[END_OF_TEXT], places])])


def build_inputs(token_ids: Array, vocabulary: Vocabulary, vectors: Array, embeddings: Array) -> Array:
    """Return what is seen of tokens: the int8 of their vectors, their `own`, and what word lists and looks say."""
    found = np.empty(
        (len(token_ids), vectors.shape[1] + embeddings.shape[1] + TOKEN_FEATURE_COUNT), dtype=np.result_type(embeddings, np.float32)
    )
    found[:, : vectors.shape[1]] = vectors[vocabulary.column("vector")[token_ids]]
    found[:, vectors.shape[1] : -TOKEN_FEATURE_COUNT] = embeddings
    found[:, -TOKEN_FEATURE_COUNT:] = vocabulary.token_features(token_ids)
    return found


def convolve(filter_products: Array, token_ids: Array, parameters: CNNParameters) -> Sequence[Array]:
    """Return for each width a row a place, the blank before the first token included: what each filter answers to what begins there.

    A text's places are from the end of the text before to its last token; what would reach over its own END doesn't count.
    """
    found, column, ends = [], 0, np.flatnonzero(token_ids == END_OF_TEXT) + 1
    for width in FILTER_WIDTHS:
        each = filter_products[:, column : column + parameters.filters_per_width].copy()
        for offset in range(1, width):
            column += parameters.filters_per_width
            each[:-offset] += filter_products[offset:, column : column + parameters.filters_per_width]
        column += parameters.filters_per_width
        for back in range(1, width - 1):
            each[ends - back] = -np.inf
        each[-1] = -np.inf
        found.append(each)
    return found


def max_pool(activations: Sequence[Array], texts: TokenizedTexts, parameters: CNNParameters) -> Array:
    """Return the strongest answer of each filter in each text, with its bias, 0 at least."""
    found = np.hstack([pool_rows(each, texts, np.maximum)[0] for each in activations])
    return np.asarray(np.maximum(found + parameters.filter_bias, 0))
