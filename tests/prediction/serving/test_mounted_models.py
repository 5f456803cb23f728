"""Tests of mounted models: which files are served, which are refused and why, and that everything else works without a model."""

import configparser
import importlib
import io
import json
import logging
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.config.settings import load_settings
from dashboard.core.errors import InvalidSetting, ModelUnavailable
from dashboard.prediction.classifier.classifier import BUILT_IN_MODEL_PATH
from dashboard.prediction.serving import loader, sklearn_files
from tests.support.chorus_server import run_server
from tests.support.paths import ROOT

pytestmark = pytest.mark.training

SETOSA, VIRGINICA = [5.1, 3.5, 1.4, 0.2], [5.9, 3.0, 5.1, 1.8]
AIR = "demo:aster-air"


def estimators() -> Any:
    """Return the module of estimators, which only the process that runs these tests loads."""
    return importlib.import_module("tests.support.estimators")


def save(path: Path, model: Any, dump_name: str = "dump_skops") -> Path:
    """Save an object and return its path."""
    getattr(estimators(), dump_name)(model, path)
    return path


def build_client(path: Path, **settings: str) -> FlaskClient:
    """Return a client of an application that serves this model."""
    return create_app({"CHORUS_MODEL": str(path)} | settings).test_client()


def load_error(path: Path, trusted: bool = False) -> str:
    """Return the message of the error that loading a file raises."""
    with pytest.raises(ModelUnavailable) as raised:
        loader.load_model(path, trusted)
    return raised.value.message


@pytest.fixture
def iris_path(tmp_path: Path) -> Path:
    """An iris model saved with skops."""
    return save(tmp_path / "iris.skops", estimators().iris())


# Rows of numbers


def test_a_row_gets_its_class_and_confidence_and_nothing_else(iris_path: Path) -> None:
    """The class is a JSON float and the confidence the highest probability."""
    response = build_client(iris_path).post("/predict", json={"features": SETOSA})
    expected = estimators().iris().predict_proba([SETOSA]).max()
    assert response.status_code == 200
    assert response.get_json() == {"prediction": 0.0, "confidence": pytest.approx(expected)}
    assert '"prediction":0.0' in response.text


def test_rows_get_predictions_in_the_same_order(iris_path: Path) -> None:
    """A list of rows gets a list of predictions and the model's name."""
    response = build_client(iris_path).post("/predict", json={"features": [SETOSA, VIRGINICA, SETOSA]}).get_json()
    assert [prediction["prediction"] for prediction in response["predictions"]] == [0.0, 2.0, 0.0]
    assert response["model"].startswith("iris ")


@pytest.mark.parametrize(
    ("features", "field", "ending"),
    [
        ([5.1, 3.5, 1.4], "features", "takes rows of 4 numbers; this row has 3."),
        ([SETOSA, [*SETOSA, 1]], "features[1]", "takes rows of 4 numbers; this row has 5."),
    ],
)
def test_a_row_of_the_wrong_length_is_refused_at_its_path(iris_path: Path, features: Any, field: str, ending: str) -> None:
    """The message says how many numbers a row needs and how many this one has."""
    response = build_client(iris_path).post("/predict", json={"features": features})
    ((problem),) = response.get_json()["problems"]
    assert response.status_code == 422
    assert problem["field"] == field
    assert problem["message"].endswith(ending)


@pytest.mark.parametrize("body", [{"text": "a"}, {"texts": ["a"]}, {"instances": ["a"]}])
def test_a_tabular_model_refuses_texts(iris_path: Path, body: dict[str, object]) -> None:
    """The message says how many numbers a row needs."""
    response = build_client(iris_path).post("/predict", json=body)
    assert response.status_code == 422
    assert "takes rows of 4 numbers" in response.get_json()["detail"]


