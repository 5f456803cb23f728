"""The page that classifies texts: the label, the probabilities, and the words behind them."""

import json
import logging
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from typing import Any, Literal
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from dashboard.core import messages
from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.protocols import LABELS, Explanation, Label, Model, ModelCard, TermWeight
from dashboard.web.presenters import explanations
from dashboard.web.presenters.predictions import format_probability
from tests.support.html_pages import HtmlPage, PageReader

GOOD, BAD = "I love this, it is great", "I hate this, it is awful"
HOSTILE = "</textarea></script><script>alert('x')</script> & \"{{ 7*7 }}\" \u202eesrever \x00 good"


class Numbers:
    """A custom model for rows of numbers."""

    kind: Literal["tabular"] = "tabular"
    card = ModelCard("iris", "1", "0" * 64, (0.0, 1.0, 2.0), feature_count=4)

    def predict(self, rows: Sequence[Sequence[float]]) -> list[tuple[Label, float | None]]:
        return [(0.0, 0.97) for _ in rows]


class Topics:
    """A custom text model with other labels that can't explain itself."""

    kind: Literal["text"] = "text"
    card = ModelCard("topics", "7", "0" * 64, ("<b>sport</b>", *(f"topic {n}" for n in range(1, 20))), limits=("Made of <i>nothing</i>.",))

    def predict_proba(self, texts: Sequence[str]) -> list[list[float]]:
        return [[0.62] + [0.02] * 19 for _ in texts]

    def explain(self, text: str) -> Explanation | None:
        return None


def raise_unavailable() -> Model:
    raise ModelUnavailable("The model's file is cut short.", "Copy it again.")


def serve_with_model(app: Flask, make_model: Any) -> PageReader:
    """Return a reader of an application with another model."""
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=make_model, make_language_models=None)
    return PageReader(app.test_client())


def address(text: str) -> str:
    return f"/classify?text={quote(text)}"


def check_page(response: TestResponse) -> HtmlPage:
    """Return an answer as a page that was checked."""
    page = HtmlPage(response.text, response.status_code)
    page.assert_valid()
    return page


def words(page: HtmlPage) -> str:
    """Return the text of a page in one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", page.text)))


def test_the_home_page_leads_to_the_box(page: PageReader) -> None:
    """People find it without knowing its URL."""
    assert "/classify" in page.open("/").link_urls
    assert 'action="/classify" method="post"' in page.open("/classify").text


def test_the_box_has_its_own_page(page: PageReader) -> None:
    """Without a text, it shows no error."""
    html_page = page.open("/classify")
    assert html_page.fields["text"].strip() == ""
    assert html_page.problems == {}


@pytest.mark.parametrize(("text", "label"), [(GOOD, "positive"), (BAD, "negative")])
def test_a_sentence_gets_a_label(page: PageReader, text: str, label: str) -> None:
    """The heading has it."""
    assert page.open(address(text)).h1s == [f"It sounds {label}"]


def test_a_sentence_gets_every_probability(page: PageReader) -> None:
    """Each label has its probability as text, not only as a bar."""
    bars = re.findall(r"<dt><bdi>(\w+)</bdi></dt><dd>.*?([0-9]+)%", page.open(address(GOOD)).text)
    assert [label for label, _ in bars] == list(LABELS)


def test_another_language_is_read_by_its_model_with_its_error_rate(page: PageReader) -> None:
    """The page says what the API says, and how often such texts are misread."""
    text = "Das ist der schlechteste Service, den ich je erlebt habe!"
    html_page = page.open(address(text))
    prediction = page.client.post("/predict", json={"text": text}).get_json()
    assert prediction["read"] is True
    assert html_page.h1s == [f"It sounds {prediction['prediction']}"]
    assert "Model: chorus-languages." in words(html_page)
    assert "Read as German. About one German post in three is misread, one in 13 with the opposite sign" in words(html_page)


@pytest.mark.slow
def test_a_list_says_which_language_each_text_was_read_in(page: PageReader) -> None:
    """The error rate of each language is named once."""
    texts = ["I love it!", "Le service est nul, je suis très en colère", "Quel service affreux, je suis déçu"]
    html_page = page.open(f"/classify?text={quote(chr(10).join(texts))}")
    assert html_page.text.count('<span class="of">French</span>') == 2
    assert words(html_page).count("French post in three is misread") == 1


def test_a_language_that_no_model_reads_gets_no_label(page: PageReader) -> None:
    """A guess would look like a result. The API keeps its fields."""
    html_page = page.open(address("今日はとても良い天気でした"))
    assert html_page.h1s == ["No model reads Japanese"]
    assert "No model reads this language, so there is no result. The models read English, Arabic, French, German" in words(html_page)
    assert "<dt>" not in html_page.text
    listed = page.open(f"/classify?text={quote('I love it!' + chr(10) + '今日はとても良い天気でした')}")
    assert listed.h1s == ["2 texts: 1 positive, 1 not read"]
    assert '<td class="flat" colspan="2">No model reads Japanese</td>' in listed.text


def test_an_uncertain_text_in_a_provisional_language_is_undecided(page: PageReader) -> None:
    """Portuguese is misread too often for a label below 60%."""
    text = "Hoje temos reunião às dez, talvez seja bom, talvez não seja"
    assert "No label reaches 60%, so treat it as undecided" in words(page.open(address(text)))


def test_english_is_not_mentioned(page: PageReader) -> None:
    """Neither is a text that is too short to detect."""
    text = page.open(f"/classify?text={quote('I love it!' + chr(10) + 'ok')}").text
    assert "is misread" not in text
    assert "No model reads" not in text


def test_a_model_of_somebodys_own_gets_every_text(app: Flask) -> None:
    """Nobody knows what it reads, so the page only says that the text isn't English."""
    html_page = serve_with_model(app, Topics).open(address("Das ist der schlechteste Service, den ich je erlebt habe!"))
    assert "This doesn’t look like English (language: German)." in html_page.text


