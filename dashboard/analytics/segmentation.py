"""Separate the words of Japanese, Chinese, Thai and other scripts that don't write blanks between them, by the dictionaries of ICU.

ICU is optional, because it takes 44 MB: the extra `segmentation` installs it. It's loaded with the first text that needs it, which takes
13 MB. Without it, such a text is one long word wherever nothing separates it. Texts in other scripts are returned unchanged.
"""

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import polars as pl

_PACKAGE = "icu4py"
_LETTERS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
_RUN = re.compile(f"[{_LETTERS}]{{2,}}")  # of Thai, Lao, Burmese, Khmer, kana and Han letters with their marks
_JOINED_PATTERN = rf"[{_LETTERS}]{{2}}"


def separate_words(texts: pl.Series) -> pl.Series:
    """Return texts with a space between words that nothing separates."""
    needs_spaces = texts.str.contains(_JOINED_PATTERN).fill_null(value=False)
    if not needs_spaces.any() or not is_available():
        return texts
    separated = [_RUN.sub(_separate_run, text) for text in texts.filter(needs_spaces)]
    return texts.scatter(needs_spaces.arg_true(), separated)


def is_available() -> bool:
    """Return whether ICU is installed."""
    return find_spec(_PACKAGE) is not None


@cache
def describe_version() -> str:
    """Return the version of ICU's package, empty if it isn't installed: with another one, texts may have other words."""
    try:
        return version(_PACKAGE)
    except PackageNotFoundError:
        return ""


def _separate_run(run: re.Match[str]) -> str:
    from icu4py.breakers import WordBreaker

    return " ".join(str(word) for word in WordBreaker(run[0], "ja"))  # one iterator has the dictionaries of all these scripts
