"""`chorus evaluate`: the report and the diagram show the metrics, and every error is a sentence."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard import cli
from dashboard.charts.vega import images
from dashboard.prediction.protocols import LABELS, Explanation, ModelCard
from dashboard.prediction.training import evaluate, labelled_data, metrics
from dashboard.reports import model_evaluation

TEXTS = ["I love this", "hate it, awful", "The meeting is on Monday", "great news, thank you", "so sad and broken", "It is a table"] * 5


class Parrot:
    """A model that returns the probabilities it was created with."""

    kind = "text"

    def __init__(self, rows: Any, **card: Any) -> None:
        self.card = ModelCard("parrot", "7", "d" * 64, LABELS, **card)
        self.rows = rows

    def predict_proba(self, texts: Any) -> list[list[float]]:
        return [list(row) for row in self.rows[: len(texts)]]

    def explain(self, text: str) -> Explanation | None:
        return None


def write_examples(folder: Path, labels: tuple[int, ...] = (2, 0, 1, 2, 0, 1), name: str = "mine.tsv", more: str = "") -> Path:
    """Return a file of labelled texts."""
    rows = [f"{labels[at % len(labels)]}\t{text}\n" for at, text in enumerate(TEXTS)]
    (folder / name).write_text("label\ttext\n" + "".join(rows) + more)
    return folder / name


def guesses(count: int) -> Any:
    """Return probabilities that differ from row to row."""
    raised = np.exp(np.random.default_rng(2).normal(size=(count, 3)) * 1.5)
    return raised / raised.sum(axis=1, keepdims=True)


def evaluate_parrot(folder: Path, **card: Any) -> evaluate.Evaluation:
    """Return the evaluation of a parrot."""
    examples = labelled_data.load_dataset(write_examples(folder))
    return evaluate.evaluate(Parrot(guesses(len(examples.texts)), **card), examples)


def build_spec(evaluation: evaluate.Evaluation) -> dict[str, Any]:
    """Return the specification of an evaluation's diagram."""
    return images.build_spec(model_evaluation.build_diagram(evaluation), width=720, height=800, theme_name="light")


def list_drawn_points(evaluation: evaluate.Evaluation) -> list[dict[str, Any]]:
    """Return the points of an evaluation's diagram as they are drawn."""
    (panel,) = build_spec(evaluation)["concat"]
    return list(panel["data"]["values"])


def run(*arguments: str | Path) -> int:
    return cli.main(["evaluate", *map(str, arguments)])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is where diagrams are written, is a temporary one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_report_has_the_metrics(folder: Path) -> None:
    """It has macro recall with its interval, F1, accuracy, calibration and the confusion matrix."""
    evaluation = evaluate_parrot(folder)
    page, measured = "\n".join(evaluate.format_lines(evaluation)), metrics.compute_metrics(guesses(30), evaluation.dataset.labels)
    low, high = measured["macro_recall_interval"]
    expected = [
        f"macro recall  {measured['macro_recall']:.3f}  (95%: {low:.3f} to {high:.3f})",
        f"macro F1      {measured['macro_f1']:.3f}",
        f"accuracy      {measured['accuracy']:.3f}",
        f"{measured['ece']:.3f}, Brier score {measured['brier']:.3f}, log loss {measured['log_loss']:.3f}",
        *(f"{label:<12}" + "".join(f"{count:>11}" for count in row) for label, row in zip(LABELS, measured["confusion"], strict=True)),
    ]
    assert [line for line in expected if line not in page] == []


def test_the_report_describes_its_data(folder: Path) -> None:
    """It has model, file, rows and labels, and what was skipped and why."""
    examples = labelled_data.load_dataset(write_examples(folder, more="1\t\n\ttext\n\tmore\n"))
    lines = list(evaluate.format_lines(evaluate.evaluate(Parrot(guesses(30)), examples)))
    assert lines[:2] == [
        "parrot 7 on mine.tsv",
        "  rows          30: 10 negative, 10 neutral, 10 positive; skipped: 1 with no text, 2 with no label",
    ]


def test_a_missing_label_is_mentioned(folder: Path) -> None:
    """Its recall is unknown, not 0, and averages cover the other labels."""
    dataset = evaluate.evaluate(Parrot(guesses(30)), labelled_data.load_dataset(write_examples(folder, labels=(2, 0))))
    assert dataset.caveats == ["No text is neutral, so averages cover the other labels only."]
    assert next(line.split()[3] for line in evaluate.format_lines(dataset) if line.startswith("  neutral")) == "unknown"


