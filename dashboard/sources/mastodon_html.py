"""The HTML of fediverse posts as the text a person would copy from them: paragraphs, links and mentions readable.

nh3 (the ammonia sanitiser) parses what came as a browser would, drops scripts, styles and unknown markup, and hands on
well-formed HTML; the walk over that is the standard library's, which is safe and quick only on such. What is no text stays here.
"""

import re
from html.parser import HTMLParser

import nh3

from dashboard.core import posts

LONGEST_HTML = 30_000  # characters that are read: a post of 500 takes about 2,000, and deep nesting costs the square of its depth

_BLOCKS = {"p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"}
_TAGS = _BLOCKS | {"br", "li", "a", "span"}
_DROPPED = {"script", "style", "title", "template", "textarea", "noscript", "iframe", "object", "math", "svg"}  # with all that is in them
_ATTRIBUTES = {"a": {"href", "class"}, "p": {"class"}, "span": {"class"}}
_SCHEME = re.compile(r"https?://(www\.)?", re.IGNORECASE)


def text_of(html: str) -> str:
    """Return the text of some HTML, clean, at most posts.LONGEST_TEXT characters."""
    sendable = html[:LONGEST_HTML].encode("utf-8", "ignore").decode()  # without halves of surrogate pairs
    walk = _Walk()
    walk.feed(nh3.clean(sendable, tags=_TAGS, clean_content_tags=_DROPPED, attributes=_ATTRIBUTES, link_rel=None))
    walk.close()
    return posts.clean(walk.text())


class _Walk(HTMLParser):
    """Collects the text of well-formed HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._link: tuple[str, set[str], int] | None = None  # the address, the classes, and where its text begins
        self._hidden = 0  # elements open within one that repeats a quoted post's address
        self._kept = 0  # pre elements that are open

    def text(self) -> str:
        """Return what was collected: at most one blank line at a time, no blanks at the ends of lines."""
        lines = "".join(self._parts).split("\n")
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip(" \t") for line in lines)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a paragraph, a line or a link."""
        given = {name: value or "" for name, value in attrs}
        classes = set(given.get("class", "").split())
        if tag != "br" and (self._hidden or "quote-inline" in classes):
            self._hidden += 1
        elif tag in ("br", "li"):
            self._parts.append("\n")
        elif tag in _BLOCKS:
            self._parts.append("\n\n")
            self._kept += tag == "pre"
        elif tag == "a":
            self._link = given.get("href", ""), classes, len(self._parts)

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened."""
        if self._hidden:
            self._hidden -= tag != "br"
        elif tag in _BLOCKS:
            self._parts.append("\n\n")
            self._kept -= tag == "pre"
        elif tag == "a" and self._link:
            address, classes, begin = self._link
            self._parts[begin:] = [_readable("".join(self._parts[begin:]), address, classes)]
            self._link = None

    def handle_data(self, data: str) -> None:
        """Take text, with white space as a browser shows it."""
        if not self._hidden:
            self._parts.append(data if self._kept else self._flowing(data))

    def _flowing(self, data: str) -> str:
        """Return text with its white space as single blanks, and none at the beginning of a line."""
        flowing = re.sub(r"[ \t\r\n\f]+", " ", data)
        return flowing.lstrip(" ") if not self._parts or self._parts[-1].endswith("\n") else flowing


def _readable(text: str, address: str, classes: set[str]) -> str:
    """Return a link as text: mentions and hashtags by name, plain links whole, named ones with the address behind."""
    if classes & {"mention", "hashtag"} or text.startswith(("@", "#")) or not _SCHEME.match(address):
        return text
    shown = _SCHEME.sub("", text.strip(), count=1).rstrip("…/")
    return address if _SCHEME.sub("", address, count=1).startswith(shown) else f"{text} ({address})"
