"""`/metrics`: each family changes only with what it counts, contains nothing private, and has a limited number of labels."""

from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from dashboard.app import create_app
from dashboard.prediction.protocols import ModelCard
from dashboard.telemetry.metrics import Metrics
from tests.support import fake_networks
from tests.support.fake_models import FakeTabularModel, NeutralModel
from tests.support.streamed_pages import stream_at_once

KEY = "geheim-0123456789-abcdef"
Counted = dict[tuple[str, ...], float]


def read_samples(client: FlaskClient) -> Counted:
    """Return every sample of ours as (name, label values …) in order of label names, as Prometheus's own parser reads them."""
    families = text_string_to_metric_families(client.get("/metrics", buffered=True).text)
    samples = (sample for family in families for sample in family.samples if sample.name.startswith("chorus_"))
    return {(sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value for sample in samples}


def measure_changes(client: FlaskClient, work: Callable[[], object], family: str) -> Counted:
    """Return by how much the samples of a family move while work is done."""
    before = read_samples(client)
    work()
    after = read_samples(client)
    return {key: round(value - before.get(key, 0), 6) for key, value in after.items() if key[0] == family and value != before.get(key, 0)}


def request_all(client: FlaskClient, *paths: str) -> Callable[[], object]:
    return lambda: [client.get(path, buffered=True) for path in paths]


def test_requests_are_counted_by_route_method_and_status(client: FlaskClient) -> None:
    """A chart counts by its name and format, and all unknown paths are one route."""
    paths = ["/frequency.json?users=demo:aster-air&n=5", "/frequency.json?users=demo:pennywren&n=5", "/a", "/b", "/frequency.json"]
    changes = measure_changes(client, request_all(client, *paths), "chorus_requests_total")
    assert changes == {
        ("chorus_requests_total", "GET", "/frequency.json", "200"): 2,
        ("chorus_requests_total", "GET", "/frequency.json", "400"): 1,
        ("chorus_requests_total", "GET", "other", "404"): 2,
        ("chorus_requests_total", "GET", "/metrics", "200"): 1,
    }


def test_durations_are_counted_in_buckets(client: FlaskClient) -> None:
    """Each request is in all buckets above its duration."""
    work = request_all(client, "/health", "/health")
    count = measure_changes(client, work, "chorus_request_seconds_count")
    last = measure_changes(client, work, "chorus_request_seconds_bucket")
    assert count["chorus_request_seconds_count", "/health"] == 2
    assert last["chorus_request_seconds_bucket", "+Inf", "/health"] == 2


def test_a_streamed_page_is_counted_completely(app: Flask, world: fake_networks.World) -> None:
    """Its duration ends with its last part, and an error on it counts as an error."""
    world.x.fails("nasa", with_="broken")
    client = stream_at_once(app).test_client()
    before = read_samples(client)
    response = client.get("/report?users=nasa")
    begun = read_samples(client)
    assert "The network isn’t responding" in unescape(response.text)
    after, key = read_samples(client), ("chorus_requests_total", "GET", "/report", "200")
    assert [sample.get(key) for sample in (before, begun, after)] == [None, None, 1]
    assert after["chorus_errors_total", "SourceUnavailable"] == 1
    assert after["chorus_request_seconds_sum", "/report"] > 0.1


def test_fetches_and_posts_are_counted_by_network(client: FlaskClient, world: fake_networks.World) -> None:
    """A fetch counts as complete, partial or failed."""
    world.x.has("nasa", posts=12)
    world.x.has("esa", posts=250)
    world.x.fails("esa", with_="rate limit", after_pages=1)
    work = request_all(client, "/frequency.json?users=nasa,esa,nobody,demo:aster-air&n=200")
    fetches = measure_changes(client, work, "chorus_fetches_total")
    assert fetches == {
        ("chorus_fetches_total", "x", "ok"): 1,
        ("chorus_fetches_total", "x", "RateLimited"): 1,
        ("chorus_fetches_total", "x", "AccountNotFound"): 1,
        ("chorus_fetches_total", "demo", "ok"): 1,
    }
    samples = read_samples(client)
    assert samples["chorus_posts_read_total", "x"] == 112
    assert samples["chorus_posts_read_total", "demo"] == 200


def test_spending_is_counted_when_it_is_charged(client: FlaskClient, world: fake_networks.World) -> None:
    """Twelve posts and a lookup cost 0.07 US dollars once, and nothing from the cache."""
    world.x.has("nasa", posts=12)
    work = request_all(client, "/frequency.json?users=nasa&n=12")
    assert measure_changes(client, work, "chorus_spent_usd_total") == {("chorus_spent_usd_total",): 0.07}
    assert measure_changes(client, work, "chorus_spent_usd_total") == {}


@pytest.mark.slow
def test_cache_hits_are_counted(client: FlaskClient, world: fake_networks.World) -> None:
    """First nothing is cached, then everything, then a part; X's own counts are separate.

    A timeline that has grown has another version, so what was computed from it before is computed once more.
    """
    world.x.has("nasa", posts=50)
    once, more = "/frequency.json?users=nasa&n=10", "/sentiment.json?users=nasa&n=20"
    changes = measure_changes(client, request_all(client, once, once, more, once, once), "chorus_cache_total")
    assert changes == {("chorus_cache_total", "timeline", "miss"): 1, ("chorus_cache_total", "timeline", "hit"): 3} | {
        ("chorus_cache_total", "timeline", "part"): 1,
        ("chorus_cache_total", "response", "miss"): 3,
        ("chorus_cache_total", "response", "hit"): 2,
    }
    counts = "/frequency.json?users=nasa&counted=network"
    changes = measure_changes(client, request_all(client, counts, counts), "chorus_cache_total")
    assert changes == {("chorus_cache_total", "counts", "miss"): 1, ("chorus_cache_total", "counts", "hit"): 1} | {
        ("chorus_cache_total", "response", "miss"): 1,
        ("chorus_cache_total", "response", "hit"): 1,
    }


def test_predictions_are_counted_by_label(client: FlaskClient) -> None:
    """This includes the API, the page for texts, and charts."""
    title = client.get("/model").get_json()
    named = f"{title['name']} {title['version']}"
    texts = {"texts": ["I love it, it is great", "I hate it, it is awful", "I love it, it is great"]}
    changes = measure_changes(client, lambda: client.post("/predict", json=texts), "chorus_predictions_total")
    assert changes == {("chorus_predictions_total", "negative", named): 1, ("chorus_predictions_total", "positive", named): 2}
    assert sum(measure_changes(client, request_all(client, "/classify?text=I%20love%20it"), "chorus_predictions_total").values()) == 1
    chart = "/sentiment.json?users=demo:aster-air&n=30&method=model"
    assert sum(measure_changes(client, request_all(client, chart), "chorus_predictions_total").values()) == 30


def test_predictions_of_a_tabular_model_are_counted() -> None:
    """Its classes are labels."""
    app = create_app({})
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=FakeTabularModel)
    client = app.test_client()
    changes = measure_changes(
        client, lambda: client.post("/predict", json={"features": [[5.1, 3.5, 1.4, 0.2]] * 3}), "chorus_predictions_total"
    )
    assert list(changes.values()) == [3]


