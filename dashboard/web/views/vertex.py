"""The routes that Vertex AI requests from a custom container: our `/ready` and `/predict` at the paths it configures.

Vertex AI limits requests and responses to 1.5 MB.
"""

from flask import Blueprint, Flask, make_response, request
from flask.typing import ResponseReturnValue

from dashboard.core.errors import InvalidPayload
from dashboard.core.formatting.counts import format_bytes
from dashboard.web.views import health
from dashboard.web.views import predict as predict_view

MAX_BYTES = 1_572_864  # bytes of a request or response: 1.5 MB


def init_app(app: Flask, health_route: str, predict_route: str) -> None:
    """Register these paths, unless they are empty or exist already. `/predict` as the configured path gets the limits of Vertex AI."""
    vertex = Blueprint("vertex", __name__)
    existing_paths = {rule.rule for rule in app.url_map.iter_rules()}
    if health_route and health_route not in existing_paths:
        vertex.add_url_rule(health_route, "ready", health.check_readiness)
    if predict_route and predict_route not in existing_paths:
        vertex.add_url_rule(predict_route, "predict", predict, methods=["POST"])
    elif predict_route == "/predict":
        app.view_functions["api.predict"] = predict
    app.register_blueprint(vertex)


def predict() -> ResponseReturnValue:
    """Return predictions within the size limits of Vertex AI."""
    request.max_content_length = MAX_BYTES
    response = make_response(predict_view.predict())
    size = len(response.get_data())
    if size > MAX_BYTES:
        sizes = f"The response has {format_bytes(size)}, but Vertex AI accepts at most {format_bytes(MAX_BYTES)}."
        raise InvalidPayload([("instances", f"{sizes} Send fewer instances.")])
    return response
