"""The arrays of the linear model: lexicons and vectors that are loaded, features that are fitted, and weights that are quantized.

On which texts they are fitted is decided in `train.py`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.classifier import build_lookup_tables
from dashboard.prediction.classifier.token_columns import WORD_FLAG
from dashboard.prediction.classifier.vocabulary import Array, TokenizedTexts, Vocabulary
from dashboard.prediction.training import cnn, english_lexicons, feature_matrix

_MIN_FAMILIAR_COUNT = 10  # occurrences in the training data from which a word is familiar
_LEXICON_SCALE, _VECTOR_SCALE = 0.1, 0.03  # of the dense features, next to n-grams scaled to length 1
DENSE_FEATURE_SCALES = np.repeat(
    np.array([_LEXICON_SCALE, _VECTOR_SCALE], dtype=np.float32), [features.LEXICON_FEATURE_COUNT, features.VECTOR_FEATURE_COUNT]
)


def load_lexicons_and_vectors(data_folder: Path) -> model_file.Arrays:
    """Return the arrays that are not trained. Row 0 of `vectors` is zero, for words without a vector."""
    terms, polarity = english_lexicons.load_lexicons(data_folder / "lexicons")
    with np.load(data_folder / "vectors" / "glove100-30k-int8.npz") as archive:
        words, vectors = str(archive["words"]), archive["vectors"]
    return {
        "terms": _encode_lines(terms),
        "polarity": polarity,
        "words": _encode_lines(words.split("\n")),
        "vectors": np.vstack([np.zeros((1, vectors.shape[1]), dtype=np.int8), vectors]),
        "met": _encode_lines([]),
    }


def fit_features(texts: Sequence[str], arrays: model_file.Arrays) -> Any:
    """Return the training matrix, texts × features, and add to `arrays`: idf, mean and standard deviation, frequent words and tokens."""
    vocabulary = Vocabulary(build_lookup_tables(arrays))
    tokenized = vocabulary.encode(texts)
    ngram_counts = feature_matrix.count_ngrams(tokenized, vocabulary)
    dense_features = feature_matrix.build_dense_features(tokenized, vocabulary, arrays["vectors"])
    for kind, counts in zip(feature_matrix.NGRAM_KINDS, ngram_counts, strict=True):
        arrays[f"{kind}_idf"] = feature_matrix.compute_idf(counts)
    arrays["dense_mean"] = dense_features.mean(axis=0).astype(np.float32)
    arrays["dense_std"] = (dense_features.std(axis=0) + 1e-6).astype(np.float32)
    arrays["met"] = _encode_lines(_list_familiar_words(tokenized, vocabulary))
    arrays["felt"] = _encode_lines(cnn.list_frequent_tokens(tokenized.token_ids, vocabulary))
    return feature_matrix.build_matrix(ngram_counts, dense_features, arrays, DENSE_FEATURE_SCALES)


def _list_familiar_words(texts: TokenizedTexts, vocabulary: Vocabulary) -> list[str]:
    """Return the words that occur at least _MIN_FAMILIAR_COUNT times in the texts."""
    is_word = vocabulary.column("flags")[texts.token_ids, WORD_FLAG]
    words = np.array(vocabulary.tokens, dtype=object)[texts.token_ids[is_word] // 2].astype(str)
    unique_words, counts = np.unique(words, return_counts=True)
    return [str(word) for word in unique_words[counts >= _MIN_FAMILIAR_COUNT]]


def _encode_lines(lines: Sequence[str]) -> Array:
    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)


def store_quantized_weights(arrays: model_file.Arrays, weights: Array, intercept: Array) -> None:
    """Add the weights (features × labels) to `arrays`: those of n-grams as int8 of their signed square roots, with a scale per label."""
    for index, kind in enumerate(feature_matrix.NGRAM_KINDS):
        ngram_weights = weights[index * features.BUCKET_COUNT : (index + 1) * features.BUCKET_COUNT]
        arrays[f"{kind}_weights"], arrays[f"{kind}_scale"] = feature_matrix.quantize_weights(ngram_weights)
    arrays["dense_weights"] = weights[2 * features.BUCKET_COUNT :] * DENSE_FEATURE_SCALES[:, None]
    arrays["intercept"] = intercept
