"""Training: the same data give the same bytes, the file tells where it comes from, and int8 costs nearly nothing."""

import gzip
import json
import random
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard import cli
from dashboard.core.errors import InvalidSetting
from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.classifier import BUILT_IN_MODEL_PATH, Classifier, load_classifier
from dashboard.prediction.training import labelled_data, model_card, provenance, quantization, train
from tests.support.paths import ROOT

SIDES = (["awful", "hate", "terrible", "late", "broken", "sad"], ["meeting", "monday", "table", "at", "ten", "room"])
WORDS = (*SIDES, ["love", "great", "happy", "good", "wonderful", "thanks"])
PLAIN = ["the", "plane", "was", "today", "we", "so", "my", "phone", "again", "for", "you", "@ann", "!", "#news"]
NAMES = [*provenance.DATASET_LICENCES]
LISTS = ["lexicons/bing.csv", "lexicons/vader.txt", "lexicons/afinn.txt", "lexicons/emoji.csv", "vectors/glove100-30k-int8.npz"]


def invent_posts(seed: int, count: int) -> list[tuple[int, str]]:
    """Return labelled posts whose words mostly, not always, fit their label."""
    generator, rows = random.Random(seed), []
    for at in range(count):
        label = at % 3
        words = [
            *generator.choices(WORDS[label if generator.random() < 0.8 else generator.randrange(3)], k=2),
            *generator.choices(PLAIN, k=generator.randint(2, 9)),
        ]
        generator.shuffle(words)
        rows.append((label, " ".join(words)))
    return rows


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every set, word list and vector that training asks for, tiny and made up."""
    folder = tmp_path_factory.mktemp("data")
    for seed, name in enumerate(NAMES):
        (folder / name).parent.mkdir(exist_ok=True)
        lines = "".join(f"{label}\t{text}\n" for label, text in invent_posts(seed, 600 if "/val" in name or "devtest" in name else 240))
        (folder / f"{name}.tsv.gz").write_bytes(gzip.compress(f"label\ttext\n{lines}".encode(), mtime=0))
    for name in ("lexicons", "vectors"):
        (folder / name).mkdir()
    (folder / "lexicons" / "bing.csv").write_text("word,sentiment\nlove,positive\nhate,negative\n")
    (folder / "lexicons" / "vader.txt").write_text("great\t3.1\t0.7\t[]\nawful\t-2.0\t0.7\t[]\n")
    (folder / "lexicons" / "afinn.txt").write_text("happy\t3\nsad\t-2\n")
    (folder / "lexicons" / "emoji.csv").write_text("Emoji,a,b,c,Negative,Neutral,Positive\n😀,1,1,1,10,20,70\n")
    words = [*WORDS[0], *WORDS[1], *WORDS[2], *PLAIN]
    vectors = np.random.default_rng(0).integers(-127, 128, size=(len(words), 100)).astype(np.int8)
    np.savez(folder / "vectors" / "glove100-30k-int8.npz", words="\n".join(words), vectors=vectors)
    return folder


@pytest.fixture(scope="module")
def trained(data: Path) -> Path:
    """A classifier trained on it, with its card, by the command line."""
    out = data / "out"
    out.mkdir()
    arguments = ["train", "--data", str(data), "--out", str(out / "a.chorus"), "--card", str(out / "a.md"), "--date", "2026-11-25"]
    assert cli.main(arguments) == 0
    return out / "a.chorus"


def facts(path: Path) -> Any:
    """Return what a classifier's file says of itself."""
    return model_file.read(path)[0]


def test_the_same_data_give_the_same_bytes(data: Path, trained: Path, tmp_path: Path) -> None:
    """Training again gives the same file and model card, byte for byte."""
    train.train_to_file(data, tmp_path / "b.chorus", card_path=tmp_path / "b.md", day="2026-11-25")
    assert (tmp_path / "b.chorus").read_bytes() == trained.read_bytes()
    assert (tmp_path / "b.md").read_bytes() == trained.with_suffix(".md").read_bytes()


def test_the_trained_model_learns(trained: Path) -> None:
    """The file loads, and its model labels obvious texts correctly."""
    model = load_classifier(trained)
    assert [model.explain(text).label for text in ("i love it great", "hate awful terrible", "meeting monday table ten")] == [
        "positive",
        "negative",
        "neutral",
    ]


