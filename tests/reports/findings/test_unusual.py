"""Findings on unusual times: spans, counts, what is usual, and the words of the account."""

import pytest

from dashboard.reports.findings.selection import rank
from tests.support.builders import build_query
from tests.support.findings import BAD, GOOD, PLAIN, build_daily_timeline, find_all, find_sentences

QUERY = build_query("demo:one", interval="day")
EVEN = [3] * 20
MIXED = dict.fromkeys(range(41), (GOOD, BAD))  # balanced on every day


def test_a_day_with_far_more_posts_is_told_with_its_number_and_the_usual_one() -> None:
    """Thirty posts on a day of an account that posts three times a day."""
    timeline = build_daily_timeline([*EVEN, 30, *EVEN])
    assert find_sentences("unusual", QUERY, timeline) == ["demo:one posted far more than usual on 22 March: 30 posts (usually 3 a day)."]


def test_neighbouring_busy_days_are_one_span_whose_posts_are_added() -> None:
    """Thirty posts and twenty-four on the next day are fifty-four; the nine of the day after are less than half of thirty."""
    timeline = build_daily_timeline([*EVEN, 30, 24, 9, *EVEN])
    assert find_sentences("unusual", QUERY, timeline) == [
        "demo:one posted far more than usual on 22–23 March: 54 posts (about 27 a day, usually 3)."
    ]


def test_the_link_leads_to_the_posts_of_the_span() -> None:
    """From its first day to the day after its last, because the end of a selection is excluded."""
    finding = next(item for item in find_all(QUERY, build_daily_timeline([*EVEN, 30, 24, *EVEN])) if item.kind == "unusual")
    assert finding.target
    assert finding.target.title == "Read the 54 posts"
    assert finding.target.post_query == (("account", "demo:one"), ("from", "2026-03-22"), ("to", "2026-03-24"))


def test_a_quiet_day_is_told_in_the_singular() -> None:
    """One post on a day of an account that posts eight times a day."""
    timeline = build_daily_timeline([8] * 20 + [1] + [8] * 9)
    assert find_sentences("unusual", QUERY, timeline) == ["demo:one posted far less than usual on 22 March: 1 post (usually 8 a day)."]


def test_days_without_posts_are_one_span_without_a_link() -> None:
    """There is nothing to read on two days of silence."""
    findings = [item for item in find_all(QUERY, build_daily_timeline([8] * 20 + [0, 0] + [8] * 9)) if item.kind == "unusual"]
    assert [item.sentence for item in findings] == ["demo:one posted nothing on 22–23 March (usually 8 a day)."]
    assert findings[0].target is None


def test_a_day_of_unusual_sentiment_counts_its_words() -> None:
    """Thirty posts with one negative word each, on a day with as many posts as on any other."""
    timeline = build_daily_timeline([30] * 20, texts=MIXED | {12: (BAD, BAD, BAD, BAD, BAD, GOOD)})
    assert find_sentences("unusual", QUERY, timeline) == [
        "demo:one was far more negative than usual on 14 March: 30 posts, 25 negative words against 5 positive."
    ]


def test_busy_days_of_similar_sentiment_are_one_span_that_names_the_strongest() -> None:
    """Twenty negative posts on the 22nd and thirty on the 23rd; both days are far more than twice as busy as usual."""
    timeline = build_daily_timeline([*[6] * 20, 20, 30, *[6] * 19], texts=MIXED | {20: (BAD, BAD, BAD, GOOD), 21: (BAD,)})
    sentences = find_sentences("unusual", QUERY, timeline)
    assert sentences == [
        "demo:one was far more negative than usual on 22–23 March: 50 posts (about 25 a day, usually 6), on the 23rd 30 negative "
        "words against 0 positive. Words: “bad”."
    ]


def test_a_busy_neighbour_that_sounds_as_usual_is_not_part_of_the_span() -> None:
    """It would make the sentence about sentiment untrue of that day."""
    timeline = build_daily_timeline([*[6] * 20, 20, 30, *[6] * 19], texts=MIXED | {21: (BAD,)})
    assert find_sentences("unusual", QUERY, timeline)[0].startswith("demo:one was far more negative than usual on 23 March: 30 posts")


def test_only_few_words_of_the_account_are_quoted() -> None:
    """The four most typical ones, in one pair of quotation marks."""
    storm = "the storm flooded harbour streets near bridge"
    timeline = build_daily_timeline([*EVEN, 30, *EVEN], texts={20: (storm,)})
    sentence = find_sentences("unusual", QUERY, timeline)[0]
    words = sentence.split("Words: ")[1].strip("“”.").split(", ")
    assert len(words) == 4
    assert set(words) <= set(storm.split())


@pytest.mark.parametrize(
    ("method", "balance"),
    [
        ("bing", "30 negative words against 0 positive"),
        ("afinn", "90 negative points against 0 positive"),
        ("vader", "30 negative posts against 0 positive"),
    ],
)
def test_what_is_counted_depends_on_the_method(method: str, balance: str) -> None:
    """Words, points or posts. In AFINN, `bad` is worth −3."""
    query = build_query("demo:one", interval="day", method=method)
    assert balance in find_sentences("unusual", query, build_daily_timeline([30] * 20, texts=MIXED | {12: (BAD,)}))[0]


def test_a_swing_without_a_contrast_in_words_is_told_by_its_balance() -> None:
    """An account that is usually positive was merely balanced: as many positive words as negative ones."""
    timeline = build_daily_timeline([40] * 20, texts=dict.fromkeys(range(20), (GOOD, GOOD, GOOD, PLAIN)) | {12: (GOOD, BAD)})
    assert find_sentences("unusual", QUERY, timeline) == [
        "demo:one was far less positive than usual on 14 March: 40 posts, a balance of 0.00 per post (usually +0.75). Words: “bad”."
    ]


def test_names_are_those_of_the_report() -> None:
    """The findings of several accounts are in one list."""
    query = build_query("demo:one,demo:two", interval="day")
    sentences = find_sentences("unusual", query, build_daily_timeline([3] * 41), build_daily_timeline([*EVEN, 30, *EVEN], "demo:two"))
    assert [sentence.split(" posted")[0] for sentence in sentences] == ["demo:two"]


def test_a_crisis_matters_more_than_the_silence_of_a_small_account() -> None:
    """What many posts said comes before the few that were missing, however unusual silence is."""
    query = build_query("demo:one,demo:two", interval="day")
    quiet = build_daily_timeline([8] * 20 + [0] * 2 + [8] * 20)
    counts = [8] * 20 + [40] + [8] * 21
    crisis = build_daily_timeline(counts, "demo:two", {**dict.fromkeys(range(len(counts)), (GOOD, BAD)), 20: (BAD,)})
    first, second = [finding for finding in rank(find_all(query, quiet, crisis)) if finding.kind == "unusual"][:2]
    assert first.headline.startswith("demo:two was far more negative")
    assert second.headline.startswith("demo:one posted nothing")
