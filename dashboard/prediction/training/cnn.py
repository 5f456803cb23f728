"""The convolution, trained: exact gradients through the strongest answers, Adam (Kingma and Ba 2015), one order of texts a seed.

Needs SciPy. On one thread the same data give the same bytes. Where a teacher's probabilities are known they are what is learned.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dashboard.core.errors import InvalidLabelledData
from dashboard.prediction.classifier import cnn, model_file
from dashboard.prediction.classifier.cnn import FILTER_WIDTHS, GLOVE_SCALE, LAYER_ARRAYS, CNNParameters
from dashboard.prediction.classifier.vocabulary import END_OF_TEXT, TOKEN_FEATURE_COUNT, Array, TokenizedTexts, Vocabulary
from dashboard.prediction.training import labelled_data

MIN_TOKEN_COUNT = 10  # times a token stands in training to get a vector of its own
FILTERS_PER_WIDTH, EMBEDDING_SIZE = 96, 16  # filters a width, and columns of a token's own vector
_BATCH_SIZE, _LEARNING_RATE, _FINAL_LEARNING_RATE_SHARE = (
    64,
    1e-3,
    0.05,
)  # texts a step; how far a step goes, and the share of it that is left at the end
_DROPOUT, _TOKEN_DROPOUT = 0.5, 0.1  # shares of answers, and of tokens, that training does without each time
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8  # Adam's
_TEACHER_COLUMNS = ("p_neg", "p_neu", "p_pos")  # columns of what a teacher thought
_MIN_TEACHER_PROBABILITY = 1e-3  # the least probability that is learned of a teacher


StepListener = Callable[[int, int], None]  # called with the number of the step just done, from 1, and the number of steps


class TrainingSet(NamedTuple):
    """What is learned: texts, the probabilities of labels that each ought to get, and its weight."""

    texts: TokenizedTexts
    targets: Array
    sample_weights: Array


def load_targets(path: Path, labels: Array) -> Array:
    """Return the probabilities that a teacher gave the texts of a file, or, without one, their labels. Raises InvalidExamples."""
    header, *rows = (cells for _, cells in labelled_data.read_tsv(path))
    if not set(_TEACHER_COLUMNS) & set(header):
        return np.eye(3, dtype=np.float32)[labels]
    try:
        label, text, *columns = (header.index(name) for name in ("label", "text", *_TEACHER_COLUMNS))
        found = np.array([[float(row[at]) for at in columns] for row in rows if row[label].strip() and row[text].strip()])
        if found.shape != (len(labels), 3) or not (np.isfinite(found).all() and (found >= 0).all()):
            raise ValueError
    except (ValueError, IndexError):
        advice = f"Write a number in {', '.join(_TEACHER_COLUMNS)} in each row, or leave the columns out."
        raise InvalidLabelledData(f"{path.name} has rows without a teacher's three probabilities.", advice) from None
    found = np.maximum(found, _MIN_TEACHER_PROBABILITY)
    return np.asarray(found / found.sum(axis=1, keepdims=True), dtype=np.float32)


def list_frequent_tokens(token_ids: Array, vocabulary: Vocabulary) -> list[str]:
    """Return the tokens that stand in texts often enough to get a vector of their own, in order."""
    rows, counts = np.unique(token_ids[token_ids != END_OF_TEXT], return_counts=True)
    found: dict[str, int] = {}
    for row, count in zip(rows.tolist(), counts.tolist(), strict=True):
        found[vocabulary.tokens[row // 2]] = found.get(vocabulary.tokens[row // 2], 0) + count
    return sorted(token for token, count in found.items() if count >= MIN_TOKEN_COUNT)


def train_cnn(
    training_set: TrainingSet,
    vocabulary: Vocabulary,
    vectors: Array,
    *,
    epochs: int = 5,
    seed: int = 0,
    on_step: StepListener | None = None,
) -> model_file.Arrays:
    """Return the arrays of a TextCNN. `on_step` is called after each step with its number and how many there are."""
    dice = np.random.default_rng(seed)
    parts = initialize_parameters(int(vocabulary.column("own").max()) + 1, vectors.shape[1] + EMBEDDING_SIZE + TOKEN_FEATURE_COUNT, dice)
    steps, adam = epochs * -(-len(training_set.sample_weights) // _BATCH_SIZE), Adam(parts)
    given, weights = (
        (vectors * np.float32(GLOVE_SCALE)).astype(np.float32),
        (training_set.sample_weights / training_set.sample_weights.mean()).astype(np.float32),
    )
    for step, batch in enumerate(_shuffled_batches(len(weights), epochs, dice)):
        texts = select_texts(training_set.texts, batch)
        _, slopes, rows = compute_loss_and_gradients(parts, texts, vocabulary, given, training_set.targets[batch], weights[batch], dice)
        adam.step(parts, slopes, rows, _LEARNING_RATE * (1 - (1 - _FINAL_LEARNING_RATE_SHARE) * step / steps))
        if on_step:
            on_step(step + 1, steps)
    return _quantize_parameters(parts)


def initialize_parameters(embedding_count: int, input_size: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return what is learned as it is before the first step."""
    kinds = {
        "own": (0.1, (embedding_count, EMBEDDING_SIZE)),
        "filters": ((2.5 * input_size) ** -0.5, (input_size, sum(FILTER_WIDTHS) * FILTERS_PER_WIDTH)),
        "filter_bias": (0.0, (len(FILTER_WIDTHS) * FILTERS_PER_WIDTH,)),
        "verdicts": (0.05, (len(FILTER_WIDTHS) * FILTERS_PER_WIDTH, 3)),
        "verdict_bias": (0.0, (3,)),
    }
    parts = {name: (scale * rng.standard_normal(shape)).astype(np.float32) for name, (scale, shape) in kinds.items()}
    parts["own"][0] = 0
    return parts


