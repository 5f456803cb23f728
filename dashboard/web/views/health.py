"""Whether the process is alive, whether it can predict, and what it counted; asked by machines, often."""

from flask import Blueprint, Response

from dashboard.telemetry.metrics import CONTENT_TYPE
from dashboard.web.auth import access
from dashboard.web.extensions import is_model_loaded, metrics, model

health = Blueprint("health", __name__)


@health.get("/health")
def check_health() -> dict[str, object]:
    """Answer as long as requests are served at all; touches nothing."""
    return {"status": "healthy", "model_loaded": is_model_loaded()}


@health.get("/ready")
def check_readiness() -> dict[str, object]:
    """Answer once a real prediction has run, as it does when the model is loaded; one that can't be used is 503, with the reason."""
    return {"status": "ready", "model": model().card.title}


@health.get("/metrics")
def export_metrics() -> Response:
    """What this process counted, for Prometheus; where there are access keys it takes one, for it says what was spent."""
    access.require_key("Reading the metrics")
    return Response(metrics().render_text(), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})
