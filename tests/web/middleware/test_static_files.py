"""The files that pages load, and the icon that browsers ask for on their own."""

from dashboard.app import create_app


def test_the_icon_that_browsers_ask_for_is_the_logo() -> None:
    """Data and images have no page that could name an icon."""
    answer = create_app({}).test_client().get("/favicon.ico")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/static/logo.svg?v=")
