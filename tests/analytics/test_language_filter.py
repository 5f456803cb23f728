"""Posts that aren't in English are counted and left out of the sentiment."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics import language_filter
from dashboard.prediction import language_detection
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_posts, build_query, build_timeline, deterministic

GERMAN = "Der Sturm ist vorbei und die Fähren fahren wieder nach dem gewohnten Plan über die Elbe"


def find_languages(*rows: dict[str, str | None]) -> tuple[list[str | None], list[tuple[str, str | None]]]:
    """Return the languages of posts, and the texts and tags that reached a detector that is sure of every `ja`, and knows nothing else."""
    asked: list[tuple[str, str | None]] = []

    def detector(texts: Sequence[str], tags: Sequence[str | None]) -> list[tuple[str | None, bool]]:
        asked.extend(zip(texts, tags, strict=True))
        return [("ja", True) if text.startswith("ja") else (None, False) for text in texts]

    return language_filter.find_evidence(build_posts(*rows), detector)["language"].to_list(), asked


def decide(*evidence: tuple[str | None, bool], kind: str = "post") -> list[str | None]:
    """Return the languages of an account's posts, for which there is this evidence."""
    schema = {"language": pl.String, "is_sure": pl.Boolean}
    posts = pl.DataFrame(evidence, schema=schema, orient="row").with_columns(account=pl.lit("nasa"), kind=pl.lit(kind))
    return language_filter.decide_languages(posts, language_filter.find_habits(posts)).to_list()


SURE_GERMAN, SURE_ENGLISH, UNKNOWN, WEAK_DUTCH = ("de", True), ("en", True), (None, False), ("nl", False)


def test_the_detector_gets_texts_with_their_tags() -> None:
    """It alone judges them."""
    rows = [{"text": text, "lang": lang} for text, lang in (("ja ja", "en"), ("hm", "de"), ("hm", None))]
    assert find_languages(*rows) == (["ja", None, None], [("ja ja", "en"), ("hm", "de"), ("hm", None)])


def test_equal_texts_are_detected_once_and_texts_without_letters_never() -> None:
    """Detection takes time."""
    rows = [{"text": text, "lang": None} for text in ("ja", "ja", None, "", "😀 !")]
    assert find_languages(*rows) == (["ja", "ja", None, None, None], [("ja", None)])


def test_a_post_without_letters_has_no_language_whatever_its_tag() -> None:
    """Emoji are in no language."""
    assert find_languages({"text": "😀 🎉", "lang": "ja"}) == ([None], [])


def test_no_posts_need_no_detection() -> None:
    """Nothing fails, and no detector is loaded."""
    assert find_languages() == ([], [])


def test_posts_that_leave_it_open_are_in_the_language_that_the_account_usually_posts_in() -> None:
    """“Super!” by a German museum is German, and so is what a short word made look Dutch."""
    assert decide(*[SURE_GERMAN] * 5, UNKNOWN, WEAK_DUTCH) == ["de"] * 7
    assert decide(*[SURE_ENGLISH] * 5, UNKNOWN, WEAK_DUTCH) == [None] * 7


def test_a_clear_text_needs_no_habit() -> None:
    """A German museum may post in English, too."""
    assert decide(*[SURE_GERMAN] * 8, SURE_ENGLISH, SURE_ENGLISH, ("fr", True))[8:] == [None, None, "fr"]


def test_an_account_that_posts_in_two_languages_has_no_habit() -> None:
    """Then nothing tells which of them a short post is in, and the guess stays."""
    assert decide(*[SURE_GERMAN] * 5, *[SURE_ENGLISH] * 5, UNKNOWN, WEAK_DUTCH)[10:] == [None, "nl"]


def test_a_few_posts_are_no_habit() -> None:
    """Four posts may be an exception."""
    assert decide(*[SURE_GERMAN] * 4, UNKNOWN)[4:] == [None]


def test_what_somebody_else_wrote_is_no_habit() -> None:
    """Reposts are in their author's language."""
    assert decide(*[SURE_GERMAN] * 6, UNKNOWN, kind="repost")[6:] == [None]


evidence_of_posts = st.lists(st.tuples(st.sampled_from(["en", "de", "pt", None]), st.booleans()), max_size=30)


@deterministic
@given(evidence_of_posts)
def test_sure_posts_keep_their_language_and_the_order_does_not_matter(evidence: list[tuple[str | None, bool]]) -> None:
    """For any timeline."""
    known = [(language, is_sure and language is not None) for language, is_sure in evidence]
    decided = decide(*known)
    assert [language for language, (_, is_sure) in zip(decided, known, strict=True) if is_sure] == [
        None if language == "en" else language for language, is_sure in known if is_sure
    ]
    assert decide(*reversed(known)) == list(reversed(decided))


def test_the_built_in_detector_works_with_the_filter() -> None:
    """They are tested together, as reports use them."""
    texts = (GERMAN, "Moin!", "This is the end of the storm")
    evidence = language_filter.find_evidence(build_posts(*({"text": text, "lang": None} for text in texts)), language_detection.weigh_all)
    assert evidence.rows() == [("de", True), (None, False), ("en", True)]


def test_reports_ask_the_account_about_short_posts() -> None:
    """The short post is left out with the German ones."""
    texts = [f"{GERMAN} {index}" for index in range(6)]
    report = builder.build_report("sentiment", build_query(), Fetched([build_timeline(*texts, "Moin!", "this is a good day")]))
    assert report.notes[-1].startswith("7 of 8 posts aren’t in English (German)")


@pytest.mark.parametrize("kind", ["sentiment", "words", "methods"])
def test_charts_of_words_leave_other_languages_out_with_a_note(kind: str) -> None:
    """The note says how many posts there are."""
    report = builder.build_report(
        kind, build_query(), Fetched([build_timeline({"text": GERMAN}, {"text": "this is a good day"}, {"text": "bad, said the dog"})])
    )
    assert (
        "1 of 3 posts isn’t in English (German) and doesn’t count towards sentiment or words. "
        "The words of a post decide; where they leave it open, the network’s language tag and the account’s other posts do."
    ) in report.notes


def test_frequency_counts_posts_in_every_language() -> None:
    """Counting needs no words."""
    report = builder.build_report("frequency", build_query(), Fetched([build_timeline({"text": GERMAN}, {"text": "good"})]))
    assert sum(row["posts"] for row in report.to_rows()) == 2
    assert report.notes == []


def test_the_summary_counts_all_posts_but_measures_only_english_ones() -> None:
    """Posts in other languages don't dilute the mean."""
    rows = ({"text": text, "lang": lang} for text, lang in (("good", "en"), ("gut", "de"), ("schlecht", "de")))
    (row,) = builder.build_dashboard(build_query(measure="mean"), Fetched([build_timeline(*rows)])).scorecard.rows
    assert row.posts == 3
    assert row.find_tile("balance_per_post").text == "+1.00"
