"""`POST /predict`, `/model` and `/ready`: the shapes of the contract, its limits, and each problem at its path."""

import gzip
import json
import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from dashboard.app import create_app
from tests.support.builders import deterministic
from tests.support.fake_models import FakeTabularModel
from tests.support.paths import ROOT

GOOD, BAD = "I love this, it is great", "I hate this, it is awful"
JAPANESE = "これは本当に素晴らしい日です。天気もよくて、みんな笑っていました。"
EDGE = 25_000  # characters of a text
MIB = 2**20
SHARED = create_app({})  # for examples that hypothesis makes


@pytest.fixture
def numbers(app: Flask) -> FlaskClient:
    """A client of an application with a tabular model of four numbers per row."""
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=FakeTabularModel)
    return app.test_client()


def ask(client: FlaskClient, **body: Any) -> Any:
    """Return the response of /predict to a valid body."""
    response = client.post("/predict", json=body)
    assert response.status_code == 200, response.text
    return response.get_json()


def send(client: FlaskClient, body: bytes | str, kind: str = "application/json") -> TestResponse:
    """Send the bytes of a body."""
    return client.post("/predict", data=body, content_type=kind)


def problems(response: TestResponse, status: int = 422) -> dict[str, str]:
    """Return the messages of a refusal by path."""
    assert response.status_code == status, response.text[:500]
    assert response.content_type == "application/problem+json", response.text[:500]
    document = response.get_json()
    assert list(document) == ["title", "status", "detail", "problems"]
    assert document["status"] == status
    return {problem["field"]: problem["message"] for problem in document["problems"]}


# --- predictions -----------------------------------------------------------------------------------------------------------


def test_one_text_is_labelled(client: FlaskClient) -> None:
    """It gets label, confidence, probabilities and the model's name and version."""
    document = ask(client, text=GOOD)
    assert list(document) == ["prediction", "confidence", "probabilities", "model"]
    assert document["prediction"] == "positive"
    assert list(document["probabilities"]) == ["negative", "neutral", "positive"]
    assert document["confidence"] == max(document["probabilities"].values()) == document["probabilities"]["positive"]
    assert math.fsum(document["probabilities"].values()) == pytest.approx(1)


@pytest.mark.parametrize("instances", [[GOOD, BAD], [{"text": GOOD}, {"text": BAD}], [GOOD, {"text": BAD}]])
def test_instances_are_answered_in_vertex_ais_format(client: FlaskClient, instances: list[object]) -> None:
    """Strings and objects can be mixed, and the response has only `predictions`."""
    document = ask(client, instances=instances)
    assert list(document) == ["predictions"]
    assert [prediction["prediction"] for prediction in document["predictions"]] == ["positive", "negative"]


def test_a_list_is_answered_in_order(client: FlaskClient) -> None:
    """Each text has the same prediction as alone."""
    texts = [GOOD, BAD, "", "🎉", GOOD, "The train leaves at nine."]
    document = ask(client, texts=texts)
    alone = [ask(client, text=text) for text in texts]
    assert list(document) == ["predictions", "model"]
    assert [prediction["prediction"] for prediction in document["predictions"]] == [prediction["prediction"] for prediction in alone]
    assert [prediction["confidence"] for prediction in document["predictions"]] == pytest.approx(
        [prediction["confidence"] for prediction in alone], abs=1e-5
    )


def test_every_prediction_names_its_model(client: FlaskClient) -> None:
    """Name and version are those of /model."""
    card = client.get("/model").get_json()
    listed = ask(client, texts=[GOOD, BAD])
    names = {ask(client, text=GOOD)["model"], listed["model"], *(prediction["model"] for prediction in listed["predictions"])}
    assert names == {f"{card['name']} {card['version']}"}


@pytest.mark.parametrize("text", [GOOD, BAD, "not good, not bad", "🎉 so happy 🎉", "", JAPANESE, "Δεν μου αρέσει"])
def test_terms_add_up_to_the_margin(client: FlaskClient, text: str) -> None:
    """It is the log odds of the label against the runner-up."""
    document = ask(client, text=text, explain=True)
    chances = document["probabilities"]
    assert math.fsum(term["weight"] for term in document["terms"]) == pytest.approx(document["margin"], abs=1e-4)
    assert document["margin"] == pytest.approx(math.log(chances[document["prediction"]] / chances[document["runner_up"]]), abs=1e-3)


