"""Liveness, readiness and metrics, for load balancers and monitoring, which request them often."""

from flask import Blueprint, Response

from dashboard.telemetry.metrics import CONTENT_TYPE
from dashboard.web.auth import access
from dashboard.web.extensions import is_model_loaded, metrics, model

health = Blueprint("health", __name__)


@health.get("/health")
def check_health() -> dict[str, object]:
    """Return 200 while the process serves requests. Nothing else is checked."""
    return {"status": "healthy", "model_loaded": is_model_loaded()}


@health.get("/ready")
def check_readiness() -> dict[str, object]:
    """Return 200 once the model is loaded, which includes a test prediction, or 503 with the reason if it can't be used."""
    return {"status": "ready", "model": model().card.title}


@health.get("/metrics")
def export_metrics() -> Response:
    """Return the metrics of this process for Prometheus. They include spending, so they need an access key if there are any."""
    access.require_key("Reading the metrics")
    return Response(metrics().render_text(), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})
