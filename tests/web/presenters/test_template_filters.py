"""How values are written into pages."""

import json

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.web.presenters.template_filters import keep_names_whole


def test_json_in_a_page_keeps_its_order_and_ends_no_script() -> None:
    """Keys stay in order, without spaces, and no text inside can close the element or open another."""
    value = {"b": "</script><!-- & 'it'", "a": [1, 2]}
    written = create_app({}).jinja_env.from_string("{{ value | tojson }}").render(value=value)
    assert written == '{"b":"\\u003c/script\\u003e\\u003c!-- \\u0026 \\u0027it\\u0027","a":[1,2]}'
    assert json.loads(written) == value


@pytest.mark.parametrize(
    ("heading", "html"),
    [
        ("@harbourbakery and @nasa", '<span class="name">@harbourbakery</span> and <span class="name">@nasa</span>'),
        ("Posts by demo:aster-air, 2 more", 'Posts by <span class="name">demo:aster-air,</span> 2 more'),
        ("Posts containing “<b>”", "Posts containing “&lt;b&gt;”"),
    ],
    ids=["handles", "a list with punctuation", "markup"],
)
def test_a_heading_keeps_account_names_in_one_line(heading: str, html: str) -> None:
    """Other words wrap as usual, and markup is escaped."""
    assert keep_names_whole(heading) == html


def test_a_number_in_a_template_is_written_for_each_language(demo_client: FlaskClient) -> None:
    """A template is compiled once, for all languages, so its numbers can't be written then."""
    client = demo_client.application.test_client(use_cookies=False)
    assert "25,000" in client.get("/classify?lang=en").text
    assert "25.000" in client.get("/classify?lang=de").text
