"""Scores: those of scikit-learn and SciPy to twelve digits, and intervals that hold what they promise."""

from typing import Any

import numpy as np
import pytest

from dashboard.prediction.training import metrics as model_metrics

EXACT: dict[str, Any] = {"rel": 0, "abs": 1e-12}


def guesses(seed: int, rows: int = 400, labels: tuple[int, ...] = (0, 1, 2)) -> tuple[Any, Any]:
    """Return probabilities of three labels that are somewhat right, and the truth, which has only the labels given."""
    generator = np.random.default_rng(seed)
    truth = generator.choice(labels, size=rows)
    raised = np.exp(generator.normal(size=(rows, 3)) * 1.5 + np.eye(3)[truth])
    return raised / raised.sum(axis=1, keepdims=True), truth


def by_scikit_learn(probabilities: Any, truth: Any) -> dict[str, float]:
    """Return the means as scikit-learn has them, over the labels that occur."""
    from sklearn import metrics

    predicted_labels, known = probabilities.argmax(axis=1), np.unique(truth)
    return {
        "macro_recall": metrics.recall_score(truth, predicted_labels, labels=known, average="macro"),
        "macro_f1": metrics.f1_score(truth, predicted_labels, labels=known, average="macro"),
        "accuracy": metrics.accuracy_score(truth, predicted_labels),
        "brier": metrics.brier_score_loss(truth, probabilities, labels=[0, 1, 2]),
        "log_loss": metrics.log_loss(truth, probabilities, labels=[0, 1, 2]),
    }


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("labels", [(0, 1, 2), (0, 2), (1,)], ids=str)
def test_averages_equal_scikit_learns(seed: int, labels: tuple[int, ...]) -> None:
    """Macro recall, macro F1, accuracy, Brier score and log loss agree, even if a label doesn't occur."""
    sample = guesses(seed, labels=labels)
    measured, expected = model_metrics.compute_metrics(*sample), by_scikit_learn(*sample)
    assert {name: measured[name] for name in expected} == pytest.approx(expected, **EXACT)


@pytest.mark.parametrize("seed", range(5))
def test_measures_per_label_equal_scikit_learns(seed: int) -> None:
    """Precision, recall, F1 and row count of each label agree, and so does the confusion matrix."""
    from sklearn import metrics

    probabilities, truth = guesses(seed)
    measured, predicted_labels = model_metrics.compute_metrics(probabilities, truth), probabilities.argmax(axis=1)
    columns = [[label_metrics[name] for label_metrics in measured["labels"]] for name in ("precision", "recall", "f1", "rows")]
    expected = metrics.precision_recall_fscore_support(truth, predicted_labels, labels=[0, 1, 2])
    assert np.array(columns) == pytest.approx(np.array(expected), **EXACT)
    assert measured["confusion"] == metrics.confusion_matrix(truth, predicted_labels, labels=[0, 1, 2]).tolist()


def test_a_ratio_without_rows_is_unknown() -> None:
    """A label that neither occurs nor is predicted has no precision, recall or F1."""
    measured = model_metrics.compute_metrics(np.array([[0.7, 0.3, 0.0], [0.2, 0.8, 0.0]]), np.array([0, 0]))
    assert measured["labels"][2] == {"rows": 0, "precision": None, "recall": None, "f1": None}
    assert measured["labels"][1] == {"rows": 0, "precision": 0.0, "recall": None, "f1": 0.0}
    assert measured["macro_recall"] == 0.5


@pytest.mark.parametrize("seed", range(5))
def test_the_calibration_error_follows_its_definition(seed: int) -> None:
    """It has ten equal bins, open below and closed above, weighted by their rows."""
    probabilities, truth = guesses(seed)
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = [(sure > low / 10) & (sure <= (low + 1) / 10) for low in range(10)]
    expected = sum(inside.mean() * abs(right[inside].mean() - sure[inside].mean()) for inside in bins if inside.any())
    assert model_metrics.compute_metrics(probabilities, truth)["ece"] == pytest.approx(expected, **EXACT)


