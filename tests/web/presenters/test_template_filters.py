"""How values are written into pages."""

import json

from dashboard.app import create_app


def test_json_in_a_page_keeps_its_order_and_ends_no_script() -> None:
    """Keys stay in order, without spaces, and no text inside can close the element or open another."""
    value = {"b": "</script><!-- & 'it'", "a": [1, 2]}
    written = create_app({}).jinja_env.from_string("{{ value | tojson }}").render(value=value)
    assert written == '{"b":"\\u003c/script\\u003e\\u003c!-- \\u0026 \\u0027it\\u0027","a":[1,2]}'
    assert json.loads(written) == value