def test_errors_are_counted_by_type(client: FlaskClient, world: fake_networks.World) -> None:
    """It is the type that was reported, or the framework's own."""
    world.x.fails("nasa", with_="rate limit")
    work = request_all(client, "/frequency.json?users=nasa", "/frequency.json", "/nothing", "/nothing")
    assert measure_changes(client, work, "chorus_errors_total") == {
        ("chorus_errors_total", "RateLimited"): 1,
        ("chorus_errors_total", "InvalidQuery"): 1,
        ("chorus_errors_total", "NotFound"): 2,
    }


def test_two_applications_have_separate_metrics(client: FlaskClient) -> None:
    """Each has its own registry."""
    other = create_app({}).test_client()
    assert measure_changes(other, request_all(client, "/health", "/nothing"), "chorus_errors_total") == {}


# --- content and access -------------------------------------------------------------------------------------------------------


def test_the_format_is_prometheus_text(client: FlaskClient) -> None:
    """The content type is fixed, and the response isn't cached."""
    accept_headers = [None, "application/openmetrics-text; version=9.geheim", "text/html", "\u00ff" * 50]
    responses = [client.get("/metrics", headers={"Accept": accept} if accept else {}) for accept in accept_headers]
    assert {(response.status_code, response.content_type) for response in responses} == {(200, "text/plain; version=0.0.4; charset=utf-8")}
    assert responses[0].headers["Cache-Control"] == "no-store"


