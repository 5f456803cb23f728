"""The addresses that Vertex AI asks a container of one's own at: our `/ready` and `/predict`, wherever it wants them.

It sends at most 1.5 MB, and hands on no larger answer.
"""

from flask import Blueprint, Flask, make_response, request
from flask.typing import ResponseReturnValue

from dashboard.core.errors import InvalidPayload
from dashboard.web.views import health
from dashboard.web.views import predict as predict_view

MAX_BYTES = 1_572_864  # bytes of a body or an answer: 1.5 MB, whichever way they are counted


def init_app(app: Flask, health_route: str, predict_route: str) -> None:
    """Answer at these addresses too, nowhere if they are empty. An address of ours keeps its answer; `/predict` takes a larger body."""
    vertex = Blueprint("vertex", __name__)
    ours = {rule.rule for rule in app.url_map.iter_rules()}
    if health_route and health_route not in ours:
        vertex.add_url_rule(health_route, "ready", health.check_readiness)
    if predict_route and predict_route not in ours:
        vertex.add_url_rule(predict_route, "predict", predict, methods=["POST"])
    elif predict_route == "/predict":
        app.view_functions["api.predict"] = predict
    app.register_blueprint(vertex)


def predict() -> ResponseReturnValue:
    """What the model says of instances, in no more bytes than Vertex AI hands on."""
    request.max_content_length = MAX_BYTES
    response = make_response(predict_view.predict())
    size = len(response.get_data())
    if size > MAX_BYTES:
        raise InvalidPayload(
            [("instances", f"The response has {size:,} bytes, but Vertex AI accepts at most 1.5 MB. Send fewer instances.")]
        )
    return response
