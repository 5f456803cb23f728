"""Which language a text is in: the rule reads letters and words first, and a network's tag where these leave it open."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.prediction import language_detection, language_letters
from dashboard.prediction.language_detection import detect_language, detect_languages, weigh_evidence
from tests.support.builders import deterministic

ENGLISH = [
    "What a great and wonderful day at the harbour, we love it",
    "This is terrible news and we hate the delay to the ferry",
    "We are happy with the new timetable and so are you",
    "Our staff are happy to help you with your trip",
    "I don’t like this ferry",
    "What a lovely day!",
    "Great news today",
    "So happy!",
    "Well done everyone",
    "Cheap, ugly and slow",
    "Terrible service again",
    "Delayed again. Awful.",
    "𝗪𝗵𝗮𝘁 𝗮 𝗴𝗿𝗲𝗮𝘁 𝗱𝗮𝘆 𝘁𝗼 𝗯𝗲 𝗵𝗲𝗿𝗲",
    "RT @quay@example.org: Thank you to everyone who came https://example.org/über #fähre",
]
FOREIGN = [
    ("de", "Der Sturm ist vorbei und die Fähren fahren wieder nach dem gewohnten Plan über die Elbe"),
    ("de", "Das ist nicht gut"),
    ("de", "Guten Morgen zusammen"),
    ("pt", "Bom dia a todos"),
    ("es", "Muy bien"),
    ("fr", "Nous sommes très heureux de vous retrouver dans les rues de la ville"),
    ("es", "Estamos muy contentos con el nuevo horario y con todos los que nos siguen"),
    ("pt", "Não é bom para uma cidade como a nossa, mas também não é o fim"),
    ("it", "Questa è una bella giornata e sono molto contento di essere qui"),
    ("nl", "Dit is niet de trein die ik wilde, maar het is ook goed"),
    ("ru", "Сегодня паром снова ходит по расписанию"),
    ("ja", "今日のフェリーは時間通りです"),
    ("ar", "العبارة تعمل اليوم"),
    ("ko", "오늘은 배가 다닙니다"),
    ("el", "Σήμερα το πλοίο είναι στην ώρα του"),
]


@pytest.mark.parametrize("text", ENGLISH)
@pytest.mark.parametrize("tag", [None, "en", "de", "pt-BR", "ja", "und", "zh_Hant"])
def test_a_plainly_english_text_is_english_whatever_its_tag(text: str, tag: str | None) -> None:
    """Bluesky tags posts by the language of the app, and Mastodon by a setting."""
    assert detect_language(text, tag) is None


@pytest.mark.parametrize(("language", "text"), FOREIGN)
@pytest.mark.parametrize("tag", [None, "en", "en-GB", "und"])
def test_a_plainly_foreign_text_is_not_english_whatever_its_tag(language: str, text: str, tag: str | None) -> None:
    """The words say which language it is."""
    assert detect_language(text, tag) == language


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pt", "Que maravilha! #TheNoite"),
        ("pt", "que família linda essa"),
        ("it", "Un altro passo falso del governo"),
        ("it", "@user é un play con le palle! davvero bravo"),
        ("fr", "Les espèces en voie de disparition me préoccupent, surtout celles de mon compte en banque."),
        ("fr", "Le réchauffement climatique menace la sécurité alimentaire en Afrique"),
    ],
)
def test_where_languages_share_words_the_letters_decide(language: str, text: str) -> None:
    """“Que”, “la” and “en” are words of several languages."""
    assert detect_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "Yeh bahut achha hai yaar",
        "india ne pakistan ka kya haal kar diya hai",
        "modi ji kuch nahi karna",
        "Train phir se late, kab sudhrenge ye log",
        "Bas ab ghar jaana hai",
        "kal subah ghar pe milte dosto",
    ],
)
@pytest.mark.parametrize("tag", [None, "en", "hi"])
def test_hindi_in_latin_letters_is_not_english(text: str, tag: str | None) -> None:
    """No model reads it, so it's counted instead of being called neutral."""
    assert detect_language(text, tag) == "hi"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ha", "Muna godiya sosai da zuwanku"),
        ("ha", "Jirgin ruwa ya tashi da wuri yau"),
        ("ig", "Daalụ rinne maka enyemaka gị"),
        ("yo", "A dupe lowo gbogbo yin"),
        ("ary", "bzaf dyal nas hna"),
        ("rw", "Murakoze cyane mwese kuza uyu munsi"),
    ],
)
def test_letters_tell_languages_that_the_detector_does_not_know(language: str, text: str) -> None:
    """They were taken for English, or for Indonesian and Swahili, with which they share common words."""
    assert detect_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "Jai and Priya at Marine Drive, Mumbai",
        "Diwali lights at Juhu chowpatty",
        "Happy Holi dosto, see you at the ferry",
        "Sir ji superb",
        "Naija no dey carry last",
        "Lagos to Abuja by train",
        "Okonkwo scores again",
        "omg lmao bruh",
        "Yaaas queen slay",
        "blah blah blah",
    ],
)
@pytest.mark.parametrize("tag", [None, "en"])
def test_english_with_names_and_slang_is_english(text: str, tag: str | None) -> None:
    """Letters alone don't outweigh that most of it can be read."""
    assert detect_language(text, tag) is None