@pytest.mark.parametrize("body", [{"texts": [GOOD, BAD]}, {"instances": [GOOD, {"text": BAD}]}])
def test_each_text_of_a_list_is_explained(client: FlaskClient, body: dict[str, Any]) -> None:
    """`explain` applies to all of them."""
    document = ask(client, **body, explain=True)
    assert len(document["predictions"]) == 2
    assert [prediction for prediction in document["predictions"] if not prediction["terms"]] == []


def test_nothing_is_explained_by_default(client: FlaskClient) -> None:
    """Without explain, there are no terms."""
    assert "terms" not in ask(client, text=GOOD)
    assert "terms" not in ask(client, text=GOOD, explain=False)


@pytest.mark.parametrize("row", [[5.1, 3.5, 1.4, 0.2], [5, 3, 1, 0], [-1e300, 0, 1e-300, 2]])
def test_a_tabular_model_predicts_a_row(numbers: FlaskClient, row: Sequence[float]) -> None:
    """The response has its class and probability."""
    assert ask(numbers, features=row) == {"prediction": 0.0, "confidence": 0.97}


def test_rows_are_answered_in_order(numbers: FlaskClient) -> None:
    """A list of rows gets a list of predictions and the model's name."""
    document = ask(numbers, features=[[5.1, 3.5, 1.4, 0.2], [6, 3, 5, 2]])
    assert document == {"predictions": [{"prediction": 0.0, "confidence": 0.97}] * 2, "model": "iris 1"}


# --- unusual texts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", " ", "🎉🎉", "\x00", "\ud800", "a\udfffb", "\u202e", "𝒜", "a" * EDGE])
def test_unusual_texts_are_answered(client: FlaskClient, text: str) -> None:
    """They are empty, emoji, unpaired surrogates or of maximum length."""
    assert ask(client, text=text)["prediction"] in ("negative", "neutral", "positive")


def test_an_unpaired_surrogate_breaks_no_explanation(client: FlaskClient) -> None:
    """It is replaced, so the response is valid UTF-8."""
    response = send(client, b'{"text": "good \\ud83d day", "explain": true}')
    assert response.data.decode("utf-8") and not any(
        "\ud800" <= letter <= "\udfff" for letter in json.dumps(response.get_json(), ensure_ascii=False)
    )


def test_another_language_is_reported(client: FlaskClient) -> None:
    """The confidence for a Japanese text is low."""
    document = ask(client, text=JAPANESE)
    assert document["language"] == "ja"
    assert document["confidence"] < 0.6


def test_a_given_language_is_repeated(client: FlaskClient) -> None:
    """The response has it without its region."""
    assert [prediction["language"] for prediction in ask(client, texts=[GOOD, "x"], language="pt-BR")["predictions"]] == ["pt", "pt"]


@deterministic
@given(st.text(max_size=300))
def test_any_text_has_probabilities(text: str) -> None:
    """They add up to 1."""
    document = ask(SHARED.test_client(), text=text)
    assert math.fsum(document["probabilities"].values()) == pytest.approx(1, abs=1e-5)


# --- refusals --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, [""]),
        ([], [""]),
        ("text", [""]),
        (None, [""]),
        ({"text": 1}, ["text"]),
        ({"text": None}, ["text"]),
        ({"texts": []}, ["texts"]),
        ({"texts": "a"}, ["texts"]),
        ({"texts": ["a", "b", None, "c", 7]}, ["texts[2]", "texts[4]"]),
        ({"texts": ["a", "b", "c", "a" * (EDGE + 1)]}, ["texts[3]"]),
        ({"texts": ["a"] * 257}, ["texts"]),
        ({"text": "a" * (EDGE + 1)}, ["text"]),
        ({"instances": []}, ["instances"]),
        ({"instances": ["a"] * 257}, ["instances"]),
        ({"instances": ["a", {"words": "b"}]}, ["instances[1].text", "instances[1].words"]),
        ({"instances": ["a", {"text": 3}, 4]}, ["instances[1].text", "instances[2]"]),
        ({"text": "a", "colour": "red"}, ["colour"]),
        ({"text": 1, "explain": "yes", "language": "klingon-language", "colour": "red"}, ["text", "explain", "language", "colour"]),
        ({"text": "a", "texts": ["a"]}, [""]),
        ({"features": []}, ["features"]),
        ({"features": [1, "2", True]}, ["features[1]", "features[2]"]),
        ({"features": [[1, 2], [3, None]]}, ["features[1][1]"]),
        ({"features": [1e999]}, ["features[0]"]),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_each_problem_has_its_path(client: FlaskClient, body: object, fields: list[str]) -> None:
    """A 422 lists every problem at once."""
    text = json.dumps(body).replace("Infinity", "1e999")
    assert sorted(problems(send(client, text))) == sorted(fields)