def test_the_model_is_named_with_its_limits(page: PageReader, app: Flask) -> None:
    """Readers learn how far to trust it."""
    text = words(page.open(address(GOOD)))
    assert f"Model: {app.extensions['chorus'].model.card.name}." in text
    assert "about 8 times in 10" in text
    assert "mostly misses irony and sarcasm" in text


def test_every_limit_of_the_built_in_model_is_put_in_plain_words(page: PageReader, app: Flask) -> None:
    """Whoever trains a model with other limits words them for pages too; `/model` has the originals."""
    limits = app.extensions["chorus"].model.card.limits
    text = words(page.open(address(GOOD)))
    assert len(limits) > 0
    assert [limit for limit in limits if limit in text] == []
    assert page.client.get("/model").get_json()["limits"] == list(limits)


@pytest.mark.parametrize(
    "path", [address(GOOD), "/report?users=demo:aster-air&n=50&method=model", "/html/methods?users=demo:aster-air&n=50"]
)
def test_pages_have_no_version_of_the_model(page: PageReader, app: Flask, path: str) -> None:
    """It is a hash, which only data files, `/model` and the credits at the end of a report need."""
    assert app.extensions["chorus"].model.card.version not in page.open(path).text.partition("About these numbers")[0]


def test_the_text_stays_in_the_box(page: PageReader) -> None:
    """It can be edited for the next try."""
    assert page.open(address(GOOD)).fields["text"].strip() == GOOD


@pytest.mark.slow
@pytest.mark.parametrize("text", [HOSTILE, f"{HOSTILE}\n{HOSTILE}", "a" * 5_000, "👩🏽‍🚀" * 100, "Ž͑̓a̴̵l̡g͢o " * 40, "%", "'" * 50])
def test_any_text_is_shown_literally(page: PageReader, text: str) -> None:
    """It ends no tag and runs nothing. Like browsers, the page's parser shows a null character as one that it doesn't know."""
    html_page = page.open(address(text))
    assert html_page.fields["text"].strip() == text.strip().replace("\0", "\N{REPLACEMENT CHARACTER}")
    assert "<script>alert" not in html_page.text


def test_a_short_text_redirects_to_its_url(client: FlaskClient) -> None:
    """The result can be bookmarked."""
    response = client.post("/classify", data={"text": f"{GOOD}\r\n\r\n  {BAD} "})
    assert response.status_code == 303
    assert response.headers["Location"] == f"/classify?text={quote(GOOD, safe=',')}%0A{quote(BAD, safe=',')}"


def test_a_long_text_has_no_url(client: FlaskClient) -> None:
    """The page says so, and isn't cached."""
    response = client.post("/classify", data={"text": GOOD + "." * 7_000})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert "Too long for a shareable link" in words(check_page(response))


