"""Recognises HTML in the texts of a file, which has to become plain text. The conversion itself is in `mastodon_html`."""

import re
from collections.abc import Iterable

_TAG_PATTERN = re.compile(
    r"</?(?:p|br|a|span|div|ul|ol|li|b|i|em|strong|blockquote|h[1-6]|img)(?:\s+[a-z-]+\s*=[^<>]*)?\s*/?>", re.IGNORECASE
)
_DOCUMENT_PATTERN = re.compile(r"\s*<(p|div)(?:\s[^<>]*)?>.*</\1>\s*", re.IGNORECASE | re.DOTALL)


def has_html(texts: Iterable[str]) -> bool:
    """Return whether a column holds HTML: at least half of its texts that aren't empty have a tag."""
    filled = [text for text in texts if text]
    return bool(filled) and 2 * sum("<" in text and bool(_TAG_PATTERN.search(text)) for text in filled) >= len(filled)


def is_html_document(text: str) -> bool:
    """Return whether a single text is HTML throughout, as those of Mastodon are, so that no other text is needed to tell."""
    return text.rstrip().endswith(">") and _DOCUMENT_PATTERN.fullmatch(text) is not None
