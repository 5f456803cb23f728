"""X's archive as it comes: a zip, mostly of media, with the posts in scripts under data/. Only those are ever unpacked, in a stream.

A zip is hostile: nothing is extracted to disk, names lead nowhere, and declared sizes are checked before and by what is really read.
"""

import io
import re
import zipfile
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from dashboard.core.errors import InvalidFile
from dashboard.core.html_entities import unescape_entities
from dashboard.sources.files.readers.json_stream import JsonStream
from dashboard.sources.files.readers.limits import DAMAGED_FILE_ERRORS, MAX_UNPACKED_BYTES, ByteBudget, open_limited_reader
from dashboard.sources.files.readers.timestamps import format_x_timestamp
from dashboard.sources.files.readers.x_json import NumberedElement, iter_elements, iter_script_posts

Member = tuple[str, zipfile.ZipInfo]  # with its path, as written but for backslashes

MAX_MEMBERS = 100_000
MAX_DIRECTORY_BYTES = 24 * 2**20  # bytes of the zip's list of members
MAX_COMPRESSION_RATIO = 200  # bytes unpacked of one packed; ordinary tweets have 10, a file of equal ones 140
MIN_RATIO_CHECK_BYTES = 16 * 2**20  # unpacked bytes from which on the ratio is looked at
MAX_NOTE_CHARS = 2**24  # characters of long posts that are kept until their post comes
MAX_NOTES_PER_SECOND = 20

_POSTS_SCRIPT_PATTERN = re.compile(r"(?:.*/)?(?:tweets?(?:-part(\d{1,4}))?\.js|data/js/tweets/(\d{4}_\d\d)\.js)", re.IGNORECASE)
_ENTRY_SIGNATURE = b"PK\x01\x02"  # what each member begins with in the list of members
_LOCAL_HEADER_BYTES = 30  # bytes that stand before each member, at least
_UNCHANGED_ADVICE = "Import the zip as X hands it out, or its tweets.js alone."
_MIN_SHARED_CHARS = 60  # characters that a cut post and its long text must have in common, or all of the cut one


class XArchive:
    """An opened archive, seen through the few members that are needed."""

    def __init__(self, file: BinaryIO, budget: ByteBudget) -> None:
        """Read the list of members. Raises InvalidArchive if it is damaged, too long, or has names that lead out of it."""
        self._byte_budget, self.unmatched_notes = budget, 0
        try:
            self._zip_file = zipfile.ZipFile(_DirectoryLimitedFile(file))
            members = [(member.filename.replace("\\", "/"), member) for member in self._zip_file.infolist()]
        except DAMAGED_FILE_ERRORS as damage:
            detail = "The zip is damaged, or was not downloaded whole."
            raise InvalidFile(detail, "Download it again, and import it unchanged.") from damage
        if any(".." in path.split("/") or path.startswith("/") or path[1:2] == ":" for path, _ in members):
            raise InvalidFile("The zip has names that lead out of it, which X's archives never have.", _UNCHANGED_ADVICE)
        self._header_offsets = sorted(member.header_offset for _, member in members)
        self._members = [(path, member) for path, member in members if "__MACOSX" not in path.split("/")]

    def iter_posts(self) -> Iterator[NumberedElement]:
        """Yield the posts of every script that has some, long ones whole; `unmatched` then counts long texts whose post did not come."""
        scripts = self._find_post_scripts()
        notes = NoteTweets(self.iter_script_elements("note-tweet.js"))
        for name, member in scripts:
            for number, post in iter_script_posts(self._open_member(name, member), name):
                yield number, notes.complete_post(post)
        self.unmatched_notes = notes.unmatched_texts

    def find_owner_handle(self) -> str | None:
        """Return the handle of the archive's owner, None if it does not say."""
        for _, element in self.iter_script_elements("account.js"):
            account = element.get("account") if isinstance(element, dict) else None
            handle = account.get("username") if isinstance(account, dict) else None
            if isinstance(handle, str) and handle.strip():
                return handle
        return None

    def has_deleted_posts(self) -> bool:
        """Say whether deleted posts are in the archive too."""
        return any(re.fullmatch(r"(.*/)?deleted-tweets?(-part\d+)?\.js", path) for path, _ in self._members)

    def iter_script_elements(self, script_name: str) -> Iterator[NumberedElement]:
        """Yield the elements of a script other than posts, none if the archive lacks it."""
        for name, member in _check_unique([each for each in self._members if each[0].rsplit("/", 1)[-1] == script_name]):
            stream = JsonStream(self._open_member(name, member), name)
            if stream.take_assignment():
                yield from iter_elements(stream, name)

    def _find_post_scripts(self) -> list[Member]:
        """Return the members that hold posts, in their order."""
        found = [(match, path, member) for path, member in self._members if (match := _POSTS_SCRIPT_PATTERN.fullmatch(path))]
        if not found:
            raise InvalidFile(*self._explain_no_posts())
        in_order = sorted(found, key=lambda each: (each[0][2] or "", int(each[0][1] or 0), each[1]))
        return _check_unique([(path, member) for _, path, member in in_order])

    def _open_member(self, path: str, member: zipfile.ZipInfo) -> io.BufferedReader:
        self._check_member(path, member)
        try:
            return open_limited_reader(self._zip_file.open(member), path, self._byte_budget)
        except DAMAGED_FILE_ERRORS as damage:
            raise InvalidFile(f"{path} in the zip is damaged.", "Download the zip again, and import it unchanged.") from damage

    def _check_member(self, path: str, member: zipfile.ZipInfo) -> None:
        """Refuse a member before it is opened: encrypted, packed in a way X does not use, too large, or overlapping another one."""
        if member.flag_bits & 0x1:
            raise InvalidFile(f"{path} in the zip is encrypted.", "Unpack it with its password, and import tweets.js alone.")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InvalidFile(f"{path} in the zip is packed in an unusual way.", "Unpack it, and import tweets.js alone.")
        start, end = member.header_offset, member.header_offset + _LOCAL_HEADER_BYTES + member.compress_size
        if bisect_left(self._header_offsets, end) - bisect_left(self._header_offsets, start) > 1:
            raise InvalidFile(f"{path} overlaps another member of the zip, as only a made-up archive does.", _UNCHANGED_ADVICE)
        if member.file_size > max(MIN_RATIO_CHECK_BYTES, MAX_COMPRESSION_RATIO * member.compress_size):
            detail = f"{path} would unpack to {member.file_size / 2**20:,.0f} MB, which no honest archive does from so little."
            raise InvalidFile(detail, _UNCHANGED_ADVICE)
        if member.file_size > MAX_UNPACKED_BYTES:
            detail = f"{path} unpacks to more than {MAX_UNPACKED_BYTES / 2**30:g} GB, more than is read of one file."
            raise InvalidFile(detail, "Cut tweets.js into parts, and import each alone.")

    def _explain_no_posts(self) -> tuple[str, str]:
        """Return what this zip is instead of an archive of X, as far as its names tell, and what to do."""
        paths = [path.lower() for path, _ in self._members]
        if any(path.startswith("xl/") for path in paths):
            return "This is an Excel workbook.", "Save it as “CSV UTF-8” in Excel, and import that file."
        if any(path.endswith(".zip") for path in paths):
            return "There is another zip inside this zip, and no tweets.js.", "Unpack the outer one, and import the inner one."
        if any(path.endswith((".csv", ".json", ".jsonl", ".ndjson")) for path in paths):
            return "The zip holds tables or JSON, not X's archive.", "Unpack it, and import the file inside."
        return (
            "The zip has no tweets.js, so it is not the archive of an X account.",
            "Import the zip as X hands it out, or data/tweets.js.",
        )