def test_a_model_is_named_after_its_file(iris_path: Path) -> None:
    """Its version is the start of the file's digest; unknown details are empty, and its limits say so."""
    served = build_client(iris_path).get("/model").get_json()
    digest = loader.load_model(iris_path, False).card.digest
    assert served["name"] == "iris"
    assert served["version"] == digest[:12]
    assert served["digest"] == digest
    assert served["kind"] == "tabular"
    assert served["labels"] == [0.0, 1.0, 2.0]
    assert served["width"] == 4
    assert served["takes"][0] == "features"
    assert served["training"] == {}
    assert served["scores"] == {}
    assert served["limits"] == ["Its training data, scores and limitations aren't documented."]


@pytest.mark.parametrize("kind", ["random forest", "boosted trees", "neighbours", "pipeline"])
def test_saved_classifiers_predict_the_same_as_before(tmp_path: Path, kind: str) -> None:
    """This includes classifiers with types that skops doesn't trust by itself."""
    model = estimators().iris(estimators().CLASSIFIERS[kind]())
    rows = estimators().load_iris().data[::10]
    predictions = loader.load_model(save(tmp_path / "iris.skops", model), False).predict(rows.tolist())  # type: ignore[union-attr]
    expected = list(zip(model.predict(rows).astype(float).tolist(), model.predict_proba(rows).max(axis=1).tolist(), strict=True))
    assert predictions == [(label, pytest.approx(confidence)) for label, confidence in expected]


@pytest.mark.parametrize("kind", ["support vectors", "regression"])
def test_without_probabilities_the_confidence_is_null(tmp_path: Path, kind: str) -> None:
    """Regressions and classifiers without predict_proba have no confidence."""
    model = estimators().iris(estimators().CLASSIFIERS[kind]())
    response = build_client(save(tmp_path / "iris.skops", model)).post("/predict", json={"features": SETOSA})
    assert response.get_json() == {"prediction": pytest.approx(float(model.predict([SETOSA])[0])), "confidence": None}


def test_string_labels_stay_strings(tmp_path: Path) -> None:
    """Only numeric labels become floats."""
    path = save(tmp_path / "iris.skops", estimators().iris(labels=estimators().load_iris().target_names))
    assert build_client(path).post("/predict", json={"features": SETOSA}).get_json()["prediction"] == "setosa"


def test_a_model_trained_on_named_columns_gets_them_by_name(tmp_path: Path) -> None:
    """The limits in `/model` list the order of the numbers in a row."""
    client = build_client(save(tmp_path / "named.skops", estimators().pipeline_of_named_columns()))
    assert client.post("/predict", json={"features": VIRGINICA}).get_json()["prediction"] == 2.0
    assert client.get("/model").get_json()["limits"][1] == "Each row holds these numbers, in this order: a, b, c, d."


@pytest.mark.parametrize("body", [{"features": SETOSA}, {"features": [SETOSA]}, {"instances": [SETOSA]}])
def test_a_tabular_model_has_null_terms(iris_path: Path, body: dict[str, object]) -> None:
    """`explain` gives null and `language` is ignored."""
    client = build_client(iris_path)
    response = client.post("/predict", json=body | {"explain": True, "language": "en"}).get_json()
    assert response.get("predictions", [response])[0]["terms"] is None


def test_numbers_too_large_for_the_model_are_422(tmp_path: Path) -> None:
    """Each unusable row is listed, and the model keeps working."""
    path = save(tmp_path / "iris.skops", estimators().iris(estimators().CLASSIFIERS["small forest"]()))
    client = build_client(path)
    huge = [1e300, 0, 0, 0]
    for body, field in (
        ({"features": huge}, "features"),
        ({"features": [SETOSA, huge]}, "features[1]"),
        ({"instances": [SETOSA, huge, SETOSA]}, "instances[1]"),
    ):
        response = client.post("/predict", json=body)
        assert response.status_code == 422
        assert [problem["field"] for problem in response.get_json()["problems"]] == [field]
    assert client.post("/predict", json={"features": SETOSA}).status_code == 200


