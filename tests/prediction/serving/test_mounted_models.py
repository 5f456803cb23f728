"""Somebody else's model under our routes: what is served, what is refused and why, and that everything else works without it."""

import configparser
import io
import json
import logging
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import polars as pl
import pytest
import skops.io
from flask.testing import FlaskClient
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from dashboard import config
from dashboard.app import create_app
from dashboard.core.errors import InvalidSetting, ModelUnavailable
from dashboard.prediction.classifier.classifier import BUILT_IN_MODEL_PATH
from dashboard.prediction.serving import loader, sklearn_files
from tests.support.chorus_server import run_server
from tests.support.paths import ROOT

SETOSA, VIRGINICA = [5.1, 3.5, 1.4, 0.2], [5.9, 3.0, 5.1, 1.8]
POSTS = [
    "I love this",
    "a great day",
    "so good",
    "I hate this",
    "an awful day",
    "so bad",
    "the door is open",
    "a table",
    "the train at ten",
]
SIDES = ["positive"] * 3 + ["negative"] * 3 + ["neutral"] * 3
AIR = "demo:aster-air"


class Odd(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier that is nobody's but ours; what it does depends on `failing`."""

    def __init__(self, failing: str = "") -> None:
        self.failing = failing

    def fit(self, X: Any, y: Any) -> "Odd":
        self.n_features_in_, self.classes_ = 4, np.array([0, 1])
        return self

    def predict(self, X: Any) -> Any:
        if self.failing == "always" or (self.failing == "at nine" and np.any(np.asarray(X) == 9)):
            raise RuntimeError("postgres://name:secret@host")
        return np.zeros(len(X), dtype=int)


class Nameless:
    """Something that predicts from rows, and does not say how wide they are."""

    def predict(self, rows: Any) -> Any:
        return np.asarray(rows, dtype=float).sum(axis=1)


class Moody:
    """A pipeline of texts that fails at one word."""

    classes_ = np.array(["negative", "neutral", "positive"])

    def predict(self, texts: list[str]) -> Any:
        return np.array(["neutral"] * len(texts))

    def predict_proba(self, texts: list[str]) -> Any:
        if "boom" in texts[0]:
            raise RuntimeError(texts[0])
        return np.array([[0.1, 0.8, 0.1]] * len(texts))


def iris(kind: Any = None, labels: Any = None) -> Any:
    """Return a model trained on the 150 irises."""
    rows, classes = load_iris(return_X_y=True)
    return (LogisticRegression(max_iter=1000) if kind is None else kind).fit(rows, classes if labels is None else labels[classes])


def readers(last: Any = None) -> Any:
    """Return a pipeline trained on nine posts."""
    return make_pipeline(TfidfVectorizer(), LogisticRegression() if last is None else last).fit(POSTS, SIDES)


def saved(path: Path, found: Any, by: Callable[[Any, Path], object] = skops.io.dump) -> Path:
    """Save an object, and return where."""
    by(found, path)
    return path


def pickled(found: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(found))


def client(path: Path, **settings: str) -> FlaskClient:
    """Return a program that asks a Chorus with this model."""
    return create_app({"CHORUS_MODEL": str(path)} | settings).test_client()


def reason(path: Path, trusted: bool = False) -> str:
    """Return why a file can't be served."""
    with pytest.raises(ModelUnavailable) as refused:
        loader.load_model(path, trusted)
    return refused.value.message


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    """An iris model saved with skops."""
    return saved(tmp_path / "iris.skops", iris())


# Rows of numbers


def test_four_numbers_in_class_and_highest_probability_out(flowers: Path) -> None:
    """As the recipe that Chorus grew from: the class as a number, and nothing else."""
    answer = client(flowers).post("/predict", json={"features": SETOSA})
    expected = iris().predict_proba([SETOSA]).max()
    assert answer.status_code == 200
    assert answer.get_json() == {"prediction": 0.0, "confidence": pytest.approx(expected)}
    assert '"prediction":0.0' in answer.text


def test_rows_are_answered_in_their_order(flowers: Path) -> None:
    """A list of rows gets a list of predictions, and the model's name."""
    answer = client(flowers).post("/predict", json={"features": [SETOSA, VIRGINICA, SETOSA]}).get_json()
    assert [each["prediction"] for each in answer["predictions"]] == [0.0, 2.0, 0.0]
    assert answer["model"].startswith("iris ")


@pytest.mark.parametrize(
    ("features", "field", "told"),
    [
        ([5.1, 3.5, 1.4], "features", "takes rows of 4 numbers; this row has 3."),
        ([SETOSA, [*SETOSA, 1]], "features[1]", "takes rows of 4 numbers; this row has 5."),
    ],
)
def test_a_row_of_another_width_is_refused_with_the_expected_one(flowers: Path, features: Any, field: str, told: str) -> None:
    """At its path."""
    answer = client(flowers).post("/predict", json={"features": features})
    ((problem),) = answer.get_json()["problems"]
    assert answer.status_code == 422
    assert problem["field"] == field
    assert problem["message"].endswith(told)


@pytest.mark.parametrize("body", [{"text": "a"}, {"texts": ["a"]}, {"instances": ["a"]}])
def test_texts_are_refused_with_the_width(flowers: Path, body: dict[str, object]) -> None:
    """A model of numbers says that it reads numbers, and how many."""
    answer = client(flowers).post("/predict", json=body)
    assert answer.status_code == 422
    assert "reads rows of 4 numbers" in answer.get_json()["detail"]


def test_a_model_names_itself_by_its_file(flowers: Path) -> None:
    """Name of the file, digest as the version, labels and width; what nobody wrote down is empty, and that is a limit."""
    served = client(flowers).get("/model").get_json()
    digest = loader.load_model(flowers, False).card.digest
    assert served["name"] == "iris"
    assert served["version"] == digest[:12]
    assert served["digest"] == digest
    assert served["kind"] == "tabular"
    assert served["labels"] == [0.0, 1.0, 2.0]
    assert served["width"] == 4
    assert served["takes"][0] == "features"
    assert served["training"] == {}
    assert served["scores"] == {}
    assert "wrote nothing down" in served["limits"][0]


@pytest.mark.parametrize(
    "kind",
    [
        RandomForestClassifier(5, random_state=0),
        HistGradientBoostingClassifier(max_iter=20),
        KNeighborsClassifier(),
        make_pipeline(StandardScaler(), LogisticRegression()),
    ],
)
def test_the_usual_classifiers_answer_as_before_they_were_saved(tmp_path: Path, kind: Any) -> None:
    """Also those whose trees skops leaves to whoever loads them."""
    model = iris(kind)
    rows = load_iris().data[::10]
    found = loader.load_model(saved(tmp_path / "iris.skops", model), False).predict(rows.tolist())  # type: ignore[union-attr]
    expected = list(zip(model.predict(rows).astype(float).tolist(), model.predict_proba(rows).max(axis=1).tolist(), strict=True))
    assert found == [(label, pytest.approx(chance)) for label, chance in expected]


@pytest.mark.parametrize(
    ("kind", "prediction"), [(SVC(), 0.0), (LinearRegression(), pytest.approx(float(iris(LinearRegression()).predict([SETOSA])[0])))]
)
def test_without_probabilities_the_confidence_is_null(tmp_path: Path, kind: Any, prediction: object) -> None:
    """Unknown is null, never 0 or 1; a regression answers its number."""
    path = saved(tmp_path / "iris.skops", iris(kind))
    assert client(path).post("/predict", json={"features": SETOSA}).get_json() == {"prediction": prediction, "confidence": None}


def test_labels_that_are_texts_stay_texts(tmp_path: Path) -> None:
    """Numbers are floats, names are names."""
    path = saved(tmp_path / "iris.skops", iris(labels=load_iris().target_names))
    assert client(path).post("/predict", json={"features": SETOSA}).get_json()["prediction"] == "setosa"


def test_a_model_of_named_columns_is_given_them(tmp_path: Path) -> None:
    """A row has its numbers in the order of training, which `/model` tells."""
    rows, classes = load_iris(return_X_y=True)
    frame = pl.DataFrame(rows, schema=["a", "b", "c", "d"])
    model = make_pipeline(ColumnTransformer([("scaled", StandardScaler(), ["c", "d"])]), LogisticRegression()).fit(frame, classes)
    asked = client(saved(tmp_path / "named.skops", model))
    assert asked.post("/predict", json={"features": VIRGINICA}).get_json()["prediction"] == 2.0
    assert asked.get("/model").get_json()["limits"][1] == "The numbers of a row are, in this order: a, b, c, d."


@pytest.mark.parametrize("body", [{"features": SETOSA}, {"features": [SETOSA]}, {"instances": [SETOSA]}])
def test_what_decided_among_numbers_is_unknown(flowers: Path, body: dict[str, object]) -> None:
    """Asked to explain, a tabular model gives null; a language says nothing of numbers."""
    asked = client(flowers)
    answer = asked.post("/predict", json=body | {"explain": True, "language": "en"}).get_json()
    assert answer.get("predictions", [answer])[0]["terms"] is None


def test_numbers_that_the_model_cannot_use_are_422(tmp_path: Path) -> None:
    """The model works, these numbers are too large for it."""
    path = saved(tmp_path / "iris.skops", iris(RandomForestClassifier(3)))
    asked = client(path)
    huge = [1e300, 0, 0, 0]
    for body, field in (
        ({"features": huge}, "features"),
        ({"features": [SETOSA, huge]}, "features[1]"),
        ({"instances": [SETOSA, huge, SETOSA]}, "instances[1]"),
    ):
        answer = asked.post("/predict", json=body)
        assert answer.status_code == 422
        assert [each["field"] for each in answer.get_json()["problems"]] == [field]
    assert asked.post("/predict", json={"features": SETOSA}).status_code == 200


# Pickles


@pytest.mark.parametrize("by", [joblib.dump, pickled, lambda found, path: joblib.dump(found, path, compress=("gzip", 3))])
def test_a_trusted_pickle_is_served_with_a_warning(tmp_path: Path, by: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Joblib, compressed or not, and pickle; the log says that code ran."""
    path = saved(tmp_path / "iris.joblib", iris(), by)
    answer = client(path, CHORUS_MODEL_TRUSTED="1").post("/predict", json={"features": SETOSA}).get_json()
    assert answer["prediction"] == 0.0
    assert "whatever code iris.joblib holds runs now" in caplog.text


class Tattle:
    """A pickle that writes a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("trusted", ["", "0"])
@pytest.mark.parametrize("by", [joblib.dump, pickled])
def test_a_pickle_without_trust_is_refused_untouched(tmp_path: Path, by: Any, trusted: str) -> None:
    """None of its code runs, and the answer says what allows it."""
    path = saved(tmp_path / "iris.pkl", Tattle(tmp_path / "ran"), by)
    answer = client(path, CHORUS_MODEL_TRUSTED=trusted).get("/ready")
    assert answer.status_code == 503
    assert not (tmp_path / "ran").exists()
    assert "CHORUS_MODEL_TRUSTED=1" in answer.get_json()["detail"]


@pytest.mark.parametrize("value", ["yes", "true", "2"])
def test_trust_is_1_or_0(value: str) -> None:
    """Anything else fails at start."""
    with pytest.raises(InvalidSetting, match="CHORUS_MODEL_TRUSTED is 1 for yes"):
        config.load_settings({"CHORUS_MODEL_TRUSTED": value})


# Texts


@pytest.fixture
def texts(tmp_path: Path) -> FlaskClient:
    """A program that asks a pipeline of nine posts."""
    return client(saved(tmp_path / "posts.skops", readers()))


def test_a_text_pipeline_answers_like_our_own(texts: FlaskClient) -> None:
    """Label, confidence, probabilities by label, and its name."""
    answer = texts.post("/predict", json={"text": "I love a great day"}).get_json()
    assert list(answer) == ["prediction", "confidence", "probabilities", "model"]
    assert answer["prediction"] == "positive"
    assert answer["confidence"] == answer["probabilities"]["positive"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1)


@pytest.mark.parametrize("body", [{"texts": ["so good", "so bad"]}, {"instances": ["so good", {"text": "so bad"}]}])
def test_a_text_pipeline_takes_lists(texts: FlaskClient, body: dict[str, object]) -> None:
    """Vertex AI's shape too."""
    answer = texts.post("/predict", json=body).get_json()
    assert [each["prediction"] for each in answer["predictions"]] == ["positive", "negative"]


def test_what_decided_in_a_foreign_pipeline_is_unknown(texts: FlaskClient) -> None:
    """Explain is answered with nulls, not refused."""
    answer = texts.post("/predict", json={"text": "so good", "explain": True}).get_json()
    assert answer["terms"] is None
    assert answer["margin"] is None
    assert answer["runner_up"] is None


def test_numbers_are_refused_by_a_text_pipeline(texts: FlaskClient) -> None:
    """With the setting that mounts another."""
    answer = texts.post("/predict", json={"features": SETOSA})
    assert answer.status_code == 422
    assert "CHORUS_MODEL" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    "address", ["/classify?text=so+good", f"/report?users={AIR}&n=20&method=model", "/sentiment.json?users=demo:pennywren&n=9&method=model"]
)
def test_a_pipeline_of_our_labels_reads_posts_and_the_box(texts: FlaskClient, address: str) -> None:
    """Under the same routes as the built-in model, and named there."""
    answer = texts.get(address)
    assert answer.status_code == 200
    assert "posts " in answer.text


def test_scores_that_are_no_probabilities_are_said_to_be_none(tmp_path: Path) -> None:
    """A linear support vector machine keeps its order, and its limits say what the numbers are."""
    model = readers(LinearSVC())
    asked = client(saved(tmp_path / "posts.skops", model))
    answer = asked.post("/predict", json={"texts": POSTS}).get_json()["predictions"]
    assert [each["prediction"] for each in answer] == model.predict(POSTS).tolist()
    assert any("not calibrated" in limit for limit in asked.get("/model").get_json()["limits"])


# Files that are no model


def custom(path: Path) -> None:
    skops.io.dump(Odd().fit([], []), path)


def cut(path: Path) -> None:
    skops.io.dump(iris(), path)
    path.write_bytes(path.read_bytes()[:-200])


def own(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(change(BUILT_IN_MODEL_PATH.read_bytes())) and None


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.txt", "a")


def newer(path: Path) -> None:
    """Write a skops file whose parts the installed skops does not know."""
    skops.io.dump(iris(), path)
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    schema = json.loads(files["schema.json"]) | {"protocol": 99, "__loader__": "NodeOfTomorrow"}
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in (files | {"schema.json": json.dumps(schema).encode()}).items():
            packed.writestr(name, content)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "is not there"),
    "folder": (Path.mkdir, "is a folder, not a file"),
    "empty": (Path.touch, "is empty. Copy it again."),
    "text": (lambda path: path.write_text("a,b\n1,2\n"), "is no model file. CHORUS_MODEL takes"),
    "zip": (zipped, "is a zip, but no model"),
    "cut": (cut, "is damaged or cut off"),
    "newer": (newer, "of a version that scikit-learn"),
    "custom": (custom, "holds types that are not known to be safe: tests.prediction.serving.test_mounted_models.Odd."),
    "transformer": (lambda path: skops.io.dump(StandardScaler().fit([[1.0]]), path), "it holds a StandardScaler, which can't predict"),
    "list": (lambda path: skops.io.dump([1, 2], path), "it holds a list, which can't predict"),
    "untrained": (lambda path: skops.io.dump(make_pipeline(TfidfVectorizer(), LogisticRegression()), path), "saved before it was trained"),
    "own, cut": (own(lambda content: content[:-9]), "is damaged or cut off"),
    "own, another version": (own(lambda content: content.replace(b"CHORUS-MODEL ", b"CHORUS-MODEL 9", 1)), "another version of the format"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_cannot_be_served_is_503_with_the_reason_and_the_rest_works(tmp_path: Path, case: str) -> None:
    """The application starts and lives; readiness, prediction and the model's page say why, and its folder stays unsaid."""
    make, why = BROKEN[case]
    make(tmp_path / "model.bin")
    asked = client(tmp_path / "model.bin")
    refused = [asked.get("/ready"), asked.get("/model"), asked.post("/predict", json={"text": "a"})]
    assert [answer.status_code for answer in refused] == [503] * 3
    assert [why in answer.get_json()["detail"] for answer in refused] == [True] * 3, refused[0].text
    assert [str(tmp_path) in answer.text for answer in refused] == [False] * 3
    works = [asked.get(address, follow_redirects=True).status_code for address in ("/health", "/", f"/frequency.json?users={AIR}&n=9")]
    assert works == [200] * 3
    assert asked.get("/classify?text=a").status_code == 503


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: pickled(iris(), path) or path.write_bytes(path.read_bytes()[:-99]), "is damaged or cut off"),
        (lambda path: pickled({"a": 1}, path), "it holds a dict, which can't predict"),
        (lambda path: path.write_bytes(b"\x80\x04cxgboost_of_nobody\nBooster\n."), "needs the Python module xgboost_of_nobody"),
        (lambda path: pickled(Nameless(), path), "neither says how many numbers it reads (n_features_in_) nor reads a text"),
        (lambda path: pickled(Odd("always").fit([], []), path), "can't predict: it fails with RuntimeError"),
    ],
)
def test_a_trusted_file_that_cannot_be_served_says_why(tmp_path: Path, make: Callable[[Path], object], why: str) -> None:
    """A model that loads but does not predict is no model either."""
    make(tmp_path / "model.pkl")
    told = reason(tmp_path / "model.pkl", trusted=True)
    assert why in told, told
    assert "secret" not in told, told


