"""Detects automated requests, which must not cost money: link previews and crawlers.

People, and programs that request data, are not affected. Access keys, and what other sites make browsers request, don't belong here.
"""

import re

from flask import request

# User agents of chats, networks and search engines that fetch a link when somebody posts it.
_BOT_PATTERN = re.compile(
    r"(?<!cu)bot\b|bot/|crawl|spider|slurp|preview|facebookexternalhit|whatsapp|skype|embedly|iframely|unfurl|vkshare|mattermost|"
    r"imgproxy|imageproxy|cardyb|http\.rb/|inspectiontool|facebookscraper|scrap/|ia_archiver|"
    r"microsoft office|ms-?teams|teams/|zoom|google-read-aloud|apple-pubsub|pingdom|uptime",
    re.IGNORECASE,
)


def is_bot() -> bool:
    """Return whether the request comes from a link preview, a crawler or a link checker."""
    return request.method == "HEAD" or _BOT_PATTERN.search(request.user_agent.string) is not None
