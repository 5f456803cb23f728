"""Tests of `/ready` and of loading a model: once for any number of requests, and again some time after a failure."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from dashboard.app import create_app
from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.protocols import Model
from dashboard.prediction.serving.lazy_model import RETRY_DELAY_SECONDS, LazyModel
from dashboard.web import warmup
from tests.support.fake_models import NeutralModel


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class FakeLoader:
    """A loader that fails `failures` times before it returns a model; `call_count` counts its calls."""

    def __init__(self, failures: int = 0, error: Exception | None = None) -> None:
        self.failures, self.call_count = failures, 0
        self.error = error or ModelUnavailable("The file is incomplete.", "Copy it again.")

    def __call__(self) -> Model:
        self.call_count += 1
        if self.call_count <= self.failures:
            raise self.error
        return NeutralModel()


def build_app(loader: Callable[[], Model], clock: Clock) -> Flask:
    """Return an application with this loader and clock."""
    app = create_app({})
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=loader, monotonic=clock)
    return app


def test_a_model_is_loaded_once_for_concurrent_requests() -> None:
    """Eight requests wait for one load, and all succeed."""
    started, release, loader = threading.Event(), threading.Event(), FakeLoader()

    def load_slowly() -> Model:
        started.set()
        assert release.wait(20)
        return loader()

    app = build_app(load_slowly, Clock())
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(app.test_client().get, "/ready") for _ in range(8)]
        assert started.wait(20)
        while_loading = app.test_client().get("/health").get_json()
        release.set()
        statuses = [future.result(20).status_code for future in futures]
    assert statuses == [200] * 8
    assert loader.call_count == 1
    assert while_loading["model_loaded"] is False


def test_concurrent_requests_share_a_failure() -> None:
    """The loader isn't called again for each of them."""
    started, release, loader = threading.Event(), threading.Event(), FakeLoader(failures=99)

    def load_slowly() -> Model:
        started.set()
        assert release.wait(20)
        return loader()

    app = build_app(load_slowly, Clock())
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(app.test_client().get, "/ready") for _ in range(8)]
        assert started.wait(20)
        release.set()
        statuses = [future.result(20).status_code for future in futures]
    assert statuses == [503] * 8
    assert loader.call_count == 1


def test_loading_is_tried_again_some_time_after_a_failure() -> None:
    """Until then, every request gets the same reason without another call of the loader."""
    loader, clock = FakeLoader(failures=1), Clock()
    client = build_app(loader, clock).test_client()
    first, second = client.get("/ready"), client.post("/predict", json={"text": "a"})
    clock.now += RETRY_DELAY_SECONDS - 0.1
    third, calls_before_retry = client.get("/ready"), loader.call_count
    clock.now += 0.1
    recovered = client.get("/ready")
    assert [response.status_code for response in (first, second, third, recovered)] == [503, 503, 503, 200]
    assert calls_before_retry == 1
    assert loader.call_count == 2
    assert client.get("/health").get_json()["model_loaded"] is True
    assert {response.get_json()["detail"] for response in (first, second, third)} == {"The file is incomplete. Copy it again."}


def test_an_unexpected_error_is_503(caplog: pytest.LogCaptureFixture) -> None:
    """The raw error is in the log and not in the response."""
    response = build_app(FakeLoader(failures=1, error=RuntimeError("secret")), Clock()).test_client().get("/ready")
    assert response.status_code == 503
    assert "secret" not in response.text
    assert "secret" in caplog.text
    assert response.content_type == "application/problem+json"


def test_a_failure_is_logged_once_per_try(caplog: pytest.LogCaptureFixture) -> None:
    """Frequent probes don't fill the log."""
    model = LazyModel(FakeLoader(failures=9), Clock())
    for _ in range(3):
        with pytest.raises(ModelUnavailable):
            model.get()
    assert caplog.text.count("the model isn't available: The file is incomplete. Copy it again.") == 1


def test_readiness_probes_make_no_predictions() -> None:
    """The only prediction is made when the model is loaded."""
    model = NeutralModel()
    client = build_app(lambda: model, Clock()).test_client()
    call_counts = [client.get("/ready").status_code and model.call_count for _ in range(3)]
    assert call_counts[0] == call_counts[1] == call_counts[2]


def test_a_file_that_appears_later_is_served(tmp_path: Path) -> None:
    """A volume may be mounted after the first request; its model is served with the next try."""
    import skops.io
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    app, clock = create_app({"CHORUS_MODEL": str(tmp_path / "iris.skops")}), Clock()
    app.extensions["chorus"] = replace(app.extensions["chorus"], monotonic=clock)
    client = app.test_client()
    before = client.get("/ready").status_code
    skops.io.dump(LogisticRegression(max_iter=1000).fit(*load_iris(return_X_y=True)), tmp_path / "iris.skops")
    meanwhile = client.get("/ready").status_code
    clock.now += RETRY_DELAY_SECONDS
    response = client.get("/ready")
    assert before == 503
    assert meanwhile == 503
    assert response.status_code == 200
    assert response.get_json()["model"].split()[0] == "iris"


@pytest.mark.slow
def test_warming_up_loads_the_model_and_compiles_every_template(app: Flask) -> None:
    """The first visitor doesn't have to wait for either, unless a request comes before: warming up begins once none is worked on."""
    answers = iter([False, True])
    warmup.start(app, lambda: next(answers)).join(60)
    compiled = {name for _, name in app.jinja_env.cache or ()}
    assert app.test_client().get("/ready").status_code == 200
    assert compiled >= set(app.jinja_env.list_templates(extensions=["html"]))
    assert next(answers, None) is None


def test_warming_up_begins_on_a_server_that_always_has_a_request(caplog: pytest.LogCaptureFixture) -> None:
    """It waits for a moment without one, but not for ever. This application has nothing to warm up, which shows that it was tried."""
    warmup.start(Flask("empty"), lambda: False, max_wait_seconds=0.2).join(60)
    assert "Warming up failed" in caplog.text
