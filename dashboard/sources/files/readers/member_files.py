"""Finds the files with posts in a zip that isn't X's: in the archives of other networks, or the only table or JSON file in any zip."""

import json
import re
from pathlib import PurePosixPath

from dashboard.core.deferred_texts import defer
from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.x_zip import XArchive
from dashboard.sources.files.shapes.archives import ArchiveKind, find_archive_kind, parse_owner
from dashboard.sources.files.shapes.meta_converters import repair_utf8
from dashboard.sources.files.shapes.shape import get_value

MAX_MEMBERS = 200
_MAX_OWNER_BYTES = 2**20
_READABLE_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
_NUMBER = re.compile(r"(\d+)")


def list_post_members(archive: XArchive, file_name: str) -> tuple[list[str], str | None]:
    """Return the paths of the members with posts in order, and the owner of all of them, None if the posts name their accounts.

    Raises InvalidFile if there are none, or too many.
    """
    paths = archive.list_paths()
    kind = find_archive_kind(paths)
    members = sorted(filter(kind.members.fullmatch, paths), key=_sort_key) if kind else _list_readable(paths)
    if kind and not members:
        raise InvalidFile(deferred("This is %(archive)s as web pages.", archive=defer(kind.title)), kind.advice)
    if not members or (kind is None and len(members) > 1):
        raise archive.explain_refusal()
    if len(members) > MAX_MEMBERS:
        raise InvalidFile(
            deferred("The zip has more than %(limit)s files with posts.", limit=MAX_MEMBERS),
            translatable("Unpack it and upload them one at a time."),
        )
    return members, _find_owner(archive, kind, file_name) if kind and kind.owner_member else None


def _list_readable(paths: list[str]) -> list[str]:
    return [path for path in paths if path.lower().endswith(_READABLE_SUFFIXES) and not PurePosixPath(path).name.startswith(".")]


def _sort_key(path: str) -> list[str]:
    """Return a key that sorts posts_10 after posts_2."""
    return [part.zfill(12) if part.isdecimal() else part for part in _NUMBER.split(path)]


def _find_owner(archive: XArchive, kind: ArchiveKind, file_name: str) -> str | None:
    """Return the name of an archive's owner: from its profile, or else from the name of the zip."""
    for path in filter(kind.owner_member.fullmatch, archive.list_paths()) if kind.owner_member else ():
        try:
            profile = json.loads(archive.open_path(path).read(_MAX_OWNER_BYTES))
        except (ValueError, RecursionError):
            continue
        names = (get_value(profile, name.split(".")) for name in kind.owner_paths)
        if owner := next((name for name in names if isinstance(name, str) and name.strip()), None):
            return repair_utf8(owner)
    return parse_owner(file_name)
