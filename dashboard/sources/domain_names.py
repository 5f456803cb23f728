"""The syntax of domain names, for networks whose accounts contain one. Whether a host may be contacted is decided in `ssrf_guard.py`."""

import re
import unicodedata

_LABEL_PATTERN = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN_NAME = re.compile(rf"(?=.{{4,253}}$)({_LABEL_PATTERN}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?")
DOCUMENTED_PATTERN = rf"({_LABEL_PATTERN}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]"  # common names only, for use inside a longer expression


def encode_domain_name(text: str) -> str:
    """Return a domain name in the ASCII form that the network uses (`xn--…`), the text itself if there is none.

    A name is left alone if it would be another one when decoded (`ß` becomes `ss`), or if a label mixes Latin letters with others, which
    names made to be mistaken do.
    """
    if text.isascii() or any(_mixes_scripts(label) for label in text.split(".")):
        return text
    try:
        encoded = text.encode("idna")
        return encoded.decode("ascii") if encoded.decode("idna") == text else text
    except UnicodeError:
        return text


def _mixes_scripts(label: str) -> bool:
    is_latin = [unicodedata.name(character, "").startswith("LATIN") for character in label if character.isalpha()]
    return any(is_latin) and not all(is_latin)
