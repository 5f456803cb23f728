"""Converts the HTML of fediverse posts to plain text with readable paragraphs, links and mentions.

nh3 (the ammonia sanitiser) parses the HTML as a browser would, drops scripts, styles and unknown markup, and returns well-formed HTML.
The standard library's parser then extracts the text; it is safe and fast only on well-formed input. No HTML leaves this module.
"""

import re
from html.parser import HTMLParser

import nh3

from dashboard.core import post_text

MAX_HTML_CHARS = 30_000  # a post of 500 characters has about 2,000 of HTML; deep nesting takes quadratic time

_BLOCK_TAGS = {"p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"}
_ALLOWED_TAGS = _BLOCK_TAGS | {"br", "li", "a", "span"}
_REMOVED_TAGS = {
    "script",
    "style",
    "title",
    "template",
    "textarea",
    "noscript",
    "iframe",
    "object",
    "math",
    "svg",
}  # including everything inside them
_ALLOWED_ATTRIBUTES = {"a": {"href", "class"}, "p": {"class"}, "span": {"class"}}
_URL_SCHEME = re.compile(r"https?://(www\.)?", re.IGNORECASE)


def html_to_text(html: str) -> str:
    """Return the clean text of HTML, at most post_text.MAX_TEXT_CHARACTERS characters of it."""
    valid_html = html[:MAX_HTML_CHARS].encode("utf-8", "ignore").decode()  # without unpaired surrogates
    extractor = _TextExtractor()
    extractor.feed(
        nh3.clean(valid_html, tags=_ALLOWED_TAGS, clean_content_tags=_REMOVED_TAGS, attributes=_ALLOWED_ATTRIBUTES, link_rel=None)
    )
    extractor.close()
    return post_text.clean_text(extractor.get_text())


class _TextExtractor(HTMLParser):
    """Collects the text of well-formed HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open_link: tuple[str, set[str], int] | None = None  # its URL, its classes, and the index of its first part
        self._hidden_depth = 0  # open elements inside the one that repeats a quoted post's URL
        self._pre_depth = 0  # open pre elements

    def get_text(self) -> str:
        """Return the collected text, with at most one blank line in a row and no spaces at the ends of lines."""
        lines = "".join(self._parts).split("\n")
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip(" \t") for line in lines)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Start a paragraph, line or link."""
        attributes = {name: value or "" for name, value in attrs}
        classes = set(attributes.get("class", "").split())
        if tag != "br" and (self._hidden_depth or "quote-inline" in classes):
            self._hidden_depth += 1
        elif tag in ("br", "li"):
            self._parts.append("\n")
        elif tag in _BLOCK_TAGS:
            self._parts.append("\n\n")
            self._pre_depth += tag == "pre"
        elif tag == "a":
            self._open_link = attributes.get("href", ""), classes, len(self._parts)

    def handle_endtag(self, tag: str) -> None:
        """End a paragraph or link."""
        if self._hidden_depth:
            self._hidden_depth -= tag != "br"
        elif tag in _BLOCK_TAGS:
            self._parts.append("\n\n")
            self._pre_depth -= tag == "pre"
        elif tag == "a" and self._open_link:
            url, classes, start = self._open_link
            self._parts[start:] = [_format_link("".join(self._parts[start:]), url, classes)]
            self._open_link = None

    def handle_data(self, data: str) -> None:
        """Collect text, with whitespace as a browser would show it."""
        if not self._hidden_depth:
            self._parts.append(data if self._pre_depth else self._collapse_whitespace(data))

    def _collapse_whitespace(self, data: str) -> str:
        """Return text with whitespace collapsed into single spaces, and none at the start of a line."""
        collapsed = re.sub(r"[ \t\r\n\f]+", " ", data)
        return collapsed.lstrip(" ") if not self._parts or self._parts[-1].endswith("\n") else collapsed


def _format_link(text: str, url: str, classes: set[str]) -> str:
    """Return a link as text: mentions and hashtags by name, bare URLs in full, and other links followed by their URL."""
    if classes & {"mention", "hashtag"} or text.startswith(("@", "#")) or not _URL_SCHEME.match(url):
        return text
    visible_url = _URL_SCHEME.sub("", text.strip(), count=1).rstrip("…/")
    return url if _URL_SCHEME.sub("", url, count=1).startswith(visible_url) else f"{text} ({url})"
