"""The zips in which networks give people their own data: a row per kind, with the members that have posts. X's zip has `x_zip.py`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.core.messages import translatable

_META_NAME = re.compile(r"(?:facebook|instagram|threads)-([\w.]{1,60}?)-(?:\d{4}-\d\d-\d\d|\d{8})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class ArchiveKind:
    """A kind of zip: which members have posts, and where its owner's name is.

    `members` matches the paths of members with posts. `owner_member` matches the one with the owner's name, which is at one of
    `owner_paths` in it. In a zip with a member that `refused_members` matches, and none with posts, `advice` says what to do.
    """

    name: str
    title: str
    members: re.Pattern[str]
    owner_member: re.Pattern[str] | None = None
    owner_paths: tuple[str, ...] = ()
    refused_members: re.Pattern[str] | None = None
    advice: str = ""


def _path(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:.*/)?{pattern}", re.IGNORECASE)


_AS_JSON = translatable("Request the export again, and choose JSON as its format.")

ARCHIVE_KINDS = (
    ArchiveKind(
        name="facebook",
        title=translatable("the archive of Facebook"),
        members=_path(r"posts/(?:your_posts|profile_posts)[^/]*\.json"),
        owner_member=_path(r"profile_information/profile_information\.json"),
        owner_paths=("profile_v2.username", "profile_v2.name.full_name"),
        refused_members=_path(r"posts/your_(?:facebook_)?posts[^/]*\.html"),
        advice=_AS_JSON,
    ),
    ArchiveKind(
        name="instagram",
        title=translatable("the archive of Instagram"),
        members=_path(r"(?:content|media|[^/]*threads[^/]*)/(?:posts_\d{1,3}|reels|igtv_videos|threads_and_replies)\.json"),
        owner_member=_path(r"personal_information(?:/personal_information)?/(?:personal|threads)_information\.json"),
        owner_paths=("profile_user.0.string_map_data.Username.value",),
        refused_members=_path(r"(?:content|media|threads)/(?:posts_\d{1,3}|reels|threads_and_replies)\.html"),
        advice=_AS_JSON,
    ),
    ArchiveKind(name="mastodon", title=translatable("the archive of Mastodon"), members=_path(r"outbox\.json")),
    ArchiveKind(
        name="tiktok",
        title=translatable("the archive of TikTok"),
        members=_path(r"user_data(?:_tiktok)?\.json"),
        refused_members=_path(r"(?:tiktok/)?(?:post|video|posts)/?(?:posts|videos)\.txt"),
        advice=_AS_JSON,
    ),
    ArchiveKind(name="linkedin", title=translatable("the archive of LinkedIn"), members=_path(r"shares\.csv")),
)


def find_archive_kind(paths: Iterable[str]) -> ArchiveKind | None:
    """Return the kind of a zip with these members, by those that have posts or else by those that are refused."""
    listed = list(paths)
    for pattern_name in ("members", "refused_members"):
        for kind in ARCHIVE_KINDS:
            pattern = getattr(kind, pattern_name)
            if pattern and any(pattern.fullmatch(path) for path in listed):
                return kind
    return None


def parse_owner(file_name: str) -> str | None:
    """Return the owner's name in the name of a zip by Meta, None for any other name."""
    match = _META_NAME.match(file_name)
    return match[1] if match else None