def test_a_posted_text_is_not_logged(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    """No log has what a person typed."""
    with caplog.at_level(logging.DEBUG):
        client.post("/classify", data={"text": "a secret " * 1_000})
    assert "secret" not in caplog.text


@pytest.mark.parametrize("extra_parameters", ["&utm_source=chat", "&whole=1", "&whole=no", "%0D%0A", "&text="])
def test_equal_texts_have_one_url(client: FlaskClient, extra_parameters: str) -> None:
    """Insignificant differences are dropped from it."""
    response = client.get(f"/classify?text=good{extra_parameters}")
    assert response.status_code == 302
    assert response.headers["Location"] == "/classify?text=good"


def test_a_list_gets_a_row_per_line(page: PageReader) -> None:
    """Blank lines are ignored, and the heading counts the labels."""
    html_page = page.open(address(f"{GOOD}\n\n{BAD}\n{GOOD} too"))
    assert html_page.h1s == ["3 texts: 2 positive, 1 negative"]
    assert html_page.text.count("<details>") == 3


def test_the_answer_comes_before_the_explanation(page: PageReader) -> None:
    """Probabilities stand above the marked words, and the weights are folded."""
    text = page.open(address(GOOD)).text
    assert text.index('id="chances"') < text.index('id="why"') < text.index("<details><summary>Weight of each word")


def test_all_lines_can_be_one_text(page: PageReader) -> None:
    """A post may have several lines, and its URL remembers that."""
    html_page = page.open(address(f"{GOOD}\n\n{GOOD}") + "&whole=1")
    assert html_page.h1s == ["It sounds positive"]
    assert html_page.checked_values == ["1"]


def test_the_command_for_programs_is_shown(page: PageReader) -> None:
    """It is safe to paste into a shell, whatever the texts are."""
    texts = ["it's $(reboot) `good`", '\u202e \\ "', "3"]
    command = re.search(r"<pre[^>]*>(.*?)</pre>", page.open(address("\n".join(texts))).text, re.DOTALL)
    assert command
    assert json.loads(shlex.split(unescape(command[1]))[-1]) == {"texts": texts, "explain": True}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" \r\n ", "Enter a text"),
        ("good\n" * 257, "That’s 257 lines; the limit is 256"),
        ("good\n" + "a" * 25_001, "Text 2 has 25,001 characters; the limit is 25,000"),
        pytest.param(("ж" * 24_000 + "\n") * 25, "1.1 MiB in all; the limit is 1 MiB", marks=pytest.mark.slow),
    ],
)
def test_a_problem_is_at_the_box(client: FlaskClient, text: str, message: str) -> None:
    """Nothing that was typed is lost."""
    response = client.post("/classify", data={"text": text})
    html_page = check_page(response)
    assert response.status_code == 400
    assert html_page.fields["text"].strip() == text.strip()
    assert message in html_page.problems["text"]


def test_a_missing_text_is_a_problem(page: PageReader) -> None:
    """A bookmark without a text says what is missing."""
    assert "Enter a text" in page.open("/classify?text=", status=400).problems["text"]


def test_a_text_that_is_much_too_long_is_refused(client: FlaskClient) -> None:
    """The response is a page with the box."""
    html_page = check_page(client.post("/classify", data={"text": "a" * (4 * 1024 * 1024)}))
    assert html_page.status == 413
    assert "the limit is 1 MiB" in html_page.problems["text"]


def test_a_form_of_another_site_is_refused(client: FlaskClient) -> None:
    """The response is a page."""
    response = client.post("/classify", data={"text": GOOD}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert check_page(response).h1s == ["Not allowed"]


def test_a_missing_model_is_explained_at_the_box(app: Flask) -> None:
    """What was typed is kept."""
    html_page = serve_with_model(app, raise_unavailable).open(address(GOOD), status=503)
    assert "The model's file is cut short. Copy it again." in words(html_page)
    assert html_page.fields["text"].strip() == GOOD


def test_a_missing_model_does_not_affect_the_home_page(app: Flask) -> None:
    """Accounts can still be requested."""
    html_page = serve_with_model(app, raise_unavailable).open("/")
    assert "users" in html_page.fields


def test_a_tabular_model_has_no_box(app: Flask) -> None:
    """The page says how programs use it."""
    reader = serve_with_model(app, Numbers)
    assert "reads numbers" in words(reader.open("/classify", status=422))


def test_a_model_with_many_labels_shows_the_likeliest(app: Flask) -> None:
    """There are six bars, and a sentence about the others."""
    html_page = serve_with_model(app, Topics).open(address("a match"))
    assert html_page.h1s == ["Labelled “<b>sport</b>”"]
    assert html_page.text.count("<dt>") == 6
    assert "All other labels: 28%" in unescape(html_page.text)


def test_a_model_without_explanations_says_so(app: Flask) -> None:
    """Nothing is invented."""
    assert "can’t show which words made the difference" in words(serve_with_model(app, Topics).open(address("a match")))


def test_only_the_start_of_a_very_long_list_is_explained(client: FlaskClient) -> None:
    """Every text has its label; the last ones say why they have no words."""
    html_page = check_page(client.post("/classify", data={"text": "\n".join([GOOD + "." * 20_000] * 8)}))
    assert html_page.text.count("<details>") == 8
    assert words(html_page).count("too long to explain") == 4


def why(text: str, *terms: tuple[str, float]) -> explanations.ExplanationView:
    """Return what a page says about an explanation with these terms."""
    heaviest_first = sorted((TermWeight(term, weight) for term, weight in terms), key=lambda term: -abs(term.weight))
    return explanations.build_explanation(
        text, Explanation("positive", "neutral", sum(weight for _, weight in terms), tuple(heaviest_first))
    )


def list_marked(shown: explanations.ExplanationView) -> list[str]:
    return [piece.text for piece in shown.segments if piece.css_class]


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("Love, LOVE lovely glove", "love", ["Love", "LOVE"]),
        ("so good!! really! !!!", "!!", ["!!"]),
        ("#delays and delays", "#delays", ["#delays"]),
        ("I ❤️ it ❤", "❤", ["❤️", "❤"]),
        ("I don’t, I don't", "don't", ["don’t", "don't"]),
        ("it is not\n good", "not good", ["not\n good"]),
        ("a.b", ".", ["."]),
        ("prior", "(prior)", []),
    ],
)
def test_a_term_is_marked_where_it_occurs(text: str, term: str, expected: list[str]) -> None:
    """It matches in any case, as a separate word, at each occurrence."""
    assert list_marked(why(text, (term, 1.0))) == expected


