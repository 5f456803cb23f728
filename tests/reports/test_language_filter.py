"""`language=de` limits every chart, table and list to the posts in these languages."""

import pytest

from dashboard.core.charts import CHARTS
from dashboard.core.errors import InvalidQuery
from dashboard.core.post_selection import parse_query_and_selection
from dashboard.reports import builder, posts_page
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_query, build_timeline
from tests.support.language_models import build_multilingual_labeller

GERMAN = ("Der Sturm ist vorbei und die Fähren fahren wieder nach dem Plan", "Wir freuen uns sehr über die neue Ausstellung im Museum")
ENGLISH = ("this is a good day for all of us", "what a bad day, said the dog", "the boat is late again and it was very cold")
TIMELINE = build_timeline(*GERMAN, *ENGLISH, "😀")


def list_texts(**parameters: str) -> list[str]:
    """Return the texts of a list of posts."""
    query, selection = parse_query_and_selection({"users": ["nasa"]} | {name: [value] for name, value in parameters.items()})
    return posts_page.build_posts_page(query, selection, Fetched([TIMELINE])).table["text"].to_list()


@pytest.mark.parametrize("kind", CHARTS.names())
def test_every_chart_is_that_of_the_posts_in_the_language(kind: str) -> None:
    """It equals the chart of an account that has only these posts, apart from the notes."""
    labeller = build_multilingual_labeller()
    query = build_query(method="model", interval="day", since="2026-02-01", until="2026-03-04", language="de")
    filtered = builder.build_report(kind, query, Fetched([TIMELINE], labeller=labeller))
    alone = builder.build_report(kind, query, Fetched([build_timeline(*GERMAN)], labeller=labeller))
    counted = [name for name in ("posts", "posts_now") if name in alone.table.columns]
    assert filtered.table.select(counted).sum().rows() == alone.table.select(counted).sum().rows()
    assert filtered.table.height >= alone.table.height


def test_a_post_whose_language_is_unknown_counts_as_english() -> None:
    """Emoji are in no language."""
    assert list_texts(language="en") == [*ENGLISH, "😀"]


def test_several_languages_can_be_chosen() -> None:
    """Their order doesn't matter."""
    assert len(list_texts(language="de,en")) == 6
    assert list_texts(language="de") == list(GERMAN)
    assert list_texts(language="ja") == []


def test_the_languages_of_the_question_go_together_with_the_links_of_charts() -> None:
    """A link of a chart adds its own limit."""
    assert list_texts(language="de,en,english") == [*ENGLISH, "😀"]
    assert list_texts(language="de,other") == list(GERMAN)
    assert len(list_texts(language="english,other")) == 6


def test_the_notes_and_the_image_say_that_posts_are_left_out() -> None:
    """Nobody takes a part for the whole."""
    report = builder.build_report("frequency", build_query(language="de"), Fetched([TIMELINE]))
    assert "4 of 6 posts aren’t in German, so every chart, table and list leaves them out." in report.notes
    assert "Only posts in German" in report.chart.caption


def test_the_languages_are_part_of_the_address_and_of_the_data() -> None:
    """A region is dropped, a name is its code, and codes that networks used to have are those of today."""
    query = build_query(language="pt-BR,German,in,de")
    assert query.language == ("pt", "de", "id")
    assert ("language", "pt,de,id") in query.to_args()
    assert query.to_json()["language"] == ["pt", "de", "id"]
    assert build_query().to_json()["language"] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("germanic", "“germanic” isn’t the code of a language. Codes look like “de” or “pt”."),
        ("d", "“d” isn’t the code of a language. Codes look like “de” or “pt”."),
        (",".join(f"a{chr(97 + index)}" for index in range(21)), "That’s 21 languages; up to 20 can be chosen."),
    ],
)
def test_another_text_is_refused_with_advice(text: str, message: str) -> None:
    """The message says what to write."""
    with pytest.raises(InvalidQuery) as refused:
        build_query(language=text)
    assert refused.value.problems == [("language", message)]


def test_counts_of_a_network_have_no_language() -> None:
    """A network counts all posts."""
    with pytest.raises(InvalidQuery, match="don’t distinguish languages"):
        build_query(language="de", counted="network")


def test_the_languages_of_the_posts_are_counted_before_any_is_chosen() -> None:
    """The toolbar offers the others."""
    report = builder.build_report("frequency", build_query(language="de"), Fetched([TIMELINE]))
    assert report.language_counts == [("en", 4), ("de", 2)]
