"""The exact gradients of the convolutional network, through max pooling. This module needs SciPy.

The forward pass that serving also needs is in `classifier/cnn.py`. What is done with the gradients is decided in `cnn.py`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dashboard.prediction.classifier import cnn
from dashboard.prediction.classifier.cnn import FILTER_WIDTHS, LAYER_ARRAYS, CNNParameters
from dashboard.prediction.classifier.softmax import softmax
from dashboard.prediction.classifier.vocabulary import Array, TokenizedTexts, Vocabulary

_DROPOUT, _TOKEN_DROPOUT = 0.5, 0.1  # shares of pooled activations, and of tokens, that each step drops


def compute_loss_and_gradients(
    parameters: Mapping[str, Array],
    texts: TokenizedTexts,
    vocabulary: Vocabulary,
    vectors: Array,
    targets: Array,
    sample_weights: Array,
    rng: np.random.Generator | None = None,
) -> tuple[float, dict[str, Array], Array]:
    """Return the loss (the mean weighted cross-entropy per text, in nats), its gradients, and the embedding rows they are for.

    Gradients have the shapes of their parameters, except that of `own`, which has one row per embedding used. With `rng`, some tokens and
    some pooled activations are dropped.
    """
    layers = CNNParameters(*(parameters[name] for name in LAYER_ARRAYS))
    embedding_rows, inputs, activations, pooled, pooled_mask = _run_layers(parameters["own"], layers, texts, vocabulary, vectors, rng)
    probabilities = softmax((pooled * pooled_mask) @ layers.output_weights + layers.output_bias)
    log_likelihoods = sample_weights[:, None] * targets * np.log(np.maximum(probabilities, 1e-9))
    loss = float(-log_likelihoods.sum() / len(sample_weights))

    logit_gradients = (probabilities - targets) * (sample_weights / len(sample_weights))[:, None]
    pooled_gradients = (logit_gradients @ layers.output_weights.T) * pooled_mask
    product_gradients = _backpropagate_max_pool(activations, pooled_gradients, texts, layers)
    embedding_columns = slice(vectors.shape[1], vectors.shape[1] + parameters["own"].shape[1])
    embedding_gradients, unique_rows = _sum_gradients_by_row(
        product_gradients @ np.ascontiguousarray(layers.filters[embedding_columns].T), embedding_rows
    )
    gradients = {
        "filters": (product_gradients.T @ inputs).T,
        "filter_bias": pooled_gradients.sum(axis=0),
        "verdicts": (pooled * pooled_mask).T @ logit_gradients,
        "verdict_bias": logit_gradients.sum(axis=0),
        "own": embedding_gradients,
    }
    return loss, {name: np.asarray(gradient, dtype=parameters[name].dtype) for name, gradient in gradients.items()}, unique_rows


def _run_layers(
    embeddings: Array,
    layers: CNNParameters,
    texts: TokenizedTexts,
    vocabulary: Vocabulary,
    vectors: Array,
    rng: np.random.Generator | None,
) -> tuple[Array, Array, Array, Array, Array]:
    """Return the embedding rows, the inputs, the activations, their maxima per text, and the mask of those that count."""
    embedding_rows = vocabulary.column("own")[texts.token_ids]
    if rng:
        token_mask = rng.random(len(embedding_rows)) >= _TOKEN_DROPOUT
        embedding_rows = embedding_rows * token_mask
    inputs = cnn.build_inputs(texts.token_ids, vocabulary, vectors, embeddings[embedding_rows])
    if rng:
        inputs *= token_mask[:, None]
    activations = cnn.convolve(np.vstack([0 * layers.filters[:1], inputs @ layers.filters]), texts.token_ids, layers)
    pooled = cnn.max_pool(activations, texts, layers)
    pooled_mask = (pooled > 0).astype(np.float32)
    if rng:
        pooled_mask *= (rng.random(pooled.shape, dtype=np.float32) >= _DROPOUT) / np.float32(1 - _DROPOUT)
    return embedding_rows, inputs, activations, pooled, pooled_mask


def _backpropagate_max_pool(activations: Array, pooled_gradients: Array, texts: TokenizedTexts, parameters: CNNParameters) -> Any:
    """Return the gradients of the filters' products with each token, a sparse matrix: tokens × filter columns.

    Only the positions that max pooling selected have a gradient.
    """
    from scipy import sparse

    filter_count, column = parameters.filters_per_width, 0
    rows, columns, values = [], [], []
    for index, of_width in enumerate(np.split(activations, len(FILTER_WIDTHS), axis=1)):
        gradients = pooled_gradients[:, index * filter_count : (index + 1) * filter_count]
        text_indices, filters = np.nonzero(gradients)
        positions = _argmax_positions(of_width, texts)[text_indices, filters]
        for offset in range(FILTER_WIDTHS[index]):
            rows.append(positions + offset)
            columns.append(column + filters)
            values.append(gradients[text_indices, filters])
            column += filter_count
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_matrix(entries, shape=(len(texts.token_ids) + 1, column))[1:]


def _argmax_positions(activations: Array, texts: TokenizedTexts) -> Array:
    """Return the first position of each filter's largest activation in each text: texts × filters."""
    max_length = int(texts.lengths.max())
    positions = texts.offsets[:, None] + np.minimum(np.arange(max_length), texts.lengths[:, None] - 1)
    return np.asarray(texts.offsets[:, None] + activations[positions].argmax(axis=1))


def _sum_gradients_by_row(gradients: Array, rows: Array) -> tuple[Array, Array]:
    """Return the sum of the gradients of each row, and the distinct rows. Row 0 has no gradient."""
    from scipy import sparse

    unique_rows, inverse = np.unique(rows, return_inverse=True)
    ones = np.ones(len(rows), dtype=gradients.dtype)
    sums = sparse.csr_matrix((ones, (inverse, np.arange(len(rows)))), (len(unique_rows), len(rows))) @ gradients
    sums[unique_rows == 0] = 0
    return sums, unique_rows
