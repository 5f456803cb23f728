"""How counts and sizes are written, and the plural that goes with them."""

from dashboard.core.formatting.digits import localize_digits
from dashboard.core.messages import is_translated, ngettext, translatable_plural

_COUNTED_NOUNS = (  # what pages count; other nouns stay English
    translatable_plural("%(count)s post", "%(count)s posts"),
    translatable_plural("%(count)s account", "%(count)s accounts"),
    translatable_plural("%(count)s more account", "%(count)s more accounts"),
    translatable_plural("%(count)s reaction", "%(count)s reactions"),
    translatable_plural("%(count)s reply", "%(count)s replies"),
    translatable_plural("%(count)s repost", "%(count)s reposts"),
    translatable_plural("%(count)s quote", "%(count)s quotes"),
    translatable_plural("%(count)s like", "%(count)s likes"),
    translatable_plural("%(count)s view", "%(count)s views"),
    translatable_plural("%(count)s positive post", "%(count)s positive posts"),
    translatable_plural("%(count)s neutral post", "%(count)s neutral posts"),
    translatable_plural("%(count)s negative post", "%(count)s negative posts"),
    translatable_plural("%(count)s positive word", "%(count)s positive words"),
    translatable_plural("%(count)s negative word", "%(count)s negative words"),
    translatable_plural("%(count)s positive point", "%(count)s positive points"),
    translatable_plural("%(count)s negative point", "%(count)s negative points"),
    translatable_plural("%(count)s word", "%(count)s words"),
    translatable_plural("%(count)s point", "%(count)s points"),
    translatable_plural("%(count)s hour", "%(count)s hours"),
    translatable_plural("%(count)s day", "%(count)s days"),
    translatable_plural("%(count)s week", "%(count)s weeks"),
    translatable_plural("%(count)s month", "%(count)s months"),
    translatable_plural("%(count)s unusual hour", "%(count)s unusual hours"),
    translatable_plural("%(count)s unusual day", "%(count)s unusual days"),
    translatable_plural("%(count)s unusual week", "%(count)s unusual weeks"),
    translatable_plural("%(count)s unusual month", "%(count)s unusual months"),
    translatable_plural("%(count)s dot", "%(count)s dots"),
    translatable_plural("%(count)s bar", "%(count)s bars"),
    translatable_plural("%(count)s cell", "%(count)s cells"),
    translatable_plural("%(count)s row", "%(count)s rows"),
    translatable_plural("%(count)s page", "%(count)s pages"),
    translatable_plural("%(count)s date", "%(count)s dates"),
    translatable_plural("%(count)s time", "%(count)s times"),
    translatable_plural("%(count)s byte", "%(count)s bytes"),
    translatable_plural("%(count)s more format", "%(count)s more formats"),
    translatable_plural("%(count)s more language", "%(count)s more languages"),
    translatable_plural("%(count)s repetition", "%(count)s repetitions"),
)


def pluralize(count: float, singular: str, plural: str = "") -> str:
    """Return the form of an English word that goes with a count: `post` or `posts`, `is` or `are`."""
    return singular if count == 1 else plural or f"{singular}s"


def format_count(count: float, singular: str, plural: str = "") -> str:
    """Return `1 post`, `2,345 posts`, `1 reply`, `0 replies`."""
    if is_translated():
        forms = f"%(count)s {singular}", f"%(count)s {plural or f'{singular}s'}"
        return ngettext(*forms, round(count), count=localize_digits(f"{count:,.0f}"))
    return f"{count:,.0f} {pluralize(count, singular, plural)}"


def format_bytes(count: int) -> str:
    """Return a size in the largest unit that it fills: `512 bytes`, `64 KiB`, `1.5 MiB`, `4 GiB`."""
    for size, unit in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if count >= size:
            return localize_digits(f"{count / size:,.1f}".removesuffix(".0")) + f" {unit}"
    return format_count(count, "byte")


def format_times(count: int) -> str:
    """Return how often something happened: `once`, `12 times`."""
    return ngettext("once", "%(count)s times", count, count=localize_digits(f"{count:,}"))
