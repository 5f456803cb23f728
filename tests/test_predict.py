"""`POST /predict`, `/model` and `/ready`: the shapes of the contract, its bounds, and each problem at its path."""

import pytest
from flask.testing import FlaskClient

GOOD, BAD = "I love this, it is great", "I hate this, it is awful"


def test_one_text_is_labelled(client: FlaskClient) -> None:
    """A text gets label, confidence, probabilities and the model's name."""
    answer = client.post("/predict", json={"text": GOOD}).get_json()
    assert list(answer) == ["prediction", "confidence", "probabilities", "model"]
    assert answer["prediction"] == "positive"
    assert answer["confidence"] == max(answer["probabilities"].values())


@pytest.mark.parametrize("body", [{"texts": [GOOD, BAD]}, {"instances": [GOOD, {"text": BAD}]}])
def test_many_texts_keep_their_order(client: FlaskClient, body: dict[str, object]) -> None:
    """A list is answered in its order, Vertex AI's shape too."""
    answer = client.post("/predict", json=body).get_json()
    assert [each["prediction"] for each in answer["predictions"]] == ["positive", "negative"]


def test_terms_add_up_to_the_margin(client: FlaskClient) -> None:
    """With explain, the weights of the terms add up to the margin."""
    answer = client.post("/predict", json={"text": BAD, "explain": True}).get_json()
    assert sum(term["weight"] for term in answer["terms"]) == pytest.approx(answer["margin"], abs=1e-5)


@pytest.mark.parametrize("text", ["", "🎉🎉", "これは本当に素晴らしい日です", "\ud800"])
def test_odd_texts_have_an_answer(client: FlaskClient, text: str) -> None:
    """An empty text, emoji, another language and half a letter are answered."""
    assert client.post("/predict", json={"text": text}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"text": 1}, "text"),
        ({"texts": []}, "texts"),
        ({"texts": ["a", "b", None]}, "texts[2]"),
        ({"texts": ["a"] * 257}, "texts"),
        ({"text": "a" * 25_001}, "text"),
        ({"instances": ["a", {"words": "b"}]}, "instances[1].text"),
        ({"text": "a", "colour": "red"}, "colour"),
        ({"features": [5.1, 3.5, 1.4, 0.2]}, "features"),
    ],
)
def test_a_problem_names_its_path(client: FlaskClient, body: object, field: str) -> None:
    """What can't be used is 422 problem+json, at its path."""
    response = client.post("/predict", json=body)
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert field in [problem["field"] for problem in response.get_json()["problems"]]


@pytest.mark.parametrize(
    ("body", "kind", "status"), [("{", "application/json", 400), ("{}", "text/plain", 415), ("[" * 99_999, "application/json", 400)]
)
def test_a_body_that_is_no_json_is_refused(client: FlaskClient, body: str, kind: str, status: int) -> None:
    """Broken JSON is 400, another content type 415."""
    assert client.post("/predict", data=body, content_type=kind).status_code == status


def test_a_large_body_is_refused(client: FlaskClient) -> None:
    """More than 1 MiB is 413."""
    assert client.post("/predict", json={"text": "a" * 2**20}).status_code == 413


def test_the_model_says_what_it_is(client: FlaskClient) -> None:
    """`/model` has name, version, digest, labels, data, scores, limits and the word lists' digests."""
    answer = client.get("/model").get_json()
    assert {"name", "version", "digest", "labels", "training", "scores", "limits", "lexicons"} <= set(answer)
    assert set(answer["lexicons"]) == {"afinn.txt", "bing.csv"}


def test_ready_comes_with_a_prediction(client: FlaskClient) -> None:
    """`/ready` predicts, and from then on `/health` says that the model is loaded."""
    before = client.get("/health").get_json()
    ready = client.get("/ready")
    assert (before["model_loaded"], ready.status_code, client.get("/health").get_json()["model_loaded"]) == (False, 200, True)