def select_texts(texts: TokenizedTexts, indices: Array) -> TokenizedTexts:
    """Return some of the texts."""
    lengths = texts.lengths[indices]
    starts = np.cumsum(lengths) - lengths
    places = np.repeat(texts.offsets[indices] - starts, lengths) + np.arange(lengths.sum())
    return TokenizedTexts(texts.token_ids[places], starts, lengths)


def compute_loss_and_gradients(
    parameters: Mapping[str, Array],
    texts: TokenizedTexts,
    vocabulary: Vocabulary,
    vectors: Array,
    targets: Array,
    sample_weights: Array,
    rng: np.random.Generator | None = None,
) -> tuple[float, dict[str, Array], Array]:
    """Return the loss (weighted cross entropy, a text), its slope by each part, and the rows of `own` that its slope is of.

    With `dice`, some tokens go unseen and some answers are dropped.
    """
    own, layers = vocabulary.column("own")[texts.token_ids], CNNParameters(*(parameters[name] for name in LAYER_ARRAYS))
    if rng:
        kept = rng.random(len(own)) >= _TOKEN_DROPOUT
        own = own * kept
    seen = cnn.build_inputs(texts.token_ids, vocabulary, vectors, parameters["own"][own])
    if rng:
        seen *= kept[:, None]
    answers = cnn.convolve(np.vstack([0 * layers.filters[:1], seen @ layers.filters]), texts.token_ids, layers)
    found = cnn.max_pool(answers, texts, layers)
    open_ = (found > 0).astype(np.float32)
    if rng:
        open_ *= (rng.random(found.shape, dtype=np.float32) >= _DROPOUT) / np.float32(1 - _DROPOUT)
    said = _softmax((found * open_) @ layers.output_weights + layers.output_bias)
    wrong = (said - targets) * (sample_weights / len(sample_weights))[:, None]
    loss = float(-(sample_weights[:, None] * targets * np.log(np.maximum(said, 1e-9))).sum() / len(sample_weights))
    back = (wrong @ layers.output_weights.T) * open_
    sources = _backpropagate_max_pool(answers, back, texts, layers)
    slopes = {"filters": (sources.T @ seen).T, "filter_bias": back.sum(axis=0)}
    slopes |= {"verdicts": (found * open_).T @ wrong, "verdict_bias": wrong.sum(axis=0)}
    columns = slice(vectors.shape[1], vectors.shape[1] + parameters["own"].shape[1])
    slopes["own"], rows = _sum_gradients_by_row(sources @ np.ascontiguousarray(layers.filters[columns].T), own)
    return loss, {name: np.asarray(each, dtype=parameters[name].dtype) for name, each in slopes.items()}, rows


