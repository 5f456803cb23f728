"""The sites whose addresses people enter although Chorus can't read them, and what to do instead. To add one, add an entry.

Networks that Chorus reads have a file each. Nothing is contacted here.
"""

from dashboard.core.messages import deferred, translatable
from dashboard.core.networks import OtherSite

_EXPORT_ADVICE = translatable(
    "Chorus can’t read %(site)s directly. Download your data or your statistics there and upload the file, or enter the "
    "account’s handle on Bluesky, Mastodon or X."
)
_HANDLE_ADVICE = translatable(
    "Chorus can’t read %(site)s. Enter the account’s handle on Bluesky, Mastodon or X, or upload a file of its posts."
)
_SHORT_LINK_ADVICE = translatable("It hides where it leads: open it in a browser, and copy the address of the profile.")


def _site(name: str, title: str, *hosts: str, advice: str = _HANDLE_ADVICE) -> OtherSite:
    address = deferred("an %(site)s address", site=title) if title[0] in "AEIOU" else deferred("a %(site)s address", site=title)
    return OtherSite(name, address, frozenset(hosts), deferred(advice, site=title))


OTHER_SITES = (
    _site("instagram", "Instagram", "instagram.com", "instagr.am", advice=_EXPORT_ADVICE),
    _site("facebook", "Facebook", "facebook.com", "fb.com", "fb.me", "fb.watch", "messenger.com", advice=_EXPORT_ADVICE),
    _site("threads", "Threads", "threads.net", "threads.com", advice=_EXPORT_ADVICE),
    _site("tiktok", "TikTok", "tiktok.com", advice=_EXPORT_ADVICE),
    _site("linkedin", "LinkedIn", "linkedin.com", "lnkd.in", advice=_EXPORT_ADVICE),
    _site("youtube", "YouTube", "youtube.com", "youtu.be"),
    _site("reddit", "Reddit", "reddit.com", "redd.it"),
    _site("pinterest", "Pinterest", "pinterest.com", "pin.it"),
    _site("tumblr", "Tumblr", "tumblr.com"),
    _site("telegram", "Telegram", "t.me", "telegram.me"),
    _site("whatsapp", "WhatsApp", "whatsapp.com", "wa.me"),
    _site("snapchat", "Snapchat", "snapchat.com"),
    _site("twitch", "Twitch", "twitch.tv"),
    _site("discord", "Discord", "discord.com", "discord.gg"),
    _site("medium", "Medium", "medium.com"),
    _site("substack", "Substack", "substack.com"),
    _site("weibo", "Weibo", "weibo.com", "weibo.cn"),
    _site("vk", "VK", "vk.com"),
    _site("flickr", "Flickr", "flickr.com"),
    _site("github", "GitHub", "github.com"),
    _site("wikipedia", "Wikipedia", "wikipedia.org"),
    _site("linktree", "Linktree", "linktr.ee"),
    OtherSite(
        "short-link",
        translatable("a shortened link"),
        frozenset(
            {"t.co", "bit.ly", "tinyurl.com", "ow.ly", "buff.ly", "goo.gl", "is.gd", "dlvr.it", "trib.al", "rebrand.ly", "go.bsky.app"}
        ),
        _SHORT_LINK_ADVICE,
    ),
    OtherSite(
        "email",
        translatable("an e-mail address"),
        frozenset(
            {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "gmx.de", "web.de", "proton.me"}
        ),
        translatable("Enter the account’s handle, such as nasa.bsky.social or Mastodon@mastodon.social."),
    ),
)