def test_a_body_without_a_text_learns_what_the_model_reads(client: FlaskClient) -> None:
    """Keys for other kinds of models aren't offered."""
    assert problems(send(client, "{}"))[""] == "Send exactly one of text, texts or instances; this body has none of them."


def test_an_empty_text_has_a_note(client: FlaskClient) -> None:
    """Its probabilities say nothing about it."""
    texts = ["", " \n", "I love it"]
    predictions = client.post("/predict", json={"texts": texts}).get_json()["predictions"]
    assert ["This text is empty" in prediction.get("note", "") for prediction in predictions] == [True, True, False]


@pytest.mark.parametrize("place", ["{%s}", '{"instances": [{%s}]}', '{"text": "good", "parameters": {%s}}'])
def test_an_object_with_very_many_keys_is_refused_unread(client: FlaskClient, place: str) -> None:
    """No shape needs them, and listing them would cost more than any prediction."""
    body = place % ", ".join(f'"k{number}": 1' for number in range(70_000))
    response = client.post("/predict", data=body, content_type="application/json")
    assert response.status_code == 400
    assert "70,000 keys; the limit is 50" in response.get_json()["detail"]


def test_only_the_first_problems_are_listed(client: FlaskClient) -> None:
    """A response stays small however much is wrong with the body."""
    response = client.post("/predict", json={"instances": [{f"k{number}": 1 for number in range(50)} for _ in range(100)]})
    problems = response.get_json()["problems"]
    assert response.status_code == 422
    assert len(problems) == 21
    assert problems[-1]["message"].startswith("Problems not listed here: 5,")


def test_a_problem_says_what_to_do(client: FlaskClient) -> None:
    """A typo gets a suggestion, a long list its limit."""
    assert problems(client.post("/predict", json={"text": "a", "explian": True}))["explian"].endswith("Did you mean “explain”?")
    assert "256" in problems(client.post("/predict", json={"texts": ["a"] * 257}))["texts"]
    assert "25,000" in problems(client.post("/predict", json={"text": "a" * (EDGE + 1)}))["text"]


def test_the_limits_themselves_are_accepted(client: FlaskClient) -> None:
    """They are 256 texts, and 25,000 characters of four bytes."""
    assert len(ask(client, texts=["a"] * 256)["predictions"]) == 256
    assert ask(client, text="🎉" * EDGE)["prediction"]


def test_rows_are_refused_without_a_tabular_model(client: FlaskClient) -> None:
    """The message says what to send instead."""
    message = problems(client.post("/predict", json={"features": [5.1, 3.5, 1.4, 0.2]}))["features"]
    assert message.endswith("Send “text” or “texts”, or ask your administrator for a tabular model.")