def _softmax(logits: Array) -> Array:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _backpropagate_max_pool(activations: Sequence[Array], pooled_gradients: Array, texts: TokenizedTexts, parameters: CNNParameters) -> Any:
    """Return the slope by each token's products, a row a token: it goes to the places where the strongest answer was given."""
    from scipy import sparse

    places, columns, values, column, count = [], [], [], 0, parameters.filters_per_width
    for at, each in enumerate(activations):
        of_width = pooled_gradients[:, at * count : (at + 1) * count]
        text, one = np.nonzero(of_width)
        place = _argmax_positions(each, texts)[text, one]
        for offset in range(FILTER_WIDTHS[at]):
            places.append(place + offset)
            columns.append(column + one)
            values.append(of_width[text, one])
            column += count
    given = np.concatenate(values), (np.concatenate(places), np.concatenate(columns))
    return sparse.csr_matrix(given, shape=(len(texts.token_ids) + 1, column))[1:]


def _argmax_positions(activations: Array, texts: TokenizedTexts) -> Array:
    """Return where in each text each filter's answer is the strongest, the first such place."""
    longest = int(texts.lengths.max())
    places = texts.offsets[:, None] + np.minimum(np.arange(longest), texts.lengths[:, None] - 1)
    return np.asarray(texts.offsets[:, None] + activations[places].argmax(axis=1))


def _sum_gradients_by_row(gradients: Array, rows: Array) -> tuple[Array, Array]:
    """Return the sums of slopes that are of the same row, and the rows; row 0 stays as it is."""
    from scipy import sparse

    different, column = np.unique(rows, return_inverse=True)
    sums = (
        sparse.csr_matrix((np.ones(len(rows), dtype=gradients.dtype), (column, np.arange(len(rows)))), (len(different), len(rows)))
        @ gradients
    )
    sums[different == 0] = 0
    return sums, different


class Adam:
    """Adam's steps; of `own` only the rows that a batch has seen."""

    def __init__(self, parameters: Mapping[str, Array]) -> None:
        """Take what is learned."""
        self._first_moments = {name: np.zeros_like(part) for name, part in parameters.items()}
        self._second_moments = {name: np.zeros_like(part) for name, part in parameters.items()}
        self._step_count = 0

    def step(self, parameters: dict[str, Array], gradients: Mapping[str, Array], embedding_rows: Array, learning_rate: float) -> None:
        """Change the parts in place."""
        self._step_count += 1
        far = np.float32(learning_rate * (1 - _BETA_2**self._step_count) ** 0.5 / (1 - _BETA_1**self._step_count))
        for name, each in gradients.items():
            at: Any = embedding_rows if name == "own" else slice(None)
            mean = self._first_moments[name][at] * np.float32(_BETA_1) + each * np.float32(1 - _BETA_1)
            square = self._second_moments[name][at] * np.float32(_BETA_2) + each**2 * np.float32(1 - _BETA_2)
            self._first_moments[name][at], self._second_moments[name][at] = mean, square
            parameters[name][at] -= far * mean / (np.sqrt(square) + np.float32(_EPSILON))


def _shuffled_batches(text_count: int, epochs: int, rng: np.random.Generator) -> Iterator[Array]:
    for _ in range(epochs):
        order = rng.permutation(text_count)
        yield from (order[at : at + _BATCH_SIZE] for at in range(0, text_count, _BATCH_SIZE))


def _quantize_parameters(parameters: Mapping[str, Array]) -> model_file.Arrays:
    """Return the parts as they travel: tokens' own vectors as int8 with a scale a column, the rest as float16."""
    scale = np.maximum(np.abs(parameters["own"]).max(axis=0), 1e-6) / 127
    own = np.round(parameters["own"] / scale).astype(np.int8)
    return {"own": own, "own_scale": scale.astype(np.float32)} | {name: parameters[name].astype(np.float16) for name in LAYER_ARRAYS}
