"""The HTML of fediverse posts as the text a person would copy from them: paragraphs, links and mentions readable.

nh3 (the ammonia sanitiser) parses what came as a browser would, drops scripts, styles and unknown markup, and hands on
well-formed HTML; the walk over that is the standard library's, which is safe and quick only on such. What is no text stays here.
"""

import re
from html.parser import HTMLParser

import nh3

from dashboard.core import post_text

MAX_HTML_CHARS = 30_000  # characters that are read: a post of 500 takes about 2,000, and deep nesting costs the square of its depth

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
}  # with all that is in them
_ALLOWED_ATTRIBUTES = {"a": {"href", "class"}, "p": {"class"}, "span": {"class"}}
_URL_SCHEME = re.compile(r"https?://(www\.)?", re.IGNORECASE)


def html_to_text(html: str) -> str:
    """Return the text of some HTML, clean, at most posts.LONGEST_TEXT characters."""
    sendable = html[:MAX_HTML_CHARS].encode("utf-8", "ignore").decode()  # without halves of surrogate pairs
    walk = _TextExtractor()
    walk.feed(nh3.clean(sendable, tags=_ALLOWED_TAGS, clean_content_tags=_REMOVED_TAGS, attributes=_ALLOWED_ATTRIBUTES, link_rel=None))
    walk.close()
    return post_text.clean_text(walk.get_text())


class _TextExtractor(HTMLParser):
    """Collects the text of well-formed HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open_link: tuple[str, set[str], int] | None = None  # the address, the classes, and where its text begins
        self._hidden_depth = 0  # elements open within one that repeats a quoted post's address
        self._pre_depth = 0  # pre elements that are open

    def get_text(self) -> str:
        """Return what was collected: at most one blank line at a time, no blanks at the ends of lines."""
        lines = "".join(self._parts).split("\n")
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip(" \t") for line in lines)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a paragraph, a line or a link."""
        given = {name: value or "" for name, value in attrs}
        classes = set(given.get("class", "").split())
        if tag != "br" and (self._hidden_depth or "quote-inline" in classes):
            self._hidden_depth += 1
        elif tag in ("br", "li"):
            self._parts.append("\n")
        elif tag in _BLOCK_TAGS:
            self._parts.append("\n\n")
            self._pre_depth += tag == "pre"
        elif tag == "a":
            self._open_link = given.get("href", ""), classes, len(self._parts)

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened."""
        if self._hidden_depth:
            self._hidden_depth -= tag != "br"
        elif tag in _BLOCK_TAGS:
            self._parts.append("\n\n")
            self._pre_depth -= tag == "pre"
        elif tag == "a" and self._open_link:
            address, classes, begin = self._open_link
            self._parts[begin:] = [_format_link("".join(self._parts[begin:]), address, classes)]
            self._open_link = None

    def handle_data(self, data: str) -> None:
        """Take text, with white space as a browser shows it."""
        if not self._hidden_depth:
            self._parts.append(data if self._pre_depth else self._collapse_whitespace(data))

    def _collapse_whitespace(self, data: str) -> str:
        """Return text with its white space as single blanks, and none at the beginning of a line."""
        flowing = re.sub(r"[ \t\r\n\f]+", " ", data)
        return flowing.lstrip(" ") if not self._parts or self._parts[-1].endswith("\n") else flowing


def _format_link(text: str, url: str, classes: set[str]) -> str:
    """Return a link as text: mentions and hashtags by name, plain links whole, named ones with the address behind."""
    if classes & {"mention", "hashtag"} or text.startswith(("@", "#")) or not _URL_SCHEME.match(url):
        return text
    shown = _URL_SCHEME.sub("", text.strip(), count=1).rstrip("…/")
    return url if _URL_SCHEME.sub("", url, count=1).startswith(shown) else f"{text} ({url})"