def test_every_data_set_is_recorded(data: Path, trained: Path) -> None:
    """The metadata has its rows, labels, digest and licence."""
    listed = facts(trained)["training"]["data"]
    expected = {
        name: {
            "rows": len(labelled_data.load_dataset(data / f"{name}.tsv.gz").texts),
            "labels": labelled_data.load_dataset(data / f"{name}.tsv.gz").label_counts,
            "sha256": sha256((data / f"{name}.tsv.gz").read_bytes()).hexdigest(),
            "licence": provenance.DATASET_LICENCES[name],
            "use": "calibration" if name.endswith(("/val", "/devtest2016")) else "training",
        }
        for name in NAMES
    }
    assert listed == expected


def test_every_word_list_is_recorded(data: Path, trained: Path) -> None:
    """Word lists and vectors have their digest and licence in the metadata."""
    listed = facts(trained)["training"]["lists"]
    assert {name: entry["sha256"] for name, entry in listed.items()} == {
        name: sha256((data / name).read_bytes()).hexdigest() for name in LISTS
    }
    assert all(entry["licence"] for entry in listed.values())


def test_versions_date_and_scores_are_recorded(trained: Path) -> None:
    """The metadata has the versions, the date and every measure on both tuning sets."""
    metadata = facts(trained)
    assert set(metadata["training"]["versions"]) == {"python", "numpy", "scikit-learn", "scipy"}
    assert metadata["training"]["date"] == "2026-11-25"
    assert set(metadata["scores"]) == {"tweeteval-sentiment/val", "tweeteval-sentiment/devtest2016", "quantisation"}
    measures = {"rows", "macro_recall", "macro_recall_interval", "macro_f1", "accuracy", "ece", "brier", "log_loss", "labels", "confusion"}
    assert set(metadata["scores"]["tweeteval-sentiment/val"]) == measures


