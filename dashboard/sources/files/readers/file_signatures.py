"""Knows what the first bytes of formats look like, and refuses files without posts. Which reader a format has is decided in `reader.py`."""

import re

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable

SCRIPT_PATTERN = re.compile(rb"[\w.$\[\]\"' ]{1,200}=\s*[\[{]|window\.", re.ASCII)
BROKEN_JSON_PATTERN = re.compile(rb"//|/\*|[\w.]{1,60}\(\s*[\[{\"]|\"[\[{]|b'")  # a comment, a call, or JSON inside a text
_HTML_PATTERN = re.compile(rb"<(!doctype|html|head|body|\?xml|!--|\w+[\s>])", re.IGNORECASE)
_TABLE_TAG = re.compile(rb"<table[\s>]", re.IGNORECASE)
_CELL_TAG = re.compile(rb"<t[dh][\s>]", re.IGNORECASE)
_XML_PATTERN = re.compile(rb"<(\?xml|rss|feed|urlset|workbook)[\s>]", re.IGNORECASE)
_WEB_PAGE = re.compile(rb"<(html|error)[\s>]", re.IGNORECASE)  # servers answer with errors as XML, too
ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_TAR_MARK_AT = 257
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
GZIP_SIGNATURE = b"\x1f\x8b"
_BINARY_BYTE = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # rare in text, frequent in other files
_DELIMITERS = (b"\x01", b"\x1f")  # of tables; other files have further bytes like these


def check_is_text(raw_head: bytes, head: bytes, file_name: str) -> None:
    """Raise InvalidFile if this can't be text with posts in it. `head` is `raw_head` as text in UTF-8, without space before it."""
    if not head:
        raise InvalidFile(deferred("%(file)s is empty.", file=file_name), translatable("Check that it was saved or downloaded completely."))
    if raw_head[_TAR_MARK_AT:].startswith(b"ustar"):
        advice = translatable("Unpack it and upload the file with the posts; in Mastodon’s archive, that’s outbox.json.")
        raise InvalidFile(deferred("%(file)s is an archive (tar) with several files in it.", file=file_name), advice)
    if raw_head.startswith(_OLE_SIGNATURE):
        detail = deferred("%(file)s is in the format that Excel had before 2007.", file=file_name)
        raise InvalidFile(detail, translatable("Open it, save it as .xlsx or “CSV UTF-8”, and upload that."))
    if _HTML_PATTERN.match(head) and _has_table(head):
        detail = deferred("%(file)s is a table in a web page, as some tools export it for spreadsheets.", file=file_name)
        raise InvalidFile(detail, translatable("Open it in a spreadsheet, save it as .xlsx or “CSV UTF-8”, and upload that."))
    if _XML_PATTERN.match(head) and _WEB_PAGE.search(head) is None:
        detail = deferred("%(file)s is XML, which can’t be read.", file=file_name)
        raise InvalidFile(detail, translatable("Export the posts as CSV or JSON, or save a spreadsheet as .xlsx, and upload that."))
    if _HTML_PATTERN.match(head):
        detail = deferred("%(file)s is a web page, not a list of posts.", file=file_name)
        raise InvalidFile(
            detail, translatable("A sign-in page may have been saved instead of the file. Sign in and download the file again.")
        )
    binary_bytes = _BINARY_BYTE.findall(raw_head)
    is_binary = len(binary_bytes) > len(raw_head) // 50 and not (len(set(binary_bytes)) == 1 and binary_bytes[0] in _DELIMITERS)
    if raw_head.startswith((*ZIP_SIGNATURES, GZIP_SIGNATURE)) or is_binary:
        raise InvalidFile(
            deferred("%(file)s isn’t a text file.", file=file_name),
            translatable("Upload X’s zip, a JSON file or a CSV file. Unpack other archives first."),
        )


def _has_table(head: bytes) -> bool:
    """Return whether a web page has a table with a cell."""
    table = _TABLE_TAG.search(head)
    return table is not None and _CELL_TAG.search(head, table.end()) is not None
