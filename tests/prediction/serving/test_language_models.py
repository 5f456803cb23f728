"""Finding the model that reads a language, and routing `/predict` to it."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.core.errors import ModelUnavailable
from dashboard.core.observer import NullObserver
from dashboard.prediction.api import predict_response
from dashboard.prediction.api.schemas import ManyTexts, OneText
from dashboard.prediction.language_scores import build_language_scores
from dashboard.prediction.multilingual.languages import LANGUAGES
from dashboard.prediction.multilingual.model import load_built_in_card, load_built_in_model
from dashboard.prediction.protocols import LABELS, ModelCard, TextModel
from dashboard.prediction.serving.language_models import LanguageModels
from tests.support.fake_models import NeutralModel
from tests.support.language_models import build_language_models

CONFUSION = [[70, 26, 11], [18, 75, 15], [15, 17, 76]]
GERMAN = "Das ist der schlechteste Service, den ich je erlebt habe!"
JAPANESE = "これは本当に素晴らしい日です。天気もよくて、みんな笑っていました。"


def ask(client: FlaskClient, **body: Any) -> Any:
    """Return the response of `/predict`."""
    response = client.post("/predict", json=body)
    assert response.status_code == 200
    return response.get_json()


class OneLanguage:
    """Models of which only the one for German exists."""

    def __init__(self) -> None:
        self.german = NeutralModel()

    card = None

    def find(self, language: str) -> TextModel | None:
        return self.german if language == "de" else None

    def is_provisional(self, language: str) -> bool:
        return False


def test_a_text_goes_to_the_model_that_reads_its_language(client: FlaskClient) -> None:
    """A German text is read by the model for other languages, and an English one by the English model."""
    german, english = ask(client, texts=[GERMAN, "I love it, it is great"])["predictions"]
    assert german["language"] == "de"
    assert german["read"] is True
    assert german["prediction"] == "negative"
    assert german["model"].startswith("chorus-languages ")
    assert english["model"].startswith("chorus-sentiment ")
    assert "read" not in english


@pytest.mark.parametrize(("language", "text"), [("ja", JAPANESE), ("hi", "Train phir se late, kab sudhrenge ye log")])
def test_a_language_that_no_model_reads_is_reported(client: FlaskClient, language: str, text: str) -> None:
    """The response says that the prediction means little."""
    document = ask(client, text=text)
    assert document["language"] == language
    assert document["read"] is False
    assert document["note"] == "No model on this server reads this language, so the prediction means little."


def test_an_uncertain_label_of_a_provisional_language_has_a_note(client: FlaskClient) -> None:
    """A certain one, and one in a language that is shown, has none."""
    texts = ["الاجتماع ليس سيئا", "شكرا جزيلا، رائع"]
    uncertain, certain = ask(client, texts=texts, language="ar")["predictions"]
    assert uncertain["confidence"] < 0.6 < certain["confidence"]
    assert uncertain["note"] == "This language is read roughly: trust a single text’s label from a confidence of 0.6 on."
    assert "note" not in certain
    assert all("note" not in prediction for prediction in ask(client, texts=["und", "der Tisch"], language="de")["predictions"])


def test_a_dialect_has_the_grade_of_the_language_as_which_it_is_read() -> None:
    """Egyptian Arabic is read as Arabic, and Malay as Indonesian."""
    models = build_language_models()
    assert [language for language in ("ar", "arz", "id", "ms", "de", "ja") if models.is_provisional(language)] == ["ar", "arz"]


@pytest.mark.slow
def test_a_note_about_the_explanation_does_not_hide_that_about_the_language(client: FlaskClient) -> None:
    """A long list of texts is explained only in part; each text keeps what else is said about it."""
    texts = [JAPANESE, *["good " * 4_999] * 4, JAPANESE]
    first, *_, last = ask(client, texts=texts, explain=True)["predictions"]
    assert first["note"] == "No model on this server reads this language, so the prediction means little."
    assert last["note"].startswith("No model on this server reads this language, so the prediction means little. Only the first 100,000")


def test_the_given_language_decides(client: FlaskClient) -> None:
    """The request knows better than the detector, also that a text is in English."""
    assert ask(client, text="super", language="pt-BR")["model"].startswith("chorus-languages ")
    english = ask(client, text=GERMAN, language="en")
    assert english["model"].startswith("chorus-sentiment ")
    assert english["read"] is True


def test_other_languages_are_explained(client: FlaskClient) -> None:
    """The terms are words of the text, as they were written."""
    terms = ask(client, text="Schöne Grüße, das war ein großartiger Abend!", language="de", explain=True)["terms"]
    assert {"Schöne", "großartiger"} <= {term["term"] for term in terms}


def test_answers_keep_their_order() -> None:
    """Texts are grouped by language, and put back in order."""
    models, english = OneLanguage(), NeutralModel()
    response = predict_response.predict(english, ManyTexts(texts=["I love this one", GERMAN, "This is what they said", JAPANESE]), models)
    assert [prediction.get("language") for prediction in response["predictions"]] == [None, "de", None, "ja"]
    assert models.german.call_count == 1
    assert english.call_count == 2


def test_a_model_of_somebodys_own_reads_every_text() -> None:
    """Nobody knows which languages it reads, so nothing is said about that."""
    mounted = NeutralModel()
    prediction = predict_response.predict(mounted, OneText(text=GERMAN))
    assert prediction["model"] == mounted.card.title
    assert "read" not in prediction


def test_the_file_is_loaded_when_a_language_needs_it() -> None:
    """English texts, and languages that it doesn't read, don't load it."""
    models = LanguageModels(load_built_in_model, load_built_in_card, NullObserver())
    assert models.find("ja") is None
    assert not models.is_loaded
    assert models.find("de") is not None
    assert models.is_loaded


@pytest.mark.parametrize(("language", "is_read"), [("ar", True), ("arz", True), ("ary", False), ("ms", True), ("nl", False)])
def test_a_language_that_is_close_enough_is_read(language: str, is_read: bool) -> None:
    """The training data have Egyptian Arabic and Malay, but no Moroccan Arabic."""
    models = LanguageModels(load_built_in_model, load_built_in_card, NullObserver())
    assert (models.find(language) is not None) == is_read


def test_without_the_file_the_language_is_not_read() -> None:
    """A damaged installation still answers, and says that it doesn't read the text."""

    def fail() -> Any:
        raise ModelUnavailable("The file is missing.", "Copy it again.")

    prediction = predict_response.predict(NeutralModel(), OneText(text=GERMAN), LanguageModels(fail, fail, NullObserver()))
    assert prediction["read"] is False


