"""The posts with the most reactions, as a report lists them."""

from dashboard.reports.analysis import Analysis
from dashboard.reports.fetched import Fetched
from dashboard.reports.top_posts import TopPost, list_top_posts
from tests.support.builders import build_query, build_timeline


def list_posts(*rows: dict[str, object], **parameters: str) -> list[TopPost]:
    """Return the posts with the most reactions of one account."""
    return list_top_posts(Analysis(build_query("nasa", **parameters), Fetched([build_timeline(*rows)])))


def test_posts_are_ordered_by_their_reactions() -> None:
    """Likes, reposts, replies and quotes count; views don't."""
    rows = [
        {"text": "viewed", "views": 900, "likes": 1},
        {"text": "liked", "likes": 5},
        {"text": "mixed", "likes": 2, "reposts": 2, "replies": 2},
    ]
    assert [(post.excerpt, post.reactions) for post in list_posts(*rows)] == [("mixed", 6), ("liked", 5), ("viewed", 1)]


def test_five_posts_are_listed_at_most() -> None:
    """The page of posts has all of them."""
    assert [post.reactions for post in list_posts(*({"likes": likes} for likes in range(1, 9)))] == [8, 7, 6, 5, 4]


def test_reposts_and_posts_without_reactions_are_left_out() -> None:
    """The reactions of a repost are the original's."""
    assert list_posts({"likes": 9, "kind": "repost"}, {"likes": 0}, {"text": "unknown"}) == []


def test_posts_in_every_language_are_listed() -> None:
    """Reactions don't depend on whether a method can read the post."""
    assert [post.reactions for post in list_posts({"text": "Der Zug ist heute leider schon wieder zu spät gekommen.", "likes": 3})] == [3]


def test_a_long_text_is_cut_between_words() -> None:
    """Line breaks become spaces."""
    excerpt = list_posts({"text": "One\ntwo " + "three " * 40, "likes": 1})[0].excerpt
    assert excerpt.startswith("One two three three")
    assert excerpt.endswith("three…")
    assert len(excerpt) <= 50


def test_a_listed_post_links_to_itself() -> None:
    """Its time is that of the question's zone."""
    post = list_posts({"id": "77", "likes": 1, "created_at": "2026-03-02T23:30:00"}, tz="Europe/Berlin")[0]
    assert post.post_query == (("account", "nasa"), ("id", "77"))
    assert post.day == "3 Mar"
