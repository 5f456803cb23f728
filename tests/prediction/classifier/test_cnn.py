"""The convolution: gradients are those of finite differences, what is served is what was trained, and the same data give the same bytes."""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.core.errors import InvalidLabelledData
from dashboard.prediction.classifier.cnn import FILTER_WIDTHS, LAYER_ARRAYS, CNNParameters, TextCNN, build_inputs
from dashboard.prediction.classifier.token_columns import TOKEN_FEATURE_COUNT
from dashboard.prediction.classifier.token_lookup import LookupTables
from dashboard.prediction.classifier.vocabulary import END_OF_TEXT, TokenizedTexts, Vocabulary
from dashboard.prediction.training import cnn
from dashboard.prediction.training.cnn import TrainingSet, select_texts, train_cnn
from dashboard.prediction.training.cnn_gradients import compute_loss_and_gradients

TEXTS = ["the plane was not good", "", "good", "WOW !! good #Nice was it not", "x y", "!! !! !! !!", ""]
VECTORS = np.random.default_rng(0).integers(-127, 128, (4, 100)).astype(np.int8)
VECTORS[0] = 0


def known() -> Vocabulary:
    """Return a vocabulary with a few words, vectors, and tokens that have vectors of their own."""
    polarity = np.array([[0, 0, 0, 0], [1, 0.8, 1.2, 0]], dtype=np.float32)
    return Vocabulary(LookupTables({"good": 1}, polarity, {"plane": 1, "was": 2, "good": 3}, frozenset(), {"good": 1, "!!": 2, "was": 3}))


def lessons(vocabulary: Vocabulary, copies: int = 1) -> TrainingSet:
    """Return texts with targets and weights as chance has them."""
    generator, texts = np.random.default_rng(2), vocabulary.encode(TEXTS * copies)
    count = len(texts.lengths)
    return TrainingSet(texts, generator.dirichlet([1, 1, 1], count), generator.uniform(0.5, 2, count))


def parts() -> dict[str, Any]:
    """Return what is learned, before it is, with biases that matter."""
    generator = np.random.default_rng(1)
    parameters = cnn.initialize_parameters(4, 100 + cnn.EMBEDDING_SIZE + TOKEN_FEATURE_COUNT, generator)
    return parameters | {
        name: generator.normal(0, 0.1, parameters[name].shape).astype(np.float32) for name in ("filter_bias", "verdict_bias")
    }


