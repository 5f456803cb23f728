"""Whether the process is alive, and whether it can predict; asked by machines, often."""

from flask import Blueprint

from dashboard.extensions import model, model_loaded

health = Blueprint("health", __name__)


@health.get("/health")
def alive() -> dict[str, object]:
    """Answer as long as requests are served at all; touches nothing."""
    return {"status": "healthy", "model_loaded": model_loaded()}


@health.get("/ready")
def ready() -> dict[str, object]:
    """Answer once a real prediction has run, as it does when the model is loaded; one that can't be used is 503, with the reason."""
    return {"status": "ready", "model": model().card.title}
