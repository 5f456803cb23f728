"""Training the convolutional network: exact gradients through max pooling, and Adam (Kingma and Ba 2015).

The forward pass that serving also needs is in `classifier/cnn.py`. This module needs SciPy. On one thread, the same data and seed give the
same bytes. Where a teacher's probabilities are known, the network learns these instead of the labels.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dashboard.core.errors import InvalidLabelledData
from dashboard.prediction.classifier import cnn, model_file
from dashboard.prediction.classifier.cnn import FILTER_WIDTHS, GLOVE_SCALE, LAYER_ARRAYS, CNNParameters
from dashboard.prediction.classifier.softmax import softmax
from dashboard.prediction.classifier.vocabulary import END_OF_TEXT, TOKEN_FEATURE_COUNT, Array, TokenizedTexts, Vocabulary
from dashboard.prediction.training import labelled_data

MIN_TOKEN_COUNT = 10  # occurrences in the training data from which a token gets an embedding
FILTERS_PER_WIDTH, EMBEDDING_SIZE = 96, 16
_BATCH_SIZE = 64  # texts per step
_LEARNING_RATE, _FINAL_LEARNING_RATE_SHARE = 1e-3, 0.05  # the rate falls linearly to this share of itself
_DROPOUT, _TOKEN_DROPOUT = 0.5, 0.1  # shares of pooled activations, and of tokens, that each step drops
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8  # as in the paper
_TEACHER_COLUMNS = ("p_neg", "p_neu", "p_pos")
_MIN_TEACHER_PROBABILITY = 1e-3  # smaller probabilities of a teacher are raised to this


StepListener = Callable[[int, int], None]  # called with the number of the step just done, from 1, and the number of steps


class TrainingSet(NamedTuple):
    """Texts, the probabilities to learn (texts × labels), and a weight per text."""

    texts: TokenizedTexts
    targets: Array
    sample_weights: Array


def load_targets(path: Path, labels: Array) -> Array:
    """Return the probabilities to learn, texts × labels, float32: a teacher's if the file has them, or else 1 for the label.

    `labels` are the labels that `load_dataset` read from the same file. Raises InvalidLabelledData.
    """
    header, *rows = (cells for _, cells in labelled_data.read_tsv(path))
    if not set(_TEACHER_COLUMNS) & set(header):
        return np.eye(3, dtype=np.float32)[labels]
    try:
        label_column, text_column, *probability_columns = (header.index(name) for name in ("label", "text", *_TEACHER_COLUMNS))
        labelled_rows = [row for row in rows if row[label_column].strip() and row[text_column].strip()]
        probabilities = np.array([[float(row[column]) for column in probability_columns] for row in labelled_rows])
        if probabilities.shape != (len(labels), 3) or not (np.isfinite(probabilities).all() and (probabilities >= 0).all()):
            raise ValueError
    except (ValueError, IndexError):
        advice = f"Fill in {', '.join(_TEACHER_COLUMNS)} in every row, or leave out all three columns."
        raise InvalidLabelledData(f"{path.name} has rows without the teacher's three probabilities.", advice) from None
    probabilities = np.maximum(probabilities, _MIN_TEACHER_PROBABILITY)
    return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True), dtype=np.float32)


def list_frequent_tokens(token_ids: Array, vocabulary: Vocabulary) -> list[str]:
    """Return, in alphabetical order, the tokens that occur at least MIN_TOKEN_COUNT times, negated or not."""
    unique_ids, id_counts = np.unique(token_ids[token_ids != END_OF_TEXT], return_counts=True)
    counts: dict[str, int] = {}
    for token_id, count in zip(unique_ids.tolist(), id_counts.tolist(), strict=True):
        token = vocabulary.tokens[token_id // 2]
        counts[token] = counts.get(token, 0) + count
    return sorted(token for token, count in counts.items() if count >= MIN_TOKEN_COUNT)


def train_cnn(
    training_set: TrainingSet,
    vocabulary: Vocabulary,
    vectors: Array,
    *,
    epochs: int = 5,
    seed: int = 0,
    on_step: StepListener | None = None,
) -> model_file.Arrays:
    """Train a network, and return the arrays that a `TextCNN` is read from.

    `vectors` is the table of GloVe vectors (int8). `on_step` is called after each step.
    """
    rng = np.random.default_rng(seed)
    input_size = vectors.shape[1] + EMBEDDING_SIZE + TOKEN_FEATURE_COUNT
    parameters = initialize_parameters(int(vocabulary.column("own").max()) + 1, input_size, rng)
    optimizer = Adam(parameters)
    scaled_vectors = (vectors * np.float32(GLOVE_SCALE)).astype(np.float32)
    weights = (training_set.sample_weights / training_set.sample_weights.mean()).astype(np.float32)
    step_count = epochs * -(-len(weights) // _BATCH_SIZE)
    for step, batch in enumerate(_shuffled_batches(len(weights), epochs, rng)):
        texts = select_texts(training_set.texts, batch)
        _, gradients, embedding_rows = compute_loss_and_gradients(
            parameters, texts, vocabulary, scaled_vectors, training_set.targets[batch], weights[batch], rng
        )
        learning_rate = _LEARNING_RATE * (1 - (1 - _FINAL_LEARNING_RATE_SHARE) * step / step_count)
        optimizer.step(parameters, gradients, embedding_rows, learning_rate)
        if on_step:
            on_step(step + 1, step_count)
    return _quantize_parameters(parameters)


def initialize_parameters(embedding_count: int, input_size: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return random parameters, float32, by their names in a model file. Embedding 0, of tokens without an embedding, is zero."""
    scales_and_shapes = {
        "own": (0.1, (embedding_count, EMBEDDING_SIZE)),
        "filters": ((2.5 * input_size) ** -0.5, (input_size, sum(FILTER_WIDTHS) * FILTERS_PER_WIDTH)),
        "filter_bias": (0.0, (len(FILTER_WIDTHS) * FILTERS_PER_WIDTH,)),
        "verdicts": (0.05, (len(FILTER_WIDTHS) * FILTERS_PER_WIDTH, 3)),
        "verdict_bias": (0.0, (3,)),
    }
    parameters = {name: (scale * rng.standard_normal(shape)).astype(np.float32) for name, (scale, shape) in scales_and_shapes.items()}
    parameters["own"][0] = 0
    return parameters


