"""What people paste for an account, made plain: without what surrounds it in a sentence, invisible characters and other alphabets' @.

How an account is written isn't known here.
"""

import re
import unicodedata

from dashboard.core.look_alikes import fold_letters

_SURROUNDING_CHARACTERS = " \t\r\n“”‘’\"'().…"  # what surrounds a handle in a sentence
_MORE_SURROUNDING_CHARACTERS = _SURROUNDING_CHARACTERS + "<>[]{}«»‹›„‚`´*|!?,;、。，（）「」【】"
_FULLWIDTH_PUNCTUATION = str.maketrans("＠．／：＿－＃？＆＝﹫。", "@./:_-#?&=@.")
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f]")
_TRAILING_PATTERN = re.compile(r"(?<=[\w.@-])(?:['’]s|:)$")  # as in “@nasa’s” and “RT @nasa:”
_MARKDOWN_LINK = re.compile(r"\[[^\[\]]*\]\((\S+?)\)?")
_UNPRINTABLE_CATEGORIES = ("Cc", "Cf", "Co", "Cs")


def strip_quotes(text: str) -> str:
    """Return a text without the spaces, quotation marks, parentheses and full stops around it."""
    return text.strip(_SURROUNDING_CHARACTERS)


def clean_pasted_text(text: str) -> str:
    """Return the part of a pasted text that names an account: no brackets, no format characters such as U+200B, and plain letters."""
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    plain = fold_letters(_VARIATION_SELECTORS.sub("", visible)).translate(_FULLWIDTH_PUNCTUATION)
    link = _MARKDOWN_LINK.fullmatch(plain.strip())
    stripped = (link[1] if link else plain).strip(_MORE_SURROUNDING_CHARACTERS)
    stripped = stripped if "." in stripped or ":" in stripped else stripped.rstrip("/")
    shortened = _TRAILING_PATTERN.sub("", stripped) if stripped.startswith("@") else stripped
    return shortened if shortened == text else clean_pasted_text(shortened)


def has_invisible_characters(text: str) -> bool:
    """Return whether a text has control, format or private characters, or half a surrogate pair."""
    return any(unicodedata.category(character) in _UNPRINTABLE_CATEGORIES for character in text)