@pytest.mark.parametrize(("use", "expected_text"), [("training", "trained"), ("calibration", "calibrated"), (None, "made")])
def test_evaluating_on_the_training_data_has_a_caveat(folder: Path, use: str | None, expected_text: str) -> None:
    """The file is recognized by its digest."""
    known = {"data": {"x/y": {"sha256": labelled_data.compute_digest(write_examples(folder)), "use": use}, "z": {"sha256": "0"}}}
    assert evaluate_parrot(folder, training=known).caveats == [
        f"The model was {expected_text} on this same file, so these numbers are too optimistic."
    ]


def test_json_has_the_same_numbers(folder: Path) -> None:
    """It has model, data, remarks and all metrics to six digits, and it can be parsed again."""
    evaluation = evaluate_parrot(folder)
    document, measured = json.loads(json.dumps(evaluate.to_dict(evaluation))), evaluation.metrics
    assert set(document) == {"model", "data", "remarks", "scores"}
    assert document["model"] == {"name": "parrot", "version": "7", "digest": "d" * 64}
    assert document["data"]["labels"] == {"negative": 10, "neutral": 10, "positive": 10}
    names = ("macro_recall", "macro_f1", "accuracy", "ece", "brier", "log_loss")
    assert {name: document["scores"][name] for name in names} == {name: round(measured[name], 6) for name in names}
    assert document["scores"]["confusion"] == measured["confusion"]
    assert list(document["scores"]["labels"]) == list(LABELS)


def test_the_diagram_has_a_point_per_bin_as_large_as_its_rows(folder: Path) -> None:
    """It is at the bin's mean confidence and accuracy, with the interval; areas are proportional to rows."""
    evaluation = evaluate_parrot(folder)
    points, table = list_drawn_points(evaluation), evaluation.metrics["reliability"]
    drawn = [(point["confidence"], point["accuracy"], [point["low"], point["high"]], point["rows"]) for point in points]
    assert drawn == [
        (table_bin["confidence"], table_bin["accuracy"], table_bin["accuracy_interval"], table_bin["rows"]) for table_bin in table
    ]
    largest = max(points, key=lambda point: point["rows"])
    assert all(point["area"] / largest["area"] == pytest.approx(max(point["rows"] / largest["rows"], 0.016), abs=0.01) for point in points)


def test_the_texts_of_the_diagram_name_model_rows_and_error(folder: Path) -> None:
    """This includes title, caption, the diagonal's label and the alternative text."""
    evaluation = evaluate_parrot(folder)
    chart = model_evaluation.build_diagram(evaluation)
    assert "parrot 7" in chart.title
    expected_texts = ("mine.tsv", "30 rows", f"ECE {evaluation.metrics['ece']:.3f}")
    assert [text for text in expected_texts if text not in chart.caption[0]] == []
    assert "perfectly calibrated" in json.dumps(build_spec(evaluation))
    assert chart.alt[:22] == "How sure parrot 7 is, "


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_diagram_is_a_reproducible_png(folder: Path, theme: str) -> None:
    """It has twice 720 pixels of width in both themes, and equal evaluations give equal bytes."""
    picture = model_evaluation.render_png(evaluate_parrot(folder), theme)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", picture[16:20]) == (1440,)
    assert model_evaluation.render_png(evaluate_parrot(folder), theme) == picture


def test_the_themes_differ(folder: Path) -> None:
    """Background and text have the theme's colours."""
    assert model_evaluation.render_png(evaluate_parrot(folder), "light") != model_evaluation.render_png(evaluate_parrot(folder), "dark")


def test_a_hostile_name_stays_text(folder: Path) -> None:
    """Markup in the name of a model or file is drawn literally."""
    examples = labelled_data.load_dataset(write_examples(folder, name="<script>&.tsv"))
    evaluation = evaluate.evaluate(Parrot(guesses(30)), examples)
    assert model_evaluation.render_png(evaluation)[:4] == b"\x89PNG"


