"""The shipped classifier: equal to scikit-learn's own arithmetic, never without an answer, and a file that can be trusted."""

import hashlib
import json
import math
import random
import threading
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.classifier import features, model_file, tokenizer
from dashboard.prediction.classifier.classifier import (
    BUILT_IN_MODEL_PATH,
    Classifier,
    dequantize_ngram_weights,
    load_built_in_classifier,
    load_classifier,
)
from dashboard.prediction.training import feature_matrix
from tests.support.fault_suite import ONLY_IN_FAULTS, reduce_examples
from tests.support.shared_data import TIMELINES, needs_timelines

MODEL = load_built_in_classifier()
ODD = [
    "",
    " ",
    "\n",
    "🎉🎉",
    "👨‍👩‍👧‍👦",
    "これは素晴らしい日です",
    "\ud800 x",
    "not bad",
    "@a @b",
    "https://t.co/x",
    '"',
    "\\ud800",
    "&amp;amp;",
    "#",
    "!" * 99,
    "é" * 300,
]
VOCABULARY = [
    "i",
    "love",
    "hate",
    "this",
    "not",
    "never",
    "good",
    "bad",
    "great",
    "awful",
    "the",
    "plane",
    "was",
    "late",
    ":)",
    ":(",
    "😂",
    "😡",
    "!!",
    "?",
    "#Happy",
    "#BestDayEver",
    "@you",
    "42",
    "so",
    "very",
    "but",
    "WOW",
    "sooo",
]


def posts(count: int) -> list[str]:
    """Return made-up posts, odd ones first."""
    generator = random.Random(7)
    return ODD + [" ".join(generator.choices(VOCABULARY, k=generator.randint(1, 30))) for _ in range(count - len(ODD))]


def by_scikit_learn(model: Classifier, texts: list[str]) -> Any:
    """Return probabilities from scikit-learn's LinearSVC and LogisticRegression, given the quantised weights, over a sparse matrix."""
    from scipy.special import softmax
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    arrays = model.arrays
    read, vocabulary = model.encode(texts)
    words, letters = (counts.astype(float) for counts in feature_matrix.count_ngrams(read, vocabulary))
    rows = feature_matrix.build_matrix((words, letters), features.build_dense_features(read, vocabulary, arrays["vectors"]), arrays)
    linear, logistic = LinearSVC(), LogisticRegression()
    grams = [dequantize_ngram_weights(arrays, name) for name in feature_matrix.NGRAM_KINDS]
    linear.coef_ = np.vstack([*grams, arrays["dense_weights"]]).T
    linear.intercept_, linear.classes_ = arrays["intercept"], np.arange(3)
    logistic.coef_, logistic.classes_ = arrays["logistic"] / model.temperature, np.arange(3)
    logistic.intercept_ = arrays["logistic_bias"] / model.temperature
    beside = model.calibration_inputs(read, vocabulary)[:, 3:]  # the convolution has a test of its own
    log_probabilities = [
        logistic.predict_log_proba(np.hstack([linear.decision_function(rows), beside])),
        model.logit_scale(read, vocabulary)[:, None],
    ]
    return softmax(log_probabilities[0] * log_probabilities[1], axis=1)


@pytest.mark.slow
def test_probabilities_equal_scikit_learns() -> None:
    """On 2,000 posts, including odd ones, they agree with scikit-learn's parts to 1e-6."""
    texts = posts(2000)
    assert np.abs(np.array(MODEL.predict_proba(texts)) - by_scikit_learn(MODEL, texts)).max() < 1e-6


