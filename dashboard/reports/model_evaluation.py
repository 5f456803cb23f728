"""Evaluating a model file on a file of labelled texts, and drawing the reliability diagram.

It only connects prediction with charts: metrics are computed in `prediction/training`, and the command line is in `cli/classifier.py`.
"""

from pathlib import Path
from typing import Any

from dashboard.charts.definitions.reliability import reliability_chart
from dashboard.charts.spec.reliability import ReliabilityChart
from dashboard.charts.vega import images
from dashboard.core.errors import InvalidSetting
from dashboard.core.languages import name_language
from dashboard.prediction.classifier import classifier
from dashboard.prediction.multilingual import model as multilingual
from dashboard.prediction.protocols import TextModel
from dashboard.prediction.training import evaluate, evaluate_languages, labelled_data
from dashboard.prediction.training.evaluate import Evaluation
from dashboard.prediction.training.evaluate_languages import LanguagesEvaluation

_WIDTH_PIXELS, _SCALE = 720, 2
ALL_LANGUAGES = "all"  # instead of one language


def evaluate_file(data_path: Path, model_path: Path | None = None, language: str | None = None) -> Evaluation | LanguagesEvaluation:
    """Evaluate a classifier's file, or by default the built-in one, on labelled texts. Raises InvalidLabelledData, ModelUnavailable.

    With a language, the file is one of the model for other languages, and so is the built-in one. Raises InvalidSetting if it doesn't read
    that language. With ALL_LANGUAGES, it's evaluated on the texts of each language that it reads.
    """
    if not language:
        return evaluate.evaluate(_load_classifier(model_path), labelled_data.load_dataset(data_path))
    if language == ALL_LANGUAGES:
        model = _load_multilingual(model_path)
        return evaluate_languages.evaluate_languages(model, labelled_data.load_by_language(data_path, model.languages))
    return evaluate.evaluate(_load_reader(model_path, language), labelled_data.load_dataset(data_path, language=language))


def _load_classifier(model_path: Path | None) -> TextModel:
    return classifier.load_classifier(model_path) if model_path else classifier.load_built_in_classifier()


def _load_multilingual(model_path: Path | None) -> multilingual.MultilingualModel:
    return multilingual.load_model(model_path) if model_path else multilingual.load_built_in_model()


def _load_reader(model_path: Path | None, language: str) -> TextModel:
    model = _load_multilingual(model_path)
    if language not in model.languages:
        choices = ", ".join((*model.languages, ALL_LANGUAGES))
        raise InvalidSetting(f"{model.card.title} doesn’t read “{language}”.", f"Choose one of {choices}.")
    return model.reader(language)


def format_lines(evaluation: Evaluation | LanguagesEvaluation) -> list[str]:
    """Return the lines of a report for people."""
    if isinstance(evaluation, Evaluation):
        return list(evaluate.format_lines(evaluation))
    return list(evaluate_languages.format_lines(evaluation))


def to_dict(evaluation: Evaluation | LanguagesEvaluation) -> dict[str, Any]:
    """Return an evaluation as JSON values."""
    return evaluate.to_dict(evaluation) if isinstance(evaluation, Evaluation) else evaluate_languages.to_dict(evaluation)


def build_diagram(evaluation: Evaluation | LanguagesEvaluation) -> ReliabilityChart:
    """Return the reliability diagram of an evaluation, with a panel per language if there are several."""
    title = f"How sure {evaluation.card.title} is, and how often it is right"
    name = evaluation.dataset.path.name
    if isinstance(evaluation, LanguagesEvaluation):
        tables = {
            _describe_panel(language, measured): measured.metrics["reliability"] for language, measured in evaluation.by_language.items()
        }
        return reliability_chart(tables, title, [f"{name}: {evaluation.rows:,} rows.", *evaluation.caveats])
    metrics = evaluation.metrics
    scores = f"ECE {metrics['ece']:.3f} (ten bins), macro recall {metrics['macro_recall']:.3f}, accuracy {metrics['accuracy']:.3f}"
    return reliability_chart({"": metrics["reliability"]}, title, [f"{name}: {metrics['rows']:,} rows; {scores}.", *evaluation.caveats])


def _describe_panel(language: str, evaluation: Evaluation) -> str:
    return f"{name_language(language)} · ECE {evaluation.metrics['ece']:.3f}"


def render_png(evaluation: Evaluation | LanguagesEvaluation, theme: str = "light") -> bytes:
    """Return the diagram as a PNG, 1,440 pixels wide. Equal evaluations give equal bytes."""
    chart = build_diagram(evaluation)
    height = images.readable_height(chart, 0, _WIDTH_PIXELS)
    return images.render_png(chart, width=_WIDTH_PIXELS, height=height, scale=_SCALE, theme_name=theme)


def default_png_path(data_path: Path) -> Path:
    """Return the default path of a file's diagram, which is in the current folder."""
    return Path(f"{labelled_data.dataset_name(data_path)}-reliability.png")
