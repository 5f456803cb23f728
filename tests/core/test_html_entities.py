"""Decoding HTML entities: like Python's decoder, and without its failures."""

import html
import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from dashboard.app import create_app
from dashboard.core import post_text
from dashboard.core.html_entities import unescape_entities
from dashboard.prediction.classifier import tokenizer

ENDLESS = [f"&#{'1' * 5000};", f"&#{'9' * 5000}", f"&#x{'1' * 5000};", f"&#{'0' * 5000};"]


@given(st.text(alphabet="&#;xaltgmp019 ", max_size=60))
def test_entities_are_decoded_like_in_python(text: str) -> None:
    """This includes ordinary, unusual and no entities."""
    assert unescape_entities(text) == html.unescape(text)


@pytest.mark.parametrize("digits", [1, 7, 8, 19, 20, 21, 4300])
def test_numbers_without_a_character_are_decoded_like_in_python(digits: int) -> None:
    """This holds for all numbers that Python parses."""
    text = f"a &#{'9' * digits}; b &#{'9' * digits}"
    assert unescape_entities(text) == html.unescape(text)


def test_leading_zeros_do_not_count() -> None:
    """A character can be written with thousands of them."""
    assert unescape_entities(f"&#{'0' * 5000}65;&#{'0' * 30}66&#{'0' * 5000}") == "AB\ufffd"


@pytest.mark.parametrize("text", ENDLESS)
def test_a_number_that_is_too_long_is_not_a_character(text: str) -> None:
    """Python refuses to parse it."""
    assert unescape_entities(text) == "\ufffd"
    assert post_text.clean_text(text, has_entities=True) == "\ufffd"
    assert tokenizer.normalize(text.replace("&", "&amp;")) == "\ufffd"


@pytest.mark.parametrize("text", [ENDLESS[0], ENDLESS[0].replace("&", "&amp;")])
def test_such_a_text_can_be_classified(client: FlaskClient, text: str) -> None:
    """This holds for programs and people, even if it is escaped twice."""
    assert client.post("/predict", json={"text": text, "explain": True}).status_code == 200
    assert client.post("/classify", data={"text": text}, follow_redirects=True).status_code == 200


def test_such_a_text_can_be_imported(tmp_path: Path) -> None:
    """A file with one is read like any other."""
    client = create_app({"CHORUS_DATASETS": str(tmp_path)}).test_client()
    table = "account,created_at,text\n" + "".join(f"a,2026-03-0{day}T00:00:00Z,hello {ENDLESS[1]}\n" for day in range(1, 6))
    response = client.post("/upload", data={"file": (io.BytesIO(table.encode()), "posts.csv")})
    assert response.status_code == 303
    shown = client.get(response.headers["Location"].replace("/report", "/posts.json")).get_json()["data"]
    assert {post["text"] for post in shown} == {"hello \ufffd"}
