"""The labelled posts that train the model for other languages: read, grouped by language, and turned into token IDs.

Nothing is trained here; that is in `train_languages.py`. Posts of one language stand together, because each language has a tokenizer and a
vocabulary of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.core.errors import InvalidLabelledData
from dashboard.prediction.classifier.token_lookup import TokenLookup
from dashboard.prediction.classifier.vocabulary import END_OF_TEXT, Array, TokenizedTexts, Vocabulary
from dashboard.prediction.multilingual import ngrams
from dashboard.prediction.multilingual.tokenizer import Tokenizer
from dashboard.prediction.training import feature_matrix, labelled_files

_JOINED_COLUMNS = ("value", "negated", "flags", "summands", "vector", "own")
_VALID_LABELS = {"0": 0, "1": 1, "2": 2}


@dataclass(frozen=True)
class PostSet:
    """The posts of one dataset in one language. `targets` are the probabilities to learn: texts × labels."""

    dataset: str
    language: str
    texts: list[str]
    labels: Array
    targets: Array


@dataclass(frozen=True)
class Corpus:
    """Sets of posts, ordered by language, and their tokens: joined for all languages, and for each language of its own."""

    sets: list[PostSet]
    texts: TokenizedTexts
    vocabulary: "JoinedVocabulary"
    texts_by_language: dict[str, tuple[TokenizedTexts, Vocabulary]]

    @property
    def labels(self) -> Array:
        """The label of each text."""
        return np.concatenate([posts.labels for posts in self.sets])

    def count_ngrams(self) -> tuple[Any, Any]:
        """Count the word n-grams and the character n-grams of each text: two sparse matrices, texts × buckets."""
        from scipy import sparse

        counts = [_count_ngrams(texts, vocabulary, language) for language, (texts, vocabulary) in self.texts_by_language.items()]
        words, chars = (sparse.vstack(of_kind, format="csr") for of_kind in zip(*counts, strict=True))
        return words, chars


class JoinedVocabulary(Vocabulary):
    """The tables of several vocabularies, one after the other, for reading only."""

    def __init__(self, vocabularies: Sequence[Vocabulary]) -> None:
        row_counts = [2 * len(vocabulary.tokens) for vocabulary in vocabularies]
        self._columns = {
            name: np.concatenate([table.column(name)[:rows] for table, rows in zip(vocabularies, row_counts, strict=True)])
            for name in _JOINED_COLUMNS
        }
        self.tokens = [token for vocabulary in vocabularies for token in vocabulary.tokens]

    def set_embedding_rows(self, rows_by_token: dict[str, int]) -> None:
        """Give tokens the rows of their embeddings."""
        rows = np.array([rows_by_token.get(token, 0) for token in self.tokens], dtype=np.int32)
        self._columns["own"] = np.repeat(rows, 2)


def load_sets(path: Path, dataset: str, language_by_tag: Mapping[str, str]) -> list[PostSet]:
    """Return the posts of a file with the columns label (0, 1, 2), lang and text, per language. Raises InvalidLabelledData.

    `language_by_tag` says as which language posts with a tag are read; those with another tag are left out.
    """
    header, *rows = (cells for _, cells in labelled_files.read_tsv(path))
    try:
        label_column, language_column, text_column = (header.index(name) for name in ("label", "lang", "text"))
        cells = [(row[language_column], _VALID_LABELS[row[label_column]], row[text_column]) for row in rows]
    except (ValueError, KeyError, IndexError):
        advice = "Each row needs a label (0, 1 or 2), the tag of a language and a text."
        raise InvalidLabelledData(f"{path.name} isn't a file of labelled posts in several languages.", advice) from None
    return [
        build_set(dataset, language, [text for cell_tag, _, text in cells if cell_tag == tag], labels)
        for tag, language in language_by_tag.items()
        if (labels := [label for cell_tag, label, _ in cells if cell_tag == tag])
    ]


def build_set(dataset: str, language: str, texts: list[str], labels: Sequence[int] | Array, targets: Array | None = None) -> PostSet:
    """Return a set; by default, its targets are 1 for the label."""
    label_array = np.array(labels, dtype=np.int64)
    return PostSet(dataset, language, texts, label_array, np.eye(3, dtype=np.float32)[label_array] if targets is None else targets)


def sample_set(posts: PostSet, size: int) -> PostSet:
    """Return at most `size` posts of a set, always the same ones."""
    if len(posts.texts) <= size:
        return posts
    indices = np.sort(np.random.default_rng(0).permutation(len(posts.texts))[:size])
    texts = [posts.texts[index] for index in indices.tolist()]
    return PostSet(posts.dataset, posts.language, texts, posts.labels[indices], posts.targets[indices])


def encode(sets: Sequence[PostSet], build_lookup: Callable[[str], TokenLookup]) -> Corpus:
    """Return a corpus of sets; `build_lookup` returns what is known about the tokens of a language."""
    ordered = sorted(sets, key=lambda posts: posts.language)
    languages = list(dict.fromkeys(posts.language for posts in ordered))
    vocabularies, encoded = [], []
    for language in languages:
        vocabulary = Vocabulary(build_lookup(language), None, Tokenizer(language))
        texts = vocabulary.encode([text for posts in ordered if posts.language == language for text in posts.texts])
        vocabularies.append(vocabulary)
        encoded.append(texts)
    return Corpus(
        ordered,
        _join_texts(encoded, vocabularies),
        JoinedVocabulary(vocabularies),
        dict(zip(languages, zip(encoded, vocabularies, strict=True), strict=True)),
    )


def _count_ngrams(texts: TokenizedTexts, vocabulary: Vocabulary, language: str) -> tuple[Any, Any]:
    """Count the n-grams for all languages and those for this one, in the same buckets."""
    word_bucket_count, char_bucket_count = (1 << bits for bits in ngrams.HASH_BITS.values())
    words = [
        feature_matrix.count_word_ngrams(texts, buckets, word_bucket_count)
        for buckets in np.moveaxis(ngrams.hash_word_ngrams(texts, vocabulary, language), 1, 0)
    ]
    token_ids, columns = feature_matrix.list_distinct_tokens(texts)
    bucket_pair, starts = ngrams.hash_char_ngrams([vocabulary.tokens[token_id // 2] for token_id in token_ids], language)
    chars = [feature_matrix.count_char_ngrams(texts, columns, buckets, starts, char_bucket_count) for buckets in bucket_pair]
    return words[0] + words[1], chars[0] + chars[1]


def _join_texts(encoded: Sequence[TokenizedTexts], vocabularies: Sequence[Vocabulary]) -> TokenizedTexts:
    """Return the texts of all languages, with the token IDs of a JoinedVocabulary; END_OF_TEXT stays what it is."""
    first_ids = np.cumsum([0, *(2 * len(vocabulary.tokens) for vocabulary in vocabularies)])
    token_ids = [
        np.where(texts.token_ids == END_OF_TEXT, END_OF_TEXT, texts.token_ids + first_id)
        for texts, first_id in zip(encoded, first_ids[:-1], strict=True)
    ]
    lengths = np.concatenate([texts.lengths for texts in encoded])
    return TokenizedTexts(np.concatenate(token_ids), np.cumsum(lengths) - lengths, lengths)
