"""What happened, counted in this process, as Prometheus reads it. The only module that knows prometheus_client; no HTTP.

Every label has few values, whatever people or networks send: what comes after the first ones is counted as “other”.
"""

import threading
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from dashboard.core.pricing import MICRODOLLARS_PER_DOLLAR

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OTHER_LABEL = "other"
_MAX_LABEL_VALUES = 100  # values of a label
_MAX_LABEL_CHARACTERS = 60  # characters of a value
_LATENCY_BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_HTTP_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series beside each, which nobody asks for


class Metrics:
    """The counters of one application; an Observer, and told of requests and errors besides."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter("chorus_requests", "Requests answered.", ["route", "method", "status"], registry=registry)
        self._request_seconds = Histogram(
            "chorus_request_seconds",
            "Seconds until an answer was sent whole.",
            ["route"],
            buckets=_LATENCY_BUCKETS_SECONDS,
            registry=registry,
        )
        self._fetches = Counter(
            "chorus_fetches", "Times a network was asked for an account, by how it ended.", ["network", "outcome"], registry=registry
        )
        self._posts_read = Counter("chorus_posts_read", "Posts that networks gave.", ["network"], registry=registry)
        self._spent_dollars = Counter("chorus_spent_usd", "US dollars that networks charged.", registry=registry)
        self._cache_lookups = Counter(
            "chorus_cache", "Look-ups of what is kept, by how much it answered.", ["kept", "result"], registry=registry
        )
        self._predictions = Counter("chorus_predictions", "Texts and rows that a model labelled.", ["model", "label"], registry=registry)
        self._errors = Counter("chorus_errors", "Answers that told of an error, by its kind.", ["kind"], registry=registry)
        self._limit_label = _LabelLimiter()
        ProcessCollector(registry=registry)

    def render_text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self._registry)

    def record_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request; `route` is a rule, never what was asked."""
        named = self._limit_label("route", route)
        self._requests.labels(named, method if method in _HTTP_METHODS else OTHER_LABEL, str(status)).inc()
        self._request_seconds.labels(named).observe(seconds)

    def record_error(self, error_name: str) -> None:
        """Count an error that somebody was told."""
        self._errors.labels(self._limit_label("kind", error_name)).inc()

    def record_fetch(self, network: str, outcome: str, post_count: int) -> None:
        """Count a read of a network."""
        self._fetches.labels(network, outcome).inc()
        self._posts_read.labels(network).inc(post_count)

    def record_spend(self, microdollars: int) -> None:
        """Count money."""
        self._spent_dollars.inc(max(0, microdollars) / MICRODOLLARS_PER_DOLLAR)

    def record_cache_lookup(self, entry_kind: str, result: str) -> None:
        """Count a look at what is kept."""
        self._cache_lookups.labels(entry_kind, result).inc()

    def record_predictions(self, model_title: str, labels: Iterable[object]) -> None:
        """Count labels."""
        title = self._limit_label("model", model_title)
        for label in labels:
            self._predictions.labels(title, self._limit_label("label", str(label))).inc()


class _LabelLimiter:
    """Values of labels as they may be shown: short, printable, and not more than _MOST of a name."""

    def __init__(self) -> None:
        self._known_values: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def __call__(self, label_name: str, value: str) -> str:
        shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in value[:_MAX_LABEL_CHARACTERS])
        with self._lock:
            known = self._known_values.setdefault(label_name, set())
            if shown in known:
                return shown
            if len(known) >= _MAX_LABEL_VALUES:
                return OTHER_LABEL
            known.add(shown)
            return shown
