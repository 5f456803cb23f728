"""Undoes how programs write characters that they can't: `\\n`, `\\u2019`, `<U+2019>`, `<e2><80><99>`, and the bytes of Python, b'…'.

What is unmistakable is undone anywhere. For the rest, all texts of the first posts are evidence, because people write about code, too. HTML
and wrong encodings belong to other modules.
"""

import ast
import re
from collections.abc import Callable, Sequence

_BYTES = re.compile(r"b(['\"]).*\1\s*", re.DOTALL)
_LINE_BREAK = re.compile(r"\\r\\n|\\n|\\r(?![A-Za-z])")
_UTF16_UNITS = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_CODE_POINT = re.compile(r"<U\+([0-9A-Fa-f]{4,8})>")  # as R writes on Windows
_BYTE_RUN = re.compile(r"(?:<[89a-f][0-9a-f]>){2,}")
_MIN_BREAKS = 2  # texts with a written line break that can't be about code
_HIGHEST_CODE_POINT = 0x10FFFF


class EscapedTexts:
    """The texts of one file, whose first ones show how characters are written."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        filled = [text for text in texts if text.strip()]
        is_escaped = bool(filled) and any("\\" in text for text in filled)
        self._steps = list[Callable[[str], str]]()
        if filled and all(text[0] == "b" and _BYTES.fullmatch(text) for text in filled):
            self._steps.append(_decode_bytes)
        if (
            is_escaped
            and not any("\n" in text for text in filled)
            and sum(bool(_LINE_BREAK.search(text)) for text in filled) >= _MIN_BREAKS
        ):
            self._steps.append(_decode_line_breaks)
        if is_escaped and all(text.isascii() for text in filled) and any(_UTF16_UNITS.search(text) for text in filled):
            self._steps.append(_decode_utf16_units)

    @property
    def has_steps(self) -> bool:
        """Whether the texts need more than what is unmistakable in any text, all of which has a `<`."""
        return bool(self._steps)

    def decode(self, text: str) -> str:
        """Return a text as it was posted."""
        for step in self._steps:
            text = step(text)
        if "<" not in text:
            return text
        return _BYTE_RUN.sub(_decode_byte_run, _CODE_POINT.sub(_decode_code_point, text))


def _decode_bytes(text: str) -> str:
    if not _BYTES.fullmatch(text):
        return text
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else text


def _decode_line_breaks(text: str) -> str:
    return _LINE_BREAK.sub("\n", text)


def _decode_utf16_units(text: str) -> str:
    return _UTF16_UNITS.sub(lambda match: bytes.fromhex(match[0].replace("\\u", "")).decode("utf-16-be", "replace"), text)


def _decode_code_point(match: re.Match[str]) -> str:
    code_point = int(match[1], 16)
    return chr(code_point) if code_point <= _HIGHEST_CODE_POINT and not 0xD800 <= code_point < 0xE000 else match[0]


def _decode_byte_run(match: re.Match[str]) -> str:
    try:
        return bytes.fromhex(re.sub("[<>]", "", match[0])).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