def test_the_model_says_how_well_each_language_is_read(client: FlaskClient) -> None:
    """`/model` has every language with its error rate, without loading the file."""
    languages = client.get("/model").get_json()["languages"]
    assert set(languages) == set(LANGUAGES)
    assert languages["de"]["model"].startswith("chorus-languages ")
    assert 0 < languages["de"]["opposite_rate"] < languages["de"]["error_rate"] < 0.5
    low, high = languages["de"]["macro_recall_interval"]
    assert low < languages["de"]["macro_recall"] < high


@pytest.mark.parametrize(
    ("recall", "low", "grade"), [(0.70, 0.64, "shown"), (0.62, 0.57, "provisional"), (0.60, 0.60, "shown"), (0.50, 0.45, "counted")]
)
def test_the_grade_follows_from_what_was_measured(recall: float, low: float, grade: str) -> None:
    """A language is shown if even the lower end of the interval is good enough."""
    measured = {"rows": 300, "macro_recall": recall, "macro_recall_interval": [low, 0.9], "confusion": CONFUSION, "ece": 0.04}
    card = ModelCard("languages", "1", "0" * 64, LABELS, scores={"posts/de": measured})
    assert build_language_scores(card)["de"]["grade"] == grade


def test_the_dataset_that_is_read_worst_counts() -> None:
    """Reviews are easier than posts."""
    easy, hard = (
        {"rows": 300, "macro_recall": recall, "macro_recall_interval": [0.5, 0.9], "confusion": CONFUSION, "ece": 0.04}
        for recall in (0.8, 0.6)
    )
    card = ModelCard("languages", "1", "0" * 64, LABELS, scores={"a/id": easy, "b/id": hard, "c/id": easy})
    assert build_language_scores(card)["id"]["dataset"] == "b"
