"""The polarity of words in every language, learnt from English word lists and English posts over cross-lingual vectors.

Words of equal meaning have similar vectors in all languages, so what English lists and posts say of a word carries over to its
translations and their inflections. A ridge regression over random Fourier features (Rahimi and Recht 2007) learns it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from dashboard.prediction.classifier.vocabulary import Array
from dashboard.prediction.multilingual.tokenizer import Tokenizer, fold

_FEATURE_COUNT, _KERNEL_WIDTH = 1500, 0.008  # of the approximated kernel exp(−width · distance²)
_VECTOR_SCALE = 42  # the vectors are stored as int8; divided by this, their components are about −3 … 3
_UNLISTED_WORDS = 4000  # frequent words that no list has, which count as neutral
_MIN_UNLISTED_POSTS, _MIN_POSTS = 20, 15  # posts that have a word, from which it counts
_PRIOR_POSTS = 20  # posts like the average that each word is given
_LIST_PENALTY, _POST_PENALTY = 0.3, 0.6
_STANDARD_DEVIATION = 0.5  # of each result
_MIN_POLARITY = 0.35  # smaller ones are noise, and would count as positive or negative words
_CHUNK_WORDS = 5000


def learn_polarity(
    words: Sequence[str], vectors: Array, polarity_by_term: Mapping[str, float], texts: Sequence[str], targets: Array
) -> Array:
    """Return two polarities per word, float32: as the English word lists see it, and as it occurs in positive or negative English posts.

    `vectors` has a row per word (int8), `polarity_by_term` is what the lists say (about −2 … 2), and `targets` are the probabilities of
    each text's labels.
    """
    rows = {word: row for row, word in enumerate(words)}
    counts, post_counts = _count_targets(rows, texts, targets)
    listed = {rows[term]: polarity for key, polarity in polarity_by_term.items() if (term := fold(key)) in rows}
    unlisted = [row for row in np.flatnonzero(post_counts >= _MIN_UNLISTED_POSTS).tolist() if row not in listed]
    rng = np.random.default_rng(0)
    unlisted = rng.permutation(unlisted)[:_UNLISTED_WORDS].astype(int).tolist() if unlisted else []
    projection = rng.normal(size=(vectors.shape[1], _FEATURE_COUNT)) * np.sqrt(2 * _KERNEL_WIDTH), rng.uniform(0, 2 * np.pi, _FEATURE_COUNT)
    list_rows, list_values = np.array([*listed, *unlisted]), np.array([*listed.values(), *[0.0] * len(unlisted)])
    post_rows = np.flatnonzero(post_counts >= _MIN_POSTS)
    coefficients = np.stack(
        [
            _fit_ridge(_map_features(vectors[list_rows], projection), list_values, _LIST_PENALTY),
            _fit_ridge(_map_features(vectors[post_rows], projection), _log_odds(counts[post_rows]), _POST_PENALTY),
        ],
        axis=1,
    )
    chunks = [
        _map_features(vectors[start : start + _CHUNK_WORDS], projection) @ coefficients for start in range(0, len(words), _CHUNK_WORDS)
    ]
    polarity = np.vstack(chunks)
    polarity *= _STANDARD_DEVIATION / np.maximum(polarity.std(axis=0), 1e-6)
    return np.where(np.abs(polarity) < _MIN_POLARITY, 0, polarity).astype(np.float32)


def _count_targets(rows: Mapping[str, int], texts: Sequence[str], targets: Array) -> tuple[Array, Array]:
    """Return the sums of the targets of the texts in which each word isn't negated (words × labels), and the number of these texts."""
    tokenizer = Tokenizer("en")
    sums, text_counts = np.zeros((len(rows), 3)), np.zeros(len(rows), dtype=np.int64)
    for text, target in zip(texts, targets, strict=True):
        is_negated, text_rows = False, set()
        for piece in tokenizer.split_into_pieces(text):
            parsed = tokenizer.parse_piece(piece)
            if not is_negated:
                text_rows |= {rows[token] for token, _ in parsed.tokens if token in rows}
            is_negated = is_negated if parsed.negation is None else parsed.negation
        indices = sorted(text_rows)
        sums[indices] += target
        text_counts[indices] += 1
    return sums, text_counts


def _log_odds(counts: Array) -> Array:
    """Return half the log odds of positive against negative posts with each word, relative to all posts."""
    base = counts.sum(axis=0) / counts.sum()
    logs = np.log(counts + _PRIOR_POSTS * base) - np.log(base)
    return np.asarray((logs[:, 2] - logs[:, 0]) / 2)


def _map_features(vectors: Array, projection: tuple[Array, Array]) -> Array:
    """Return random Fourier features: words × _FEATURE_COUNT."""
    weights, offsets = projection
    return np.asarray(np.cos(vectors.astype(np.float64) / _VECTOR_SCALE @ weights + offsets) * np.sqrt(2 / _FEATURE_COUNT))


def _fit_ridge(inputs: Array, targets: Array, penalty: float) -> Array:
    """Return the coefficients of a ridge regression without an intercept."""
    return np.linalg.solve(inputs.T @ inputs + penalty * np.eye(inputs.shape[1]), inputs.T @ targets)
