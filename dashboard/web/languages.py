"""Decides the language of each response: `lang=` in the address, else a cookie, else what the browser prefers, else English.

Pages follow all four. Images and the form's price follow only the address, so an address alone says what they show. Data, the API and its
documentation are always English. How texts get into that language belongs in `core/messages.py`.
"""

from functools import lru_cache
from typing import cast
from urllib.parse import urlencode

from flask import Flask, Request, Response, request
from flask_babel import Babel, get_locale
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.utils import cached_property

from dashboard.core import messages
from dashboard.core.messages import LANGUAGES, SOURCE_LANGUAGE, translatable

PARAMETER = "lang"
_MAX_QUERY_BYTES = 4_000  # of an address; twenty accounts with long names and all other parameters have some 2,000
_MAX_KEPT_TEXTS = 4_000  # of templates, which have some hundreds in each language
_COOKIE_NAME = "chorus-language"
_COOKIE_SECONDS = 365 * 24 * 3600
_PAGE_BLUEPRINTS = {None, "pages", "posts", "uploads", "datasets", "classifier", "access", "confirmation", "model_details"}
_ADDRESSED_BLUEPRINTS = {"exports", "slides"}  # images and slides: only their address counts
_ADDRESSED_ENDPOINTS = {"pages.cost", "pages.demo_chart_image", "model_details.show_reliability"}
_DATA_SUFFIXES = (".csv", ".json", ".xlsx", ".parquet", ".jsonl")
SCRIPT_MESSAGES = (  # what scripts say; their `translate` looks them up
    translatable("Copy"),
    translatable("Copied"),
    translatable("Copied."),
    translatable("Press Ctrl+C"),
    translatable("Press Ctrl+C to copy it."),
    translatable("Copy text"),
    translatable("Select and copy the text"),
    translatable("Copy image"),
    translatable("Copying…"),
    translatable("Couldn’t copy: use PNG for slides"),
    translatable("interactive chart"),
    translatable("Use the arrow keys to move between points and Enter to open the posts."),
)


class LocalizedRequest(Request):
    """A request whose arguments are those of the question: the language isn't one of them."""

    @cached_property
    def requested_language(self) -> str:
        """The language in the address, "" if there is none that we have."""
        return next((text for text in map(str.lower, self._all_args.getlist(PARAMETER)) if text in LANGUAGES), "")

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The arguments without the language."""
        if PARAMETER not in self._all_args:
            return self._all_args
        return self.parameter_storage_class((name, text) for name, text in self._all_args.items(multi=True) if name != PARAMETER)

    @cached_property
    def _all_args(self) -> MultiDict[str, str]:
        args = super().args
        self.__dict__.pop("args", None)  # where the line above has cached them
        return args


def init_app(app: Flask) -> None:
    """Choose a language for each request, before anything else looks at it, and translate templates."""
    app.request_class = LocalizedRequest
    Babel(app, locale_selector=_choose_language)
    app.jinja_env.optimized = False  # otherwise a template's constants, such as `25000 | number`, are written when it is compiled
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        messages.gettext, messages.ngettext, newstyle=True, pgettext=messages.pgettext, npgettext=messages.npgettext
    )
    app.jinja_env.globals.update(
        {"gettext": _translate_as_html, "_": _translate_as_html},  # quicker than what Jinja makes of `messages.gettext`
        list_languages=list_languages,
        current_language=messages.current_language,
        script_messages=list_script_messages,
    )
    app.before_request(_activate_language)
    app.after_request(_describe_language)
    app.teardown_request(lambda _: messages.activate(SOURCE_LANGUAGE))


def list_languages(path: str = "") -> list[tuple[str, str, str]]:
    """Return code, own name and address of this page in each language; none if the page isn't translated or can't be asked for again.

    `path` is what to link to instead, because the page responds to a form. A page with an address longer than any that Chorus writes has
    none either, because it would repeat that address.
    """
    if path and _follows_reader():
        return [(code, name, f"{path}?{PARAMETER}={code}") for code, name in LANGUAGES.items()]
    if request.method != "GET" or not _follows_reader() or len(request.query_string) > _MAX_QUERY_BYTES:
        return []
    arguments = urlencode([*request.args.items(multi=True)], safe=",:@/")
    start = f"?{arguments}&{PARAMETER}=" if arguments else f"?{PARAMETER}="
    return [(code, name, start + code) for code, name in LANGUAGES.items()]


def list_script_messages() -> dict[str, str]:
    """Return what scripts say, by its English text."""
    return {message: messages.gettext(message) for message in SCRIPT_MESSAGES}


def _translate_as_html(message: str, **values: object) -> Markup:
    """Return a text of a template in the current language; values are escaped."""
    language = messages.current_language()
    return _load_html(language, message) % values if values else _load_plain_html(language, message)


@lru_cache(_MAX_KEPT_TEXTS)
def _load_plain_html(language: str, message: str) -> Markup:
    return _load_html(language, message) % {}


@lru_cache(_MAX_KEPT_TEXTS)
def _load_html(language: str, message: str) -> Markup:
    with messages.use(language):
        return Markup(messages.gettext(message))


def requested_language_args() -> list[tuple[str, str]]:
    """Return the language in the address as an argument, for a redirect to the same page."""
    language = _requested_language()
    return [(PARAMETER, language)] if language else []


def image_language_args() -> list[tuple[str, str]]:
    """Return the current language as an argument for the address of an image; none if it's English."""
    return [(PARAMETER, messages.current_language())] if messages.is_translated() else []


def _choose_language() -> str:
    if _follows_reader():
        return _requested_language() or _remembered_language() or _preferred_language() or SOURCE_LANGUAGE
    return _requested_language() if _follows_address() and _requested_language() else SOURCE_LANGUAGE


def _activate_language() -> None:
    is_translated = (
        request.blueprint in _PAGE_BLUEPRINTS or _follows_address()
    )  # otherwise looking for the locale takes longer than all this
    messages.activate(str(get_locale()) if is_translated else SOURCE_LANGUAGE)


def _follows_reader() -> bool:
    """Return whether the response is a page in the reader's language."""
    if request.blueprint not in _PAGE_BLUEPRINTS or _follows_address() or request.path.endswith(_DATA_SUFFIXES):
        return False
    return request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html") == "text/html"


def _follows_address() -> bool:
    is_addressed = request.blueprint in _ADDRESSED_BLUEPRINTS or request.endpoint in _ADDRESSED_ENDPOINTS
    return is_addressed and not request.path.endswith(_DATA_SUFFIXES)


def _requested_language() -> str:
    return cast(LocalizedRequest, request).requested_language


def _preferred_language() -> str:
    """Return the first language of the browser's that we have, of any region."""
    codes = (tag.lower().partition("-")[0] for tag, quality in request.accept_languages if quality > 0)
    return next((code for code in codes if code in LANGUAGES), "")


def _remembered_language() -> str:
    language = request.cookies.get(_COOKIE_NAME, "")
    return language if language in LANGUAGES else ""


def _describe_language(response: Response) -> Response:
    """Say which language a page has and what that depends on, and remember a choice."""
    if not _follows_reader() or response.mimetype != "text/html":
        return response
    response.content_language.add(messages.current_language())
    response.vary.update(("Accept-Language", "Cookie"))
    language = _requested_language()
    if language and language != _remembered_language() and request.args.get("embed") != "1":
        response.set_cookie(_COOKIE_NAME, language, max_age=_COOKIE_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure)
    return response