def test_marks_show_direction_and_strength() -> None:
    """There are two directions and three strengths."""
    view = why("love not the", ("love", 3.0), ("not", -1.5), ("the", 0.5))
    assert [piece.css_class for piece in view.segments if piece.css_class] == ["for strength-3", "against strength-2", "for strength-1"]


@given(st.text(), st.lists(st.tuples(st.text(min_size=1), st.floats(-5, 5))))
def test_marking_loses_nothing(text: str, terms: list[tuple[str, float]]) -> None:
    """The segments join to the text, whatever the terms are."""
    assert "".join(piece.text for piece in why(text, *terms).segments) == text


@given(st.lists(st.tuples(st.sampled_from(["Love", "love", "!!", "the", "(prior)", *(f"w{n}" for n in range(20))]), st.floats(-5, 5))))
def test_the_table_adds_up_to_the_margin(terms: list[tuple[str, float]]) -> None:
    """It has terms, the other terms, and the parts without a word."""
    view = why("love", *terms)
    lines = [*view.rows, view.other_terms, *view.non_word_rows]
    assert sum(line.weight for line in lines) == pytest.approx(view.margin, abs=1e-9)


def test_the_table_has_ten_terms() -> None:
    """The others are counted."""
    view = why("", *((f"w{n}", 1.0) for n in range(14)))
    assert len(view.rows) == 10
    assert view.other_term_count == 4
    assert view.other_terms.weight == 4.0


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ([("love", 2.5), ("great", 2.0), ("not", -0.8)], "“love” and “great” pulled towards it, “not” away from it."),
        ([("love", 2.5), ("not", -0.01)], "“love” pulled towards it, and little pulled away."),
        ([("(prior)", 2.0), ("not", -1.0)], "“not” pulled away from it, but not enough."),
        ([("(prior)", 2.0), ("the", 0.01)], "no single word stands out, so the model falls back on its most common label."),
    ],
)
def test_a_sentence_names_the_decisive_words(terms: list[tuple[str, float]], sentence: str) -> None:
    """It is for readers who don't want numbers."""
    assert why("", *terms).sentence.striptags() == f"Positive rather than neutral: {sentence}"


@pytest.mark.parametrize(("terms", "verb"), [([("love", 2.5)], "sprach dafür"), ([("love", 2.5), ("great", 2.0)], "sprachen dafür")])
def test_the_verb_goes_with_the_number_of_words(terms: list[tuple[str, float]], verb: str) -> None:
    """In English, it's the same for one word and for several."""
    with messages.use("de"):
        assert verb in why("", *terms).sentence


def test_the_sentence_contains_no_markup() -> None:
    """A term that looks like a tag is shown literally."""
    assert "&lt;b&gt;" in why("", ("<b>", 1.0)).sentence


@pytest.mark.parametrize(
    ("margin", "expected_text"),
    [(0.1, "almost equally likely"), (1.0, "about 2.7 times"), (3.0, "about 20 times"), (500.0, "more than 1,000 times")],
)
def test_the_margin_is_described_in_words(margin: float, expected_text: str) -> None:
    """Nobody needs to know logarithms."""
    assert expected_text in why("", ("(all)", margin)).odds_sentence


@pytest.mark.parametrize(
    ("value", "expected_text"), [(0.9961, "over 99%"), (0.995, "over 99%"), (0.42, "42%"), (0.005, "under 1%"), (0.001, "under 1%")]
)
def test_a_probability_is_never_rounded_to_certainty(value: float, expected_text: str) -> None:
    """The model is never completely certain."""
    assert format_probability(value).replace("\xa0", " ") == expected_text
