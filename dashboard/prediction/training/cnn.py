"""The convolution, trained: exact gradients through the strongest answers, Adam (Kingma and Ba 2015), one order of texts a seed.

Needs SciPy. On one thread the same data give the same bytes. Where a teacher's probabilities are known they are what is learned.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dashboard.core.errors import InvalidExamples
from dashboard.prediction.classifier import cnn, model_file
from dashboard.prediction.classifier.cnn import GLOVE, WIDTHS, Layers
from dashboard.prediction.classifier.vocabulary import END, SEEN, Array, Texts, Vocabulary
from dashboard.prediction.training import labelled_data

OFTEN = 10  # times a token stands in training to get a vector of its own
FILTERS, OWN = 96, 16  # filters a width, and columns of a token's own vector
_BATCH, _RATE, _LAST = 64, 1e-3, 0.05  # texts a step; how far a step goes, and the share of it that is left at the end
_DROPPED, _UNSEEN = 0.5, 0.1  # shares of answers, and of tokens, that training does without each time
_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8  # Adam's
_THOUGHT = ("p_neg", "p_neu", "p_pos")  # columns of what a teacher thought
_DOUBT = 1e-3  # the least probability that is learned of a teacher


class Lessons(NamedTuple):
    """What is learned: texts, the probabilities of labels that each ought to get, and its weight."""

    texts: Texts
    targets: Array
    weights: Array


def told(path: Path, labels: Array) -> Array:
    """Return the probabilities that a teacher gave the texts of a file, or, without one, their labels. Raises InvalidExamples."""
    header, *rows = (cells for _, cells in labelled_data.tabbed(path))
    if not set(_THOUGHT) & set(header):
        return np.eye(3, dtype=np.float32)[labels]
    try:
        label, text, *columns = (header.index(name) for name in ("label", "text", *_THOUGHT))
        found = np.array([[float(row[at]) for at in columns] for row in rows if row[label].strip() and row[text].strip()])
        if found.shape != (len(labels), 3) or not (np.isfinite(found).all() and (found >= 0).all()):
            raise ValueError
    except (ValueError, IndexError):
        advice = f"Write a number in {', '.join(_THOUGHT)} in each row, or leave the columns out."
        raise InvalidExamples(f"{path.name} has rows without a teacher's three probabilities.", advice) from None
    found = np.maximum(found, _DOUBT)
    return np.asarray(found / found.sum(axis=1, keepdims=True), dtype=np.float32)


def felt(ids: Array, vocabulary: Vocabulary) -> list[str]:
    """Return the tokens that stand in texts often enough to get a vector of their own, in order."""
    rows, counts = np.unique(ids[ids != END], return_counts=True)
    found: dict[str, int] = {}
    for row, count in zip(rows.tolist(), counts.tolist(), strict=True):
        found[vocabulary.tokens[row // 2]] = found.get(vocabulary.tokens[row // 2], 0) + count
    return sorted(token for token, count in found.items() if count >= OFTEN)


def learn(lessons: Lessons, vocabulary: Vocabulary, vectors: Array, *, rounds: int = 5, seed: int = 0) -> model_file.Arrays:
    """Return the arrays of a `Convolution`."""
    dice = np.random.default_rng(seed)
    parts = begun(int(vocabulary.column("own").max()) + 1, vectors.shape[1] + OWN + SEEN, dice)
    steps, adam = rounds * -(-len(lessons.weights) // _BATCH), Adam(parts)
    given, weights = (vectors * np.float32(GLOVE)).astype(np.float32), (lessons.weights / lessons.weights.mean()).astype(np.float32)
    for step, batch in enumerate(_batches(len(weights), rounds, dice)):
        texts = taken(lessons.texts, batch)
        _, slopes, rows = slope(parts, texts, vocabulary, given, lessons.targets[batch], weights[batch], dice)
        adam.step(parts, slopes, rows, _RATE * (1 - (1 - _LAST) * step / steps))
    return _quantised(parts)


def begun(tokens: int, columns: int, dice: np.random.Generator) -> dict[str, Array]:
    """Return what is learned as it is before the first step."""
    kinds = {
        "own": (0.1, (tokens, OWN)),
        "filters": ((2.5 * columns) ** -0.5, (columns, sum(WIDTHS) * FILTERS)),
        "filter_bias": (0.0, (len(WIDTHS) * FILTERS,)),
        "verdicts": (0.05, (len(WIDTHS) * FILTERS, 3)),
        "verdict_bias": (0.0, (3,)),
    }
    parts = {name: (scale * dice.standard_normal(shape)).astype(np.float32) for name, (scale, shape) in kinds.items()}
    parts["own"][0] = 0
    return parts


def taken(texts: Texts, batch: Array) -> Texts:
    """Return some of the texts."""
    lengths = texts.lengths[batch]
    starts = np.cumsum(lengths) - lengths
    places = np.repeat(texts.starts[batch] - starts, lengths) + np.arange(lengths.sum())
    return Texts(texts.ids[places], starts, lengths)


def slope(
    parts: Mapping[str, Array],
    texts: Texts,
    vocabulary: Vocabulary,
    vectors: Array,
    targets: Array,
    weights: Array,
    dice: np.random.Generator | None = None,
) -> tuple[float, dict[str, Array], Array]:
    """Return the loss (weighted cross entropy, a text), its slope by each part, and the rows of `own` that its slope is of.

    With `dice`, some tokens go unseen and some answers are dropped.
    """
    own, layers = vocabulary.column("own")[texts.ids], Layers(*(parts[name] for name in Layers._fields))
    if dice:
        kept = dice.random(len(own)) >= _UNSEEN
        own = own * kept
    seen = cnn.inputs(texts.ids, vocabulary, vectors, parts["own"][own])
    if dice:
        seen *= kept[:, None]
    answers = cnn.answers(np.vstack([0 * layers.filters[:1], seen @ layers.filters]), texts.ids, layers)
    found = cnn.strongest(answers, texts, layers)
    open_ = (found > 0).astype(np.float32)
    if dice:
        open_ *= (dice.random(found.shape, dtype=np.float32) >= _DROPPED) / np.float32(1 - _DROPPED)
    said = _softmax((found * open_) @ layers.verdicts + layers.verdict_bias)
    wrong = (said - targets) * (weights / len(weights))[:, None]
    loss = float(-(weights[:, None] * targets * np.log(np.maximum(said, 1e-9))).sum() / len(weights))
    back = (wrong @ layers.verdicts.T) * open_
    sources = _sources(answers, back, texts, layers)
    slopes = {"filters": (sources.T @ seen).T, "filter_bias": back.sum(axis=0)}
    slopes |= {"verdicts": (found * open_).T @ wrong, "verdict_bias": wrong.sum(axis=0)}
    columns = slice(vectors.shape[1], vectors.shape[1] + parts["own"].shape[1])
    slopes["own"], rows = _by_row(sources @ np.ascontiguousarray(layers.filters[columns].T), own)
    return loss, {name: np.asarray(each, dtype=parts[name].dtype) for name, each in slopes.items()}, rows


def _softmax(scores: Array) -> Array:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _sources(answers: Sequence[Array], back: Array, texts: Texts, layers: Layers) -> Any:
    """Return the slope by each token's products, a row a token: it goes to the places where the strongest answer was given."""
    from scipy import sparse

    places, columns, values, column, count = [], [], [], 0, layers.many
    for at, each in enumerate(answers):
        of_width = back[:, at * count : (at + 1) * count]
        text, one = np.nonzero(of_width)
        place = _strongest_places(each, texts)[text, one]
        for offset in range(WIDTHS[at]):
            places.append(place + offset)
            columns.append(column + one)
            values.append(of_width[text, one])
            column += count
    given = np.concatenate(values), (np.concatenate(places), np.concatenate(columns))
    return sparse.csr_matrix(given, shape=(len(texts.ids) + 1, column))[1:]


