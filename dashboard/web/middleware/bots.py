"""Detects automated requests, which must not cost money: link previews, crawlers and prefetching browsers.

People, and programs that request data, are not affected. Access keys don't belong here.
"""

import re

from flask import request

from dashboard.core.spending import ALL_SPENDING, NO_SPENDING, Spending

# User agents of chats, networks and search engines that fetch a link when somebody posts it.
_BOT_PATTERN = re.compile(
    r"(?<!cu)bot\b|bot/|crawl|spider|slurp|preview|facebookexternalhit|whatsapp|skype|embedly|iframely|unfurl|vkshare|mattermost|"
    r"imgproxy|imageproxy|cardyb|http\.rb/|inspectiontool|facebookscraper|scrap/|ia_archiver|"
    r"microsoft office|ms-?teams|teams/|zoom|google-read-aloud|apple-pubsub|pingdom|uptime",
    re.IGNORECASE,
)


def is_human() -> bool:
    """Return whether the request may spend money, because it is neither from a bot nor a browser's prefetch."""
    purpose = " ".join(request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz", "X-Purpose")).lower()
    return (
        request.method != "HEAD"
        and not _BOT_PATTERN.search(request.user_agent.string)
        and "prefetch" not in purpose
        and "preview" not in purpose
    )


def requested_spending() -> Spending:
    """Return what the request may spend, judging by who sends it; access keys are checked in `auth.access`."""
    return ALL_SPENDING if is_human() else NO_SPENDING
