"""Training what tells languages by their letters: `python -m dashboard.prediction.training.train_language_letters DIR`.

Nothing here is needed to detect a language. The same data give the same bytes. Only training sets are used; validation sets and real
timelines measure the detector (`bench/languages.py`). English posts that are plainly English teach little, so most of them are left out.
Of other languages there are only words, which are put together to something like posts.
"""

import csv
import gzip
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.prediction import language_letters
from dashboard.prediction.language_detection import list_latin_words
from dashboard.prediction.language_letters import BUCKET_BITS, BUILT_IN_PATH, ENGLISH, LETTER_DETECTED_LANGUAGES, OTHER
from dashboard.prediction.language_words import ENGLISH_WORDS, LANGUAGES_BY_WORD

_ENGLISH_SETS = ("tweeteval-sentiment/train", "airline/airline", "emotion/emotion", "tse/tse", "pseudo/pseudo")
_OTHER_SETS = ("languages/umsab-train", "languages/afrisenti-train", "languages/idsa-train", "languages/smsa-train")
_LANGUAGE_BY_TAG = {tag: tag for tag in ("de", "es", "fr", "ha", "hi", "id", "ig", "it", "pt", "rw", "sw", "ts", "tw", "yo")}
_LANGUAGE_BY_TAG |= {"ary": "ary", "ms": "id", "pt-MZ": "pt"}
_MAX_POSTS, _MAX_ENGLISH_POSTS, _MAX_PLAINLY_ENGLISH_POSTS = 3_000, 14_000, 5_000
_WORDS_OF_OTHERS = ("ca", "cs", "da", "fi", "hu", "ms", "nl", "no", "pl", "ro", "so", "sv", "tl", "tr", "vi", "zu")
_POSTS_OF_OTHERS = 150  # of each such language
_MIN_MISLABELLED = 0.8  # probability of English from which a post in another language is taken for an English one
_MIN_ENGLISH_SHARE = 0.25  # of the words of a post that is plainly English
_MIN_HINT_POSTS, _MIN_ENGLISH_FACTOR, _MIN_OTHER_FACTOR = 8, 20, 2  # that have a hint, and how much commoner it is than elsewhere
_C, _MAX_ITERATIONS = 0.05, 60
Array = np.ndarray[Any, Any]
Post = tuple[str, list[str]]  # language, words


def train(data_folder: Path) -> dict[str, Any]:
    """Return the arrays of `language_letters.npz`, learned from the datasets of a folder, and how many posts of each language these had."""
    posts = _load_posts(data_folder)
    labels = np.array([language for language, _ in posts])
    counts = Counter(labels.tolist())
    weights = np.array([1.0 if language == ENGLISH else min(3.0, _MAX_POSTS / counts[language]) for language in labels])
    matrix = _count_buckets([words for _, words in posts])
    model = _fit(matrix, labels, weights)
    english = model.predict_proba(matrix)[:, list(model.classes_).index(ENGLISH)]
    is_kept = (labels == ENGLISH) | (labels == OTHER) | (english < _MIN_MISLABELLED)
    model = _fit(matrix[is_kept], labels[is_kept], weights[is_kept])
    scale = np.abs(model.coef_).max() / 127
    counts = Counter(labels[is_kept].tolist())
    return {
        "hints": _find_hints(posts),
        "languages": model.classes_,
        "posts": np.array([counts[language] for language in model.classes_]),
        "weights": np.round(model.coef_.T / scale).astype(np.int8),
        "scale": np.float32(scale),
        "intercept": model.intercept_.astype(np.float32),
    }


def _load_posts(data_folder: Path) -> list[Post]:
    """Return the words of posts in English, in languages of which there are labelled posts, and in others."""
    posts = [*_sample_english(data_folder), *_sample_others(data_folder), *_invent_posts(data_folder)]
    return [(language, picked) for language, words in posts if (picked := language_letters.pick_words(words))]


def _find_hints(posts: Sequence[Post]) -> Array:
    """Return, joined by line feeds, the words that are far commoner in a language that is detected by its letters than in the others."""
    counts = {language: Counter[str]() for language in sorted({language for language, _ in posts})}
    sizes = Counter(language for language, _ in posts)
    for language, words in posts:
        counts[language].update(words)
    detected, others = sorted(counts.keys() & LETTER_DETECTED_LANGUAGES), sorted(counts.keys() - LETTER_DETECTED_LANGUAGES)
    hints = {
        word
        for language in detected
        for word, count in counts[language].items()
        if count >= _MIN_HINT_POSTS
        and len(word) > 1
        and all(
            count * sizes[other] >= (_MIN_ENGLISH_FACTOR if other == ENGLISH else _MIN_OTHER_FACTOR) * counts[other][word] * sizes[language]
            for other in others
        )
    }
    return np.frombuffer("\n".join(sorted(hints)).encode(), dtype=np.uint8)


