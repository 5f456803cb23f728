"""What is left of the English texts of the catalogs on a page in another language."""

import html
import re
from functools import cache

from tests.support.catalogs import find_translation, list_forms, list_messages

_PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w*\}")
_SCRIPT_MESSAGES = re.compile(r'<script type="application/json" id="messages">.*?</script>', re.DOTALL)  # by their English texts
_MIN_WORDS = 3  # of a fragment that can't be part of a translation or of a post by chance


def list_english(page: str, language: str) -> list[str]:
    """Return the parts of English texts that stand on a page, and placeholders that nobody filled in."""
    text = html.unescape(_SCRIPT_MESSAGES.sub("", page))
    return [fragment for fragment in ("%(", *_list_fragments(language)) if fragment in text]


@cache
def _list_fragments(language: str) -> list[str]:
    """Return the longest part without placeholders of each English text, unless a translation has it, too."""
    forms = [form for message in list_messages() if (entry := find_translation(message, language)) for form in list_forms(entry)]
    fragments = {max(_PLACEHOLDER.split(english), key=len).strip() for english, _ in forms}
    translations = "\n".join(translation for _, translation in forms)
    return sorted(text for text in fragments if len(text.split()) >= _MIN_WORDS and text not in translations)