def test_rows_of_the_wrong_length_are_refused(numbers: FlaskClient) -> None:
    """A tabular model states its length at the row, and refuses texts."""
    assert list(problems(numbers.post("/predict", json={"features": [[1, 2, 3, 4], [1, 2]]}))) == ["features[1]"]
    assert list(problems(numbers.post("/predict", json={"features": [1, 2]}))) == ["features"]
    assert list(problems(numbers.post("/predict", json={"text": "a"}))) == ["text"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'text': 'a'}",
        b'{"text": "a"} more',
        b'{"text": NaN}',
        b'{"features": [Infinity]}',
        b'{"features": [-Infinity]}',
        b'{"text": "a", "text": "b"}',
        b'{"instances": [{"text": "a", "text": "b"}]}',
        b'{"text": "\xff"}',
        b'{"text": "\xed\xa0\xbd"}',
        '{"text": "a"}'.encode("utf-16"),
        '{"text": "a"}'.encode("utf-32-le"),
        b'{"text": "a\nb"}',
        b"[" * 99_999,
    ],
)
def test_invalid_json_is_400(client: FlaskClient, body: bytes) -> None:
    """This includes NaN, repeated keys, other encodings and deep nesting; the message is a sentence."""
    assert problems(send(client, body), 400) == {}
    assert send(client, body).get_json()["detail"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", ""])
def test_another_content_type_is_415(client: FlaskClient, kind: str) -> None:
    """A body that isn't sent as JSON isn't read."""
    assert problems(send(client, json.dumps({"text": "a"}), kind), 415) == {}


@pytest.mark.parametrize("packing", ["gzip", "br", "deflate, gzip"])
def test_a_compressed_body_is_415(client: FlaskClient, packing: str) -> None:
    """The message says what to do; `identity` isn't compression."""
    body = gzip.compress(b'{"text": "a"}')
    response = client.post("/predict", data=body, content_type="application/json", headers={"Content-Encoding": packing})
    assert problems(response, 415) == {}
    assert "uncompressed" in response.get_json()["detail"]
    assert client.post("/predict", json={"text": "a"}, headers={"Content-Encoding": "identity"}).status_code == 200
    assert send(client, b'\xef\xbb\xbf{"text": "a"}').status_code == 200


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/vnd.chorus+json"])
def test_variants_of_the_json_type_are_accepted(client: FlaskClient, kind: str) -> None:
    """Parameters and other JSON types are fine."""
    assert send(client, json.dumps({"text": "a"}), kind).status_code == 200


def test_a_body_is_limited_to_one_mebibyte(client: FlaskClient) -> None:
    """One byte more is a 413."""
    frame = '{"texts": ["a"]}'
    assert send(client, frame + " " * (MIB - len(frame))).status_code == 200
    response = send(client, frame + " " * (MIB - len(frame) + 1))
    assert response.get_json()["detail"] == "That’s too large: the limit here is 1 MiB."
    assert problems(response, 413) == {}


_HOSTILE = """
import json, sys
from itertools import islice, product
from string import ascii_lowercase
from dashboard.app import create_app

client = create_app({}).test_client()
client.post("/predict", json={"text": "a first text"})
words = map("".join, product(ascii_lowercase, repeat=4))
texts = {
    "short words": ["a b c d " * 512] * 250,
    "new words": [" ".join(islice(words, 800)) for _ in range(250)],
    "hashtags": ["".join(f"#{'A1' * 29}{at * 380 + tag:06d}" for tag in range(380)) for at in range(41)],
}[sys.argv[1]]
answer = client.post("/predict", json={"texts": texts})
assert answer.status_code == 200
assert len(json.dumps(texts)) > 900_000
print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
"""


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.parametrize("kind", ["new words", "short words", "hashtags"])
def test_no_body_takes_much_memory(kind: str) -> None:
    """The largest bodies, with texts of the most tokens, take a few hundred megabytes in total."""
    done = subprocess.run([sys.executable, "-c", _HOSTILE, kind], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) / 1024 < 400


def test_only_the_start_of_a_long_body_is_explained(client: FlaskClient) -> None:
    """After 100,000 characters, texts are labelled without an explanation."""
    *rest, last = ask(client, texts=[f"{GOOD}. ".ljust(20_000, ".")] * 6, explain=True)["predictions"]
    assert [prediction for prediction in rest if not prediction["terms"]] == []
    assert [prediction.get("note") for prediction in rest] == [None] * 5
    assert last["prediction"] == "positive"
    assert last["terms"] is None
    assert last["margin"] is None
    assert last["runner_up"] is None
    assert last["note"] == "Only the first 100,000 characters of a body are explained. Send this text in another request."


def test_other_methods_are_refused(client: FlaskClient) -> None:
    """The response to a GET says what is allowed."""
    response = client.get("/predict")
    assert response.status_code == 405
    assert response.content_type == "application/problem+json"
    assert "POST" in response.headers["Allow"]


def test_a_refusal_does_not_contain_the_texts(client: FlaskClient) -> None:
    """Only the start of a key is quoted, made printable."""
    text = client.post("/predict", json={"texts": ["my secret diary", 1], "\u202ekey" + "x" * 500: 1}).text
    assert "secret" not in text
    assert "\u202e" not in text
    assert "x" * 60 not in text


# --- the model --------------------------------------------------------------------------------------------------------------


def test_the_model_describes_itself(client: FlaskClient) -> None:
    """`/model` has name, version, digest, labels, data, scores, limits and the digests of lexicons."""
    document = client.get("/model").get_json()
    assert {"name", "version", "digest", "labels", "training", "scores", "limits", "lexicons"} <= set(document)
    assert document["labels"] == ["negative", "neutral", "positive"]
    assert {"afinn.txt", "bing.csv"} <= set(document["lexicons"])


def test_readiness_loads_the_model(client: FlaskClient) -> None:
    """After `/ready`, `/health` says that the model is loaded."""
    before = client.get("/health").get_json()
    ready = client.get("/ready")
    assert before["model_loaded"] is False
    assert ready.status_code == 200
    assert client.get("/health").get_json()["model_loaded"] is True
