"""Counts what happens in this process, in Prometheus's format. The only module that uses prometheus_client; no HTTP.

Every label has a limited number of values, whatever people or networks send: further values are counted as "other".
"""

import collections
import threading
from collections.abc import Iterable
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from dashboard.core.formatting.texts import printable
from dashboard.core.pricing import MICRODOLLARS_PER_DOLLAR

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OTHER_LABEL = "other"
_MAX_LABEL_VALUES = 100  # per label
_MAX_LABEL_CHARACTERS = 60  # per value
_MAX_REMEMBERED_SERIES = 1000  # of one metric; the library takes several times as long to look one up
_LATENCY_BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_HTTP_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
disable_created_metrics()  # type: ignore[no-untyped-call]  # they would double the number of series, and nobody uses them


class Metrics:
    """The metrics of one application. Implements Observer, and also records requests and errors."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter("chorus_requests", "Requests answered.", ["route", "method", "status"], registry=registry)
        self._request_seconds = Histogram(
            "chorus_request_seconds",
            "Seconds until a response was completely sent.",
            ["route"],
            buckets=_LATENCY_BUCKETS_SECONDS,
            registry=registry,
        )
        self._fetches = Counter(
            "chorus_fetches", "Reads of an account from a network, by outcome.", ["network", "outcome"], registry=registry
        )
        self._posts_read = Counter("chorus_posts_read", "Posts read from networks.", ["network"], registry=registry)
        self._spent_dollars = Counter("chorus_spent_usd", "US dollars that networks charged.", registry=registry)
        self._cache_lookups = Counter("chorus_cache", "Cache lookups, by result.", ["kept", "result"], registry=registry)
        self._predictions = Counter("chorus_predictions", "Texts and rows labelled by a model.", ["model", "label"], registry=registry)
        self._errors = Counter("chorus_errors", "Error responses, by kind of error.", ["kind"], registry=registry)
        self._limit_label = _LabelLimiter()
        remember = lru_cache(_MAX_REMEMBERED_SERIES)
        self._request_counter, self._request_timer = remember(self._requests.labels), remember(self._request_seconds.labels)
        self._prediction_counter = remember(self._predictions.labels)
        ProcessCollector(registry=registry)

    def render_text(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        return generate_latest(self._registry)

    def record_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request; `route` is a URL rule, never the URL itself."""
        route_label = self._limit_label("route", route)
        self._request_counter(route_label, method if method in _HTTP_METHODS else OTHER_LABEL, str(status)).inc()
        self._request_timer(route_label).observe(seconds)

    def record_error(self, error_name: str) -> None:
        """Count an error response; `error_name` is the class of the error."""
        self._errors.labels(self._limit_label("kind", error_name)).inc()

    def record_fetch(self, network: str, outcome: str, post_count: int) -> None:
        """Count one read of an account from a network, and the posts it returned."""
        self._fetches.labels(network, outcome).inc()
        self._posts_read.labels(network).inc(post_count)

    def record_spend(self, microdollars: int) -> None:
        """Add to the money spent."""
        self._spent_dollars.inc(max(0, microdollars) / MICRODOLLARS_PER_DOLLAR)

    def record_cache_lookup(self, entry_kind: str, result: str) -> None:
        """Count one cache lookup; `result` is "hit", "part" or "miss"."""
        self._cache_lookups.labels(entry_kind, result).inc()

    def record_predictions(self, model_title: str, labels: Iterable[object]) -> None:
        """Count the labels that a model predicted."""
        title = self._limit_label("model", model_title)
        for label, count in collections.Counter(map(str, labels)).items():
            self._prediction_counter(title, self._limit_label("label", label)).inc(count)


class _LabelLimiter:
    """Makes label values safe: short, printable, and at most _MAX_LABEL_VALUES per label."""

    def __init__(self) -> None:
        self._known_values: dict[str, set[str]] = collections.defaultdict(set)
        self._lock = threading.Lock()

    def __call__(self, label_name: str, value: str) -> str:
        known_values = self._known_values[label_name]
        if value in known_values:  # as nearly always
            return value
        label_value = printable(value[:_MAX_LABEL_CHARACTERS])
        with self._lock:
            if label_value in known_values:
                return label_value
            if len(known_values) >= _MAX_LABEL_VALUES:
                return OTHER_LABEL
            known_values.add(label_value)
            return label_value
