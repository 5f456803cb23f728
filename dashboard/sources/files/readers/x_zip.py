"""Reads X's archive as X provides it: a zip that is mostly media, with the posts in scripts under data/.

Only those scripts are unpacked, as streams. How a zip is opened without danger is in `limited_zip.py`; JSON is parsed in `x_scripts.py`.
"""

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.json_elements import NumberedElement, iter_elements
from dashboard.sources.files.readers.json_stream import JsonStream
from dashboard.sources.files.readers.limited_zip import LimitedZip, Member, check_unique
from dashboard.sources.files.readers.limits import ByteBudget
from dashboard.sources.files.readers.note_tweets import NoteTweets
from dashboard.sources.files.readers.x_scripts import iter_script_posts
from dashboard.sources.files.readers.zip_refusals import explain_no_posts

_POSTS_SCRIPT_PATTERN = re.compile(
    r"(?:.*/)?(?:(?:tweets?|community-tweet)(?:-part(\d{1,4}))?\.js|data/js/tweets/(\d{4}_\d\d)\.js)", re.IGNORECASE
)


class XArchive:
    """An open archive, of which only the members that matter are read."""

    def __init__(self, file: BinaryIO, budget: ByteBudget) -> None:
        """Read the list of members. Raises InvalidFile if it is damaged, too long, or has unsafe paths."""
        self._zip, self.unmatched_notes = LimitedZip(file, budget), 0

    def is_workbook(self) -> bool:
        """Return whether this is an Excel workbook. Raises InvalidFile for one that can't be read without danger."""
        members = [(path, member) for path, member in self._zip.members if path.startswith("xl/") or path == "[Content_Types].xml"]
        if not any(path == "xl/workbook.xml" for path, _ in members):
            return False
        for path, member in members:
            if path.endswith(".xml") and b"<!DOCTYPE" in self._zip.open_member(path, member).read(4096):
                raise InvalidFile(
                    deferred("%(path)s in the workbook has definitions that Excel never writes.", path=path),
                    translatable("Save it again and upload it."),
                )
        return True

    def iter_posts(self) -> Iterator[NumberedElement]:
        """Yield the posts of all scripts, with the full text of long ones. Afterwards, `unmatched_notes` counts those without a post."""
        scripts = self._find_post_scripts()
        notes = NoteTweets(self.iter_script_elements("note-tweet.js"))
        for name, member in scripts:
            for number, post in iter_script_posts(self._zip.open_member(name, member), name):
                yield number, notes.complete_post(post)
        self.unmatched_notes = notes.unmatched_texts

    def list_paths(self) -> list[str]:
        """Return the paths of all members."""
        return [path for path, _ in self._zip.members]

    def has_posts_of_x(self) -> bool:
        """Return whether there are scripts with posts of X."""
        return any(_POSTS_SCRIPT_PATTERN.fullmatch(path) for path in self.list_paths())

    def open_path(self, path: str) -> io.BufferedReader:
        """Open a member by its path in `list_paths`. Raises InvalidFile if it can't be read without danger."""
        return self._zip.open_member(*next(entry for entry in self._zip.members if entry[0] == path))

    def explain_refusal(self) -> InvalidFile:
        """Return the error for a zip without posts, which says what the zip seems to be."""
        return explain_no_posts(self.list_paths())

    def find_owner_handle(self) -> str | None:
        """Return the handle of the archive's owner, or None if the archive doesn't include it."""
        for _, element in self.iter_script_elements("account.js"):
            account = element.get("account") if isinstance(element, dict) else None
            handle = account.get("username") if isinstance(account, dict) else None
            if isinstance(handle, str) and handle.strip():
                return handle
        return None

    def has_deleted_posts(self) -> bool:
        """Return whether the archive also contains deleted posts."""
        return any(re.fullmatch(r"(.*/)?deleted-tweets?(-part\d+)?\.js", path) for path, _ in self._zip.members)

    def iter_script_elements(self, script_name: str) -> Iterator[NumberedElement]:
        """Yield the elements of a script that doesn't contain posts, or nothing if the archive doesn't have it."""
        for name, member in check_unique([member for member in self._zip.members if member[0].rsplit("/", 1)[-1] == script_name]):
            stream = JsonStream(self._zip.open_member(name, member), name)
            if stream.take_assignment():
                yield from iter_elements(stream, name)

    def _find_post_scripts(self) -> list[Member]:
        """Return the members that contain posts, ordered by month and part."""
        matches = [(match, path, member) for path, member in self._zip.members if (match := _POSTS_SCRIPT_PATTERN.fullmatch(path))]
        if not matches:
            raise self.explain_refusal()
        matches.sort(key=lambda script: (script[0][2] or "", int(script[0][1] or 0), script[1]))
        return check_unique([(path, member) for _, path, member in matches])
