"""A reader of HTML pages: opens a URL, follows redirects, and checks what every page of ours must have."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_VOID_TAGS = {"meta", "link", "img", "input", "br", "source", "hr"}
_OPTIONAL_END_TAGS = {"option", "li", "p"}


@dataclass
class HtmlPage(HTMLParser):
    """The contents of a page: title, headings, fields by name, their messages, and everything it loads."""

    text: str
    status: int = 200
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self.title, self.h1s, self.id_counts, self.loaded_urls, self.link_urls = "", list[str](), Counter[str](), list[str](), list[str]()
        self.fields: dict[str, str] = {}
        self.checked_values: list[str] = []
        self.problems: dict[str, str] = {}
        self.scripts: list[dict[str, str | None]] = []
        self._open_tags: list[tuple[str, dict[str, str | None]]] = []
        self._select_name = ""
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if "id" in held:
            self.id_counts[held["id"] or ""] += 1
        if tag in ("script", "img", "iframe") and held.get("src"):
            self.loaded_urls.append(held["src"] or "")
        if tag == "link" and held.get("href") and held.get("rel") != "canonical":
            self.loaded_urls.append(held["href"] or "")
        if tag == "a":
            self.link_urls.append(held.get("href") or "")
        if tag == "script":
            self.scripts.append(held)
        self._read_field(tag, held)
        if tag not in _VOID_TAGS:
            self._open_tags.append((tag, held))
        if tag == "h1":
            self.h1s.append("")

    def _read_field(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "input" and attributes.get("type") == "checkbox":
            self.checked_values += [attributes["value"] or ""] * ("checked" in attributes)
        elif tag == "input" and attributes.get("name"):
            self.fields[attributes["name"] or ""] = attributes.get("value") or ""
        elif tag == "select":
            self._select_name = attributes["name"] or ""
        elif tag == "option" and "selected" in attributes:
            self.fields[self._select_name] = attributes["value"] or ""
        elif tag == "textarea":
            self.fields[attributes["name"] or ""] = ""

    def handle_endtag(self, tag: str) -> None:
        while self._open_tags and self._open_tags[-1][0] != tag:
            assert self._open_tags.pop()[0] in _OPTIONAL_END_TAGS, f"</{tag}> closes something else in {self.url}"
        self._open_tags.pop()

    def handle_data(self, data: str) -> None:
        tag, held = self._open_tags[-1] if self._open_tags else ("", {})
        if tag == "title":
            self.title += data
        if any(name == "h1" for name, _ in self._open_tags):
            self.h1s[-1] += data
        if tag == "textarea":
            self.fields[held["name"] or ""] += data
        if (held.get("class") or "") == "problem":
            name = (held.get("id") or "").removesuffix("-problem")
            self.problems[name] = (self.problems.get(name, "") + data).strip()

    def assert_valid(self) -> None:
        """Check what every page of ours must have."""
        assert len(self.h1s) == 1, f"{len(self.h1s)} h1 in {self.url}"
        assert self.title.removesuffix(" · Chorus").strip() == self.h1s[0].strip()
        assert [name for name, count in self.id_counts.items() if count > 1] == []
        assert [script for script in self.scripts if not script.get("src") and script.get("type") != "application/json"] == []
        assert [url for url in self.loaded_urls if not url.startswith("/")] == []
        assert "Traceback" not in self.text


@dataclass
class PageReader:
    """Opens the pages of a client."""

    client: FlaskClient

    def open(self, url: str, *, status: int = 200) -> HtmlPage:
        """Open an address, follow where it leads, check the page and its status."""
        response: TestResponse = self.client.get(url, follow_redirects=True)
        assert response.status_code == status, response.text[:2000]
        assert response.content_type == "text/html; charset=utf-8"
        page = HtmlPage(response.text, response.status_code, response.request.full_path.rstrip("?"), dict(response.headers))
        page.assert_valid()
        return page


class SharedPageReader(PageReader):
    """Opens pages that tests only look at: the second test that asks for a page gets the one that was checked before."""

    def __init__(self, client: FlaskClient) -> None:
        super().__init__(client)
        self._pages: dict[tuple[str, int], HtmlPage] = {}

    def open(self, url: str, *, status: int = 200) -> HtmlPage:
        """Return a page, opened and checked once."""
        if (url, status) not in self._pages:
            self._pages[url, status] = super().open(url, status=status)
        return self._pages[url, status]
