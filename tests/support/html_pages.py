"""A reader of HTML pages: opens a URL, follows redirects, and checks what every page of ours must have."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

_VOID_TAGS = {"meta", "link", "img", "input", "br", "source", "hr"}
_OPTIONAL_END_TAGS = {"option", "li", "p"}
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)([^>]*)>")  # `>` in texts and attributes is escaped on our pages


@dataclass
class HtmlPage:
    """The contents of a page: title, headings, fields by name, their messages, and everything it loads."""

    text: str
    status: int = 200
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._check_nesting()

    @cached_property
    def title(self) -> str:
        """The title, as tabs show it."""
        return "".join(self._find("//title/text()"))

    @cached_property
    def h1s(self) -> list[str]:
        """The text of each heading of the first level."""
        return ["".join(heading.itertext()) for heading in self._find("//h1")]

    @cached_property
    def id_counts(self) -> Counter[str]:
        """How many elements have each id."""
        return Counter(map(str, self._find("//@id")))

    @cached_property
    def loaded_urls(self) -> list[str]:
        """What a browser loads with the page."""
        sources = "(//script | //img | //iframe)/@src[. != '']"
        return self._find(f"{sources} | //link[not(@rel = 'canonical')]/@href[. != '']")

    @cached_property
    def link_urls(self) -> list[str]:
        """Where its links lead."""
        return [link.get("href", "") for link in self._find("//a")]

    @cached_property
    def scripts(self) -> list[dict[str, str]]:
        """The attributes of each script."""
        return [dict(script.attrib) for script in self._find("//script")]

    @cached_property
    def fields(self) -> dict[str, str]:
        """The values of its fields by name, except boxes to tick."""
        return dict(self._iter_fields())

    @cached_property
    def checked_values(self) -> list[str]:
        """The values of the boxes that are ticked."""
        return [box.get("value") for box in self._find("//input[@type = 'checkbox'][@checked]")]

    @cached_property
    def problems(self) -> dict[str, str]:
        """What is wrong with each field, by its name."""
        messages = dict[str, str]()
        for element in self._find("//*[@class = 'problem']"):
            name = element.get("id", "").removesuffix("-problem")
            for text in element.xpath("text()"):
                messages[name] = (messages.get(name, "") + text).strip()
        return messages

    @cached_property
    def _tree(self) -> Any:
        return etree.fromstring(self.text or "<html/>", etree.HTMLParser(huge_tree=True))

    def _find(self, path: str) -> Any:
        return self._tree.xpath(path)

    def _iter_fields(self) -> Iterator[tuple[str, str]]:
        inputs = "//input[not(@type = 'checkbox')][@name != '']"
        for element in self._find(f"{inputs} | //textarea | //option[@selected]"):
            if element.tag == "input":
                yield element.get("name"), element.get("value", "")
            elif element.tag == "textarea":
                yield element.get("name"), element.text or ""
            else:
                yield element.xpath("ancestor::select")[0].get("name"), element.get("value")

    def _check_nesting(self) -> None:
        """Check that each end tag closes the element that was opened last. Parsers of HTML don't report all of these errors."""
        open_tags = list[str]()
        for end, name, rest in _TAG.findall(_COMMENT.sub("", self.text)):
            if end:
                self._close(name, open_tags)
            elif name not in _VOID_TAGS and not rest.endswith("/"):
                open_tags.append(name)

    def _close(self, name: str, open_tags: list[str]) -> None:
        while open_tags and open_tags[-1] != name:
            assert open_tags.pop() in _OPTIONAL_END_TAGS, f"</{name}> closes something else in {self.url}"
        assert open_tags, f"</{name}> closes nothing in {self.url}"
        open_tags.pop()

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