def test_a_tag_of_a_language_that_letters_know_yields_to_them() -> None:
    """An app that is set to Portuguese tags every post so; whether another language is right, letters can't tell."""
    assert detect_language("Train phir se late, kab sudhrenge ye log", "pt") == "hi"
    assert detect_language("Train phir se late, kab sudhrenge ye log", "ur") == "ur"


@pytest.mark.parametrize(
    ("text", "is_sure"), [("mujhe samajh nahi aata log aisa kyun karte hain", True), ("Paani nahi", False), ("kal ghar pe milte", False)]
)
def test_a_few_words_are_not_sure(text: str, is_sure: bool) -> None:
    """What the account usually writes in is a better guess, unless the tag agrees."""
    assert weigh_evidence(text).is_sure is is_sure
    assert weigh_evidence(text, "hi").is_sure


def test_another_file_of_weights_is_another_detector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stored languages of posts are computed again."""
    before = language_detection.digest.__wrapped__()
    other = tmp_path / "other.npz"
    other.write_bytes(language_letters.BUILT_IN_PATH.read_bytes() + b" ")
    monkeypatch.setattr(language_letters, "BUILT_IN_PATH", other)
    assert language_detection.digest.__wrapped__() != before


@pytest.mark.parametrize(
    ("tag", "text"),
    [("uk", "Сьогодні пором ходить"), ("da", "Det er ikke så godt i dag"), ("zh-TW", "今天的船很好"), ("fa", "امروز هوا خوب است")],
)
def test_of_similar_languages_the_tag_decides(tag: str, text: str) -> None:
    """Words and letters only say that it isn't English."""
    assert detect_language(text, tag) == tag.partition("-")[0]


def test_an_answer_in_two_languages_is_read_if_it_is_tagged_as_english() -> None:
    """Its English half has words that count."""
    assert detect_language("Both languages are fine. Vous pouvez aussi nous écrire en français.", "en") is None
    assert detect_language("Both languages are fine. Vous pouvez aussi nous écrire en français.", "fr") == "fr"


@pytest.mark.parametrize("text", ["Moin!", "Moin moin", "hm", "Berlin Hbf", "😀 ja"])
def test_a_short_text_has_the_language_of_its_tag(text: str) -> None:
    """Without a tag, nobody can tell, and it is read as English."""
    assert detect_language(text, "de") == "de"
    assert detect_language(text, "en") is None
    assert detect_language(text) is None


@pytest.mark.parametrize("tag", ["DE", "de-AT", "de_CH", "tlh"])
def test_the_country_and_the_case_of_a_tag_do_not_matter(tag: str) -> None:
    """Only the language counts."""
    assert detect_language("hm", tag) == tag.lower()[:2] if tag != "tlh" else "tlh"


@pytest.mark.parametrize("tag", ["und", "zxx", "mul", "art", "", "???", None])
def test_a_tag_without_a_language_is_no_evidence(tag: str | None) -> None:
    """Networks send such tags for posts that they can't judge."""
    assert detect_language("hm", tag) is None


@pytest.mark.parametrize("text", ["", "😀", "12:30", "@quay #ferry https://example.org", "東", "™ℹ"])
def test_a_text_without_words_is_not_foreign(text: str) -> None:
    """There is nothing to read."""
    assert detect_language(text) is None


def test_texts_and_tags_belong_together() -> None:
    """Without tags, only the texts count."""
    assert detect_languages(["hm", "hm"], ["de", None]) == ["de", None]
    assert detect_languages(["hm", FOREIGN[0][1]]) == [None, "de"]


@pytest.mark.slow
@deterministic
@given(st.text(max_size=60), st.one_of(st.none(), st.text(max_size=8)))
def test_any_text_and_any_tag_have_an_answer(text: str, tag: str | None) -> None:
    """Both come from strangers."""
    language = detect_language(text, tag)
    assert language is None or (language.isascii() and language.islower() and language != "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Guten Morgen!", "de"),
        ("dann frier ich lieber", "de"),
        ("Buenos días", "es"),
        ("Grazie mille", "it"),
        ("Muito obrigado", "pt"),
        ("Terima kasih", "id"),
        ("écologie bonjour", "fr"),
    ],
)
def test_a_short_foreign_text_without_a_tag_is_foreign(text: str, language: str) -> None:
    """One word can be enough if there is no English one."""
    assert detect_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "No sucky",
        "Los Angeles",
        "Las Vegas",
        "Die Hard",
        "HAHAHAHAHAHA",
        "BWAHAHAHAHAHA MOAR BADGES",
        "Pokémon",
        "Manchester United",
        "ChatGPT",
        "lol",
    ],
)
def test_names_and_exclamations_are_not_foreign(text: str) -> None:
    """English posts have them, too."""
    assert detect_language(text) is None


@pytest.mark.parametrize("tag", ["eng", "ENG-us", "deu", "ger", "cmn-Hans", "yue"])
def test_a_tag_of_three_letters_means_the_language_of_two(tag: str) -> None:
    """Some apps and many files have codes of ISO 639-2, which would otherwise all be foreign languages that nobody reads."""
    language = {"eng": None, "ENG-us": None, "deu": "de", "ger": "de", "cmn-Hans": "zh", "yue": "yue"}[tag]
    assert detect_language("ok", tag) == language
