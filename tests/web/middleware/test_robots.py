"""Robots are off by default: robots.txt and X-Robots-Tag keep search engines away, and let link previews through."""

from urllib.robotparser import RobotFileParser

import pytest

from dashboard.app import create_app
from dashboard.config.settings import load_settings
from dashboard.core.errors import InvalidSetting

PATHS = ["/", "/report?users=demo:pennywren&n=10", "/frequency.png?users=demo:pennywren&n=10", "/health", "/nowhere", "/static/chorus.css"]
PREVIEWS = ["Twitterbot/1.0", "facebookexternalhit/1.1", "LinkedInBot/1.0", "Slackbot-LinkExpanding 1.0", "Discordbot/2.0", "WhatsApp/2.23"]


def read_rules(**settings: str) -> RobotFileParser:
    """Return the rules in robots.txt."""
    response = create_app(settings).test_client().get("/robots.txt")
    assert response.status_code == 200
    assert response.content_type == "text/plain; charset=utf-8"
    rules = RobotFileParser()
    rules.parse(response.text.splitlines())
    return rules


@pytest.mark.parametrize("agent", ["Googlebot", "bingbot", "GPTBot", "anything"])
def test_search_engines_may_read_nothing(agent: str) -> None:
    """This is the default."""
    assert not read_rules().can_fetch(agent, "/")
    assert not read_rules().can_fetch(agent, "/report?users=demo:pennywren")


@pytest.mark.parametrize("agent", PREVIEWS)
def test_link_previews_may_read(agent: str) -> None:
    """A link that somebody posts unfurls, with its picture."""
    assert read_rules().can_fetch(agent, "/report?users=demo:pennywren")
    assert read_rules().can_fetch(agent, "/kept/card/frequency.png?users=demo:pennywren")


@pytest.mark.parametrize("path", PATHS)
def test_every_response_says_not_to_list_it(path: str) -> None:
    """This holds for pages, images, errors and static files."""
    response = create_app({}).test_client().get(path, buffered=True)
    assert response.headers.getlist("X-Robots-Tag") == ["noindex, nofollow"]


def test_the_setting_invites_robots() -> None:
    """CHORUS_ROBOTS=allow opens everything and removes the header."""
    assert read_rules(CHORUS_ROBOTS="allow").can_fetch("Googlebot", "/report?users=demo:pennywren")
    assert "X-Robots-Tag" not in create_app({"CHORUS_ROBOTS": "allow"}).test_client().get("/").headers
    assert not read_rules(CHORUS_ROBOTS="deny").can_fetch("Googlebot", "/")


@pytest.mark.parametrize("value", ["yes", "1", "Allow"])
def test_another_value_stops_the_start(value: str) -> None:
    """The message names both values."""
    with pytest.raises(InvalidSetting, match="CHORUS_ROBOTS is allow or deny"):
        load_settings({"CHORUS_ROBOTS": value})
