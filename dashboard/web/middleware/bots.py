"""Who may cause costs: people, and programs that ask for data; never link previews, crawlers or prefetching browsers."""

import re

from flask import request

from dashboard.core.spending import ALL_SPENDING, NO_SPENDING, Spending

# What chats, networks and search engines call themselves when they fetch a link that somebody pasted.
_BOT_PATTERN = re.compile(
    r"(?<!cu)bot\b|bot/|crawl|spider|slurp|preview|facebookexternalhit|whatsapp|skype|embedly|iframely|unfurl|vkshare|mattermost|"
    r"imgproxy|imageproxy|cardyb|http\.rb/|inspectiontool|facebookscraper|scrap/|ia_archiver|"
    r"microsoft office|ms-?teams|teams/|zoom|google-read-aloud|apple-pubsub|pingdom|uptime",
    re.IGNORECASE,
)


def is_human() -> bool:
    """Say whether the request may spend money: not from a robot by its name, and not a guess of a browser at the next click."""
    purpose = " ".join(request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz", "X-Purpose")).lower()
    return (
        request.method != "HEAD"
        and not _BOT_PATTERN.search(request.user_agent.string)
        and "prefetch" not in purpose
        and "preview" not in purpose
    )


def requested_spending() -> Spending:
    """Return what the request may spend by what sends it; whether it has an access key is for `auth.access` to say."""
    return ALL_SPENDING if is_human() else NO_SPENDING
