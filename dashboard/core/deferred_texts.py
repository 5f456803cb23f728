"""Quotations, lists and several sentences as deferred texts, and how deferred texts are stored as JSON.

What they are is in `messages.py`. Texts of the current language are written in `formatting`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.core.formatting.directions import isolate
from dashboard.core.formatting.texts import LISTS
from dashboard.core.messages import Deferred, build_deferred, deferred, deferred_plural

_MAX_DEPTH = 40  # of deferred texts within others; texts stored before December 2026 have one more per sentence


def defer_quote(text: str) -> str:
    """Return a text in the quotation marks of the language that it will be read in."""
    return deferred("“%(text)s”", text=isolate(text))


def defer_list(items: Sequence[str], *, total: int | None = None, conjunction: str = "and") -> str:
    """Return `a, b and c`. `total` is the number of items if `items` has only the first ones: `a, b and 3 more`."""
    if omitted_count := (total or len(items)) - len(items):
        items = [*items, deferred_plural("%(count)s more", "%(count)s more", omitted_count)]
    if len(items) < 2:
        return items[0] if items else ""
    return deferred(LISTS[conjunction], items=list(items[:-1]), last=items[-1])


def defer_sentences(*sentences: str) -> str:
    """Return sentences one after another; empty ones are left out."""
    parts = [defer(sentence) for sentence in sentences if sentence]
    if len(parts) < 2:
        return parts[0] if parts else ""
    values = {f"sentence_{number}": part for number, part in enumerate(parts, 1)}
    return build_deferred(" ".join(f"%({name})s" for name in values), "", 1, values)


def defer(text: str) -> str:
    """Return a text marked by `translatable` as a deferred one, so that it's translated as a value of another text, too."""
    return text if isinstance(text, Deferred) else deferred(text)


def dump_deferred(text: str) -> Any:
    """Return a text as values of JSON that keep its message and values; a plain text stays one."""
    if not isinstance(text, Deferred):
        return str(text)
    return {
        "message": text.message,
        "plural": text.plural,
        "count": text.number,
        "values": {name: _dump_value(value) for name, value in text.values.items()},
    }


def parse_deferred(value: Any, depth: int = 0) -> str:
    """Return the text that `dump_deferred` wrote. Raises TypeError, KeyError or ValueError if it didn't."""
    if isinstance(value, str):
        return value
    if depth > _MAX_DEPTH:
        raise ValueError("texts within texts too often")
    message, plural, count, values = (value[name] for name in ("message", "plural", "count", "values"))
    if not (isinstance(message, str) and isinstance(plural, str) and isinstance(count, int) and isinstance(values, Mapping)):
        raise TypeError("not a deferred text")
    return build_deferred(message, plural, count, {str(name): _parse_value(item, depth) for name, item in values.items()})


def _dump_value(value: object) -> Any:
    if isinstance(value, list | tuple):
        return [_dump_value(item) for item in value]
    return value if isinstance(value, int) else dump_deferred(str(value) if not isinstance(value, str) else value)


def _parse_value(value: Any, depth: int) -> Any:
    if isinstance(value, list):
        return [_parse_value(item, depth + 1) for item in value]
    return value if isinstance(value, int) else parse_deferred(value, depth + 1)
