"""Evaluating a model file on a file of labelled texts, and drawing the reliability diagram.

It only connects prediction with charts: metrics are computed in `prediction/training`, and the command line is in `cli.py`.
"""

from pathlib import Path

from dashboard.charts.reliability import ReliabilityDiagram, build_reliability_diagram, to_vega_lite
from dashboard.charts.vega import images
from dashboard.core.errors import InvalidSetting
from dashboard.prediction.classifier import classifier
from dashboard.prediction.multilingual import model as multilingual
from dashboard.prediction.protocols import TextModel
from dashboard.prediction.training import evaluate, labelled_data
from dashboard.prediction.training.evaluate import Evaluation, format_lines, to_dict

__all__ = ["build_diagram", "default_png_path", "evaluate_file", "format_lines", "render_png", "to_dict"]

_WIDTH_PIXELS, _HEIGHT_PIXELS = 720, 790  # below the title and caption, the plot is about square


def evaluate_file(data_path: Path, model_path: Path | None = None, language: str | None = None) -> Evaluation:
    """Evaluate a classifier's file, or by default the built-in one, on labelled texts. Raises InvalidLabelledData, ModelUnavailable.

    With a language, the file is one of the model for other languages, and so is the built-in one. Raises InvalidSetting if it doesn't read
    that language.
    """
    dataset = labelled_data.load_dataset(data_path, language=language)
    return evaluate.evaluate(_load_reader(model_path, language) if language else _load_classifier(model_path), dataset)


def _load_classifier(model_path: Path | None) -> TextModel:
    return classifier.load_classifier(model_path) if model_path else classifier.load_built_in_classifier()


def _load_reader(model_path: Path | None, language: str) -> TextModel:
    model = multilingual.load_model(model_path) if model_path else multilingual.load_built_in_model()
    if language not in model.languages:
        raise InvalidSetting(f"{model.card.title} doesn't read “{language}”.", f"Choose one of {', '.join(model.languages)}.")
    return model.reader(language)


def build_diagram(evaluation: Evaluation) -> ReliabilityDiagram:
    """Return the reliability diagram of an evaluation."""
    metrics = evaluation.metrics
    scores = f"ECE {metrics['ece']:.3f} (ten bins), macro recall {metrics['macro_recall']:.3f}, accuracy {metrics['accuracy']:.3f}"
    title = f"How sure {evaluation.card.title} is, and how often it is right"
    caption = [f"{evaluation.dataset.path.name}: {metrics['rows']:,} rows; {scores}.", *evaluation.caveats]
    return build_reliability_diagram(metrics["reliability"], title, caption)


def render_png(evaluation: Evaluation, theme: str = "light") -> bytes:
    """Return the diagram as a PNG, 1,440 × 1,580 pixels. Equal evaluations give equal bytes."""
    chart = build_diagram(evaluation)
    texts = (chart.title, chart.caption, chart.alt)
    return images.render_view_png(to_vega_lite(chart), texts, width=_WIDTH_PIXELS, height=_HEIGHT_PIXELS, scale=2, theme_name=theme)


def default_png_path(data_path: Path) -> Path:
    """Return the default path of a file's diagram, which is in the current folder."""
    return Path(f"{labelled_data.dataset_name(data_path)}-reliability.png")
