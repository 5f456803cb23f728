"""X as a network: handles, addresses, and X's own pages. Nothing in here sends a request; `x.py` does."""

import logging
import re
from collections.abc import Mapping, Sequence

from dashboard.core.account_problems import explain_missing_handle
from dashboard.core.messages import translatable
from dashboard.core.web_addresses import WebAddress
from dashboard.sources.base import ReadableNetwork, Source, SourceContext

_log = logging.getLogger(__name__)
_NAME_PATTERN = re.compile(r"[a-z0-9_]{1,15}")
_FROM_SEARCH = re.compile(r"(?:^|[\s(])from:@?([a-z0-9_]{1,15})\b")
_MIRROR_HOSTS = {"xcancel.com", "fxtwitter.com", "vxtwitter.com", "fixupx.com", "fixvx.com", "twstalker.com"}
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[a-z]{2})?")  # before X's own pages: /en/tos
_PROFILE_PAGES = {"status", "statuses", "with_replies", "media", "likes", "highlights", "articles", "following", "followers", "lists"}
_PROFILE_PAGES |= {"verified_followers", "followers_you_follow", "photo", "header_photo", "rss", "search", "favorites", "topics", "moments"}
_RESERVED_PATHS = {
    "about",
    "account",
    "ads",
    "bookmarks",
    "connect_people",
    "download",
    "help",
    "lists",
    "oauth",
    "rules",
    "status",
    "statuses",
    "who_to_follow",
    "login",
    "logout",
    "signup",
    "compose",
    "tos",
    "privacy",
    "jobs",
    "home",
    "i",
    "search",
    "explore",
    "settings",
    "hashtag",
    "intent",
    "share",
    "messages",
    "notifications",
}


class XNetwork(ReadableNetwork):
    """X: handles are up to 15 letters, digits and underscores, such as `nasa`. X charges for reading, and can count posts."""

    name = "x"
    title = "X"
    example = "nasa (X)"
    handle_advice = translatable("“{}” isn’t a valid X handle. Handles have 1 to 15 letters, digits or underscores, such as nasa.")
    handle_pattern = rf"(x:)?@?{_NAME_PATTERN.pattern}"
    profile_url_pattern = rf"https?://(x|twitter)\.com/{_NAME_PATTERN.pattern}"
    profile_hosts = frozenset({"x.com", "twitter.com", "tweetdeck.twitter.com", "pro.x.com", *_MIRROR_HOSTS})
    other_prefixes = frozenset({"twitter"})
    is_paid = True
    counts_posts = True
    counting_note = translatable("31 days cost as much as reading two posts")
    max_shared_posts = 500  # the limit of X's terms for sharing posts without the API

    def parse_name(self, text: str) -> str | None:
        """Return the handle if it's valid on X."""
        return text if _NAME_PATTERN.fullmatch(text) else None

    def claims_handle(self, text: str) -> bool:
        """Return whether the handle contains neither a dot nor an `@`, and isn't a permanent ID of Bluesky."""
        return "." not in text and "@" not in text and not text.startswith("did:")

    def owns_host(self, host: str) -> bool:
        """Return whether the host is X's, or one of the sites that show the same profiles at the same paths."""
        return host in self.profile_hosts or host.startswith("nitter.")

    def parse_profile_path(self, host: str, path: Sequence[str]) -> str | None:
        """Return the handle that the address begins with, unless it's one of X's own pages."""
        if len(path) > 1 and _LANGUAGE.fullmatch(path[0]) and path[1] not in _PROFILE_PAGES:
            path = path[1:]
        return path[0].removeprefix("@") if path[0] not in _RESERVED_PATHS else None

    def parse_profile_address(self, address: WebAddress) -> str | None:
        """Return the handle in the path, in a button to follow an account, in a search for its posts, or after an old `#!`."""
        if address.fragment.startswith("!/"):
            return address.fragment[2:].split("/")[0]
        if address.path[:1] == ("intent",) or address.path == ("share",):
            return address.parameters.get("screen_name")
        if address.path[:1] == ("search",):
            match = _FROM_SEARCH.search(address.parameters.get("q", ""))
            return match[1] if match else None
        return super().parse_profile_address(address)

    def parse_app_link(self, path: Sequence[str], parameters: Mapping[str, str]) -> str | None:
        """Return the handle in a link of X's app, which names it in a parameter: `twitter://user?screen_name=nasa`."""
        return parameters.get("screen_name")

    def explain_address(self, address: WebAddress) -> str:
        """Explain the pages that stand for an account or a post without naming the account."""
        return explain_missing_handle() if address.path[:1] in (("i",), ("intent",), ("status",), ("statuses",)) else ""

    def suggest_account(self, text: str) -> str:
        """Return the text as a handle if it can be one."""
        return f"@{text}" if self.parse_name(text) else ""

    def format_handle(self, name: str) -> str:
        """Return the handle with its `@`."""
        return f"@{name}"

    def build_source(self, context: SourceContext) -> Source:
        """Return the source that the settings configure. Loading it loads requests."""
        from dashboard.sources.x import XCredentials, XSource

        settings = context.settings
        credentials = XCredentials(settings.x_bearer_token, *(settings.x_oauth_keys or ()))
        if problem := credentials.describe_problem():
            _log.info("X isn't connected. %s", problem)
        return XSource(credentials, settings.x_api_url, context.cache, context.clock, context.breakers)


X = XNetwork()
