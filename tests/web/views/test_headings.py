"""The line below the heading of a page: which days and which posts its numbers are about."""

import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support import fake_networks
from tests.support.client_requests import upload_file

AIR, CLOCKS, NEWS = "demo:aster-air", "demo:small-clocks", "demo:harbour-news"


def read_heading(client: FlaskClient, address: str) -> str:
    """Return the line of a page."""
    text = client.get(address).text
    line = re.search(r'<p class="shown">(.*?)</p>', text) or re.search(r"</h1>.*?<p>(.*?)</p>", text, re.DOTALL)
    assert line
    return unescape(line[1])


@pytest.mark.parametrize("period", ["", "&last=365d"])
def test_the_common_period_is_named_with_its_days_and_posts(demo_client: FlaskClient, period: str) -> None:
    """Posts from before it were read, but the page doesn't show them."""
    heading = read_heading(demo_client, f"/report?users={AIR},{NEWS}{period}&window=common")
    assert heading.startswith("Common period 29 Sep – 31 Oct 2026 · 595 of 800 posts read · UTC")


@pytest.mark.parametrize(
    ("args", "posts"),
    [
        (f"users={AIR}", "latest 400 posts"),
        (f"users={AIR},{NEWS}", "latest 400 posts per account"),
        (f"users={AIR}&n=100000", "all 2,100 posts"),
        (f"users={NEWS}&n=100000", "latest 3,200 posts (the most Chorus reads)"),
        (f"users={CLOCKS}", "all 90 posts"),
        (f"users={AIR},{CLOCKS}", "up to 400 posts per account"),
        (f"users={CLOCKS}&kinds=reply", "11 of 90 posts read"),
    ],
)
def test_the_number_of_posts_is_that_of_posts_that_exist(demo_client: FlaskClient, args: str, posts: str) -> None:
    """All of them are called all, however many were asked for."""
    assert read_heading(demo_client, f"/report?{args}").split(" · ")[1] == posts


def test_a_small_file_has_no_400_posts(tmp_path: Path) -> None:
    """All of its posts were read, of both accounts."""
    client = create_app({"CHORUS_DATASETS": str(tmp_path)}).test_client()
    rows = "".join(f"2026-03-{day:02}T10:00:00Z,A good day,{day}{name},{name}\n" for day in range(1, 11) for name in ("harbour", "tower"))
    report = upload_file(client, f"created_at,text,id,account\n{rows}").headers["Location"]
    assert read_heading(client, report).split(" · ")[:2] == ["1 Mar – 10 Mar 2026", "all 20 posts"]


@pytest.mark.parametrize("path", ["/report", "/html/frequency"])
def test_a_page_says_how_far_posts_were_read_back_and_offers_more(demo_client: FlaskClient, path: str) -> None:
    """The period is longer than the posts that were read, which cost nothing."""
    text = unescape(demo_client.get(f"{path}?users={AIR},{NEWS}&last=365d").text)
    reach = "Posts were read back only to 8 Sep 2026 (Aster Air) and 29 Sep 2026 (Harbour News), not to 1 Nov 2025."
    link = f'<a href="{path}?users={AIR},{NEWS}&n=3200&last=365d" rel="nofollow">Read up to 3,200 posts per account'
    assert f'<p class="hint">{reach} {link}' in text


def test_the_only_account_needs_no_name(demo_client: FlaskClient) -> None:
    """Its name is the heading."""
    assert "Posts were read back only to 8 Sep 2026, not to 1 Jun 2026." in demo_client.get(f"/report?users={AIR}&since=2026-06-01").text


@pytest.mark.parametrize("args", ["", "&last=30d"])
def test_a_period_that_was_read_needs_no_such_sentence(demo_client: FlaskClient, args: str) -> None:
    """Without a period, nobody asked for older posts."""
    text = demo_client.get(f"/report?users={AIR}{args}").text
    assert "read back only" not in text
    assert "Read up to 3,200 posts" not in text


def test_more_posts_are_not_offered_where_they_cost_money(world: fake_networks.World, client: FlaskClient) -> None:
    """The sentence is there."""
    for number in range(3):
        world.x.post("nasa", f"Launch {number}")
    text = client.get("/report?users=nasa&n=1&since=2026-01-01").text
    assert "Posts were read back only to " in text
    assert "Read up to 3,200 posts" not in text


def test_a_comparison_is_offered_only_if_the_period_itself_was_read(demo_client: FlaskClient) -> None:
    """No posts from before a period are read if there are more than enough in it."""
    cut, whole = (demo_client.get(f"/report?users={AIR}&last={last}").text for last in ("365d", "30d"))
    assert "Compare with 2 Sep – 1 Oct 2026" in whole
    assert "Compare with" not in cut
