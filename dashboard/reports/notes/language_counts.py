"""The languages of posts in words, with the number of posts in each: `12 German and 1 Japanese`.

What follows from them is said in `language_notes.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl

from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import format_list
from dashboard.core.languages import name_language
from dashboard.core.messages import gettext

_MAX_LANGUAGES = 3  # that a remark names


def list_languages(languages: pl.Series | Sequence[str | None]) -> str:
    """Return the languages of posts, the commonest first, with their numbers if there are several: `12 German and 1 Japanese`."""
    return list_counted_languages(Counter(language for language in languages if language is not None))


def list_counted_languages(posts_by_language: Mapping[str, int]) -> str:
    """Return the languages of posts as `list_languages` does, from the number of posts in each."""
    posts_by_name = Counter[str]()
    for language, posts in posts_by_language.items():
        posts_by_name[name_language(language)] += posts
    counts = posts_by_name.most_common()
    if len(counts) == 1:
        return counts[0][0]
    listed = [f"{format_number(count)} {language}" for language, count in counts[:_MAX_LANGUAGES]]
    others = sum(count for _, count in counts[_MAX_LANGUAGES:])
    return format_list([*listed, gettext("%(count)s in other languages", count=format_number(others))] if others else listed)
