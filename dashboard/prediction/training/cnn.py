"""Training the convolutional network: what it learns, in which batches, and how its parameters are stored.

The forward pass that serving also needs is in `classifier/cnn.py`, the gradients are in `cnn_gradients.py`, the optimizer in `adam.py`.
This module needs SciPy. On one thread, the same data and seed give the same bytes. Where a teacher's probabilities are known, the network
learns these instead of the labels.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dashboard.core.errors import InvalidLabelledData
from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.cnn import FILTER_WIDTHS, GLOVE_SCALE, LAYER_ARRAYS
from dashboard.prediction.classifier.token_columns import TOKEN_FEATURE_COUNT
from dashboard.prediction.classifier.vocabulary import END_OF_TEXT, Array, TokenizedTexts, Vocabulary
from dashboard.prediction.training import labelled_files
from dashboard.prediction.training.adam import Adam
from dashboard.prediction.training.cnn_gradients import compute_loss_and_gradients

MIN_TOKEN_COUNT = 10  # occurrences in the training data from which a token gets an embedding
FILTERS_PER_WIDTH, EMBEDDING_SIZE = 96, 16
_BATCH_SIZE = 64  # texts per step
_LEARNING_RATE, _FINAL_LEARNING_RATE_SHARE = 1e-3, 0.05  # the rate falls linearly to this share of itself
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
    header, *rows = (cells for _, cells in labelled_files.read_tsv(path))
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


def _shuffled_batches(text_count: int, epochs: int, rng: np.random.Generator) -> Iterator[Array]:
    for _ in range(epochs):
        order = rng.permutation(text_count)
        yield from (order[start : start + _BATCH_SIZE] for start in range(0, text_count, _BATCH_SIZE))


def _quantize_parameters(parameters: Mapping[str, Array]) -> model_file.Arrays:
    """Return parameters as a model file stores them: embeddings as int8 with a scale per column, everything else as float16."""
    scale = np.maximum(np.abs(parameters["own"]).max(axis=0), 1e-6) / 127
    embeddings = np.round(parameters["own"] / scale).astype(np.int8)
    return {"own": embeddings, "own_scale": scale.astype(np.float32)} | {name: parameters[name].astype(np.float16) for name in LAYER_ARRAYS}