# Pickles


@pytest.mark.parametrize("dump_name", ["dump_joblib", "dump_pickle", "dump_compressed"])
def test_a_trusted_pickle_is_served_with_a_warning(tmp_path: Path, dump_name: str, caplog: pytest.LogCaptureFixture) -> None:
    """This holds for pickle and for joblib, compressed or not; the log warns that the file runs code."""
    path = save(tmp_path / "iris.joblib", estimators().iris(), dump_name)
    response = build_client(path, CHORUS_MODEL_TRUSTED="1").post("/predict", json={"features": SETOSA}).get_json()
    assert response["prediction"] == 0.0
    assert "loading iris.joblib runs any code that it contains" in caplog.text


class Tattle:
    """A pickle that writes a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("trusted", ["", "0"])
@pytest.mark.parametrize("dump_name", ["dump_joblib", "dump_pickle"])
def test_an_untrusted_pickle_is_refused_without_running_its_code(tmp_path: Path, dump_name: str, trusted: str) -> None:
    """The message names the setting that allows it."""
    path = save(tmp_path / "iris.pkl", Tattle(tmp_path / "ran"), dump_name)
    response = build_client(path, CHORUS_MODEL_TRUSTED=trusted).get("/ready")
    assert response.status_code == 503
    assert not (tmp_path / "ran").exists()
    assert "CHORUS_MODEL_TRUSTED=1" in response.get_json()["detail"]


@pytest.mark.parametrize("value", ["yes", "true", "2"])
def test_trust_is_1_or_0(value: str) -> None:
    """Any other value of CHORUS_MODEL_TRUSTED is an InvalidSetting."""
    with pytest.raises(InvalidSetting, match="CHORUS_MODEL_TRUSTED is 1 for yes"):
        load_settings({"CHORUS_MODEL_TRUSTED": value})


# Texts


@pytest.fixture
def posts_client(tmp_path: Path) -> FlaskClient:
    """A client of an application that serves a text pipeline."""
    return build_client(save(tmp_path / "posts.skops", estimators().posts_pipeline()))


def test_a_text_pipeline_responds_like_the_built_in_model(posts_client: FlaskClient) -> None:
    """A response has the label, confidence, probabilities per label and the model's name."""
    response = posts_client.post("/predict", json={"text": "I love a great day"}).get_json()
    assert list(response) == ["prediction", "confidence", "probabilities", "model"]
    assert response["prediction"] == "positive"
    assert response["confidence"] == response["probabilities"]["positive"]
    assert sum(response["probabilities"].values()) == pytest.approx(1)


@pytest.mark.parametrize("body", [{"texts": ["so good", "so bad"]}, {"instances": ["so good", {"text": "so bad"}]}])
def test_a_text_pipeline_accepts_lists(posts_client: FlaskClient, body: dict[str, object]) -> None:
    """This holds for `texts` and for Vertex AI's `instances`."""
    response = posts_client.post("/predict", json=body).get_json()
    assert [prediction["prediction"] for prediction in response["predictions"]] == ["positive", "negative"]


def test_a_text_pipeline_has_null_explanations(posts_client: FlaskClient) -> None:
    """`explain` isn't refused."""
    response = posts_client.post("/predict", json={"text": "so good", "explain": True}).get_json()
    assert response["terms"] is None
    assert response["margin"] is None
    assert response["runner_up"] is None


def test_a_text_pipeline_refuses_rows(posts_client: FlaskClient) -> None:
    """The message says what to send instead."""
    response = posts_client.post("/predict", json={"features": SETOSA})
    assert response.status_code == 422
    assert "takes texts, not rows of numbers. Send “text” or “texts”" in response.get_json()["detail"]


