"""Reads the account and the ID of a post from its address, for files that have no columns for them. Nothing is asked of a network."""

import re
from typing import Any

_PATTERNS = (
    re.compile(r"https?://(?:www\.|mobile\.|m\.)?(?:x|twitter)\.com/(?!i/)(\w{1,15})/status(?:es)?/(\d{1,20})", re.ASCII),
    re.compile(r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/()i/(?:web/)?status/(\d{1,20})", re.ASCII),
    re.compile(r"https?://bsky\.app/profile/([\w.:-]{1,253})/post/([\w.~-]{1,64})", re.ASCII),
    re.compile(r"https?://(?:www\.)?threads\.(?:net|com)/@([\w.]{1,30})/post/([\w-]{1,40})", re.ASCII),
    re.compile(r"https?://(?:www\.)?tiktok\.com/@([\w.]{1,40})/video/(\d{1,25})", re.ASCII),
    re.compile(r"https?://[\w.-]{1,253}/@([\w.-]{1,64}(?:@[\w.-]{1,253})?)/(\d{6,25})", re.ASCII),
)
_PROFILE_PATTERNS = (  # the account is the last group; one before is its server
    re.compile(r"https?://(?:www\.|mobile\.)?(?:x|twitter|instagram)\.com/([\w.]{1,30})/?", re.ASCII),
    re.compile(r"https?://bsky\.app/profile/([\w.:-]{1,253})/?", re.ASCII),
    re.compile(r"https?://(?:www\.)?(?:threads|tiktok|youtube)\.(?:net|com)/@([\w.-]{1,40})/?", re.ASCII),
    re.compile(r"https?://(?:www\.|m\.|web\.)?facebook\.com/(?!profile\.php)([\w.-]{1,80})/?", re.ASCII),
    re.compile(r"https?://(?:[a-z]{2,3}\.)?linkedin\.com/(?:in|company|school|showcase)/([\w%-]{1,100})/?", re.ASCII),
    re.compile(r"https?://([\w.-]{1,253})/(?:@|users/)([\w.-]{1,64})/?", re.ASCII),
)
_HANDLE_IN_OBJECT = re.compile(
    r"['\"](?:userName|username|screen_name|handle|acct|uniqueId)['\"]\s*:\s*['\"]@?([\w.@-]{1,100})['\"]", re.ASCII
)
_HANDLE_IN_CALL = re.compile(r"[A-Z]\w{1,40}\(.{0,200}?\b(?:username|screen_name|handle)='@?([\w.@-]{1,100})'", re.ASCII)
_HANDLE_AFTER_NAME = re.compile(r"[^()]{1,200}\(@([\w.-]{1,64}(?:@[\w.-]{1,253})?)\)\s*", re.ASCII)
_MAX_ADDRESS_CHARS = 500


def parse_account_reference(text: str) -> str:
    """Return the account that a text refers to as tables write it: by a profile's address, by an object of Python or JSON, or by a name and
    the handle in brackets.

    Any other text is returned as it is.
    """
    if text.startswith("http"):
        address = re.sub(r"[?#].*", "", text.strip(), flags=re.DOTALL)  # where a link was copied from says nothing
        match = next((match for pattern in _PROFILE_PATTERNS if (match := pattern.fullmatch(address))), None)
        return "@".join(part for part in match.groups()[::-1] if part) if match else text
    if text.startswith("{"):
        match = _HANDLE_IN_OBJECT.search(text)
        return match[1] if match else text
    match = _HANDLE_IN_CALL.match(text) if "='" in text else _HANDLE_AFTER_NAME.fullmatch(text) if "(@" in text else None
    return match[1] if match else text


def parse_post_address(value: Any) -> tuple[str, str]:
    """Return the account and the ID in the address of a post; "" for what it doesn't have."""
    if isinstance(value, str) and value.startswith("http"):
        for pattern in _PATTERNS:
            if match := pattern.match(value[:_MAX_ADDRESS_CHARS]):
                return match[1], match[2]
    return "", ""
