"""Training the model for other languages: the same data give the same bytes, and serving equals scikit-learn's arithmetic."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard import cli
from dashboard.core.errors import InvalidLabelledData, ModelUnavailable
from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.text_classifier import TextClassifier
from dashboard.prediction.multilingual import ngrams
from dashboard.prediction.multilingual.languages import LANGUAGES
from dashboard.prediction.multilingual.model import BUILT_IN_MODEL_PATH, load_model
from dashboard.prediction.training import (
    feature_matrix,
    language_calibration,
    language_corpus,
    language_model_card,
    language_tables,
    provenance,
    train_languages,
)
from tests.support.labelled_languages import WORDS_BY_LANGUAGE, invent_posts, write_folder
from tests.support.paths import ROOT

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every dataset, word list and vector that training reads, tiny and made up."""
    folder = tmp_path_factory.mktemp("data")
    write_folder(folder)
    return folder


@pytest.fixture(scope="module")
def trained(data: Path) -> Path:
    """A model trained on it, with its card, by the command line."""
    path = data / "a.chorus"
    options = ["--out", str(path), "--card", str(path.with_suffix(".md")), "--date", "2026-11-30"]
    assert cli.main(["train", "--languages", "--data", str(data), *options]) == 0
    return path


@pytest.mark.faults
@pytest.mark.long
def test_the_same_data_give_the_same_bytes(data: Path, trained: Path, tmp_path: Path) -> None:
    """Training again gives the same file and card, byte for byte."""
    train_languages.train_to_file(data, tmp_path / "b.chorus", card_path=tmp_path / "b.md", day="2026-11-30")
    assert (tmp_path / "b.chorus").read_bytes() == trained.read_bytes()
    assert (tmp_path / "b.md").read_bytes() == trained.with_suffix(".md").read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_model_learns_each_language(trained: Path, language: str) -> None:
    """It labels obvious posts correctly."""
    reader = load_model(trained).reader(language)
    labels = [reader.explain(" ".join(words[:2])).label for words in WORDS_BY_LANGUAGE[language]]
    assert labels == ["negative", "neutral", "positive"]


def _decide_by_scikit_learn(reader: TextClassifier, arrays: model_file.Arrays, language: str, texts: list[str]) -> Any:
    """Return the decisions of scikit-learn's LinearSVC with the model's quantized weights, over a sparse matrix."""
    from sklearn.svm import LinearSVC

    posts = language_corpus.build_set("made up", language, texts, [0] * len(texts))
    corpus = language_corpus.encode([posts], language_tables.lookup_builder(arrays))
    dense = features.build_dense_features(corpus.texts, corpus.vocabulary, arrays["vectors"])
    idf = {f"{kind}_idf": ngrams.dequantize_idf(arrays[f"{kind}_idf"]).astype(float) for kind in feature_matrix.NGRAM_KINDS}
    counts = tuple(of_kind.astype(float) for of_kind in corpus.count_ngrams())
    matrix = feature_matrix.build_matrix(counts, dense, arrays | idf)
    roots = {kind: arrays[f"{kind}_weights"].astype(float) for kind in feature_matrix.NGRAM_KINDS}
    weights = [roots[kind] * np.abs(roots[kind]) * arrays[f"{kind}_scale"] for kind in feature_matrix.NGRAM_KINDS]
    model = LinearSVC()
    model.coef_, model.intercept_ = np.vstack([*weights, arrays["dense_weights"]]).T, arrays["intercept"]
    model.classes_ = np.arange(3)
    return model.decision_function(matrix)


def test_serving_equals_scikit_learn(trained: Path) -> None:
    """The served scores are those of a LinearSVC over the matrix that training builds."""
    _, arrays, _ = model_file.read(trained)
    texts = ["", "😀 #GuteNacht", "nicht schön!", *(text for _, text in invent_posts("de", 200, 9))]
    reader = load_model(trained).reader("de")
    served = reader.decision_function(*reader.encode(texts))
    assert np.abs(served - _decide_by_scikit_learn(reader, arrays, "de", texts)).max() < 1e-5


def test_explanations_add_up(trained: Path) -> None:
    """The weights of the terms add up to the margin."""
    explanation = load_model(trained).reader("pt").explain("não é bom 😀 #ruim")
    assert sum(term.weight for term in explanation.terms) == pytest.approx(explanation.margin, abs=1e-6)


def test_every_data_set_is_recorded(data: Path, trained: Path) -> None:
    """The metadata has each dataset with its licence and digest, and each file of word lists and vectors."""
    training = model_file.read(trained)[0]["training"]
    assert {name: entry["sha256"] for name, entry in training["data"].items()} == {
        name: sha256((data / f"{name}.tsv.gz").read_bytes()).hexdigest() for name in provenance.LANGUAGE_DATASET_LICENCES
    }
    assert {name: entry["sha256"] for name, entry in training["lists"].items()} == {
        name: sha256((data / name).read_bytes()).hexdigest() for name in language_tables.list_resources()
    }
    assert all(entry["licence"] for entry in (*training["data"].values(), *training["lists"].values()))