def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path) -> None:
    """The message has the bound."""
    with (tmp_path / "model.skops").open("wb") as file:
        file.truncate(loader.MAX_BYTES + 1)
    assert reason(tmp_path / "model.skops").startswith("model.skops is larger than 512 MiB, the most a model may have.")


def test_a_zip_that_unpacks_beyond_the_bound_is_not_unpacked(tmp_path: Path) -> None:
    """What its list of contents says is added up first."""
    with zipfile.ZipFile(tmp_path / "model.skops", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("schema.json", "{}" + " " * 3 * 2**20)
    with pytest.raises(ModelUnavailable, match="unpacks to more than 2 MiB"):
        sklearn_files.load_skops(tmp_path / "model.skops", 2 * 2**20)


def test_a_zip_within_the_zip_is_counted_too(tmp_path: Path) -> None:
    """A sparse table is a zip of its own, whose zeros take nothing until they are unpacked."""
    whole = tmp_path / "model.skops"
    skops.io.dump(iris().sparsify(), whole)
    sklearn_files.load_skops(whole, 2 * 2**20)
    with zipfile.ZipFile(whole) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    table = next(name for name in files if name.endswith(".npz"))
    zeros = io.BytesIO()
    np.savez_compressed(zeros, data=np.zeros(2**19))
    with zipfile.ZipFile(whole, "w") as packed:
        for name, content in (files | {table: zeros.getvalue()}).items():
            packed.writestr(name, content)
    assert whole.stat().st_size < 2**17
    with pytest.raises(ModelUnavailable, match="unpacks to more than 2 MiB"):
        sklearn_files.load_skops(whole, 2 * 2**20)


def out_of_the_tree() -> Any:
    forest = iris(RandomForestClassifier(2, random_state=0))
    forest.estimators_[0].tree_.children_left[0] = 10_000_000
    return forest


def back_up_the_tree() -> Any:
    tree = iris(DecisionTreeClassifier())
    tree.tree_.children_right[2] = 0
    return tree


def fewer_columns() -> Any:
    forest = iris(RandomForestClassifier(2, random_state=0))
    forest.n_features_in_ = 1
    return forest


def out_of_the_row() -> Any:
    boosted = iris(HistGradientBoostingClassifier(max_iter=2))
    boosted._predictors[0][0].nodes["feature_idx"][0] = 10_000_000
    return boosted


def out_of_the_table() -> Any:
    neighbours = readers(KNeighborsClassifier(2))
    neighbours.steps[-1][1]._fit_X.indices[0] = 10_000_000
    return neighbours


@pytest.mark.parametrize("forged", [out_of_the_tree, back_up_the_tree, fewer_columns, out_of_the_row, out_of_the_table])
def test_a_forged_tree_is_refused_before_it_is_followed(tmp_path: Path, forged: Callable[[], Any]) -> None:
    """A branch that leads out of the tree would crash the process, one that leads back would never end."""
    assert "is damaged" in reason(saved(tmp_path / "forged.skops", forged()))


def test_another_version_of_scikit_learn_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is served all the same, and the log names both versions."""
    state = iris()
    path = saved(tmp_path / "old.skops", state)
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    installed = __import__("sklearn").__version__.encode()
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content.replace(installed, b"1.0.2"))
    with caplog.at_level(logging.WARNING):
        assert client(path).get("/ready").status_code == 200
    assert "LogisticRegression from version 1.0.2" in caplog.text


# Failing later


def test_a_model_that_fails_at_some_numbers_is_explained(tmp_path: Path) -> None:
    """422 with the reason, and nothing of the raw error."""
    path = saved(tmp_path / "odd.pkl", Odd("at nine").fit([], []), pickled)
    answer = client(path, CHORUS_MODEL_TRUSTED="1").post("/predict", json={"features": [9, 0, 0, 0]})
    assert answer.status_code == 422
    assert "can't use these numbers" in answer.get_json()["detail"]
    assert "secret" not in answer.text


@pytest.mark.parametrize("address", ["/predict", "/classify?text=boom+and+my+secret"])
def test_a_text_pipeline_that_fails_is_503_with_the_reason(tmp_path: Path, address: str, caplog: pytest.LogCaptureFixture) -> None:
    """On pages and for programs, never a bare 500; the log says where, without the words, which may be somebody's text."""
    asked = client(saved(tmp_path / "moody.pkl", Moody(), pickled), CHORUS_MODEL_TRUSTED="1")
    answer = asked.post(address, json={"text": "boom and my secret"}) if address == "/predict" else asked.get(address)
    assert answer.status_code == 503
    assert "fails with RuntimeError" in answer.text
    assert "failed with RuntimeError" in caplog.text
    assert "in predict_proba" in caplog.text
    assert "my secret" not in caplog.text
    assert asked.post("/predict", json={"text": "fine"}).status_code == 200


# A model of numbers where texts are read


def test_the_box_and_the_chart_say_why_numbers_do_not_help(flowers: Path) -> None:
    """The rest of the site works."""
    asked = client(flowers)
    assert "reads numbers, not words" in asked.get("/classify").text
    refused = asked.get(f"/sentiment.json?users={AIR}&n=9&method=model")
    assert refused.status_code == 400
    assert "rows of numbers" in refused.text
    addresses = ("/", f"/report?users={AIR}&n=9", f"/sentiment.csv?users={AIR}&n=9")
    assert [asked.get(address).status_code for address in addresses] == [200] * 3


# Without the extra, and with our own format


def test_without_the_extra_the_error_says_which_command_installs_it(flowers: Path) -> None:
    """scikit-learn and skops are blocked in a fresh interpreter; charts and the built-in model work without them."""
    program = f"""
import sys
sys.modules.update(dict.fromkeys(["sklearn", "skops", "joblib", "scipy"]))
from dashboard.app import create_app
asked = create_app({{"CHORUS_MODEL": {str(flowers)!r}}}).test_client()
print(asked.get("/ready").get_json()["detail"])
print(asked.get("/frequency.png?users={AIR}&n=9").status_code, asked.get("/").status_code)
print(create_app({{}}).test_client().get("/ready").status_code)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    told = f"iris.skops needs scikit-learn and skops, which are not installed here. {sklearn_files.INSTALL_ADVICE}"
    assert done.stdout.splitlines() == [told, "200 200", "200"]
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    needed = setup["options.extras_require"]["models"]
    assert "pip install -e '.[models]'" in sklearn_files.INSTALL_ADVICE
    assert "scikit-learn" in needed
    assert "skops" in needed


def test_our_own_format_is_served_from_anywhere(tmp_path: Path) -> None:
    """The file that Chorus ships, under another name."""
    path = Path(shutil.copy(BUILT_IN_MODEL_PATH, tmp_path / "mine.bin"))
    assert client(path).get("/model").get_json()["digest"] == create_app({}).test_client().get("/model").get_json()["digest"]


def test_a_real_server_serves_it(flowers: Path) -> None:
    """gunicorn, started as people start it, answers the iris model."""
    with run_server({"CHORUS_MODEL": str(flowers)}) as server:
        status, _, body = server.send_request("/predict", json.dumps({"features": SETOSA}).encode(), {"Content-Type": "application/json"})
        assert status == 200
        assert json.loads(body)["prediction"] == 0.0
        assert server.send_request("/ready")[0] == 200