def test_a_perfect_model_has_no_error() -> None:
    """If every prediction is certain and correct, every measure is at its best."""
    measured = model_metrics.compute_metrics(np.eye(3), np.arange(3))
    best = {"macro_recall": 1, "macro_f1": 1, "accuracy": 1, "ece": 0, "brier": 0, "log_loss": 0, "macro_recall_interval": [1, 1]}
    assert {name: measured[name] for name in best} == best


def test_a_probability_of_zero_has_a_finite_loss() -> None:
    """A probability of zero for the true label counts as the smallest positive float."""
    from sklearn import metrics

    expected = metrics.log_loss([1], [[1.0, 0.0, 0.0]], labels=[0, 1, 2])
    assert model_metrics.compute_metrics(np.array([[1.0, 0.0, 0.0]]), np.array([1]))["log_loss"] == pytest.approx(expected, **EXACT)


def test_confidence_at_the_edge_of_a_bin_is_in_the_lower_one() -> None:
    """Bins are (low, high], as in Guo et al., and empty ones are left out."""
    confidences = [0.4, 0.5, 0.5000001, 1.0]
    table = model_metrics.reliability_table(
        np.array([[confidence, 1 - confidence, 0] if confidence > 0.4 else [0.4, 0.3, 0.3] for confidence in confidences]),
        np.zeros(4, dtype=int),
    )
    assert [(table_bin["low"], table_bin["high"], table_bin["rows"]) for table_bin in table] == [
        (0.3, 0.4, 1),
        (0.4, 0.5, 1),
        (0.5, 0.6, 1),
        (0.9, 1.0, 1),
    ]


def test_the_table_covers_every_row() -> None:
    """The row counts of the bins add up, and their weighted accuracies give the accuracy."""
    measured = model_metrics.compute_metrics(*guesses(1))
    rows = [table_bin["rows"] for table_bin in measured["reliability"]]
    right = sum(table_bin["rows"] * table_bin["accuracy"] for table_bin in measured["reliability"])
    assert sum(rows) == 400
    assert right / sum(rows) == pytest.approx(measured["accuracy"], **EXACT)


@pytest.mark.parametrize(("right", "rows"), [(0, 1), (1, 1), (0, 20), (7, 20), (20, 20), (499, 1000)])
def test_the_interval_of_a_share_is_wilsons(right: int, rows: int) -> None:
    """It equals SciPy's Wilson interval."""
    from scipy import stats

    expected = stats.binomtest(right, rows).proportion_ci(method="wilson")
    assert model_metrics.wilson_interval(right, rows) == pytest.approx((expected.low, expected.high), **EXACT)


def test_the_interval_of_macro_recall_equals_resampling_rows() -> None:
    """Resampling cells gives nearly the same ends as 2,000 resamples of the rows themselves."""
    probabilities, truth = guesses(3)
    is_right, samples = probabilities.argmax(axis=1) == truth, np.random.default_rng(9).integers(len(truth), size=(2000, len(truth)))
    recalls = [[(is_right & (truth == label))[samples].sum(axis=1) / (truth == label)[samples].sum(axis=1)] for label in range(3)]
    expected = np.quantile(np.mean(recalls, axis=(0, 1)), [0.025, 0.975])
    assert model_metrics.compute_metrics(probabilities, truth)["macro_recall_interval"] == pytest.approx(list(expected), abs=0.005)


def test_the_interval_of_macro_recall_has_its_coverage() -> None:
    """Between 90% and 99% of 200 samples with a recall of 0.6 have it in their interval."""
    generator, covered_count = np.random.default_rng(4), 0
    for _ in range(200):
        right = generator.binomial([100, 150, 200], 0.6)
        low, high = model_metrics.macro_recall_interval(
            np.diag(right) + np.roll(np.diag([100, 150, 200] - right), 1, axis=1), resamples=400
        )
        covered_count += low <= 0.6 <= high
    assert 180 <= covered_count <= 198


def test_the_same_rows_have_the_same_scores() -> None:
    """The random generator has a fixed seed."""
    assert model_metrics.compute_metrics(*guesses(5)) == model_metrics.compute_metrics(*guesses(5))


def test_rounding_reaches_every_number() -> None:
    """Floats in lists and dicts are rounded too, and other values stay unchanged."""
    assert model_metrics.round_floats({"a": [0.123456, None, 7], "b": {"c": 0.99999}}) == {"a": [0.1235, None, 7], "b": {"c": 1.0}}
