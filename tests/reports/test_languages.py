"""Reports read each post with what reads its language, say how well, and count the others."""

import pytest

from dashboard.analytics.fact_tables import FactTables
from dashboard.core.formatting.rates import describe_rate
from dashboard.core.post_selection import PostSelection
from dashboard.core.query import Query
from dashboard.prediction.error_rates import describe_error_rate
from dashboard.prediction.language_scores import build_language_scores
from dashboard.prediction.multilingual.model import load_built_in_card, load_built_in_model
from dashboard.prediction.serving.labeller import Labeller
from dashboard.reports import builder, posts_page
from dashboard.reports.fetched import Fetched
from dashboard.reports.posts_page import PostsPage
from dashboard.reports.report import Report
from tests.support.builders import build_query, build_timeline
from tests.support.language_models import build_language_models, build_multilingual_labeller

GERMAN = "Das ist der schlechteste Service, den ich je erlebt habe, und niemand entschuldigt sich dafür!"
PORTUGUESE = "Que dia maravilhoso, obrigado a todos os que vieram à nossa festa, foi lindo demais!"
ENGLISH = "What a wonderful day, thank you all so much for coming to our lovely party!"
JAPANESE = "今日はとても良い天気でした"
HINDI = "Train phir se late, kab sudhrenge ye log"


@pytest.fixture(scope="module")
def labeller() -> Labeller:
    """The built-in models for all languages."""
    return build_multilingual_labeller()


def build(labeller: Labeller | None, *texts: str, kind: str = "sentiment", facts: FactTables | None = None, **parameters: str) -> Report:
    """Return a chart of posts with these texts."""
    query = build_query(**{"method": "model", "interval": "day", **parameters})
    return builder.build_report(kind, query, Fetched([build_timeline(*texts)], labeller=labeller, facts=facts or FactTables()))


def list_posts(labeller: Labeller | None, query: Query, *texts: str) -> PostsPage:
    """Return the page of posts with these texts."""
    return posts_page.build_posts_page(query, PostSelection(), Fetched([build_timeline(*texts)], labeller=labeller))


def test_each_post_is_read_by_the_model_of_its_language(labeller: Labeller) -> None:
    """The numbers are those that the model of each language gives alone."""
    report = build(labeller, GERMAN, PORTUGUESE, ENGLISH, JAPANESE, measure="mean")
    multilingual = load_built_in_model()
    expected = [
        labeller([ENGLISH])[0],
        multilingual.reader("pt").predict_proba([PORTUGUESE])[0],
        multilingual.reader("de").predict_proba([GERMAN])[0],
    ]
    assert report.table["posts"].to_list() == [0, 1, 1, 1]
    assert report.table["value"].drop_nulls().to_list() == pytest.approx([row[2] - row[0] for row in expected])


def test_the_notes_say_what_was_read_how_well_and_what_was_not(labeller: Labeller) -> None:
    """The rates come from the model's confusion matrix."""
    notes = build(labeller, GERMAN, GERMAN + " Nie wieder.", ENGLISH, JAPANESE).notes
    assert "2 of 4 posts are in German and were read by the AI model for other languages." in notes
    assert ("About one German post in three is misread, one in 13 with the opposite sign (measured on 323 labelled posts).") in notes
    assert "1 of 4 posts is counted, not read (Japanese): it doesn’t count towards sentiment." in notes


def test_hindi_in_latin_letters_is_counted_by_its_name(labeller: Labeller) -> None:
    """It would be called neutral if it were read as English."""
    notes = build(labeller, ENGLISH, HINDI).notes
    assert "1 of 2 posts is counted, not read (Hindi): it doesn’t count towards sentiment." in notes


def test_a_provisional_language_is_called_so(labeller: Labeller) -> None:
    """Its error rate doesn't allow to quote single posts."""
    (note,) = [note for note in build(labeller, PORTUGUESE).notes if "Portuguese post" in note]
    assert note.endswith("Portuguese is provisional: trust shares over 100 posts or more, and single posts from 60% on.")


def test_the_error_rates_are_computed_from_the_confusion_matrix() -> None:
    """No rate is typed in."""
    card = load_built_in_card()
    confusion = card.scores["languages/umsab-val/de"]["confusion"]
    scores = build_language_scores(card)["de"]
    total = sum(map(sum, confusion))
    assert scores["error_rate"] == pytest.approx(1 - sum(confusion[index][index] for index in range(3)) / total, abs=1e-4)
    assert scores["opposite_rate"] == pytest.approx((confusion[0][2] + confusion[2][0]) / total, abs=1e-4)


def test_several_posts_in_a_rate_take_a_plural_verb() -> None:
    """The sentence is English for every rate."""
    scores = build_language_scores(load_built_in_card())["de"] | {"error_rate": 0.39}
    assert describe_error_rate("de", scores).startswith("About two German posts in five are misread, one in 13 with")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rate", "words"),
    [(0.34, "one in three"), (0.39, "two in five"), (0.081, "one in twelve"), (0.06, "one in 17"), (0.58, "three in five")],
)
def test_a_rate_is_written_as_people_say_it(rate: float, words: str) -> None:
    """The nearest simple fraction is enough."""
    assert describe_rate(rate) == words