@needs_timelines
def test_probabilities_equal_scikit_learns_on_real_posts() -> None:
    """They agree on real posts too."""
    import gzip
    import json

    with gzip.open(TIMELINES / "timelines.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines][::4]
    assert np.abs(np.array(MODEL.predict_proba(texts)) - by_scikit_learn(MODEL, texts)).max() < 1e-6


@pytest.mark.parametrize(
    ("text", "label"),
    [("I love this, it is great", "positive"), ("I hate this, it is awful", "negative"), ("The meeting is on Monday at 10", "neutral")],
)
def test_obvious_texts_get_the_obvious_label(text: str, label: str) -> None:
    """Simple sentences are labelled correctly."""
    assert MODEL.explain(text).label == label


@given(st.text(max_size=300))
@settings(max_examples=reduce_examples(60), deadline=None)
def test_any_text_can_be_classified(text: str) -> None:
    """Any text has three probabilities that add up to 1, and weights that add up to the margin."""
    row, explanation = MODEL.predict_proba([text])[0], MODEL.explain(text)
    assert sum(row) == pytest.approx(1)
    assert sum(term.weight for term in explanation.terms) == pytest.approx(explanation.margin, abs=1e-6)
    assert explanation.margin == pytest.approx(np.log(sorted(row)[-1] / sorted(row)[-2]), abs=1e-6)


def test_probabilities_do_not_depend_on_the_other_texts() -> None:
    """Nor on what a model has read before: sums of scores are rounded to a millionth, so the eighth digit can be seen."""
    texts = posts(300) + [f"{first}{second}" for first in VOCABULARY for second in VOCABULARY]  # words that are new to the model
    whole = load_classifier(BUILT_IN_MODEL_PATH).predict_proba(texts)
    reverse = load_classifier(BUILT_IN_MODEL_PATH)
    parts = [reverse.predict_proba(texts[max(0, end - 11) : end]) for end in range(len(texts), 0, -11)]
    assert np.abs(np.array(whole) - np.array([row for part in reversed(parts) for row in part])).max() < 1e-13


def test_a_text_gets_the_same_result_alone_and_in_a_batch() -> None:
    """Predictions keep their order and don't depend on the other texts."""
    texts = posts(300)
    alone = [MODEL.predict_proba([text])[0] for text in texts]
    assert np.abs(np.array(MODEL.predict_proba(texts)) - np.array(alone)).max() < 1e-13


@pytest.mark.parametrize("link", ["https://t.co/love", "t.co/love", "love.example/great", "pic.twitter.com/love", "www.love.com"])
def test_links_are_not_words(link: str) -> None:
    """They needn't have a scheme."""
    assert tokenizer.split_into_pieces(f"see {link} now") == ["see", "now"]


@pytest.mark.parametrize("domain", ["love.com", "great.love.org", "terrible.co.uk", "LOVE.COM"])
def test_domains_alone_are_not_words(domain: str) -> None:
    """They are addresses although nothing follows."""
    assert tokenizer.split_into_pieces(f"see {domain}, now") == ["see", ",", "now"]


@pytest.mark.parametrize("text", ["went.love it", "so good.it works", "I hate.community"])
def test_a_missing_space_makes_no_domain(text: str) -> None:
    """Only endings that people don't write after a full stop count."""
    assert len(tokenizer.split_into_pieces(text)) > len(text.split())


def test_invisible_characters_do_not_split_words() -> None:
    """People see one word, and ligatures as letters."""
    assert tokenizer.split_into_pieces("gr\u00adeat ﬁne ba\u200dd") == ["great", "fine", "bad"]


@pytest.mark.parametrize("apostrophe", "'’‘ʼ＇′ꞌ`´")
def test_every_apostrophe_is_the_same(apostrophe: str) -> None:
    """Phones, keyboards and fonts each write their own."""
    assert tokenizer.split_into_pieces(f"I don{apostrophe}t") == ["I", "don't"]


def test_a_hashtag_is_split_into_at_most_twelve_parts() -> None:
    """The longest hashtags that people write are split completely; longer ones can't fill the memory."""
    longest = "#IThoughtYouHadToBeCrazyToComeToThisParty"
    assert [len(tokenizer.parse_piece(tag).tokens) for tag in (longest, "#" + "A1" * 32)] == [13, 13]


def test_a_text_is_cut_after_5000_tokens() -> None:
    """The limit holds however many tokens each piece gives."""
    texts, _ = MODEL.encode(["#AaBbCcDd" * 2000])
    assert texts.lengths.tolist() == [5001]


def test_threads_with_the_same_new_words_get_correct_results() -> None:
    """No thread gets the result of another one."""
    rounds, readers = 30, 8
    texts = [f"quasi{chr(97 + number % 26)}{chr(97 + number // 26)} is wonderful" for number in range(rounds)]
    together, results = threading.Barrier(readers), list[list[list[float]]]()

    def read() -> None:
        probabilities = []
        for text in texts:
            together.wait(30)
            probabilities += MODEL.predict_proba([text])
        results.append(probabilities)

    threads = [threading.Thread(target=read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == readers
    assert np.abs(np.array(results) - np.array(results[0])).max() == pytest.approx(0, abs=1e-6)


def test_the_model_file_is_small() -> None:
    """The file has at most 5 MB."""
    assert BUILT_IN_MODEL_PATH.stat().st_size <= 5_000_000


def test_the_model_card_describes_the_model() -> None:
    """The card has the name, version, digest, scores and training data."""
    card = MODEL.card
    assert card.name == "chorus-sentiment"
    assert len(card.version) == 12
    assert len(card.digest) == 64
    assert card.training["data"]
    assert card.scores["tweeteval-sentiment/val"]["macro_recall"] > 0.7


@pytest.mark.parametrize(
    ("damage", "expected_text"),
    [
        (lambda content: content[:-100], "checksum"),
        (lambda content: content[:500_000] + b"x" + content[500_001:], "checksum"),
        (lambda content: content.replace(b"CHORUS-MODEL 1", b"CHORUS-MODEL 9", 1), "another format version"),
        (lambda content: b"something else", "isn't a Chorus model file"),
        (lambda content: b"", "isn't a Chorus model file"),
    ],
)
def test_a_damaged_file_is_refused(damage: Any, expected_text: str, tmp_path: Path) -> None:
    """A truncated or changed file, one of another version and any other file raise ModelUnavailable."""
    path = tmp_path / "model.chorus"
    path.write_bytes(damage(BUILT_IN_MODEL_PATH.read_bytes()))
    with pytest.raises(ModelUnavailable, match=expected_text):
        load_classifier(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The error says that the file can't be read."""
    with pytest.raises(ModelUnavailable, match=r"gone\.chorus can't be read"):
        load_classifier(tmp_path / "gone.chorus")


def test_a_file_without_a_classifier_is_refused(tmp_path: Path) -> None:
    """An intact file with other contents isn't a classifier."""
    model_file.write(tmp_path / "other.chorus", {"name": "x"}, {"a": np.zeros(3, dtype=np.int8)})
    with pytest.raises(ModelUnavailable, match="contain a classifier"):
        load_classifier(tmp_path / "other.chorus")


_FACTS, _ARRAYS, _ = model_file.read(BUILT_IN_MODEL_PATH)


@pytest.mark.parametrize(
    "change",
    [
        {"training": 3},
        {"scores": [1]},
        {"scores": {"val": 1}},
        {"name": {"x": 1}},
        {"version": None},
        {"limits": "abc"},
        {"limits": [1]},
        {"temperature": 0},
        {"temperature": -1.0},
        {"temperature": "1"},
        {"temperature": math.nan},
        {"temperature": math.inf},
    ],
    ids=str,
)
def test_invalid_metadata_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    """Metadata that a model card can't show or that gives no probabilities isn't accepted."""
    _, _, rest = BUILT_IN_MODEL_PATH.read_bytes().split(b"\n", 2)
    length, _, rest = rest.partition(b"\n")
    header = json.loads(rest[: int(length)]) | {"facts": _FACTS | change}
    (tmp_path / "other.chorus").write_bytes(forged(json.dumps(header).encode(), rest[int(length) :]))
    with pytest.raises(ModelUnavailable, match=r"other\.chorus"):
        load_classifier(tmp_path / "other.chorus")


def write_light_model(path: Path, changed_arrays: dict[str, Any]) -> None:
    """Write the built-in model with these arrays, and without the weights that take long to compress."""
    light = {name: np.zeros_like(_ARRAYS[name]) for name in ("word_weights", "letter_weights", "vectors", "own")}
    model_file.write(path, _FACTS, _ARRAYS | light | changed_arrays)


@pytest.mark.slow
def test_a_model_without_weights_is_accepted(tmp_path: Path) -> None:
    """A model is refused for what is wrong with it, not for the weights that the next test leaves out."""
    write_light_model(tmp_path / "other.chorus", {})
    assert load_classifier(tmp_path / "other.chorus").card.name == MODEL.card.name


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["intercept", "vectors", *(pytest.param(name, marks=ONLY_IN_FAULTS) for name in ("own", "polarity", "word_idf"))]
)
def test_invalid_arrays_are_refused(name: str, tmp_path: Path) -> None:
    """NaN, tables shorter than the vocabulary and a single row for all positions aren't accepted."""
    changed = {"intercept": _ARRAYS[name] * np.nan, "word_idf": _ARRAYS[name][:1]}.get(name, _ARRAYS[name][:-1])
    write_light_model(tmp_path / "other.chorus", {name: changed})
    with pytest.raises(ModelUnavailable, match="contain a classifier"):
        load_classifier(tmp_path / "other.chorus")


def forged(header: bytes, body: bytes = b"") -> bytes:
    """Return a file whose checksum is right."""
    rest = b"%d\n" % len(header) + header + body
    return b"CHORUS-MODEL 1\n" + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


@pytest.fixture(scope="module")
def compressed_zeros() -> bytes:
    """Many bytes that take little room in a file."""
    return zlib.compress(bytes(30 * 2**20), 9)


@pytest.mark.parametrize("shape", [[0], [-1], [-1, -(2**30)], [2**40], [1.5], ["1"], 1, [True] * 99])
def test_a_forged_shape_cannot_fill_the_memory(shape: object, compressed_zeros: bytes, tmp_path: Path) -> None:
    """No more is decompressed than the header announces, and the file is refused."""
    header = json.dumps({"facts": {}, "arrays": [{"name": "x", "type": "int8", "shape": shape, "bytes": len(compressed_zeros)}]})
    path = tmp_path / "bomb.chorus"
    path.write_bytes(forged(header.encode(), compressed_zeros))
    tracemalloc.start()
    try:
        with pytest.raises(ModelUnavailable, match=r"bomb\.chorus"):
            load_classifier(path)
        assert tracemalloc.get_traced_memory()[1] < 10 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("header", [b"[" * 100_000, b"[]", b"3", b'{"facts": {}, "arrays": {"a": 1}}', b'{"facts": 3, "arrays": []}'])
def test_a_forged_header_is_refused(header: bytes, tmp_path: Path) -> None:
    """Deep nesting and values of the wrong type aren't accepted."""
    (tmp_path / "odd.chorus").write_bytes(forged(header))
    with pytest.raises(ModelUnavailable, match=r"odd\.chorus"):
        load_classifier(tmp_path / "odd.chorus")


@pytest.mark.slow
def test_equal_contents_give_equal_bytes(tmp_path: Path) -> None:
    """Writing a model twice gives the same file."""
    facts, arrays, _ = model_file.read(BUILT_IN_MODEL_PATH)
    model_file.write(tmp_path / "again.chorus", facts, arrays)
    assert (tmp_path / "again.chorus").read_bytes() == BUILT_IN_MODEL_PATH.read_bytes()