@pytest.mark.parametrize(
    ("address", "expected_text"),
    [
        ("/classify?text=so+good", 'Model: <a href="/model">posts</a>.'),
        (f"/report?users={AIR}&n=20&method=model", "The AI model (posts) rated"),
        ("/sentiment.json?users=demo:pennywren&n=9&method=model", "The AI model (posts "),
    ],
    ids=["text check", "report", "data"],
)
def test_a_pipeline_with_sentiment_labels_is_used_by_pages_and_charts(posts_client: FlaskClient, address: str, expected_text: str) -> None:
    """It replaces the built-in model on the same routes, which show its name."""
    response = posts_client.get(address)
    assert response.status_code == 200
    assert expected_text in response.text


def test_a_model_with_scores_only_is_marked_as_not_calibrated(tmp_path: Path) -> None:
    """A linear support vector machine predicts its own labels, and its limits explain the probabilities."""
    model = estimators().posts_pipeline_without_probabilities()
    client = build_client(save(tmp_path / "posts.skops", model))
    response = client.post("/predict", json={"texts": estimators().POSTS}).get_json()["predictions"]
    assert [prediction["prediction"] for prediction in response] == model.predict(estimators().POSTS).tolist()
    assert any("not calibrated" in limit for limit in client.get("/model").get_json()["limits"])


# Files that can't be served


