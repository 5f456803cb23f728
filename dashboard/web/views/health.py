"""Whether the process is alive, whether it can predict, and what it counted; asked by machines, often."""

from flask import Blueprint, Response

from dashboard.telemetry.metrics import CONTENT_TYPE
from dashboard.web.auth import access
from dashboard.web.extensions import metrics, model, model_loaded

health = Blueprint("health", __name__)


@health.get("/health")
def alive() -> dict[str, object]:
    """Answer as long as requests are served at all; touches nothing."""
    return {"status": "healthy", "model_loaded": model_loaded()}


@health.get("/ready")
def ready() -> dict[str, object]:
    """Answer once a real prediction has run, as it does when the model is loaded; one that can't be used is 503, with the reason."""
    return {"status": "ready", "model": model().card.title}


@health.get("/metrics")
def counted() -> Response:
    """What this process counted, for Prometheus; where there are access keys it takes one, for it says what was spent."""
    access.check("Reading the metrics")
    return Response(metrics().text(), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})
