"""`/ready`, and how a model is loaded: once however many ask, a failure remembered for a while, and then tried anew."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import skops.io
from flask import Flask
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from dashboard.app import create_app
from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.protocols import Model
from dashboard.prediction.serving.lazy_model import RETRY_DELAY_SECONDS, LazyModel
from dashboard.web import warmup
from tests.support.fake_models import NeutralModel


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Maker:
    """Makes a model, or fails as often as it is told to; `tries` counts."""

    def __init__(self, fails: int = 0, error: Exception | None = None) -> None:
        self.fails, self.error, self.tries = fails, error or ModelUnavailable("The file is cut off.", "Copy it again."), 0

    def __call__(self) -> Model:
        self.tries += 1
        if self.tries <= self.fails:
            raise self.error
        return NeutralModel()


def serving(make: Callable[[], Model], clock: Clock) -> Flask:
    """Return an application with a model and a clock of its own."""
    app = create_app({})
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=make, monotonic=clock)
    return app


def test_a_model_is_loaded_once_for_many_who_wait() -> None:
    """Eight at once wait for one load, and all are answered."""
    begun, go, made = threading.Event(), threading.Event(), Maker()

    def slowly() -> Model:
        begun.set()
        assert go.wait(20)
        return made()

    app = serving(slowly, Clock())
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(app.test_client().get, "/ready") for _ in range(8)]
        assert begun.wait(20)
        while_loading = app.test_client().get("/health").get_json()
        go.set()
        statuses = [answer.result(20).status_code for answer in answers]
    assert statuses == [200] * 8
    assert made.tries == 1
    assert while_loading["model_loaded"] is False


def test_many_who_wait_for_a_failure_share_it() -> None:
    """The file is not read again for each of them."""
    begun, go, made = threading.Event(), threading.Event(), Maker(fails=99)

    def slowly() -> Model:
        begun.set()
        assert go.wait(20)
        return made()

    app = serving(slowly, Clock())
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(app.test_client().get, "/ready") for _ in range(8)]
        assert begun.wait(20)
        go.set()
        statuses = [answer.result(20).status_code for answer in answers]
    assert statuses == [503] * 8
    assert made.tries == 1


def test_a_failure_is_remembered_and_then_the_model_is_tried_anew() -> None:
    """For half a minute the same reason without a look at the file; after it the model may be there."""
    made, clock = Maker(fails=1), Clock()
    client = serving(made, clock).test_client()
    first, second = client.get("/ready"), client.post("/predict", json={"text": "a"})
    clock.now += RETRY_DELAY_SECONDS - 0.1
    third, tries = client.get("/ready"), made.tries
    clock.now += 0.1
    healed = client.get("/ready")
    assert [answer.status_code for answer in (first, second, third, healed)] == [503, 503, 503, 200]
    assert tries == 1
    assert made.tries == 2
    assert client.get("/health").get_json()["model_loaded"] is True
    assert {answer.get_json()["detail"] for answer in (first, second, third)} == {"The file is cut off. Copy it again."}


def test_a_failure_that_nobody_foresaw_is_a_reason_too(caplog: pytest.LogCaptureFixture) -> None:
    """503 without the raw error, which is in the log."""
    answer = serving(Maker(fails=1, error=RuntimeError("secret")), Clock()).test_client().get("/ready")
    assert answer.status_code == 503
    assert "secret" not in answer.text
    assert "secret" in caplog.text
    assert answer.content_type == "application/problem+json"


def test_a_failure_is_logged_once_a_try(caplog: pytest.LogCaptureFixture) -> None:
    """Probes that ask every second do not fill the log."""
    mounted = LazyModel(Maker(fails=9), Clock())
    for _ in range(3):
        with pytest.raises(ModelUnavailable):
            mounted.get()
    assert caplog.text.count("there is no model: The file is cut off. Copy it again.") == 1


def test_polling_does_not_predict_anew() -> None:
    """A probe asks often; the one real prediction was made when the model was loaded."""
    model = NeutralModel()
    client = serving(lambda: model, Clock()).test_client()
    asked = [client.get("/ready").status_code and model.call_count for _ in range(3)]
    assert asked[0] == asked[1] == asked[2]


def test_a_volume_that_is_mounted_late_heals(tmp_path: Path) -> None:
    """The file was not there at the first question; half a minute after it is, its model is served."""
    app, clock = create_app({"CHORUS_MODEL": str(tmp_path / "iris.skops")}), Clock()
    app.extensions["chorus"] = replace(app.extensions["chorus"], monotonic=clock)
    client = app.test_client()
    before = client.get("/ready").status_code
    skops.io.dump(LogisticRegression(max_iter=1000).fit(*load_iris(return_X_y=True)), tmp_path / "iris.skops")
    meanwhile = client.get("/ready").status_code
    clock.now += RETRY_DELAY_SECONDS
    answer = client.get("/ready")
    assert before == 503
    assert meanwhile == 503
    assert answer.status_code == 200
    assert answer.get_json()["model"].split()[0] == "iris"


def test_warming_up_loads_the_model_and_compiles_every_template(app: Flask) -> None:
    """So that the first reader waits for neither."""
    warmup.start(app).join(60)
    compiled = {name for _, name in app.jinja_env.cache or ()}
    assert app.test_client().get("/ready").status_code == 200
    assert compiled >= set(app.jinja_env.list_templates(extensions=["html"]))