def change_built_in_model(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(change(BUILT_IN_MODEL_PATH.read_bytes())) and None


def write_plain_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")


UNUSABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "doesn't exist"),
    "folder": (Path.mkdir, "is a folder, not a file"),
    "empty": (Path.touch, "is empty. Copy the file again."),
    "text": (lambda path: path.write_text("a,b\n1,2\n"), "isn't a model file. Set CHORUS_MODEL to"),
    "zip": (write_plain_zip, "is a zip file, but not a skops model"),
    "truncated": (lambda path: estimators().write_truncated(path), "is damaged or incomplete"),
    "newer": (lambda path: estimators().write_newer_skops(path), "was saved by a version that scikit-learn"),
    "custom": (
        lambda path: estimators().write_custom_type(path),
        "holds types that aren't known to be safe: tests.support.estimators.Odd.",
    ),
    "transformer": (lambda path: estimators().write_transformer(path), "it holds a StandardScaler, which can't predict"),
    "list": (lambda path: estimators().write_list(path), "it holds a list, which can't predict"),
    "untrained": (lambda path: estimators().write_untrained(path), "saved before it was trained"),
    "built-in, truncated": (change_built_in_model(lambda content: content[:-9]), "is damaged or incomplete: its checksum doesn't match"),
    "built-in, another version": (
        change_built_in_model(lambda content: content.replace(b"CHORUS-MODEL ", b"CHORUS-MODEL 9", 1)),
        "has another format version than 1",
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_an_unusable_file_is_503_with_the_reason(tmp_path: Path, case: str) -> None:
    """The rest of the application works, and no response reveals the file's folder."""
    write, detail = UNUSABLE[case]
    write(tmp_path / "model.bin")
    client = build_client(tmp_path / "model.bin")
    refused = [client.get("/ready"), client.get("/model"), client.post("/predict", json={"text": "a"})]
    for response in refused:
        assert response.status_code == 503
        assert detail in response.get_json()["detail"]
        assert str(tmp_path) not in response.text
    statuses = [client.get(address, follow_redirects=True).status_code for address in ("/health", "/", f"/frequency.json?users={AIR}&n=9")]
    assert statuses == [200] * 3
    assert client.get("/classify?text=a").status_code == 503


@pytest.mark.parametrize(
    ("write", "detail"),
    [
        (
            lambda path: estimators().dump_pickle(estimators().iris(), path) or path.write_bytes(path.read_bytes()[:-99]),
            "is damaged or incomplete",
        ),
        (lambda path: estimators().dump_pickle({"a": 1}, path), "it holds a dict, which can't predict"),
        (lambda path: path.write_bytes(b"\x80\x04cxgboost_of_nobody\nBooster\n."), "needs the Python module xgboost_of_nobody"),
        (lambda path: estimators().dump_pickle(estimators().Nameless(), path), "neither has n_features_in_ nor accepts texts"),
        (lambda path: estimators().dump_pickle(estimators().Odd("always").fit([], []), path), "can't predict: it fails with RuntimeError"),
    ],
)
def test_an_unusable_trusted_file_is_refused_with_the_reason(tmp_path: Path, write: Callable[[Path], object], detail: str) -> None:
    """This includes models that load but can't predict; their own error messages aren't shown."""
    write(tmp_path / "model.pkl")
    message = load_error(tmp_path / "model.pkl", trusted=True)
    assert detail in message
    assert "secret" not in message


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    """The message states the limit."""
    with (tmp_path / "model.skops").open("wb") as file:
        file.truncate(loader.MAX_BYTES + 1)
    assert load_error(tmp_path / "model.skops").startswith("model.skops is larger than 512 MiB, the limit for a model.")


def test_a_zip_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    """The sizes in its directory are added up before it is unpacked."""
    with zipfile.ZipFile(tmp_path / "model.skops", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", "{}" + " " * 3 * 2**20)
    with pytest.raises(ModelUnavailable, match="unpacks to more than 2 MiB"):
        sklearn_files.load_skops(tmp_path / "model.skops", 2 * 2**20)


def test_a_nested_zip_counts_towards_the_limit(tmp_path: Path) -> None:
    """A sparse matrix is a zip inside the file, and its zeros take up space only when unpacked."""
    path = tmp_path / "model.skops"
    save(path, estimators().iris().sparsify())
    sklearn_files.load_skops(path, 2 * 2**20)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    table = next(name for name in files if name.endswith(".npz"))
    zeros = io.BytesIO()
    np.savez_compressed(zeros, data=np.zeros(2**19))
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (files | {table: zeros.getvalue()}).items():
            archive.writestr(name, content)
    assert path.stat().st_size < 2**17
    with pytest.raises(ModelUnavailable, match="unpacks to more than 2 MiB"):
        sklearn_files.load_skops(path, 2 * 2**20)


@pytest.mark.parametrize(
    "name", ["child_beyond_tree", "child_before_parent", "wrong_feature_count", "feature_beyond_row", "index_beyond_matrix"]
)
def test_a_forged_tree_is_refused(tmp_path: Path, name: str) -> None:
    """An index out of bounds would crash the process, and a child before its parent would cause an endless loop."""
    assert "is damaged" in load_error(save(tmp_path / "forged.skops", getattr(estimators(), name)()))


def test_another_version_of_scikit_learn_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The model is served anyway, and the log names both versions."""
    path = save(tmp_path / "old.skops", estimators().iris())
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    installed = __import__("sklearn").__version__.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content.replace(installed, b"1.0.2"))
    with caplog.at_level(logging.WARNING):
        assert build_client(path).get("/ready").status_code == 200
    assert "LogisticRegression from version 1.0.2" in caplog.text


# Models that fail while predicting


def test_a_model_that_fails_on_some_numbers_is_422(tmp_path: Path) -> None:
    """The message gives the reason but nothing of the raw error."""
    path = save(tmp_path / "odd.pkl", estimators().Odd("at nine").fit([], []), "dump_pickle")
    response = build_client(path, CHORUS_MODEL_TRUSTED="1").post("/predict", json={"features": [9, 0, 0, 0]})
    assert response.status_code == 422
    assert "can't use these numbers" in response.get_json()["detail"]
    assert "secret" not in response.text


@pytest.mark.parametrize("address", ["/predict", "/classify?text=boom+and+my+secret"])
def test_a_text_pipeline_that_fails_is_503_with_the_reason(tmp_path: Path, address: str, caplog: pytest.LogCaptureFixture) -> None:
    """The log shows where it failed, without the error's message, which may quote a private text."""
    client = build_client(save(tmp_path / "failing.pkl", estimators().FailingPipeline(), "dump_pickle"), CHORUS_MODEL_TRUSTED="1")
    response = client.post(address, json={"text": "boom and my secret"}) if address == "/predict" else client.get(address)
    assert response.status_code == 503
    assert "fails with RuntimeError" in response.text
    assert "failed with RuntimeError" in caplog.text
    assert "in predict_proba" in caplog.text
    assert "my secret" not in caplog.text
    assert client.post("/predict", json={"text": "fine"}).status_code == 200


# A tabular model where texts are expected


def test_pages_and_charts_explain_that_a_tabular_model_takes_no_texts(iris_path: Path) -> None:
    """The rest of the site works without it."""
    client = build_client(iris_path)
    assert "reads numbers, not text" in client.get("/classify").text
    refused = client.get(f"/sentiment.json?users={AIR}&n=9&method=model")
    assert refused.status_code == 400
    assert "rows of numbers" in refused.text
    addresses = ("/", f"/report?users={AIR}&n=9", f"/sentiment.csv?users={AIR}&n=9")
    assert [client.get(address).status_code for address in addresses] == [200] * 3


# Without the extra, and Chorus's own format


@pytest.mark.faults
@pytest.mark.long
def test_without_the_extra_the_error_gives_the_install_command(iris_path: Path) -> None:
    """Charts and the built-in model work in an interpreter that can't import scikit-learn and skops."""
    program = f"""
import sys
sys.modules.update(dict.fromkeys(["sklearn", "skops", "joblib", "scipy"]))
from dashboard.app import create_app
client = create_app({{"CHORUS_MODEL": {str(iris_path)!r}}}).test_client()
print(client.get("/ready").get_json()["detail"])
print(client.get("/frequency.png?users={AIR}&n=9").status_code, client.get("/").status_code)
print(create_app({{}}).test_client().get("/ready").status_code)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    detail = f"iris.skops needs scikit-learn and skops, which aren't installed. {sklearn_files.INSTALL_ADVICE}"
    assert done.stdout.splitlines() == [detail, "200 200", "200"]
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    requirements = setup["options.extras_require"]["models"]
    assert "pip install -e '.[models]'" in sklearn_files.INSTALL_ADVICE
    assert "scikit-learn" in requirements
    assert "skops" in requirements


@pytest.mark.faults
@pytest.mark.long
def test_a_model_predicts_while_another_thread_imports_polars(iris_path: Path) -> None:
    """The first prediction waits until polars, which scikit-learn looks into, is imported completely."""
    program = f"""
import sys, threading, time
from dashboard.prediction.serving.loader import load_model
from pathlib import Path
import skops.io, sklearn.linear_model
begun = threading.Event()
class Pause:
    def find_spec(self, name, path=None, target=None):
        if name == "polars.dataframe":
            begun.set()
            time.sleep(1)
sys.meta_path.insert(0, Pause())
threading.Thread(target=__import__, args=["polars"]).start()
assert begun.wait(60)
print(load_model(Path({str(iris_path)!r}), trusted=False).predict([{SETOSA}])[0][0])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout == "0.0\n"


def test_a_copy_of_the_built_in_model_is_served(tmp_path: Path) -> None:
    """Chorus recognizes its own format under any file name."""
    path = Path(shutil.copy(BUILT_IN_MODEL_PATH, tmp_path / "mine.bin"))
    assert build_client(path).get("/model").get_json()["digest"] == create_app({}).test_client().get("/model").get_json()["digest"]


@pytest.mark.faults
@pytest.mark.long
def test_a_real_server_serves_a_mounted_model(iris_path: Path) -> None:
    """gunicorn serves the iris model's predictions."""
    with run_server({"CHORUS_MODEL": str(iris_path)}) as server:
        status, _, body = server.send_request("/predict", json.dumps({"features": SETOSA}).encode(), {"Content-Type": "application/json"})
        assert status == 200
        assert json.loads(body)["prediction"] == 0.0
        assert server.send_request("/ready")[0] == 200
