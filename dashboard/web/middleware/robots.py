"""Keeps search engines away unless the operator invites them: `/robots.txt`, and a header on every response.

Link previews may fetch pages all the same: they show a link that somebody posted. What robots may spend is decided in `bots`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response

# User agents that obey, or may obey, robots.txt before they fetch a link that somebody posted.
_LINK_PREVIEWS = (
    "Twitterbot",
    "facebookexternalhit",
    "LinkedInBot",
    "Slackbot-LinkExpanding",
    "Slackbot",
    "Discordbot",
    "TelegramBot",
    "WhatsApp",
    "SkypeUriPreview",
    "Mastodon",
    "Bluesky",
    "Pinterestbot",
    "redditbot",
)
_HEADER = ("X-Robots-Tag", "noindex, nofollow")


def init_app(app: Flask, *, are_allowed: bool) -> None:
    """Serve `/robots.txt`, and add the header to every response unless robots are allowed."""
    text = _build_text(are_allowed=are_allowed)
    app.add_url_rule("/robots.txt", "robots", lambda: Response(text, mimetype="text/plain", headers={"Cache-Control": "max-age=3600"}))
    if not are_allowed:
        app.wsgi_app = _add_header(app.wsgi_app)  # type: ignore[method-assign]


def _build_text(*, are_allowed: bool) -> str:
    if are_allowed:
        return "User-agent: *\nDisallow:\n"
    previews = "".join(f"User-agent: {name}\n" for name in _LINK_PREVIEWS)
    note = "# Only link previews may fetch pages. CHORUS_ROBOTS=allow invites search engines.\n"
    return f"{note}{previews}Disallow:\n\nUser-agent: *\nDisallow: /\n"


def _add_header(wsgi_app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    def respond(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            return start_response(status, [*headers, _HEADER], *failure)

        return wsgi_app(environ, start)

    return respond
