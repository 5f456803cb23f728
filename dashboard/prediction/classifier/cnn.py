"""A small convolutional network (Kim 2014) next to the linear model: filters over two and three tokens, with max pooling over each text.

This is the forward pass, with NumPy only; `training/cnn.py` trains with the same functions, so optimizers and gradients belong there.
A token's input is its GloVe vector, its trained embedding, and its polarity and how it is written. Arithmetic is float32.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.pooling import pool_rows
from dashboard.prediction.classifier.softmax import log_softmax
from dashboard.prediction.classifier.token_columns import TOKEN_FEATURE_COUNT
from dashboard.prediction.classifier.vocabulary import END_OF_TEXT, Array, TokenizedTexts, Vocabulary
from dashboard.prediction.classifier.window_pooling import pool_text, pool_texts

FILTER_WIDTHS = (2, 3)  # tokens that a filter spans
GLOVE_SCALE = 2 / 127  # the vectors are stored as int8; this scales them to about −2 … 2
LAYER_ARRAYS = ("filters", "filter_bias", "verdicts", "verdict_bias")  # names in a model file, in the order of CNNParameters' fields
_BLANK = np.array([END_OF_TEXT])  # what a window sees before the first token
_BLOCK_ROWS = 8  # tokens that are multiplied at once; in blocks of 16, OpenBLAS adds up some rows in another order than others
_MIN_POOLED_TEXTS = 8  # texts that are faster together than one by one
_STORED_ARRAYS = ("own", "own_scale", *LAYER_ARRAYS)


class CNNParameters(NamedTuple):
    """The trained layers.

    `filters` is input columns × filters, ordered by width, then by the position of the token within the filter. `filter_bias` has one
    number per filter, `output_weights` is filters × labels, and `output_bias` has one number per label.
    """

    filters: Array
    filter_bias: Array
    output_weights: Array
    output_bias: Array

    @property
    def filters_per_width(self) -> int:
        """The number of filters of each width."""
        return int(self.filters.shape[1] // sum(FILTER_WIDTHS))


class TextCNN:
    """A network read from a classifier's arrays."""

    def __init__(self, arrays: model_file.Arrays) -> None:
        """Take the arrays that `training.cnn.train_cnn` returns, and the GloVe `vectors`."""
        embeddings, embedding_scale, *layers = (arrays[name] for name in _STORED_ARRAYS)
        self._vectors, self._embeddings = arrays["vectors"], embeddings
        filters, *other_layers = (np.asarray(layer, dtype=np.float32) for layer in layers)
        input_scales = np.concatenate([np.full(self._vectors.shape[1], GLOVE_SCALE), embedding_scale, np.ones(TOKEN_FEATURE_COUNT)])
        self.parameters = CNNParameters(filters * input_scales[:, None].astype(np.float32), *other_layers)
        self._output_weights = self.parameters.output_weights.astype(np.float64)

    def log_probabilities(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the natural logarithm of each label's probability: texts × labels, float64.

        The last product isn't float32, in which its last digits depend on how many texts are predicted together.
        """
        pooled = self._pool(texts, vocabulary)
        return log_softmax(pooled.astype(np.float64) @ self._output_weights + self.parameters.output_bias)

    def attribute_tokens(self, texts: TokenizedTexts, vocabulary: Vocabulary, label_contrast: Array) -> Array:
        """Return what each token of a single text adds to the score: its share of the activations that max pooling selected.

        `label_contrast` has one factor per label; the score is the sum of the labels' log-probabilities times these factors.
        """
        products, filter_count = self._filter_products(texts, vocabulary), self.parameters.filters_per_width
        activations = convolve(products, texts.token_ids, self.parameters)
        is_active = max_pool(activations, texts, self.parameters)[0] > 0
        filter_weights = np.where(is_active, self.parameters.output_weights @ label_contrast, 0)
        token_weights, column, filters = np.zeros(len(products) + max(FILTER_WIDTHS)), 0, np.arange(filter_count)
        for index, width in enumerate(FILTER_WIDTHS):
            for offset in range(width):
                positions = activations[:, index * filter_count + filters].argmax(axis=0) + offset
                products_there = products[np.minimum(positions, len(products) - 1), column + filters]
                contributions = products_there * filter_weights[index * filter_count + filters]
                token_weights += np.bincount(positions, contributions, len(token_weights))
                column += filter_count
        return np.asarray(token_weights[1 : len(products)])

    def _pool(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return each filter's largest activation in each text, with bias and ReLU: texts × filters."""
        filter_count = self.parameters.filters_per_width
        if len(texts.offsets) >= _MIN_POOLED_TEXTS:
            token_ids = np.concatenate([_BLANK, texts.token_ids])
            products, rows = vocabulary.kept_products.find_table(token_ids, vocabulary.column("place"), self._multiplier(vocabulary))
            maxima = pool_texts(products, rows[1:], rows[0], texts, filter_count)
        else:
            products, bounds = self._filter_products(texts, vocabulary), zip(texts.offsets.tolist(), texts.lengths.tolist(), strict=True)
            maxima = np.array([pool_text(products[start : start + length + 1], filter_count) for start, length in bounds])
        maxima += self.parameters.filter_bias
        return np.maximum(maxima, 0, out=maxima)

    def _filter_products(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the products of all filters with each token, preceded by a blank."""
        token_ids = np.concatenate([_BLANK, texts.token_ids])
        return vocabulary.kept_products.find_rows(token_ids, vocabulary.column("place"), self._multiplier(vocabulary))

    def _multiplier(self, vocabulary: Vocabulary) -> Callable[[Array], Array]:
        """Return a function that returns the products of all filters with tokens.

        Tokens are multiplied in blocks of one size, because the last digits of a product depend on how many rows the matrix has: a text
        would have other probabilities among other texts, and sums of scores with them.
        """

        def multiply(token_ids: Array) -> Array:
            padded_ids = np.concatenate([token_ids, np.zeros(-len(token_ids) % _BLOCK_ROWS, token_ids.dtype)])
            inputs = build_inputs(padded_ids, vocabulary, self._vectors, self._embeddings[vocabulary.column("own")[padded_ids]])
            products = inputs.reshape(-1, _BLOCK_ROWS, inputs.shape[1]) @ self.parameters.filters
            return np.asarray(products.reshape(len(padded_ids), -1)[: len(token_ids)])

        return multiply


def build_inputs(token_ids: Array, vocabulary: Vocabulary, vectors: Array, embeddings: Array) -> Array:
    """Return the network's inputs, tokens × columns: GloVe vectors as they are stored, embeddings, and `token_features`.

    `embeddings` has one row per token of `token_ids`.
    """
    vector_size = vectors.shape[1]
    shape = (len(token_ids), vector_size + embeddings.shape[1] + TOKEN_FEATURE_COUNT)
    inputs = np.empty(shape, dtype=np.result_type(embeddings, np.float32))
    inputs[:, :vector_size] = vectors[vocabulary.column("vector")[token_ids]]
    inputs[:, vector_size:-TOKEN_FEATURE_COUNT] = embeddings
    inputs[:, -TOKEN_FEATURE_COUNT:] = vocabulary.token_features(token_ids)
    return inputs


def convolve(filter_products: Array, token_ids: Array, parameters: CNNParameters) -> Array:
    """Return the activations of all filters, positions × filters, without bias.

    `filter_products` has one row for the blank before the first token and one per token. A text's positions run from the end of the
    previous text to its own last token. Windows that would reach beyond the text's END_OF_TEXT are −inf.
    """
    filter_count, column = parameters.filters_per_width, 0
    text_ends = np.flatnonzero(token_ids == END_OF_TEXT) + 1
    activations = np.empty((len(filter_products), len(FILTER_WIDTHS) * filter_count), dtype=filter_products.dtype)
    for index, width in enumerate(FILTER_WIDTHS):
        of_width = activations[:, index * filter_count : (index + 1) * filter_count]
        of_width[:] = filter_products[:, column : column + filter_count]
        for offset in range(1, width):
            column += filter_count
            of_width[:-offset] += filter_products[offset:, column : column + filter_count]
        column += filter_count
        for distance in range(1, width - 1):
            of_width[text_ends - distance] = -np.inf
    activations[-1] = -np.inf
    return activations


def max_pool(activations: Array, texts: TokenizedTexts, parameters: CNNParameters) -> Array:
    """Return each filter's largest activation in each text, with bias and ReLU: texts × filters."""
    (maxima,) = pool_rows(activations, texts, np.maximum)
    return np.asarray(np.maximum(maxima + parameters.filter_bias, 0))