def test_every_family_has_a_help_text(client: FlaskClient) -> None:
    """All families exist from the start."""
    client.get("/health", buffered=True)
    families = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}
    ours = {"requests", "request_seconds", "fetches", "posts_read", "spent_usd", "cache", "predictions", "errors"}
    assert {name.removeprefix("chorus_") for name in families if name.startswith("chorus_")} == ours
    assert [name for name, family in families.items() if not family.documentation] == []


def test_it_contains_nothing_private(client: FlaskClient, world: fake_networks.World) -> None:
    """There is no account, text or URL."""
    world.x.has("geheim", posts=3)
    for path in ("/frequency.json?users=geheim", "/geheim", "/report?users=geheim", "/classify?text=geheim", "/datasets/geheim/delete"):
        client.get(path, buffered=True)
    client.open("/health", method="GEHEIM", buffered=True)
    assert "geheim" not in client.get("/metrics").text.lower()


@pytest.mark.parametrize(("key", "status"), [(KEY, 200), ("geheim-but-not-a-key", 401), (None, 401)])
def test_it_requires_a_key_if_there_are_access_keys(key: str | None, status: int) -> None:
    """Spending is the operator's business."""
    client = create_app({"CHORUS_ACCESS_KEYS": KEY}).test_client()
    response = client.get("/metrics", headers={"Authorization": f"Bearer {key}"} if key else {})
    assert response.status_code == status
    assert ("chorus_spent" in response.text) == (status == 200)


def test_labels_are_limited() -> None:
    """Invented values are shortened, made printable, and merged after a hundred."""
    metrics = Metrics()
    for number in range(1000):
        metrics.record_error(f"Made{number}")
        metrics.record_predictions('\ud800\n"' + "m" * 500, [f"label {number}"])
        metrics.record_request(f"/{number}", f"METHOD{number}", 200, 0.1)
    metric_families = list(text_string_to_metric_families(metrics.render_text().decode()))
    sizes = {family.name: len({tuple(sorted(sample.labels.items())) for sample in family.samples}) for family in metric_families}
    assert [sizes[f"chorus_{name}"] for name in ("errors", "predictions", "requests")] == [101, 101, 101]
    assert max(len(value) for family in metric_families for sample in family.samples for value in sample.labels.values()) <= 60


def test_the_prediction_at_loading_is_not_counted(app: Flask) -> None:
    """No user has made it."""
    client = app.test_client()
    assert measure_changes(client, request_all(client, "/ready"), "chorus_predictions_total") == {}


def test_a_model_stays_the_same_object(app: Flask) -> None:
    """Results are cached by model, so it must not change with every request."""
    services = app.extensions["chorus"]
    assert services.model is services.model
    assert len({services.model, services.model}) == 1


def test_an_instrumented_model_predicts_the_same() -> None:
    """Of two equal probabilities, the first label counts, as in /predict."""

    class Torn(NeutralModel):
        card = ModelCard("torn", "1", "0" * 64, ("b", "a"))

        def predict_proba(self, texts: object) -> list[list[float]]:
            return [[0.5, 0.5]]

    app = create_app({})
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=Torn)
    client = app.test_client()
    document = client.post("/predict", json={"text": "x"}).get_json()["prediction"]
    assert [key[1] for key in read_samples(client) if key[0] == "chorus_predictions_total"] == [document]
