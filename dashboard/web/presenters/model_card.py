"""The served model's card in plain words, for its page. Scores of mounted models may have any shape, so only known ones are explained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.numbers import format_decimal
from dashboard.core.formatting.texts import format_list
from dashboard.prediction.protocols import Model
from dashboard.web.presenters import predictions

_MAX_DATASETS = 20
_MAX_LABELS = 12
_DATASET_TITLES = {
    "tweeteval-sentiment/devtest2016": "Posts on X from SemEval 2016",
    "tweeteval-sentiment/val": "Posts on X from TweetEval",
    "tweeteval-sentiment/train": "Posts on X from TweetEval",
    "emotion/emotion": "Posts on X labelled with emotions",
    "pseudo/pseudo": "Posts labelled by another model",
    "vader-tweets/vader-tweets": "Posts rated by people for VADER",
}
_METRIC_TITLES = {
    "accuracy": "Accuracy",
    "macro_recall": "Macro recall",
    "macro_f1": "Macro F1",
    "ece": "ECE",
    "brier": "Brier score",
    "log_loss": "Log loss",
}


@dataclass(frozen=True)
class LabelScore:
    """How well a label is found: its title, and counts of 100, with the metrics that they come from."""

    label: str
    found: str
    found_metric: str
    right: str
    right_metric: str


@dataclass(frozen=True)
class ExplainedSentence:
    """A sentence in three parts; `metric` is where its middle part comes from, for a tooltip."""

    before: str
    value: str
    after: str
    metric: str


@dataclass(frozen=True)
class DatasetScore:
    """How good the model is on one data set: sentences, a row per label, and all metrics."""

    title: str
    name: str
    rows: str
    sentences: Sequence[ExplainedSentence]
    labels: Sequence[LabelScore]
    metrics: Sequence[tuple[str, str]]
    is_calibration: bool


@dataclass(frozen=True)
class TrainingData:
    """A data set that the model learned from: its title and name, the number of its texts, and its licence."""

    title: str
    name: str
    rows: str
    licence: str


@dataclass(frozen=True)
class ModelCardView:
    """Everything that the page shows."""

    name: str
    version: str
    digest: str
    trained_on: str
    reads_texts: bool
    purpose: str
    datasets: Sequence[DatasetScore]
    training: Sequence[TrainingData]
    limits: Sequence[str]


def build_model_card(model: Model) -> ModelCardView:
    """Return the card of a text model or a tabular model."""
    card = model.card
    training_data = _as_mapping(card.training.get("data"))
    return ModelCardView(
        card.name,
        card.version,
        card.digest,
        str(card.training.get("date") or "")[:40],
        model.kind == "text",
        _describe_purpose(model),
        [
            _build_dataset(name, scores, [str(label) for label in card.labels], _as_mapping(training_data.get(name)))
            for name, scores in list(card.scores.items())[:_MAX_DATASETS]
            if isinstance(scores, Mapping) and _is_share(scores.get("accuracy"))
        ],
        [_build_training(name, _as_mapping(entry)) for name, entry in list(training_data.items())[:_MAX_DATASETS]],
        predictions.describe_limits(card.limits),
    )


def _describe_purpose(model: Model) -> str:
    labels = format_list([str(label) for label in model.card.labels], _MAX_LABELS, conjunction="or")
    if model.kind == "text":
        return (
            f"It reads a text and says how likely each label is: {labels}. It is made for totals over many posts, not for judging a person."
        )
    numbers = "numbers" if model.card.feature_count is None else format_count(model.card.feature_count, "number")
    return f"It reads rows of {numbers} and returns a class: {labels}. It can't read posts."


def _build_dataset(name: str, scores: Mapping[str, Any], labels: Sequence[str], training: Mapping[str, Any]) -> DatasetScore:
    label_scores = [_as_mapping(score) for score in _as_list(scores.get("labels"))]
    is_complete = len(label_scores) == len(labels) <= _MAX_LABELS
    return DatasetScore(
        _DATASET_TITLES.get(name, name),
        name,
        _format_rows(scores.get("rows")),
        _describe_scores(scores, label_scores),
        [_build_label(label, score) for label, score in zip(labels, label_scores, strict=True)] if is_complete else [],
        [(title, format_decimal(scores[key], 3)) for key, title in _METRIC_TITLES.items() if _is_number(scores.get(key))],
        training.get("use") == "calibration",
    )


def _describe_scores(scores: Mapping[str, Any], label_scores: Sequence[Mapping[str, Any]]) -> list[ExplainedSentence]:
    right = f"{_of_hundred(scores['accuracy'])} of 100"
    sentences = [ExplainedSentence("It is right about", right, "texts.", _format_metric("Accuracy", scores["accuracy"]))]
    counts = [score["rows"] for score in label_scores if _is_number(score.get("rows"))]
    if counts and sum(counts) > 0:
        share = max(counts) / sum(counts)
        metric = _format_metric("Share of the most frequent label:", share)
        sentences.append(
            ExplainedSentence("Always guessing the most frequent label would be right about", str(_of_hundred(share)), "times.", metric)
        )
    if _is_share(scores.get("ece")):
        points = format_count(_of_hundred(scores["ece"]), "point")
        metric = _format_metric("Expected calibration error (ECE)", scores["ece"])
        sentences.append(ExplainedSentence("The percentages it gives are off by", points, "on average.", metric))
    return sentences


def _build_label(label: str, score: Mapping[str, Any]) -> LabelScore:
    recall, precision = score.get("recall"), score.get("precision")
    recall_text, precision_text = _format_of_hundred(recall), _format_of_hundred(precision)
    return LabelScore(label, recall_text, _format_metric("Recall", recall), precision_text, _format_metric("Precision", precision))


def _build_training(name: str, entry: Mapping[str, Any]) -> TrainingData:
    return TrainingData(_DATASET_TITLES.get(name, name), name, _format_rows(entry.get("rows")), str(entry.get("licence") or "")[:200])


def _format_metric(title: str, value: Any) -> str:
    return f"{title} {format_decimal(value, 3)}" if _is_number(value) else ""


def _format_of_hundred(share: Any) -> str:
    return f"{_of_hundred(share)} of 100" if _is_share(share) else "–"


def _of_hundred(share: float) -> int:
    return round(100 * share)


def _format_rows(rows: Any) -> str:
    return f"{rows:,}" if isinstance(rows, int) else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _as_mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _as_list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