def naive(arrays: Mapping[str, Any], vocabulary: Vocabulary, texts: TokenizedTexts, vectors: Any) -> Any:
    """Return log-probabilities by loops over texts, filters and places, in double precision, with a blank before and after each text."""
    own, layers = (
        arrays["own"].astype(float) * arrays.get("own_scale", 1),
        CNNParameters(*(arrays[name].astype(float) for name in LAYER_ARRAYS)),
    )
    log_probabilities = []
    for start, length in zip(texts.offsets, texts.lengths, strict=True):
        ids = texts.token_ids[start : start + length - 1]
        seen = [
            vectors[vocabulary.column("vector")[ids]].astype(float) * 2 / 127,
            own[vocabulary.column("own")[ids]],
            vocabulary.token_features(ids),
        ]
        padded = np.pad(np.hstack(seen), ((1, 1), (0, 0)))
        kept_columns, column = [], 0
        for width in FILTER_WIDTHS:
            kernel = layers.filters[:, column : column + width * layers.filters_per_width].reshape(-1, width, layers.filters_per_width)
            windows = [padded[at : at + width] for at in range(len(padded) - width + 1)]
            activations = [np.einsum("od,dof->f", window, kernel) for window in windows]
            kept_columns.append(np.max(activations, axis=0) if activations else np.full(layers.filters_per_width, -np.inf))
            column += width * layers.filters_per_width
        log_probabilities.append(
            np.maximum(np.concatenate(kept_columns) + layers.filter_bias, 0) @ layers.output_weights + layers.output_bias
        )
    return np.array(log_probabilities) - np.log(np.exp(log_probabilities).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("name", ["own", "filters", "filter_bias", "verdicts", "verdict_bias"])
def test_gradients_equal_finite_differences(name: str) -> None:
    """Each parameter is checked at forty random positions and at the steepest one."""
    vocabulary, exact = known(), {parameter: part.astype(float) for parameter, part in parts().items()}
    training_set, scaled = lessons(vocabulary), VECTORS.astype(float) * 2 / 127

    def loss() -> float:
        return compute_loss_and_gradients(exact, training_set.texts, vocabulary, scaled, training_set.targets, training_set.sample_weights)[
            0
        ]

    _, gradients, rows = compute_loss_and_gradients(
        exact, training_set.texts, vocabulary, scaled, training_set.targets, training_set.sample_weights
    )
    dense_gradient = np.zeros_like(exact[name])
    dense_gradient[rows if name == "own" else slice(None)] = gradients[name]
    generator, part = np.random.default_rng(3), exact[name].reshape(-1)
    positions = [*generator.integers(cnn.EMBEDDING_SIZE if name == "own" else 0, part.size, 40), np.abs(dense_gradient).argmax()]
    for position in positions:
        before = part[position]
        part[position] = before + 1e-5
        more = loss()
        part[position] = before - 1e-5
        less = loss()
        part[position] = before
        assert dense_gradient.reshape(-1)[position] == pytest.approx((more - less) / 2e-5, abs=1e-7)
    assert np.abs(dense_gradient).max() > 1e-3


def test_a_step_against_the_gradient_lowers_the_loss() -> None:
    """A small step lowers the loss by as much as the gradient predicts."""
    vocabulary, parameters = known(), parts()
    training_set = lessons(vocabulary)
    scaled = (VECTORS * np.float32(2 / 127)).astype(np.float32)
    before, gradients, rows = compute_loss_and_gradients(
        parameters, training_set.texts, vocabulary, scaled, training_set.targets, training_set.sample_weights
    )
    squares = sum(float((gradient**2).sum()) for gradient in gradients.values())
    for name, gradient in gradients.items():
        parameters[name][rows if name == "own" else slice(None)] -= np.float32(1e-3) * gradient
    after = compute_loss_and_gradients(
        parameters, training_set.texts, vocabulary, scaled, training_set.targets, training_set.sample_weights
    )[0]
    assert before - after == pytest.approx(1e-3 * squares, rel=0.05)


def test_logits_equal_those_of_naive_loops() -> None:
    """They agree to 1e-5, for empty texts too."""
    vocabulary = known()
    arrays = train_cnn(lessons(vocabulary, 20), vocabulary, VECTORS, epochs=3)
    texts = vocabulary.encode(TEXTS)
    served = TextCNN(arrays | {"vectors": VECTORS}).log_probabilities(texts, vocabulary)
    assert np.abs(served - naive(arrays, vocabulary, texts, VECTORS)).max() < 1e-5


def test_training_reports_every_step() -> None:
    """A listener gets the number of each step and the total."""
    vocabulary, steps = known(), list[tuple[int, int]]()
    train_cnn(lessons(vocabulary, 20), vocabulary, VECTORS, epochs=3, on_step=lambda *step: steps.append(step))
    assert steps == [(number, len(steps)) for number in range(1, len(steps) + 1)]
    assert len(steps) >= 3


def test_the_loss_equals_that_of_naive_loops() -> None:
    """Training minimizes the cross entropy of the logits."""
    vocabulary, exact = known(), {parameter: part.astype(float) for parameter, part in parts().items()}
    training_set = lessons(vocabulary)
    log_probabilities = naive(exact, vocabulary, training_set.texts, VECTORS)
    expected = -(training_set.sample_weights[:, None] * training_set.targets * log_probabilities).sum() / len(training_set.sample_weights)
    actual = compute_loss_and_gradients(
        exact, training_set.texts, vocabulary, VECTORS * (2 / 127), training_set.targets, training_set.sample_weights
    )[0]
    assert actual == pytest.approx(expected, abs=1e-5)


def test_a_text_gets_the_same_logits_alone_and_in_a_batch() -> None:
    """No filter reaches beyond the end of a text."""
    vocabulary = known()
    model = TextCNN(train_cnn(lessons(vocabulary, 5), vocabulary, VECTORS, epochs=1) | {"vectors": VECTORS})
    alone = np.vstack([model.log_probabilities(vocabulary.encode([text]), vocabulary) for text in TEXTS])
    assert np.abs(model.log_probabilities(vocabulary.encode(TEXTS), vocabulary) - alone).max() < 1e-5


def test_token_weights_are_their_share_of_the_logits() -> None:
    """Together with the contribution of the biases, they differ between labels as the logits do."""
    vocabulary = known()
    arrays = train_cnn(lessons(vocabulary, 20), vocabulary, VECTORS, epochs=3)
    model, toward = TextCNN(arrays | {"vectors": VECTORS}), np.array([1.0, -0.75, -0.25])
    for text in TEXTS:
        texts = vocabulary.encode([text])
        weights = model.attribute_tokens(texts, vocabulary, toward)
        open_ = _open(model, texts, vocabulary)
        rest = (open_ * model.parameters.filter_bias) @ model.parameters.output_weights @ toward + model.parameters.output_bias @ toward
        assert len(weights) == len(texts.token_ids)
        assert weights[-1] == 0
        assert weights.sum() + rest == pytest.approx(float(model.log_probabilities(texts, vocabulary)[0] @ toward), abs=1e-5)


def _open(model: TextCNN, texts: TokenizedTexts, vocabulary: Vocabulary) -> Any:
    from dashboard.prediction.classifier.cnn import convolve, max_pool

    activations = convolve(model._filter_products(texts, vocabulary), texts.token_ids, model.parameters)
    return max_pool(activations, texts, model.parameters)[0] > 0


def test_training_with_the_same_seed_gives_the_same_bytes() -> None:
    """Another seed gives other bytes."""
    vocabulary = known()
    first, again, other = (train_cnn(lessons(vocabulary, 5), vocabulary, VECTORS, epochs=1, seed=seed) for seed in (0, 0, 1))
    assert {name: array.tobytes() for name, array in again.items()} == {name: array.tobytes() for name, array in first.items()}
    assert other["filters"].tobytes() != first["filters"].tobytes()


def test_it_learns_word_order() -> None:
    """It distinguishes “a b” from “b a”, which have the same words."""
    vocabulary = Vocabulary(LookupTables({}, np.zeros((1, 4), dtype=np.float32), {}, frozenset(), {"good": 1, "bad": 2}))
    texts = ["good bad", "bad good"] * 200
    targets = np.tile(np.eye(3)[[0, 2]], (200, 1))
    arrays = train_cnn(TrainingSet(vocabulary.encode(texts), targets, np.ones(400)), vocabulary, VECTORS, epochs=40)
    scores = TextCNN(arrays | {"vectors": VECTORS}).log_probabilities(vocabulary.encode(texts[:2]), vocabulary)
    assert scores.argmax(axis=1).tolist() == [0, 2]


def test_selected_texts_are_complete() -> None:
    """They come in the requested order, each with its end."""
    texts = known().encode(TEXTS)
    selected_texts = select_texts(texts, np.array([3, 0, 1]))
    expected = [texts.token_ids[texts.offsets[at] : texts.offsets[at] + texts.lengths[at]] for at in (3, 0, 1)]
    assert selected_texts.token_ids.tolist() == np.concatenate(expected).tolist()
    assert (selected_texts.token_ids[selected_texts.offsets + selected_texts.lengths - 1] == END_OF_TEXT).all()


def test_frequent_tokens_get_trained_vectors() -> None:
    """Plain and negated forms count together, and ends of texts don't count."""
    vocabulary = known()
    read = vocabulary.encode(["good plane", "not good"] * 5 + ["!!"] * 9)
    assert cnn.list_frequent_tokens(read.token_ids, vocabulary) == ["good"]


def test_a_token_has_vectors_word_lists_and_style_features() -> None:
    """It has its int8 vector, its trained one, four word lists, negation and five style features."""
    vocabulary = known()
    ids = vocabulary.encode(["not GOOD"]).token_ids[1:2]
    seen = build_inputs(ids, vocabulary, VECTORS, np.ones((1, 2)))
    expected_features = [-0.5, -0.4, -0.6, 0, 1, 0, 1, 0, 0, 1]
    assert seen[0].tolist() == np.float32([*VECTORS[3], 1, 1, *expected_features]).tolist()


def write_gzip(folder: Path, content: str) -> Path:
    """Return a gzipped file."""
    path = folder / "pool.tsv.gz"
    path.write_bytes(gzip.compress(content.encode(), mtime=0))
    return path


@pytest.mark.parametrize(("begin", "end"), [("", "\n"), ("\ufeff", "\r\n")])
def test_a_teachers_probabilities_are_read(tmp_path: Path, begin: str, end: str) -> None:
    """None of them becomes 0; rows without a text and byte order marks are skipped."""
    lines = ["label\ttext\tp_neg\tp_neu\tp_pos", "2\ta\t0\t0.25\t0.75", "0\t \t1\t0\t0"]
    path = write_gzip(tmp_path, begin + end.join(lines) + end)
    assert cnn.load_targets(path, np.array([2]))[0].tolist() == pytest.approx([0.000999, 0.249750, 0.749251], abs=1e-6)


def test_labels_are_used_without_a_teacher(tmp_path: Path) -> None:
    """Each label has the probability 1."""
    assert cnn.load_targets(write_gzip(tmp_path, "label\ttext\n2\ta\n0\tb\n"), np.array([2, 0])).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_a_missing_teacher_column_is_refused(tmp_path: Path) -> None:
    """A file with only some of the teacher's columns isn't treated as one without a teacher."""
    with pytest.raises(InvalidLabelledData, match="three probabilities"):
        cnn.load_targets(write_gzip(tmp_path, "label\ttext\tp_neg\tp_neu\n2\ta\t0\t1\n"), np.array([2]))


@pytest.mark.parametrize("cells", ["x\t0\t1", "nan\t0\t1", "-1\t1\t1", "0.5"])
def test_invalid_teacher_probabilities_are_refused(tmp_path: Path, cells: str) -> None:
    """The message names the columns that are needed."""
    with pytest.raises(InvalidLabelledData, match="three probabilities") as problem:
        cnn.load_targets(write_gzip(tmp_path, f"text\tlabel\tp_neg\tp_neu\tp_pos\na\t2\t{cells}\n"), np.array([2]))
    assert "p_neg, p_neu, p_pos" in problem.value.advice
