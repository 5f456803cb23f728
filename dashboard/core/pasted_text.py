"""What people paste for an account, made plain: without what surrounds it in a sentence, invisible characters and other alphabets' @.

How an account is written isn't known here.
"""

import re
import unicodedata

from dashboard.core.look_alikes import fold_letters

_SURROUNDING_CHARACTERS = " \t\r\n“”‘’\"'().…"  # what surrounds a handle in a sentence
_MORE_SURROUNDING_CHARACTERS = _SURROUNDING_CHARACTERS + "<>[]{}«»‹›„‚`´*|~!?,;、。，（）「」『』【】《》〈〉"
_FULLWIDTH_PUNCTUATION = str.maketrans("＠．／：＿－＃？＆＝﹫。", "@./:_-#?&=@.")
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f]")
_TRAILING_PATTERN = re.compile(r"(?<=[\w.@-])(?:['’]s|:)$")  # as in “@nasa’s” and “RT @nasa:”
_LABEL = re.compile(r"(?:mailto|url|from):(?=[\w@])", re.IGNORECASE)  # of a link to an e-mail address, or in a search
_EMBEDDED_ADDRESS = re.compile(r"[^/]*[\"'(=:<>|]\s*(https?://[^\s\"'<>|)\]]+).*", re.IGNORECASE)  # as in href="https://x.com/nasa"
_REPEATED_AT = re.compile(r"@{2,}")
_SPELLED_CHARACTERS = ((re.compile(r"[(\[{](?:dot|\.)[)\]}]", re.IGNORECASE), "."), (re.compile(r"[(\[{]at[)\]}]", re.IGNORECASE), "@"))
_MARKDOWN_LINK = re.compile(r"\[[^\[\]]*\]\((\S+?)\)?")
_UNPRINTABLE_CATEGORIES = ("Cc", "Cf", "Co", "Cs")


def strip_quotes(text: str) -> str:
    """Return a text without the spaces, quotation marks, parentheses and full stops around it."""
    return text.strip(_SURROUNDING_CHARACTERS)


def clean_pasted_text(text: str) -> str:
    """Return the part of a pasted text that names an account: no brackets, no format characters such as U+200B, and plain letters."""
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    plain = fold_letters(_VARIATION_SELECTORS.sub("", visible)).translate(_FULLWIDTH_PUNCTUATION)
    for pattern, character in _SPELLED_CHARACTERS:
        plain = pattern.sub(character, plain)
    link = _MARKDOWN_LINK.fullmatch(plain.strip()) or _EMBEDDED_ADDRESS.fullmatch(plain)
    stripped = _strip_symbols((link[1] if link else plain).strip(_MORE_SURROUNDING_CHARACTERS))
    stripped = stripped.rstrip("/") if _is_handle_before_slash(stripped) else stripped
    stripped = _REPEATED_AT.sub("@", _LABEL.sub("", stripped, count=1) if _LABEL.match(stripped) else stripped)
    shortened = _TRAILING_PATTERN.sub("", stripped) if stripped.startswith("@") else stripped
    return shortened if shortened == text else clean_pasted_text(shortened)


def _strip_symbols(text: str) -> str:
    """Return a text without emoji and the like at its ends."""
    is_symbol = [unicodedata.category(character) == "So" for character in text]
    start = next((position for position, found in enumerate(is_symbol) if not found), len(text))
    end = next((position for position in range(len(text), start, -1) if not is_symbol[position - 1]), start)
    return text[start:end].strip() if start or end < len(text) else text


def _is_handle_before_slash(text: str) -> bool:
    """Return whether a slash at the end of a text can't belong to an address: nothing before it does."""
    before = text.rstrip("/")
    return "/" not in before and ("@" in before or not ("." in before or ":" in before))


def has_invisible_characters(text: str) -> bool:
    """Return whether a text has control, format or private characters, or half a surrogate pair."""
    return any(unicodedata.category(character) in _UNPRINTABLE_CATEGORIES for character in text)
