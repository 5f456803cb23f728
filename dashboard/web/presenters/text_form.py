"""The form of the text check, as submitted: its texts, what is wrong with them, and their URL. Nothing is classified here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from dashboard.core.formatting.counts import format_bytes
from dashboard.core.formatting.numbers import format_number
from dashboard.core.messages import gettext
from dashboard.prediction.limits import MAX_TEXT_CHARACTERS, MAX_TEXTS

MAX_TEXT_BYTES = 1024 * 1024  # bytes of all texts together


@dataclass(frozen=True)
class TextForm:
    """The form as submitted: its unchanged text, whether all lines are one text, and its problems."""

    text: str = ""
    is_single_text: bool = False
    problems: Sequence[str] = ()

    @property
    def texts(self) -> list[str]:
        """Return the texts to classify, one per line, without blank lines."""
        lines = [line.strip() for line in self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        return list(filter(None, ["\n".join(lines).strip()] if self.is_single_text else lines))

    @property
    def url(self) -> str:
        """Return the canonical URL of the text in the form."""
        texts = self.texts
        fields = [("text", "\n".join(texts))] + [("whole", "1")] * (self.is_single_text and "\n" in texts[0])
        return f"{url_for('classifier.classify')}?{urlencode(fields, quote_via=quote, safe=',:@/!')}"

    def validated(self) -> "TextForm":
        """Return the form with all of its problems."""
        texts = self.texts
        problems = [] if texts else [gettext("Enter a text, or a list with one text per line.")]
        if len(texts) > MAX_TEXTS:
            values = {"count": format_number(len(texts)), "limit": str(MAX_TEXTS)}
            problems.append(gettext("That’s %(count)s lines; the limit is %(limit)s texts.", **values))
        problems += [
            gettext(
                "Text %(number)s has %(count)s characters; the limit is %(limit)s.",
                number=format_number(number),
                count=format_number(len(text)),
                limit=format_number(MAX_TEXT_CHARACTERS),
            )
            for number, text in _find_long_texts(texts)[:3]
        ]
        size = sum(len(text.encode()) for text in texts)
        if size > MAX_TEXT_BYTES:
            values = {"size": format_bytes(size), "limit": format_bytes(MAX_TEXT_BYTES)}
            problems.append(gettext("That’s %(size)s in all; the limit is %(limit)s.", **values))
        return replace(self, problems=problems)


def parse_text_form(fields: MultiDict[str, str]) -> TextForm:
    """Return the form of a query string or of a request's body, not validated yet."""
    return TextForm("\n".join(fields.getlist("text")), fields.get("whole") == "1")


def _find_long_texts(texts: Sequence[str]) -> list[tuple[int, str]]:
    return [(number, text) for number, text in enumerate(texts, 1) if len(text) > MAX_TEXT_CHARACTERS]
