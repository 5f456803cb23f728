"""An evaluation, put together: a file of labelled texts and a model in, numbers and a reliability diagram out. No command line here."""

from pathlib import Path

from dashboard.charts.reliability import Reliability, drawing, reliability
from dashboard.charts.vega import images
from dashboard.prediction.classifier import classifier
from dashboard.prediction.training import evaluate, labelled_data
from dashboard.prediction.training.evaluate import Evaluation, as_json, as_lines

__all__ = ["as_json", "as_lines", "diagram", "evaluated", "png", "png_name"]

_WIDTH, _HEIGHT = 720, 790  # pixels; what is left for the plot is about square


def evaluated(data: Path, model: Path | None = None) -> Evaluation:
    """Measure the classifier of a file, the built-in one if none is named, on labelled texts. Raises InvalidExamples, ModelUnavailable."""
    examples = labelled_data.read(data)
    return evaluate.evaluate(classifier.load(model) if model else classifier.built_in(), examples)


def diagram(found: Evaluation) -> Reliability:
    """Return the reliability diagram of an evaluation."""
    measured = found.measured
    scores = f"ECE {measured['ece']:.3f} (ten bins), macro recall {measured['macro_recall']:.3f}, accuracy {measured['accuracy']:.3f}"
    caption = [f"{found.examples.path.name}: {measured['rows']:,} rows; {scores}."]
    return reliability(measured["reliability"], f"How sure {found.card.title} is, and how often it is right", [*caption, *found.remarks])


def png(found: Evaluation, theme: str = "light") -> bytes:
    """Return the diagram as a PNG. The same evaluation has the same bytes."""
    chart = diagram(found)
    words = (chart.title, chart.caption, chart.alt)
    return images.view(drawing(chart), words, width=_WIDTH, height=_HEIGHT, scale=2, theme=theme)


def png_name(data: Path) -> Path:
    """Return where the diagram of a file goes if nobody says where: the current folder."""
    return Path(f"{labelled_data.stem(data)}-reliability.png")