def test_each_language_is_measured(trained: Path) -> None:
    """Every calibration set has its metrics, with the share read the wrong way round."""
    scores = model_file.read(trained)[0]["scores"]
    assert {f"languages/umsab-val/{language}" for language in LANGUAGES if language != "id"} <= set(scores)
    assert {"languages/arsarcasm-val/ar", "languages/idsa-val/id", "languages/smsa-val/id"} <= set(scores)
    assert all(0 <= measured["opposite"] <= 1 - measured["accuracy"] for measured in scores.values())
    assert all(sum(table_bin["rows"] for table_bin in measured["reliability"]) == measured["rows"] for measured in scores.values())


def test_the_card_has_a_row_per_language(trained: Path) -> None:
    """The card names every language with its error rate, and the command that trains the model again."""
    card = trained.with_suffix(".md").read_text()
    assert "| German | languages/umsab-val | 90 |" in card
    assert "| German | languages/umsab-val | 0." in card.partition("### How sure it is")[2]
    assert "chorus train --languages --data DIR --date 2026-11-30" in card


def test_measuring_is_cross_fitted() -> None:
    """Scores that say nothing are measured as saying nothing, although the calibration was fitted on the same posts."""
    rng = np.random.default_rng(0)
    sets = [language_calibration.CalibrationSet("noise", language, rng.normal(size=(600, 6)), np.arange(600) % 3) for language in LANGUAGES]
    measured = language_calibration.measure(sets)
    assert np.mean([scores["macro_recall"] for scores in measured.values()]) == pytest.approx(1 / 3, abs=0.03)


def test_posts_in_other_languages_are_left_out(tmp_path: Path) -> None:
    """Only the given tags are read, each as its language."""
    (tmp_path / "posts.tsv").write_text("label\tlang\ttext\n0\tpt-MZ\tmau\n1\thi\tx\n2\tde\tgut\n", encoding="utf-8")
    sets = language_corpus.load_sets(tmp_path / "posts.tsv", "posts", {"de": "de", "pt-MZ": "pt"})
    assert [(posts.language, posts.texts, posts.labels.tolist()) for posts in sets] == [("de", ["gut"], [2]), ("pt", ["mau"], [0])]


def test_a_file_without_languages_is_refused(tmp_path: Path) -> None:
    """The message says what each row needs."""
    (tmp_path / "posts.tsv").write_text("label\ttext\n0\tschlecht\n", encoding="utf-8")
    with pytest.raises(InvalidLabelledData, match="labelled posts in several languages"):
        language_corpus.load_sets(tmp_path / "posts.tsv", "posts", {"de": "de"})


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("vectors", lambda array: array[:-1]),
        ("own", lambda array: array[:-1]),
        ("word_idf", lambda array: array[:-1]),
        ("letter_weights", lambda array: array[:, :2]),
        ("logistic", lambda array: array[:-1]),
        ("term_keys", lambda array: array[:, :3]),
    ],
)
def test_arrays_that_do_not_fit_are_refused(trained: Path, tmp_path: Path, name: str, change: Any) -> None:
    """A file with missing rows or columns isn't a model."""
    metadata, arrays, _ = model_file.read(trained)
    model_file.write(tmp_path / "odd.chorus", metadata, arrays | {name: change(arrays[name])})
    with pytest.raises(ModelUnavailable, match=r"odd\.chorus"):
        load_model(tmp_path / "odd.chorus")


def test_an_unknown_language_is_refused(trained: Path, tmp_path: Path) -> None:
    """A file that claims to read a language without a tokenizer isn't a model."""
    metadata, arrays, _ = model_file.read(trained)
    model_file.write(tmp_path / "odd.chorus", metadata | {"languages": ["xx", *LANGUAGES[1:]]}, arrays)
    with pytest.raises(ModelUnavailable, match=r"odd\.chorus"):
        load_model(tmp_path / "odd.chorus")


def test_the_documented_card_is_that_of_the_shipped_model() -> None:
    """`python -m dashboard.prediction.training.language_model_card >docs/language-model-card.md` updates it."""
    documented = (ROOT / "docs" / "language-model-card.md").read_text(encoding="utf-8")
    assert documented == language_model_card.render_markdown(BUILT_IN_MODEL_PATH)


def test_the_documented_diagrams_are_those_of_the_shipped_model() -> None:
    """They name its version; `python -m dashboard.reports.language_reliability >docs/language-reliability.svg` draws them again."""
    diagrams = (ROOT / "docs" / "language-reliability.svg").read_text(encoding="utf-8")
    assert model_file.read_metadata(BUILT_IN_MODEL_PATH)[0]["version"] in diagrams


def test_the_shipped_model_is_small() -> None:
    """The file has at most 12 MB."""
    assert BUILT_IN_MODEL_PATH.stat().st_size <= 12_000_000
