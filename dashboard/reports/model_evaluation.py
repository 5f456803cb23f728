"""An evaluation, put together: a file of labelled texts and a model in, numbers and a reliability diagram out. No command line here."""

from pathlib import Path

from dashboard.charts.reliability import ReliabilityDiagram, build_reliability_diagram, to_vega_lite
from dashboard.charts.vega import images
from dashboard.prediction.classifier import classifier
from dashboard.prediction.training import evaluate, labelled_data
from dashboard.prediction.training.evaluate import Evaluation, format_lines, to_dict

__all__ = ["build_diagram", "default_png_path", "evaluate_file", "format_lines", "render_png", "to_dict"]

_WIDTH_PIXELS, _HEIGHT_PIXELS = 720, 790  # pixels; what is left for the plot is about square


def evaluate_file(data_path: Path, model_path: Path | None = None) -> Evaluation:
    """Measure the classifier of a file, the built-in one if none is named, on labelled texts. Raises InvalidExamples, ModelUnavailable."""
    examples = labelled_data.load_dataset(data_path)
    return evaluate.evaluate(classifier.load_classifier(model_path) if model_path else classifier.load_built_in_classifier(), examples)


def build_diagram(evaluation: Evaluation) -> ReliabilityDiagram:
    """Return the reliability diagram of an evaluation."""
    measured = evaluation.metrics
    scores = f"ECE {measured['ece']:.3f} (ten bins), macro recall {measured['macro_recall']:.3f}, accuracy {measured['accuracy']:.3f}"
    caption = [f"{evaluation.dataset.path.name}: {measured['rows']:,} rows; {scores}."]
    return build_reliability_diagram(
        measured["reliability"], f"How sure {evaluation.card.title} is, and how often it is right", [*caption, *evaluation.caveats]
    )


def render_png(evaluation: Evaluation, theme: str = "light") -> bytes:
    """Return the diagram as a PNG. The same evaluation has the same bytes."""
    chart = build_diagram(evaluation)
    words = (chart.title, chart.caption, chart.alt)
    return images.render_view_png(to_vega_lite(chart), words, width=_WIDTH_PIXELS, height=_HEIGHT_PIXELS, scale=2, theme_name=theme)


def default_png_path(data_path: Path) -> Path:
    """Return where the diagram of a file goes if nobody says where: the current folder."""
    return Path(f"{labelled_data.dataset_name(data_path)}-reliability.png")
