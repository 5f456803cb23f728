"""The served model's card in plain words, for its page. Scores of mounted models may have any shape, so only known ones are explained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.numbers import format_decimal, format_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext, ngettext, translatable
from dashboard.core.polarities import name_polarity_within_sentence
from dashboard.prediction.error_rates import describe_error_rate
from dashboard.prediction.language_scores import build_language_scores
from dashboard.prediction.protocols import LanguageModels, Model
from dashboard.web.presenters import predictions
from dashboard.web.presenters.language_scores import LanguageTables, build_tables
from dashboard.web.presenters.reliability_images import ReliabilityImages, link_images

_MAX_DATASETS = 20
_MAX_LABELS = 12
_DATASET_TITLES = {
    "tweeteval-sentiment/devtest2016": translatable("Posts on X from SemEval 2016"),
    "tweeteval-sentiment/val": translatable("Posts on X from TweetEval"),
    "tweeteval-sentiment/train": translatable("Posts on X from TweetEval"),
    "emotion/emotion": translatable("Posts on X labelled with emotions"),
    "pseudo/pseudo": translatable("Posts labelled by another model"),
    "vader-tweets/vader-tweets": translatable("Posts rated by people for VADER"),
}
_METRIC_TITLES = {
    "accuracy": translatable("Accuracy"),
    "macro_recall": translatable("Macro recall"),
    "macro_f1": translatable("Macro F1"),
    "ece": translatable("ECE"),
    "brier": translatable("Brier score"),
    "log_loss": translatable("Log loss"),
}


@dataclass(frozen=True)
class LabelScore:
    """How well a label is found: its title, and counts of 100, each with the metric that it comes from."""

    label: str
    found: Markup
    right: Markup


@dataclass(frozen=True)
class DatasetScore:
    """How good the model is on one data set: sentences, a row per label, and all metrics. `rows` is empty if nobody knows them."""

    title: str
    name: str
    rows: str
    sentences: Sequence[Markup]
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
    other_languages: Sequence[str]  # how often posts in each language that another model reads are misread
    language_tables: LanguageTables | None
    reliability: ReliabilityImages | None


def build_model_card(model: Model, language_models: LanguageModels | None) -> ModelCardView:
    """Return the card of a text model or a tabular model. `language_models` read what it can't."""
    card = model.card
    other_card = language_models.card if language_models else None
    other_scores = build_language_scores(other_card) if other_card else {}
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
        predictions.describe_limits(card.limits, has_other_languages=bool(other_scores)),
        [describe_error_rate(language, scores) for language, scores in other_scores.items()],
        build_tables(other_card) if other_card else None,
        link_images(other_card) if other_card else None,
    )


def _describe_purpose(model: Model) -> str:
    names = [name_polarity_within_sentence(str(label)) for label in model.card.labels]
    labels = format_list(names, _MAX_LABELS, conjunction="or")
    if model.kind == "text":
        return gettext(
            "It reads a text and says how likely each label is: %(labels)s. It is made for totals over many posts, not for judging a "
            "person.",
            labels=labels,
        )
    if model.card.feature_count is None:
        return gettext("It reads rows of numbers and returns a class: %(labels)s. It can’t read posts.", labels=labels)
    return ngettext(
        "It reads rows of %(count)s number and returns a class: %(labels)s. It can’t read posts.",
        "It reads rows of %(count)s numbers and returns a class: %(labels)s. It can’t read posts.",
        model.card.feature_count,
        count=format_number(model.card.feature_count),
        labels=labels,
    )


def _build_dataset(name: str, scores: Mapping[str, Any], labels: Sequence[str], training: Mapping[str, Any]) -> DatasetScore:
    label_scores = [_as_mapping(score) for score in _as_list(scores.get("labels"))]
    is_complete = len(label_scores) == len(labels) <= _MAX_LABELS
    return DatasetScore(
        _title_dataset(name),
        name,
        _describe_rows(scores.get("rows")),
        _describe_scores(scores, label_scores),
        [_build_label(label, score) for label, score in zip(labels, label_scores, strict=True)] if is_complete else [],
        [(gettext(title), format_decimal(scores[key], 3)) for key, title in _METRIC_TITLES.items() if _is_number(scores.get(key))],
        training.get("use") == "calibration",
    )


def _describe_scores(scores: Mapping[str, Any], label_scores: Sequence[Mapping[str, Any]]) -> list[Markup]:
    right = _explain(_format_of_hundred(scores["accuracy"]), _format_metric(gettext("Accuracy"), scores["accuracy"]))
    sentences = [_fill(translatable("It is right about %(count)s texts."), count=right)]
    counts = [score["rows"] for score in label_scores if _is_number(score.get("rows"))]
    if counts and sum(counts) > 0:
        share = max(counts) / sum(counts)
        baseline = _explain(_format_of_hundred(share), _format_metric(gettext("Share of the most frequent label:"), share))
        sentences.append(
            _fill(translatable("Always guessing the most frequent label would be right about %(count)s texts."), count=baseline)
        )
    if _is_share(scores.get("ece")):
        points = format_count(_of_hundred(scores["ece"]), "point")
        error = _explain(points, _format_metric(gettext("Expected calibration error (ECE)"), scores["ece"]))
        sentences.append(_fill(translatable("The percentages it gives are off by %(points)s on average."), points=error))
    return sentences


def _fill(message: str, **values: Markup) -> Markup:
    return Markup(gettext(message)) % values


def _explain(text: str, metric: str) -> Markup:
    """Return a text with the metric that it comes from as a tooltip."""
    return Markup('<span class="explained" title="{}">{}</span>').format(metric, text) if metric else Markup.escape(text)


def _build_label(label: str, score: Mapping[str, Any]) -> LabelScore:
    recall, precision = score.get("recall"), score.get("precision")
    found_share = _explain(_format_of_hundred(recall), _format_metric(gettext("Recall"), recall))
    right_share = _explain(_format_of_hundred(precision), _format_metric(gettext("Precision"), precision))
    return LabelScore(name_polarity_within_sentence(label), found_share, right_share)


def _build_training(name: str, entry: Mapping[str, Any]) -> TrainingData:
    rows = entry.get("rows")
    return TrainingData(
        _title_dataset(name), name, format_number(rows) if isinstance(rows, int) else "", str(entry.get("licence") or "")[:200]
    )


def _title_dataset(name: str) -> str:
    return gettext(_DATASET_TITLES[name]) if name in _DATASET_TITLES else name


def _describe_rows(rows: Any) -> str:
    if not isinstance(rows, int):
        return ""
    return ngettext("%(count)s labelled text", "%(count)s labelled texts", rows, count=format_number(rows))


def _format_metric(title: str, value: Any) -> str:
    return f"{title} {format_decimal(value, 3)}" if _is_number(value) else ""


def _format_of_hundred(share: Any) -> str:
    return gettext("%(count)s of 100", count=_of_hundred(share)) if _is_share(share) else "–"


def _of_hundred(share: float) -> int:
    return round(100 * share)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _as_mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _as_list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
