"""Training what tells languages by their letters, on made-up posts of made-up languages."""

import gzip
import random
from pathlib import Path

import pytest

from dashboard.prediction import language_letters
from dashboard.prediction.training import train_language_letters

pytestmark = pytest.mark.training

_SYLLABLES = {"en": ["the", "ing", "and"], "hi": ["kya", "nahi", "hai"], "ha": ["muna", "wan", "zuw"], "it": ["ella", "zione", "etto"]}
_ENGLISH_SETS = ("tweeteval-sentiment/train", "airline/airline", "emotion/emotion", "tse/tse", "pseudo/pseudo")
_OTHER_SETS = ("umsab", "afrisenti", "idsa", "smsa")
_LISTED_LANGUAGES = ("ca", "cs", "da", "fi", "hu", "ms", "nl", "no", "pl", "ro", "so", "sv", "tl", "tr", "vi", "zu")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that is read."""
    folder = tmp_path_factory.mktemp("data")
    for name in _ENGLISH_SETS:
        _write(folder / f"{name}.tsv.gz", "label\ttext", [f"1\t{text}" for text in _invent_texts("en", name)])
    for name in _OTHER_SETS:
        rows = [f"1\t{language}\t{text}" for language in ("hi", "ha", "it") for text in _invent_texts(language, name)]
        _write(folder / f"languages/{name}-train.tsv.gz", "label\tlang\ttext", rows)
    lists = folder / "lexicons-multilingual"
    lists.mkdir()
    for language in ("en", *_LISTED_LANGUAGES):
        words = [f"{language}{first}{second}" for first in "aeiou" for second in "bdgk"]
        (lists / f"{language}.afinn.tsv").write_text("".join(f"{word}\t1\n" for word in words), encoding="utf-8")
    return folder


def _invent_texts(language: str, seed: str) -> list[str]:
    generator = random.Random(f"{language}{seed}")
    return [" ".join("".join(generator.choices(_SYLLABLES[language], k=2)) for _ in range(6)) for _ in range(40)]


def _write(path: Path, header: str, rows: list[str]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress("\n".join([header, *rows, ""]).encode(), mtime=0))


def test_what_was_learned_tells_the_languages(data: Path) -> None:
    """Words of the training posts are hints, and groups of letters tell which language they hint at."""
    arrays = train_language_letters.train(data)
    languages, hints = arrays["languages"].tolist(), arrays["hints"].tobytes().decode().split()
    buckets = [bucket for word in ("nahihai", "hainahi") for bucket in language_letters.list_buckets(word)]
    scores = arrays["intercept"] + arrays["weights"][buckets].sum(axis=0, dtype=int) * arrays["scale"]
    assert languages[int(scores.argmax())] == "hi"
    assert {"nahihai", "munazuw"} <= set(hints)
    assert not {"theing", "ellazione"} & set(hints)
    assert dict(zip(languages, arrays["posts"].tolist(), strict=True)) == {"en": 100, "ha": 160, "hi": 160, "it": 160, "other": 2400}
