"""Whether the process is alive; asked by machines, often, so it touches nothing."""

from flask import Blueprint

health = Blueprint("health", __name__)


@health.get("/health")
def alive() -> dict[str, object]:
    """Answer as long as requests are served at all; no classifier is part of this version yet."""
    return {"status": "healthy", "model_loaded": False}