def _check_unique(members: list[Member]) -> list[Member]:
    """Return members. Raises InvalidArchive if one is there twice, or in two folders."""
    seen = set[str]()
    for path, _ in members:
        name = path.rsplit("/", 1)[-1].lower()
        if name in seen:
            raise InvalidFile(f"The zip has {name} more than once.", "Import one archive at a time, as X hands it out.")
        seen.add(name)
    return members


class NoteTweets:
    """The texts of long posts. X keeps them apart, under ids of their own; they are joined on second and common beginning."""

    def __init__(self, numbered_elements: Iterator[NumberedElement]) -> None:
        self._texts_by_second: dict[str, list[str]] = {}
        self._skipped_texts, room = 0, MAX_NOTE_CHARS
        for second, text in (_parse_note(element) for _, element in numbered_elements):
            texts = self._texts_by_second.setdefault(second, [])
            if second and len(text) <= room and len(texts) < MAX_NOTES_PER_SECOND:
                texts.append(text)
                room -= len(text)
            else:
                self._skipped_texts += 1

    @property
    def unmatched_texts(self) -> int:
        """How many texts found no post."""
        return self._skipped_texts + sum(len(texts) for texts in self._texts_by_second.values())

    def complete_post(self, post: Any) -> Any:
        """Return a post with its whole text, if there is one that begins as it does."""
        second = post.get("created_at") if isinstance(post, dict) else None
        texts = self._texts_by_second.get(second) if isinstance(second, str) else None
        shown = post.get("full_text", post.get("text")) if texts else None
        if not texts or not isinstance(shown, str):
            return post
        begun = _normalize_for_match(shown).rstrip("….").rstrip()
        longest = max(
            (text for text in texts if begun and _normalize_for_match(text).startswith(begun[:_MIN_SHARED_CHARS])), key=len, default=""
        )
        if not longest:
            return post
        texts.remove(longest)
        return post | {"full_text": longest} if len(_normalize_for_match(longest)) > len(begun) else post


def _parse_note(element: Any) -> tuple[str, str]:
    """Return when a long post was made, as posts write it, and its text; two empty texts if the element is none."""
    note = element.get("noteTweet") if isinstance(element, dict) else None
    core = note.get("core") if isinstance(note, dict) else None
    text = core.get("text") if isinstance(core, dict) else None
    try:
        moment = datetime.fromisoformat(note["createdAt"])  # type: ignore[index]
        second = format_x_timestamp(moment.astimezone(UTC)) if moment.tzinfo else ""
    except (KeyError, TypeError, ValueError, OverflowError):
        second = ""
    return (second, text) if isinstance(text, str) and second else ("", "")


def _normalize_for_match(text: str) -> str:
    """Return a text as both scripts would have it: without entities, and without the mentions that lead a reply."""
    return re.sub(r"\A(@\w+\s+)+", "", unescape_entities(text))


class _DirectoryLimitedFile:
    """A file for zipfile that refuses to be read in one piece beyond what an honest list of members takes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek: Callable[..., int] = file.seek
        self.tell: Callable[[], int] = file.tell

    def read(self, size: int = -1, /) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise InvalidFile("The zip's list of contents is too long.", "Import tweets.js alone.")
        block = self._file.read(size if size >= 0 else MAX_DIRECTORY_BYTES)  # to the end is asked for only near it
        if len(block) > len(_ENTRY_SIGNATURE) * MAX_MEMBERS and block.count(_ENTRY_SIGNATURE) > MAX_MEMBERS:
            raise InvalidFile(f"The zip has more than {MAX_MEMBERS:,} members.", "Import tweets.js alone.")
        return block

    def seekable(self) -> bool:
        return True