def _sample_english(data_folder: Path) -> list[Post]:
    """Return English posts, most of which have few common English words; only every second row, so that the others can measure."""
    plain, open_posts = list[Post](), list[Post]()
    for name in _ENGLISH_SETS:
        for _, text in islice(_read_texts(data_folder / f"{name}.tsv.gz"), 0, None, 2):
            words = list_latin_words(text)
            (plain if _is_plainly_english(words) else open_posts).append((ENGLISH, words))
    return [*_sample(plain, _MAX_PLAINLY_ENGLISH_POSTS), *_sample(open_posts, _MAX_ENGLISH_POSTS - _MAX_PLAINLY_ENGLISH_POSTS)]


def _sample_others(data_folder: Path) -> Iterator[Post]:
    """Yield posts in other languages, without those that have more common English words."""
    posts_by_language: dict[str, list[Post]] = {language: [] for language in sorted(set(_LANGUAGE_BY_TAG.values()))}
    for name in _OTHER_SETS:
        for tag, text in _read_texts(data_folder / f"{name}.tsv.gz"):
            language, words = _LANGUAGE_BY_TAG.get(tag), list_latin_words(text)
            if language and not _is_plainly_english(words):
                posts_by_language[language].append((language, words))
    for posts in posts_by_language.values():
        yield from _sample(posts, _MAX_POSTS)


def _invent_posts(data_folder: Path) -> Iterator[Post]:
    """Yield words of languages without labelled posts: common ones, and those of translated lists that aren't English."""
    generator, lists = random.Random(0), data_folder / "lexicons-multilingual"
    english = set(_read_list(lists / "en.afinn.tsv"))
    for language in _WORDS_OF_OTHERS:
        rare = [word for word in _read_list(lists / f"{language}.afinn.tsv") if word not in english]
        common = [word for word, languages in LANGUAGES_BY_WORD.items() if language in languages]
        for _ in range(_POSTS_OF_OTHERS):
            size = generator.randint(3, 10)
            chosen = generator.sample(common, min(len(common), size // 2))
            yield OTHER, [*chosen, *generator.sample(rare, size - len(chosen))]


def _is_plainly_english(words: Sequence[str]) -> bool:
    english_words = list(filter(ENGLISH_WORDS.__contains__, words))
    return len(set(english_words)) > 1 and len(english_words) >= _MIN_ENGLISH_SHARE * len(words)


def _sample(posts: list[Post], size: int) -> list[Post]:
    return posts if len(posts) <= size else random.Random(0).sample(posts, size)


def _read_texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the tag and the text of each row."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row.get("lang") or ENGLISH, row["text"]


def _read_list(path: Path) -> list[str]:
    """Return the words of a word list, also those within phrases."""
    phrases = (line.split("\t")[0] for line in path.read_text(encoding="utf-8").splitlines())
    return [word for phrase in phrases for word in list_latin_words(phrase)]


def _count_buckets(posts: Sequence[Sequence[str]]) -> Any:
    """Return how often each post has each bucket: a sparse matrix."""
    from scipy import sparse

    buckets = [[bucket for word in words for bucket in language_letters.list_buckets(word)] for words in posts]
    lengths = np.array([len(of_post) for of_post in buckets])
    columns, rows = np.concatenate([np.array(of_post, dtype=np.int32) for of_post in buckets]), np.repeat(np.arange(len(posts)), lengths)
    return sparse.csr_matrix((np.ones(len(columns)), (rows, columns)), shape=(len(posts), 1 << BUCKET_BITS))


def _fit(matrix: Any, labels: Array, weights: Array) -> Any:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is a part of the regularisation
        return LogisticRegression(C=_C, max_iter=_MAX_ITERATIONS).fit(matrix, labels, sample_weight=weights)


def main() -> None:
    """Train on the folder that the command line names, and write the built-in weights."""
    arrays = train(Path(sys.argv[1]))
    np.savez_compressed(BUILT_IN_PATH, **arrays)
    posts = ", ".join(f"{language} {count:,}" for language, count in zip(arrays["languages"], arrays["posts"], strict=True))
    sys.stdout.write(f"{BUILT_IN_PATH}: {BUILT_IN_PATH.stat().st_size:,} bytes; posts: {posts}\n")


if __name__ == "__main__":
    main()
