"""How lists, quotations and shortened texts are written."""

from collections.abc import Sequence

from dashboard.core.formatting.digits import localize_digits
from dashboard.core.formatting.directions import isolate
from dashboard.core.messages import current_language, gettext, ngettext, translatable

ELLIPSIS = "…"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_REPLACEMENT_CHARACTER = "\N{REPLACEMENT CHARACTER}"
MAX_QUOTED_CHARACTERS = 40  # of user input repeated in a message


LISTS = {"and": translatable("%(items)s and %(last)s"), "or": translatable("%(items)s or %(last)s")}  # by conjunction


def format_list(items: Sequence[str], max_items: int | None = None, *, total: int | None = None, conjunction: str = "and") -> str:
    """Return `a, b and c`.

    If there are more than `max_items`, list one fewer than that and count the rest: `a, b and 3 more`. `total` is the number of items if
    `items` contains only the first ones.
    """
    total = len(items) if total is None else total
    if max_items is not None and total > max_items:
        items = items[: max_items - 1]
    if omitted_count := total - len(items):
        items = [*items, ngettext("%(count)s more", "%(count)s more", omitted_count, count=localize_digits(f"{omitted_count:,}"))]
    if len(items) < 2:
        return "".join(items)
    return gettext(LISTS[conjunction], items=", ".join(items[:-1]), last=items[-1])


def start_within_sentence(title: str) -> str:
    """Return a title as it's written within a sentence: without its capital, unless the language gives one to every noun."""
    return title if current_language() == "de" else title[:1].lower() + title[1:]


def format_labelled(label: str, value: str) -> str:
    """Return a label and its value: `Positive: 3`. French has a blank before the colon."""
    return gettext("%(label)s: %(value)s", label=label, value=value)


def quote(text: str) -> str:
    """Return a text in quotation marks, isolated from what surrounds it: `“good”`."""
    return gettext("“%(text)s”", text=isolate(text))


def truncate(text: str, max_characters: int) -> str:
    """Return a text cut to `max_characters`; the last one is an ellipsis if something is missing."""
    return text if len(text) <= max_characters else text[: max_characters - 1] + ELLIPSIS


def truncate_at_word(text: str, max_characters: int) -> str:
    """Truncate a text as `truncate` does, but between two words."""
    return text if len(text) <= max_characters else text[: max_characters - 1].rsplit(" ", 1)[0] + ELLIPSIS


def printable(text: str) -> str:
    """Return a text with a replacement character for every control character that a terminal or a page could act on."""
    return "".join(letter if letter.isprintable() else _REPLACEMENT_CHARACTER for letter in text)


def excerpt(text: str) -> str:
    """Return user input as a message quotes it: printable, without surrounding white space, at most MAX_QUOTED_CHARACTERS long."""
    return isolate(truncate(printable(text.strip()), MAX_QUOTED_CHARACTERS))
