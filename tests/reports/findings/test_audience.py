"""Findings on reactions."""

from dataclasses import replace
from typing import Any

import polars as pl

from dashboard.core.posts import AUTHOR, Timeline
from tests.support.builders import build_query, build_timeline
from tests.support.findings import BAD, GOOD, find_all, find_sentences

QUERY = build_query("demo:one", interval="day")


def build_liked(*likes: tuple[str, int | None], account: str = "demo:one", **fields: Any) -> Timeline:
    """Return the timeline of posts with these texts and likes, the newest first, on days back from 2 March."""
    return build_timeline(*({"text": text, "likes": count} for text, count in likes), account=account, **fields)


def test_negative_posts_that_get_clearly_more_reactions_are_told_with_both_medians() -> None:
    """Twelve negative posts with nine likes, twelve positive ones with three."""
    assert find_sentences("audience", QUERY, build_liked(*[(BAD, 9), (GOOD, 3)] * 12)) == [
        "Negative posts by demo:one typically get about three times as many reactions as its positive ones: a median of 9 against 3."
    ]


def test_a_small_clear_difference_has_no_ratio() -> None:
    """Four is more than three, but 1.3 times as many is no figure to quote."""
    assert find_sentences("audience", QUERY, build_liked(*[(BAD, 3), (GOOD, 4)] * 12)) == [
        "Positive posts by demo:one typically get more reactions than its negative ones: a median of 4 against 3."
    ]


def test_medians_of_few_posts_are_not_compared() -> None:
    """Five posts have no interval."""
    assert find_sentences("audience", QUERY, build_liked(*[(BAD, 9), (GOOD, 3)] * 5)) == []


def test_the_post_with_most_reactions_is_quoted() -> None:
    """Its beginning, on one line, with the account, the day and the number."""
    long_text = "Fog over the harbour,\nand every boat is late: " + "wait for news " * 10
    sentences = find_sentences("top_post", QUERY, build_liked(("a", 3), (long_text, 1_234), ("b", 7)))
    assert sentences == ["Most reactions: “Fog over the harbour, and every boat is late: wait for…” (demo:one, 1 March, 1,234)."]


def test_the_author_of_the_post_with_most_reactions_is_named() -> None:
    """In a series of several accounts, the name of the series would say little."""
    timeline = build_liked(("a", 3), ("Fog", 9))
    timeline = replace(timeline, posts=timeline.posts.with_columns(pl.Series(AUTHOR, ["demo:small-clocks", "demo:harbour-news"])))
    assert find_sentences("top_post", QUERY, timeline) == ["Most reactions: “Fog” (Harbour News, 1 March, 9)."]


def test_two_posts_with_equally_many_reactions_are_not_told() -> None:
    """Neither has the most."""
    assert find_sentences("top_post", QUERY, build_liked(("a", 7), ("b", 7))) == []


def test_unknown_reactions_are_not_none() -> None:
    """A network that counts nothing has no post with most reactions."""
    assert find_sentences("top_post", QUERY, build_liked(("a", None), ("b", None))) == []


def test_a_post_on_x_is_not_quoted() -> None:
    """Findings are exported, and X's terms forbid its texts in files."""
    finding = next(
        item for item in find_all(build_query("nasa"), build_liked(("Liftoff", 9), ("b", 1), account="nasa")) if item.kind == "top_post"
    )
    assert finding.sentence == "Most reactions: one post (@nasa, 2 March, 9)."
    assert finding.target
    assert finding.target.post_query == (("account", "nasa"), ("id", "1000"))


def test_the_best_liked_post_in_another_language_counts() -> None:
    """Sentiment leaves it out, but “most” is about all posts."""
    text = "Der Zug nach Hamburg fällt heute leider aus, wir bitten um Entschuldigung"
    assert "Der Zug" in find_sentences("top_post", QUERY, build_liked((text, 9), ("a fine day for everyone on the coast", 3)))[0]