def _strongest_places(answers: Array, texts: Texts) -> Array:
    """Return where in each text each filter's answer is the strongest, the first such place."""
    longest = int(texts.lengths.max())
    places = texts.starts[:, None] + np.minimum(np.arange(longest), texts.lengths[:, None] - 1)
    return np.asarray(texts.starts[:, None] + answers[places].argmax(axis=1))


def _by_row(slopes: Array, rows: Array) -> tuple[Array, Array]:
    """Return the sums of slopes that are of the same row, and the rows; row 0 stays as it is."""
    from scipy import sparse

    different, column = np.unique(rows, return_inverse=True)
    sums = sparse.csr_matrix((np.ones(len(rows), dtype=slopes.dtype), (column, np.arange(len(rows)))), (len(different), len(rows))) @ slopes
    sums[different == 0] = 0
    return sums, different


class Adam:
    """Adam's steps; of `own` only the rows that a batch has seen."""

    def __init__(self, parts: Mapping[str, Array]) -> None:
        """Take what is learned."""
        self._means = {name: np.zeros_like(part) for name, part in parts.items()}
        self._squares = {name: np.zeros_like(part) for name, part in parts.items()}
        self._steps = 0

    def step(self, parts: dict[str, Array], slopes: Mapping[str, Array], rows: Array, rate: float) -> None:
        """Change the parts in place."""
        self._steps += 1
        far = np.float32(rate * (1 - _SECOND**self._steps) ** 0.5 / (1 - _FIRST**self._steps))
        for name, each in slopes.items():
            at: Any = rows if name == "own" else slice(None)
            mean = self._means[name][at] * np.float32(_FIRST) + each * np.float32(1 - _FIRST)
            square = self._squares[name][at] * np.float32(_SECOND) + each**2 * np.float32(1 - _SECOND)
            self._means[name][at], self._squares[name][at] = mean, square
            parts[name][at] -= far * mean / (np.sqrt(square) + np.float32(_TINY))


def _batches(count: int, rounds: int, dice: np.random.Generator) -> Iterator[Array]:
    for _ in range(rounds):
        order = dice.permutation(count)
        yield from (order[at : at + _BATCH] for at in range(0, count, _BATCH))


def _quantised(parts: Mapping[str, Array]) -> model_file.Arrays:
    """Return the parts as they travel: tokens' own vectors as int8 with a scale a column, the rest as float16."""
    scale = np.maximum(np.abs(parts["own"]).max(axis=0), 1e-6) / 127
    own = np.round(parts["own"] / scale).astype(np.int8)
    return {"own": own, "own_scale": scale.astype(np.float32)} | {name: parts[name].astype(np.float16) for name in Layers._fields}
