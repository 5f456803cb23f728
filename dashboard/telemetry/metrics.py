"""What happened, counted in this process, as Prometheus reads it. The only module that knows prometheus_client; no HTTP.

Every label has few values, whatever people or networks send: what comes after the first ones is counted as “other”.
"""

import threading
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from dashboard.core.pricing import MICRO

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OTHER = "other"
_MOST = 100  # values of a label
_LONGEST = 60  # characters of a value
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series beside each, which nobody asks for


class Metrics:
    """The counters of one application; an Observer, and told of requests and errors besides."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter("chorus_requests", "Requests answered.", ["route", "method", "status"], registry=registry)
        self._seconds = Histogram(
            "chorus_request_seconds", "Seconds until an answer was sent whole.", ["route"], buckets=_SECONDS, registry=registry
        )
        self._fetches = Counter(
            "chorus_fetches", "Times a network was asked for an account, by how it ended.", ["network", "outcome"], registry=registry
        )
        self._posts = Counter("chorus_posts_read", "Posts that networks gave.", ["network"], registry=registry)
        self._spent = Counter("chorus_spent_usd", "US dollars that networks charged.", registry=registry)
        self._cache = Counter("chorus_cache", "Look-ups of what is kept, by how much it answered.", ["kept", "result"], registry=registry)
        self._predictions = Counter("chorus_predictions", "Texts and rows that a model labelled.", ["model", "label"], registry=registry)
        self._errors = Counter("chorus_errors", "Answers that told of an error, by its kind.", ["kind"], registry=registry)
        self._bound = _Bounds()
        ProcessCollector(registry=registry)

    def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self._registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request; `route` is a rule, never what was asked."""
        named = self._bound("route", route)
        self._requests.labels(named, method if method in _METHODS else OTHER, str(status)).inc()
        self._seconds.labels(named).observe(seconds)

    def failed(self, kind: str) -> None:
        """Count an error that somebody was told."""
        self._errors.labels(self._bound("kind", kind)).inc()

    def fetched(self, network: str, outcome: str, posts: int) -> None:
        """Count a read of a network."""
        self._fetches.labels(network, outcome).inc()
        self._posts.labels(network).inc(posts)

    def spent(self, micro: int) -> None:
        """Count money."""
        self._spent.inc(max(0, micro) / MICRO)

    def looked_up(self, what: str, result: str) -> None:
        """Count a look at what is kept."""
        self._cache.labels(what, result).inc()

    def predicted(self, model: str, labels: Iterable[object]) -> None:
        """Count labels."""
        title = self._bound("model", model)
        for label in labels:
            self._predictions.labels(title, self._bound("label", str(label))).inc()


class _Bounds:
    """Values of labels as they may be shown: short, printable, and not more than _MOST of a name."""

    def __init__(self) -> None:
        self._known: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def __call__(self, name: str, value: str) -> str:
        shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in value[:_LONGEST])
        with self._lock:
            known = self._known.setdefault(name, set())
            if shown in known:
                return shown
            if len(known) >= _MOST:
                return OTHER
            known.add(shown)
            return shown
