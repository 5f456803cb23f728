"""A small convolution (Kim 2014) beside the linear model: filters over two and three tokens, the strongest answer of each kept.

Needs NumPy only; training uses the same code. A token is seen as its GloVe vector, a short vector of its own that training gave it, and
what word lists and its looks say. Arithmetic is float32.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.pooling import pooled
from dashboard.prediction.classifier.vocabulary import END, SEEN, Array, Texts, Vocabulary

WIDTHS = (2, 3)  # tokens that a filter spans
GLOVE = 2 / 127  # what the int8 of a vector are multiplied by
_ARRAYS = ("own", "own_scale", "filters", "filter_bias", "verdicts", "verdict_bias")


class Layers(NamedTuple):
    """What is learned: `filters` has a row a column of `inputs` and, for each width, its filters for the first token, the second …"""

    filters: Array
    filter_bias: Array
    verdicts: Array
    verdict_bias: Array

    @property
    def many(self) -> int:
        """How many filters each width has."""
        return int(self.filters.shape[1] // sum(WIDTHS))


class Convolution:
    """A convolution read from a classifier's arrays."""

    def __init__(self, arrays: model_file.Arrays) -> None:
        """Take the arrays of `convolution_train.learn`, and the vectors."""
        own, scale, *layers = (arrays[name] for name in _ARRAYS)
        self._vectors, self._own = arrays["vectors"], own
        filters, *rest = (np.asarray(each, dtype=np.float32) for each in layers)
        scales = np.concatenate([np.full(self._vectors.shape[1], GLOVE), scale, np.ones(SEEN)])
        self.layers = Layers(filters * scales[:, None].astype(np.float32), *rest)

    def scores(self, texts: Texts, vocabulary: Vocabulary) -> Array:
        """Return the logarithm of the probability of each label for each text."""
        found = strongest(answers(self._products(texts, vocabulary), texts.ids, self.layers), texts, self.layers)
        said = (found @ self.layers.verdicts + self.layers.verdict_bias).astype(np.float64)
        said -= said.max(axis=1, keepdims=True)
        return np.asarray(said - np.log(np.exp(said).sum(axis=1, keepdims=True)))

    def weights(self, texts: Texts, vocabulary: Vocabulary, toward: Array) -> Array:
        """Return what each token of one text adds to `toward` (a factor a label): its part of the answers that were the strongest."""
        products, many = self._products(texts, vocabulary), self.layers.many
        each = answers(products, texts.ids, self.layers)
        worth = np.where(strongest(each, texts, self.layers)[0] > 0, self.layers.verdicts @ toward, 0)
        weights, column, filters = np.zeros(len(products) + max(WIDTHS)), 0, np.arange(many)
        for at, width in enumerate(WIDTHS):
            for offset in range(width):
                place = each[at].argmax(axis=0) + offset
                said = products[np.minimum(place, len(products) - 1), column + filters] * worth[at * many + filters]
                weights += np.bincount(place, said, len(weights))
                column += many
        return np.asarray(weights[1 : len(products)])

    def _products(self, texts: Texts, vocabulary: Vocabulary) -> Array:
        """Return the filters' products with the blank before the first token and with each token; equal tokens are multiplied once."""
        rows, places = np.unique(texts.ids, return_inverse=True)
        seen = inputs(rows, vocabulary, self._vectors, self._own[vocabulary.column("own")[rows]])
        return np.asarray((seen @ self.layers.filters)[np.concatenate([[END], places])])


def inputs(ids: Array, vocabulary: Vocabulary, vectors: Array, own: Array) -> Array:
    """Return what is seen of tokens: the int8 of their vectors, their `own`, and what word lists and looks say."""
    found = np.empty((len(ids), vectors.shape[1] + own.shape[1] + SEEN), dtype=np.result_type(own, np.float32))
    found[:, : vectors.shape[1]] = vectors[vocabulary.column("vector")[ids]]
    found[:, vectors.shape[1] : -SEEN] = own
    found[:, -SEEN:] = vocabulary.seen(ids)
    return found


def answers(products: Array, ids: Array, layers: Layers) -> Sequence[Array]:
    """Return for each width a row a place, the blank before the first token included: what each filter answers to what begins there.

    A text's places are from the end of the text before to its last token; what would reach over its own END doesn't count.
    """
    found, column, ends = [], 0, np.flatnonzero(ids == END) + 1
    for width in WIDTHS:
        each = products[:, column : column + layers.many].copy()
        for offset in range(1, width):
            column += layers.many
            each[:-offset] += products[offset:, column : column + layers.many]
        column += layers.many
        for back in range(1, width - 1):
            each[ends - back] = -np.inf
        each[-1] = -np.inf
        found.append(each)
    return found


def strongest(answers: Sequence[Array], texts: Texts, layers: Layers) -> Array:
    """Return the strongest answer of each filter in each text, with its bias, 0 at least."""
    found = np.hstack([pooled(each, texts, np.maximum)[0] for each in answers])
    return np.asarray(np.maximum(found + layers.filter_bias, 0))
