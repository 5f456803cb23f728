"""A reader of pages: opens an address, follows it, and checks what must hold on every page of ours."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_VOID = {"meta", "link", "img", "input", "br", "source", "hr"}
_OPEN_ENDED = {"option", "li", "p"}


@dataclass
class Page(HTMLParser):
    """What a page says: its title and headings, its fields by name, the messages at them, and everything it loads."""

    text: str
    status: int = 200
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self.title, self.h1s, self.ids, self.loads, self.links = "", list[str](), Counter[str](), list[str](), list[str]()
        self.fields: dict[str, str] = {}
        self.ticked: list[str] = []
        self.problems: dict[str, str] = {}
        self.scripts: list[dict[str, str | None]] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self._select = ""
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if "id" in held:
            self.ids[held["id"] or ""] += 1
        if tag in ("script", "img", "iframe") and held.get("src"):
            self.loads.append(held["src"] or "")
        if tag == "link" and held.get("href") and held.get("rel") != "canonical":
            self.loads.append(held["href"] or "")
        if tag == "a":
            self.links.append(held.get("href") or "")
        if tag == "script":
            self.scripts.append(held)
        self._field(tag, held)
        if tag not in _VOID:
            self._open.append((tag, held))
        if tag == "h1":
            self.h1s.append("")

    def _field(self, tag: str, held: dict[str, str | None]) -> None:
        if tag == "input" and held.get("type") == "checkbox":
            self.ticked += [held["value"] or ""] * ("checked" in held)
        elif tag == "input" and held.get("name"):
            self.fields[held["name"] or ""] = held.get("value") or ""
        elif tag == "select":
            self._select = held["name"] or ""
        elif tag == "option" and "selected" in held:
            self.fields[self._select] = held["value"] or ""
        elif tag == "textarea":
            self.fields[held["name"] or ""] = ""

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open[-1][0] != tag:
            assert self._open.pop()[0] in _OPEN_ENDED, f"</{tag}> closes something else in {self.url}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        tag, held = self._open[-1] if self._open else ("", {})
        if tag == "title":
            self.title += data
        if any(name == "h1" for name, _ in self._open):
            self.h1s[-1] += data
        if tag == "textarea":
            self.fields[held["name"] or ""] += data
        if (held.get("class") or "") == "problem":
            name = (held.get("id") or "").removesuffix("-problem")
            self.problems[name] = (self.problems.get(name, "") + data).strip()

    def check(self) -> None:
        """Hold the page to what every page of ours keeps."""
        assert len(self.h1s) == 1, f"{len(self.h1s)} h1 in {self.url}"
        assert self.title.removesuffix(" · Chorus").strip() == self.h1s[0].strip()
        assert [name for name, count in self.ids.items() if count > 1] == []
        assert [script for script in self.scripts if not script.get("src") and script.get("type") != "application/json"] == []
        assert [url for url in self.loads if not url.startswith("/")] == []
        assert "Traceback" not in self.text


@dataclass
class Reader:
    """Opens pages of a client."""

    client: FlaskClient

    def open(self, url: str, *, status: int = 200) -> Page:
        """Open an address, follow where it leads, check the page and its status."""
        answer: TestResponse = self.client.get(url, follow_redirects=True)
        assert answer.status_code == status, answer.text[:2000]
        assert answer.content_type == "text/html; charset=utf-8"
        page = Page(answer.text, answer.status_code, answer.request.full_path.rstrip("?"), dict(answer.headers))
        page.check()
        return page
