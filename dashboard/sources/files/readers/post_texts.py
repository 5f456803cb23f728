"""Turns the texts of a file's posts into what was posted: whole, unescaped, without HTML and damage. Other fields don't belong here."""

import re
import unicodedata
from collections.abc import Sequence

from dashboard.core import post_text
from dashboard.core.deferred_texts import defer_quote
from dashboard.core.formatting.texts import excerpt, truncate
from dashboard.core.html_entities import unescape_entities
from dashboard.core.messages import deferred
from dashboard.core.spreadsheet_cells import unguard_formula
from dashboard.sources.files.readers.escaped_texts import EscapedTexts
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.mojibake import find_damaged_word, has_damaged_texts, repair_text
from dashboard.sources.files.readers.raw_posts import RawPosts
from dashboard.sources.files.readers.shortened_texts import CUT_END, complete_text, is_cut_off
from dashboard.sources.files.readers.text_formats import has_html, is_html_document
from dashboard.sources.mastodon_html import html_to_text

_MAX_EXAMPLE_CHARS = 40  # of a text in a notice
_SPREADSHEET_ERRORS = {"#NAME?", "#VALUE!", "#REF!", "#ERROR!"}  # that replace a text which begins like a formula
_FIRST_MARKS = ("#", "'")  # of a spreadsheet's error, and of a text that is guarded against spreadsheets
_UNCLEAN_CHARACTER = re.compile(r"[^\n\t -~\xa0-\ud7ff\ue000-\U0010ffff]")  # what `post_text.clean_text` would remove


class PostTexts:
    """The texts of one file's posts. `inspect` comes first, and shows what happened to the texts of the file."""

    def __init__(self, tally: ImportTally, *, is_script: bool = False) -> None:
        self._tally, self._is_script = tally, is_script
        self._escapes, self._is_html, self._is_damaged, self._line_break = EscapedTexts(), False, False, "\n"

    def inspect(self, raw_texts: Sequence[str], line_break: str) -> None:
        """Detect whether the first texts are HTML, escaped or damaged. X's own scripts are neither escaped nor damaged."""
        self._line_break, self._escapes = line_break, EscapedTexts() if self._is_script else EscapedTexts(raw_texts)
        texts = [self._escapes.decode(text) for text in raw_texts]
        self._is_html, self._is_damaged = has_html(texts), not self._is_script and has_damaged_texts(texts)

    def parse_all(self, batch: RawPosts, raw_texts: Sequence[str], are_exported: Sequence[bool]) -> list[str]:
        """Return the texts of posts; `are_exported` says which posts are from Chorus's own export, whose texts aren't escaped.

        A text without anything that one of the steps looks for, as most are, stays as it is.
        """
        is_damaged, has_steps = self._is_damaged, self._escapes.has_steps or self._line_break != "\n"
        return [
            text
            if not has_steps
            and "&" not in text
            and "<" not in text
            and text[:1] not in _FIRST_MARKS
            and len(text) <= post_text.MAX_TEXT_CHARACTERS
            and ((text.isascii() and text.isprintable()) or (not is_damaged and _is_clean(text)))
            else self._parse(text, batch, position, is_exported)
            for position, (text, is_exported) in enumerate(zip(raw_texts, are_exported, strict=True))
        ]

    def _parse(self, text: str, batch: RawPosts, position: int, is_exported: bool) -> str:
        """Return one text as it was posted."""
        if text in _SPREADSHEET_ERRORS:
            self._tally.add_notice("lost_texts", example=defer_quote(text))
            text = ""
        if is_exported:
            text = self.clean(unguard_formula(self._repair(text)), is_escaped=False)
        else:
            whole_text = complete_text(text, batch.post(position), batch.paths(position)) if CUT_END in text else text
            text = self.clean(self._repair(self._escapes.decode(whole_text)).replace(self._line_break, "\n"), is_escaped=True)
        if CUT_END in text and is_cut_off(text, batch.post(position), batch.paths(position)):
            self._tally.add_notice("cut_off", example=lambda: defer_quote(truncate(" ".join(text.split()), _MAX_EXAMPLE_CHARS)))
        return text

    def _repair(self, text: str) -> str:
        repaired = self.repair_name(text)
        if repaired != text:
            self._tally.add_notice("repaired", example=lambda: _describe_repair(find_damaged_word(text)))
        return repaired

    def repair_name(self, name: str) -> str:
        """Return a name as it was before a wrong encoding damaged it, if most texts of the file are damaged."""
        return repair_text(name) if self._is_damaged else name

    def clean(self, text: str, *, is_escaped: bool) -> str:
        """Return a text unescaped, shortened and cleaned; clean characters, the usual case, skip the slow cleaning."""
        if is_escaped and "<" in text and (self._is_html or is_html_document(text)):
            return html_to_text(text)
        if len(text) > post_text.MAX_TEXT_CHARACTERS:
            self._tally.add_notice("cut")
        cleaned = unescape_entities(text[: post_text.MAX_TEXT_CHARACTERS]) if is_escaped else text[: post_text.MAX_TEXT_CHARACTERS]
        if cleaned.isascii() and cleaned.isprintable():
            return cleaned
        return post_text.clean_text(cleaned) if _UNCLEAN_CHARACTER.search(cleaned) else unicodedata.normalize("NFC", cleaned)


def _is_clean(text: str) -> bool:
    """Return whether a text has nothing that cleaning changes, and isn't cut off."""
    has_clean_characters = text.isprintable() or not _UNCLEAN_CHARACTER.search(text)
    return has_clean_characters and CUT_END not in text and unicodedata.is_normalized("NFC", text)


def _describe_repair(word: str) -> str:
    damaged, repaired = defer_quote(excerpt(word)), defer_quote(excerpt(repair_text(word)))
    return deferred("%(damaged)s is %(repaired)s", damaged=damaged, repaired=repaired)