def test_a_lexicon_leaves_other_languages_out_and_names_what_reads_them(labeller: Labeller) -> None:
    """Whoever reads the note can choose the method that reads these posts."""
    notes = build(labeller, GERMAN, ENGLISH, method="bing").notes
    assert "The AI model (method=model) reads German." in notes


def test_the_second_model_is_loaded_only_when_a_post_needs_it() -> None:
    """English and unread posts don't load it, and known facts don't either."""
    facts, english = FactTables(), build_multilingual_labeller().model
    for texts, is_loaded in (((ENGLISH, JAPANESE), False), ((ENGLISH, GERMAN), True), ((GERMAN, ENGLISH), False)):
        models = build_language_models()
        build(Labeller(english, models), *texts, facts=facts)
        assert models.is_loaded == is_loaded


def test_facts_of_another_version_of_the_second_model_are_not_used(labeller: Labeller) -> None:
    """The version of a language's facts has the digest of its model, and that of English facts doesn't change."""
    versions = {language: labeller.find(language).version for language in (None, "de", "pt")}
    assert load_built_in_card().digest in versions["de"]
    assert load_built_in_card().digest not in versions[None]
    assert len(set(versions.values())) == 3


def test_a_list_of_posts_says_which_of_them_are_not_read(labeller: Labeller) -> None:
    """Each has a sentiment, or the reason why it has none."""
    page = list_posts(labeller, build_query(method="model"), GERMAN, ENGLISH, JAPANESE)
    assert [post.language for post in page.posts] == ["German", "", "Japanese"]
    assert [post.unread_reason for post in page.posts] == ["", "", "Japanese is counted, not read"]
    assert "1 of these posts is counted, not read, and has no sentiment." in page.remarks
    assert {score.method: score.text for score in page.posts[0].scores}["bing"] == "–"
    assert {score.method: score.text for score in page.posts[0].scores}["model"].startswith("−0.")


def test_an_uncertain_post_in_a_provisional_language_has_no_label(labeller: Labeller) -> None:
    """From a probability of 0.6 on, it has one."""
    neutral = "Hoje temos reunião às dez, talvez seja bom, talvez não seja"
    page = list_posts(labeller, build_query(method="model"), PORTUGUESE, neutral)
    probabilities = [max(load_built_in_model().reader("pt").predict_proba([text])[0]) for text in (PORTUGUESE, neutral)]
    assert [probability >= 0.6 for probability in probabilities] == [True, False]
    assert [post.unread_reason for post in page.posts] == ["", "too uncertain for a single post"]


def test_posts_that_are_not_read_still_show_their_commonest_words_and_emoji(labeller: Labeller) -> None:
    """They need no reading; nothing is called neutral."""
    texts = [f"今日のフェリーは時間通りです {'😍' if index < 3 else '😭' if index == 3 else ''}" for index in range(8)]
    notes = [note.replace("\u2068", "").replace("\u2069", "") for note in build(labeller, *texts, ENGLISH, kind="words").notes]
    assert any(
        note.startswith("Most common words of 8 posts that no method reads (Japanese): です (8), フェリー (8), 今日 (8)") for note in notes
    )
    assert "4 of them (50%) have emoji, most often 😍; by these alone, 3 sound positive and 1 negative." in notes


def test_a_few_unread_posts_are_only_counted(labeller: Labeller) -> None:
    """Four posts have no common words."""
    assert not [note for note in build(labeller, *[JAPANESE] * 4, ENGLISH, kind="words").notes if "Most common words" in note]


def test_uncertain_posts_in_a_provisional_language_have_no_score_in_files_and_no_dot(labeller: Labeller) -> None:
    """Medians and shares count them; the others keep their scores."""
    neutral = "Hoje temos reunião às dez, talvez seja bom, talvez não seja"
    rows = [{"text": PORTUGUESE, "likes": 3}, {"text": neutral, "likes": 5}]
    fetched, query = (
        Fetched([build_timeline(*rows, account="a.bsky.social")], labeller=labeller),
        build_query("a.bsky.social", method="model"),
    )
    exported = posts_page.build_posts_page(query, PostSelection(), fetched).select_exported_rows()
    assert [score is None for score in exported["score"]] == [False, True]
    assert "confidence" not in exported.columns
    report = builder.build_report("engagement", query, fetched)
    assert report.table.height == 1
    assert "1 post is too uncertain to be shown alone and left out; medians count it." in report.notes


@pytest.mark.parametrize("measure", ["net", "mean", "share"])
@pytest.mark.parametrize("method", ["bing", "model"])
def test_an_account_that_is_not_read_is_not_neutral(labeller: Labeller, method: str, measure: str) -> None:
    """It has no values, not zeros, and the chart says why."""
    report = build(labeller, *[JAPANESE] * 9, method=method, measure=measure)
    assert report.table.height == 9
    assert report.table["value"].null_count() == 9
    assert report.note.startswith("None of the posts by @nasa are in a language that this method reads, so there is no sentiment to show.")