def test_the_command_evaluates_the_built_in_classifier(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints the report and writes the diagram to the current folder."""
    code, shown = run("--data", write_examples(folder)), capsys.readouterr().out
    assert code == 0
    assert "chorus-sentiment " in shown
    assert "macro recall  " in shown
    assert shown.endswith("reliability diagram: mine-reliability.png\n")
    assert (folder / "mine-reliability.png").read_bytes()[:4] == b"\x89PNG"


def test_json_is_the_only_output_if_requested(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A program can parse it, and it has the diagram's path."""
    code, shown = run("--data", write_examples(folder), "--json", "--png", "a.png"), json.loads(capsys.readouterr().out)
    assert code == 0
    assert shown["data"]["rows"] == 30
    assert shown["png"] == "a.png"
    assert (folder / "a.png").exists()


def test_an_existing_file_is_not_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The numbers are printed, the file stays, and a message suggests --png."""
    place = folder / "mine-reliability.png"
    place.write_bytes(b"precious")
    code, output = run("--data", write_examples(folder)), capsys.readouterr()
    assert code == 1
    assert place.read_bytes() == b"precious"
    assert "macro recall" in output.out
    assert output.err.startswith("chorus: mine-reliability.png already exists, so the diagram wasn't written. Overwrite it with --png ")
    assert run("--data", write_examples(folder), "--png", place) == 0
    assert place.read_bytes()[:4] == b"\x89PNG"


@pytest.mark.slow
def test_repeating_an_evaluation_is_not_an_error(folder: Path) -> None:
    """The same diagram exists already, so nothing is lost."""
    assert [run("--data", write_examples(folder)), run("--data", write_examples(folder))] == [0, 0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "expected_text"),
    [
        (["--data", "gone.tsv"], "gone.tsv can't be read: No such file or directory."),
        (["--data", "bad.tsv"], "Line 2 of bad.tsv has the label “9”. Use the labels 0, 1, 2"),
        (["--data", "mine.tsv", "--model", "mine.tsv"], "mine.tsv isn't a Chorus model file."),
        (["--data", "mine.tsv", "--language", "ja"], "doesn’t read “ja”. Choose one of ar, de, es, fr, id, it, pt, all."),
        (["--data", "mine.tsv", "--language", "all"], "mine.tsv doesn't say in which language its texts are. Add a column “lang”"),
        (["--data", "dutch.tsv", "--language", "all"], "dutch.tsv has no texts in a language that the model reads. Languages that can be"),
        (["--data", "mine.tsv", "--png", "no/where.png"], "no/where.png can't be written: No such file or directory. Name another file"),
    ],
)
def test_errors_are_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], expected_text: str) -> None:
    """They are printed to stderr, and the exit code is 1."""
    write_examples(folder)
    (folder / "bad.tsv").write_text("label\ttext\n9\tx\n")
    (folder / "dutch.tsv").write_text("label\tlang\ttext\n2\tnl\tmooi\n")
    assert run(*arguments) == 1
    assert expected_text in capsys.readouterr().err


def test_a_language_is_measured_on_its_rows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows in other languages are skipped, and the model for other languages reads the rest."""
    rows = ["2\tde\tDas ist wunderbar, ich liebe es!", "0\tde\tDas ist furchtbar und schlecht.", "0\tfr\tC'est nul."]
    (folder / "mixed.tsv").write_text("\n".join(["label\tlang\ttext", *rows]), encoding="utf-8")
    assert run("--data", "mixed.tsv", "--language", "de", "--json", "--png", "a.png") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["model"]["name"] == "chorus-languages"
    assert document["data"]["labels"] == {"negative": 1, "neutral": 0, "positive": 1}
    assert document["data"]["left_out"] == {"another language": 1}
    assert document["scores"]["accuracy"] == 1


MIXED_ROWS = [
    "2\tde\tDas ist wunderbar, ich liebe es!",
    "0\tde\tDas ist furchtbar und schlecht.",
    "1\tnl\tDe trein vertrekt om tien uur.",
    "0\tfr\tC'est nul, quelle honte.",
    "0\tfr\t ",
]


@pytest.fixture
def mixed(folder: Path) -> Path:
    """A file of labelled texts in three languages, one of which no model reads."""
    (folder / "mixed.tsv").write_text("\n".join(["label\tlang\ttext", *MIXED_ROWS]), encoding="utf-8")
    return folder / "mixed.tsv"


def test_all_languages_of_a_file_are_measured(mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each language that the model reads has its own scores, and the other rows are counted."""
    assert run("--data", mixed, "--language", "all", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["data"]["rows"] == 3
    assert document["data"]["left_out"] == {"another language": 1, "no text": 1}
    assert set(document["languages"]) == {"de", "fr"}
    german = document["languages"]["de"]
    assert german["rows"] == 2
    assert german["macro_recall"] == 1
    assert (german["error_rate"], german["opposite_rate"], german["bias"]) == (0, 0, 0)
    assert document["png"] == "mixed-reliability.png"


@pytest.mark.slow
def test_the_report_on_all_languages_has_a_row_for_each(mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The caveats of a language are named with its tag."""
    assert run("--data", mixed, "--language", "all") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line.endswith(("shown", "provisional", "counted"))] == ["de", "fr"]
    assert "  note      de: No text is neutral, so averages cover the other labels only." in lines
    assert "  rows      3; skipped: 1 with another language, 1 with no text" in lines


def test_the_diagram_of_all_languages_has_a_panel_for_each(mixed: Path) -> None:
    """Its heading names the language and the calibration error."""
    evaluation = model_evaluation.evaluate_file(mixed, language=model_evaluation.ALL_LANGUAGES)
    chart = model_evaluation.build_diagram(evaluation)
    assert [panel.heading.partition(" · ECE ")[0] for panel in chart.panels] == ["German", "French"]
    assert model_evaluation.render_png(evaluation)[:4] == b"\x89PNG"