def test_the_scores_equal_those_of_evaluate(data: Path, trained: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The metadata and `chorus evaluate` agree."""
    arguments = ["evaluate", "--data", str(data / "tweeteval-sentiment/val.tsv.gz"), "--model", str(trained), "--json"]
    assert cli.main([*arguments, "--png", str(tmp_path / "x.png")]) == 0
    measured = json.loads(capsys.readouterr().out)["scores"]
    scores = facts(trained)["scores"]["tweeteval-sentiment/val"]
    names = ("macro_recall", "macro_f1", "accuracy", "ece", "brier", "log_loss")
    assert {name: scores[name] for name in names} == {name: round(measured[name], 4) for name in names}


def test_int8_costs_less_than_a_tenth_of_a_point(trained: Path) -> None:
    """Macro recall and nearly all labels are those of scikit-learn's unquantized model with the same calibration."""
    costs = facts(trained)["scores"]["quantisation"]
    assert set(costs) == {"tweeteval-sentiment/val", "tweeteval-sentiment/devtest2016"}
    assert max(abs(cost["cost"]) for cost in costs.values()) < 0.1
    assert min(cost["agreement"] for cost in costs.values()) >= 0.998


def test_int8_costs_the_shipped_model_less_than_a_tenth_of_a_point() -> None:
    """Training measured this on the real tuning sets."""
    costs = facts(BUILT_IN_MODEL_PATH)["scores"]["quantisation"]
    assert {name: cost["cost"] < 0.1 for name, cost in costs.items()} == {
        "tweeteval-sentiment/val": True,
        "tweeteval-sentiment/devtest2016": True,
    }


def test_coarser_weights_have_a_measurable_cost(trained: Path, data: Path) -> None:
    """With weights of −1, 0 and 1, the same model loses points and changes labels."""
    metadata, arrays, _ = model_file.read(trained)
    coarse = dict(arrays)
    for name in ("word", "letter"):
        coarse[f"{name}_weights"] = np.sign(np.round(arrays[f"{name}_weights"] / 127)).astype(np.int8)
    dataset = labelled_data.load_dataset(data / "tweeteval-sentiment/val.tsv.gz")
    exact = Classifier(metadata, arrays, "")
    decisions = exact.decision_function(*exact.encode(dataset.texts))

    class Exact:
        def decision_function(self, _: Any) -> Any:
            return decisions

    set_ = {"val": (dataset.texts, dataset.labels)}
    same, other = (
        quantization.measure_costs(Classifier(metadata, model_arrays, ""), Exact(), set_, np.float32(1))["val"]
        for model_arrays in (arrays, coarse)
    )
    assert same == {"cost": 0.0, "agreement": 1.0}
    assert other["agreement"] < 1


@pytest.mark.training
def test_without_the_pool_its_files_are_not_used(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The model names neither the pool nor its teacher, and stdout has the cost of quantizing."""
    out, page = tmp_path / "c.chorus", tmp_path / "c.md"
    arguments = ["train", "--data", str(data), "--out", str(out), "--card", str(page), "--without-pool"]
    assert cli.main(arguments) == 0
    metadata, printed = facts(out), capsys.readouterr().out
    assert "pseudo/pseudo" not in metadata["training"]["data"]
    assert metadata["training"]["teacher"] == "none"
    assert metadata["training"]["date"] is None
    assert "pseudo" not in page.read_text()
    assert "teacher" not in page.read_text()
    assert "--without-pool" in page.read_text()
    assert "quantization costs" in printed
    assert "no training date" in printed


def test_the_card_names_each_source_its_licence_and_its_digest(data: Path, trained: Path) -> None:
    """Each data set, word list and vector file has a row."""
    rows = [line for line in trained.with_suffix(".md").read_text().splitlines() if line.startswith("| ")]
    for name in NAMES:
        digest = sha256((data / f"{name}.tsv.gz").read_bytes()).hexdigest()
        row = next(row for row in rows if row.startswith(f"| {name} "))
        assert digest in row
        assert provenance.DATASET_LICENCES[name] in row
    for name in LISTS:
        (row,) = (row for row in rows if row.startswith(f"| {name} "))
        assert sha256((data / name).read_bytes()).hexdigest() in row


def test_the_card_has_version_scores_and_limits(trained: Path) -> None:
    """The card has the file's own metadata and nothing measured on another model."""
    metadata, page = facts(trained), trained.with_suffix(".md").read_text()
    recall = metadata["scores"]["tweeteval-sentiment/val"]["macro_recall"]
    expected_texts = [
        metadata["version"],
        "2026-11-25",
        f"{recall:.3f} (",
        *metadata["limits"],
        "chorus train --data DIR --date 2026-11-25",
        "Storing the n-grams' weights as int8 costs",
    ]
    assert [expected_text for expected_text in expected_texts if expected_text not in page] == []
    assert "0.667" not in page
    assert "Trained on the same data without" not in page


def test_the_documented_card_is_that_of_the_shipped_model() -> None:
    """`python -m dashboard.prediction.training.model_card >docs/model-card.md` or `chorus train --card` updates it."""
    assert (ROOT / "docs" / "model-card.md").read_text(encoding="utf-8") == model_card.render_markdown(BUILT_IN_MODEL_PATH)


@pytest.mark.parametrize(
    ("written", "epoch", "day"),
    [
        ("2026-11-25", "", date(2026, 11, 25)),
        ("2026-11-25", "0", date(2026, 11, 25)),
        (None, "1764028800", date(2025, 11, 25)),
        (None, "", None),
    ],
)
def test_the_date_never_comes_from_the_clock(monkeypatch: pytest.MonkeyPatch, written: str | None, epoch: str, day: date | None) -> None:
    """It comes from --date or else SOURCE_DATE_EPOCH; otherwise there is none."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert provenance.parse_training_date(written) == day


@pytest.mark.parametrize(("written", "epoch"), [("yesterday", ""), (None, "soon"), (None, "9" * 30)])
def test_an_invalid_date_is_refused(monkeypatch: pytest.MonkeyPatch, written: str | None, epoch: str) -> None:
    """The message says how to write a date."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(InvalidSetting, match="isn't a valid date"):
        provenance.parse_training_date(written)


@pytest.mark.training
def test_a_folder_without_data_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints a message instead of a traceback."""
    assert cli.main(["train", "--data", str(tmp_path)]) == 1
    assert (
        capsys.readouterr().err
        == "chorus: train.tsv.gz can't be read: No such file or directory. Check the path and the file's permissions.\n"
    )


@pytest.mark.training
def test_an_unwritable_output_is_refused(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the file."""
    assert cli.main(["train", "--data", str(data), "--without-pool", "--out", str(tmp_path / "no" / "x.chorus")]) == 1
    assert "no/x.chorus: No such file or directory. Check --data, --out and --card." in capsys.readouterr().err