def select_texts(texts: TokenizedTexts, indices: Array) -> TokenizedTexts:
    """Return the texts at the given indices, in that order."""
    lengths = texts.lengths[indices]
    offsets = np.cumsum(lengths) - lengths
    positions = np.repeat(texts.offsets[indices] - offsets, lengths) + np.arange(lengths.sum())
    return TokenizedTexts(texts.token_ids[positions], offsets, lengths)


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


class Adam:
    """The optimizer (Kingma and Ba 2015), which updates only the embeddings that a batch contains."""

    def __init__(self, parameters: Mapping[str, Array]) -> None:
        """Start with moments of zero."""
        self._first_moments = {name: np.zeros_like(parameter) for name, parameter in parameters.items()}
        self._second_moments = {name: np.zeros_like(parameter) for name, parameter in parameters.items()}
        self._step_count = 0

    def step(self, parameters: dict[str, Array], gradients: Mapping[str, Array], embedding_rows: Array, learning_rate: float) -> None:
        """Update the parameters in place. The gradient of `own` has one row per row of `embedding_rows`."""
        self._step_count += 1
        step_size = np.float32(learning_rate * (1 - _BETA_2**self._step_count) ** 0.5 / (1 - _BETA_1**self._step_count))
        for name, gradient in gradients.items():
            rows: Any = embedding_rows if name == "own" else slice(None)
            first = self._first_moments[name][rows] * np.float32(_BETA_1) + gradient * np.float32(1 - _BETA_1)
            second = self._second_moments[name][rows] * np.float32(_BETA_2) + gradient**2 * np.float32(1 - _BETA_2)
            self._first_moments[name][rows], self._second_moments[name][rows] = first, second
            parameters[name][rows] -= step_size * first / (np.sqrt(second) + np.float32(_EPSILON))


def _shuffled_batches(text_count: int, epochs: int, rng: np.random.Generator) -> Iterator[Array]:
    for _ in range(epochs):
        order = rng.permutation(text_count)
        yield from (order[start : start + _BATCH_SIZE] for start in range(0, text_count, _BATCH_SIZE))


def _quantize_parameters(parameters: Mapping[str, Array]) -> model_file.Arrays:
    """Return parameters as a model file stores them: embeddings as int8 with a scale per column, everything else as float16."""
    scale = np.maximum(np.abs(parameters["own"]).max(axis=0), 1e-6) / 127
    embeddings = np.round(parameters["own"] / scale).astype(np.int8)
    return {"own": embeddings, "own_scale": scale.astype(np.float32)} | {name: parameters[name].astype(np.float16) for name in LAYER_ARRAYS}
